"""Late answers of a terminal in real sessions: no prompt and no view changes by them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.support.terminal import Terminal
from tests.terminal.replies import REPLIES, cut, with_single_controls
from tests.terminal.support import DATASET, Job, cells

pytestmark = pytest.mark.terminal

PAUSE = 0.04
"""Seconds between two pieces of an answer: nobody types so fast, and a slow line is slower."""


def send_replies(terminal: Terminal, turn: int, number: int = 7) -> None:
    """Send some of the answers in two pieces each; other ones, cut elsewhere, in each turn."""
    for place in range(turn, turn + number):
        reply = REPLIES[(place * 5 + turn) % len(REPLIES)]
        if place % 2:
            reply = with_single_controls(reply)
        for piece in cut(reply, place * 3 + turn):
            terminal.send(piece)
            time.sleep(PAUSE)


@pytest.mark.parametrize("keymap", ["default", "vim"])
def test_answers_change_nothing_in_any_prompt(
    tmp_path: Path, home: Path, annotate: StartsTerminal, keymap: str
) -> None:
    job = Job(tmp_path, home, ["Acme left Berlin for Acme.", "Two."])
    with annotate(*job.arguments, "--keymap", keymap) as terminal:
        terminal.wait_for("2 to go")
        find = "f" if keymap == "vim" else ";"
        for turn, opens in enumerate(("v", "t", "/", "c", find, "g", "m", "i", "q", "")):
            if opens:
                terminal.press(opens)
            before = cells(terminal, 24)
            send_replies(terminal, turn)
            terminal.settle()
            assert cells(terminal, 24) == before, (opens, terminal.screen_text())
            terminal.press("escape")
        terminal.type("t o a" if keymap == "vim" else "1 a")
        terminal.wait_for("Two.")
    (answer,) = job.answers()
    assert [span["start"] for span in answer["spans"]] == [0]


VIEWS = {
    "choice": {"options": [{"id": "a", "text": "one"}, {"id": "b", "text": "two"}]},
    "blocks": {},
}


@pytest.mark.parametrize("view", VIEWS)
def test_answers_change_nothing_in_any_view(
    tmp_path: Path, home: Path, annotate: StartsTerminal, view: str
) -> None:
    source = tmp_path / "rows.jsonl"
    rows = [{"text": f"Row {n}.", **VIEWS[view]} for n in (1, 2)]
    source.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    recipe = tmp_path / "r.py"
    config = {
        "choice": {"choice_style": "multiple"},
        "blocks": {"blocks": [{"view_id": "ner_manual"}, {"view_id": "text_input"}],
                   "labels": ["A", "B"]},
    }[view]  # fmt: skip
    recipe.write_text(
        "import prodigy\n"
        "from prodigy.components.loaders import JSONL\n"
        "@prodigy.recipe('mine')\n"
        "def mine(dataset, source):\n"
        "    stream = JSONL(source)\n"
        f"    return {{'dataset': dataset, 'stream': stream, 'view_id': {view!r},"
        f" 'config': {config!r}}}\n"
    )
    with annotate("mine", DATASET, str(source), "-F", str(recipe)) as terminal:
        terminal.wait_for("Row 1.")
        terminal.settle()
        keys = {"choice": ["j"], "blocks": ["v", "tab", "enter"]}[view]
        for turn, key in enumerate(["", *keys]):
            if key:
                terminal.press(key)
            before = cells(terminal, 24)
            send_replies(terminal, turn + 3)
            terminal.settle()
            assert cells(terminal, 24) == before, (key, terminal.screen_text())
        assert "0 done" in terminal.screen_text()


@pytest.mark.parametrize(
    ("keymap", "introducer"), [*(("vim", each) for each in "P^_]"), ("default", "]")]
)
def test_keys_behind_an_escape_work_at_human_speed(
    tmp_path: Path, home: Path, annotate: StartsTerminal, keymap: str, introducer: str
) -> None:
    job = Job(tmp_path, home, ["Acme left Berlin for Acme.", "Two."])
    label = ["t", "o"] if keymap == "vim" else ["2", "1"]
    with annotate(*job.arguments, "--keymap", keymap) as terminal:
        terminal.wait_for("2 to go")
        for key in ("\x1b", introducer, "l", *label, "h", "a"):
            terminal.send(key)
            time.sleep(0.17)
        terminal.wait_for("Two.")
    (answer,) = job.answers()
    assert [(span["start"], span["label"]) for span in answer["spans"]] == [(5, "ORG")]


def test_mouse_and_focus_are_switched_off_at_the_start(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 2)
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("2 to go")
        assert not terminal.screen.modes & {9, 1000, 1002, 1003, 1004, 1006}
        assert b"\x1b[?9;1000;1001;1002;1003;1004;1005;1006;1015;1016l" in terminal.raw
