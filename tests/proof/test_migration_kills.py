"""An upgrade of the schema is killed at random points: the old schema or the new, no mixture."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.proof.upgrading import NUMBER, STEPS
from tests.proof.work import copy_files, sound
from tests.store.support import identity, new_world
from tests.support.environment import ROOT
from tui_annotate.store.database import open_store

ANSWERS = 2000
KILLS = 6


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "old.db"
    with new_world(path) as world, world.store.write_txn():
        for number in range(ANSWERS):
            world.store.answers.record(world.answer(identity(number), row=number + 1))
    return path


def upgrade(path: Path) -> subprocess.Popen[str]:
    """Start the upgrade in a process of its own, ready to begin."""
    command = [sys.executable, "-m", "tests.proof.upgrading", str(path)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def state_of(path: Path) -> str:
    """Return `old` or `new`; anything between them fails."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        columns = {row[1] for row in db.execute("PRAGMA table_info(answers)")}
        assert db.execute("SELECT count(*) FROM answers").fetchone() == (ANSWERS,)
        applied = {name for (name,) in db.execute("SELECT name FROM _sqlite_migrations")}
        (writer,) = db.execute("PRAGMA user_version").fetchone()
        signs = [
            writer == NUMBER,
            {"m901_scratch", "m902_scratch"} <= applied,
            "answers_scratch" in names,
            "scratch" in columns,
            *(f"scratch_{number}" in names for number in range(STEPS)),
            *(f"scratch_index_{number}" in names for number in range(STEPS)),
        ]
        if "scratch" in columns:
            wrong = "SELECT count(*) FROM answers WHERE scratch <> id"
            assert db.execute(wrong).fetchone() == (0,)
    assert len(set(signs)) == 1, "a mixture of the old schema and the new"
    assert not {"m901_scratch", "m902_scratch"} & applied or all(signs)
    return "new" if signs[0] else "old"


def test_old_or_new(tmp_path: Path, database: Path) -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    whole = tmp_path / "whole.db"
    copy_files(database, whole)
    with upgrade(whole) as process:
        begun = time.perf_counter()
        go(process)
        assert process.wait() == 0
        latest = time.perf_counter() - begun
    assert state_of(whole) == "new"
    found = []
    for number in range(KILLS):
        path = tmp_path / f"{number}.db"
        copy_files(database, path)
        with upgrade(path) as process:
            go(process)
            moment = dice.uniform(0, latest)
            time.sleep(moment)
            process.kill()
        found.append(state_of(path))
        if found[-1] == "new":
            # The machine was busier when the whole upgrade was timed.
            latest = (latest + moment) / 2
        check_old(path, found[-1])
    assert "old" in found, f"seed {seed}: never killed in time"


def check_old(path: Path, state: str) -> None:
    """Today's program opens what was left: an old store to work on, a new one to read."""
    with open_store(path) as store:
        sound(store)
        assert store.too_new is (state == "new")
        assert store.answers.counts(1)["accept"] == ANSWERS
