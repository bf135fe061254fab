"""Datasets, sessions, sources; integrity and copies."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.store.support import identity, new_world
from tests.support.engines import open_store
from tui_annotate.errors import ConfigError, StoreError, WriteConflict
from tui_annotate.task.hash_body import HashSettings

pytestmark = pytest.mark.quick


def test_a_dataset_keeps_its_hash_keys(tmp_path: Path) -> None:
    mine = HashSettings(task_keys=("spans",), scheme="v1")
    with open_store(tmp_path / "a.db") as store:
        with store.write_txn():
            made = store.admin.dataset("set", mine)
        assert store.admin.find_dataset("set") == made
        assert made.settings == mine
        assert store.admin.dataset("set") == made, "None takes what there is"
        with pytest.raises(ConfigError, match=r"task_keys spans, not spans,label.*another dataset"):
            store.admin.dataset("set", HashSettings(task_keys=("spans", "label"), scheme="v1"))
        assert store.admin.find_dataset("none") is None
        assert [each.name for each in store.admin.datasets()] == ["set"]


def test_what_is_there_is_found_again(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        admin = world.store.admin
        with world.store.write_txn():
            assert admin.session(world.dataset.id, "set-anna", "anna") == world.session
            source = admin.source("/data/rows.jsonl", "elsewhere")
            assert (source.name, source.rows) == ("rows.jsonl", None)
            assert admin.job(b"job", "ner.manual", "{}").id == world.cursor.key.job_id
            admin.set_source_rows(source.id, 1201, 99, 1)
            admin.move_source(source.id, "/new/rows.jsonl", "rows.jsonl")
            other = admin.source("/data/rows.jsonl", "rows.jsonl")
        found = admin.get_source(source.id)
        assert found is not None
        assert (found.identity, found.rows, found.counted_size) == ("/new/rows.jsonl", 1201, 99)
        assert admin.sessions(world.dataset.id) == [world.session]
        with pytest.raises(WriteConflict), world.store.write_txn():
            admin.move_source(other.id, "/new/rows.jsonl", "rows.jsonl")


def test_an_unclean_end_shows_at_the_next_visit(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world, world.store.write_txn():
        visits, session = world.store.visits, world.session.id
        assert visits.enter(session, "host 1") is None
        killed = visits.enter(session, "host 2")
        assert killed is not None and (killed.owner, killed.closed_at) == ("host 1", None)
        assert not visits.leave(session, "host 1"), "it was taken over"
        assert visits.leave(session, "host 2")
        clean = visits.enter(session, "host 3")
        assert clean is not None and clean.closed_at is not None


def test_a_backup_is_whole_and_private(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        with world.store.write_txn():
            world.store.answers.record(world.answer(identity(1)))
        copy = world.store.admin.backup(tmp_path / "copy.db")
        with pytest.raises(StoreError, match="already"):
            world.store.admin.backup(copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []
    with open_store(copy, readonly=True) as store:
        assert store.answers.counts(1)["accept"] == 1
        assert store.admin.check(full=True) == []


@pytest.mark.files_only
def test_a_check_finds_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with new_world(path) as world, world.store.write_txn():
        rows = (world.answer(identity(n), content="x" * 900) for n in range(200))
        world.store.answers.import_(world.dataset.id, rows)
    data = bytearray(path.read_bytes())
    data[60 * 4096 : 61 * 4096] = b"\xff" * 4096
    path.write_bytes(data)
    with open_store(path, readonly=True) as store:
        assert store.admin.check() != []
