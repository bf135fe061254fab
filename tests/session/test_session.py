"""One annotator at work: what each step leaves in the store, and what a restart finds there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.session.support import SPAN, Place, answer, at_hand, die, draft, text_of, write_rows
from tui_annotate.errors import RecipeError, SourceError, TaskError
from tui_annotate.session.types import Timing
from tui_annotate.task.schema import Task

pytestmark = pytest.mark.quick

TEXTS = [f"Text number {number}." for number in range(1, 7)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, TEXTS)


# Answering


def test_an_answer_holds_what_was_decided_by_whom_and_how(place: Place) -> None:
    with place.session() as session:
        asked = at_hand(session)
        receipt = session.decide(
            "reject",
            {**asked.task, "spans": [SPAN], "flagged": True, "_comment": "odd"},
            Timing(1200, 300, "terminal"),
        )
        assert (receipt.decision, receipt.summary, receipt.replaced) == (
            "reject",
            "Text number 1.",
            False,
        )
        assert session.item is None
    with place.store() as store:
        stored = store.answers.get(receipt.answer_id)
        assert stored is not None
        record, content = stored.record, json.loads(stored.record.content)
    assert (stored.session, stored.annotator) == ("my_set-anna", "anna")
    assert (record.answer, record.row, record.view_id, record.seen) == (
        "reject",
        1,
        "ner_manual",
        "terminal",
    )
    assert (record.elapsed_ms, record.reading_ms) == (1200, 300)
    assert (record.flagged, record.comment) == (True, "odd")
    assert record.identity == asked.identity
    assert content == {
        **asked.task,
        "spans": [SPAN],
        "flagged": True,
        "_comment": "odd",
        "answer": "reject",
        "_input_hash": asked.identity.input_hash,
        "_task_hash": asked.identity.task_hash,
        "_view_id": "ner_manual",
        "_timestamp": 1_700_000_000,
        "_annotator_id": "anna",
        "_session_id": "my_set-anna",
    }


def test_tasks_come_in_order_to_the_end_and_not_again(place: Place) -> None:
    seen = []
    with place.session() as session:
        for decision in ("accept", "reject", "ignore") * 2:
            seen.append((text_of(session.item), decision))
            answer(session, decision)
        assert session.item is None
        assert session.counts().answered == {"accept": 2, "reject": 2, "ignore": 2}
    assert place.answers() == seen
    assert [text for text, _ in seen] == TEXTS
    with place.session() as session:
        assert session.item is None


@pytest.mark.parametrize("done", range(7))
@pytest.mark.parametrize("killed", [False, True])
def test_a_restart_goes_on_with_the_next_task(place: Place, done: int, killed: bool) -> None:
    session = place.open()
    session.start()
    for _ in range(done):
        answer(session)
        session.prefetch()
    die(session) if killed else session.close()
    with place.session() as session:
        assert text_of(session.item) == (TEXTS[done] if done < len(TEXTS) else None)
        assert session.counts().done == done
        visit = session.opened.visit
        assert visit is not None
        assert (visit.closed_at is None) is killed


def test_counts_know_what_is_to_come(place: Place) -> None:
    with place.session() as session:
        assert session.counts().to_go is None
        assert session.counts().to_go_about == 6
        assert session.counts().to_go_words == "about 6 to go"
        rows = session.count_rows()
        assert rows == 6
        session.keep_count(rows)
        assert session.counts().to_go == 6
        answer(session)
        session.prefetch()
        counts = session.counts()
        assert (counts.done, counts.to_go) == (1, 5)
        assert counts.to_go_about is None
        session.later(None)
        session.advance()
        counts = session.counts()
        assert (counts.done, counts.waiting, counts.to_go) == (1, 1, 4)
    with place.session() as session:
        session.keep_count(6)
        assert (session.counts().waiting, session.counts().to_go) == (1, 4)


def test_bad_rows_are_counted_by_reason_and_the_rest_goes_on(tmp_path: Path) -> None:
    place = Place(tmp_path, TEXTS[:2])
    with place.source.open("a") as file:
        file.write('{"text": \n[1]\n{"text": "Good again."}\n{"text": "Good again."}\n')
    with place.session() as session:
        for _ in range(3):
            answer(session)
        assert session.item is None
        assert session.counts().dropped == {"not-json": 1, "not-object": 1, "same-task": 1}
    with place.session() as session:
        assert session.item is None
        assert sum(session.counts().dropped.values()) == 3
    assert [text for text, _ in place.answers()] == [*TEXTS[:2], "Good again."]


# Later


def test_later_comes_back_at_the_end_with_its_draft(place: Place) -> None:
    with place.session() as session:
        session.later(draft(SPAN, cursor=2))
        assert session.item is None
        session.advance()
        session.later(None)
        session.advance()
        assert session.counts().waiting == 2
        for _ in range(4):
            answer(session)
        first = at_hand(session)
        assert (text_of(first), first.kind) == (TEXTS[0], "waiting")
        assert first.draft == draft(SPAN, cursor=2, edited=False)
        session.later(None)
        session.advance()
        assert text_of(session.item) == TEXTS[1]
    with place.session() as session:
        assert text_of(session.item) == TEXTS[1]
        answer(session)
        assert text_of(session.item) == TEXTS[0]
        assert at_hand(session).draft == draft(SPAN, cursor=2, edited=False)
        answer(session)
        assert session.item is None
        assert (session.counts().waiting, session.counts().done) == (0, 6)


def test_what_waits_keeps_the_row_it_was_made_from(place: Place) -> None:
    with place.session() as session:
        session.later(None)
        session.advance()
        for _ in range(5):
            answer(session)
        session.later(None)
        session.advance()
        receipt = answer(session)
    with place.store() as store:
        stored = store.answers.get(receipt.answer_id)
    assert stored is not None
    assert stored.record.row == 1


def test_what_waits_stays_with_its_source(place: Place, tmp_path: Path) -> None:
    with place.session() as session:
        first = session.opened.cursor_id
        session.later(None)
    place.source = write_rows(tmp_path / "other.jsonl", ["Another one."])
    with place.session() as session:
        assert session.opened.cursor_id != first
        answer(session)
        assert text_of(session.item) == TEXTS[0]
        session.later(None)
        session.advance()
        receipt = answer(session)
    with place.store() as store:
        stored = store.answers.get(receipt.answer_id)
    assert stored is not None
    assert (stored.record.cursor_id, stored.record.row) == (first, 1)


# Drafts


def test_a_draft_is_there_after_a_kill(place: Place) -> None:
    session = place.open()
    session.start()
    answer(session)
    session.keep_draft(draft(SPAN, cursor=1))
    session.keep_draft(draft(SPAN, {**SPAN, "label": "LOC"}, cursor=3))
    die(session)
    with place.session() as session:
        assert text_of(session.item) == TEXTS[1]
        assert at_hand(session).draft == draft(
            SPAN, {**SPAN, "label": "LOC"}, cursor=3, edited=False
        )
        answer(session)
        assert at_hand(session).draft is None


def test_a_draft_is_kept_for_the_task_it_was_begun_on_only(place: Place) -> None:
    with place.session() as session:
        first = at_hand(session)
        answer(session)
        session.keep_draft(draft(SPAN), first)
        assert at_hand(session).draft is None
        second = at_hand(session)
        session.keep_draft(draft(cursor=1))
        session.keep_draft(draft(SPAN), second)
        assert at_hand(session).draft == draft(SPAN)
    with place.session() as session:
        assert at_hand(session).draft == draft(SPAN, edited=False)


def test_drafts_of_several_tasks_do_not_mix(place: Place) -> None:
    with place.session() as session:
        session.later(draft(cursor=1))
        session.advance()
        session.later(draft(SPAN, cursor=2))
        session.advance()
        session.keep_draft(draft(cursor=3))
    with place.session() as session:
        assert at_hand(session).draft == draft(cursor=3, edited=False)
        for _ in range(4):
            answer(session)
        assert at_hand(session).draft == draft(cursor=1, edited=False)
        answer(session)
        assert at_hand(session).draft == draft(SPAN, cursor=2, edited=False)


def test_without_a_task_there_is_nothing_to_keep_or_decide(place: Place) -> None:
    with place.session() as session:
        session.decide("accept", at_hand(session).task)
        for step in (
            lambda: session.decide("accept", {}),
            lambda: session.later(None),
            lambda: session.keep_draft(draft()),
        ):
            with pytest.raises(TaskError, match="no task at hand"):
                step()


# Back and forward


def test_back_opens_older_answers_and_forward_returns(place: Place) -> None:
    with place.session() as session:
        assert session.back() is False
        assert text_of(session.item) == TEXTS[0]
        for _ in range(3):
            answer(session)
        assert session.forward() is False
        numbers = []
        for text in reversed(TEXTS[:3]):
            assert session.back()
            assert (text_of(session.item), at_hand(session).kind) == (text, "answered")
            numbers.append(at_hand(session).number)
        assert numbers == [3, 2, 1]
        assert session.back() is False
        assert text_of(session.item) == TEXTS[0]
        for text in TEXTS[1:4]:
            assert session.forward()
            assert text_of(session.item) == text
        assert at_hand(session).kind == "new"
        assert session.forward() is False
    assert len(place.answers()) == 3


def test_an_opened_answer_stands_until_a_new_decision(place: Place) -> None:
    with place.session() as session:
        answer(session, spans=[SPAN])
        session.back(draft(cursor=2))
        old = at_hand(session)
        assert old.task["spans"] == [SPAN]
        assert not {"answer", "_timestamp", "_session_id"} & old.task.keys()
        receipt = session.decide("reject", {**old.task, "spans": []})
        assert receipt.replaced
        session.advance()
        assert text_of(session.item) == TEXTS[1]
        assert at_hand(session).draft == draft(cursor=2, edited=False)
        assert session.counts().answered == {"accept": 0, "reject": 1, "ignore": 0}
        answer(session)
    assert place.answers() == [(TEXTS[0], "reject"), (TEXTS[1], "accept")]


def test_back_over_a_restart_and_over_sources(place: Place, tmp_path: Path) -> None:
    with place.session() as session:
        answer(session)
    place.source = write_rows(tmp_path / "other.jsonl", ["Another one."])
    with place.session() as session:
        answer(session)
        assert session.item is None
        assert session.back()
        assert text_of(session.item) == "Another one."
        assert session.back()
        assert text_of(session.item) == TEXTS[0]
        answer(session, "ignore")
        assert session.item is None
    assert place.answers() == [("Another one.", "accept"), (TEXTS[0], "ignore")]


@pytest.mark.parametrize("killed", [False, True])
def test_an_opened_answer_is_open_after_a_restart(place: Place, killed: bool) -> None:
    session = place.open()
    session.start()
    for _ in range(4):
        answer(session)
    session.keep_draft(draft(cursor=4))
    session.back()
    session.back()
    session.keep_draft(draft(SPAN, cursor=1))
    die(session) if killed else session.close()
    with place.session() as session:
        opened = at_hand(session)
        assert (text_of(opened), opened.kind, opened.number) == (TEXTS[2], "answered", 3)
        assert opened.draft == draft(SPAN, cursor=1, edited=False)
        assert session.forward(draft(SPAN, cursor=1))
        assert text_of(session.item) == TEXTS[3]
        assert session.forward()
        assert (text_of(session.item), at_hand(session).kind) == (TEXTS[4], "new")
        assert at_hand(session).draft == draft(cursor=4, edited=False)
    with place.session() as session:
        assert text_of(session.item) == TEXTS[4]
        session.back()
        session.back()
        assert at_hand(session).draft == draft(SPAN, cursor=1, edited=False), "put down, not lost"


def test_a_reopened_answer_decided_after_a_restart_goes_on_where_it_was(place: Place) -> None:
    with place.session() as session:
        answer(session)
        answer(session)
        session.back()
        session.back()
        session.keep_draft(draft(SPAN))
    with place.session() as session:
        answer(session, "reject", spans=[SPAN])
        assert text_of(session.item) == TEXTS[2]
    with place.session() as session:
        assert (text_of(session.item), at_hand(session).kind) == (TEXTS[2], "new")


def test_looking_at_an_old_answer_without_edits_leaves_nothing(place: Place) -> None:
    with place.session() as session:
        answer(session)
        session.back()
        session.keep_draft(draft(cursor=2, edited=False))
        session.forward(draft(cursor=2, edited=False))
    with place.session() as session:
        assert (text_of(session.item), at_hand(session).kind) == (TEXTS[1], "new")
        session.back()
        assert at_hand(session).draft is None


def test_later_puts_an_old_answer_down_and_leaves_it(place: Place) -> None:
    with place.session() as session:
        answer(session)
        session.back()
        session.later(draft(SPAN))
        session.advance()
        assert text_of(session.item) == TEXTS[1]
        assert session.counts().waiting == 0
    assert place.answers() == [(TEXTS[0], "accept")]


# The recipe's own functions


def test_validate_answer_refuses_in_its_own_words(place: Place) -> None:
    def validate(task: dict[str, Any]) -> None:
        assert task.get("spans"), "mark at least one"

    with place.session(validate_answer=validate) as session:
        with pytest.raises(TaskError, match="mark at least one"):
            session.decide("accept", at_hand(session).task)
        assert text_of(session.item) == TEXTS[0]
        answer(session, spans=[SPAN])
        session.decide("ignore", at_hand(session).task)
    assert place.answers() == [(TEXTS[0], "accept"), (TEXTS[1], "ignore")]


def test_before_db_changes_what_is_stored(place: Place) -> None:
    def before_db(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**each, "text": each["text"].upper()} for each in answers]

    with place.session(before_db=before_db) as session:
        answer(session)
        assert text_of(session.item) == TEXTS[1]
    assert place.answers() == [(TEXTS[0].upper(), "accept")]
    with place.session() as session:
        assert text_of(session.item) == TEXTS[1], "the question is known by its own key"


def fail(*_: Any) -> Any:
    raise KeyError("no such thing")


@pytest.mark.parametrize(
    ("component", "message"),
    [
        ({"validate_answer": fail}, r"test.recipe: validate_answer failed on .*KeyError"),
        ({"before_db": fail}, r"test.recipe: before_db failed on .*KeyError"),
        ({"before_db": lambda answers: []}, "must return a list with the one answer"),
        ({"before_db": lambda answers: None}, "must return a list with the one answer"),
    ],
)
def test_callbacks_that_fail_are_named_and_nothing_is_written(
    place: Place, component: dict[str, Any], message: str
) -> None:
    with place.session(**component) as session:
        with pytest.raises(RecipeError, match=message):
            session.decide("accept", at_hand(session).task)
        assert text_of(session.item) == TEXTS[0]
    with place.session() as session:
        assert text_of(session.item) == TEXTS[0]
        assert session.counts().done == 0


# Streams that fail or read ahead


def test_a_stream_that_fails_never_looks_like_its_end(place: Place) -> None:
    def change(tasks: Iterable[Task]) -> Iterator[Task]:
        for number, task in enumerate(tasks):
            if number == 2:
                raise KeyError("model")
            yield task

    with place.session(change) as session:
        answer(session)
        session.prefetch()
        session.prefetch()
        session.decide("accept", at_hand(session).task)
        for _ in range(2):
            with pytest.raises(RecipeError, match="failed with KeyError: 'model'"):
                session.advance()
        assert session.counts().done == 2
    with place.session() as session:
        assert text_of(session.item) == TEXTS[2]


def test_strict_stops_at_a_bad_row_and_resumes_there(place: Place) -> None:
    rows = place.source.read_text().splitlines(keepends=True)
    place.source.write_text("".join([*rows[:2], "oops\n", *rows[2:]]))
    session = place.open(strict=True)
    session.start()
    session.prefetch()
    answer(session)
    session.prefetch()
    session.decide("accept", at_hand(session).task)
    with pytest.raises(SourceError, match=r"rows.jsonl:3: .*Without --strict"):
        session.advance()
    session.close()
    with place.session() as session:
        assert text_of(session.item) == TEXTS[2]


@pytest.mark.parametrize("window", [2, 256])
def test_a_recipe_that_reads_ahead_skips_nothing(place: Place, window: int) -> None:
    def change(tasks: Iterable[Task]) -> Iterator[Task]:
        rows: list[Task] = []
        for task in tasks:
            rows.append(task)
            if len(rows) == window:
                yield from rows
                rows = []
        yield from rows

    for text in TEXTS:
        session = place.open(change)
        assert text_of(session.start()) == text
        session.prefetch()
        answer(session)
        die(session)
    assert [text for text, _ in place.answers()] == TEXTS
    with place.session(change) as session:
        assert session.item is None


# A source that changes


@pytest.mark.parametrize(
    ("texts", "expected", "sentence"),
    [
        ([*TEXTS, "More."], TEXTS[2], "has grown"),
        (["New.", *TEXTS], "New.", "has changed"),
        (list(reversed(TEXTS)), TEXTS[5], "has changed"),
        (TEXTS[:1], None, "has changed"),
        (TEXTS, TEXTS[2], ""),
    ],
    ids=["grown", "put before", "reordered", "cut", "touched"],
)
def test_a_changed_source_is_read_again_and_nothing_is_asked_twice(
    place: Place, texts: list[str], expected: str | None, sentence: str
) -> None:
    with place.session() as session:
        answer(session)
        answer(session)
    if texts != TEXTS:
        write_rows(place.source, texts)
    with place.session() as session:
        assert text_of(session.item) == expected
        assert sentence in session.opening_sentence()
        while session.item is not None:
            answer(session)
    wanted = {*TEXTS[:2], *texts}
    assert sorted(text for text, _ in place.answers()) == sorted(wanted)
