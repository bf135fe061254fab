"""Copies what an open connection can still read after its database file has been deleted."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tui_annotate.data_paths import state_folder
from tui_annotate.errors import StoreError
from tui_annotate.store.connect import connect
from tui_annotate.store.migrate import copy_database
from tui_annotate.store.sqlite_binding import sqlite3
from tui_annotate.store.write_lock import Wait

_STEPS = 200_000
"""Steps of the engine between two looks at the clock: a few milliseconds."""

_TELL_EVERY = 0.2


def rescue(db: sqlite3.Connection, path: Path, wait: Wait | None = None) -> Path:
    """Write everything that `db` can read to a new file, durable when this returns.

    The file is never opened a second time: what has lost its name could not be, and closing a
    second descriptor of a file takes the locks from the first.

    Args:
        db: A connection outside of any transaction.
        path: Where its file was opened: the copy goes beside it if it can, else to the folder for
            crash reports, the home folder, or the one for temporary files.
        wait: Told again and again what is going on, while it takes long.

    Returns:
        The copy, as readable as the file was, or by its owner alone.

    Raises:
        StoreError: It cannot be read, or there is no room in any of these places; or `wait` gave
            up.
    """
    short = os.fsdecode(os.fsencode(path.name)[:150])
    name = f"{short}.rescued-{time.strftime('%Y%m%d-%H%M%S')}"
    failure: StoreError | None = None
    for folder in _folders(path):
        teller = _Teller(wait)
        db.set_progress_handler(teller.step, _STEPS)
        target = folder / name
        if os.path.lexists(target):  # of somebody else who found it out in the same second
            target = folder / f"{name}-{os.getpid()}"
        try:
            copy_database(db, target, path, None)
            return target
        except StoreError as error:
            if teller.gave_up is not None:
                raise teller.gave_up from error
            failure = failure or error
        finally:
            db.set_progress_handler(None, 0)
    assert failure is not None
    raise failure


def is_sound(copy: Path) -> bool:
    """Return whether a copy is a database without damage."""
    try:
        db = connect(copy, "mode=ro")
        try:
            return [tuple(row) for row in db.execute("PRAGMA quick_check")] == [("ok",)]
        finally:
            db.close()
    except sqlite3.Error:
        return False


def _folders(path: Path) -> Iterator[Path]:
    if path.parent.is_dir():
        yield path.parent
    state = state_folder()
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield state
    except OSError:
        pass
    yield from (Path.home(), Path(tempfile.gettempdir()))


class _Teller:
    """Tells now and then that the copy is being written, for an engine that counts its steps."""

    def __init__(self, wait: Wait | None) -> None:
        self.gave_up: BaseException | None = None
        self._wait = wait
        self._told = time.monotonic()

    def step(self) -> int:
        """Return 0, or 1 to have the engine give up."""
        now = time.monotonic()
        if self._wait is None or now - self._told < _TELL_EVERY:
            return 0
        self._told = now
        try:
            self._wait("the copy of all that was saved")
        except BaseException as error:
            self.gave_up = error
            return 1
        return 0
