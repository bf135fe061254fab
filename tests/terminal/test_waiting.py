"""What takes long is said on the screen, and can be left at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.environment import annotate_argv
from tests.support.terminal import Terminal
from tests.terminal.support import Job

pytestmark = pytest.mark.terminal

ENDLESS = 1 << 42
"""Bytes of a hole behind the rows: a line whose end nobody lives to see. It takes no room."""


@pytest.mark.parametrize("columns, rows", [(80, 24), (40, 12)])
def test_a_row_without_an_end_is_said_and_left_with_one_key(
    tmp_path: Path, home: Path, columns: int, rows: int
) -> None:
    job = Job(tmp_path, home, 1)
    os.truncate(job.source, ENDLESS)
    with Terminal(annotate_argv(*job.arguments), home=home, columns=columns, rows=rows) as terminal:
        terminal.wait_for("Row 1 of them.")
        terminal.send("a")
        terminal.wait_for("looking for the next task: 1 row" if columns == 80 else "1 row, ")
        terminal.wait_for("of one row" if columns == 40 else "of one row read so far")
        assert "q leaves" in terminal.screen_text()
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert terminal.left_sane()
    assert [each["answer"] for each in job.answers()] == ["accept"]


def test_a_source_that_begins_with_such_a_row_is_left_with_one_key(
    tmp_path: Path, home: Path
) -> None:
    job = Job(tmp_path, home, 1)
    job.source.write_bytes(b"[")
    os.truncate(job.source, ENDLESS)
    with Terminal(annotate_argv(*job.arguments), home=home) as terminal:
        shown = terminal.wait_for("looking for the next task")
        assert "0 done" not in shown
        assert "accept" not in shown
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert terminal.left_sane()
