"""Passing over what is answered: `python -m benchmarks.skip [--rows 200000] [--times 3]`.

A row is put in front of a source that is answered but for its last row, so the program reads all of
it again to find that one; and somebody else begins on the same dataset. Rows a second are compared
with bare `json.loads` over the same file in the same run. The store is filled directly.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import time
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks._drive import finish, folder, peak_megabytes, report, start
from benchmarks.resume import DATASET, SOURCE, WORDS, Filler, database
from tests.support.terminal import Terminal
from tui_annotate.store.database import open_store

SHARE = 0.08
"""Of the rows a second that `json.loads` reads."""

LEAVING = 0.3
"""Seconds from the key that leaves to the end of the program."""

MEGABYTES = 30.0
"""What passing over a million answers may take beside what a small source takes."""

READING = 0.4
"""Seconds for which the new first row is looked at."""

LOOKING = "looking for the next task"


def write_source(path: Path, rows: int) -> None:
    """Write rows of about 350 bytes whose texts begin with their numbers."""
    dice = random.Random(1)
    endings = [" ".join(dice.choices(WORDS, k=50))[:325] for _ in range(1000)]
    with path.open("w") as file:
        for number in range(1, rows + 1):
            file.write(json.dumps({"text": f"row{number:09d} {endings[number % 1000]}"}) + "\n")


def bare_rows_a_second(path: Path) -> float:
    """Return how many rows a second `json.loads` reads of a file."""
    begun, rows = time.perf_counter(), 0
    with path.open("rb") as file:
        for line in file:
            json.loads(line)
            rows += 1
    return rows / (time.perf_counter() - begun)


def program(home: Path, place: Path, annotator: str) -> AbstractContextManager[Terminal]:
    """Run the program on the source of a folder, for one annotator."""
    arguments = ("ner.manual", DATASET, SOURCE, "--label", "A,B", "--as", annotator)
    return start(*arguments, home=home, cwd=place)


def answer_first(shown: Terminal) -> float:
    """Answer the new first row as soon as that counts; return when it was shown.

    From then on the program passes over the rows behind it.
    """
    shown.wait_for("a new row")
    begun = time.perf_counter()
    time.sleep(READING)
    shown.send("a")
    return begun


def edited(home: Path, place: Path, rows: int) -> tuple[float, float]:
    """Return seconds and megabytes from the answer of the new first row to the last row."""
    with program(home, place, "anna") as shown:
        shown.wait_for("a new row")
        before = peak_megabytes(shown)
        begun = answer_first(shown)
        shown.wait_for(f"row{rows:09d}", timeout=600)
        return time.perf_counter() - begun, peak_megabytes(shown) - before


def begun_by_another(home: Path, place: Path, rows: int) -> float:
    """Return the seconds from the start of another annotator to the last row."""
    with program(home, place, "bea") as shown:
        begun = answer_first(shown)
        shown.wait_for(f"row{rows:09d}", timeout=600)
        return time.perf_counter() - begun


def left(home: Path, place: Path) -> float:
    """Return the seconds from `q`, in the midst of passing over rows, to the program's end."""
    with program(home, place, "anna") as shown:
        answer_first(shown)
        shown.wait_for(LOOKING)
        begun = time.perf_counter()
        shown.send("q")
        shown.wait_exit()
        return time.perf_counter() - begun


def main() -> None:
    """Fill, edit, pass over, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=3, help="how often each is measured")
    given = parser.parse_args()
    with folder() as place:
        measure(place, given.rows, given.times)
    finish()


def measure(place: Path, rows: int, times: int) -> None:
    """Print what each way of passing over rows costs; the best of a few times counts."""
    source, home = place / SOURCE, place / "home"
    write_source(source, rows)
    with program(home, place, "anna") as shown:
        shown.wait_for(f"row{1:09d}")
        shown.type("q q")
        shown.wait_exit()
    with open_store(database(home)) as store:
        Filler(store, source).fill_to(rows - 1)
    text = source.read_text()
    source.write_text(json.dumps({"text": "a new row in front"}) + "\n" + text)
    bare = max(bare_rows_a_second(source) for _ in range(times))
    print(f"json.loads: {bare:,.0f} rows a second", flush=True)
    seconds, megabytes, leaving, others = [], [], [], []
    for _ in range(times):
        for name in ("once", "left", "other"):
            shutil.rmtree(place / name, ignore_errors=True)
            shutil.copytree(home, place / name)
        taken, more = edited(place / "once", place, rows)
        seconds.append(taken)
        megabytes.append(more)
        leaving.append(left(place / "left", place))
        others.append(begun_by_another(place / "other", place, rows))
    for name, taken in (("edited source", min(seconds)), ("another annotator", min(others))):
        share = rows / taken / bare
        report(f"{name}: rows a second", rows / taken, "", f"{SHARE} of json.loads", share >= SHARE)
        report(f"{name}: of json.loads", share, "", f">= {SHARE}", share >= SHARE)
    report("leaving", min(leaving), "s", f"<= {LEAVING}", min(leaving) <= LEAVING)
    most = min(megabytes)
    report("memory", most, "MB", f"<= {MEGABYTES:.0f}", most <= MEGABYTES)


if __name__ == "__main__":
    main()
