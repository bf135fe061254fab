"""The schema: older stores go on, every table is recovered, nothing stays of what is removed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.session.annotator import make_job
from tests.store.stores import FIRST, ROWS, unpack, write_rows
from tests.support.engines import open_store
from tui_annotate.errors import Abandoned, StoreReadOnly
from tui_annotate.session.opening import open_session
from tui_annotate.session.session import Session
from tui_annotate.store import connect, schema
from tui_annotate.store.database import Store
from tui_annotate.store.recover import recover
from tui_annotate.waiting import Waiting, use

pytestmark = [pytest.mark.quick, pytest.mark.files_only]

SHARED = {"jobs", "sources", "guidelines", "audit_log"}
"""The tables whose rows belong to no dataset alone, or outlive it."""

OF_THE_DATASET = {
    *("datasets", "dataset_meta", "dataset_labels", "tallies"),
    *("label_changes", "label_change_rows"),
}
"""The tables whose rows belong to a dataset and to no session."""

OF_NO_DATASET = (
    "a row that refers to its dataset by ON DELETE CASCADE goes with it; a table whose rows stay"
    " is listed in `SHARED`"
)
OF_NO_SESSION = (
    "a row that refers to its session by ON DELETE CASCADE goes with it; a table whose rows belong"
    " to the dataset alone is listed in `OF_THE_DATASET`"
)

PEOPLE = """
INSERT INTO guidelines VALUES (1, x'01', 'Names only.', 5);
UPDATE answers SET guideline_id = 1, provenance = 'gold' WHERE id = 9;
UPDATE sessions SET guideline_seen = 1, beat_at = 5, role = 'lead';
INSERT INTO claims VALUES (1, 1, x'02', 1, 1, 3, 5, 'boot', 6, 7);
INSERT INTO dataset_labels (dataset_id, label, annotator, added_at) VALUES (1, 'TIME', 'ann1', 5);
INSERT INTO reviewed VALUES (9, 8);
INSERT INTO requests VALUES (1, 9, 1, 'reopen', 5, NULL);
INSERT INTO audit_log VALUES (1, 1, 1, 'my_set', 'ann1', 1, x'02', 3, 4, 5);
"""


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of every table but those that the engine and the migrations keep."""
    with closing(sqlite3.connect(path)) as db:
        names = [
            str(row[0])
            for row in db.execute(
                "SELECT name FROM sqlite_master"
                " WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_*'"
            )
        ]
        return {name: sorted(db.execute(f"SELECT * FROM {name}"), key=repr) for name in names}


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A store with rows in every table that there is."""
    path = unpack(FIRST, tmp_path / "full.db")
    open_store(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.executescript(f"PRAGMA foreign_keys = ON; {PEOPLE}")
    empty = [name for name, rows in tables(path).items() if not rows]
    assert not empty, f"`PEOPLE` above fills every table, and lacks a row for {', '.join(empty)}"
    return path


def opened(store: Store, rows: Path) -> Session:
    job = make_job(write_rows(rows), label="PER,LOC,ORG")
    return Session(open_session(store, job, "ann1"))


def test_a_store_of_the_commit_before_goes_on_at_the_same_task_and_draft(tmp_path: Path) -> None:
    path = unpack(FIRST, tmp_path / "old.db")
    store = open_store(path)
    assert store.backup == tmp_path / f"old.db.before-{list(schema.MIGRATIONS)[1]}"
    assert store.admin.check(full=True) == [] and store.derived.problems() == []
    session = opened(store, tmp_path / "rows.jsonl")
    item = session.start()
    assert item is not None and item.task["text"] == "Emil left for Paris."
    assert item.draft is not None and item.draft.state["cursor"] == 3
    given = [(each["start"], each["end"], each["label"]) for each in item.draft.content["spans"]]
    assert given == [(0, 4, "PER"), (14, 19, "LOC")]
    assert session.opened.proposed == {"Carla": "PER"}
    counts = session.counts()
    assert (counts.done, counts.waiting, counts.dropped) == (4, 1, {"not-json": 1})
    texts = []
    while session.item is not None:
        texts.append(session.item.task["text"])
        session.decide("accept", session.item.task)
        session.advance()
    assert texts[1:] == [json.loads(row)["text"] for row in ROWS.splitlines()[7:]] + [
        "Ben works for Acme."
    ]
    session.close()


def test_an_older_program_goes_on_writing_where_a_migration_only_adds(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside this program the one that knows the first migration alone, and a later one."""
    first = dict(list(schema.MIGRATIONS.items())[:1])
    monkeypatch.setattr(schema, "MIGRATIONS", first)
    with open_store(full) as store:
        assert not store.too_new and store.backup is None
        session = opened(store, tmp_path / "rows.jsonl")
        task = session.start()
        assert task is not None
        session.decide("accept", task.task)
        with store.write_txn():
            store.removal.dataset(1)
        assert store.admin.check(full=True) == []


