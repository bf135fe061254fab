"""Coming back to a large source: `python -m benchmarks.resume [--rows 10000000] [--times 12]`.

Time to the first task and peak memory with 0 %, 50 % and 99 % of the rows answered, and with 1,000
rows left for later all along the file. The store is filled directly, with answers that have no
tokens; everything else is as the program makes it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks._drive import finish, folder, peak_megabytes, report, seconds_until, start
from tui_annotate.sources.base import Position, Row
from tui_annotate.sources.registry import open_source
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import (
    CursorState,
    NewAnswer,
    NewWaiting,
    StoredCursor,
    WaitingQueue,
)
from tui_annotate.task.hash_body import DEFAULT_SETTINGS
from tui_annotate.task.hashing import digest, identify

BYTES_A_ROW = 4000
"""Of disk: 400 in the source, the rest in three stores, 900 at most in each."""

BATCH = 20_000
LEFT = 1_000
DATASET, SOURCE = "large", "rows.jsonl"
SLOWER, MORE_MEGABYTES = 1.1, 10.0
WORDS = ("river", "market", "minister", "Berlin", "agreed", "report", "yesterday", "seven", "rose")


def write_source(path: Path, rows: int) -> None:
    """Write rows of about 400 bytes whose texts begin with their numbers."""
    dice = random.Random(1)
    endings = [" ".join(dice.choices(WORDS, k=58)) for _ in range(1000)]
    with path.open("w") as file:
        for number in range(1, rows + 1):
            file.write(json.dumps({"text": f"row{number:09d} {endings[number % 1000]}"}) + "\n")


class Filler:
    """Puts answers into the store of the program, as if somebody had worked for months.

    Args:
        store: The program's own, after it has been run once.
        source: The file.
    """

    def __init__(self, store: Store, source: Path) -> None:
        dataset = store.admin.find_dataset(DATASET)
        assert dataset is not None
        self._store = store
        self._dataset = dataset
        self._session = store.admin.sessions(dataset.id)[0]
        self._source = open_source(source)
        state = self._cursor().state
        self._at = Position(state.row, state.line, state.offset)

    def fill_to(self, row: int) -> None:
        """Answer all rows up to `row` that are not answered, and move the cursor there."""
        rows = self._rows_to(row)
        while batch := list(itertools.islice(rows, BATCH)):
            cursor = self._cursor()
            self._at = batch[-1].end
            with self._store.write_txn():
                answers = (self._answer(cursor.id, record) for record in batch)
                self._store.answers.import_(self._dataset.id, answers)
                self._store.progress.move_cursor(cursor.id, self._state(), cursor.version)

    def leave(self, count: int) -> None:
        """Take answers back all along the file, and let their rows wait instead."""
        cursor, store = self._cursor(), self._store
        queue = WaitingQueue(self._dataset.id, cursor.key.job_id, self._session.id)
        step = max(1, self._at.row // count)
        with store.write_txn():
            for after in range(0, self._at.row - step + 1, step):
                found = store.answers.current(
                    self._dataset.id, newest_first=False, before_id=after, limit=1
                )
                stored = next(found)
                old = stored.record
                store.answers.record(
                    old._replace(kind="retraction", answer=None, supersedes=stored.id)
                )
                store.progress.waiting_add(
                    NewWaiting(
                        queue, "later", old.identity, old.content, cursor.id, old.row, old.digest
                    )
                )

    def _cursor(self) -> StoredCursor:
        return self._store.progress.cursors(self._session.id)[0]

    def _state(self) -> CursorState:
        mark = self._source.fingerprint(self._at)
        at = self._at
        found = (mark.inode, mark.size, mark.mtime_ns, mark.head, mark.tail)
        return CursorState(at.row, at.line, at.offset, *found)

    def _rows_to(self, row: int) -> Iterator[Row]:
        for record in self._source.rows(self._at):
            if record.end.row > row:
                return
            assert isinstance(record, Row)
            yield record

    def _answer(self, cursor_id: int, record: Row) -> NewAnswer:
        task = dict(record.data)
        identity = identify(task, DEFAULT_SETTINGS)
        return NewAnswer(
            dataset_id=self._dataset.id,
            session_id=self._session.id,
            identity=identity,
            content=json.dumps({**task, "answer": "accept", "_view_id": "ner_manual"}),
            answer="accept",
            view_id="ner_manual",
            answered_at=1_700_000_000,
            cursor_id=cursor_id,
            row=record.end.row,
            digest=digest(task, DEFAULT_SETTINGS),
        )


@dataclass(frozen=True)
class Start:
    """What coming back has cost: seconds to the first task, megabytes at most."""

    seconds: float
    megabytes: float


def come_back(home: Path, place: Path, row: int) -> Start:
    """Open the session, wait for the first task and until all is quiet, and leave in order.

    Args:
        home: The program's home folder.
        place: The folder of the source.
        row: The row that must be the first task.
    """
    with start("ner.manual", DATASET, SOURCE, "--label", "A,B", home=home, cwd=place) as shown:
        seconds = seconds_until(shown, f"row{row:09d}")
        shown.settle(quiet=0.5, timeout=300)
        found = Start(seconds, peak_megabytes(shown))
        shown.type("q q")
        shown.wait_exit()
    return found


def main() -> None:
    """Fill, come back, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=12, help="how often each is measured")
    given = parser.parse_args()
    with folder() as place:
        free, needed = shutil.disk_usage(place).free, given.rows * BYTES_A_ROW
        if free < needed:
            sys.exit(f"{place}: {needed / 1e9:.1f} GB are needed, {free / 1e9:.1f} GB are free")
        print("the store is filled directly, with answers that have no tokens", flush=True)
        measure(place, given.rows, given.times)
    finish()


