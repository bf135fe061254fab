"""Remote files through fsspec: whatever it has a scheme for, from `s3://` to `memory://`."""

from __future__ import annotations

import io
from hashlib import blake2b
from importlib import import_module
from importlib.util import find_spec
from typing import Any, BinaryIO

from tui_annotate.errors import MissingExtra, SourceError
from tui_annotate.sources.base import Fingerprint, Position, SourceChange
from tui_annotate.sources.files import WINDOW, SourceFile

_TIMES = ("LastModified", "last_modified", "mtime", "created")
_MARKS = ("ETag", "etag", "md5Hash", "checksum", *_TIMES)
_BUFFER = 1024 * 1024


class RemoteFile(SourceFile):
    """One remote file. Where its store cannot seek, a session reads it again from the start.

    Args:
        path: `scheme://...` as fsspec takes it.

    Raises:
        MissingExtra: fsspec, or what it needs for this scheme, is not installed.
        SourceError: The file cannot be opened, or is empty.
    """

    def __init__(self, path: str) -> None:
        self.name = self.identity = path
        if find_spec("fsspec") is None:
            raise MissingExtra(
                "remote files need fsspec",
                where=path,
                hint="Install it with: pip install 'tui-annotate[fsspec]'",
            )
        try:
            self._system, self._path = import_module("fsspec").core.url_to_fs(path)
            self._info: dict[str, Any] = self._system.info(self._path)
            with self._system.open(self._path, "rb") as file:
                self.seekable = bool(file.seekable())
        except ImportError as error:
            raise MissingExtra(f"fsspec needs another package ({error})", where=path) from None
        except Exception as error:
            # Every store has errors of its own.
            raise _failure(path, error) from None
        if self._info.get("type") == "directory":
            raise SourceError("this is a directory", where=path, hint="Give a file in it")
        if self._info.get("size") == 0:
            raise SourceError("the file is empty", where=path)
        self.seekable = self.seekable and isinstance(self._info.get("size"), int)

    def close(self) -> None:
        """Nothing is kept open."""

    def reader(self, offset: int = 0) -> BinaryIO:
        """Return a buffered reader that starts at `offset` and shares nothing with others.

        Raises:
            SourceError: The file can no longer be opened.
        """
        try:
            file = self._system.open(self._path, "rb")
            if offset:
                file.seek(offset)
        except Exception as error:
            raise _failure(self.name, error) from None
        return io.BufferedReader(_Plain(file, self.name), _BUFFER)

    def size(self) -> int | None:
        """Return the size in bytes when it was opened."""
        size = self._info.get("size")
        return size if isinstance(size, int) else None

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember beside the position `at`."""
        return Fingerprint(
            inode=1,
            size=self.size() or 0,
            mtime_ns=self._mark(),
            head=self._window(0, min(WINDOW, at.offset)),
            tail=self._window(max(0, at.offset - WINDOW), at.offset),
            offset=at.offset,
        )

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the file as it was when opened with what was stored of it."""
        size = self.size()
        if stored.inode != 1 or size is None:
            return SourceChange.UNKNOWN
        at = self.fingerprint(Position(offset=stored.offset)) if size >= stored.offset else None
        if at is None or size < stored.size or (at.head, at.tail) != (stored.head, stored.tail):
            return SourceChange.CHANGED
        if size > stored.size:
            return SourceChange.GROWN
        return SourceChange.SAME if at.mtime_ns == stored.mtime_ns else SourceChange.CHANGED

    def _mark(self) -> int:
        """Return a number for this version of the file, from what its store says of it."""
        marks = "\n".join(str(self._info[key]) for key in _MARKS if key in self._info)
        return int.from_bytes(blake2b(marks.encode(), digest_size=7).digest(), "big")

    def _window(self, start: int, end: int) -> bytes:
        data = b""
        if end > start:
            with self.reader(start) as reader:
                data = reader.read(end - start)
        return blake2b(data, digest_size=16).digest()


class _Plain(io.RawIOBase):
    """Gives a file of fsspec the shape of a plain one, and its errors that of ours."""

    def __init__(self, file: Any, name: str) -> None:
        self._file = file
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._file.read(len(buffer))
        except Exception as error:
            raise _failure(self._name, error) from None
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _failure(path: str, error: Exception) -> SourceError:
    if isinstance(error, SourceError):
        return error
    if isinstance(error, FileNotFoundError):
        return SourceError("there is no such file", where=path, hint="Check the address")
    shown = " ".join(str(error).split())[:200] or type(error).__name__
    return SourceError(f"it cannot be read ({shown})", where=path)
