"""The people of `benchmarks.team`, and what their logs say, held against the database."""

from __future__ import annotations

import json
import os
import signal
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
from benchmarks._drive import report
from tui_annotate.data_paths import store_path
from tui_annotate.store.claims import LEASE_MS
from tui_annotate.store.database import open_store

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
        in seconds. Where it went away again meanwhile, it is taken from when it was back for good.
        """
        slowest = 0.0
        for events in self._events.values():
            for at, again in pairwise((*sorted(restarts), float("inf"))):
                later = next((event for event in events if event[0] > at), None)
                before = next((event for event in reversed(events) if event[0] <= at), None)
                # Who had nothing to do then had nothing to go on with.
                at_work = before is not None and before[1] not in ("idle", "killed")
                if later is None or later[0] > again:
                    continue
                if at_work and later[1] not in ("killed", "memory"):
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
