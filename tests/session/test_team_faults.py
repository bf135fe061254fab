"""What goes wrong around people at work: clocks, full disks, changed projects, a lead who drops."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.session.support import Place, answer, answer_in_turns, at_hand, die, draft
from tests.session.teams import BY_INPUT, Time, answered, begin, place, transactions
from tests.support import engines
from tests.support.engines import is_on_files, open_store
from tui_annotate.cli.main import run
from tui_annotate.errors import StoreError, StoreFull, StoreLocked, WriteConflict
from tui_annotate.session.process_owner import own_name
from tui_annotate.session.session import Session
from tui_annotate.store import claims
from tui_annotate.store.claims import BEAT_EVERY, LEASE_MS, Clock

pytestmark = pytest.mark.quick


class SetClock(Time):
    """A machine whose wall clock somebody sets."""

    wall_ms = 1_700_000_000_000

    def now(self) -> Clock:
        return Clock("boot", self.ms, self.wall_ms + self.ms)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    made = SetClock()
    monkeypatch.setattr(claims, "now", made.now)
    return made


@pytest.mark.parametrize("days", [-400, 400])
@pytest.mark.files_only  # a server has a clock of its own
def test_a_clock_that_is_set_frees_nothing_and_keeps_nothing(
    days: int, tmp_path: Path, clock: SetClock
) -> None:
    where = place(tmp_path, 3)
    anna, ben = begin(where, "anna"), begin(where, "ben")
    held = at_hand(anna).identity
    clock.wall_ms += days * 86_400_000
    answer(ben)
    answer(ben)
    assert ben.item is None and ben.elsewhere == 1, "anna has hers still"
    assert ben.look_again() is None
    clock.ms += LEASE_MS + 1
    found = ben.look_again()
    assert found is not None and found.identity == held, "after the lease it comes, in any year"
    answer(ben)
    assert answered(where) == {f"text {n}": 1 for n in range(3)}
    die(anna)
    ben.close()


@pytest.mark.files_only  # a server has a clock of its own
def test_after_the_machine_has_slept_a_sign_of_life_is_given_at_once(
    tmp_path: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock that leases run by goes on meanwhile, so that of the heartbeat does too."""
    where = place(tmp_path, 3)
    anna = begin(where, "anna")
    heart = anna.opened.store.heartbeat
    slept = 3600
    read = time.clock_gettime

    def awake(which: int) -> float:
        return read(which) + (slept if which == time.CLOCK_BOOTTIME else 0)

    answer(anna)
    assert not heart.is_due
    monkeypatch.setattr(time, "clock_gettime", awake)
    clock.ms += 1000 * slept
    assert heart.is_due
    anna.beat()
    ben = begin(where, "ben")
    assert at_hand(ben).identity != at_hand(anna).identity, "anna has hers again"
    for session in (anna, ben):
        session.close()


class Hearts(SetClock):
    """The clocks of the machine, those of the signs of life of people included."""

    def begin(self, where: Place, name: str, **config: Any) -> Session:
        """Begin a session whose signs of life go by this clock."""
        session = begin(where, name, **config)
        heart = session.opened.store.heartbeat
        heart._clock = lambda: self.ms / 1000
        heart._durable = heart._began = self.ms / 1000
        return session

    def goes_on(self, seconds: float) -> None:
        """Let time go by in which nobody could write."""
        self.ms += int(1000 * seconds)


@pytest.fixture
def hearts(monkeypatch: pytest.MonkeyPatch) -> Hearts:
    made = Hearts()
    monkeypatch.setattr(claims, "now", made.now)
    return made


@pytest.mark.files_only  # a server has a clock of its own
@pytest.mark.parametrize("wanted", [1, 2])
@pytest.mark.parametrize("first", [0, 1, 2])
def test_who_only_waited_for_the_database_keeps_the_task(
    first: int, wanted: int, tmp_path: Path, hearts: Hearts
) -> None:
    """Nobody comes in for longer than a lease; who comes in first takes nothing from the others."""
    where = place(tmp_path, 9)
    names = ("anna", "ben", "cid")
    people = [hearts.begin(where, name, annotations_per_task=wanted) for name in names]
    for session in people:
        session.prefetch()
        answer(session)
    held = [at_hand(session).identity for session in people]
    hearts.goes_on(3 * LEASE_MS / 1000)
    order = [*people[first:], *people[:first]]
    for session in order:
        late = answer(session).late
        assert not late, session.opened.session.annotator
    assert len(set(held)) == 3 if wanted == 1 else True
    answer_in_turns(people, 20)
    assert set(answered(where).values()) == {wanted}
    for session in people:
        session.close()


