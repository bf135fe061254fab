"""Many annotators on one dataset at once: `python -m benchmarks.team correct` and `... pace`.

Each annotator is a process of its own with a real session, without a screen. `--store` names a
database where it is not to be a new file; one on a server is made before, by
`tui-annotate store init`.

`--store postgres` starts a PostgreSQL server for the run; `--restarts` stops or kills it at random,
and starts it again. `pace --store both` measures a file first, and then such a server with its
files on the disk.

`correct` works far faster than people do and kills sessions (SIGKILL) all the time: no answer that
was acknowledged is lost, no draft either, no task is in more hands than people are wanted for it,
nobody waits while there is something to do, and each task is answered by exactly as many people as
are wanted. `pace` works as fast as people do, and measures what an answer, a draft and the claim of
the next task take, and the memory that each process has of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks import _annotator
from benchmarks._annotator import DATASET
from benchmarks._drive import finish, folder, report
from tests.support.server import Server, running
from tui_annotate.data_paths import store_path
from tui_annotate.errors import StoreUnavailable
from tui_annotate.store.claims import LEASE_MS
from tui_annotate.store.database import open_store

_STUCK = 2 * LEASE_MS / 1000
"""Seconds without an answer after which a run is given up."""

_HELD_AFTER = 100.0
"""Seconds for which what a killed session had in hand is surely its own still."""

_FREE_AFTER = LEASE_MS / 1000 + 5
"""Seconds after which it is surely free."""

_SLOW_TO_LOOK = 15.0
"""Seconds that somebody who waits may take to see that there is something to do."""

Event = tuple[float, str, list[Any]]


class Fork:
    """An annotator in a fork of this process, which has loaded everything already: with hundreds of
    them, loading would take most of a run. For the rest it is as `subprocess.Popen`.

    Args:
        words: The command line of `benchmarks._annotator`.
        errors: The file that standard error goes to.
    """

    def __init__(self, words: Sequence[str], errors: Path) -> None:
        self.returncode: int | None = None
        sys.stdout.flush()
        self._pid = os.fork()
        if self._pid:
            return
        code = 1
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            file = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(file, 2)
            _annotator.main(words)
            code = 0
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)

    def poll(self) -> int | None:
        """Return how it has ended, None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float = 120.0) -> int | None:
        """Wait until it has ended.

        Raises:
            TimeoutError: It has not, after so many seconds.
        """
        until = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > until:
                raise TimeoutError(f"process {self._pid} does not end")
            time.sleep(0.01)
        return self.returncode

    def kill(self) -> None:
        """End it at once."""
        os.kill(self._pid, signal.SIGKILL)

    def terminate(self) -> None:
        """Have it end in order."""
        os.kill(self._pid, signal.SIGTERM)


@dataclass
class Person:
    """One annotator over several lives of the process."""

    name: str
    log: Path
    process: subprocess.Popen[bytes] | Fork | None = None
    kills: list[float] = field(default_factory=list)

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def events(self) -> list[Event]:
        """Return what the annotator saw, and when it was killed, in order."""
        found: list[Event] = [(at, "killed", []) for at in self.kills]
        if self.log.exists():
            for line in self.log.read_text("utf-8").splitlines():
                what, at, *facts = json.loads(line)
                found.append((at, what, facts))
        return sorted(found, key=lambda event: event[0])


