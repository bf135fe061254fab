"""Views, blanks and themes in the program: chosen by key, remembered for the next session."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.support.terminal import Terminal

pytestmark = pytest.mark.terminal

TEXT = "Acme Corporation of Berlin said\ton Tuesday \u202eit\u202c had sold its share.\nIt had."


def begin(home: Path, annotate: StartsTerminal, *arguments: str, **options: object) -> Terminal:
    data = home / "data.jsonl"
    spans = [{"start": 0, "end": 16, "label": "ORG"}, {"start": 20, "end": 26, "label": "LOC"}]
    data.write_text(json.dumps({"text": TEXT, "spans": spans}) + "\n")
    terminal = annotate("ner.manual", "set", data, "--label", "ORG,LOC", *arguments, **options)
    terminal.wait_for("Acme")
    terminal.settle()
    return terminal


def test_views_go_round_and_are_remembered(home: Path, annotate: StartsTerminal) -> None:
    with begin(home, annotate) as terminal:
        assert "└ORG───────────┘    └LOC─┘" in terminal.screen_text()
        assert "3 hidden" in terminal.screen_text()
        terminal.press("z")
        assert "└ORG" not in terminal.screen_text()
        assert "  ORG LOC" in terminal.screen_text()
        terminal.press("z")
        assert "  1 ORG  Acme Corporation\n    2 LOC  Berlin" in terminal.screen_text()
        terminal.type("tab d")
        assert "  1 LOC  Berlin" in terminal.screen_text()
        assert "Acme Corporation\n" not in terminal.screen_text()
        terminal.press("#")
        assert "had␣sold" in terminal.screen_text()
        assert "share.␊" in terminal.screen_text()
        terminal.type("a a")
        assert "export: tui-annotate db-out set" in terminal.wait_for("All done.\n")
        terminal.type("u")
        terminal.wait_for("share.␊")
        terminal.type("% q q")
        assert terminal.wait_exit() == 0
    with begin(home, annotate) as terminal:
        assert "  1 LOC  Berlin" in terminal.screen_text()
        assert "share.␊" in terminal.screen_text()
        terminal.press("%")
        assert "theme high-contrast" in terminal.screen_text()


def test_a_theme_can_be_named(home: Path, annotate: StartsTerminal) -> None:
    with begin(home, annotate, "--theme", "monochrome") as terminal:
        assert {terminal.screen.cell(y, x).bg for y in range(24) for x in range(60)} == {"default"}
    with begin(home, annotate, env={"TUI_ANNOTATE_THEME": "light"}) as terminal:
        assert {terminal.screen.cell(y, 22).bg for y in range(24)} != {"default"}
        terminal.press("%")
        assert "theme high-contrast" in terminal.screen_text()
    data = home / "data.jsonl"
    with annotate("ner.manual", "set", data, "--label", "A", "--theme", "pink") as terminal:
        assert terminal.wait_exit() == 2
        assert "there is no theme 'pink'" in terminal.screen_text()


def test_every_size_works_in_every_view(home: Path, annotate: StartsTerminal) -> None:
    with begin(home, annotate) as terminal:
        for _ in range(3):
            terminal.press("z")
            for columns, rows in ((1, 1), (2, 3), (40, 12), (500, 200), (9, 4), (80, 24)):
                terminal.resize(columns, rows)
                terminal.settle()
                terminal.type("l")
            assert terminal.running
        assert "Acme Corporation" in terminal.screen_text()


def test_nothing_hostile_reaches_the_terminal(home: Path, annotate: StartsTerminal) -> None:
    controls = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
    bad = (
        f"{controls}\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[2J\x1bPq\x1b\\\u202e\u2066\u200b\ufeff"
        "[bold]m[/bold][@click=app.quit]c[/]"
    )
    data = home / "bad\x1b[31m.jsonl"
    task = {"text": f"A {bad} Z", "meta": {bad: bad}, "spans": []}
    data.write_text(json.dumps(task) + "\n")
    labels = home / "labels.txt"
    labels.write_text("ORG\nx\x1b[35mX\u202e[red]\n")
    arguments = ("ner.manual", "set", data, "--label", labels, "--as", "me")
    with annotate(*arguments, columns=120, rows=30) as terminal:
        terminal.wait_for("A ␀")
        terminal.settle()
        terminal.type("1 z z # i c")
        terminal.send("\u202ex")
        terminal.settle()
        terminal.type("enter f q q")
        terminal.wait_exit()
        raw = terminal.raw.decode("utf-8", "replace")
    for sign in (
        "owned\x07",
        "\x1b]52",
        "\x1bP",
        "\x1b[31m.jsonl",
        "\x1b[35mX",
        "\u202e",
        "\u2066",
    ):
        assert sign not in raw
    for left in "\x9b\x90\x00\x85":
        assert left not in raw


def test_no_hostile_option_reaches_the_terminal(home: Path, annotate: StartsTerminal) -> None:
    bad = "\x1b]0;owned\x07\x1b[2J\x1bPq\x1b\\\x9b31m\u202e\u200b[@click=app.quit]c[/]"
    data = home / "data.jsonl"
    options = [{"id": f"one {bad}", "text": f"First {bad}"}, {"id": "two", "text": "Second"}]
    data.write_text(json.dumps({"text": f"A {bad} Z", "options": options}) + "\n")
    with annotate("mark", "set", data, "--view-id", "choice", columns=120, rows=30) as terminal:
        terminal.wait_for("Second")
        terminal.settle()
        assert "( ) First" in terminal.screen_text()
        assert terminal.screen_text().count("␛]0;owned␇␛[2J") == 2, "in the text and in the option"
        terminal.type("1 a")
        terminal.wait_for("1 done")
        terminal.type("q q")
        terminal.wait_exit()
        raw = terminal.raw.decode("utf-8", "replace")
    for sign in ("owned\x07", "\x1bPq", "\x9b", "\u202e", "\u200b"):
        assert sign not in raw


def test_a_span_behind_hostile_text_has_the_offsets_of_the_text(
    home: Path, annotate: StartsTerminal, headless: RunsHeadless
) -> None:
    text = "A \x1b]0;owned\x07\x1b[2J \u202e\u200b\U0001f469\u200d\U0001f467 [@click=x]y[/] Zed"
    data = home / "data.jsonl"
    data.write_text(json.dumps({"text": text}) + "\n")
    with annotate("ner.manual", "set", data, "--label", "ORG", columns=120) as terminal:
        terminal.wait_for("Zed")
        terminal.settle()
        terminal.type("; Z 1 a")
        terminal.wait_for("1 done")
        terminal.type("q q")
        assert terminal.wait_exit() == 0
    (span,) = json.loads(headless("db-out", "set").stdout)["spans"]
    assert (span["start"], span["end"]) == (len(text) - 3, len(text))
