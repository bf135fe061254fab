"""What keys cost on the line, in 256 colours. Bytes repeat exactly; time is not looked at."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.support.terminal import QUIET
from tests.terminal.support import Job

pytestmark = pytest.mark.terminal

WORDS = (
    *("Acme", "Corporation", "of", "Berlin", "announced", "on", "Tuesday", "that"),
    *("Dr.", "Smith", "had", "left", "it", "in", "May"),
)

STARTS = 4
"""A start that takes longer than 0.3 s says so on the screen, so a busy machine has several."""


@pytest.mark.parametrize(("columns", "rows", "most"), [(80, 24, 4_500), (120, 40, 7_500)])
def test_a_start_paints_the_first_task_and_nothing_before_it(
    tmp_path: Path, home: Path, annotate: StartsTerminal, columns: int, rows: int, most: int
) -> None:
    job = Job(tmp_path, home, ["Acme left Berlin.", "Two."])
    seen = []
    for _ in range(STARTS):
        with annotate(*job.arguments, columns=columns, rows=rows) as terminal:
            terminal.wait_for("Acme left Berlin.")
            before, _, _ = terminal.raw.partition(b"Acme")
            terminal.settle()
            seen.append((len(before), len(terminal.raw)))
            terminal.type("q q")
            terminal.wait_exit()
        if seen[-1][0] <= 700:
            break
    print(f"{seen} bytes before the text and in all")
    assert seen[-1][0] <= 700, "over the text is a header"
    assert seen[-1][1] <= most


@pytest.mark.parametrize(
    ("words", "size"), [(200, (80, 24)), (3700, (200, 50))], ids=["200 tokens", "20,000 characters"]
)
def test_budgets(
    tmp_path: Path, home: Path, annotate: StartsTerminal, words: int, size: tuple[int, int]
) -> None:
    text = " ".join(WORDS[number % len(WORDS)] for number in range(words))
    job = Job(tmp_path, home, [text, "Two."])
    with annotate(*job.arguments, columns=size[0], rows=size[1]) as terminal:
        terminal.wait_for("2 to go")
        terminal.type("1 l l 2 l l 2")
        terminal.settle()
        moves = [len(terminal.press("l", pace=0)) for _ in range(30)]
        moves += [len(terminal.press(key, pace=0)) for key in "jklhjklhjl"]
        print(f"median {statistics.median(moves)}, most {max(moves)} bytes")
        assert statistics.median(moves) <= 120
        assert max(moves) <= 250
        # On a busy machine a key that draws is heard late, which is not for no bytes.
        edits = {key: len(terminal.press(key, pace=0, quiet=5 * QUIET)) for key in "1du,"}
        assert all(0 < size <= 250 for size in edits.values()), edits
        focus = [len(terminal.press(key, pace=0)) for key in ("b", "b", "tab", "b", "tab")]
        assert min(focus) > 0 and statistics.median(focus) <= 250, focus
        assert terminal.idle_bytes(3.0) == 0


def test_a_page_over_the_screen_and_back(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 2)
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("2 to go")
        terminal.settle()
        before = len(terminal.raw)
        terminal.press("m")
        terminal.wait_for("accept the task as it is shown")
        terminal.type("j k escape")
        terminal.wait_for("Row 1 of them.")
        terminal.settle()
        assert len(terminal.raw) - before <= 20_000


def test_the_panel_of_a_wide_screen_costs_few_bytes_a_label(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, [" ".join(WORDS * 10), "Two."])
    with annotate(*job.arguments, columns=120, rows=40) as terminal:
        terminal.wait_for("2 to go")
        labels: dict[bool, list[int]] = {}
        moves: dict[bool, list[int]] = {}
        for panel in (True, False):
            terminal.type("1 l l 2 l l")
            terminal.settle()
            taken = [(len(terminal.press(k, pace=0)), len(terminal.press("l"))) for k in "12121212"]
            labels[panel], moves[panel] = [each[0] for each in taken], [each[1] for each in taken]
            assert ("10 spans" in terminal.screen.text()) == panel
            assert terminal.idle_bytes(1.0) == 0
            terminal.type("u " * 10 + "home P escape")
        print(labels, moves)
        dearer = [a - b for a, b in zip(labels[True], labels[False], strict=True)]
        assert statistics.median(dearer) <= 60 and max(dearer) <= 60 + 20, dearer
        assert max(a - b for a, b in zip(moves[True], moves[False], strict=True)) <= 24


def test_a_label_before_others_costs_the_panel_no_more_than_one_behind_them(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, [" ".join(WORDS * 10), "Two."])
    with annotate(*job.arguments, columns=120, rows=40) as terminal:
        terminal.wait_for("2 to go")
        costs: dict[bool, dict[str, int]] = {}
        for panel in (True, False):
            terminal.type("l l l " + "1 l l 2 l l " * 7)
            assert ("14 spans" in terminal.screen.text()) == panel
            terminal.type("home k k k k k k home")
            terminal.settle()
            costs[panel] = {
                key: len(terminal.press(key[0], pace=0))
                for key in ("1", "d", "u undo", ", redo", "u again", "2 relabel")
            }
            terminal.type("u u " + "u " * 14 + "P escape")
        print(costs)
        dearer = {key: costs[True][key] - costs[False][key] for key in costs[True]}
        assert max(dearer.values()) <= 60, dearer