@pytest.mark.files_only
def test_drafts_are_signs_of_life(tmp_path: Path, hearts: Hearts) -> None:
    """Who types for ten minutes and waits for each draft to be kept has the task all the time."""
    where = place(tmp_path, 4)
    anna, ben = hearts.begin(where, "anna"), hearts.begin(where, "ben")
    before = transactions(anna)
    for cursor in range(8):
        hearts.goes_on(0.6 * LEASE_MS / 1000)
        anna.keep_draft(draft({"start": 0, "end": 4, "label": "ORG"}, cursor=cursor))
        ben.beat()
    assert transactions(anna) - before == 8, "they go with the drafts"
    while ben.item is not None:
        answer(ben)
    assert ben.elsewhere == 1
    assert not answer(anna).late
    assert set(answered(where).values()) == {1}
    for session in (anna, ben):
        session.close()


@pytest.mark.files_only
def test_who_died_while_others_worked_keeps_nothing(tmp_path: Path, hearts: Hearts) -> None:
    where = place(tmp_path, 2)
    anna, ben = hearts.begin(where, "anna"), hearts.begin(where, "ben")
    die(anna)
    answer(ben)
    assert ben.item is None and ben.elsewhere == 1
    for _ in range(int(LEASE_MS / 1000 / BEAT_EVERY) - 1):
        hearts.goes_on(BEAT_EVERY)
        ben.beat()
        assert ben.look_again() is None
    hearts.goes_on(BEAT_EVERY)
    assert ben.look_again() is not None
    answer(ben)
    ben.close()
    assert answered(where) == {"text 0": 1, "text 1": 1}


@pytest.mark.parametrize("how", ["died", "left"])
def test_a_sign_of_life_that_sees_a_free_task_first_keeps_nobody_from_it(
    how: str, tmp_path: Path, hearts: Hearts
) -> None:
    """Three people have nothing left; what the fourth gives back each of them may have."""
    where = place(tmp_path, 4)
    people = [hearts.begin(where, name) for name in ("anna", "ben", "cid", "dot")]
    for session in people[1:]:
        answer(session)
    idle = people[1:]
    assert [session.item for session in idle] == [None] * 3
    if how == "left" or not is_on_files():  # a server has a clock of its own
        people[0].close()
    else:
        die(people[0])
    for _ in range(2 * int(LEASE_MS / 1000 / BEAT_EVERY)):
        hearts.goes_on(BEAT_EVERY)
        for session in idle:
            session.beat()
    found = [session for session in idle if session.look_again() is not None]
    assert len(found) == 1
    answer(found[0])
    assert all(session.look_again() is None for session in idle)
    assert answered(where) == {f"text {n}": 1 for n in range(4)}
    for session in idle:
        session.close()


