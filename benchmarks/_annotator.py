"""One annotator of `benchmarks.team`: a real session without a screen, in a process of its own.

What the annotator has seen is appended to a log, one JSON list a line, written before anything else
happens, so that it outlives a SIGKILL: what was acknowledged is known afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tui_annotate.data_paths import store_path
from tui_annotate.errors import StoreError, StoreUnavailable
from tui_annotate.job import Job
from tui_annotate.session.opening import open_session
from tui_annotate.session.session import Session
from tui_annotate.session.types import Draft, Item
from tui_annotate.store.database import open_store
from tui_annotate.stream.stream import collect_streams, get_stream

DATASET = "team"

_PATIENCE = 120.0
"""Seconds for which somebody tries to log in."""


def make_job(source: Path, per_task: float, dataset: str = DATASET) -> Job:
    """Return a manual job on a file of texts, which so many people annotate each."""
    with collect_streams() as streams:
        stream = get_stream(source, input_keys=("text",))
    config = {
        "labels": ["PERSON", "ORG"],
        "ordered": True,
        "exclude_by": "input",
        "annotations_per_task": per_task,
    }
    components = {"dataset": dataset, "view_id": "ner_manual", "stream": stream, "config": config}
    job = Job.from_components("team", components, {"per_task": per_task}, streams)
    job.direct = True
    return job


def _go_on(who: str) -> None:
    """Wait on, as the faces do, which say for whom."""
    del who


class Log:
    """What one annotator saw, in a file that outlives the process."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def say(self, what: str, *facts: Any) -> None:
        """Append one event with its instant on the machine's clock."""
        line = json.dumps([what, time.monotonic(), *facts])
        os.write(self._file, f"{line}\n".encode())


class Annotator:
    """Works until it is told to end.

    Args:
        given: The parsed command line.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._log = Log(given.log)
        self._random = random.Random(given.seed)
        self._ended = False
        signal.signal(signal.SIGTERM, self._end)

    def work(self) -> None:
        """Open the session, answer task after task, end in order."""
        session = self._log_in()
        store = session.opened.store
        self._log.say("open")
        opening = store._connection.transactions
        self._served(session.start())
        while not self._ended:
            if session.item is None:
                self._idle(session)
            else:
                self._answer(session, session.item)
        self._log.say("memory", own_memory(), store._connection.transactions - opening)
        session.close()
        self._log.say("closed")

    def _log_in(self) -> Session:
        """Open the session; while a server does not answer, again and again, as people do."""
        given = self._given
        job = make_job(given.source, given.per_task, given.dataset)
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                store = open_store(store_path(given.store), wait=_go_on)
                return Session(open_session(store, job, given.name, wait=_go_on), wait=_go_on)
            except StoreUnavailable:
                if self._ended or time.monotonic() > until:
                    raise
                time.sleep(0.5)

    def _answer(self, session: Session, item: Item) -> None:
        given = self._given
        session.prefetch()
        for number in range(given.drafts):
            self._sleep(given.pace / (given.drafts + 1))
            if self._ended:
                return
            spans = [{"start": 0, "end": 4, "label": "ORG"}]
            before = time.perf_counter()
            session.keep_draft(Draft({"spans": spans}, {"cursor": number}, True))
            self._log.say("draft", _key(item), number, _since(before))
        self._sleep(given.pace / (given.drafts + 1))
        if self._ended:
            return
        session.beat()
        before = time.perf_counter()
        try:
            receipt = session.decide("accept", dict(item.task))
        except StoreError as error:
            self._log.say("refused", _key(item), str(error))
            return
        self._log.say("answered", _key(item), _since(before), receipt.late)
        before = time.perf_counter()
        self._served(session.advance(), _since(before))

    def _idle(self, session: Session) -> None:
        self._log.say("idle")
        while not self._ended and session.item is None:
            self._sleep(min(1.0, self._given.pace))
            session.beat()
            before = time.perf_counter()
            self._served(session.look_again() or session.follow(), _since(before))

    def _served(self, item: Item | None, milliseconds: float | None = None) -> None:
        if item is None:
            return
        draft = None if item.draft is None else item.draft.state.get("cursor")
        self._log.say("served", _key(item), milliseconds, draft)

    def _sleep(self, seconds: float) -> None:
        """Wait about as long: people are not clocks."""
        until = time.monotonic() + seconds * self._random.uniform(0.5, 1.5)
        while not self._ended and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))

    def _end(self, *_: object) -> None:
        self._ended = True


def own_memory() -> int:
    """Return how many bytes this process holds that it shares with no other."""
    own = 0
    for line in Path("/proc/self/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith(("Private_Clean:", "Private_Dirty:")):
            own += int(line.split()[1]) * 1024
    return own


def _key(item: Item) -> str:
    return item.identity.input_key.hex()


def _since(before: float) -> float:
    return round(1000 * (time.perf_counter() - before), 3)


def main(arguments: Sequence[str] | None = None) -> None:
    """Annotate as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", required=True, help="a file, or the name of a server")
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--per-task", type=float, required=True)
    parser.add_argument("--pace", type=float, required=True, help="seconds for an answer")
    parser.add_argument("--drafts", type=int, required=True, help="drafts before each answer")
    parser.add_argument("--seed", type=int, required=True)
    Annotator(parser.parse_args(arguments)).work()


if __name__ == "__main__":
    main()
