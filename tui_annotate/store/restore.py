"""Puts a backup in the place of the database: both are checked, and the old one is set aside."""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from tui_annotate.errors import StoreCorrupt, StoreError, StoreLocked, StoreMoved, StoreTooNew
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store import schema
from tui_annotate.store.connect import check_links, connect, guarded, stoppable
from tui_annotate.store.dialect.sqlite import is_open
from tui_annotate.store.error_mapping import is_busy, system_failure
from tui_annotate.store.gate_record import mark_of
from tui_annotate.store.journal import check_pair
from tui_annotate.store.migrate import (
    HEAD,
    check_head,
    check_ours,
    copy_database,
    is_newer,
    sync_folder,
)
from tui_annotate.store.sqlite_binding import sqlite3
from tui_annotate.store.write_lock import Gate, Wait
from tui_annotate.text.safe import shell_command
from tui_annotate.unfinished_files import remove_stale
from tui_annotate.waiting import here

_JOURNALS = ("-wal", "-journal", "-shm")

_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510
"""The bytes that the engine locks in every file that it has open in WAL mode."""

Tell = Callable[[str], None]
"""Told what is about to be done, where that may take long."""


class Restored(NamedTuple):
    """What was done.

    Attributes:
        database: The database, as it can be opened now.
        answers: How many answers stand in it.
        aside: Where the file before is now; None where there was none.
        answers_before: How many stand in that; None where it cannot be read.
        journals: Journals that did not belong to their file, where they are now.
    """

    database: Path
    answers: int
    aside: Path | None
    answers_before: int | None
    journals: tuple[Path, ...]


def restore(
    source: Path,
    target: Path,
    *,
    tell: Tell = lambda _: None,
    wait: Wait | None = None,
    timeout: float = 30.0,
) -> Restored:
    """Put a copy of `source` in the place of the database `target`. Nothing is overwritten.

    Args:
        source: A backup, which is left as it is. The database itself is taken as it stands, and a
            journal beside it that is not its own is set aside.
        target: The database; it need not be there.
        tell: Told what is done.
        wait: Told for whom one waits.
        timeout: Seconds to wait for others.

    Raises:
        StoreCorrupt: `source` is damaged, or no database.
        StoreTooNew: It was written by a newer version of this program.
        StoreLocked: Somebody has the database open.
        StoreError: It cannot be read or written. Whatever the reason, the database is as it was.
    """
    check_links(target)
    source, target = Path(os.path.realpath(source)), Path(os.path.realpath(target))
    _check_plain(source)
    _check_head(source)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise system_failure(error, target.parent) from error
    if target.exists():
        _check_plain(target)
        if not Path(f"{target}-gate").exists():  # else it is ours, however damaged it may be
            _check_head(target)
    gate = Gate(Path(f"{target}-gate"))
    with gate.hold(wait, timeout):
        _check_closed(target)
        if source == target:
            return _take_as_it_is(target, tell)
        return _exchange(source, target, gate, tell)


def _exchange(source: Path, target: Path, gate: Gate, tell: Tell) -> Restored:
    _remove_left(source, target)
    new = target.with_name(f"{_new(target)}{os.getpid()}")
    made_index = not Path(f"{source}-shm").exists()
    try:
        tell(f"checking {source}")
        with guarded(source):
            old = _connect_backup(source)
        with closing(old):
            answers = _check(old, source)
            tell(f"copying it to {target}")
            copy_database(old, new, target, f"copying {source.name}")
        with guarded(new):
            copied = connect(new, "mode=ro&immutable=1")
        with closing(copied):
            _check(copied, new)
        before, own = _fold(target, gate, tell)
        aside, journals = _swap(new, target, own=own)
    finally:
        new.unlink(missing_ok=True)
        if made_index:
            Path(f"{source}-shm").unlink(missing_ok=True)
    return Restored(target, answers, aside, before, journals)


def _new(target: Path) -> str:
    """Return how the name begins under which the copy of a backup is made."""
    return f".{target.name}.restoring-"


