"""Several people on one dataset at once: nothing twice, nothing lost, nobody left without."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.session.support import (
    Place,
    answer,
    answer_in_turns,
    at_hand,
    die,
    draft,
    make_job,
    text_of,
)
from tests.session.teams import (
    BY_INPUT,
    Time,
    answered,
    begin,
    place,
    transactions,
    with_rows,
)
from tests.support.engines import open_store
from tui_annotate.cli.start import progress
from tui_annotate.commands.preferences import RecentJob
from tui_annotate.errors import StoreUnavailable
from tui_annotate.job import Job
from tui_annotate.session.opening import open_session
from tui_annotate.session.queue import TaskQueue
from tui_annotate.session.session import Session
from tui_annotate.session.sharing import Claiming

pytestmark = pytest.mark.quick


def test_two_people_get_different_tasks_and_each_decision_is_one_transaction(
    tmp_path: Path, time: Time
) -> None:
    where = place(tmp_path, 40)
    people = [begin(where, "anna"), begin(where, "ben")]
    assert [text_of(each.item) for each in people] == ["text 0", "text 1"]
    before = [transactions(each) for each in people]
    for _ in range(18):
        for session in people:
            session.prefetch()
            answer(session)
    assert [transactions(each) - n for each, n in zip(people, before, strict=True)] == [18, 18]
    for session in people:
        while session.item is not None:
            answer(session)
    assert answered(where) == {f"text {n}": 1 for n in range(40)}
    for session in people:
        session.close()


@pytest.mark.files_only
def test_a_decision_writes_the_disk_once(
    tmp_path: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes to the disk is a commit; the claim of the next task is in that of the answer."""
    where = place(tmp_path, 10)
    session = begin(where, "anna")
    statements: list[str] = []
    session.opened.store._connection.db.set_trace_callback(statements.append)
    session.prefetch()
    answer(session)
    session.prefetch()
    written = [each.split(None, 1)[0] for each in statements]
    assert (written.count("BEGIN"), written.count("COMMIT")) == (1, 1)
    assert sum("INSERT INTO claims" in each for each in statements) == 1
    session.close()


@pytest.mark.files_only
@pytest.mark.parametrize("wanted", [1, 2])
def test_a_decision_is_one_transaction_whatever_others_take_meanwhile(
    wanted: int, tmp_path: Path, time: Time
) -> None:
    """While one person reads a task, others answer more than was read ahead for that person."""
    where = place(tmp_path, 200)
    config = {"annotations_per_task": wanted}
    people = [begin(where, name, **config) for name in ("anna", "ben", "cid", "dot", "eve")]
    slow, others = people[0], people[1:]
    for session in people:
        session.prefetch()
    statements: list[str] = []
    slow.opened.store._connection.db.set_trace_callback(statements.append)
    for _ in range(2):
        for _ in range(6 * wanted):
            for session in others:
                answer(session)
                session.prefetch()
        statements.clear()
        answer(slow)
        slow.prefetch()
        written = [each.split(None, 1)[0] for each in statements]
        assert (written.count("BEGIN"), written.count("COMMIT")) == (1, 1)
        assert sum("INSERT INTO claims" in each for each in statements) == 1
    for session in people:
        session.close()


