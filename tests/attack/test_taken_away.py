"""The open database, or its journal, is removed, renamed or exchanged while somebody annotates."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.proof.torture import COMMAND, write_source
from tests.session.annotator import Annotator, work, write_rows
from tests.store.support import identity, make_world, new_world
from tui_annotate.errors import StoreMoved
from tui_annotate.store.database import open_store

ENDINGS = ("", "-wal", "-shm")


def answers(database: Path) -> int:
    """Count the answers in a file, as any program would."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT count(*) FROM current").fetchone()[0])


def remove_all(path: Path) -> None:
    for ending in ENDINGS:
        Path(f"{path}{ending}").unlink()


def remove(ending: str) -> Callable[[Path], None]:
    return lambda path: Path(f"{path}{ending}").unlink()


def rename(path: Path) -> None:
    path.rename(path.with_name("old.db"))


def put_over(path: Path) -> None:
    (path.parent / "kept" / "backup.db").rename(path)


def exchange(ending: str) -> Callable[[Path], None]:
    def exchanged(path: Path) -> None:
        new = path.with_name("new")
        shutil.copy(f"{path}{ending}", new)
        new.rename(f"{path}{ending}")

    return exchanged


def rename_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def exchange_folder(path: Path) -> None:
    rename_folder(path)
    shutil.copytree(path.parent.with_name("elsewhere"), path.parent)


WAYS: dict[str, Callable[[Path], None]] = {
    "all of it removed": remove_all,
    "the database removed": remove(""),
    "the journal removed": remove("-wal"),
    "the index of the journal removed": remove("-shm"),
    "the database renamed": rename,
    "a backup put over it": put_over,
    "the journal exchanged": exchange("-wal"),
    "the index of the journal exchanged": exchange("-shm"),
    "the folder renamed": rename_folder,
    "the folder exchanged": exchange_folder,
}


@pytest.mark.quick
@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_nothing_is_written_into_the_void_and_all_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Callable[[Path], None]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "store"
    (folder / "kept").mkdir(parents=True)
    source = write_rows(tmp_path / "rows.jsonl", ["a", "b", "c", "d", "e"])
    with pytest.raises(StoreMoved), Annotator(folder, source) as anna:
        anna.answer()
        anna.store.admin.backup(folder / "kept" / "backup.db")
        anna.answer()
        anna.answer()
        way(folder / "a.db")
        files = {each for each in folder.rglob("*") if each.is_file()} if folder.exists() else set()
        before = {each: each.read_bytes() for each in files if each.suffix in (".db", ".db-wal")}
        for _ in range(3):
            with pytest.raises(StoreMoved, match=r"a\.db.* was (removed|exchanged)") as caught:
                anna.answer()
            assert anna.text == "d", "it stays on screen"
        assert {each: each.read_bytes() for each in before} == before
        copies = list(tmp_path.rglob("a.db.rescued-*"))
        assert len(copies) == 1, "made once"
        assert copies[0].name in str(caught.value)
        assert answers(copies[0]) == 3
        assert copies[0].stat().st_mode & 0o077 == 0
    # On leaving it is said again; what was kept goes on at the same task.
    assert copies[0].name in str(anna.store.taken_away)
    copies[0].rename(tmp_path / "a.db")
    assert work(tmp_path, source) == ["d", "e"]


@pytest.mark.quick
def test_what_is_found_after_the_commit_is_said_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    world = make_world(store := open_store(path))
    with pytest.raises(StoreMoved) as caught, store.write_txn():
        store.answers.record(world.answer(identity(1)))
        rename(path)
    (copy,) = tmp_path.glob("a.db.rescued-*")
    assert copy.name in str(caught.value)
    assert answers(copy) == 1
    (tmp_path / "old.db").rename(path)
    with pytest.raises(StoreMoved), store.write_txn():  # it would be answered twice
        pass
    store.close()
    assert answers(path) == 1


