"""Files as bytes with positions: opening, lines, fingerprints.

A file is opened once and read by position, so that several readers (the session, a count in the
background, a fingerprint) never disturb each other, and so that a file replaced under its name
while it is being read is still the file that was opened.

Other libraries take such a file as a stream that seeks (`SeekableBytes`).

`whole_digest` is for those who do not want to trust windows and times.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import weakref
from collections.abc import Iterator
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import BinaryIO

from tui_annotate.errors import SourceError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import NOTHING, Fingerprint, Position, SourceChange
from tui_annotate.task.hashing import blake2b
from tui_annotate.waiting import here
from tui_annotate.whole_files import is_plain_file

WINDOW = 64 * 1024
BOM = b"\xef\xbb\xbf"
_BUFFER = 128 * 1024
_STDIN = "-"
WRITER_WAIT = 5.0
"""Seconds within which somebody must open a pipe that has a name for writing."""
_LOOKS = 0.05
"""Seconds between two looks at whether somebody has, or nobody waits any more."""

_stdin: ContextVar[int] = ContextVar("stdin", default=0)


class ByteLine(NamedTuple):
    """One line of bytes.

    Attributes:
        data: With its newline; None where it is longer than the limit.
        end: Byte offset behind its newline.
        whole: Whether it ends in a newline.
    """

    data: bytes | None
    end: int
    whole: bool

    @property
    def blank(self) -> bool:
        """Whether it holds nothing but white space."""
        return self.data is not None and self.data.isspace()

    @property
    def content(self) -> bytes:
        """The line without its newline (`\n` or `\r\n`)."""
        data = self.data or b""
        if data.endswith(b"\r\n"):
            return data[:-2]
        return data[:-1] if self.whole else data


class SourceFile:
    """One opened file, pipe or standard input.

    Args:
        path: A path, or `-` for standard input.

    Raises:
        SourceError: Where it is missing, empty, a directory, or may not be read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.name = os.fspath(path)
        self.identity = (
            _STDIN if self.name == _STDIN else str(Path(self.name).expanduser().absolute())
        )
        self._fd = _open(self.name)
        self._close = weakref.finalize(self, _close, self._fd)
        self._stat = os.fstat(self._fd)
        self.seekable = stat.S_ISREG(self._stat.st_mode)
        self._spent = False
        self._last: Fingerprint | None = None
        self._altered = False
        if stat.S_ISDIR(self._stat.st_mode):
            raise SourceError("this is a directory", where=self.name, hint="Give a file in it")
        if self.seekable and self._stat.st_size == 0:
            raise SourceError("the file is empty", where=self.name)

    def close(self) -> None:
        """Close the file; reading it afterwards is an error."""
        self._close()

    def reader(self, offset: int = 0) -> BinaryIO:
        """Return a buffered reader that starts at `offset` and shares nothing with others.

        Raises:
            SourceError: For the second reader of a pipe, or one that does not start at 0.
        """
        if self.seekable:
            return io.BufferedReader(_Pread(self._fd, offset, self.name), _BUFFER)
        if self._spent or offset:
            raise SourceError("a pipe can be read only once", where=self.name)
        self._spent = True
        return io.BufferedReader(io.FileIO(self._fd, closefd=False), _BUFFER)

    def size(self) -> int | None:
        """Return the size in bytes as it is now; None for a pipe, or where it cannot be told."""
        try:
            return os.fstat(self._fd).st_size if self.seekable else None
        except OSError:
            return None

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember beside the position `at`.

        Size and time are those of the opening, so that a change made while the file was being read
        shows next time; where what was read is no longer there, or cannot be read, `NOTHING` is
        returned: an answer must not fail because its source does.
        """
        try:
            return self._fingerprint(at) if self.seekable else NOTHING
        except OSError:
            return NOTHING

    def _fingerprint(self, at: Position) -> Fingerprint:
        if self._is_altered():
            return NOTHING
        found = self._stat
        self._last = Fingerprint(
            inode=found.st_ino,
            size=found.st_size,
            mtime_ns=found.st_mtime_ns,
            head=self._head(at.offset),
            tail=self._digest(max(0, at.offset - WINDOW), at.offset),
            offset=at.offset,
        )
        return self._last

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the file as it was when opened with what was stored of it."""
        if not self.seekable or stored == NOTHING:
            return SourceChange.UNKNOWN
        size = self._stat.st_size
        try:
            if size < max(stored.size, stored.offset) or not self._windows_match(stored):
                return SourceChange.CHANGED
        except OSError as error:
            raise _unreadable(self.name, error) from error
        if size > stored.size:
            return SourceChange.GROWN
        return (
            SourceChange.SAME if self._stat.st_mtime_ns == stored.mtime_ns else SourceChange.CHANGED
        )

    def _windows_match(self, stored: Fingerprint) -> bool:
        end = stored.offset
        return (
            self._digest(0, min(WINDOW, end)) == stored.head
            and self._digest(max(0, end - WINDOW), end) == stored.tail
        )

    def _head(self, offset: int) -> bytes:
        if self._last is not None and min(self._last.offset, offset) >= WINDOW:
            return self._last.head
        return self._digest(0, min(WINDOW, offset))

    def _is_altered(self) -> bool:
        """Tell whether the bytes that were read have been written over since, as far as is seen."""
        now = os.fstat(self._fd)
        untouched = (now.st_size, now.st_mtime_ns) == (self._stat.st_size, self._stat.st_mtime_ns)
        if not untouched and not self._altered:
            rewritten = now.st_size <= self._stat.st_size
            moved = self._last is not None and not self._windows_match(self._last)
            self._altered = rewritten or moved
        return self._altered

    def _digest(self, start: int, end: int) -> bytes:
        return blake2b(_read_at(self._fd, start, end), digest_size=16).digest()


