"""Datasets and SQLite tables as sources."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.sources.test_formats import check_resuming, good
from tests.store.support import identity, new_world
from tui_annotate.errors import SourceError
from tui_annotate.sources.base import START, BadRow, Row, SourceChange
from tui_annotate.stream.store_sources import use_store
from tui_annotate.stream.stream import get_stream


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    with new_world(path) as world, world.store.write_txn():
        for number, decision in enumerate(("accept", "reject", "accept"), 1):
            content = (
                f'{{"text":"row {number}","spans":[],"_input_hash":{number},"answer":"accept",'
                '"_timestamp":1,"_session_id":"x","meta":{"a":1}}'
            )
            world.store.answers.record(
                world.answer(identity(number), content=content, answer=decision)
            )
    use_store(path)
    return path


def test_a_dataset_gives_its_tasks_once_more(store: Path) -> None:
    source = get_stream("dataset:set").source
    assert good(source)[0] == {"text": "row 1", "spans": [], "_input_hash": 1, "meta": {"a": 1}}
    assert [each["text"] for each in good(source)] == ["row 1", "row 2", "row 3"]
    check_resuming(lambda: get_stream("dataset:set").source)
    accepted = get_stream("dataset:set:accept").source
    assert [each["text"] for each in good(accepted)] == ["row 1", "row 3"]
    check_resuming(lambda: get_stream("dataset:set:accept").source)


def test_a_changed_answer_comes_at_the_end(store: Path) -> None:
    source = get_stream("dataset:set").source
    rows = list(source.rows())
    mark = source.fingerprint(rows[1].end)
    with new_world(store) as world, world.store.write_txn():
        answer = world.answer(identity(1), content='{"text":"row 1 new"}', supersedes=1)
        world.store.answers.record(answer)
        world.store.answers.record(world.answer(identity(4), content='{"text":"row 4"}'))
    assert source.compare(mark) is SourceChange.GROWN
    rest = [row.data["text"] for row in source.rows(rows[1].end) if isinstance(row, Row)]
    assert rest == ["row 3", "row 1 new", "row 4"]


def test_no_such_dataset(store: Path) -> None:
    with pytest.raises(SourceError, match="There are: set"):
        get_stream("dataset:nope")
    with pytest.raises(SourceError, match="no answers"):
        with new_world(store) as world, world.store.write_txn():
            world.store.admin.dataset("empty")
        get_stream("dataset:empty")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "rows.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE docs (key TEXT, body TEXT, n INTEGER, raw BLOB)")
        rows = [(f"k{n}", None if n == 2 else f"text {n}", n, b"\x00") for n in range(5)]
        db.executemany("INSERT INTO docs VALUES (?, ?, ?, ?)", rows)
        db.execute("DELETE FROM docs WHERE n = 1")
        db.execute("CREATE VIEW seen AS SELECT body AS text FROM docs WHERE body IS NOT NULL")
        db.commit()
    return path


def test_a_table(table: Path) -> None:
    name = f"sqlite:{table}?table=docs"
    source = get_stream(name, text_field="body", id_field="key").source
    first, bad, *rest = source.rows()
    assert isinstance(first, Row)
    assert first.data == {"text": "text 0", "meta": {"n": 0, "id": "k0"}}
    assert isinstance(bad, BadRow)
    assert bad.reason == "no-input"
    assert [row.data["text"] for row in rest if isinstance(row, Row)] == ["text 3", "text 4"]
    assert source.seekable
    check_resuming(lambda: get_stream(name, text_field="body").source)


def test_a_query_and_a_view(table: Path) -> None:
    query = f"sqlite:{table}?sql=SELECT body || '%41' AS text FROM docs WHERE n > 2 ORDER BY n DESC"
    source = get_stream(query).source
    assert [each["text"] for each in good(source)] == ["text 4%41", "text 3%41"]
    assert not source.seekable
    view = get_stream(f"sqlite:{table}?table=seen").source
    assert not view.seekable
    assert len(good(view, START)) == view.count() == 3


@pytest.mark.parametrize(
    ("query", "match"),
    [
        ("?table=nope", "There are: docs, seen"),
        ("", "several tables"),
        ("?table=docs", "columns: key, body"),
        ("?tabel=docs", "not understood"),
        ("?sql=DELETE FROM docs", "cannot read"),
        ("?sql=SELECT 1 AS text; DROP TABLE docs", "cannot read"),
    ],
)
def test_what_is_wrong_is_said(table: Path, query: str, match: str) -> None:
    with pytest.raises(SourceError, match=match):
        get_stream(f"sqlite:{table}{query}")
    assert get_stream(f"sqlite:{table}?table=docs", text_field="body").source.count() == 4
