"""What somebody has in hand: whose it is, for how long, and where it goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.session.support import (
    answer,
    die,
    draft,
    text_of,
)
from tests.session.teams import (
    BY_INPUT,
    Time,
    answered,
    begin,
    lates,
    place,
    transactions,
)
from tui_annotate.store.claims import BEAT_EVERY

pytestmark = pytest.mark.quick


@pytest.mark.files_only  # a server has a clock of its own
def test_what_is_in_a_dead_session_comes_back_once_its_lease_has_run_out(
    tmp_path: Path, time: Time
) -> None:
    where = place(tmp_path, 3)
    anna, ben = begin(where, "anna"), begin(where, "ben")
    die(anna)
    answer(ben)
    answer(ben)
    assert ben.item is None and ben.elsewhere == 1
    assert ben.ending().sentence(2).startswith("Nothing left for you right now: 1 task is")
    assert ben.look_again() is None
    time.run_out()
    assert text_of(ben.look_again()) == "text 0"
    answer(ben)
    assert ben.item is None and ben.elsewhere == 0
    ben.close()
    assert set(answered(where).values()) == {1} and len(answered(where)) == 3


def test_what_is_in_a_session_that_ends_comes_back_at_once(tmp_path: Path, time: Time) -> None:
    where = place(tmp_path, 4)
    anna, ben = begin(where, "anna"), begin(where, "ben")
    anna.later(None)
    anna.advance()
    assert text_of(anna.item) == "text 2"
    answer(ben)
    anna.close()
    got = []
    while ben.item is not None:
        got.append(text_of(ben.item) or "")
        answer(ben)
    assert sorted(got) == ["text 0", "text 2", "text 3"], "what she had put off as well"
    ben.close()
    anna = begin(where, "anna")
    assert anna.item is None and anna.counts().waiting == 0, "answered while it waited"
    anna.close()
    with where.store() as store:
        for account in store.accounts.of(1):
            assert account.read == 4 == account.answered + sum(account.dropped.values())


def test_a_task_put_off_stays_ones_own_while_the_session_lives(tmp_path: Path, time: Time) -> None:
    where = place(tmp_path, 2)
    anna = begin(where, "anna")
    anna.later(draft())
    anna.advance()
    ben = begin(where, "ben")
    assert ben.item is None and ben.elsewhere == 2
    answer(anna)
    assert text_of(anna.item) == "text 0"
    answer(anna)
    assert anna.item is None
    assert ben.look_again() is None and ben.elsewhere == 0
    for session in (anna, ben):
        session.close()
    assert set(answered(where).values()) == {1}


@pytest.mark.files_only  # a server has a clock of its own
def test_a_late_answer_is_kept_and_says_that_it_is_late(tmp_path: Path, time: Time) -> None:
    where = place(tmp_path, 2)
    anna = begin(where, "anna")
    time.run_out()
    ben = begin(where, "ben")
    assert text_of(ben.item) == "text 0"
    assert answer(anna).remark.startswith("Somebody else had been given the task")
    assert not answer(ben).late, "it was his when he answered"
    assert lates(where) == {"anna": True, "ben": False}
    for session in (anna, ben):
        session.close()


def test_who_was_only_slow_is_not_late(tmp_path: Path, time: Time) -> None:
    where = place(tmp_path, 2)
    with where.session(annotator="anna", config=BY_INPUT) as anna:
        time.run_out()
        assert not answer(anna).late


def test_a_sign_of_life_keeps_the_task_and_is_given_every_half_minute(
    tmp_path: Path, time: Time
) -> None:
    where = place(tmp_path, 2)
    anna = begin(where, "anna")
    heart = anna.opened.store.heartbeat
    seconds = [0.0]
    heart._clock, heart._durable = lambda: seconds[0], 0.0
    answer(anna)
    before = transactions(anna)
    for _ in range(300):  # fifty minutes, asked every ten seconds
        seconds[0] += BEAT_EVERY / 3
        time.ms += int(BEAT_EVERY / 3 * 1000)
        anna.beat()
    assert transactions(anna) - before == 100
    ben = begin(where, "ben")
    assert ben.item is None and ben.elsewhere == 1
    for session in (anna, ben):
        session.close()
