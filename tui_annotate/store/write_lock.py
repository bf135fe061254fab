"""The write gate: one `flock` on a file beside the database, held for each write transaction.

SQLite's own busy handler is unfair; the kernel wakes those who wait in turn. The gate also keeps
a checkpoint of one process away from a write of another, which older engines get wrong. The lock
is never broken: whoever waits is told for whom, and may give up. The time-out is for one holder
that does not let go: while the queue moves, which the gate file shows, everybody in it comes in,
also where a hundred people log in at once.

A lock that succeeds is not a lock that is shared: some network file systems keep locks within one
host. So the gate file also says which host is at work, and while that is fresh no other one writes.
The file has two parts of fixed length: a line for people, `pid command`, and a line of numbers, the
host's identity and its name (`GateRecord`). By the numbers whoever opens the database next also
finds out that its file or its journal has been exchanged since.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from tui_annotate.errors import StoreElsewhere
from tui_annotate.private_file import open_private
from tui_annotate.store.error_mapping import locked, system_failure
from tui_annotate.store.gate_record import (
    OWNER,
    SIZE,
    FileMark,
    GateRecord,
    mark_of,
    read_record,
)
from tui_annotate.store.host import boot_id, host_name

Wait: TypeAlias = Callable[[str], None]
"""Told for whom one waits, again and again while one does; may raise to give up."""

Check: TypeAlias = Callable[[GateRecord | None, int], object]
"""Given what the gate's last holder has left and the inode of the gate's file; raises to refuse."""

STALE = 90.0
"""Seconds without a sign of life after which another host may go on. Every write is one, and so is
the heartbeat of a session, which is a write."""

SETTLE = 0.25
"""Seconds after which it shows whether another host has begun at the same moment."""

_REFUSED = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL}
_TAKEN = {errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK}
_TELL_EVERY = 0.2


class Gate:
    """The gate of one database.

    Args:
        path: The lock file. It is made when it is first needed, with the rights of the database,
            and stays.
        several_hosts: Whether the file system is one that several hosts may share.

    Attributes:
        refused: Whether the file system was found to refuse `flock`; then the database's own
            lock has to do.
        before: What the holder before this one has left; None where it left nothing. As of the
            last time that the gate was held.
        in_between: Whether somebody else may have held the gate since it was held here last.
        pending: Whether the journal may hold answers that are not in the database file yet. Set by
            whoever writes while the gate is held.
        marks: The database file and its journal as they are when the gate is let go, where whoever
            holds it has looked; else the gate looks.
        left: Whether this program leaves, and no session is open. Set before the gate is held for
            the last time.
    """

    def __init__(self, path: Path, *, several_hosts: bool = False) -> None:
        self.path = path
        self.several_hosts = several_hosts
        self.refused = False
        self.before: GateRecord | None = None
        self.in_between = True
        self.pending = False
        self.marks: tuple[FileMark | None, FileMark | None] | None = None
        self.left = False
        self._database = str(path).removesuffix("-gate")
        self._owner = _owner_line()
        self._signed = b""
        self._record: GateRecord | None = None
        self._host = host_name()
        self._boot = boot_id()

    @contextmanager
    def hold(
        self,
        wait: Wait | None = None,
        timeout: float = 30.0,
        check: Check | None = None,
        *,
        in_all: bool = False,
    ) -> Iterator[int]:
        """Hold the gate; what is given is the descriptor of its file.

        Args:
            wait: Called with the owner's description every 0.2 s while somebody else holds it.
            timeout: How long to wait for one holder, in seconds.
            check: Given what the holder before has left, and the inode of the gate's file; may
                raise, and then nothing is noted in it.
            in_all: The time-out is for all together who come before, and not for each of them.

        Raises:
            StoreLocked: Somebody else held it for longer than `timeout`.
            StoreElsewhere: Another host is at work on the database.
            StoreReadOnly, StoreFull, StoreUnavailable: The lock file cannot be had.
        """
        file = self._locked(wait, timeout, in_all)
        try:
            self.marks = None
            self._take(file, check)
            try:
                yield file
            finally:
                self._sign_off(file)
        finally:
            os.close(file)

    def owner(self) -> str:
        """Return who holds the gate, or held it last, as `process 4711 (command)`."""
        text = self._says()[:OWNER].decode("utf-8", "replace").strip()
        process, _, command = text.partition(" ")
        return f"process {process} ({command})" if command else "another process"

    def look(self, check: Check) -> None:
        """Have `check` judge what the last holder has left, without holding the gate."""
        try:
            file = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            check(None, 0)
            return
        try:
            check(read_record(_read(file)), os.fstat(file).st_ino)
        except OSError as error:
            raise system_failure(error, self.path) from error
        finally:
            os.close(file)

    def check_host(self, file: int) -> None:
        """Look whether another host has begun to work on the database since the gate is held.

        Args:
            file: The descriptor that `hold` gave.

        Raises:
            StoreElsewhere: It has.
        """
        try:
            data, mount = _read(file), os.fstat(file).st_dev
        except OSError:
            return  # then nobody can tell, and what was committed is where it belongs
        record = None if data == self._signed else read_record(data)
        if record is not None and not record.is_of(self._boot, mount):
            raise _elsewhere(record, self.path, 0.0, same_boot=record.boot == self._boot)

    def _locked(self, wait: Wait | None, timeout: float, in_all: bool) -> int:
        """Open and lock the file that has the gate's name; it may be exchanged meanwhile."""
        deadline = time.monotonic() + timeout
        while True:
            file = self._open()
            try:
                if not self._try(file):
                    self._queue(file, wait, deadline, 0.0 if in_all else timeout)
                if self._is_in_place(file):
                    return file
            except BaseException:
                os.close(file)
                raise
            os.close(file)

    def _says(self) -> bytes:
        """Return what the gate file says, which is another thing whenever somebody has come in."""
        try:
            return self.path.read_bytes()[:SIZE]
        except OSError:
            return b""

    def _is_in_place(self, file: int) -> bool:
        now, held = mark_of(str(self.path)), os.fstat(file)
        # A file system whose numbers change from call to call cannot tell; the lock has to do.
        return now is None or now.inode == held.st_ino or self.several_hosts

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with suppress(FileNotFoundError):
                return os.open(self.path, flags)
            return open_private(self.path, flags | os.O_CREAT, Path(self._database))
        except OSError as error:
            raise system_failure(error, self.path) from error

    def _try(self, file: int) -> bool:
        """Take the lock if it is free. True also where the file system has no such locks."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _REFUSED:
                self.refused = True
                return True
            if error.errno in _TAKEN:
                return False
            raise system_failure(error, self.path) from error
        return True

    def _queue(self, file: int, wait: Wait | None, deadline: float, each: float) -> None:
        """Stand in the kernel's queue, and report while standing there.

        Args:
            file: The descriptor of the gate's file.
            wait: Told for whom one waits.
            deadline: When one gives up.
            each: Seconds that one waits anew whenever somebody else has come in meanwhile.
        """
        place, before = _Place(file), self._says()
        while not place.reached.wait(min(_TELL_EVERY, max(0.0, deadline - time.monotonic()))):
            if wait is not None:
                wait(f"{self.owner()}, which is writing")
            if each and (says := self._says()) != before:
                before, deadline = says, time.monotonic() + each
            if time.monotonic() >= deadline:
                raise locked(self.owner(), self.path)
        if place.error is not None:
            raise system_failure(place.error, self.path)

    # -- the record ----------------------------------------------------------------------------

    def _take(self, file: int, check: Check | None) -> None:
        """Read what the holder before has left, refuse if another host is at work, and sign."""
        before = self._read_before(file)
        held = os.fstat(file)
        was_here = before is not None and before.is_of(self._boot, held.st_dev)
        # The lock holds between programs of one host only. Another host is told by its record: it
        # is gone if it has left in order, or given no sign of life for long.
        if before is not None and not was_here and not before.left:
            age = self._age(file, before)
            if age < STALE:
                raise _elsewhere(before, self.path, age, same_boot=before.boot == self._boot)
        if check is not None:
            check(before, held.st_ino)
        self.pending = before is not None and before.pending > 0
        # What is there now is looked up when the gate is let go: who writes changes it.
        self._sign(file, writing=True, before=before)
        if not was_here and self.several_hosts:
            self._settle()

    def _read_before(self, file: int) -> GateRecord | None:
        """Return what the holder before has left, and note whether that was another one."""
        try:
            data = _read(file)
        except OSError as error:
            raise system_failure(error, self.path) from error
        # Whoever holds the gate signs with the time. Where the file says just what was written
        # here, nobody did meanwhile, and the record need not be read from its bytes.
        self.in_between = data != self._signed
        self.before = read_record(data) if self.in_between else self._record
        return self.before

    def _settle(self) -> None:
        """Two hosts may find the record stale at the same moment; the one that signed last wins."""
        time.sleep(SETTLE)
        try:
            again = self._open()
            try:
                self.check_host(again)
            finally:
                os.close(again)
        except OSError as error:
            raise system_failure(error, self.path) from error

    def _age(self, file: int, record: GateRecord) -> float:
        """Return the seconds since another host's sign of life, by the file system's own clock.

        The clocks of two hosts may differ by hours, those of two files in one folder do not.
        """
        try:
            with tempfile.TemporaryFile(dir=self.path.parent) as probe:
                probe.write(b"\0")
                probe.flush()
                now = os.fstat(probe.fileno()).st_mtime
            return now - os.fstat(file).st_mtime
        except OSError:
            return time.time() - record.beat

    def _sign_off(self, file: int) -> None:
        """Say in which state the files are left, unless another host has signed meanwhile."""
        try:
            self.check_host(file)
        except StoreElsewhere:
            return
        self._sign(file, writing=False)

    def _sign(self, file: int, *, writing: bool, before: GateRecord | None = None) -> None:
        """Write who is at work. Failing to (a full disk) keeps nobody from writing answers.

        Args:
            file: The descriptor of the gate's file.
            writing: Whether the gate goes on being held.
            before: Whose marks of the files are taken over; they are looked up if None.
        """
        try:
            held = os.fstat(file)
            if before is not None:
                database, journal, size = before.database, before.journal, before.pending
            else:
                database, journal, size = self._look_at_files()
            self._record = GateRecord(
                host=self._host,
                boot=self._boot,
                mount=held.st_dev,
                beat=time.time(),
                left=self.left and not writing,
                writing=writing,
                gate=held.st_ino,
                database=database,
                journal=journal,
                pending=size if self.pending else 0,
            )
            self._signed = self._owner + self._record.to_bytes()
            os.pwrite(file, self._signed, 0)
        except OSError:
            return

    def _look_at_files(self) -> tuple[FileMark | None, int | None, int]:
        """Return the mark of the database file, and inode and size of a journal that is not
        empty."""
        if self.marks is not None:
            database, journal = self.marks
        else:
            database, journal = mark_of(self._database), mark_of(f"{self._database}-wal")
        if journal is None or not journal.size:
            return database, None, 0
        return database, journal.inode, journal.size


def _read(file: int) -> bytes:
    os.lseek(file, 0, os.SEEK_SET)
    return os.read(file, SIZE)


class _Place:
    """A place in the queue for a lock: a thread that blocks; polling might never have its turn.

    It works on a duplicate, which shares the lock with the original. Whoever gives up closes the
    original; the lock, when it comes, then goes with the duplicate.
    """

    def __init__(self, file: int) -> None:
        self.reached = threading.Event()
        self.error: OSError | None = None
        self._file = os.dup(file)
        threading.Thread(target=self._stand, name="write gate", daemon=True).start()

    def _stand(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except OSError as error:
            self.error = error
        os.close(self._file)
        self.reached.set()


def _elsewhere(record: GateRecord, path: Path, age: float, *, same_boot: bool) -> StoreElsewhere:
    """Return the error for a database that another host is at work on."""
    who = f"host {record.host}"
    if same_boot:
        who = f"another mount of its folder on host {record.host}"
    return StoreElsewhere(
        f"the database is in use by {who}, {max(age, 0.0):.0f} s ago",
        where=str(path).removesuffix("-gate"),
        hint=f"Only one host at a time can use it: leave there, or wait until it has been silent "
        f"for {STALE:.0f} s",
    )


def _owner_line() -> bytes:
    """Return `pid command` of this process, always of one length: nothing of another is left."""
    command = " ".join(Path(part).name if "/" in part else part for part in sys.argv)
    words = " ".join(command.split()) or "python"
    line = f"{os.getpid()} {words}".encode("utf-8", "backslashreplace")[: OWNER - 1]
    return line.ljust(OWNER - 1) + b"\n"
