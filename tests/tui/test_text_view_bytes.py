"""What a key costs in bytes, in a real pseudo-terminal with 256 colours. Bytes repeat exactly."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.terminal import Terminal

pytestmark = pytest.mark.terminal

SIZES = [(80, 24), (120, 40), (200, 60)]
TEXTS = [(200, 20), (5000, 400)]


@pytest.fixture(params=[(*s, *t) for s in SIZES for t in TEXTS], ids=str)
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    columns, rows, tokens, spans = request.param
    argv = [sys.executable, "-m", "tests.tui.view_app", str(tokens), str(spans)]
    with Terminal(argv, home=tmp_path, columns=columns, rows=rows) as terminal:
        terminal.wait_for("done")
        terminal.settle()
        yield terminal


def test_budgets(terminal: Terminal) -> None:
    assert terminal.idle_bytes(0.7) == 0
    moves = [terminal.press("l", pace=0) for _ in range(25)]
    sizes = [len(move) for move in moves]
    assert statistics.median(sizes) <= 80
    assert 0 < max(sizes) <= 120
    assert 0 < len(terminal.press("2")) <= 160
    assert 0 < len(terminal.press("d")) <= 160
    assert terminal.idle_bytes(0.3) == 0
    terminal.press("q")
    assert terminal.wait_exit() == 0
    assert terminal.left_sane()