def _remove_left(source: Path, target: Path) -> None:
    """Remove what a `restore` that was killed has left; the gate is held, so no other one runs."""
    for start in (_new(target), f".{_new(target)}"):
        if not source.name.startswith(start):
            remove_stale(target.parent, start)
    for each in target.parent.glob(f"{glob.escape(target.name)}.replaced-*"):
        if target.exists() and each.samefile(target):  # a second name, given just before the kill
            each.unlink()


def _swap(new: Path, target: Path, *, own: bool) -> tuple[Path | None, tuple[Path, ...]]:
    """Put the new file in the database's place, and set aside what was there.

    The name of the database always stands for one of the two: who is killed in between leaves no
    gap, which would be taken for a database that nobody has begun yet. An error or a signal takes
    back what was done.

    Args:
        new: The new file, in the same folder.
        target: The database, which need not be there.
        own: Whether the journals beside it are its own, and go with it.

    Returns:
        Where the file before and the journals that were not its own are now.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    if not target.exists():
        journals = _set_aside(target, f"journal-{stamp}", _JOURNALS)
        put(new, target)
        return None, journals
    aside = _free(target, f"replaced-{stamp}", ("", *_JOURNALS))
    before = mark_of(str(target))
    moved: list[tuple[Path, Path]] = []
    try:
        has_second_name = _second_name(target, aside)
        # The engine finds a journal by the name of its database: one that is the old file's own
        # goes with it, another one must stand beside neither of the two.
        beside = aside if own else _free(target, f"journal-{stamp}", _JOURNALS)
        for ending in _JOURNALS:
            here, there = Path(f"{target}{ending}"), Path(f"{beside}{ending}")
            if os.path.lexists(here):
                moved.append((here, there))  # before it is: a signal may come in between
                here.rename(there)
        if has_second_name:
            if mark_of(str(target)) != before:
                raise StoreError("somebody has put a file there meanwhile", where=str(target))
            new.rename(target)  # in one step, as the old file has its other name already
        else:
            target.rename(aside)
            put(new, target)
        sync_folder(target.parent)
    except BaseException as error:
        # As long as the new file has its first name, nothing was exchanged for good.
        if new.exists():
            _take_back(target, aside, moved)
        if isinstance(error, OSError):
            raise system_failure(error, target) from error
        raise
    return aside, () if own else tuple(there for _, there in moved)


def _second_name(target: Path, aside: Path) -> bool:
    """Give the database a second name; False on a file system without links."""
    try:
        os.link(target, aside)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise
        return False
    return True


def _take_back(target: Path, aside: Path, moved: Sequence[tuple[Path, Path]]) -> None:
    """Undo an exchange that was not finished: the new file has not got its name."""
    if not target.exists() and aside.exists():
        aside.rename(target)
    for origin, there in reversed(moved):
        if there.exists() and not os.path.lexists(origin):
            there.rename(origin)
    if aside.exists() and target.exists() and aside.samefile(target):
        aside.unlink()


def _take_as_it_is(target: Path, tell: Tell) -> Restored:
    """Go on with a database file whose journal is lost, or is another one's."""
    tell(f"checking {target}")
    with guarded(target):
        db = connect(target, "mode=ro&immutable=1")
    with closing(db):
        answers = _check(db, target)
    journals = _set_aside(target, f"journal-{time.strftime('%Y%m%d-%H%M%S')}", _JOURNALS)
    return Restored(target, answers, None, None, journals)


def _check_plain(path: Path) -> None:
    if not path.exists():
        raise StoreError("there is no such file", where=str(path), hint="Name a backup")
    if not path.is_file():
        raise StoreError("it is no plain file", where=str(path), hint="Name a backup")
    if is_open(path):
        raise StoreLocked("this program has the database open", where=str(path))


def _check_head(path: Path) -> None:
    try:
        with path.open("rb") as opened:
            check_head(opened.read(HEAD), path)
    except OSError as error:
        raise system_failure(error, path) from error


