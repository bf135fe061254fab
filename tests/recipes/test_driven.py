"""Recipes in a real terminal, from the keys to the saved answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.recipes.support import write_jsonl
from tests.support.environment import ROOT
from tests.support.terminal import Terminal

pytestmark = pytest.mark.terminal

PAGE = (ROOT / "docs" / "recipes.md").read_text("utf-8")


def answers(headless: RunsHeadless, dataset: str = "my_set") -> list[dict[str, Any]]:
    done = headless("db-out", dataset)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def leave(screen: Terminal) -> None:
    screen.settle()
    for _ in range(3):
        if screen.running:
            screen.press("q")
    assert screen.wait_exit() == 0


def test_the_recipe_of_the_documentation_runs_as_it_says(
    annotate: StartsTerminal, headless: RunsHeadless, home: Path
) -> None:
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    command = re.search(r"^tui-annotate (tone .*)$", PAGE, re.MULTILINE)
    assert code
    assert command
    assert len([line for line in code[1].splitlines() if line.strip()]) <= 10
    (home / "recipe.py").write_text(code[1])
    write_jsonl(home / "data.jsonl", [{"text": "How lovely."}, {"text": "Go away."}])
    screen = annotate(*command[1].split())
    screen.wait_for("How lovely.")
    assert "3 ( ) harsh" in screen.screen_text()
    screen.type("1 a")
    screen.wait_for("Go away.")
    screen.type("j j enter a")
    screen.wait_for("All done.")
    leave(screen)
    assert [(each["text"], each["accept"], each["answer"]) for each in answers(headless)] == [
        ("How lovely.", ["kind"], "accept"),
        ("Go away.", ["harsh"], "accept"),
    ]


def test_a_choice_that_answers_at_once(
    annotate: StartsTerminal, headless: RunsHeadless, home: Path
) -> None:
    data = write_jsonl(home / "data.jsonl", [{"text": f"Text {n}."} for n in range(3)])
    screen = annotate("textcat.manual", "my_set", data, "-l", "A,B", "--exclusive")
    screen.wait_for("Text 0.")
    screen.settle()
    screen.press("2")
    screen.wait_for("Text 1.")
    screen.settle()
    screen.press("1")
    screen.wait_for("Text 2.")
    leave(screen)
    assert [each["accept"] for each in answers(headless)] == [["B"], ["A"]]


def test_a_half_written_field_survives_a_kill(
    annotate: StartsTerminal, headless: RunsHeadless, home: Path
) -> None:
    data = write_jsonl(home / "data.jsonl", [{"text": "One text."}])
    arguments = ("mark", "my_set", data, "--view-id", "text_input")
    screen = annotate(*arguments)
    screen.wait_for("One text.")
    screen.settle()
    screen.type("enter h a l f")
    screen.wait_for("> half")
    screen.kill()
    again = annotate(*arguments)
    again.wait_for("> half")
    again.settle()
    again.type("s escape a")
    again.wait_for("All done.")
    leave(again)
    (answer,) = answers(headless)
    assert (answer["user_input"], answer["_view_id"]) == ("halfs", "text_input")


def test_a_refused_answer_stays_on_the_task(
    annotate: StartsTerminal, headless: RunsHeadless, home: Path
) -> None:
    data = write_jsonl(home / "data.jsonl", [{"text": "One text."}])
    screen = annotate("textcat.manual", "my_set", data, "-l", "A,B")
    screen.wait_for("One text.")
    screen.settle()
    screen.press("a")
    screen.wait_for("choose a label first")
    screen.type("1 2 a")
    screen.wait_for("All done.")
    leave(screen)
    assert answers(headless)[0]["accept"] == ["A", "B"]


def test_long_texts_of_binary_views_scroll_and_are_not_accepted_unseen(
    annotate: StartsTerminal, home: Path
) -> None:
    text = "\n".join(f"line {n}" for n in range(60))
    data = write_jsonl(home / "data.jsonl", [{"text": text}])
    screen = annotate("textcat.manual", "my_set", data, "-l", "A")
    screen.wait_for("line 3")
    screen.settle()
    screen.press("a")
    screen.wait_for("below, a again accepts")
    for _ in range(4):
        screen.press("pagedown")
    assert "line 59" in screen.screen_text()
    screen.press("a")
    screen.wait_for("All done.")
    leave(screen)


def test_an_unknown_view_is_said_before_the_screen_opens(
    annotate: StartsTerminal, home: Path
) -> None:
    data = write_jsonl(home / "data.jsonl", [{"text": "x"}])
    screen = annotate("mark", "my_set", data, "--view-id", "choise")
    assert screen.wait_exit() == 1
    assert "Did you mean 'choice'?" in screen.screen_text()