def test_a_task_that_could_not_be_claimed_is_claimed_as_soon_as_that_works(
    tmp_path: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody holds the database for too long: the task is shown, and is not given to others."""
    where = place(tmp_path, 3)
    anna = where.open(config=BY_INPUT)
    with monkeypatch.context() as patch:
        patch.setattr(anna.opened.store, "write_txn", _locked)
        assert anna.start() is not None
    before = transactions(anna)
    anna.beat()
    anna.beat()
    assert transactions(anna) - before == 1
    ben = begin(where, "ben")
    assert at_hand(ben).identity != at_hand(anna).identity
    assert not answer(anna).late and not answer(ben).late
    answer_in_turns([anna, ben], 3)
    for session in (anna, ben):
        session.close()
    assert answered(where) == {f"text {n}": 1 for n in range(3)}


def test_what_could_not_be_claimed_is_not_held_by_who_has_left(
    tmp_path: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = place(tmp_path, 1)
    anna = where.open(config=BY_INPUT)
    with monkeypatch.context() as patch:
        patch.setattr(anna.opened.store, "write_txn", _locked)
        assert anna.start() is not None
    anna.close()
    ben = begin(where, "ben")
    assert not answer(ben).late
    ben.close()


def _locked(*_: object) -> NoReturn:
    raise StoreLocked("the database is in use", where="here")


@pytest.mark.files_only
def test_a_full_disk_under_ten_people_loses_nothing(tmp_path: Path, clock: SetClock) -> None:
    where = place(tmp_path, 60)
    people = [begin(where, f"person{n}") for n in range(10)]
    for session in people:
        session.prefetch()
        answer(session)

    def limit(pages: int) -> None:
        for session in people:
            session.opened.store._connection.db.execute(f"PRAGMA max_page_count = {pages}")

    limit(1)  # as many as there are
    refused: Counter[str] = Counter()
    kept = {}
    for round_ in range(8):
        for session in people:
            if session.item is None:
                continue
            kept[session] = session.item
            long = {**session.item.task, "comment": "x" * 3000, "round": round_}
            try:
                session.decide("accept", long)
            except StoreFull:
                refused[session.opened.session.annotator] += 1
                assert session.item is not None and session.item.is_same(kept[session])
            else:
                session.advance()
    assert len(refused) == 10, "everybody has met the full disk"
    limit(1_000_000)
    while any(session.item for session in people):
        for session in people:
            if session.item is not None:
                answer(session)
    for session in people:
        session.close()
    assert answered(where) == {f"text {n}": 1 for n in range(60)}
    with open_store(where.database) as store:
        assert store.admin.check(full=True) == []


def test_who_works_while_the_dataset_is_deleted_is_told_so(tmp_path: Path, clock: SetClock) -> None:
    where = place(tmp_path, 3)
    anna = begin(where, "anna")
    answer(anna)
    with open_store(where.database) as store, store.write_txn():
        store.removal.dataset(1)
    item = at_hand(anna)
    with pytest.raises(WriteConflict, match="was deleted meanwhile"):
        anna.decide("accept", dict(item.task))
    assert at_hand(anna).is_same(item), "what is on the screen stays there"
    anna.close()


@pytest.fixture
def other_process() -> Iterator[str]:
    """What a process that runs is called in the store."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        mine = own_name().split(" ")
        start = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
        yield f"{mine[0]} {process.pid} {start} 1"
        process.kill()


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")  # noqa: PTH110
@pytest.mark.parametrize("name", ["my_set", "my_set-anna"])
def test_nothing_is_dropped_while_somebody_works_on_it(
    name: str,
    tmp_path: Path,
    clock: SetClock,
    other_process: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    where = place(tmp_path, 3)
    anna = begin(where, "anna")
    answer(anna)
    anna.close()
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(engines.place(where.database)))
    with open_store(where.database) as store, store.write_txn():
        store.visits.enter(1, other_process)
    assert run(["drop", name, "--yes"]) != 0
    assert "anna is at work in it" in capsys.readouterr().err
    assert answered(where) == {"text 0": 1}
    with open_store(where.database) as store, store.write_txn():
        store.visits.leave(1, other_process)
    assert run(["drop", name, "--yes"]) == 0


def test_a_project_that_changes_while_people_work_loses_and_repeats_nothing(
    tmp_path: Path, clock: SetClock
) -> None:
    """Who logs in after the change shares by the new number, who is at work by the old one."""
    where = place(tmp_path, 12)
    people: list[Session] = [begin(where, name) for name in ("anna", "ben")]
    for session in people:
        answer(session)
    people += [
        begin(where, name, annotations_per_task=2, labels=["ORG", "LOC", "PER"])
        for name in ("cid", "dot")
    ]
    answer_in_turns(people, 30)
    for session in people:
        session.close()
    for name in ("anna", "ben"):  # and when they log in again, by the new one
        again = begin(where, name, annotations_per_task=2)
        while again.item is not None:
            answer(again)
        again.close()
    assert answered(where) == {f"text {n}": 2 for n in range(12)}
    with where.store() as store:
        given = Counter((each.annotator, each.record.identity) for each in store.answers.iterate(1))
    assert set(given.values()) == {1}


def test_refusals_are_errors_of_the_store() -> None:
    assert issubclass(WriteConflict, StoreError) and issubclass(StoreFull, StoreError)
