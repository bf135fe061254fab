"""What an export costs: 100,000 answers with tokens and spans, beside `json.dumps` of the same.

    python -m benchmarks.export [--rows N] [FORMAT ...]

The floor and the exports run in turn, twice, each export as the whole command from its start to its
end, and the quicker run counts. Times are processor times, so that what else the machine does
slows neither. A format with files for each document has a second floor, making the same number of
small files and nothing else: most of that is the system's, and no exporter can be quicker.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks._drive import finish, folder, report
from tests.support.environment import annotate_argv, run_headless
from tui_annotate.exchange.registry import FORMATS
from tui_annotate.store.database import open_store
from tui_annotate.store.records import NewAnswer
from tui_annotate.task.hashing import identify
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.tokenize import tokenize

ROWS = 100_000
FACTOR = 8
TEXT = "The council of Northport said on Tuesday that Anna Berg and Omar Said had agreed to sell"
WORDS = tuple(TEXT.split())
LABELS = ("PERSON", "ORG", "LOC")


def make_task(number: int) -> dict[str, Any]:
    """Return a task of about 25 tokens with three spans."""
    turn = number % len(WORDS)
    text = f"{' '.join(WORDS[turn:] + WORDS[:turn])}, row {number}: naïve 東京 plan."
    tokens = tokenize(text)
    places = [(0, 1), (4, 5), (9, 9)]
    spans = [
        {
            "start": tokens.starts[first],
            "end": tokens.ends[last],
            "token_start": first,
            "token_end": last,
            "label": LABELS[place],
        }
        for place, (first, last) in enumerate(places)
    ]
    return {"text": text, "meta": {"n": number}, "tokens": tokens.to_dicts(text), "spans": spans}


def fill(path: Path, rows: int) -> None:
    """Make a store with that many answers."""
    with open_store(path) as store, store.write_txn():
        dataset = store.admin.dataset("speed")
        session = store.admin.session(dataset.id, "speed-tester", "tester")

        def answers() -> Iterator[NewAnswer]:
            for number in range(rows):
                task = make_task(number)
                identity = identify({"text": task["text"]})
                yield NewAnswer(
                    dataset.id, session.id, identity, dumps(task), "accept", "ner_manual",
                    1_700_000_000 + number,
                )  # fmt: skip

        store.answers.import_(dataset.id, answers())


def floor(rows: int) -> float:
    """Return the seconds of `json.dumps` over the same objects, without making them."""
    total = 0.0
    for start in range(0, rows, 1000):
        tasks = [make_task(number) for number in range(start, min(start + 1000, rows))]
        began = process_time()
        for task in tasks:
            json.dumps(task)
        total += process_time() - began
    return total


def bare_files(home: Path, count: int) -> float:
    """Return the seconds of making that many small files in one folder, on disk."""
    target = home / "bare"
    target.mkdir()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    began = process_time()
    names = random.Random(0)  # as scattered as ours, which are digests: that costs a folder more
    for _ in range(count):
        file = os.open(f"{target}/{names.getrandbits(128):032x}.txt", flags)
        os.write(file, b"x" * 100)
        os.close(file)
    os.sync()
    seconds = process_time() - began
    shutil.rmtree(target)
    return seconds


def measure(home: Path, name: str) -> float:
    """Return the seconds of one whole export command."""
    out = home / f"out-{name}"
    env = {"TUI_ANNOTATE_DB": str(home / "speed.db")}
    argv = annotate_argv("export", "speed", str(out), "--to", name)
    before = os.times()
    done = run_headless(argv, home, env=env, timeout=900)
    after = os.times()
    if done.returncode:
        sys.exit(f"{name}: exit {done.returncode}: {done.stderr}")
    if out.is_dir():
        shutil.rmtree(out)
    else:
        out.unlink()
    user = after.children_user - before.children_user
    return user + after.children_system - before.children_system


def main() -> None:
    """Measure the formats that are text, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("formats", nargs="*", metavar="format")
    given = parser.parse_args()
    rows, names = (
        given.rows,
        given.formats or [name for name, each in FORMATS.items() if not each.binary],
    )
    with folder() as home:
        fill(home / "speed.db", rows)
        for name in names:
            bare = min(floor(rows), floor(rows))
            files = seconds = math.inf
            for _ in range(2):
                files = min(files, bare_files(home, 2 * rows) if FORMATS[name].folder else 0.0)
                seconds = min(seconds, measure(home, name))
            report("json.dumps", bare, "s", "the floor", ok=True)
            if files:
                report(
                    f"{2 * rows:,} bare files", files / bare, "x json.dumps", "the floor", ok=True
                )
            goal = FACTOR + files / bare
            report(
                f"export {rows:,} to {name}",
                seconds / bare,
                "x json.dumps",
                f"<= {FACTOR}" + (f" beyond the bare files, {goal:.1f}" if files else ""),
                ok=seconds / bare <= goal,
            )
    finish()


if __name__ == "__main__":
    main()
