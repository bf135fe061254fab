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
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks._drive import finish, folder, peak_megabytes, report, seconds_until, start
from tui_annotate.sources.base import Position, Row
from tui_annotate.sources.registry import open_source
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import CursorState, NewAnswer, NewWaiting, Queue, StoredCursor
from tui_annotate.task.hashing import DEFAULT_SETTINGS, digest, identify

BYTES_A_ROW = 2200
"""Of disk: 400 in the source, the rest in the database with its indexes and its log."""

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
        queue = Queue(self._dataset.id, cursor.key.job_id, self._session.id)
        step = max(1, self._at.row // count)
        with store.write_txn():
            for after in range(0, self._at.row - step + 1, step):
                found = store.answers.current(
                    self._dataset.id, newest_first=False, before_id=after, limit=1
                )
                stored = next(found)
                old = stored.record
                store.answers.record(
                    replace(old, kind="retraction", answer=None, supersedes=stored.id)
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


def come_back(home: Path, place: Path, row: int, times: int) -> Start:
    """Open the session again and again, and return the least: the rest is what else is running.

    Args:
        home: The program's home folder.
        place: The folder of the source.
        row: The row that must be the first task.
        times: How often; once more is not counted.
    """
    found = []
    for _ in range(times + 1):
        with start("ner.manual", DATASET, SOURCE, "--label", "A,B", home=home, cwd=place) as shown:
            seconds = seconds_until(shown, f"row{row:09d}")
            shown.settle(quiet=1.0, timeout=300)
            found.append(Start(seconds, peak_megabytes(shown)))
            shown.type("q q")
            shown.wait_exit()
    counted = found[1:]
    return Start(
        min(each.seconds for each in counted),
        min(each.megabytes for each in counted),
    )


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


def measure(place: Path, rows: int, times: int) -> None:
    """Print what each state of the work costs, against the state at its start."""
    home, source = place / "home", place / SOURCE
    write_source(source, rows)
    first = come_back(home, place, 1, times)
    report_start("0 % answered", first, first)
    database, filled = home / "data" / "tui-annotate" / "annotations.db", 0
    for percent in (50, 99):
        filled = rows * percent // 100
        with open_store(database) as store:
            Filler(store, source).fill_to(filled)
        now = come_back(home, place, filled + 1, times)
        report_start(f"{percent} % answered", now, first)
    with open_store(database) as store:
        Filler(store, source).leave(LEFT)
    now = come_back(home, place, filled + 1, times)
    report_start(f"99 % answered, {LEFT:,} left for later", now, first)


def report_start(name: str, now: Start, first: Start) -> None:
    """Print one state."""
    most, limit = 1000 * SLOWER * first.seconds, first.megabytes + MORE_MEGABYTES
    milliseconds = 1000 * now.seconds
    report(f"{name}: first task", milliseconds, "ms", f"<= {most:.0f}", milliseconds <= most)
    report(f"{name}: peak", now.megabytes, "MB", f"<= {limit:.0f}", now.megabytes <= limit)


if __name__ == "__main__":
    main()
