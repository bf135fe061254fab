"""Passing over what is answered: `python -m benchmarks.skip [--rows 200000] [--times 3]`.

A row is put in front of a source that is answered but for its last row, so the program reads all of
it again to find that one; and somebody else begins on the same dataset. Both are compared with bare
`json.loads` over the same file, by processor time and in turns, so that what else the machine does
slows neither. The store is filled directly.
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
from tests.support.processes import processor_ms
from tests.support.terminal import Terminal
from tui_annotate.store.database import open_store

SHARE = 0.08
"""Of the speed of `json.loads`, by processor time."""

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


def bare_seconds(path: Path) -> float:
    """Return the processor time that `json.loads` takes for all rows of a file."""
    begun = time.process_time()
    with path.open("rb") as file:
        for line in file:
            json.loads(line)
    return time.process_time() - begun


def program(home: Path, place: Path, annotator: str) -> AbstractContextManager[Terminal]:
    """Run the program on the source of a folder, for one annotator."""
    arguments = ("ner.manual", DATASET, SOURCE, "--label", "A,B", "--as", annotator)
    return start(*arguments, home=home, cwd=place)


def answer_first(shown: Terminal) -> float:
    """Answer the new first row as soon as that counts; return the processor time of then.

    From then on the program passes over the rows behind it.
    """
    shown.wait_for("a new row")
    begun = processor_ms(shown.pid)
    time.sleep(READING)
    shown.send("a")
    return begun


def passed_over(home: Path, place: Path, rows: int, annotator: str) -> tuple[float, float]:
    """Return processor seconds and megabytes from the new first row to the last row."""
    with program(home, place, annotator) as shown:
        shown.wait_for("a new row")
        before = peak_megabytes(shown)
        begun = answer_first(shown)
        shown.wait_for(f"row{rows:09d}", timeout=600)
        return (processor_ms(shown.pid) - begun) / 1000, peak_megabytes(shown) - before


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
    bare, leaving, edited, others = [], [], [], []
    for _ in range(times):
        for name in ("once", "left", "other"):
            shutil.rmtree(place / name, ignore_errors=True)
            shutil.copytree(home, place / name)
        bare.append(bare_seconds(source))
        edited.append(passed_over(place / "once", place, rows, "anna"))
        leaving.append(left(place / "left", place))
        others.append(passed_over(place / "other", place, rows, "bea"))
    floor = min(bare)
    print(f"json.loads: {floor / rows * 1e6:.2f} us a row", flush=True)
    for name, taken in (("edited source", edited), ("another annotator", others)):
        seconds = min(each for each, _ in taken)
        report(f"{name}: of a row", seconds / rows * 1e6, "us", "as it comes", ok=True)
        share = floor / seconds
        report(f"{name}: speed of json.loads", share, "", f">= {SHARE}", share >= SHARE)
    report("leaving", min(leaving), "s", f"<= {LEAVING}", min(leaving) <= LEAVING)
    most = min(more for _, more in edited)
    report("memory", most, "MB", f"<= {MEGABYTES:.0f}", most <= MEGABYTES)


if __name__ == "__main__":
    main()
