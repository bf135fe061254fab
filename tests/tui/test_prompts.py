"""What is typed into the prompts in the line of labels."""

from __future__ import annotations

from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest
from textual.events import Paste

from tests.tui.app_support import Driver, new_place, running
from tui_annotate.commands.keymap import KeyPress
from tui_annotate.commands.keymap_file import load_keymap
from tui_annotate.editors.registry import open_task
from tui_annotate.text.safe import pasted
from tui_annotate.text.width import cell_width
from tui_annotate.tui.keys import type_key
from tui_annotate.tui.point_prompts import SearchPrompt
from tui_annotate.tui.prompts import LabelPrompt
from tui_annotate.tui.text_prompts import RewritePrompt, TextPrompt
from tui_annotate.tui.theme import theme
from tui_annotate.tui.widgets.folded_line import fold

SPELLED = "می\u200cشود\u3000👨\u200d👩"


def test_joiners_and_wide_blanks_are_typed_and_controls_are_not() -> None:
    done: list[str] = []
    comment = TextPrompt("comment", "", done.append)
    written: list[str | None] = []
    for each in SPELLED + "\x07\u202e":
        comment.key("key", each)
        type_key(KeyPress("key", each), lambda _, text: written.append(text))
    comment.key("enter", "\r")
    assert done == ["".join(map(str, written))] == [SPELLED]


def test_joiners_are_searched_for() -> None:
    searched: list[object] = []
    search = SearchPrompt(lambda *wanted: searched.append(wanted), lambda: True)
    for each in SPELLED:
        search.key("key", each)
    assert searched[-1] == ("search", SPELLED)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("eins\nzwei", "eins zwei"),
        ("eins\r\nzwei\tdrei", "eins zwei drei"),
        ("a\x1b[31mb\x00c\x07", "a[31mbc"),
        ("a\u2028b\x85c", "a b c"),
    ],
)
def test_pasted_text_is_one_line_of_what_can_be_seen(text: str, shown: str) -> None:
    assert pasted(text) == shown


TEXT = "Acme Corporation of Berlin sold by a bank."


def test_what_was_done_with_the_name_of_an_option_is_said_as_it_is() -> None:
    config = {"choice_style": "single"}
    editor, _ = open_task({"options": [{"id": 1, "text": "Tea"}]}, "choice", config)
    for outcome in ("chosen", "no longer chosen", "chosen"):
        editor.apply("label", "Tea")
        assert editor.outcome("Tea") == outcome


async def test_the_key_bar_is_that_of_the_prompt(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, TEXT, "Two.")) as driver:
        for key, expected in {
            "c": "enter done  escape leave it",
            "t": "enter take the marked one  ← → mark another  escape go back",
            "semicolon": "a letter goes to the word  escape go back",
            "g": "letters go to the word  escape go back",
            "slash": "enter stay there  tab another way  escape go back",
        }.items():
            await driver.type(key)
            assert driver.bar == expected
            await driver.type("escape")
            assert driver.bar.startswith("a accept"), key


def marked(driver: Driver) -> list[str]:
    return [TEXT[each.start : each.end] for each in driver.editor.spans]


async def test_what_is_found_nowhere_stays_and_enter_does_nothing(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, TEXT, "Two.")) as driver:
        await driver.type("slash b e r l n i enter")
        assert "find: berlni▏  found nowhere" in driver.text
        await driver.type("enter 1 backspace")
        assert marked(driver) == []
        assert "find: berlni▏  found nowhere" in driver.text
        await driver.type("backspace backspace i n enter 1")
        assert marked(driver) == ["Berlin"]


async def test_who_rubs_out_more_than_was_typed_has_not_left(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, TEXT, "Two.")) as driver:
        for opens in ("t", "semicolon", "m"):
            await driver.type(f"{opens} 9 z backspace backspace backspace backspace a")
            await driver.type("escape")
            assert "0 done" in driver.text and "Two." not in driver.text
        await driver.type("t backspace a")  # nothing was typed
        assert "1 done" in driver.text


async def test_of_two_letters_of_a_jump_the_first_is_rubbed_out(tmp_path: Path) -> None:
    words = " ".join(f"word{number}" for number in range(40))
    async with running(new_place(tmp_path, words, "Two.")) as driver:
        await driver.type("g")
        found = sorted(driver.editor.hints.items(), key=lambda each: len(each[1]))
        place, right = found[-1]
        wrong = next(hint for _, hint in found if hint[0] != right[0] and len(hint) == 2)
        await driver.type(f"{wrong[0]} backspace backspace {' '.join(right)}")
        assert driver.editor.cursor_range[0] == place


