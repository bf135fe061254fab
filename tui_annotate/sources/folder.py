"""Many files as one source: a folder, or a pattern such as `data/*.txt`, in the order of names."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Collection, Container, Iterator, Sequence
from pathlib import Path

from tui_annotate.errors import SourceError, listed
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

MARKS = {
    ".ann": "brat", ".a1": "bionlp", ".a2": "bionlp", ".con": "i2b2", ".ast": "i2b2",
    ".rel": "i2b2",
}  # fmt: skip
"""Endings of files with the marks of a text beside them, and the loader that reads both."""
OF_SLATE = ".annotations"
"""What SLATE's files of marks have behind the whole name of their text."""
OF_KNOWTATOR = ".knowtator.xml"
"""What eHOST's and Knowtator's have behind it."""
OF_ANAFORA = re.compile(
    r"(.+?)\.[\w-]+(?:\.([\w-]+))?\.(?:completed|inprogress|preannotation|preannotate)\.xml"
)
"""The names of Anafora's, with that of the text without `.txt`, and perhaps of the annotator."""
BEHIND_NAME = {OF_SLATE: "slate", OF_KNOWTATOR: "knowtator"}
"""What stands behind the whole name of a text in that of its marks, and the loader of both."""

_NO_DATA = frozenset((
    *(".py", ".pyc", ".ipynb", ".sh", ".r", ".pl", ".java", ".js", ".ts", ".css", ".md", ".rst"),
    *(".conf", ".cfg", ".config", ".ini", ".toml", ".log", ".lock", ".dtd", ".xsd", ".license"),
    *(".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".bak", ".orig", ".swp", ".tmp"),
))  # fmt: skip
"""Endings of files that lie beside data, in lower case, and of copies of data."""
_ABOUT = ("readme", "license", "licence", "copying", "notice", "citation", "changelog", "makefile")
"""What names of files begin with, in lower case, that say something about data."""
_SHOWN = 3
_LOOKED_AT = 20
"""So many files are looked at for what is to be said of them."""

Open = Callable[[str], Source]


class _Member(NamedTuple):
    """One file. Its bytes are `base` to `base + size` of the whole."""

    path: Path
    base: int
    size: int
    mtime_ns: int


class FolderFiles(NamedTuple):
    """The files of a folder or pattern, in the order of names.

    Attributes:
        read: Those that are read.
        passed_over: Those that no loader reads, other than programs, settings and the like.
    """

    read: list[Path]
    passed_over: list[Path]


def find(path: str, readable: Callable[[str], bool]) -> FolderFiles:
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
        found = FolderFiles(sorted(Path(each) for each in matches if is_plain_file(each)), [])
    if not found.read:
        what = "this is a directory without a file that a loader reads"
        if found.passed_over:
            what += f" ({_some(found.passed_over)})"
        raise SourceError(what if is_folder(folder) else "no file matches it", where=path)
    return found


def _files_below(folder: Path, readable: Callable[[str], bool]) -> FolderFiles:
    """Return the files below a folder that are read by themselves, and those that no loader reads;
    hidden ones count for neither."""
    files = {
        each
        for each in folder.rglob("*")
        if each.is_file()
        and not any(part.startswith(".") for part in each.relative_to(folder).parts)
    }
    read = {each for each in files if readable(str(each))}
    with_types = {each.parent for each in read if each.suffix == ".xmi"}
    named = ((each.parent, OF_ANAFORA.fullmatch(each.name)) for each in read)
    # Texts of Anafora are read with their marks, and often have no ending.
    texts = {parent / found[1] for parent, found in named if found is not None}
    texts |= {each.with_name(f"{each.name}.txt") for each in texts}
    passed_over = [each for each in files - read - texts if may_be_data(each)]
    alone = [each for each in read - texts if not _is_read_with_another(each, read, with_types)]
    return FolderFiles(sorted(alone), sorted(passed_over))


def may_be_data(file: Path) -> bool:
    """Return whether a file that no ending tells of may hold data, by its name alone."""
    name = file.name.lower()
    is_about = name.startswith(_ABOUT) or name.endswith("~")
    return not is_about and file.suffix.lower() not in _NO_DATA


def _some(files: Collection[Path]) -> str:
    names = [each.name for each in files]
    return listed(names) if len(names) <= _SHOWN else f"{listed(names[:_SHOWN])} ..."


def _is_read_with_another(each: Path, files: Container[Path], with_types: Container[Path]) -> bool:
    """Return whether a file is read with the one that it belongs to, and not by itself.

    Args:
        each: The file.
        files: All files.
        with_types: Folders in which files of XMI need a file of types beside them.
    """
    if each.name == "TypeSystem.xml":
        return each.parent in with_types
    if each.name == "projectschema.xml":
        return each.parent.name == "config"  # what eHOST offers to mark
    if each.suffix in MARKS and each.with_suffix(".txt") in files:
        return True
    if each.suffix in (".ast", ".rel"):
        concepts = (each.with_suffix(".con"), _beside(each, "concept", f"{each.stem}.con"))
        return any(file in files for file in concepts)
    for ending in BEHIND_NAME:
        if each.name.endswith(ending) and each.with_name(each.name.removesuffix(ending)) in files:
            return True
    # The marks of a text whose name is another one, or that lies elsewhere, are read in its place.
    marks = (
        _beside(each, "saved", f"{each.name}{OF_KNOWTATOR}"),
        _beside(each, "concept", f"{each.stem}.con"),
        # YEDDA writes its marks into a copy of the text.
        each.with_name(f"{each.name}.ann"),
    )
    return each.suffix == ".txt" and any(file in files for file in marks)


def _beside(file: Path, folder: str, name: str) -> Path:
    return file.parent.parent / folder / name


class FolderSource:
    """Reads files after one another. Positions count through the bytes of all of them.

    Empty files give nothing. Rows carry the file's name as `meta.file`, where they have no other.

    Args:
        path: What people call it.
        files: The files in their order.
        opener: Opens one of them.
        passed_over: Files beside them that no loader reads.
    """

    def __init__(
        self, path: str, files: list[Path], opener: Open, passed_over: Sequence[Path] = ()
    ) -> None:
        self.name = path
        self.identity = str(Path(path).expanduser().absolute())
        self._open = opener
        self._passed_over = passed_over
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
        """What people should know of how its first files are read, and of files that are not."""
        told = self._told_of_files()
        count = len(self._passed_over)
        if not count:
            return told
        files = "1 file that no loader reads is" if count == 1 else f"{count} files that no loader"
        files += "" if count == 1 else " reads are"
        passed_over = f"{files} passed over ({_some(self._passed_over)})"
        return f"{told}; {passed_over}" if told else passed_over

    def _told_of_files(self) -> str:
        """Return what is to be said of its first files, with their names where it differs."""
        files: dict[str, str] = {}
        for each in self._members[:_LOOKED_AT]:
            files.setdefault(told_of(self._opened(each)), each.path.name)
        if len(files) == 1:
            return next(iter(files))
        return "; ".join(f"{name}: {told}" for told, name in files.items() if told)

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
