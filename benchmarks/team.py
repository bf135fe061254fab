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
from collections import defaultdict
from pathlib import Path

from benchmarks._annotator import DATASET
from benchmarks._drive import finish, folder, report
from benchmarks._team_logs import Findings, Fork, Person
from tests.support.server import Server, running
from tui_annotate.data_paths import store_path
from tui_annotate.errors import StoreUnavailable
from tui_annotate.store.claims import LEASE_MS
from tui_annotate.store.database import open_store

_STUCK = 2 * LEASE_MS / 1000
"""Seconds without an answer after which a run is given up."""


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