class Team:
    """People at work on one source.

    Args:
        place: A folder for logs.
        store: The database: a path, or the name of a server.
        source: The file with the tasks.
        given: The parsed command line.
        per_task: How many people are wanted for each task.

    Attributes:
        dataset: The dataset that they work on: one of their own in a store that is used again.
    """

    def __init__(
        self, place: Path, store: str, source: Path, given: argparse.Namespace, per_task: int
    ) -> None:
        self.dataset = f"{DATASET}{per_task}-{given.seed}" if given.store else DATASET
        self._place = place
        self._store = store
        self._source = source
        self._given = given
        self.per_task = per_task
        self._random = random.Random(given.seed)
        self.people: list[Person] = []
        self.restarts: list[float] = []

    def hire(self) -> Person:
        """Start one more annotator."""
        name = f"person{len(self.people)}"
        person = Person(name, self._place / f"{name}.log")
        self.people.append(person)
        self.start(person)
        return person

    def start(self, person: Person) -> None:
        """Start the process of an annotator."""
        given = self._given
        words = ["--store", self._store, "--dataset", self.dataset]
        words += ["--source", str(self._source), "--name", person.name, "--log", str(person.log)]
        words += ["--per-task", str(self.per_task), "--pace", str(given.pace)]
        words += ["--drafts", str(given.drafts), "--seed", str(self._random.getrandbits(32))]
        errors = person.log.with_suffix(".err")
        if given.run == "correct":
            person.process = Fork(words, errors)
            return
        # What a process has of its own is measured, so it shares nothing with this one.
        command = [sys.executable, "-m", "benchmarks._annotator", *words]
        with errors.open("ab") as file:
            person.process = subprocess.Popen(command, stderr=file)

    def kill_one(self, leaves: bool) -> None:
        """Kill somebody; who leaves for good is followed by somebody new."""
        living = [person for person in self.people if person.is_alive]
        person = self._random.choice(living)
        assert person.process is not None
        person.process.kill()
        person.process.wait()
        person.kills.append(time.monotonic())
        if leaves:
            self.hire()
        else:
            self.start(person)

    def restart_crashed(self) -> int:
        """Start again whoever ended without being killed; return how many that were."""
        crashed = []
        for person in self.people:
            code = None if person.process is None else person.process.poll()
            if code is not None and code > 0:
                crashed.append(person)
        for person in crashed:
            self.start(person)
        return len(crashed)

    def restart_server(self, server: Server) -> None:
        """Stop the server in the midst of whatever it does, or kill it, and start it again."""
        server.stop(self._random.choice((signal.SIGINT, signal.SIGQUIT)))
        time.sleep(self._random.uniform(0.0, 2.0))
        server.start()
        self.restarts.append(time.monotonic())

    def end(self) -> list[str]:
        """End everybody in order; return what they said on stderr."""
        for person in self.people:
            if person.is_alive and person.process is not None:
                person.process.terminate()
        for person in self.people:
            if person.process is not None:
                person.process.wait(timeout=120)
        files = [person.log.with_suffix(".err") for person in self.people]
        return [text for file in files if (text := file.read_text("utf-8").strip())]


def correct(given: argparse.Namespace) -> None:
    """Run the teams that are killed all the time, one for each number of people per task."""
    per_task = [int(each) for each in given.per_task.split(",")]
    for wanted in per_task:
        tasks, kills = given.tasks // len(per_task), given.kills // len(per_task)
        with folder() as place:
            _correct(place, given, wanted, tasks, kills)


