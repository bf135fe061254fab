"""Compressed files: read as a stream, resumed by reading on to the place, or by frames.

Positions count decompressed bytes. What is remembered of the file are its compressed bytes, so
comparing it costs no decompression.
"""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Callable
from pathlib import PurePath
from pkgutil import resolve_name
from typing import BinaryIO

from tui_annotate.errors import Abandoned, SourceError
from tui_annotate.sources.base import Fingerprint, Position, SourceChange
from tui_annotate.sources.encodings import as_utf8
from tui_annotate.sources.files import SeekableBytes, SourceFile, open_plain
from tui_annotate.waiting import here

_BUFFER = 128 * 1024

_Decompressor = Callable[[BinaryIO, int], tuple[BinaryIO, int]]


def _library(name: str) -> _Decompressor:
    """Return what decompresses with a module of the standard library; each file needs one of them,
    and most need none, so it is loaded by the first file."""
    return lambda raw, _: (resolve_name(f"{name}:open")(raw), 0)


def _zstd(raw: BinaryIO, offset: int) -> tuple[BinaryIO, int]:
    found: tuple[BinaryIO, int] = resolve_name(f"{_FRAMES}:decompressed")(raw, offset)
    return found


_FRAMES = "tui_annotate.sources.zstd_frames"
"""Loaded for files of zstd only, which alone have frames."""

COMPRESSIONS: dict[str, _Decompressor] = {
    ".gz": _library("gzip"),
    ".bz2": _library("bz2"),
    ".xz": _library("lzma"),
    ".zst": _zstd,
}
"""Endings of compressed files, and what decompresses them.

A decompressor takes the compressed file and the offset that is wanted, and returns a reader with
the offset at which it stands, which is not behind the one that is wanted.
"""


def inner_name(path: str) -> str:
    """Return the name of a file without the ending that says how it is compressed."""
    pure = PurePath(path)
    return str(pure.with_suffix("")) if pure.suffix.lower() in COMPRESSIONS else path


def open_file(path: str | os.PathLike[str], encoding: str | None = None) -> SourceFile:
    """Open a file, local or remote, compressed or not, as its ending says.

    Args:
        path: Where it is.
        encoding: For a file of text: what it is in, or empty to go by its byte order mark. Its
            bytes are UTF-8 then, whatever it is in. None for a file of bytes.

    Raises:
        SourceError: Where it is missing, empty, a directory, or may not be read.
        MissingExtra: It is remote and fsspec is not installed.
    """
    ending = PurePath(path).suffix.lower()
    file = CompressedFile(path, ending) if ending in COMPRESSIONS else open_plain(path)
    if encoding is None:
        return file
    return as_utf8(file, encoding)


class CompressedFile(SourceFile):
    """One compressed file.

    Args:
        path: Its path.
        ending: A key of `COMPRESSIONS`.
    """

    def __init__(self, path: str | os.PathLike[str], ending: str) -> None:
        self._packed = open_plain(path)
        self.name, self.identity = self._packed.name, self._packed.identity
        self.seekable = self._packed.seekable
        self._decompress = COMPRESSIONS[ending]

    def close(self) -> None:
        """Close the compressed file."""
        self._packed.close()

    def reader(self, offset: int = 0) -> BinaryIO:
        """Return a buffered reader of the decompressed bytes that starts at `offset`.

        Raises:
            SourceError: The file is damaged, or no file that can be read twice.
            MissingExtra: A package that is needed is not installed.
        """
        raw = self._raw() if self.seekable else self._packed.reader()
        stream, at = self._decompress(raw, offset)
        reader = io.BufferedReader(_Checked(stream, self.name, self._is_cut), _BUFFER)
        while at < offset:
            data = reader.read(min(_BUFFER, offset - at))
            if not data:
                break
            at += len(data)
        return reader

    def _is_cut(self) -> bool:
        """Tell whether the file ends in the middle of its data, where its library does not."""
        if self._decompress is not _zstd or not self.seekable:
            return False
        return not resolve_name(f"{_FRAMES}:is_whole")(self._raw(4096))

    def _raw(self, buffer: int = _BUFFER) -> BinaryIO:
        return io.BufferedReader(SeekableBytes(self._packed), buffer)

    def size(self) -> int | None:
        """Return None: how long it is decompressed is known only when it has been read."""
        return None

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember of the compressed file, whatever the position."""
        size = self._packed.size() or 0
        return self._packed.fingerprint(at._replace(offset=size))

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the compressed file with what was remembered of it."""
        return self._packed.compare(stored._replace(offset=stored.size))


class _Checked(io.RawIOBase):
    """Decompressed bytes; what the decompressor cannot read is an error of ours."""

    def __init__(self, stream: BinaryIO, name: str, is_cut: Callable[[], bool]) -> None:
        self._stream = stream
        self._name = name
        self._is_cut = is_cut
        self._waiting = here()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
            if not data and self._is_cut():
                raise EOFError("it ends in the middle of its data")
        except Abandoned:
            raise
        except Exception as error:
            if not _is_damage(error):
                raise
            raise SourceError(
                f"the compressed data is damaged or cut short ({error})",
                where=self._name,
                hint="What was answered is saved; get the file anew and go on",
            ) from None
        buffer[: len(data)] = data
        self._waiting.read(len(data))
        return len(data)


def _is_damage(error: Exception) -> bool:
    """Tell whether a decompressor's error is about the data. Each library has its own."""
    known = (EOFError, OSError, zlib.error)
    return isinstance(error, known) or type(error).__name__ in ("LZMAError", "ZstdError")
