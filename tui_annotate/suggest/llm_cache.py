"""Answers of language models, kept so that the same question is not asked, and paid, twice.

They lie in the cache folder, a file for each dataset, and can be deleted at any time.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from tui_annotate.data_paths import cache_folder

FETCHED = ""
"""In the place of a dataset, for what goes to a file."""


def cache_file(dataset: str) -> Path:
    """Return where the answers for a dataset are kept; the file may not be there."""
    name = blake2b(dataset.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return cache_folder() / "llm" / f"{name}.jsonl"


def forget_answers(dataset: str) -> None:
    """Remove what is kept for a dataset, and what went to files: it may be about the same texts.

    Raises:
        OSError: It cannot be removed.
    """
    for each in (dataset, FETCHED):
        with suppress(FileNotFoundError):
            cache_file(each).unlink()


class AnswerCache:
    """The answers that are kept for one dataset; for any thread.

    A file that cannot be read is an empty one, and one that cannot be written is passed over: then
    the model is asked again.

    Args:
        dataset: The dataset, or `FETCHED`.
    """

    def __init__(self, dataset: str) -> None:
        self._file = cache_file(dataset)
        self._lock = threading.Lock()
        self._known = _read(self._file)

    @staticmethod
    def key(request: dict[str, Any]) -> str:
        """Return the digest of all that an answer depends on: model, settings and prompt."""
        text = json.dumps(request, sort_keys=True, ensure_ascii=True)
        return blake2b(text.encode(), digest_size=20).hexdigest()

    def get(self, key: str) -> str | None:
        """Return the answer to a question; None where it is not known."""
        with self._lock:
            return self._known.get(key)

    def put(self, key: str, answer: str) -> None:
        """Keep an answer."""
        line = json.dumps({"key": key, "answer": answer}) + "\n"
        with self._lock:
            self._known[key] = answer
            with suppress(OSError):
                _append(self._file, line.encode())


def _read(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        lines = file.read_bytes().splitlines()
    except OSError:
        return found
    for line in lines:
        with suppress(ValueError, RecursionError):  # whoever was killed has left half a line
            data = json.loads(line)
            if isinstance(data, dict) and isinstance(data.get("answer"), str):
                found[str(data.get("key"))] = data["answer"]
    return found


def _append(file: Path, line: bytes) -> None:
    """Add a line in one write, which does not mix with that of another process."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    opened = os.open(file, flags, 0o600)
    try:
        size = os.fstat(opened).st_size
        torn = size > 0 and os.pread(opened, 1, size - 1) != b"\n"
        os.write(opened, b"\n" + line if torn else line)
    finally:
        os.close(opened)
