"""Recipes in a real terminal, from the keys to the saved answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.recipes.pipelines import ruled
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


ROWS = [{"text": "Ilse left Cork."}]
FRUIT = {"label": "LOC", "pattern": "Cork"}
A_ROW, B_ROW = {"id": 1, "output": "Cork"}, {"id": 1, "output": "Kork"}

Case = tuple[list[str], str, dict[str, Any]]

CASES: dict[str, Case] = {
    "ner.manual": (
        ["data.jsonl", "-l", "PER,LOC", "-pt", "patterns.jsonl"],
        "1 a",
        {"spans": [(0, 4, "PER"), (10, 14, "LOC")], "_view_id": "ner_manual"},
    ),
    "spans.manual": (
        ["data.jsonl", "-l", "PER,X"],
        "1 l h 2 a",
        {"spans": [(0, 4, "PER"), (0, 4, "X")], "_view_id": "spans_manual"},
    ),
    "match": (
        ["data.jsonl", "-pt", "patterns.jsonl", "-LS"],
        "a",
        {"spans": [(10, 14, "LOC")], "_view_id": "ner"},
    ),
    "compare": (
        ["a.jsonl", "b.jsonl", "--no-random"],
        "x",
        {"answer": "reject", "accept": {"text": "Cork"}, "_view_id": "compare"},
    ),
    "rel.manual": (
        ["data.jsonl", "-l", "WHO", "-sl", "PER"],
        "1 l r h 1 a",
        {"relations": [(1, 0, "WHO")], "spans": [(0, 4, "PER")], "_view_id": "relations"},
    ),
    "coref.manual": (
        ["data.jsonl"],
        "l l r h h 1 a",
        {"relations": [(2, 0, "COREF")], "_view_id": "relations"},
    ),
    "ner.correct": (
        ["rules", "data.jsonl", "-c", "entity_ruler"],
        "tab d a",
        {"spans": [], "_view_id": "ner_manual"},
    ),
    "pos.correct": (
        ["rules", "data.jsonl", "-l", "PROPN,VERB"],
        "l l 1 a",
        {"spans": [(0, 4, "PROPN"), (10, 14, "PROPN")], "_view_id": "pos_manual"},
    ),
    "sent.correct": (
        ["rules", "data.jsonl"],
        "l 1 a",
        {"spans": [(0, 4, "S"), (5, 9, "S")], "_view_id": "pos_manual"},
    ),
}


def shortened(answer: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    """Return some keys of an answer, with spans and relations as tuples."""
    found = {key: answer[key] for key in keys}
    if "spans" in found:
        found["spans"] = [(s["start"], s["end"], s["label"]) for s in found["spans"]]
    if "relations" in found:
        found["relations"] = [(r["head"], r["child"], r["label"]) for r in found["relations"]]
    return found


@pytest.mark.parametrize("recipe", CASES)
def test_a_recipe_from_its_file_to_the_saved_answer(
    recipe: str, annotate: StartsTerminal, headless: RunsHeadless, home: Path
) -> None:
    arguments, keys, expected = CASES[recipe]
    for name, rows in (("data", ROWS), ("patterns", [FRUIT]), ("a", [A_ROW]), ("b", [B_ROW])):
        write_jsonl(home / f"{name}.jsonl", rows)
    if "rules" in arguments:
        pytest.importorskip("spacy", reason="recipes with a model need the extra [spacy]")
        ruled(home / "rules")
    screen = annotate(recipe, "my_set", *arguments)
    screen.wait_for("Cork")
    screen.settle()
    screen.type(keys)
    screen.wait_for("All done.")
    leave(screen)
    (answer,) = answers(headless)
    assert shortened(answer, set(expected)) == expected
