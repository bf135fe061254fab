"""What a session keeps when the database cannot be written."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from tests.session.annotator import Annotator, work, write_rows
from tests.store.support import Failing
from tui_annotate.errors import StoreFull, StoreLocked, StoreTooNew, StoreUnavailable, WriteConflict
from tui_annotate.session.answer_list import AnswerFilter, AnswerList
from tui_annotate.store import schema
from tui_annotate.store.database import open_store

pytestmark = pytest.mark.files_only

HOLD = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_RDWR)
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "rows.jsonl", ["a", "b", "c"])


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Another process holds the write gate."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, f"{database}-gate"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        yield
    finally:
        holder.communicate("")


def test_a_lock_that_lasts_leaves_the_answer_and_a_retry_saves_it(
    tmp_path: Path, rows: Path
) -> None:
    with Annotator(tmp_path, rows) as anna:
        anna.store._connection.timeout = 0.3
        told: list[str] = []
        anna.session._wait = told.append
        with held(tmp_path / "a.db"), pytest.raises(StoreLocked, match="locked by process"):
            anna.answer()
        assert told
        assert anna.text == "a"
        assert anna.answer() == "a"
    assert work(tmp_path, rows) == ["b", "c"]


@pytest.mark.quick
@pytest.mark.parametrize("nth", range(1, 9))
def test_a_full_disk_at_any_statement_leaves_the_task(tmp_path: Path, rows: Path, nth: int) -> None:
    with Annotator(tmp_path, rows) as anna:
        failing = Failing(anna.store, nth)
        try:
            anna.session.decide("accept", {"text": "a"})
        except StoreFull:
            assert anna.text == "a"
            failing.stop()
            anna.session.decide("accept", {"text": "a"})
        failing.stop()
        anna.session.advance()
        assert anna.answer_all() == ["b", "c"]
        assert len(AnswerList(anna.session).page(AnswerFilter()).answers) == 3


@pytest.mark.quick
@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.ESTALE, StoreUnavailable),
        (errno.EIO, StoreUnavailable),
    ],
)
def test_what_the_file_system_answers_is_named_and_survived(
    tmp_path: Path,
    rows: Path,
    number: int,
    expected: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with Annotator(tmp_path, rows) as anna:
        with monkeypatch.context() as patch:
            patch.setattr(fcntl, "flock", refuse)
            with pytest.raises(expected):
                anna.answer()
        assert anna.answer() == "a"


@pytest.mark.quick
def test_without_flock_sessions_work_and_say_so(
    tmp_path: Path, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with Annotator(tmp_path, rows) as anna:
        assert anna.store.gate_refused
        assert anna.answer_all() == ["a", "b", "c"]


def from_the_future(path: Path) -> None:
    db = Database(path)
    row = ("tui_annotate", "m999_later", "2099-01-01")
    columns = "(migration_set, name, applied_at)"
    db.execute(f"INSERT INTO _sqlite_migrations {columns} VALUES (?, ?, ?)", row)
    db.execute("PRAGMA user_version = 999")
    db.conn.commit()
    db.close()


@pytest.mark.quick
def test_a_newer_database_is_opened_to_look_on(tmp_path: Path, rows: Path) -> None:
    work(tmp_path, rows, 1)
    mark: dict[str, Any] = {}
    from_the_future(tmp_path / "a.db")
    with Annotator(tmp_path, rows) as anna:
        assert "newer version" in anna.session.opening_sentence()
        assert anna.text == "b"
        with pytest.raises((WriteConflict, StoreTooNew)):
            anna.answer()
        mark["answers"] = AnswerList(anna.session).page(AnswerFilter()).answers
    assert len(mark["answers"]) == 1
    with pytest.raises(StoreTooNew, match="update tui-annotate"):
        Annotator(tmp_path, rows, dataset="not_there_yet")


@pytest.mark.quick
@pytest.mark.parametrize("adds", [True, False], ids=["only more", "another schema"])
def test_who_is_at_work_while_a_newer_version_upgrades_goes_on_or_is_refused(
    adds: bool, tmp_path: Path, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A migration that only adds leaves older programs writing; any other one stops them."""

    def m901_more(db: Database) -> None:
        db.execute("CREATE TABLE more (id INTEGER PRIMARY KEY)")
        if not adds:
            db.execute("PRAGMA user_version = 901")

    leaving: AbstractContextManager[object] = nullcontext() if adds else pytest.raises(StoreTooNew)
    with leaving, Annotator(tmp_path, rows) as anna:
        anna.answer()
        with monkeypatch.context() as patch:
            patch.setattr(schema, "MIGRATIONS", {**schema.MIGRATIONS, "m901_more": m901_more})
            open_store(tmp_path / "a.db").close()
        text = anna.text
        if adds:
            anna.answer()
        else:
            for _ in range(2):
                with pytest.raises(StoreTooNew, match="update tui-annotate"):
                    anna.answer()
            assert anna.text == text, "it stays on the screen"
            assert len(AnswerList(anna.session).page(AnswerFilter()).answers) == 1
    with sqlite3.connect(tmp_path / "a.db") as db:
        assert db.execute("SELECT count(*) FROM answers").fetchone() == (2 if adds else 1,)