def test_every_table_of_a_sound_store_is_recovered(full: Path, tmp_path: Path) -> None:
    target = tmp_path / "new.db"
    found = recover(full, target)
    assert found.lost == {}
    before, after = tables(full), tables(target)
    for derived in schema.DERIVED:
        # Counts of zero are the same as none.
        before[derived] = [row for row in before[derived] if row[-1] != 0]
    assert after == before
    assert set(found.rows) == before.keys() - set(schema.DERIVED)


def test_what_refers_to_something_lost_is_kept_where_it_can_be(full: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(full)) as db:
        db.executescript(
            "DELETE FROM guidelines; DELETE FROM label_changes; DELETE FROM cursors;"
            "DELETE FROM drops; DELETE FROM answers WHERE id = 8;"
        )
    found = recover(full, tmp_path / "new.db")
    assert found.lost == {"label_change_rows": 2, "reviewed": 1}
    with open_store(tmp_path / "new.db") as store:
        assert store.admin.check(full=True) == []
        assert store.derived.problems() == []


def test_nothing_stays_of_a_dataset_that_is_removed(full: Path) -> None:
    with open_store(full) as store:
        with store.write_txn():
            store.removal.dataset(1)
        assert store.admin.check(full=True) == []
    left = {name for name, rows in tables(full).items() if rows}
    assert left == SHARED, OF_NO_DATASET
    assert tables(full)["audit_log"][0][:5] == (1, None, None, "my_set", "ann1")


def test_nothing_stays_of_a_session_that_is_removed(full: Path) -> None:
    with open_store(full) as store:
        with store.write_txn():
            store.removal.session(1)
        assert store.admin.check(full=True) == [] and store.derived.problems() == []
    left = {name for name, rows in tables(full).items() if rows}
    assert left == SHARED | OF_THE_DATASET, OF_NO_SESSION


def test_an_old_store_that_is_only_read_is_upgraded_first(tmp_path: Path) -> None:
    path = unpack(FIRST, tmp_path / "old.db")
    with open_store(path, readonly=True) as store:
        assert store.readonly and store.lookup.meta(1) == '{"language":"en"}'
        with pytest.raises(StoreReadOnly), store.write_txn():
            pass
    assert (tmp_path / f"old.db.before-{list(schema.MIGRATIONS)[1]}").exists()


def test_whoever_leaves_an_upgrade_has_the_old_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = unpack(FIRST, tmp_path / "old.db")
    before = tables(path)
    monkeypatch.setattr(connect, "_STEPS", 1)
    waiting = Waiting()
    waiting.abandon()
    use(waiting)
    try:
        with pytest.raises(Abandoned):
            open_store(path)
    finally:
        use(Waiting())
    assert tables(path) == before
    open_store(path).close()


def test_every_table_says_what_annotators_may_do_with_it_on_a_server() -> None:
    pytest.importorskip("psycopg")
    from tui_annotate.store.dialect import roles

    listed = {*roles._RIGHTS, *roles.LEADS_ONLY}
    assert set(roles._all_tables()) == listed, "store/dialect/roles.py lists every table"
    assert not roles.LEADS_ONLY & set(roles._RIGHTS)
