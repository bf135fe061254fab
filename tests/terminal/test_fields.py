"""A task with nothing but a field, in a real terminal: what is typed decides nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.support.terminal import Terminal
from tests.terminal.support import Job

pytestmark = pytest.mark.terminal

RECIPE = """
from tui_annotate import recipe, get_stream


@recipe(
    "say.why",
    dataset=("Dataset", "positional", None, str),
    source=("Source", "positional", None, str),
)
def say_why(dataset, source):
    return {"dataset": dataset, "stream": get_stream(source), "view_id": "text_input"}
"""


def send_in_pieces(terminal: Terminal, text: str) -> None:
    """Send text as a serial line brings it."""
    for start in range(0, len(text), 2):
        terminal.send(text[start : start + 2])
        time.sleep(0.004)


def test_letters_before_enter_are_written(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 3)
    (tmp_path / "why.py").write_text(RECIPE)
    with annotate("say.why", "my_set", job.source, "-F", tmp_path / "why.py") as terminal:
        terminal.wait_for("Row 1 of them.")
        terminal.settle()
        terminal.type("f a x")
        assert "> fax" in terminal.screen_text() and "0 done" in terminal.screen_text()
        terminal.type("enter a")
        terminal.wait_for("Row 2 of them.")
        terminal.settle()
        terminal.type("enter q q escape x x")
        terminal.wait_for("Row 3 of them.")
        terminal.type("escape q q")
        assert terminal.wait_exit() == 0
    stored = [(each["answer"], each["user_input"]) for each in job.answers()]
    assert stored == [("accept", "fax"), ("reject", "qq")]


def test_a_paste_that_the_terminal_does_not_mark_stays_in_the_comment(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 2)
    with annotate("ner.manual", "my_set", job.source, "--label", "A") as terminal:
        terminal.wait_for("accept")
        terminal.press("c")
        terminal.send("eins\rzwei\nxq\ra")
        terminal.wait_for("comment: eins zwei xq a")
        terminal.type_at(["!", "enter"], 0.1)
        terminal.type("x x")
        terminal.wait_for("1 done")
        terminal.type("q q")
        assert terminal.wait_exit() == 0
    assert [(e["answer"], e["_comment"]) for e in job.answers()] == [("reject", "eins zwei xq a!")]


def test_text_that_is_pasted_where_none_is_asked_for_answers_nothing(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 2)
    with annotate("ner.manual", "my_set", job.source, "--label", "A") as terminal:
        terminal.wait_for("accept")
        terminal.settle()
        for text in ("hell a word\rna a", "ein x\rzwei\ra"):
            terminal.send(text)
            terminal.wait_for("many keys came at once")
            terminal.settle()
            assert "0 done" in terminal.screen_text()
        send_in_pieces(terminal, "ll a fax x a l")
        terminal.wait_for("many keys came at once")
        time.sleep(1.0)  # what is typed on at once is dropped as well
        terminal.press(";")
        send_in_pieces(terminal, "oax\rx")  # its first letter closes the question
        terminal.wait_for("pasted text is only taken where text is asked for")
        terminal.settle()
        assert "0 done" in terminal.screen_text()
        terminal.type("escape q q")
        assert terminal.wait_exit() == 0
    assert job.answers() == []
