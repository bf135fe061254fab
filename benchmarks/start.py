"""How long until the first task is on screen, and how much memory it takes, whatever the size.

A source of 1,000,000 rows against one of 1,000; then the same with 990,000 rows answered, where
the session goes on at row 990,001.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks._drive import finish, folder, peak_megabytes, report, seconds_until, start
from tests.support.terminal import Terminal
from tui_annotate.cli.recipe_command import build_job
from tui_annotate.recipes.registry import get_recipe
from tui_annotate.session.opening import open_session
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import NewAnswer
from tui_annotate.stream.records import Asked
from tui_annotate.task.jsonio import dumps

ROWS = 1_000_000
ANSWERED = 990_000
RUNS = 9
TEXT = "Row {} of the source: Acme Corporation of Berlin said on Tuesday that it had sold."


@dataclass(frozen=True)
class Measured:
    """The best of several starts in seconds to the first task; megabytes after it and the count."""

    seconds: float
    megabytes: float


def write(path: Path, rows: int) -> Path:
    """Write a JSONL file with one text a row."""
    with path.open("w") as file:
        for number in range(1, rows + 1):
            file.write(json.dumps({"text": TEXT.format(number)}) + "\n")
    return path


def arguments(source: Path) -> tuple[str, ...]:
    """Return the command line of the job."""
    return ("ner.manual", "speed", str(source), "--label", "PERSON,ORG,LOC")


def measure(sources: dict[str, tuple[Path, Path, str]]) -> dict[str, Measured]:
    """Start each several times, in turn, so that a busy machine is busy for all of them.

    Args:
        sources: Name -> source, home, and a text of the first task.
    """
    times: dict[str, list[float]] = {name: [] for name in sources}
    memory: dict[str, list[float]] = {name: [] for name in sources}
    for _ in range(RUNS):
        for name, (source, home, first) in sources.items():
            with start(*arguments(source), home=home) as terminal:
                times[name].append(seconds_until(terminal, first))
                memory[name].append(_after_counting(terminal))
                terminal.kill()
    return {name: Measured(min(times[name]), statistics.median(memory[name])) for name in sources}


def _after_counting(terminal: Terminal) -> float:
    """Return the peak once the rows of the source have been counted."""
    terminal.wait_for("0 to go")
    terminal.settle()
    return peak_megabytes(terminal)


def fill(source: Path, home: Path, rows: int) -> None:
    """Answer the first rows of a source in one transaction, as a session would have done."""
    values = {"dataset": "speed", "source": str(source), "label": "PERSON,ORG,LOC"}
    database = home / "data" / "tui-annotate" / "annotations.db"
    with open_store(database) as store:
        opened = open_session(store, build_job(get_recipe("ner.manual"), values), "tester")

        def answers() -> Iterator[NewAnswer]:
            for number, asked in enumerate(iter(opened.asked.next, None), 1):
                if number > rows:
                    return
                yield _answer(asked, opened.dataset.id, opened.session.id, opened.cursor_id)
                opened.ledger.settle(asked)

        with store.write_txn():
            store.answers.import_(opened.dataset.id, answers())
            state = opened.ledger.state()
            assert state.row == rows, state
            store.progress.move_cursor(opened.cursor_id, state, opened.cursor.version)
        _explain(store, opened.cursor_id, rows)


def _answer(asked: Asked, dataset_id: int, session_id: int, cursor_id: int) -> NewAnswer:
    return NewAnswer(
        dataset_id=dataset_id,
        session_id=session_id,
        identity=asked.identity,
        content=dumps({**asked.task, "answer": "accept"}),
        answer="accept",
        view_id="ner_manual",
        answered_at=1_700_000_000,
        cursor_id=cursor_id,
        row=asked.row,
        digest=asked.digest,
    )


def _explain(store: Store, cursor_id: int, row: int) -> None:
    """Report how the store looks up what is settled behind the cursor: by an index, and fast."""
    began = time.perf_counter()
    found = list(store.settled.behind(cursor_id, row))
    took = 1000 * (time.perf_counter() - began)
    assert not found
    report("settled rows behind the cursor, looked up", took, "ms", "<= 20", took <= 20)
    plans = _plans(store, cursor_id, row)
    used = [line for line in plans if "answers_cursor" in line]
    print("  " + "\n  ".join(dict.fromkeys(plans)), file=sys.stderr)
    report("queries of it by the index answers_cursor", len(used), "", ">= 2", len(used) >= 2)


def _plans(store: Store, cursor_id: int, row: int) -> list[str]:
    """Return the plans of every statement that the look-up runs."""
    connection = store._connection
    real, statements = connection.read, []

    def read(sql: str, parameters: object = ()) -> list[tuple[object, ...]]:
        statements.append((sql, parameters))
        return real(sql, parameters)  # type: ignore[arg-type]

    connection.read = read  # type: ignore[method-assign]
    list(store.settled.behind(cursor_id, row))
    del connection.read
    return [
        str(line[3])
        for sql, parameters in statements
        for line in real(f"EXPLAIN QUERY PLAN {sql}", parameters)  # type: ignore[arg-type]
    ]


def main() -> None:
    """Measure, and report against the goals."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with folder() as place:
        small, large = write(place / "small.jsonl", 1000), write(place / "large.jsonl", ROWS)
        first, later = TEXT.format(1)[:20], TEXT.format(ANSWERED + 1)[:20]
        homes = {name: place / name for name in ("small", "large", "answered")}
        fill(large, homes["answered"], ANSWERED)
        found = measure(
            {
                "1,000 rows": (small, homes["small"], first),
                "1,000,000 rows": (large, homes["large"], first),
                "990,000 of 1,000,000 answered": (large, homes["answered"], later),
            }
        )
    base = found.pop("1,000 rows")
    report("first task, 1,000 rows", 1000 * base.seconds, "ms", "the measure", ok=True)
    report("peak memory, 1,000 rows", base.megabytes, "MB", "the measure", ok=True)
    for name, each in found.items():
        ratio, more = each.seconds / base.seconds, each.megabytes - base.megabytes
        report(f"first task, {name}", 1000 * each.seconds, "ms", "see the next", ok=True)
        report(f"first task, {name}, times that of 1,000", ratio, "", "<= 1.1", ratio <= 1.1)
        report(f"peak memory, {name}, above that of 1,000", more, "MB", "<= 10", more <= 10)
    finish()


if __name__ == "__main__":
    main()