@pytest.mark.quick
def test_a_file_that_comes_back_is_written_again(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        rename(tmp_path / "a.db")
        with pytest.raises(StoreMoved), world.store.write_txn():
            pass
        (tmp_path / "old.db").rename(tmp_path / "a.db")
        with world.store.write_txn():
            world.store.answers.record(world.answer(identity(1)))
        assert world.store.taken_away is None
    assert answers(tmp_path / "a.db") == 1


@pytest.mark.quick
def test_what_others_do_in_order_is_no_alarm(tmp_path: Path) -> None:
    """Others open, write, empty the journal, close; the last one to close removes the journal."""
    path = tmp_path / "a.db"
    with new_world(path) as world:
        for number in range(40):
            with open_store(path) as other, other.write_txn():
                other.answers.record(world.answer(identity(2 * number)))
            with closing(sqlite3.connect(path)) as theirs:
                theirs.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            with world.store.write_txn():
                world.store.answers.record(world.answer(identity(2 * number + 1)))
            world.store.journal.tidy()
        assert world.store.taken_away is None
    assert not Path(f"{path}-wal").exists()
    assert answers(path) == 80


@pytest.mark.quick
@pytest.mark.parametrize("emptied", [False, True])
def test_a_backup_that_is_copied_over_it_in_place_is_noticed(tmp_path: Path, emptied: bool) -> None:
    """The file stays the same one, and what is read of it may look sound."""
    path = tmp_path / "a.db"
    world = make_world(store := open_store(path))
    for number in range(20):
        with store.write_txn():
            store.answers.record(world.answer(identity(number)))
        if number == 9:
            store.journal.tidy()
            store.admin.backup(tmp_path / "b.db")
    if emptied:
        store.journal.tidy()
    shutil.copyfile(tmp_path / "b.db", path)
    before = path.read_bytes()
    if not emptied:  # the journal has all that was exchanged, and puts it back
        with store.write_txn():
            store.answers.record(world.answer(identity(99)))
        store.close()
        assert answers(path) == 21
        with open_store(path) as again:
            assert again.admin.check(full=True) == []
        return
    for _ in range(2):
        with pytest.raises(StoreMoved, match=r"a\.db was overwritten"), store.write_txn():
            store.answers.record(world.answer(identity(99)))
    store.close()
    assert path.read_bytes() == before, "what was put there is left as it is"


@pytest.mark.quick
def test_another_program_may_write_to_it(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        for number in range(5):
            with world.store.write_txn():
                world.store.answers.record(world.answer(identity(number)))
            with closing(sqlite3.connect(tmp_path / "a.db")) as theirs, theirs:
                theirs.execute("UPDATE sessions SET closed_at = 1")
                theirs.execute("COMMIT")
                theirs.execute("PRAGMA wal_checkpoint").fetchall()
        assert world.store.taken_away is None
    assert answers(tmp_path / "a.db") == 5


@pytest.mark.quick
def test_the_copy_goes_where_there_is_room_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "deep").mkdir()
    world = make_world(store := open_store(tmp_path / "deep" / "a.db"))
    with store.write_txn():
        store.answers.record(world.answer(identity(1)))
    shutil.rmtree(tmp_path / "deep")
    with pytest.raises(StoreMoved) as caught, store.write_txn():
        pass
    (copy,) = (tmp_path / "state" / "tui-annotate").glob("a.db.rescued-*")
    assert str(copy) in str(caught.value)
    store.close()
    assert answers(copy) == 1


@pytest.mark.terminal
@pytest.mark.parametrize("way", ["all of it removed", "a backup put over it"])
def test_the_screen_says_so_and_names_the_copy(
    tmp_path: Path, home: Path, annotate: StartsTerminal, headless: RunsHeadless, way: str
) -> None:
    write_source(tmp_path, 20)
    database = home / "data" / "tui-annotate" / "annotations.db"
    (database.parent / "kept").mkdir(parents=True)
    with annotate(*COMMAND, cwd=tmp_path) as terminal:
        terminal.wait_for("row000001")
        terminal.type("a a a")
        assert headless("backup", database.parent / "kept" / "backup.db").returncode == 0
        terminal.type("a a")
        WAYS[way](database)
        terminal.type("a")
        text = terminal.wait_for("not saved, a tries again")
        (copy,) = database.parent.glob("annotations.db.rescued-*")
        assert copy.name in re.sub(r"\n", "", text)
        assert "row000006" in text
        assert answers(copy) == 5
        terminal.type("x")
        assert "row000006" in terminal.wait_for("not saved, x tries again")
        terminal.type("q")
        assert "all saved" not in terminal.wait_for("not saved here")
        terminal.type("q")
        assert terminal.wait_exit() == 1
        last = re.sub(r"\n", "", terminal.screen_text())
        assert copy.name in last
        assert "saved to set" not in last
    assert len(list(database.parent.glob("annotations.db.rescued-*"))) == 1
