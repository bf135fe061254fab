"""Backups are put in the place of a database: by hand, which is refused, and by `restore`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.attack.test_taken_away import answers
from tests.conftest import RunsHeadless
from tests.store.support import identity, make_world, new_world
from tui_annotate.errors import StoreCorrupt, StoreError, StoreLocked, StoreMoved
from tui_annotate.store.database import open_store
from tui_annotate.store.restore import restore

_KILLED = """
import os, signal, sys
from tests.attack.test_restoring import fill
store = fill(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def fill(path: str, first: int, last: int) -> object:
    """Answer tasks, and leave the database open."""
    store = open_store(path)
    world = make_world(store)
    for number in range(first, last):
        with store.write_txn():
            store.answers.record(world.answer(identity(number)))
    return store


def killed(path: Path, first: int, last: int) -> None:
    """Answer tasks in a process that is killed, so that they are in the journal alone."""
    command = [sys.executable, "-c", _KILLED, str(path), str(first), str(last)]
    assert subprocess.run(command, check=False).returncode == -9
    assert Path(f"{path}-wal").stat().st_size > 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with 2 answers in a backup `b.db`, and 3 more in the journal of a killed one."""
    path = tmp_path / "store" / "a.db"
    path.parent.mkdir()
    with new_world(path) as world:
        for number in (1, 2):
            with world.store.write_txn():
                world.store.answers.record(world.answer(identity(number)))
        world.store.admin.backup(tmp_path / "b.db")
    killed(path, 3, 6)
    return path


def content(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder but the gate's and the journal's index, which readers change."""
    files = (each for each in folder.iterdir() if not each.name.endswith(("-gate", "-shm")))
    return {each.name: each.read_bytes() for each in files}


def test_a_backup_moved_over_a_stale_journal_is_not_opened(tmp_path: Path, path: Path) -> None:
    shutil.copy(tmp_path / "b.db", tmp_path / "c.db")
    (tmp_path / "c.db").rename(path)
    before = content(path.parent)
    for _ in range(2):
        with pytest.raises(StoreMoved, match="belongs to another database file"):
            open_store(path)
        with pytest.raises(StoreMoved, match="tui-annotate restore FILE"):
            open_store(path, readonly=True)
    assert content(path.parent) == before
    done = restore(tmp_path / "b.db", path)
    assert (done.answers, answers(path)) == (2, 2)
    assert done.journals, "what may still be in it is kept"
    assert done.aside is not None
    assert not Path(f"{done.aside}-wal").exists(), "it is not the journal of that file"
    assert {each.read_bytes() for each in path.parent.iterdir()} >= set(before.values())


def test_restore_keeps_the_database_before_with_its_journal(tmp_path: Path, path: Path) -> None:
    done = restore(tmp_path / "b.db", path)
    assert (done.answers, done.answers_before) == (2, 5)
    assert done.aside is not None
    assert answers(done.aside) == 5
    with open_store(path) as store:
        assert store.answers.counts(1)["accept"] == 2
    assert path.stat().st_mode & 0o077 == 0
    assert restore(done.aside, path).answers == 5, "and back"


def test_a_missing_database_with_its_journal_is_not_made_anew(tmp_path: Path, path: Path) -> None:
    path.rename(tmp_path / "away.db")
    journal = Path(f"{path}-wal").read_bytes()
    with pytest.raises(StoreMoved, match="missing, but its journal is there"):
        open_store(path)
    assert Path(f"{path}-wal").read_bytes() == journal
    (tmp_path / "away.db").rename(path)
    with open_store(path) as store:
        assert store.answers.counts(1)["accept"] == 5


def test_a_journal_that_was_removed_is_missed(path: Path) -> None:
    kept = Path(f"{path}-wal").rename(path.with_name("kept"))
    with pytest.raises(StoreMoved, match="which held the newest answers, was removed"):
        open_store(path)
    kept.rename(Path(f"{path}-wal"))
    with open_store(path) as store:
        assert store.answers.counts(1)["accept"] == 5


@pytest.mark.parametrize("part", [0.0, 0.5, 0.99])
def test_a_journal_that_was_cut_short_is_missed_too(path: Path, part: float) -> None:
    journal = f"{path}-wal"
    os.truncate(journal, int(Path(journal).stat().st_size * part))
    with pytest.raises(StoreMoved, match="was removed or cut short"):
        open_store(path)


@pytest.mark.parametrize("how", ["copied over", "without the gate", "with the journal"])
def test_a_journal_that_does_not_fit_is_not_played_back(
    tmp_path: Path, path: Path, how: str
) -> None:
    """`cp` leaves the inode, and nothing else is left that says which file a journal belongs to."""
    killed(path, 6, 200)
    open_store(path).close()
    with open_store(path) as store:
        store.admin.backup(tmp_path / "c.db")
    killed(path, 200, 400)
    if how == "copied over":
        path.write_bytes((tmp_path / "b.db").read_bytes())
    else:
        shutil.copy(tmp_path / "b.db", tmp_path / "d.db")
        (tmp_path / "d.db").rename(path)
    if how == "without the gate":
        Path(f"{path}-gate").unlink()
    elif how == "with the journal":
        shutil.copy(f"{path}-wal", tmp_path / "d.db-wal")
        (tmp_path / "d.db-wal").rename(f"{path}-wal")
    before = content(path.parent)
    for readonly in (True, False):
        with pytest.raises(StoreMoved, match="does not fit the database file"):
            open_store(path, readonly=readonly)
    assert content(path.parent) == before
    done = restore(tmp_path / "c.db", path)
    assert (done.answers, answers(path)) == (199, 199)
    assert done.journals, "what may still be in it is kept"


def test_one_may_go_on_without_a_lost_journal(path: Path) -> None:
    Path(f"{path}-wal").unlink()
    done = restore(path, path)
    assert done.aside is None
    with open_store(path) as store:
        assert store.answers.counts(1)["accept"] == done.answers == 2


def test_copies_of_the_whole_folder_open_as_before(tmp_path: Path, path: Path) -> None:
    shutil.copytree(path.parent, tmp_path / "copy")
    shutil.copytree(path.parent, tmp_path / "without", ignore=shutil.ignore_patterns("*-gate"))
    for folder in ("copy", "without"):
        with open_store(tmp_path / folder / "a.db") as store:
            assert store.answers.counts(1)["accept"] == 5


def test_file_and_journal_that_were_put_there_together_open(tmp_path: Path, path: Path) -> None:
    shutil.copytree(path.parent, tmp_path / "copy")
    for ending in ("", "-wal"):
        (tmp_path / "copy" / f"a.db{ending}").replace(f"{path}{ending}")
    Path(f"{path}-shm").unlink()
    with open_store(path) as store:
        assert store.answers.counts(1)["accept"] == 5


def test_while_somebody_annotates_nothing_is_restored(tmp_path: Path, path: Path) -> None:
    command = [sys.executable, "-m", "tests.store.worker", "race", str(path), "1"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        before = content(path.parent)
        with pytest.raises(StoreLocked, match="has the database open"):
            restore(tmp_path / "b.db", path)
        assert content(path.parent) == before
        other.kill()
    with open_store(path), pytest.raises(StoreLocked):
        restore(tmp_path / "b.db", path)


def test_what_is_no_sound_backup_changes_nothing(tmp_path: Path, path: Path) -> None:
    damaged = bytearray((tmp_path / "b.db").read_bytes())
    damaged[8192:12288] = b"\xff" * 4096
    (tmp_path / "damaged.db").write_bytes(damaged)
    (tmp_path / "text").write_text("no database at all, " * 20)
    before = content(path.parent)
    for name, kind in (("damaged.db", StoreCorrupt), ("text", StoreCorrupt), ("no", StoreError)):
        with pytest.raises(kind):
            restore(tmp_path / name, path)
        assert content(path.parent) == before
    assert {each.name for each in tmp_path.iterdir()} == {"store", "b.db", "damaged.db", "text"}


def test_a_damaged_database_is_set_aside_as_it_is(tmp_path: Path, path: Path) -> None:
    path.write_bytes(b"\0" * 5000)
    before = content(path.parent)
    done = restore(tmp_path / "b.db", path)
    assert (done.answers, done.answers_before) == (2, None)
    assert {each.read_bytes() for each in path.parent.iterdir()} >= set(before.values())


@pytest.mark.parametrize("nth", range(1, 6))
def test_wherever_it_fails_both_are_kept(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    """The n-th change of a name fails; the database before is in its place, or beside it."""
    count = 0
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == nth:
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with suppress(StoreError):
        restore(tmp_path / "b.db", path)
    monkeypatch.undo()
    found = [each for each in path.parent.glob("a.db*") if "-" not in each.name.partition(".db")[2]]
    found += list(path.parent.glob("a.db.replaced-*"))
    assert 5 in [answers(each) for each in found if each.suffix != ".db-gate"]
    assert answers(tmp_path / "b.db") == 2


def test_the_command(tmp_path: Path, home: Path, headless: RunsHeadless) -> None:
    database = home / "data" / "tui-annotate" / "annotations.db"
    with new_world(database) as world, world.store.write_txn():
        world.store.answers.record(world.answer(identity(1)))
    assert headless("backup", tmp_path / "b.db").returncode == 0
    killed(database, 2, 4)
    done = headless("restore", tmp_path / "b.db")
    assert done.returncode == 0
    assert "the database before, with 3 answers, is " in done.stderr
    assert f"{database} has 1 answers" in done.stderr
    assert headless("stats", "set").returncode == 0
    refused = headless("restore", tmp_path / "nothing.db")
    assert refused.returncode != 0
    assert answers(database) == 1