async def test_letters_that_no_word_shows_stay_until_they_are_rubbed_out(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, TEXT, "Two.")) as driver:
        await driver.type("g")
        place, hint = max(driver.editor.hints.items())
        wrong = next(each for each in ascii_lowercase if not driver.editor.hints_go_on(each))
        await driver.type(f"{wrong} {' '.join(hint)} enter")
        assert f"{wrong}{hint}▏  no word has these letters" in driver.text
        assert driver.editor.cursor_range[0] == 0
        await driver.type("backspace " * (len(hint) + 1))
        await driver.type(" ".join(hint))
        assert driver.editor.cursor_range[0] == place


async def test_a_task_is_gone_to_by_a_number_only(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, TEXT, "Two.", "Three.")) as driver:
        await driver.type("a a")
        for opens in ("o g", "m g o space t o space t enter"):
            await driver.type(f"{opens} t w o enter")
            assert "task number: two▏  no task has this number" in driver.text
            await driver.type("enter backspace backspace backspace 1 enter")
            assert TEXT in driver.text


async def test_what_a_jump_has_changed_stands_in_the_key_bar_until_it_is_left(
    tmp_path: Path,
) -> None:
    async with running(new_place(tmp_path, TEXT, "Two."), size=(120, 24)) as driver:
        await driver.type("semicolon b")
        assert driver.bar.startswith("n next match  p match before  escape end the search")
        await driver.type("escape")
        assert driver.bar.startswith("a accept")
        assert not driver.editor.context() & {"hits"}


async def test_pasted_text_is_typed_in_every_prompt_and_does_nothing(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, TEXT, "Two.")) as driver:
        for key, expected in {
            "c": "comment: a q x▏",
            "t": "label: a q x▏",
            "slash": "find: a q x▏",
            "m": "menu: a q x▏",
        }.items():
            await driver.type(key)
            driver.app.screen.post_message(Paste("a\nq\tx"))
            await driver.idle()
            assert expected in driver.text
            await driver.type("escape")
        assert driver.screen.counts.done == 0
        await driver.type("a o c")
        driver.app.screen.post_message(Paste("eins\nzwei"))
        await driver.idle()
        assert "comment: eins zwei▏" in driver.text


COMPARED: dict[str, Any] = {
    "input": {"text": "Which?"},
    "accept": {"text": "one"},
    "reject": {"text": "two"},
    "mapping": {"A": "accept", "B": "reject"},
}


async def test_compare_says_what_its_keys_mean(tmp_path: Path) -> None:
    change = lambda tasks: ({**task, **COMPARED} for task in tasks)  # noqa: E731
    place = new_place(tmp_path, "Which?")
    async with running(place, change=change, view_id="compare") as driver:
        assert driver.bar.startswith("a A is better  x B is better  space ignore")
        await driver.type("m")
        assert "A is better" in driver.text


def typed(prompt: LabelPrompt, text: str) -> None:
    for each in text:
        assert not prompt.key(each, each)


def line(prompt: LabelPrompt) -> str:
    return "".join(piece.text for piece in prompt.pieces(theme("dark", colors=256)))


@pytest.mark.quick
def test_a_question_mark_asks_for_help_unless_a_name_begins_with_it() -> None:
    assert LabelPrompt(("A", "B?"), print).asks_help("question_mark")
    prompt = LabelPrompt(("A", "?a"), print)
    assert not prompt.asks_help("question_mark")
    assert prompt.asks_help("f1")


def test_a_new_label_is_added_by_a_key_of_its_own() -> None:
    added: list[str] = []
    done: list[str] = []
    prompt = LabelPrompt(("PERSON", "LOC"), done.append, add=added.append)
    typed(prompt, "percent")
    assert line(prompt).endswith("tab adds itno label has this name")
    assert ("tab", "add it as a new label") in prompt.keys
    assert not prompt.key("enter", "\r")
    assert (done, added) == ([], [])
    assert prompt.key("tab", "\t")
    assert (done, added) == ([], ["percent"])
    assert prompt.continuation(0.0) is None


@pytest.mark.quick
def test_a_new_label_that_begins_like_another_takes_two_presses_and_enter_the_other() -> None:
    added: list[str] = []
    done: list[str] = []
    prompt = LabelPrompt(("PERSON", "LOC"), done.append, add=added.append)
    typed(prompt, "per")
    assert not prompt.key("tab", "\t")
    assert "tab again adds it" in line(prompt)
    typed(prompt, "s")
    assert "tab again" not in line(prompt)
    assert prompt.key("enter", "\r")
    assert (done, added) == (["PERSON"], [])


@pytest.mark.quick
def test_what_can_be_no_label_is_said_and_not_added() -> None:
    added: list[str] = []
    prompt = LabelPrompt(("PERSON", "LOC"), added.append, add=added.append)
    for wrong, objection in {"loc": "LOC is a label already", "a,b": "no comma"}.items():
        typed(prompt, wrong)
        assert not prompt.key("tab", "\t") and not prompt.key("tab", "\t")
        assert objection in line(prompt)
        for _ in wrong:
            prompt.key("backspace", None)
    assert not prompt.key("tab", "\t"), "with nothing typed it marks the next one"
    assert prompt.key("enter", "\r") and added == ["LOC"]


