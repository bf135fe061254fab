"""Answers: what is current, what is known, what is counted."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.support import World, identity, kept, new_world
from tui_annotate.errors import WriteConflict
from tui_annotate.store.records import NewAnswer
from tui_annotate.task.schema import DECISIONS

pytestmark = pytest.mark.quick


def test_an_answer_comes_back_as_it_was_recorded(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        new = world.answer(
            identity(1, 2), label="ORG \ud800", flagged=True, comment="a\0b", elapsed_ms=1200,
            row=7, digest=b"d", late=True, pass_=3, answer="reject",
        )  # fmt: skip
        with world.store.write_txn():
            id_ = world.store.answers.record(new)
        stored = world.store.answers.get(id_)
        assert stored is not None
        assert (stored.session, stored.annotator) == ("set-anna", "anna")
        assert stored.record.label == "ORG \\ud800"
        assert stored.record == world.answer(
            identity(1, 2), label="ORG \\ud800", flagged=True, comment="a\0b", elapsed_ms=1200,
            row=7, digest=b"d", late=True, pass_=3, answer="reject",
        )._replace(comment=kept("a\0b"))  # fmt: skip


def test_a_newer_answer_replaces_the_older_one_once(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        answers = world.store.answers
        with world.store.write_txn():
            old = answers.record(world.answer(identity(1)))
            new = answers.record(world.answer(identity(1), answer="reject", supersedes=old))
        with pytest.raises(WriteConflict), world.store.write_txn():
            answers.record(world.answer(identity(1), answer="ignore", supersedes=old))
        assert [stored.id for stored in answers.current(world.dataset.id)] == [new]
        assert [stored.id for stored in answers.iterate(world.dataset.id, revisions=True)] == [
            old,
            new,
        ]
        newest = answers.newest_of(old)
        assert newest is not None and newest.id == new


def test_a_retraction_takes_an_answer_back(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        answers = world.store.answers
        with world.store.write_txn():
            old = answers.record(world.answer(identity(1)))
            gone = world.answer(identity(1), kind="retraction", answer=None, supersedes=old)
            answers.record(gone)
        assert list(answers.current(world.dataset.id)) == []
        assert not answers.known([world.dataset.id], identity(1))
        with pytest.raises(WriteConflict), world.store.write_txn():
            answers.record(gone)


def test_an_answer_of_another_dataset_cannot_be_superseded(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        with world.store.write_txn():
            old = world.store.answers.record(world.answer(identity(1)))
            other = world.store.admin.dataset("other")
        with pytest.raises(WriteConflict), world.store.write_txn():
            world.store.answers.record(
                world.answer(identity(1), dataset_id=other.id, supersedes=old)
            )


def test_identity_decides_by_key_and_for_imported_rows_by_task_hash(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        full, foreign = identity(1, 5), identity(2, None)
        with world.store.write_txn():
            world.store.answers.import_(
                world.dataset.id, [world.answer(full), world.answer(foreign)]
            )
        datasets, known = [world.dataset.id], world.store.answers.known
        assert known(datasets, full)
        assert not known(datasets, identity(1, 6)), "another question"
        assert known(datasets, identity(1, 6), by="input")
        assert not known(datasets, identity(3, 5), by="input")
        same_hash = type(foreign)(2, foreign.task_hash, foreign.input_key, b"q" * 16)
        assert known(datasets, same_hash), "the imported row has no question key"
        other_hash = type(foreign)(2, foreign.task_hash + 1, foreign.input_key, b"q" * 16)
        assert not known(datasets, other_hash)
        asked_by_hash = type(full)(1, full.task_hash, full.input_key, None)
        assert known(datasets, asked_by_hash)
        collision = type(full)(full.input_hash, full.task_hash, b"other" * 3 + b"!", b"q" * 16)
        assert not known(datasets, collision), "equal 32-bit hashes are not enough"
        assert not known([], full)


def test_known_is_of_a_session_where_one_is_named(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        with world.store.write_txn():
            other = world.store.admin.session(world.dataset.id, "set-ben", "ben")
            for pass_ in (1, 2, 2):
                world.store.answers.record(world.answer(identity(1), pass_=pass_))
        known, count = world.store.answers.known, world.store.answers.known_count
        here = [world.dataset.id]
        assert known(here, identity(1), session_id=world.session.id)
        assert not known(here, identity(1), session_id=other.id)
        assert count(here, identity(1)) == 3
        assert count(here, identity(1), by="input", pass_=2) == 2


def test_pages_are_seamless_in_both_directions(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        answers = world.store.answers
        with world.store.write_txn():
            made = answers.import_(
                world.dataset.id, (world.answer(identity(n)) for n in range(1234))
            )
            other = world.store.admin.session(world.dataset.id, "set-ben", "ben")
            answers.record(world.answer(identity(0), session_id=other.id, answer="reject"))
        assert made == 1234
        everything = list(range(1, 1236))
        dataset = world.dataset.id
        assert [stored.id for stored in answers.iterate(dataset)] == everything
        assert [stored.id for stored in answers.iterate(dataset, "reject")] == [1235]
        assert [stored.id for stored in answers.current(dataset)] == everything[::-1]
        mine = answers.current(dataset, session_id=world.session.id, before_id=1000, limit=3)
        assert [stored.id for stored in mine] == [999, 998, 997]
        newer = answers.current(dataset, newest_first=False, before_id=1233)
        assert [stored.id for stored in newer] == [1234, 1235]


def test_an_import_is_for_one_dataset(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        rows = [world.answer(identity(1)), world.answer(identity(2), dataset_id=99)]
        with pytest.raises(ValueError, match="another dataset"), world.store.write_txn():
            world.store.answers.import_(world.dataset.id, rows)
        assert world.store.answers.counts(world.dataset.id)["accept"] == 0


def test_nothing_is_written_outside_of_a_transaction(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        with pytest.raises(RuntimeError, match="write_txn"):
            world.store.answers.record(world.answer(identity(1)))
        with (
            world.store.write_txn(),
            pytest.raises(RuntimeError, match="do not nest"),
            world.store.write_txn(),
        ):
            pass


STEP = st.tuples(
    st.sampled_from(("answer", "change", "retract", "fail")),
    st.integers(0, 3),
    st.integers(0, 1),
    st.sampled_from(DECISIONS),
)


@settings(max_examples=40)
@given(st.lists(STEP, max_size=25))
@pytest.mark.server_on_request
def test_counts_and_current_follow_any_history(
    steps: list[tuple[str, int, int, str]],
) -> None:
    """Law: `current` and the counts are what a plain dictionary of live answers says."""
    live: dict[int, tuple[int, int, str]] = {}
    with tempfile.TemporaryDirectory() as folder, new_world(Path(folder) / "a.db") as world:
        sessions = [world.session.id]
        with world.store.write_txn():
            sessions.append(world.store.admin.session(world.dataset.id, "set-ben", "ben").id)
        for action, number, who, decision in steps:
            new = world.answer(identity(number), session_id=sessions[who], answer=decision)
            _take(world, live, action, new)
        by_id = {stored.id: stored.record for stored in world.store.answers.iterate(1)}
        assert {
            id_: (answer.identity.input_hash, answer.session_id, answer.answer)
            for id_, answer in by_id.items()
        } == live
        for scope in (None, *sessions):
            counts = world.store.answers.counts(world.dataset.id, scope)
            assert counts == {
                each: sum(
                    1
                    for _, session, answer in live.values()
                    if answer == each and scope in (None, session)
                )
                for each in DECISIONS
            }
        total = world.store.progress.cursor_counts(world.cursor.id)
        assert sum(total.values()) == len(live)
        for number in range(4):
            expected = sum(1 for each, _, _ in live.values() if each == number)
            assert world.store.answers.known_count([1], identity(number)) == expected


def _take(world: World, live: dict[int, tuple[int, int, str]], action: str, new: NewAnswer) -> None:
    """Do one step to the store and to the model."""
    old = max(live, default=None)
    record = world.store.answers.record
    if action == "fail":
        with pytest.raises(ZeroDivisionError), world.store.write_txn():
            record(new)
            raise ZeroDivisionError
        return
    with world.store.write_txn():
        if action == "answer" or old is None:
            id_ = record(new)
        elif action == "change":
            id_ = record(world.answer(new.identity, session_id=new.session_id, answer=new.answer,
                                      supersedes=old))  # fmt: skip
        else:
            record(world.answer(new.identity, kind="retraction", answer=None, supersedes=old))
            id_ = None
    if action != "answer" and old is not None:
        del live[old]
    if id_ is not None:
        live[id_] = (new.identity.input_hash, new.session_id, str(new.answer))


@pytest.mark.files_only
def test_other_programs_find_real_columns(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world, world.store.write_txn():
        world.store.answers.record(world.answer(identity(3), label="ORG", elapsed_ms=900))
    with sqlite3.connect(tmp_path / "a.db") as plain:
        row = plain.execute(
            "SELECT dataset, session, view_id, label, answer, answered_at, elapsed_ms,"
            " input_hash, task_hash, content FROM annotations"
        ).fetchone()
    plain.close()
    assert row == (
        *("set", "set-anna", "ner_manual", "ORG", "accept", "2023-11-14 22:13:20", 900, 3, 93),
        '{"text":"Anna"}',
    )


@pytest.mark.parametrize("name", ["known", "count", "newest", "session"])
@pytest.mark.files_only
def test_look_ups_use_an_index(tmp_path: Path, name: str) -> None:
    """A scan would make every look-up as slow as the dataset is large."""
    with new_world(tmp_path / "a.db") as world:
        connection = world.store._connection
        seen: list[str] = []
        read = connection.read

        def explain(sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
            seen.extend(str(row[3]) for row in read(f"EXPLAIN QUERY PLAN {sql}", parameters))
            return read(sql, parameters)

        connection.read = explain  # type: ignore[method-assign, assignment]
        answers = world.store.answers
        if name == "known":
            answers.known([1], identity(1))
        elif name == "count":
            answers.known_count([1], identity(1))
        else:
            list(answers.current(1, session_id=1 if name == "session" else None))
        assert seen and not [
            line for line in seen if line.startswith("SCAN") and "CONST" not in line
        ]
        assert not [line for line in seen if "TEMP B-TREE" in line]
        if name in ("known", "count"):
            assert any("input_key=?" in line for line in seen)


def test_the_newest_answer_of_an_annotator_on_an_input_is_found(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        answers = world.store.answers
        with world.store.write_txn():
            first = answers.record(world.answer(identity(1, 1)))
            second = answers.record(world.answer(identity(1, 2)))
            answers.record(world.answer(identity(2)))
        newest = answers.newest_on_input(identity(1), "anna")
        older = answers.newest_on_input(identity(1), "anna", but=second)
        assert newest is not None
        assert older is not None
        assert (newest.id, older.id) == (second, first)
        assert answers.newest_on_input(identity(1), "somebody") is None
        assert answers.newest_on_input(identity(9), "anna") is None


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Pacific/Auckland", "2023-11-15"),
        ("America/New_York", "2023-11-14"),
        ("<here>-3:30", "2023-11-15"),
        ("Nowhere/Nothing", "2023-11-14"),
    ],
)
def test_days_are_those_of_this_host(
    zone: str, day: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer at 22:13 in UTC, whatever the server's own zone is."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        with new_world(tmp_path / "a.db") as world:
            with world.store.write_txn():
                world.store.answers.record(world.answer(identity(1)))
            found = world.store.lookup.counts_by_period(world.dataset.id, "day")
            (each,) = world.store.people.days(world.dataset.id)
    time.tzset()
    assert found == [(day, 1, 1)]
    assert each.day == day