@dataclass(frozen=True)
class State:
    """How far the work is: a home folder with a store, and the row that comes first."""

    name: str
    home: Path
    row: int


def measure(place: Path, rows: int, times: int) -> None:
    """Print what each state of the work costs, against the state at its start.

    All states are measured in turn, again and again, and the least of each counts: what else the
    machine does then disturbs all of them alike.
    """
    write_source(place / SOURCE, rows)
    found = list(states(place, rows))
    starts: dict[str, list[Start]] = {state.name: [] for state in found}
    for _ in range(times):
        for state in found:
            starts[state.name].append(come_back(state.home, place, state.row))
    first = least(starts[found[0].name])
    for name, measured in starts.items():
        report_start(name, least(measured), first)


def states(place: Path, rows: int) -> Iterator[State]:
    """Make the stores, each from a copy of the one before."""
    yield (state := State("0 % answered", place / "0", 1))
    come_back(state.home, place, 1)
    for percent in (50, 99):
        filled = rows * percent // 100
        yield (state := copied(state, f"{percent} % answered", place / str(percent), filled + 1))
        with open_store(database(state.home)) as store:
            Filler(store, place / SOURCE).fill_to(filled)
    name = f"99 % answered, {LEFT:,} left for later"
    yield (state := copied(state, name, place / "left", state.row))
    with open_store(database(state.home)) as store:
        Filler(store, place / SOURCE).leave(LEFT)


def copied(state: State, name: str, home: Path, row: int) -> State:
    """Copy the store of a state, which nobody has open."""
    shutil.copytree(state.home, home)
    return State(name, home, row)


def database(home: Path) -> Path:
    """Return where the program keeps its database."""
    return home / "data" / "tui-annotate" / "annotations.db"


def least(starts: list[Start]) -> Start:
    """Return the least of both, each by itself."""
    return Start(min(each.seconds for each in starts), min(each.megabytes for each in starts))


def report_start(name: str, now: Start, first: Start) -> None:
    """Print one state."""
    most, limit = 1000 * SLOWER * first.seconds, first.megabytes + MORE_MEGABYTES
    milliseconds = 1000 * now.seconds
    report(f"{name}: first task", milliseconds, "ms", f"<= {most:.0f}", milliseconds <= most)
    report(f"{name}: peak", now.megabytes, "MB", f"<= {limit:.0f}", now.megabytes <= limit)


if __name__ == "__main__":
    main()