@pytest.mark.quick
def test_without_the_option_nothing_can_be_added() -> None:
    prompt = LabelPrompt(("PERSON", "LOC"), lambda _: None)
    typed(prompt, "zeit")
    assert not prompt.key("tab", "\t") and not prompt.key("tab", "\t")
    assert line(prompt).endswith("no label has this name")
    assert "tab" not in dict(prompt.keys)


def rewriting(text: str, *, width: int = 40) -> tuple[RewritePrompt, list[str], list[int]]:
    done: list[str] = []
    changes: list[int] = []
    prompt = RewritePrompt(text, len(text), done.append, lambda: changes.append(1), lambda: width)
    return prompt, done, changes


class TestRewriting:
    def test_what_is_between_is_changed_and_line_breaks_stay(self) -> None:
        prompt, done, changes = rewriting("Akme\n of\tUlm")
        for key in ("home", "right", "delete"):
            prompt.key(key, None)
        prompt.key("c", "c")
        prompt.paste("h\na")
        assert prompt.begun == ["Ach ame\n of\tUlm", 5]
        for key in ("left", "backspace", "end", "backspace"):
            prompt.key(key, "\x7f" if key == "backspace" else None)
        assert prompt.key("enter", "\r") and done == ["Achame\n of\tUl"]
        assert len(changes) == 10

    def test_a_mark_is_one_with_its_letter(self) -> None:
        prompt, done, _ = rewriting("e")
        prompt.key("x", "\u0301")
        prompt.key("backspace", "\x7f")
        prompt.key("enter", "\r")
        assert done == [""]

    def test_escape_does_nothing(self) -> None:
        prompt, done, _ = rewriting("Akme")
        prompt.key("x", "x")
        assert prompt.key("escape", None) and done == []

    @pytest.mark.parametrize("letter", ["a", "漢"])
    @pytest.mark.parametrize("place", [0, 7, 150, 300])
    def test_the_cursor_is_on_the_line(self, letter: str, place: int) -> None:
        prompt, _, _ = rewriting(letter * 300)
        prompt.key("home", None)
        for _ in range(place):
            prompt.key("right", None)
        title, piece = prompt.pieces(theme())
        before, cursor, behind = piece.text.partition("▏")
        assert cursor and cell_width(title.text + before + cursor) <= 40
        assert bool(behind) == (place < 300)
        assert before.startswith("…") == (place > len(before))


@pytest.mark.parametrize("name", ["default", "prodigy"])
async def test_a_digit_that_is_mistyped_within_a_name_gives_no_other_label(
    tmp_path: Path, name: str
) -> None:
    place, config = new_place(tmp_path, TEXT), {"labels": ["PER", "A10", "DATE"]}
    keymap = load_keymap(name)
    async with running(place, keymap=keymap, view_id="ner_manual", config=config) as driver:
        await driver.type("t A 1 backspace 1 1 backspace 0 enter")
        if keymap.label_first:
            await driver.type("enter")
        editor = driver.screen.editor
        assert editor is not None
        assert [span["label"] for span in editor.content()["spans"]] == ["A10"]
        assert driver.screen.item is not None


LONG_NAMES = tuple(
    f"CLINICAL_PROCEDURE_{side}_{part}"
    for side in ("LEFT", "RIGHT", "UPPER")
    for part in ("ARM", "LEG", "ARTERY", "ARCH")
)


@pytest.mark.parametrize("typed", ["", "c", "upper_arm", "clinical_procedure_right_arch", "leg"])
@pytest.mark.parametrize("width", [30, 40, 80, 200])
def test_what_enter_takes_is_on_the_line_and_so_is_how_many_others_there_are(
    typed: str, width: int
) -> None:
    look = theme("dark", colors=256)
    taken: list[str] = []
    prompt = LabelPrompt(LONG_NAMES, taken.append, at_once=False)
    for character in typed:
        prompt.key(character, character)
    line = fold(prompt.pieces_in(look, width), (), width).text
    assert cell_width(line.rstrip()) <= width
    prompt.key("enter", None)
    (name,) = taken
    short = {each for each in line.split() if not set(each) & set("▏:+")}
    assert short
    if name not in line:  # then by its beginning and its end, or by its number
        assert any("…" in each or each.isdigit() for each in short), line
    whole = sum(each in line for each in LONG_NAMES)
    left = sum(each.casefold().find(typed) >= 0 for each in LONG_NAMES)
    if left > max(1, whole):
        assert f"+{left - max(1, whole)}" in line, line
