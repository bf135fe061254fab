"""What fails keeps everything: disks that fill up, other sessions that were faster, locks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.session.support import SPAN, Place, answer, at_hand, die, draft, text_of
from tests.store.support import Failing
from tests.support.engines import open_store
from tui_annotate.errors import ConfigError, StoreFull, StoreLocked, WriteConflict
from tui_annotate.session.session import Session
from tui_annotate.task.hash_body import HashSettings

pytestmark = pytest.mark.quick

TEXTS = [f"Text number {number}." for number in range(1, 5)]

Step = Callable[[Session], None]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path, TEXTS)
    with place.source.open("a") as file:
        file.write("no json\n")
    return place


def decide(session: Session) -> None:
    session.decide("accept", {**at_hand(session).task, "spans": [SPAN]})


def later(session: Session) -> None:
    session.later(draft(SPAN))


def keep(session: Session) -> None:
    session.keep_draft(draft(SPAN, cursor=1))


def back(session: Session) -> None:
    session.back(draft(SPAN, cursor=1))


def fails_at_each_statement(place: Place, step: Step, prepare: Step | None) -> int:
    """Take the step with each of its statements failing; return how many there were.

    After each failure the session still has the task, and leaving in order loses nothing of it.
    """
    number = 0
    while True:
        number += 1
        session = place.open()
        session.start()
        if prepare is not None:
            prepare(session)
        session.prefetch()
        before, counts = at_hand(session), session.counts()
        failing = Failing(session.opened.store, number)
        try:
            step(session)
        except StoreFull:
            failing.stop()
        else:
            failing.stop()
            die(session)
            return number - 1
        assert at_hand(session).is_same(before), failing.failed
        assert session.counts().answered == counts.answered
        assert session.counts().waiting == counts.waiting
        session.close()
        with place.session() as session:
            assert text_of(session.item) == text_of(before), failing.failed
            assert session.counts().answered == counts.answered


@pytest.mark.parametrize("step", [decide, later, keep])
def test_a_new_task_stays_at_hand_whatever_statement_fails(place: Place, step: Step) -> None:
    assert fails_at_each_statement(place, step, None) >= 2


def finish_but_one(session: Session) -> None:
    """Put the first task off and answer the others, so that the one at hand waits."""
    if session.counts().waiting == 0:
        session.later(None)
        session.advance()
    while at_hand(session).kind == "new":
        answer(session)


@pytest.mark.parametrize("step", [decide, later, keep])
def test_a_waiting_task_stays_at_hand_whatever_statement_fails(place: Place, step: Step) -> None:
    assert fails_at_each_statement(place, step, finish_but_one) >= 2


def test_a_failed_answer_can_be_given_again(place: Place) -> None:
    with place.session() as session:
        failing = Failing(session.opened.store, 5)
        with pytest.raises(StoreFull):
            decide(session)
        failing.stop()
        decide(session)
        session.advance()
        assert text_of(session.item) == TEXTS[1]
    assert place.answers() == [(TEXTS[0], "accept")]


@pytest.mark.parametrize("nth", range(1, 12))
def test_a_failed_answer_can_be_put_off_instead(place: Place, nth: int) -> None:
    with place.session() as session:
        failing = Failing(session.opened.store, nth)
        try:
            decide(session)
        except StoreFull:
            failing.stop()
            later(session)
        failing.stop()
        session.advance()
        while session.item is not None:
            answer(session)
        assert session.counts().dropped == {"not-json": 1}
    assert sorted(text for text, _ in place.answers()) == TEXTS


def test_a_failed_way_back_stays_where_it_was(place: Place) -> None:
    with place.session() as session:
        for _ in range(3):
            answer(session)
        session.back()
        failing = Failing(session.opened.store, 3)
        with pytest.raises(StoreFull):
            back(session)
        failing.stop()
        assert text_of(session.item) == TEXTS[2]
        back(session)
        assert text_of(session.item) == TEXTS[1], "no answer was passed over"


def test_an_end_that_cannot_be_written_loses_nothing(place: Place) -> None:
    session = place.open()
    session.start()
    answer(session)
    session.keep_draft(draft(SPAN))
    Failing(session.opened.store, 2)
    with pytest.raises(StoreFull):
        session.close()
    with place.session() as session:
        assert text_of(session.item) == TEXTS[1]
        assert at_hand(session).draft == draft(SPAN, edited=False)


# Two sessions of one annotator


def test_the_slower_of_two_sessions_is_told_and_nothing_is_written_twice(place: Place) -> None:
    one, two = place.open(), place.open()
    one.start()
    two.start()
    answer(two)
    with pytest.raises(WriteConflict, match="taken over elsewhere"):
        decide(one)
    assert text_of(one.item) == TEXTS[0], "the task stays on the screen"
    answer(two)
    one.close()
    two.close()
    assert place.answers() == [(TEXTS[0], "accept"), (TEXTS[1], "accept")]
    with place.session() as session:
        assert text_of(session.item) == TEXTS[2]


def test_a_waiting_task_is_answered_by_one_of_two_sessions_only(place: Place) -> None:
    with place.session() as session:
        session.later(None)
        session.advance()
        while at_hand(session).kind == "new":
            answer(session)
    one, two = place.open(), place.open()
    assert text_of(one.start()) == text_of(two.start()) == TEXTS[0]
    answer(two)
    with pytest.raises(WriteConflict, match="elsewhere"):
        decide(one)
    with pytest.raises(WriteConflict, match="elsewhere"):
        later(one)
    one.close()
    two.close()
    assert [text for text, _ in place.answers()].count(TEXTS[0]) == 1


def test_an_old_answer_is_replaced_by_one_of_two_sessions_only(place: Place) -> None:
    with place.session() as session:
        answer(session)
    one, two = place.open(), place.open()
    one.start()
    two.start()
    assert two.back()
    assert one.back()
    answer(two, "reject")
    with pytest.raises(WriteConflict):
        decide(one)
    one.close()
    two.close()
    assert place.answers() == [(TEXTS[0], "reject")]


def test_annotators_do_not_meet_each_other(place: Place) -> None:
    feed = {"feed_overlap": True}
    one, two = place.open(annotator="anna", config=feed), place.open(annotator="ben", config=feed)
    assert text_of(one.start()) == text_of(two.start()) == TEXTS[0]
    answer(one)
    answer(two)
    assert two.counts().done == 1
    one.close()
    two.close()
    assert len(place.answers()) == 2


# Opening


def test_other_hash_keys_are_an_error_that_names_the_dataset(place: Place) -> None:
    with open_store(place.database) as store, store.write_txn():
        store.admin.dataset("my_set", HashSettings(input_keys=("html",)))
    with pytest.raises(ConfigError, match="my_set"):
        place.open()


def test_whoever_waits_is_told_for_whom_and_may_give_up(place: Place) -> None:
    told: list[str] = []

    def give_up(owner: str) -> None:
        told.append(owner)
        raise StoreLocked("given up")

    with place.session() as session:
        session._wait = give_up
        with (
            open_store(place.database) as other,
            other.write_txn(),
            pytest.raises(StoreLocked, match="given up"),
        ):
            decide(session)
        assert told
        decide(session)
    assert place.answers() == [(TEXTS[0], "accept")]
