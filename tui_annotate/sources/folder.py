"""Many files as one source: a folder, or a pattern such as `data/*.txt`, in the order of names."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Container, Iterator
from pathlib import Path

from tui_annotate.errors import SourceError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import (
    START,
    BadRow,
    Fingerprint,
    Position,
    Row,
    Source,
    SourceChange,
    told_of,
)
from tui_annotate.task.hashing import blake2b
from tui_annotate.whole_files import is_folder, is_plain_file

MARKS = {".ann": "brat", ".a1": "bionlp", ".a2": "bionlp"}
"""Endings of files with the marks of a text beside them, and the loader that reads both."""
OF_SLATE = ".annotations"
"""What SLATE's files of marks have behind the whole name of their text."""

Open = Callable[[str], Source]


class _Member(NamedTuple):
    """One file. Its bytes are `base` to `base + size` of the whole."""

    path: Path
    base: int
    size: int
    mtime_ns: int


def find(path: str, readable: Callable[[str], bool]) -> list[Path]:
    """Return the files of a folder and those below it, or of a pattern, in the order of names.

    Args:
        path: The folder or pattern.
        readable: Tells whether there is a loader for a file; a pattern is not asked about.

    Raises:
        SourceError: There is none.
    """
    folder = Path(path).expanduser()
    if is_folder(folder):
        found = _files_below(folder, readable)
    else:
        matches = glob.glob(os.path.expanduser(path), recursive=True)  # noqa: PTH111, PTH207
        found = [Path(each) for each in matches if is_plain_file(each)]
    if not found:
        what = "this is a directory without a file that a loader reads"
        raise SourceError(what if is_folder(folder) else "no file matches it", where=path)
    return sorted(found)


def _files_below(folder: Path, readable: Callable[[str], bool]) -> list[Path]:
    """Return the files below a folder that are read by themselves; hidden ones are passed over."""
    found = {
        each
        for each in folder.rglob("*")
        if each.is_file()
        and not any(part.startswith(".") for part in each.relative_to(folder).parts)
        and readable(each.name)
    }
    with_types = {each.parent for each in found if each.suffix == ".xmi"}
    return [each for each in found if not _is_read_with_another(each, found, with_types)]


def _is_read_with_another(each: Path, files: Container[Path], with_types: Container[Path]) -> bool:
    """Return whether a file is read with the one that it belongs to, and not by itself.

    Args:
        each: The file.
        files: All files.
        with_types: Folders in which files of XMI need a file of types beside them.
    """
    if each.name == "TypeSystem.xml":
        return each.parent in with_types
    if each.suffix in MARKS:
        return each.with_suffix(".txt") in files
    return each.suffix == OF_SLATE and each.with_suffix("") in files


class FolderSource:
    """Reads files after one another. Positions count through the bytes of all of them.

    Empty files give nothing. Rows carry the file's name as `meta.file`, where they have no other.

    Args:
        path: What people call it.
        files: The files in their order.
        opener: Opens one of them.
    """

    def __init__(self, path: str, files: list[Path], opener: Open) -> None:
        self.name = path
        self.identity = str(Path(path).expanduser().absolute())
        self._open = opener
        self._members: list[_Member] = []
        base = 0
        for each in files:
            stat = each.stat()
            if stat.st_size:
                self._members.append(_Member(each, base, stat.st_size, stat.st_mtime_ns))
                base += stat.st_size
        if not self._members:
            raise SourceError("its files are all empty", where=path)
        self._size = base
        self.seekable = all(self._opened(each).seekable for each in self._members[:1])

    @property
    def told(self) -> str:
        """What people should know of how its first file is read."""
        return told_of(self._opened(self._members[0]))

    @property
    def first_file(self) -> str:
        """The path of its first file."""
        return str(self._members[0].path)

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the records from `start` on, file by file."""
        row = start.row
        for member in self._members:
            if member.base + member.size <= start.offset:
                continue
            inner = START
            if start.offset > member.base:
                inner = Position(0, start.line, start.offset - member.base)
            for record in self._opened(member).rows(inner):
                yield self._record(record, member, row)
                row += 1

    def _record(self, record: Row | BadRow, member: _Member, row: int) -> Row | BadRow:
        last = member is self._members[-1]
        held = last and record.end == record.start
        before = Position(row, record.start.line, member.base + record.start.offset)
        behind = record.end.offset if record.end != record.start else member.size
        end = member.base + min(behind, member.size)
        after = before if held else Position(row + 1, record.end.line, end)
        if isinstance(record, BadRow):
            detail = f"{member.path.name}: {record.detail}"
            return record._replace(detail=detail, start=before, end=after)
        meta = record.data.setdefault("meta", {})
        if isinstance(meta, dict):
            meta.setdefault("file", member.path.name)
        return record._replace(start=before, end=after, file=str(member.path))

    def _opened(self, member: _Member) -> Source:
        return self._open(str(member.path))

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember: names and sizes of the files before `at`, and the one there."""
        tail = b""
        for member in self._members:
            if member.base <= at.offset < member.base + member.size:
                inner = Position(offset=at.offset - member.base)
                mark = self._opened(member).fingerprint(inner)
                tail = mark.head + mark.tail
        newest = max(each.mtime_ns for each in self._members)
        head = blake2b(digest_size=16)
        for member in self._members:
            if member.base + member.size <= at.offset:
                head.update(f"{member.path}\n{member.size}\n{member.mtime_ns}\n".encode())
        return Fingerprint(1, self._size, newest, head.digest(), tail, at.offset)

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the files with what was remembered of them."""
        if not stored.head:
            return SourceChange.UNKNOWN
        now = self.fingerprint(Position(offset=stored.offset))
        if (now.head, now.tail) != (stored.head, stored.tail) or now.size < stored.size:
            return SourceChange.CHANGED
        if now.size > stored.size:
            return SourceChange.GROWN
        return SourceChange.SAME if now.mtime_ns == stored.mtime_ns else SourceChange.CHANGED

    def size(self) -> int | None:
        """Return the bytes of all files."""
        return self._size

    def count(self) -> int | None:
        """Count the records of all files by reading them."""
        counts = [self._opened(each).count() for each in self._members]
        return sum(each for each in counts if each is not None)