def test_where_all_that_was_read_ahead_is_gone_one_transaction_tells(
    tmp_path: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others take it between the last look at what they hold and the claim."""
    where = place(tmp_path, 60)
    anna, ben = begin(where, "anna"), begin(where, "ben")
    anna.prefetch()
    look = TaskQueue.refresh

    def others_are_faster(queue: TaskQueue) -> None:
        look(queue)
        if queue._opened is anna.opened:
            for _ in range(20):
                answer(ben)

    monkeypatch.setattr(TaskQueue, "refresh", others_are_faster)
    for _ in range(2):
        before = transactions(anna)
        answer(anna)
        assert anna.item is not None and transactions(anna) - before == 2
    monkeypatch.undo()
    answer_in_turns([anna, ben], 60)
    assert answered(where) == {f"text {n}": 1 for n in range(60)}
    for session in (anna, ben):
        session.close()


@pytest.mark.files_only  # a server has a clock of its own
def test_of_tasks_that_were_put_off_the_first_free_one_is_found_in_one_transaction(
    tmp_path: Path, time: Time
) -> None:
    where = place(tmp_path, 14)
    anna = begin(where, "anna")
    while anna.item is not None and anna.item.kind == "new":
        anna.later(None)
        anna.advance()
    die(anna)
    time.run_out()
    others = [begin(where, f"other {n}") for n in range(9)]
    for session in others[:4]:
        answer(session)
    anna = begin(where, "anna")
    assert text_of(anna.item) == "text 13"
    before = transactions(anna)
    answer(anna)
    assert anna.item is None and anna.elsewhere == 9
    assert transactions(anna) - before <= 3
    answer_in_turns(others, 14)
    assert answered(where) == {f"text {n}": 1 for n in range(14)}
    for session in [anna, *others]:
        session.close()


@pytest.mark.parametrize("by", ["input", "task"])
@pytest.mark.parametrize(
    ("config", "each"),
    [({}, 1), ({"feed_overlap": False, "annotations_per_task": 1}, 1),
     ({"annotations_per_task": 2}, 2), ({"feed_overlap": True}, 3)],
    ids=["default", "one", "two", "everybody"],
)  # fmt: skip
def test_each_task_is_annotated_by_as_many_as_are_wanted(
    config: dict[str, Any], each: int, by: str, tmp_path: Path, time: Time
) -> None:
    where = place(tmp_path, 20)
    people = [begin(where, name, **{**config, "exclude_by": by}) for name in ("ann", "ben", "cid")]
    while any(session.item for session in people):
        for session in people:
            if session.item is None:
                continue
            session.prefetch()
            answer(session)
    assert answered(where) == {f"text {n}": each for n in range(20)}
    for session in people:
        assert session.look_again() is None and session.elsewhere == 0
        session.close()


def test_a_fraction_is_kept_to_on_average(tmp_path: Path, time: Time) -> None:
    where = place(tmp_path, 200)
    people = [begin(where, name, annotations_per_task=1.5) for name in ("ann", "ben", "cid")]
    while any(session.item for session in people):
        for session in people:
            if session.item is not None:
                answer(session)
    found = answered(where)
    assert len(found) == 200 and set(found.values()) == {1, 2}
    assert 260 < sum(found.values()) < 340
    for session in people:
        session.close()


@pytest.mark.parametrize("later", [False, True], ids=["at once", "put off first"])
def test_a_row_may_say_how_many_people_it_wants(later: bool, tmp_path: Path, time: Time) -> None:
    """Whole numbers count; other programs keep lists under that key, which are data."""
    said: list[Any] = [3, 1, 2, None, [], "2", True, 0, -1, 1.5, {"n": 2}]
    rows = [{"text": f"text {n}", "annotations": each} for n, each in enumerate(said)]
    where = with_rows(tmp_path, *rows)
    people = [begin(where, name, annotations_per_task=2) for name in ("a", "b", "c", "d")]
    if later:
        for session in people:
            while session.item is not None and session.item.kind == "new":
                session.later(None)
                session.advance()
    answer_in_turns(people, 20)
    for session in people:
        assert session.item is None
    found = answered(where)
    assert [found[f"text {n}"] for n in range(11)] == [3, 1, 2, 2, 2, 2, 2, 0, 2, 2, 2]
    for session in people:
        session.close()
    with where.store() as store:
        dropped = [each.drop.reason for each in store.progress.dataset_drops(1)]
    assert dropped.count("filtered") == 4
    for name in ("a", "b", "c", "d", "e"):
        session = begin(where, name, annotations_per_task=2)
        assert session.item is None, "a later visit asks no more of anybody"
        session.close()


def begin_passes(where: Place, name: str) -> Session:
    """Begin a session of a job that goes through its source twice."""

    def build() -> Job:
        job = make_job(where.source, config=BY_INPUT)
        job.repeat = 2
        return job

    job = build()
    job.renew = build
    session = Session(open_session(open_store(where.database), job, name))
    session.start()
    return session


def test_a_row_says_how_many_may_have_it_also_in_a_pass_that_is_gone_through_again(
    tmp_path: Path, time: Time
) -> None:
    """Two hold a row that two are wanted for, in each pass; one leaves, who came last gets it."""
    where = with_rows(tmp_path, {"text": "one", "annotations": 2})
    people = [begin_passes(where, name) for name in ("anna", "ben", "cid", "dot", "eve")]
    assert [each.opened.pass_ for each in people] == [1, 1, 2, 2, 2]
    eve = people.pop()
    assert eve.item is None and eve.look_again() is None, "in each pass two hold it"
    people.pop(1).close()
    assert text_of(eve.look_again()) == "one", "in the first pass anna alone is not enough"
    assert eve.opened.pass_ == 1
    for session in (eve, *people):
        session.close()


def test_each_pass_is_claimed_for_itself(tmp_path: Path, time: Time) -> None:
    where = place(tmp_path, 6)
    people = [begin_passes(where, "anna"), begin_passes(where, "ben")]
    for _ in range(40):
        for session in people:
            if session.item is not None:
                answer(session)
            else:
                session.look_again()
    for session in people:
        assert session.item is None
        session.close()
    with where.store() as store:
        found = Counter(
            (each.record.identity.input_key, each.record.pass_) for each in store.answers.iterate(1)
        )
    assert len(found) == 12 and set(found.values()) == {1}


def test_people_are_told_once_who_else_is_there(tmp_path: Path, time: Time) -> None:
    where = place(tmp_path, 9)
    anna = begin(where, "anna")
    assert anna.opening_sentence() == "" and anna.company() == ""
    ben = begin(where, "ben")
    assert ben.opening_sentence() == "anna works on my_set too: each task goes to one of you"
    assert anna.company() == "ben works on my_set too: each task goes to one of you"
    assert anna.company() == "" and ben.company() == ""
    ben.close()
    for config, words in (
        ({"annotations_per_task": 2}, "to 2 of you"),
        ({"annotations_per_task": 1.5}, "to 1.5 of you on average"),
        ({"feed_overlap": True}, "each of you gets every task"),
    ):
        cid = begin(where, "cid", **config)
        assert words in cid.opening_sentence()
        cid.close()
    anna.close()


def test_somebody_who_looks_on_holds_nothing(tmp_path: Path, time: Time) -> None:
    where = place(tmp_path, 2)
    anna = begin(where, "anna")
    looking = where.open(annotator="ben", config=BY_INPUT)
    looking.opened.looking_on = "a test"
    looking._take_up(looking.opened)
    looking.start()
    assert text_of(looking.item) == "text 0"
    for session in (looking, anna):
        session.close()


class Crowd:
    """Several people who begin, answer, put off, go back, leave and are killed, by the dice."""

    def __init__(self, where: Place, time: Time, dice: random.Random, wanted: int) -> None:
        self.where, self.time, self.dice, self.wanted = where, time, dice, wanted
        self.sessions: dict[str, Session] = {}
        self.names = [f"p{n}" for n in range(wanted + 2)]

    def step(self) -> None:
        name = self.dice.choice(self.names)
        session = self.sessions.get(name)
        self.time.ms += self.dice.randrange(5000)
        if session is None:
            self.sessions[name] = begin(self.where, name, annotations_per_task=self.wanted)
            return
        session.beat()
        what = self.dice.random()
        if what < 0.03:
            die(self.sessions.pop(name))
        elif what < 0.08:
            self.sessions.pop(name).close()
        elif session.item is None:
            session.look_again()
        elif what < 0.2:
            session.later(draft() if self.dice.random() < 0.5 else None)
            session.advance()
        elif what < 0.25:
            session.back()
            if at_hand(session).kind == "answered":
                answer(session, "reject")
        else:
            if self.dice.random() < 0.7:
                session.prefetch()
            answer(session)

    def finish(self) -> None:
        """Let those who were killed run out of time, and the others answer what is left."""
        for session in self.sessions.values():
            session.close()
        self.time.run_out()
        for name in self.names:
            session = begin(self.where, name, annotations_per_task=self.wanted)
            while session.item is not None:
                answer(session)
            assert session.elsewhere == 0
            session.close()


def seeds() -> Iterator[int]:
    yield from range(12)


@pytest.mark.files_only  # a server has a clock of its own
@pytest.mark.parametrize("seed", seeds())
def test_whatever_people_do_each_task_has_as_many_annotators_as_are_wanted(
    seed: int, tmp_path: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(seed)
    wanted, count = dice.choice([1, 1, 2, 3]), dice.randrange(5, 40)
    where = place(tmp_path, count)
    crowd = Crowd(where, time, dice, wanted)
    for _ in range(dice.randrange(60, 160)):
        crowd.step()
    crowd.finish()
    with where.store() as store:
        assert store.admin.check(full=True) == [] and store.derived.problems() == []
        people: dict[bytes, list[str]] = {}
        for each in store.answers.iterate(1):
            assert not each.record.late, "nobody was away for longer than a lease"
            people.setdefault(each.record.identity.input_key, []).append(each.annotator)
    assert len(people) == count, "nothing is lost"
    for annotators in people.values():
        assert len(annotators) == len(set(annotators)) == wanted, f"seed {seed}"


def test_what_others_have_answered_is_not_to_go(tmp_path: Path, time: Time) -> None:
    where = place(tmp_path, 20)
    anna = begin(where, "anna")
    for _ in range(9):
        answer(anna)
    anna.keep_count(20)
    ben = begin(where, "ben")
    ben.close()
    job = RecentJob(("test.recipe",), str(tmp_path), "my_set", 0)
    with where.store() as store:
        assert progress(store, job) == "9 answered, 11 to go"
    anna.close()


def test_done_to_go_and_not_asked_make_up_the_rows(tmp_path: Path, time: Time) -> None:
    where = place(tmp_path, 20)
    anna = begin(where, "anna")
    for _ in range(9):
        answer(anna)
    anna.close()
    for done in (3, 6):
        ben = begin(where, "ben")
        ben.keep_count(20)
        for _ in range(3):
            answer(ben)
        counts = ben.counts()
        assert (counts.done, counts.not_asked, counts.to_go) == (done, 9, 11 - done)
        assert counts.to_go_words == f"{11 - done} to go"
        ben.close()


def test_a_look_at_others_that_fails_costs_no_row(
    tmp_path: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = begin(place(tmp_path, 3), "ann")
    is_free, fails = Claiming.is_free, iter([True])

    def fail_once(self: Claiming, *given: Any) -> bool:
        if next(fails, False):
            raise StoreUnavailable("the database is away", where="a test")
        return is_free(self, *given)

    monkeypatch.setattr(Claiming, "is_free", fail_once)
    ann.prefetch()  # what fails is told by whoever needs the task
    seen = []
    while ann.item is not None:
        seen.append(text_of(ann.item))
        answer(ann)
    assert seen == ["text 0", "text 1", "text 2"]
    ann.close()
