"""The journal is emptied between answers, never by a commit, and what fails loses nothing."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.support import Failing, World, identity, new_world
from tests.support.engines import open_store
from tui_annotate.store.journal import EVERY, LONGEST

pytestmark = [pytest.mark.quick, pytest.mark.files_only]


def answer(world: World, numbers: range) -> None:
    for number in numbers:
        with world.store.write_txn():
            world.store.answers.record(world.answer(identity(number)))


def moved(world: World, folder: Path) -> int:
    """Count the answers that stand in the database file itself, without its journal."""
    copy = folder / "copy.db"
    shutil.copy(world.store.path, copy)
    with closing(sqlite3.connect(copy)) as link:
        if not link.execute("SELECT name FROM sqlite_master WHERE name = 'answers'").fetchall():
            return 0
        return int(link.execute("SELECT count(*) FROM answers").fetchone()[0])


def test_it_is_emptied_between_answers_and_only_now_and_then(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        journal, first = world.store.journal, world.store._connection.first
        answer(world, range(EVERY))
        journal.tidy()
        assert first("PRAGMA wal_autocheckpoint") == (LONGEST,)
        assert moved(world, tmp_path) == EVERY
        answer(world, range(EVERY, 2 * EVERY - 1))
        journal.tidy()
        assert moved(world, tmp_path) == EVERY
        answer(world, range(2 * EVERY - 1, 2 * EVERY))
        journal.tidy()
        assert moved(world, tmp_path) == 2 * EVERY


def test_who_is_writing_is_left_alone(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        journal = world.store.journal
        answer(world, range(EVERY))
        with open_store(tmp_path / "a.db") as other, other.write_txn():
            journal.tidy()
        assert moved(world, tmp_path) == 0
        with world.store.write_txn():
            journal.tidy()
        assert moved(world, tmp_path) == 0
        journal.tidy()
        assert moved(world, tmp_path) == EVERY
    with open_store(tmp_path / "a.db", readonly=True) as reader:
        reader.journal.tidy()
        assert reader._connection.first("PRAGMA wal_autocheckpoint") != (LONGEST,)


@pytest.mark.parametrize("nth", [1, 2])
def test_what_fails_is_tried_again_and_stops_no_answer(tmp_path: Path, nth: int) -> None:
    with new_world(tmp_path / "a.db") as world:
        answer(world, range(EVERY))
        failing = Failing(world.store, nth)
        world.store.journal.tidy()
        failing.stop()
        assert failing.failed.startswith("PRAGMA wal_")
        assert moved(world, tmp_path) == 0
        answer(world, range(EVERY, EVERY + 1))
        world.store.journal.tidy()
        assert moved(world, tmp_path) == EVERY + 1
