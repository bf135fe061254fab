"""What goes wrong around people at work: clocks, full disks, changed projects, a lead who drops."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.session.support import answer, answer_in_turns, at_hand, die
from tests.session.test_sharing import Time, answered, begin, place
from tests.support import engines
from tests.support.engines import open_store
from tui_annotate.cli.main import run
from tui_annotate.errors import StoreError, StoreFull, WriteConflict
from tui_annotate.session.process_owner import own_name
from tui_annotate.session.session import Session
from tui_annotate.store import claims
from tui_annotate.store.claims import LEASE_MS, Clock

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
        store.admin.enter_session(1, other_process)
    assert run(["drop", name, "--yes"]) != 0
    assert "anna is at work in it" in capsys.readouterr().err
    assert answered(where) == {"text 0": 1}
    with open_store(where.database) as store, store.write_txn():
        store.admin.leave_session(1, other_process)
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
