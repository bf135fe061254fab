"""Files of tasks and labels, read and written the short way that recipe files do."""

from __future__ import annotations

import base64
import mimetypes
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tui_annotate.errors import SourceError, TaskError
from tui_annotate.recipes.common import names
from tui_annotate.sources.label_lists import read_labels
from tui_annotate.task.jsonio import dumps, loads_value


def split_string(text: str | list[str] | None) -> list[str]:
    """Return the parts of a text with commas, a list as it is."""
    return names(text)


def get_labels(labels: str | list[str] | None, nlp: Any = None) -> list[str]:
    """Return labels that are given with commas, or as a file with one a line; none for none.

    Args:
        labels: The labels, a file of them, or None.
        nlp: A pipeline whose entities' labels are returned if there are no others.
    """
    if not labels and nlp is not None and "ner" in nlp.pipe_names:
        return list(nlp.get_pipe("ner").labels)
    return read_labels(labels) if isinstance(labels, str) and labels else list(labels or ())


def read_jsonl(path: str | Path) -> Iterator[Any]:
    """Yield the values of a file of JSON lines; `SourceError` with the line where one is wrong."""
    for number, line in enumerate(_bytes(path).splitlines(), 1):
        if line.strip():
            yield _value(line, f"{path}:{number}")


def read_json(path: str | Path) -> Any:
    """Return the value of a JSON file; `SourceError` where it is none."""
    return _value(_bytes(path), str(path))


def write_jsonl(path: str | Path, lines: Iterable[Any]) -> None:
    """Write values as JSON lines."""
    with Path(path).expanduser().open("w", encoding="utf-8") as file:
        file.writelines(f"{dumps(each)}\n" for each in lines)


def write_json(path: str | Path, value: Any) -> None:
    """Write a value as JSON."""
    Path(path).expanduser().write_text(f"{dumps(value)}\n", "utf-8")


def file_to_b64(path: str | Path, mimetype: str | None = None) -> str:
    """Return a file as a data URI."""
    kind = mimetype or mimetypes.guess_type(str(path))[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(_bytes(path)).decode('ascii')}"


def b64_uri_to_bytes(uri: str) -> bytes:
    """Return the bytes of a data URI, or of the file that a task's `image` names.

    Raises:
        SourceError: There is no such file.
    """
    if not uri.startswith("data:"):
        return _bytes(uri)
    head, comma, data = uri.partition(";base64,")
    try:
        found = base64.b64decode(data, validate=True)
    except ValueError:
        comma = ""
    if not comma or not head:
        raise SourceError("it is no data URI", where=f"{uri[:30]}...")
    return found


def ensure_path(path: str | Path) -> Path:
    """Return a path as a `Path`."""
    return Path(path)


def img_to_b64_uri(path: str | Path, mimetype: str | None = None) -> str:
    """Return a picture as a data URI."""
    return file_to_b64(path, mimetype)


def get_timestamp_session_id() -> str:
    """Return the local time as the name of a session, such as `2024-05-01_16-50-06`."""
    return time.strftime("%Y-%m-%d_%H-%M-%S")


def _bytes(path: str | Path) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        reason = (error.strerror or "it fails").lower()
        raise SourceError(f"it cannot be read ({reason})", where=str(path)) from None


def _value(data: bytes, where: str) -> Any:
    try:
        return loads_value(data)
    except TaskError as error:
        raise SourceError(error.what, where=where) from None