def _check_closed(target: Path) -> None:
    """Refuse while another program has the database open.

    Where the journal is not a WAL nobody locks it between two writes; whoever has it open then
    finds out with the next one, because each write looks for the file first.
    """
    if not target.exists():
        return
    try:
        file = os.open(target, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise system_failure(error, target) from error
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
    except OSError:
        raise StoreLocked(
            "another program has the database open",
            where=str(target),
            hint="Nothing was changed; leave all sessions first, then restore",
        ) from None
    finally:
        os.close(file)


def _connect_backup(source: Path) -> sqlite3.Connection:
    """Connect to a backup so that nothing is written to it, or left beside it."""
    journal = mark_of(f"{source}-wal")
    if journal is None or not journal.size:
        return connect(source, "mode=ro&immutable=1")
    backup_gate = Gate(Path(f"{source}-gate"))
    backup_gate.look(lambda before, inode: check_pair(source, before, inode))
    return connect(source, "mode=ro")


def _check(db: sqlite3.Connection, path: Path) -> int:
    """Return how many answers stand in a sound database of ours.

    Raises:
        StoreError: It is none.
    """
    with guarded(path):
        if not check_ours(db, path):
            raise StoreError("it holds no answers: it is empty", where=str(path))
        if is_newer(db, schema.MIGRATIONS):
            raise StoreTooNew(
                "it was written by a newer version of this program",
                where=str(path),
                hint="Update tui-annotate first",
            )
        with here().on(f"looking whether {path.name} is sound"), stoppable(db):
            problems = [str(row[0]) for row in db.execute("PRAGMA integrity_check")]
        if problems != ["ok"]:
            variable = shell_command((f"TUI_ANNOTATE_DB={path}",)) or "TUI_ANNOTATE_DB=FILE"
            raise StoreCorrupt(
                f"it is damaged ({problems[0]})",
                where=str(path),
                hint="Take an older backup; or `tui-annotate doctor --recover NEW_FILE` with "
                f"{variable}, and restore that",
            )
        return int(db.execute("SELECT count(*) FROM current").fetchone()[0])


def _fold(target: Path, gate: Gate, tell: Tell) -> tuple[int | None, bool]:
    """Move the journal of a sound database into its file, so that one file is set aside.

    Returns:
        How many answers stand in it; None where it is left as it is, because it is damaged, its
        journal is not its own, or it is not there. And whether the journal is its own.
    """
    database = mark_of(str(target))
    if database is None or not database.size:
        return None, False
    tell(f"checking {target}")
    try:
        gate.look(lambda _, inode: check_pair(target, gate.before, inode))
    except StoreMoved:
        return None, False
    try:
        with closing(connect(target, "mode=ro")) as db:
            answers = _check(db, target)
        with closing(connect(target, "mode=rw")) as db:
            db.execute("PRAGMA journal_mode = DELETE").fetchall()
    except sqlite3.Error as error:
        if is_busy(error):
            raise StoreLocked("another program has the database open", where=str(target)) from None
        return None, True
    except StoreError:
        return None, True
    return answers, True


def _free(target: Path, end: str, endings: Sequence[str]) -> Path:
    """Return a name beside the database, with `end` behind its own, that no file has."""
    name = f"{target.name}.{end}"
    if any(os.path.lexists(target.with_name(f"{name}{ending}")) for ending in endings):
        name = f"{name}-{os.getpid()}"
    return target.with_name(name)


def _set_aside(target: Path, end: str, endings: Sequence[str]) -> tuple[Path, ...]:
    """Give journals of the database other names, and return those.

    Args:
        target: The database.
        end: What is put behind its name.
        endings: Of the files; those that are missing are left out.
    """
    name = _free(target, end, endings)
    moved = []
    try:
        for ending in endings:
            file = Path(f"{target}{ending}")
            if os.path.lexists(file):
                moved.append(file.rename(f"{name}{ending}"))
    except OSError as error:
        raise system_failure(error, target) from error
    return tuple(moved)


def put(new: Path, target: Path) -> None:
    """Give a new file the name of a database, unless something is there.

    Raises:
        StoreError: There is a file of that name, or it cannot be written.
    """
    try:
        try:
            os.link(new, target)
        except FileExistsError:
            raise StoreError("somebody has put a file there meanwhile", where=str(target)) from None
        except OSError:  # a file system without links
            new.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise system_failure(error, target) from error
