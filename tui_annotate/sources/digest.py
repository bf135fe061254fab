"""The digest of a whole file, for those who do not want to trust windows and times."""

from __future__ import annotations

import os
from pathlib import Path

from tui_annotate.errors import SourceError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.hashing import blake2b
from tui_annotate.waiting import here

_BLOCK = 1 << 20


class WholeDigest(NamedTuple):
    """BLAKE2b-16 of the first `size` bytes of a file."""

    size: int
    digest: bytes


def whole_digest(path: str, size: int | None = None) -> WholeDigest:
    """Read a file and return its digest; 1 GB takes about a second.

    Args:
        path: A plain file.
        size: How many bytes from its start; all of them by default. Where there are fewer, the
            digest is of those.

    Raises:
        SourceError: It is no plain file, or cannot be read.
    """
    file = Path(path)
    if not file.is_file():
        raise SourceError(
            "only a plain file can be verified", where=path, hint="Leave --verify out"
        )
    waiting = here()
    found, read = blake2b(digest_size=16), 0
    try:
        with file.open("rb", buffering=0) as reader:
            left = os.fstat(reader.fileno()).st_size if size is None else size
            with waiting.on(f"reading {file.name} in full", of=left, unit="bytes"):
                while left > 0 and (block := reader.read(min(_BLOCK, left))):
                    found.update(block)
                    read, left = read + len(block), left - len(block)
                    waiting.at(read)
    except OSError as error:
        raise SourceError(f"it cannot be read ({error.strerror})", where=path) from None
    return WholeDigest(read, found.digest())
