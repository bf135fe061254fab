"""What a source is: records with positions, and a fingerprint that shows whether it has changed."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, Protocol

from tui_annotate.fast_namedtuple import NamedTuple


class Position(NamedTuple):
    """A place between two records.

    Attributes:
        row: Number of records before it, bad ones included, blank lines not.
        line: Number of lines before it.
        offset: Bytes before it in the (decompressed) source.
    """

    row: int = 0
    line: int = 0
    offset: int = 0


START = Position()


class Limits(NamedTuple):
    """What a reader refuses to hold in memory.

    Attributes:
        max_line: Bytes of one record, its newline included.
    """

    max_line: int = 16 * 1024 * 1024


DEFAULT_LIMITS = Limits()


class Row(NamedTuple):
    """One good record: `start` and `end` are the positions before and after it.

    A last record without its newline may still be growing: its `end` is its `start`, so that no
    position passes it.

    Attributes:
        notices: Remarks for people, such as a key that occurs twice.
        file: The file that it stands in, where a source is made of several; else empty.
        made: Code has made it, so hashes that it carries are what the code means by one task.
    """

    data: dict[str, Any]
    start: Position
    end: Position
    notices: tuple[str, ...] = ()
    file: str = ""
    made: bool = False


class BadRow(NamedTuple):
    """One record that cannot become a task.

    Attributes:
        reason: A short stable code: `not-json`, `not-utf8`, `not-object`, `no-input`, `too-long`,
            `not-finite`, `too-deep`, `too-big-number`, `empty-input` ... `incomplete` is a last
            record that is not whole yet: its `end` is its `start`, and it is not a dropped row.
        detail: One line for people, free of the record's own text where that may be long.
        keys: The record's keys, where it had any (for "keys: id, content, created").
        guess: The key that probably holds the text, where there is one.
    """

    reason: str
    detail: str
    start: Position
    end: Position
    keys: tuple[str, ...] = ()
    guess: str = ""


class SourceChange(Enum):
    """How a source compares with what was stored of it.

    `UNKNOWN` is for what cannot be compared: a pipe, or a source of which nothing was stored.
    """

    SAME = "same"
    GROWN = "grown"
    CHANGED = "changed"
    UNKNOWN = "unknown"


class Fingerprint(NamedTuple):
    """What is remembered of a source beside a position in it.

    Attributes:
        inode, size, mtime_ns: As `os.stat` gives them; 0 where there is no file.
        head: BLAKE2b-16 of the first 64 KiB, of what lies before the position.
        tail: BLAKE2b-16 of the 64 KiB before the position.
        offset: The position's byte offset, to which `head` and `tail` belong.
    """

    inode: int
    size: int
    mtime_ns: int
    head: bytes
    tail: bytes
    offset: int


NOTHING = Fingerprint(0, 0, 0, b"", b"", 0)
"""The fingerprint of what cannot be recognised again; it compares as `SourceChange.UNKNOWN`."""


def told_of(source: Any) -> str:
    """Return what people should know of how a source is read; empty for nothing.

    Sources say it as `found_as`, where a format was found by looking at the first rows, and as
    `told`, of the way in which rows are made. Most have neither.
    """
    parts = (getattr(source, "found_as", ""), getattr(source, "told", ""))
    return "; ".join(part for part in parts if part)


class Source(Protocol):
    """Where tasks come from. `rows` may be called again, and from any thread."""

    @property
    def name(self) -> str:
        """What people call it: the path as given."""
        ...

    @property
    def identity(self) -> str:
        """What the store calls it: the absolute path, or another stable name."""
        ...

    @property
    def seekable(self) -> bool:
        """Whether `rows` can start at a position without reading what is before it."""
        ...

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the records from `start` on, in constant memory. Blank lines give nothing."""
        ...

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember of the source beside the position `at`."""
        ...

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the source as it is now with what was remembered."""
        ...

    def size(self) -> int | None:
        """Return the size in bytes that `offset` counts towards, None where it is unknown."""
        ...

    def count(self) -> int | None:
        """Count the records by reading the source; None where that cannot be done. Thread-safe."""
        ...


def left_out(count: int, what: str) -> str:
    """Return the remark that so many things of a row are left out.

    Args:
        count: How many.
        what: What they are, in the plural; its first word is what is counted.
    """
    if count != 1:
        return f"{count} {what} are left out"
    counted, blank, rest = what.partition(" ")
    one = f"{counted[:-3]}y" if counted.endswith("ies") else counted.removesuffix("s")
    return f"1 {one}{blank}{rest} is left out"
