"""All benchmarks, one after the other, as one table in Markdown: `python -m benchmarks`.

    python -m benchmarks                       # all of them: hours
    python -m benchmarks start export          # some
    python -m benchmarks --minutes 5           # none of them longer than that

Each runs in a process of its own, so that one that fails or takes too long costs the others
nothing. What one has printed goes to stderr when it has ended, the table to stdout. `effort` needs
corpora and is left out where none is named by `--corpus`.
"""

from __future__ import annotations

import argparse
import platform
import re
import signal
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

# What is fast comes first: whoever stops early has the most.
RUNS: dict[str, tuple[str, ...]] = {
    "start": (),
    "export": (),
    "exchange": (),
    "find": (),
    "agreement": (),
    "documents": (),
    "cost": (),
    "review": (),
    "skip": (),
    "resume": (),
    "resume_edits": (),
    "loaders": (),
    "torture": ("--kills", "500"),
    "team": ("correct",),
    "prompts": (),
}
"""The benchmarks, and what each is told."""

_LINE = re.compile(r"^(?P<name>[^:\n]+(?:: [^:\n]+)*): (?P<value>-?\d[\d.,e+-]*)(?P<rest>.*)$")
_GOAL = re.compile(r"^(?P<unit>.*?) ?(?:\(goal (?P<goal>.*)\))?(?P<missed> MISSED)?$")


class Figure(NamedTuple):
    """One measured figure, as a benchmark printed it."""

    name: str
    value: str
    unit: str
    goal: str
    missed: bool


def read_figure(line: str) -> Figure | None:
    """Return the figure of a printed line; None for a line that holds none."""
    found = _LINE.match(line.strip())
    if found is None:
        return None
    rest = _GOAL.match(found["rest"].strip())
    if rest is None:
        return None
    goal = rest["goal"] or ""
    return Figure(found["name"], found["value"], rest["unit"].strip(), goal, bool(rest["missed"]))


def measure(name: str, options: tuple[str, ...], minutes: float) -> tuple[list[Figure], str]:
    """Run one benchmark; return its figures, and what is to be said of how it ended."""
    argv = [sys.executable, "-m", f"benchmarks.{name}", *options]
    figures: list[Figure] = []
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as running:
        try:
            output, _ = running.communicate(timeout=60 * minutes)
        except subprocess.TimeoutExpired:
            # Interrupted as by ctrl-c, it ends the programs that it drives.
            running.send_signal(signal.SIGINT)
            output, _ = running.communicate()
            ended = f"ended after {minutes:g} minutes"
        else:
            ended = "" if running.returncode in (0, 1) else f"exit {running.returncode}"
    sys.stderr.write(output)
    for line in output.splitlines():
        figure = read_figure(line)
        if figure is not None:
            figures.append(figure)
    return figures, ended


def machine() -> str:
    """Return what the figures were measured on, as one line."""
    versions = ", ".join(f"{each} {version(each)}" for each in ("tui_annotate", "textual"))
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return f"{date.today()}: {system}, Python {platform.python_version()}, {versions}"


def row(benchmark: str, figure: Figure) -> str:
    """Return a figure as a row of the table."""
    value = f"{figure.value} {figure.unit}".strip()
    met = "" if not figure.goal else "missed" if figure.missed else "met"
    cells = (benchmark, figure.name, value, figure.goal, met)
    return "| " + " | ".join(each.replace("|", "\\|") for each in cells) + " |"


def main() -> int:
    """Run what the command line names and print the table; 1 where a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*RUNS, "effort", []], metavar="NAME")
    parser.add_argument("--minutes", type=float, default=60.0, help="the most for each")
    parser.add_argument("--corpus", type=Path, nargs="+", default=[], help="for `effort`")
    given = parser.parse_args()
    runs = {name: RUNS.get(name, ()) for name in given.names or RUNS}
    if given.corpus and (not given.names or "effort" in given.names):
        runs["effort"] = tuple(map(str, given.corpus))
    elif "effort" in runs:
        parser.error("effort needs --corpus FILE...")
    print(
        f"{machine()}\n\n| benchmark | figure | value | goal | |\n| --- | --- | --- | --- | --- |"
    )
    missed = False
    for name, options in runs.items():
        figures, ended = measure(name, options, given.minutes)
        for figure in figures:
            print(row(name, figure), flush=True)
            missed = missed or figure.missed
        if ended:
            print(f"| {name} | | {ended} | | missed |", flush=True)
            missed = True
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
