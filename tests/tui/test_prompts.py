"""What is typed into the prompts in the line of labels."""

from __future__ import annotations

from tui_annotate.commands.keymap import KeyPress
from tui_annotate.tui.point_prompts import SearchPrompt
from tui_annotate.tui.prompts import TextPrompt
from tui_annotate.tui.screens.typing import type_key

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
    search = SearchPrompt(lambda *wanted: searched.append(wanted))
    for each in SPELLED:
        search.key("key", each)
    assert searched[-1] == ("search", SPELLED)