def lines(reader: BinaryIO, offset: int, limit: int) -> Iterator[ByteLine]:
    """Yield the lines of `reader` in memory bounded by `limit`.

    Args:
        reader: A reader that stands at a line's start.
        offset: Where that is in the file, in bytes.
        limit: The longest line, in bytes; longer ones are skipped and come without their data.
    """
    make = tuple.__new__  # what `ByteLine(...)` ends in, without a call in between for each line
    while data := reader.readline(limit + 1):
        offset += len(data)
        if len(data) <= limit:
            yield make(ByteLine, (data, offset, data.endswith(b"\n")))
            continue
        whole = data.endswith(b"\n")
        while not whole and (more := reader.readline(limit)):
            offset += len(more)
            whole = more.endswith(b"\n")
        yield ByteLine(None, offset, whole)


def open_plain(path: str | os.PathLike[str]) -> SourceFile:
    """Open a file as it is, a pipe, standard input, or with `scheme://` a remote file.

    Raises:
        SourceError: It cannot be opened.
        MissingExtra: It is remote and fsspec is not installed.
    """
    if "://" in os.fspath(path):
        from tui_annotate.sources.remote import RemoteFile  # only files that lie on a server

        return RemoteFile(os.fspath(path))
    return SourceFile(path)


def read_stdin_from(descriptor: int) -> None:
    """Let `-` mean another descriptor from now on, because 0 is the keyboard."""
    _stdin.set(descriptor)


def skip_bom(reader: BinaryIO) -> int:
    """Pass a byte order mark at the start of a file; return how many bytes that were."""
    found = reader.peek(3)[:3] if isinstance(reader, io.BufferedReader) else b""
    return len(reader.read(3)) if found == BOM else 0


class _Pread(io.RawIOBase):
    """Reads a descriptor from a place of its own, whatever others read of it."""

    def __init__(self, fd: int, offset: int, name: str) -> None:
        self._fd = fd
        self._offset = offset
        self._name = name
        self._waiting = here()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = os.pread(self._fd, len(buffer), self._offset)
        except OSError as error:
            raise _unreadable(self._name, error) from error
        buffer[: len(data)] = data
        self._offset += len(data)
        self._waiting.read(len(data))
        return len(data)


def _read_at(fd: int, start: int, end: int) -> bytes:
    found = bytearray()
    while start < end and (data := os.pread(fd, end - start, start)):
        found += data
        start += len(data)
    return bytes(found)


def _open(name: str) -> int:
    try:
        if name == _STDIN:
            return os.dup(_stdin.get())
        path = Path(name).expanduser()
        if path.is_fifo():
            return _open_pipe(path, name)
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        what, hint = _FAILURES.get(
            error.errno or 0, (f"it cannot be opened ({error.strerror})", None)
        )
        raise SourceError(what, where=name, hint=hint) from None
    except ValueError:
        raise SourceError("this is not a path", where=name) from None


def _open_pipe(path: Path, name: str) -> int:
    """Open a pipe that has a name, once somebody has opened it for writing.

    The opening itself waits for a writer, so it is left to a thread: only a read could tell a
    writer that is slow from none, and it might take a byte away. Pipes without a name, such as
    `<(...)`, are open at once.

    Raises:
        SourceError: Nobody opened it for writing within `WRITER_WAIT` seconds.
        Abandoned: Whoever waited has left.
        OSError: It cannot be opened.
    """
    opened: list[int] = []
    failed: list[OSError] = []

    def wait() -> None:
        try:
            opened.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        except OSError as error:
            failed.append(error)

    thread = Thread(target=wait, daemon=True)
    thread.start()
    waiting, last = here(), monotonic() + WRITER_WAIT
    with waiting.on(f"waiting for somebody to write into the pipe {name}"):
        while thread.is_alive() and monotonic() < last and not waiting.abandoned:
            thread.join(_LOOKS)
    if thread.is_alive():
        # A writer that comes and goes lets the thread end.
        with suppress(OSError):
            os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC))
        thread.join(1)
        for each in opened:
            os.close(each)
        waiting.check()
    elif failed:
        raise failed[0]
    else:
        return opened[0]
    raise SourceError(
        f"this is a pipe, and nobody opened it for writing within {WRITER_WAIT:g} seconds",
        where=name,
        hint="Start what writes into it first, or name a plain file",
    )


def _unreadable(name: str, error: OSError) -> SourceError:
    """Return what people are told when a file that was opened cannot be read further."""
    return SourceError(
        f"it cannot be read further ({(error.strerror or str(error)).lower()})",
        where=name,
        hint="What was saved is safe; when the file can be read again, start again",
    )


_FAILURES: dict[int, tuple[str, str | None]] = {
    errno.ENOENT: ("there is no such file", "Check the path"),
    errno.ENOTDIR: ("there is no such file", "Check the path"),
    errno.EACCES: ("it may not be read (no permission)", "Ask its owner, or chmod it"),
    errno.EPERM: ("it may not be read (no permission)", "Ask its owner, or chmod it"),
    errno.EISDIR: ("this is a directory", "Give a file in it"),
}


def _close(fd: int) -> None:
    with suppress(OSError):
        os.close(fd)


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
    if not is_plain_file(file):
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