def _correct(place: Path, given: argparse.Namespace, wanted: int, tasks: int, kills: int) -> None:
    source, store = _write_source(place, tasks), given.store or str(place / "team.db")
    open_store(store_path(store)).close()  # so that it can be read while nobody has begun
    team = Team(place, store, source, given, wanted)
    began = time.monotonic()
    goal, killed, crashes = tasks * wanted, 0, 0
    restarts, restarted = given.restarts // len(given.per_task.split(",")), 0
    done, moved = 0, time.monotonic()
    try:
        for _ in range(given.people):
            team.hire()
        # An answer that came late is one more than is wanted, and another task is still to be done.
        until = began + 60 * given.minutes / len(given.per_task.split(","))
        while (
            (done < goal or not _complete(team, store, tasks))
            and _moves(moved)
            and time.monotonic() < until
        ):
            time.sleep(0.2)
            try:
                count = _answered(store, team.dataset)
            except StoreUnavailable:
                continue  # a server that starts, or has much to do
            if count != done:
                done, moved = count, time.monotonic()
            while killed < min(kills, done * (kills + 1) // goal):
                team.kill_one(leaves=killed % 10 == 9 and done < goal / 2)
                killed += 1
            if restarted < min(restarts, done * (restarts + 1) // goal):
                team.restart_server(given.server)
                restarted += 1
            crashes += team.restart_crashed()
    finally:
        said = team.end()
    for text in said[:5]:
        print(text, file=sys.stderr)
    seconds = time.monotonic() - began
    name = f"{wanted} per task: "
    report(name + "answers", done, "", f"{goal} at least", ok=done >= goal)
    report(name + "kills", killed, "", f"{kills}", ok=killed == kills)
    if restarts:
        report(name + "restarts of the server", restarted, "", f"{restarts}", restarted == restarts)
    report(name + "crashes", crashes, "", "0", ok=crashes == 0 and not said)
    report(name + "answers a second", done / seconds, "", "as it comes", ok=True)
    findings = Findings(team.people, store, wanted, tasks, team.dataset)
    findings.report(name)
    if restarts:
        slowest = findings.slowest_after(team.restarts)
        report(name + "longest until work went on", slowest, "s", "<= 60", ok=slowest <= 60)


class Findings:
    """What the logs of all people say, held against the database."""

    def __init__(
        self, people: Sequence[Person], store: str, wanted: int, tasks: int, name: str = DATASET
    ) -> None:
        self._events = {person.name: person.events() for person in people}
        self._wanted = wanted
        self._tasks = tasks
        with open_store(store_path(store), readonly=True) as opened:
            dataset = opened.admin.find_dataset(name)
            assert dataset is not None
            self._stored = [
                (each.annotator, each.record.identity.input_key.hex(), each.record.late)
                for each in opened.answers.iterate(dataset.id)
            ]

    def report(self, name: str) -> None:
        """Print everything that must be 0, and what is merely said."""
        stored = {(who, key) for who, key, _ in self._stored}
        acknowledged = [
            (who, facts[0])
            for who, events in self._events.items()
            for _, what, facts in events
            if what == "answered"
        ]
        late = sum(late for _, _, late in self._stored)
        report(name + "late", late, "", "as it comes", ok=True)
        refused = sum(what == "refused" for each in self._events.values() for _, what, _ in each)
        people = Counter(key for _, key in stored)
        wrong = sum(people[key] != self._wanted for key in people) + self._tasks - len(people)
        starved = list(self._starved())
        for line in starved[:5]:
            print(line, file=sys.stderr)
        for what, count in (
            ("lost", sum(each not in stored for each in acknowledged)),
            ("asked twice", len(self._stored) - len(stored)),
            ("drafts lost, or another task after a kill", self._lost_drafts()),
            ("in too many hands", self._too_many_hands()),
            ("not answered by as many as wanted", wrong - late if late < wrong else 0),
            ("starved", len(starved)),
            ("refused", refused),
        ):
            report(name + what, count, "", "0", ok=count == 0)

    def slowest_after(self, restarts: Sequence[float]) -> float:
        """Return the longest time that somebody at work could do nothing after a server was back,
        in seconds."""
        slowest = 0.0
        for events in self._events.values():
            for at in restarts:
                later = next((event for event in events if event[0] > at), None)
                before = next((event for event in reversed(events) if event[0] <= at), None)
                # Who had nothing to do then had nothing to go on with.
                at_work = before is not None and before[1] not in ("idle", "killed")
                if later is not None and at_work and later[1] not in ("killed", "memory"):
                    slowest = max(slowest, later[0] - at)
        return slowest

    def _lost_drafts(self) -> int:
        """Count the lives that did not begin at the draft that the one before had kept."""
        count = 0
        for who, events in self._events.items():
            draft: tuple[str, int] | None = None
            killed = False
            for at, what, facts in events:
                if what == "draft":
                    draft = (facts[0], facts[1])
                elif what == "killed":
                    killed = True
                elif what == "served":
                    if killed and draft is not None:
                        # One more may have been stored whose acknowledgement was killed.
                        missed = facts[0] != draft[0] or facts[2] not in (draft[1], draft[1] + 1)
                        if missed and not self._answered_silently(who, draft[0]):
                            print(f"{who} at {at:.1f}: {draft} before, {facts}", file=sys.stderr)
                            count += 1
                    draft, killed = None, False
                elif what == "answered":
                    draft = None
        return count

    def _answered_silently(self, who: str, key: str) -> bool:
        """Tell whether an answer is stored of which the log knows nothing, because of a kill."""
        told = any(what == "answered" and facts[0] == key for _, what, facts in self._events[who])
        return not told and any(each[:2] == (who, key) for each in self._stored)

    def _in_hand(
        self, after_kill: float, *, from_claim: bool = False
    ) -> Iterator[tuple[str, float, float, str, bool]]:
        """Yield who had which task in hand from when until when, and whether it was answered.

        Args:
            after_kill: Seconds for which somebody who was killed and does not come back is taken
                to have it still.
            from_claim: From when on it may have been claimed, which is in the transaction of the
                answer before, and not from when the log says so: in between somebody may be killed
                and take long to log in.
        """
        for who, events in self._events.items():
            key, since, claimed = None, 0.0, None
            for number, (at, what, facts) in enumerate(events):
                if what == "served":
                    if key is not None and key != facts[0]:
                        yield key, since, at, who, False
                        key = None
                    if key is None:
                        key, since = facts[0], at
                        if from_claim and claimed is not None:
                            since = claimed
                    claimed = None
                elif what in ("answered", "closed") and key is not None:
                    yield key, since, at, who, what == "answered"
                    key = None
                elif what == "killed" and key is not None and number == len(events) - 1:
                    yield key, since, at + after_kill, who, self._answered_silently(who, key)
                    key = None
                if what == "answered" or (what == "open" and claimed is None):
                    claimed = at
                elif what == "idle":
                    claimed = None

    def _too_many_hands(self) -> int:
        """Count the times when more people had a task than are wanted, answers included."""
        by_task: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for key, since, until, _, answered in self._in_hand(_HELD_AFTER):
            by_task[key].append((since, 1))
            if not answered:
                by_task[key].append((until, -1))
        count = 0
        for changes in by_task.values():
            holders = 0
            for _, change in sorted(changes):
                holders += change
                count += change > 0 and holders > self._wanted
        return count

    def _starved(self) -> Iterator[str]:
        """Yield who had nothing to do for long while there was a task that nobody held."""
        holders: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
        in_hand = self._in_hand(_FREE_AFTER, from_claim=True)
        for key, since, until, who, answered in in_hand:
            holders[key].append((since, float("inf") if answered else until, who))
        for who, events in self._events.items():
            for (at, what, _), (end, *_rest) in pairwise(events):
                if what != "idle" or end - at < _SLOW_TO_LOOK:
                    continue
                moment = end - 1
                free = self._free(holders, who, at, moment) - self._claimed_unseen(at, moment)
                if free > 0:
                    yield f"{who} waited {end - at:.0f} s while {free} tasks were free"

    def _claimed_unseen(self, start: float, end: float) -> int:
        """Return how many tasks nobody can have because somebody was killed, and gone, between the
        answer or the login that claimed the next one and the log's line of it; that of the answer
        may be missing as well."""
        count = 0
        for who, events in self._events.items():
            if len(events) < 2 or events[-1][1] != "killed":
                continue
            _, what, facts = events[-2]
            silent = what in ("served", "draft") and self._answered_silently(who, facts[0])
            if what in ("answered", "open") or silent:
                count += events[-1][0] < end and events[-1][0] + _FREE_AFTER > start
        return count

    def _free(
        self, holders: dict[str, list[tuple[float, float, str]]], who: str, start: float, end: float
    ) -> int:
        """Return how many tasks somebody could have had all the time from `start` to `end`."""
        free = self._tasks - len(holders)
        for held in holders.values():
            at_all = [each for each in held if each[0] < end and each[1] > start]
            mine = any(name == who for since, _, name in held if since < end)
            free += not mine and len({name for *_, name in at_all}) < self._wanted
        return free


def pace(given: argparse.Namespace) -> None:
    """Measure what people at human pace wait for."""
    with folder() as place:
        answers = given.people * given.seconds / given.pace
        source = _write_source(place, int(2 * answers) + 10 * given.people)
        store = given.store or str(place / "team.db")
        open_store(store_path(store)).close()
        team = Team(place, store, source, given, int(given.per_task.split(",")[0]))
        try:
            for _ in range(given.people):
                team.hire()
                time.sleep(given.apart)
            _until_all_work(team)
            since = time.monotonic()
            disk = _fsync_milliseconds(place)
            time.sleep(given.seconds)
            until = time.monotonic()
        finally:
            said = team.end()
        for text in said[:5]:
            print(text, file=sys.stderr)
        times: dict[str, list[float]] = defaultdict(list)
        memory, transactions, needed = [], 0, 0
        for person in team.people:
            for at, what, facts in person.events():
                needed += what in ("answered", "draft")
                if what == "memory":
                    memory.append(facts[0] / 1e6)
                    transactions += facts[1]
                elif since < at < until and what in ("answered", "served", "draft"):
                    spent = facts[2] if what == "draft" else facts[1]
                    times[what].append(spent or 0.0)
    limit = max(100.0, 5 * disk)
    report("one fsync of this disk", disk, "ms", "as it comes", ok=True)
    for what, name in (("answered", "answer"), ("served", "claim"), ("draft", "draft")):
        spent = sorted(times[what])
        report(f"{name}: how many", len(spent), "", "> 0", ok=bool(spent))
        if spent:
            report(f"{name}: median", statistics.median(spent), "ms", "as it comes", ok=True)
            worst = spent[min(len(spent) - 1, int(0.99 * len(spent)))]
            goal = "as it comes" if what == "draft" else f"<= {limit:.0f}"
            report(f"{name}: p99", worst, "ms", goal, ok=what == "draft" or worst <= limit)
    more = transactions - needed
    report("transactions beside answers and drafts", more, "", "as it comes", ok=True)
    own = max(memory, default=0.0)
    report("memory of its own, the most", own, "MB", "<= 60", ok=0 < own <= 60)


def _until_all_work(team: Team) -> None:
    """Wait until everybody has a task."""
    for person in team.people:
        while not any(what == "served" for _, what, _ in person.events()):
            if not person.is_alive:
                sys.exit(f"{person.name}: {person.log.with_suffix('.err').read_text('utf-8')}")
            time.sleep(0.2)


def _fsync_milliseconds(place: Path) -> float:
    """Return the median time of a small write that goes to the disk, while everybody works."""
    spent = []
    with (place / "fsync").open("wb", buffering=0) as file:
        for _ in range(50):
            before = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            spent.append(1000 * (time.perf_counter() - before))
    return statistics.median(spent)


def _moves(moved: float) -> bool:
    return time.monotonic() - moved < _STUCK


def _complete(team: Team, store: str, tasks: int) -> bool:
    """Return whether each task has been answered by as many people as are wanted."""
    with open_store(store_path(store), readonly=True) as opened:
        dataset = opened.admin.dataset_named(team.dataset)
        answered = opened.people.answered_tasks(dataset.id)
        return sum(each.people >= team.per_task for each in answered) >= tasks


def _write_source(place: Path, tasks: int) -> Path:
    path = place / "texts.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(tasks):
            file.write(json.dumps({"text": f"Text {number}: Anna works at Acme in Bonn."}) + "\n")
    return path


def _answered(store: str, name: str) -> int:
    """Return how many answers stand in a dataset."""
    with open_store(store_path(store), readonly=True) as opened:
        dataset = opened.admin.find_dataset(name)
        return 0 if dataset is None else sum(opened.answers.counts(dataset.id).values())


def main() -> None:
    """Run one of the two, and exit with 1 where a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", choices=("correct", "pace"))
    parser.add_argument("--people", type=int, default=100, help="how many annotate")
    parser.add_argument("--tasks", type=int, default=20_000, help="how many tasks there are")
    parser.add_argument("--kills", type=int, default=200, help="how many sessions are killed")
    parser.add_argument("--per-task", default="1,2", help="people per task, one run for each")
    parser.add_argument("--pace", type=float, help="seconds for an answer")
    parser.add_argument("--drafts", type=int, default=2, help="drafts before each answer")
    parser.add_argument("--seconds", type=float, default=120, help="how long `pace` measures")
    parser.add_argument("--minutes", type=float, default=1e9, help="how long `correct` may take")
    parser.add_argument("--apart", type=float, default=0.5, help="seconds between two logins")
    parser.add_argument(
        "--store", help="the database, where it is no new file; or postgres, or both"
    )
    parser.add_argument("--restarts", type=int, default=0, help="how often that server restarts")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    given = parser.parse_args()
    if given.restarts and given.store != "postgres":
        parser.error("--restarts takes --store postgres")
    if given.pace is None:
        given.pace = 0.3 if given.run == "correct" else 6.0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nobody is left at work
    print(f"seed: {given.seed}", flush=True)
    run = correct if given.run == "correct" else pace
    given.server = None
    if given.store == "both":
        if given.run != "pace":
            parser.error("--store both is for `pace`")
        given.store = None
        print("on a file:", flush=True)
        run(given)
        with running(on_disk=True, max_connections=given.people + 50, fsync="on") as server:
            given.store = str(server.store())
            print("on a server:", flush=True)
            run(given)
    elif given.store == "postgres":
        with running(max_connections=given.people + 50, fsync="on") as given.server:
            given.store = str(given.server.store())
            run(given)
    else:
        run(given)
    finish()


if __name__ == "__main__":
    main()
