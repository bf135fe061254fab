"""Opening: modes, foreign and damaged files, upgrades, read-only, network file systems."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
import sqlite_utils.utils as theirs
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from tests.store.support import identity, make_world, new_world
from tests.support.engines import open_store
from tui_annotate.errors import StoreCorrupt, StoreError, StoreFull, StoreReadOnly, StoreTooNew
from tui_annotate.store import database, schema
from tui_annotate.store.connect import filesystem_of, is_network
from tui_annotate.store.database import Store
from tui_annotate.store.sqlite_binding import sqlite3 as ours

pytestmark = [pytest.mark.quick, pytest.mark.files_only]


def test_everything_made_is_private_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "a.db"
    before = os.umask(0)
    try:
        with new_world(path):
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert set(modes) == {"a.db", "a.db-wal", "a.db-shm", "a.db-gate"}
    assert set(modes.values()) == {0o600}
    for folder in (path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_saved_means_saved(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        first = world.store._connection.first
        pragmas = ("synchronous", "foreign_keys", "trusted_schema", "cell_size_check")
        assert [first(f"PRAGMA {name}") for name in pragmas] == [(2,), (1,), (0,), (1,)]
        assert world.store.journal_mode == "wal"


def test_a_killed_creation_is_taken_up_again(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.touch(0o600)
    with new_world(path) as world:
        assert world.dataset.id == 1


def test_a_missing_store_is_not_made_unasked(tmp_path: Path) -> None:
    for create, readonly in ((False, False), (True, True)):
        with pytest.raises(StoreError, match="no such database"):
            open_store(tmp_path / "a.db", create=create, readonly=readonly)
    assert list(tmp_path.iterdir()) == []


def test_other_files_are_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no database at all, but long enough to have a header " * 4)
    with pytest.raises(StoreCorrupt, match="not an SQLite database"):
        open_store(text)
    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as plain:
        plain.execute("CREATE TABLE theirs (x)")
    plain.close()
    before = foreign.read_bytes()
    with pytest.raises(StoreError, match="another program's"):
        open_store(foreign)
    assert foreign.read_bytes() == before


def test_one_file_has_one_gate_by_whatever_name(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with open_store(tmp_path / "link" / "a.db") as store:
        assert store.path == tmp_path / "real" / "a.db"


def tables(store: Store) -> set[str]:
    """Return the names of all tables."""
    found = store._connection.db.execute("SELECT name FROM sqlite_master").fetchall()
    return {row[0] for row in found}


def newer(*, fails: bool = False, adds: bool = False) -> dict[str, Callable[[Database], None]]:
    """Return the migrations of a later version; with `adds` older ones may go on writing."""

    def m901_more(db: Database) -> None:
        db.execute("CREATE TABLE more (id INTEGER PRIMARY KEY)")

    def m902_most(db: Database) -> None:
        db.execute("ALTER TABLE datasets ADD COLUMN extra TEXT")
        if fails:
            raise sqlite3.OperationalError("database or disk is full")
        if not adds:
            db.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 2}")

    return {**schema.MIGRATIONS, "m901_more": m901_more, "m902_most": m902_most}


def test_an_upgrade_makes_a_backup_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    with new_world(path) as world:
        assert world.store.backup is None
    monkeypatch.setattr(schema, "MIGRATIONS", newer())
    with open_store(path) as store:
        assert store.backup == tmp_path / "a.db.before-m901_more"
        assert store.admin.find_dataset("set") is not None
        assert "more" in tables(store)
    monkeypatch.undo()
    with open_store(tmp_path / "a.db.before-m901_more") as old:
        assert not old.too_new
        assert old.admin.find_dataset("set") is not None


def test_a_failing_upgrade_leaves_the_old_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    with new_world(path):
        pass
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", newer(fails=True))
        with pytest.raises(StoreFull):
            open_store(path)
    with open_store(path) as store:
        assert not store.too_new
        assert "more" not in tables(store)


def test_a_newer_store_opens_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", newer())
        with new_world(path):
            pass
    for readonly in (False, True):
        with open_store(path, readonly=readonly) as store:
            assert store.readonly and store.too_new
            assert store.admin.find_dataset("set") is not None
            with pytest.raises(StoreTooNew, match="newer version"), store.write_txn():
                pass


def test_a_newer_store_that_only_has_more_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", newer(adds=True))
        with new_world(path):
            pass
    with new_world(path) as world:
        assert not world.store.too_new and world.store.backup is None
        with world.store.write_txn():
            world.store.answers.record(world.answer(identity(1)))


def test_read_only_reads_and_refuses(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with new_world(path) as world:
        with world.store.write_txn():
            world.store.answers.record(world.answer(identity(1)))
        with open_store(path, readonly=True) as store:
            assert store.answers.counts(1)["accept"] == 1
            with pytest.raises(StoreReadOnly), store.write_txn():
                pass


def test_the_engine_is_the_one_that_sqlite_utils_has() -> None:
    assert ours is vars(theirs)["sqlite3"]


def test_tables_are_made_without_loading_pandas_and_a_recipe_can_load_it_later(
    tmp_path: Path,
) -> None:
    for name in ("numpy", "pandas"):
        (tmp_path / f"{name}.py").write_text("loaded = True\n")
    code = f"""
