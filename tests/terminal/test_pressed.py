"""Taps and held keys in a real terminal: what counts as an answer, and what is said of the rest."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.support.terminal import Terminal
from tests.terminal.support import DATASET, Job, done

pytestmark = pytest.mark.terminal


def tap(terminal: Terminal, times: list[float], key: str = "a") -> None:
    """Send a key at given seconds from now."""
    start = time.monotonic()
    for at in times:
        time.sleep(max(0.0, start + at - time.monotonic()))
        terminal.send(key)


@pytest.mark.parametrize(("delay", "rate"), [(0.25, 40), (0.5, 30), (0.66, 18)])
def test_a_key_that_is_held_down_answers_once(
    tmp_path: Path, home: Path, annotate: StartsTerminal, delay: float, rate: int
) -> None:
    job = Job(tmp_path, home, 10)
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("10 to go")
        tap(terminal, [0.0, *(delay + number / rate for number in range(20))])
        terminal.wait_for("a is held down and answers once")
        terminal.settle()
        assert done(terminal.screen_text()) == 1
    assert len(job.answers()) == 1


def test_taps_at_a_fifth_of_a_second_all_count(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    source = tmp_path / "binary.jsonl"
    rows = [{"text": f"Row {n}.", "label": "A"} for n in range(1, 12)]
    source.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    job = Job(tmp_path, home, 1)
    with annotate("mark", DATASET, str(source), "--view-id", "classification") as terminal:
        terminal.wait_for("11 to go")
        tap(terminal, [number * 0.2 for number in range(8)])
        terminal.wait_for("8 done")
    assert len(job.answers()) == 8


def test_a_press_that_does_not_count_is_said(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 10)
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("10 to go")
        tap(terminal, [0.0, 0.11])
        terminal.wait_for("a came again too fast, so it was not counted")
        assert done(terminal.screen_text()) == 1


def test_repeats_that_the_terminal_tells_are_believed(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 10)
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("10 to go")
        terminal.send("\x1b[97;1:1u")
        terminal.wait_for("1 done")
        tap(terminal, [0.3, 0.5, 0.7], "\x1b[97;1:2u")
        terminal.send("\x1b[97;1:3u")
        terminal.wait_for("a is held down and answers once")
        terminal.send("\x1b[97;1:1u")
        terminal.wait_for("2 done")
        terminal.settle()
    assert len(job.answers()) == 2
