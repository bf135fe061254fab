"""What the file of the write gate says: who holds it, on which host, and how the database's files
were left. Whoever comes next tells by it whether they were exchanged since.
"""

from __future__ import annotations

import os
import stat

from tui_annotate.fast_namedtuple import NamedTuple

OWNER = 240
"""Bytes of the first part."""

SIZE = 1024
"""Bytes of both parts."""


_FORMAT = "host-1"
"""The first word of the second part; another one is of another version."""

_FIELDS = 12
"""Words before the host's name, which is the last."""


class FileMark(NamedTuple):
    """What tells one state of a file from others.

    Attributes:
        inode: Its number.
        size: In bytes.
        mtime_ns: When it was written last, in nanoseconds since 1970.
    """

    inode: int
    size: int
    mtime_ns: int


class GateRecord(NamedTuple):
    """What the last holder of the gate has left.

    Attributes:
        host: Its host's name, for people.
        boot: Its host's identity.
        mount: The device that the gate file lies on, as that host numbers it.
        beat: When it was written, in seconds since 1970, by that host's clock.
        left: The database was closed in order, and no session was open.
        writing: The gate is held; a holder that was killed leaves this behind.
        gate: The inode of the gate file: in a copy of the folder it is another one.
        database: The database file at that moment, None where it was not there.
        journal: The inode of the journal; None where it was not there or was empty.
        pending: The bytes of a journal that may hold answers which are not in the database file
            yet; 0 where all are.
    """

    host: str
    boot: str
    mount: int
    beat: float
    left: bool
    writing: bool
    gate: int
    database: FileMark | None
    journal: int | None
    pending: int

    def is_of(self, boot: str, mount: int) -> bool:
        """Return whether it was written on the host `boot`, through the mount `mount`."""
        return (self.boot, self.mount) == (boot, mount)

    def to_bytes(self) -> bytes:
        """Return the second part of the gate file."""
        file = self.database
        mark = "- - -" if file is None else f"{file.inode} {file.size} {file.mtime_ns}"
        journal = "-" if self.journal is None else str(self.journal)
        line = (
            f"{_FORMAT} {self.mount} {self.beat:.3f} {self.left:d} {self.writing:d} {self.gate}"
            f" {mark} {journal} {self.pending:d} {self.boot} {self.host}"
        )
        return line.encode("ascii", "replace")[: SIZE - OWNER - 1].ljust(SIZE - OWNER - 1) + b"\n"


def read_record(data: bytes) -> GateRecord | None:
    """Return the record in the bytes of a gate file; None where there is none that can be read.

    Anybody may have written the file, so every field is checked.
    """
    fields = data[OWNER:SIZE].decode("ascii", "replace").split(None, _FIELDS)
    if (
        len(fields) <= _FIELDS
        or fields[0] != _FORMAT
        or any(len(each) > 40 for each in fields[:-1])
    ):
        return None
    try:
        file = None if fields[6] == "-" else FileMark(*(int(each) for each in fields[6:9]))
        return GateRecord(
            host=fields[_FIELDS].strip(),
            boot=fields[11],
            mount=int(fields[1]),
            beat=float(fields[2]),
            left=fields[3] == "1",
            writing=fields[4] == "1",
            gate=int(fields[5]),
            database=file,
            journal=None if fields[9] == "-" else int(fields[9]),
            pending=int(fields[10]),
        )
    except ValueError:
        return None


def mark_of(path: str) -> FileMark | None:
    """Return the mark of a plain file; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  a Path would be made for each of many calls
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return FileMark(found.st_ino, found.st_size, found.st_mtime_ns)
