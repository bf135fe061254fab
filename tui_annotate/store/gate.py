"""The write gate: one `flock` on a file beside the database, held for each write transaction.

SQLite's own busy handler is unfair; the kernel wakes those who wait in turn. The gate also keeps
a checkpoint of one process away from a write of another, which older engines get wrong. The lock
is never broken: whoever waits is told for whom, and may give up.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from tui_annotate.store.failures import locked, system_failure

Wait: TypeAlias = Callable[[str], None]
"""Told for whom one waits, again and again while one does; may raise to give up."""

_REFUSED = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL}
_TAKEN = {errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK}
_RECORD = 240
_TELL_EVERY = 0.2


class Gate:
    """The gate of one database.

    Args:
        path: The lock file. It is made with mode 0600 when it is first needed, and stays.

    Attributes:
        refused: Whether the file system was found to refuse `flock`; then the database's own
            lock has to do.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.refused = False
        self._record = _owner_record()

    @contextmanager
    def hold(self, wait: Wait | None = None, timeout: float = 30.0) -> Iterator[None]:
        """Hold the gate.

        Args:
            wait: Called with the owner's description every 0.2 s while somebody else holds it.
            timeout: How long to wait, in seconds.

        Raises:
            StoreLocked: Somebody else held it for longer than `timeout`.
            StoreReadOnly, StoreFull, StoreUnavailable: The lock file cannot be had.
        """
        file = self._open()
        try:
            if not self._try(file):
                self._queue(file, wait, timeout)
            if not self.refused:
                _sign(file, self._record)
            yield
        finally:
            os.close(file)

    def owner(self) -> str:
        """Return who holds the gate, or held it last, as `process 4711 (command)`."""
        try:
            text = self.path.read_bytes()[:_RECORD].decode("utf-8", "replace").strip()
        except OSError:
            text = ""
        process, _, command = text.partition(" ")
        return f"process {process} ({command})" if command else "another process"

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            return os.open(self.path, flags, 0o600)
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

    def _queue(self, file: int, wait: Wait | None, timeout: float) -> None:
        """Stand in the kernel's queue, and report while standing there."""
        place = _Place(file)
        deadline = time.monotonic() + timeout
        while not place.reached.wait(min(_TELL_EVERY, max(0.0, deadline - time.monotonic()))):
            if wait is not None:
                wait(self.owner())
            if time.monotonic() >= deadline:
                raise locked(self.owner(), self.path)
        if place.error is not None:
            raise system_failure(place.error, self.path)


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


def _sign(file: int, record: bytes) -> None:
    """Write who holds the lock. It only serves messages, so failing to (a full disk) is no harm."""
    try:
        os.pwrite(file, record, 0)
    except OSError:
        return


def _owner_record() -> bytes:
    """Return `pid command` of this process, always of one length: nothing of another is left."""
    command = " ".join(Path(part).name if "/" in part else part for part in sys.argv)
    words = " ".join(command.split()) or "python"
    line = f"{os.getpid()} {words}".encode("utf-8", "backslashreplace")[: _RECORD - 1]
    return line.ljust(_RECORD - 1) + b"\n"
