"""The editor's newer commands by their keys, in the program on a real terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless, StartsTerminal

pytestmark = pytest.mark.terminal

TEXTS = [
    "we met Acme Corporation in Berlin and sold it to Globex. Later Acme Corporation left",
    "here is Acme Corporation again, and Paris",
]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS), "utf-8")
    return path


def spans(headless: RunsHeadless, dataset: str) -> list[list[tuple[str, str]]]:
    rows: list[dict[str, Any]] = list(
        map(json.loads, headless("db-out", dataset).stdout.splitlines())
    )
    return [[(r["text"][s["start"] : s["end"]], s["label"]) for s in r["spans"]] for r in rows]


def test_points_search_hints_equal_strings_proposals_and_the_menu(
    annotate: StartsTerminal, headless: RunsHeadless, source: Path
) -> None:
    terminal = annotate("ner.manual", "set", source, "--label", "PER,ORG,LOC")
    terminal.wait_for("we met")
    terminal.type("n 2 e e")
    terminal.wait_for("ORG is proposed in the tasks to come")
    terminal.type("/ B E R enter 3")
    terminal.type("; g 1")
    terminal.press("g")
    terminal.wait_for("go: type the letters")
    terminal.press("escape")
    terminal.press("m")
    terminal.wait_for("type to find")
    terminal.type("a c c e p t enter")
    terminal.wait_for("the menu never does")
    terminal.press("m")
    terminal.press("escape")
    terminal.press("a")
    terminal.wait_for("again, and Paris")
    terminal.kill()
    terminal = annotate("ner.manual", "set", source, "--label", "PER,ORG,LOC")
    terminal.wait_for("again, and Paris")
    terminal.settle()
    terminal.type("y n 3 a")
    terminal.wait_for("2 done")
    terminal.type("q q")
    terminal.wait_exit()
    assert spans(headless, "set") == [
        [("Acme Corporation", "ORG"), ("Berlin", "LOC"), ("Globex", "PER"),
         ("Acme Corporation", "ORG")],
        [("Acme Corporation", "ORG"), ("Paris", "LOC")],
    ]  # fmt: skip


def test_earlier_answers_on_the_same_text_are_copied(
    annotate: StartsTerminal, headless: RunsHeadless, source: Path
) -> None:
    first = annotate("ner.manual", "one", source, "--label", "PER,ORG")
    first.wait_for("we met")
    first.type("n 2 n 1 a")
    first.wait_for("1 done")
    first.type("q q")
    first.wait_exit()
    second = annotate("ner.manual", "two", source, "--label", "PER,ORG")
    second.wait_for("we met")
    second.press("=")
    second.wait_for("2 copied")
    second.press("a")
    second.wait_for("1 done")
    second.press("=")
    second.wait_for("no earlier answer")
    second.type("q q")
    second.wait_exit()
    assert spans(headless, "two") == [[("Acme Corporation", "ORG"), ("Berlin", "PER")]]


def test_a_keymap_by_name(annotate: StartsTerminal, headless: RunsHeadless, source: Path) -> None:
    terminal = annotate("ner.manual", "vi", source, "--label", "PER,ORG", "--keymap", "vim")
    terminal.wait_for("we met")
    terminal.type("2 l t O")  # two tokens on, the only label with this letter
    terminal.wait_for("└ORG")
    terminal.type("l t P x")  # the second span is deleted again
    terminal.type("m x")
    terminal.wait_for("m x again rejects")
    terminal.type("m x")
    terminal.wait_for("1 done")
    terminal.type("q q")
    terminal.wait_exit()
    assert spans(headless, "vi") == [[("Acme", "ORG")]]
    assert '"answer":"reject"' in headless("db-out", "vi").stdout


def test_a_wrong_keymap_is_said_before_the_screen_opens(
    annotate: StartsTerminal, source: Path, tmp_path: Path
) -> None:
    keymap = tmp_path / "mine.toml"
    keymap.write_text('[keys]\nacept = "a"\n', "utf-8")
    terminal = annotate("ner.manual", "no", source, "--label", "PER", "--keymap", keymap)
    assert terminal.wait_exit() == 2
    assert "there is no action 'acept'" in terminal.screen_text()
    assert "Did you mean 'accept'?" in terminal.screen_text()


def test_character_mode(annotate: StartsTerminal, headless: RunsHeadless, source: Path) -> None:
    terminal = annotate("ner.manual", "chars", source, "--label", "PER,ORG", "-C")
    terminal.wait_for("we met")
    terminal.type("l 1 1 n 2 W v l 1 a")
    terminal.wait_for("1 done")
    terminal.type("q q")
    terminal.wait_exit()
    assert spans(headless, "chars") == [[("e ", "PER"), ("Acme Corporation", "ORG"), ("in", "PER")]]
