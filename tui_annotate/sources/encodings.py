"""Files in other encodings than UTF-8, or with other line ends, read as if they had the usual ones.

Loaders find lines and records in bytes of UTF-8, so another encoding is turned into those as the
file is read. Positions count the bytes of UTF-8; what is remembered of the file are its own bytes.
"""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO

from tui_annotate.errors import SourceError, TaskError, nearest
from tui_annotate.sources.base import Fingerprint, Position, SourceChange
from tui_annotate.sources.files import SourceFile

NOT_UTF8 = "not-utf8"
"""The reason of rows whose bytes cannot be decoded."""

_CHUNK = 64 * 1024
_MARKS = (
    # The mark of UTF-32 begins with that of UTF-16, so it is looked for first.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_USUAL = ("utf-8", "utf-16", "utf-32", "cp1252", "latin-1", "cp1250", "cp1251", "shift_jis",
          "gb18030", "big5", "euc-kr", "koi8-r", "mac-roman")  # fmt: skip
_UTF8 = ("utf-8", "utf-8-sig")
_BROKEN = "\udcff"
"""Stands for bytes that cannot be decoded; it is written as a byte that UTF-8 never has, so the
row around it is a bad row and the others are read."""


def find_encoding(name: str) -> str:
    """Return the standard name of an encoding.

    Raises:
        SourceError: There is no such encoding of text.
    """
    try:
        # Codecs such as `zip`, which turn bytes into bytes, refuse to encode a text.
        "a".encode(name)
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        hint = nearest(name, _USUAL) or f"Usual ones are {', '.join(_USUAL)}"
        what = f"there is no encoding {name!r}"
        raise SourceError(what, where="--encoding", hint=hint) from None


def as_utf8(file: SourceFile, encoding: str) -> SourceFile:
    """Return a file as one whose bytes are UTF-8 and whose lines end in a newline.

    Args:
        file: The file as it was opened.
        encoding: Its encoding; empty to go by the byte order mark of UTF-16 and UTF-32, else
            UTF-8. A pipe cannot be looked at before it is read, so there the name is needed.

    Raises:
        SourceError: There is no such encoding.
    """
    start = _start(file)
    found = find_encoding(encoding) if encoding else _marked(start)
    if found not in _UTF8:
        file = EncodedFile(file, found)
        start = _start(file)
    return CarriageReturnFile(file) if _has_carriage_returns(start) else file


def explain(error: TaskError, file: SourceFile) -> str:
    """Return why a row is bad; where its bytes cannot be decoded, also what would help."""
    if error.reason != NOT_UTF8:
        return error.what
    if isinstance(file, CarriageReturnFile):
        file = file.file
    if isinstance(file, EncodedFile):
        return f"it holds bytes that are not {file.encoding}"
    return f"{error.what}; if the file comes from Windows, `--encoding cp1252` reads it"


def decode(data: bytes) -> str:
    """Return the text of bytes in UTF-8.

    Raises:
        TaskError: `not-utf8`.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"not valid UTF-8 at byte {error.start}"
        raise TaskError(what, reason=NOT_UTF8) from None


def decode_whole(data: bytes, file: SourceFile) -> str:
    """Return the text of all bytes of a file, without a byte order mark.

    Raises:
        TaskError: `not-utf8`, with what would help.
    """
    try:
        return decode(data).removeprefix("\ufeff")
    except TaskError as error:
        raise TaskError(explain(error, file), reason=error.reason) from None


class EncodedFile(SourceFile):
    """A file in another encoding than UTF-8.

    Args:
        file: The file as it was opened.
        encoding: What it is in.
    """

    def __init__(self, file: SourceFile, encoding: str) -> None:
        self._file = file
        self.name, self.identity = file.name, file.identity
        self.seekable = file.seekable
        self.encoding = encoding

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def reader(self, offset: int = 0) -> BinaryIO:
        """Return a buffered reader of the text as UTF-8 that starts at `offset`.

        What is before the place is decoded and passed over.

        Raises:
            SourceError: It cannot be read, or is a pipe that is read a second time.
        """
        reader = io.BufferedReader(_Transcoded(self._file.reader(), self.encoding), _CHUNK)
        left = offset
        while left and (data := reader.read(min(_CHUNK, left))):
            left -= len(data)
        return reader

    def size(self) -> int | None:
        """Return None: how long it is as UTF-8 is known only when it has been read."""
        return None

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember of the file's own bytes, whatever the position."""
        return self._file.fingerprint(at._replace(offset=self._file.size() or 0))

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the file's own bytes with what was remembered of them."""
        return self._file.compare(stored._replace(offset=stored.size))


class CarriageReturnFile(SourceFile):
    """A file whose lines end in a carriage return alone, as old programs and Excel's `CSV
    (Macintosh)` write them; each is read as a newline, so that positions stay the same.

    Args:
        file: The file as it was opened.
    """

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.name, self.identity = file.name, file.identity
        self.seekable = file.seekable

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def reader(self, offset: int = 0) -> BinaryIO:
        """Return a buffered reader that starts at `offset`.

        Raises:
            SourceError: It cannot be read.
        """
        return io.BufferedReader(_WithNewlines(self.file.reader(offset)), _CHUNK)

    def size(self) -> int | None:
        """Return the size in bytes; None where it is not known."""
        return self.file.size()

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember of the file's own bytes beside the position `at`."""
        return self.file.fingerprint(at)

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the file's own bytes with what was remembered of them."""
        return self.file.compare(stored)


class _WithNewlines(io.RawIOBase):
    """The bytes of a reader, with newlines in place of carriage returns."""

    def __init__(self, reader: BinaryIO) -> None:
        self._reader = reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._reader.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(data)] = data
        return len(data)


class _Transcoded(io.RawIOBase):
    """The bytes of a reader, decoded and encoded as UTF-8."""

    def __init__(self, reader: BinaryIO, encoding: str) -> None:
        codecs.register_error(__name__, _mark_broken)
        self._reader = reader
        self._decoder = codecs.getincrementaldecoder(encoding)(__name__)
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            data = self._reader.read(_CHUNK)
            self._ended = not data
            text = self._decoder.decode(data, final=self._ended)
            self._ready = text.encode("utf-8", "surrogateescape")
        given, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)


def _mark_broken(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return _BROKEN, error.end


def _start(file: SourceFile) -> bytes:
    """Return how a file begins; nothing of a pipe, which is read once."""
    if not file.seekable:
        return b""
    with file.reader() as reader:
        return reader.read(_CHUNK)


def _marked(start: bytes) -> str:
    return next((name for mark, name in _MARKS if start.startswith(mark)), _UTF8[0])


def _has_carriage_returns(start: bytes) -> bool:
    """Return whether carriage returns alone end the lines of a file that begins like this."""
    # The newline behind the last one may not have been read, or not have been written yet.
    return b"\n" not in start and b"\r" in start[:-1]