import sys
from pathlib import Path
from tui_annotate.store.database import open_store
sys.path.insert(0, {str(tmp_path)!r})
with open_store(Path({str(tmp_path / "a.db")!r})):
    assert "sqlite_utils" in sys.modules
    assert not {{"numpy", "pandas"}} & {{*sys.modules}}
import numpy, pandas
assert numpy.loaded and pandas.loaded
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_account_of_migrations_is_that_of_sqlite_utils(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with new_world(path) as world:
        set_of_ours = Migrations(schema.SET)
        for name, step in schema.MIGRATIONS.items():
            set_of_ours(name=name)(step)
        db = Database(world.store._connection.db, execute_plugins=False)
        assert [each.name for each in set_of_ours.applied(db)] == list(schema.MIGRATIONS)
        assert set_of_ours.pending(db) == []


def test_an_old_engine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MINIMUM_SQLITE", (99, 1, 0))
    with pytest.raises(StoreError, match=r"99\.1\.0 or newer is needed"):
        open_store(tmp_path / "a.db")


def test_all_of_it_works_on_one_other_thread(tmp_path: Path) -> None:
    done: list[int] = []

    def work() -> None:
        with new_world(tmp_path / "a.db") as world, world.store.write_txn():
            done.append(world.store.answers.record(world.answer(identity(1))))

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert done == [1]


TABLE = """\
21 1 8:1 / / rw - ext4 /dev/sda rw
22 21 0:5 / /home rw shared:1 - nfs4 server:/home rw
23 22 0:6 / /home/a\\040b rw - fuse.sshfs host:/ rw
24 21 0:7 / /homestead rw - xfs /dev/sdb rw
"""


@pytest.mark.parametrize(
    ("path", "kind", "network"),
    [
        ("/srv/a.db", "ext4", False),
        ("/home/anna/a.db", "nfs4", True),
        ("/home/a b/a.db", "fuse.sshfs", True),
        ("/homestead/a.db", "xfs", False),
    ],
)
def test_the_file_system_is_told(tmp_path: Path, path: str, kind: str, network: bool) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(TABLE)
    assert filesystem_of(Path(path), table) == kind
    assert is_network(kind) is network
    assert filesystem_of(Path(path), tmp_path / "none") == ""


def test_a_network_file_system_has_no_wal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    with new_world(path) as world:
        assert world.store.journal_mode == "wal"
    monkeypatch.setattr(database, "filesystem_of", lambda _: "nfs4")
    for _ in range(2):
        with open_store(path) as store:
            assert (store.filesystem, store.journal_mode) == ("nfs4", "truncate")
            assert make_world(store).dataset.id == 1
            assert not Path(f"{path}-wal").exists()


@pytest.mark.parametrize("mounted", [False, True])
@pytest.mark.parametrize("links", ["the file", "its folder", "a folder above"])
def test_a_link_to_what_is_not_there_makes_nothing(
    tmp_path: Path, links: str, mounted: bool
) -> None:
    gone = tmp_path / "mnt" / "disk"
    if mounted:  # the folder in which a disk is mounted is there without the disk, too
        (gone if links == "the file" else gone.parent).mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    link = tmp_path / "link"
    target, path = {
        "the file": (gone / "a.db", link),
        "its folder": (gone, link / "a.db"),
        "a folder above": (gone, link / "team" / "a.db"),
    }[links]
    link.symlink_to(target)
    with pytest.raises(StoreError, match="it is a link to") as error:
        open_store(path)
    assert error.value.where == str(link)
    assert sorted(tmp_path.rglob("*")) == sorted([*before, link])


def test_links_to_what_is_there_are_followed(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "folder").symlink_to(tmp_path / "disk")
    open_store(tmp_path / "folder" / "new" / "a.db").close()
    assert (tmp_path / "disk" / "new" / "a.db").is_file()
    (tmp_path / "file").symlink_to(tmp_path / "disk" / "new" / "a.db")
    open_store(tmp_path / "file").close()
