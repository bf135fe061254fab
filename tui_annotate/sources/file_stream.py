"""A file that was opened, as what other libraries take: a stream that seeks."""

from __future__ import annotations

import io
import os
from typing import BinaryIO

from tui_annotate.sources.files import SourceFile


class SeekableBytes(io.RawIOBase):
    """The bytes of a file, local or remote, from a place of its own.

    Args:
        file: A file that can seek.
    """

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._at = 0
        self._reader: BinaryIO | None = None

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, as files do."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._file.size() or 0}
        at = max(0, start[whence] + offset)
        if at != self._at:
            self._drop_reader()
        self._at = at
        return at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read on from the place."""
        if self._reader is None:
            self._reader = self._file.reader(self._at)
        data = self._reader.read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the reader; the file stays open."""
        self._drop_reader()
        super().close()

    def _drop_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = None
