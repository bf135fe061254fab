"""A dataset that is purged leaves no bytes of its texts in the database file or its journal."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless
from tests.store.support import World, identity, new_world
from tui_annotate.commands.preferences import Preferences, recent_jobs, remember
from tui_annotate.session.process_owner import own_name
from tui_annotate.store.database import open_store

SECRET, KEPT = "Patientin Zwiebelfisch", "Herr Kleinschmidt"


@pytest.fixture
def database(home: Path) -> Path:
    """A database with a dataset `set`, which has the secret everywhere, and one that stays."""
    path = home / "data" / "tui-annotate" / "annotations.db"
    with new_world(path) as world:
        fill(world)
        with world.store.write_txn():
            other = world.store.admin.dataset("other")
            session = world.store.admin.session(other.id, "other-anna", "anna")
            for number in (1, 900):
                kept = world.answer(identity(number), content=json.dumps({"text": KEPT}))
                kept = kept._replace(
                    dataset_id=other.id, session_id=session.id, cursor_id=None, row=None
                )
                world.store.answers.record(kept)
    return path


def fill(world: World) -> None:
    """Answer, begin and put off tasks; their texts fill many pages."""
    content = json.dumps({"text": f"{SECRET} " * 50})
    for number in range(1, 80):
        with world.store.write_txn():
            world.store.answers.record(world.answer(identity(number), content=content))
    connection = world.store._connection
    with world.store.write_txn():
        job, session, dataset = world.queue.job_id, world.session.id, world.dataset.id
        for table, kind in (("waiting", "later"), ("drafts", "")):
            names = ["session_id", "job_id", "pass", "input_hash", "task_hash", "input_key"]
            values: list[object] = [session, job, 1, 5, 6, b"k"]
            more = (
                {"dataset_id": dataset, "kind": kind, "added_at": 1, "digest": b"d"}
                if table == "waiting"
                else {"key": b"k", "elapsed_ms": 1, "updated_at": 1, "state": SECRET}
            )
            names += [*more, "content"]
            values += [*more.values(), content]
            marks = ", ".join("?" * len(values))
            connection.write(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)
        connection.write(
            "INSERT INTO audit_log (dataset_id, session_id, dataset, annotator, pass, key,"
            " input_hash, task_hash, opened_at) VALUES (?, ?, 'set', 'anna', 1, x'00', 1, 1, 1)",
            (dataset, session),
        )
        connection.write("INSERT INTO guidelines VALUES (1, x'00', ?, 1)", (SECRET,))
        connection.write("UPDATE sessions SET guideline_seen = 1 WHERE id = ?", (session,))


def found(path: Path, text: str) -> list[str]:
    """Return the names of the files of a database that hold `text`."""
    return sorted(
        each.name
        for each in path.parent.glob(f"{path.name}*")
        if text.encode() in each.read_bytes()
    )


def test_no_bytes_are_left(database: Path, headless: RunsHeadless) -> None:
    assert found(database, SECRET)
    done = headless("purge", "set", "--yes")
    assert done.returncode == 0, done.stderr
    assert found(database, SECRET) == []
    assert found(database, "set-anna") == []
    assert KEPT.encode() in database.read_bytes()
    assert "other datasets have answers about the same inputs: other" in done.stderr
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert headless("stats", "other").returncode == 0


def test_while_another_dataset_is_open_the_journal_is_emptied_too(
    database: Path, headless: RunsHeadless
) -> None:
    with open_store(database) as store:
        done = headless("purge", "set", "--yes")
        assert done.returncode == 0, done.stderr
        assert Path(f"{database}-wal").exists(), "it is still open here"
        assert found(database, SECRET) == []
        with store.write_txn():
            store.admin.dataset("new")
        assert [each.name for each in store.admin.datasets()] == ["new", "other"]


def test_every_table_is_without_it(database: Path, headless: RunsHeadless) -> None:
    assert headless("drop", "other", "--yes").returncode == 0
    assert headless("purge", "set", "--yes").returncode == 0
    with closing(sqlite3.connect(database)) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        full = [name for name in tables if db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]]
    assert [name for name in full if not name.startswith(("_sqlite", "sqlite_"))] == []


def test_dry_and_without_somebody_to_ask_it_removes_nothing(
    database: Path, headless: RunsHeadless
) -> None:
    dry = headless("purge", "set", "--dry")
    assert dry.returncode == 0
    assert "dataset set: 79 answers" in dry.stderr
    assert "was removed" not in dry.stderr
    asked = headless("purge", "set")
    assert asked.returncode == 2
    assert "Use --yes" in asked.stderr
    unknown = headless("purge", "sett", "--yes")
    assert unknown.returncode == 2
    assert "set" in unknown.stderr
    with open_store(database, readonly=True) as store:
        assert len(store.admin.datasets()) == 2


def test_an_open_session_is_not_purged(database: Path, headless: RunsHeadless) -> None:
    with open_store(database) as store:
        with store.write_txn():
            store.visits.enter(1, own_name())
        done = headless("purge", "set", "--yes")
        assert done.returncode != 0
        assert "set-anna is open since" in done.stderr
        assert f"in process {os.getpid()}" in done.stderr
        assert len(store.admin.datasets()) == 2


def test_what_lies_around_goes_or_is_listed(
    database: Path, home: Path, headless: RunsHeadless
) -> None:
    state = home / "state" / "tui-annotate"
    for name in ("set", "other"):
        remember(["ner.manual", name, "rows.jsonl", "--label", "A"], name, state)
    remember(["review", "third", "other,set"], "third", state)
    (state / "crash-20260101-000000-1.txt").write_text("KeyError")
    copies = [
        database.with_name(f"{database.name}.before-m002_people"),
        database.with_name(f"{database.name}.replaced-20260101-000000"),
        database.with_name("monday.db"),
        state / f"{database.name}.rescued-20260101-000000",
    ]
    for copy in copies:
        shutil.copy(database, copy)
    killed = database.with_name(f".{database.name}.before-m002_people.part-4711")
    shutil.copy(database, killed)
    mine = database.with_name(f".{database.name}-mine")
    mine.write_text("not the program's")
    declined = database.with_name(f"{database.name}.not-from-prodigy")
    declined.write_text("set\nelse\n")

    done = headless("purge", "set", "--yes")
    assert done.returncode == 0, done.stderr
    assert [job.dataset for job in recent_jobs(state)] == ["other"]
    assert not list(state.glob("crash-*"))
    assert declined.read_text() == "else\n"
    assert not killed.exists()
    assert mine.exists()
    for copy in copies:
        assert str(copy) in done.stderr.replace("\n", " ")
        assert copy.exists()
    assert "Delete those that you do not need" in done.stderr


def test_what_is_remembered_is_for_its_owner_alone(tmp_path: Path) -> None:
    remember(["ner.manual", "set", "rows.jsonl"], "set", tmp_path)
    Preferences("anna", tmp_path).set("theme", "dark")
    modes = {each.name: each.stat().st_mode & 0o077 for each in tmp_path.iterdir()}
    assert modes == {"recent.json": 0, "preferences.json": 0}


def test_what_was_dropped_before_can_be_purged_too(database: Path, headless: RunsHeadless) -> None:
    assert headless("drop", "set", "--yes").returncode == 0
    assert SECRET.encode() in database.read_bytes(), "else this shows nothing"
    assert headless("purge", "--dropped", "--dry").returncode == 0
    assert SECRET.encode() in database.read_bytes()
    done = headless("purge", "--dropped", "--yes")
    assert done.returncode == 0, done.stderr
    for each in database.parent.iterdir():
        assert SECRET.encode() not in each.read_bytes(), each
    assert KEPT.encode() in database.read_bytes()
    for words in (("purge", "--yes"), ("purge", "other", "--dropped", "--yes")):
        assert "say --dropped alone" in headless(*words).stderr
