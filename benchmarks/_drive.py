"""What every benchmark needs: the program in a terminal, numbers with goals, an exit code.

with start("ner.manual", "speed", "data.jsonl", "--label", "A") as terminal:
    terminal.wait_for("accept")
    report("bytes per move", median_bytes(terminal.type("l " * 50)), "B", "<= 200", ok=...)
finish()
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from tests.support.environment import annotate_argv, run_headless
from tests.support.processes import peak_memory
from tests.support.screen import Screen
from tests.support.terminal import Reaction, Terminal

# The emulated screen makes much garbage; the program that is measured must not wait for it.
gc.disable()

_missed: list[str] = []


def report(name: str, value: float, unit: str, goal: str, ok: bool) -> bool:
    """Print `name: value unit (goal ...)`, remember a missed goal, and return `ok`.

    Args:
        name: What was measured.
        value: The number; printed with four significant digits at least.
        unit: Its unit, such as `ms`, `B` or `MB`; may be empty.
        goal: What it should be, in words: `<= 200`.
        ok: Whether it is.
    """
    number = f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"
    text = f"{name}: {number} {unit}".rstrip()
    print(f"{text} (goal {goal}){'' if ok else ' MISSED'}", flush=True)
    if not ok:
        _missed.append(name)
    return ok


def finish() -> NoReturn:
    """End the benchmark: exit code 1 where a goal was missed, and its name on stderr."""
    if _missed:
        print(f"missed: {', '.join(_missed)}", file=sys.stderr)
    sys.exit(1 if _missed else 0)


@contextmanager
def folder() -> Iterator[Path]:
    """Give an empty folder for data and for the program's home; it is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        yield Path(name)


@contextmanager
def start(
    *arguments: str | Path,
    home: Path | None = None,
    env: Mapping[str, str | None] | None = None,
    **options: Any,
) -> Iterator[Terminal]:
    """Run `tui-annotate ARGUMENTS` in a terminal of its own, and end it afterwards.

    Args:
        arguments: The command line.
        home: Its home folder, to come back to what an earlier run has stored; else an empty one.
        env: Variables to set, or with None to leave out.
        options: As `tests.support.terminal.Terminal` takes them: `columns`, `rows`, ...
    """
    with folder() as empty:
        argv = annotate_argv(*arguments)
        with Terminal(argv, home=home or empty, env=env, **options) as terminal:
            yield terminal


def run(*arguments: str | Path, home: Path, timeout: float = 600) -> str:
    """Run `tui-annotate ARGUMENTS` without a terminal and return what it printed.

    Raises:
        SystemExit: It failed; the message is its own.
    """
    done = run_headless(annotate_argv(*arguments), home, timeout=timeout)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, arguments))}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def seconds_until(terminal: Terminal, text: str) -> float:
    """Return the seconds from the program's start until the screen showed a text.

    What came is drawn once more, piece by piece: the moment is that of the bytes that brought the
    text, however long drawing and looking have taken.
    """
    terminal.wait_for(text)
    again, drawn = Screen(terminal.screen.columns, terminal.screen.rows), 0
    for moment, end in tuple(terminal.line.chunks):
        again.feed(terminal.raw[drawn:end])
        drawn = end
        if text in again.text():
            return moment - terminal.started
    raise AssertionError(f"{text!r} was shown, but not at this size from the start")


def peak_megabytes(terminal: Terminal) -> float:
    """Return the most memory that the program has held so far, in MB."""
    return peak_memory(terminal.pid) / 1e6


def median_bytes(reactions: Sequence[Reaction]) -> float:
    """Return the median number of bytes that a key has cost."""
    return statistics.median(len(reaction) for reaction in reactions)


def median_milliseconds(reactions: Iterable[Reaction]) -> float:
    """Return the median time from a key to the last byte of its frame; silent keys do not count."""
    return statistics.median(1000 * each.last for each in reactions if each.last is not None)
