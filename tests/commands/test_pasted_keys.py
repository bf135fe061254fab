"""Pasted text that comes as keys: it is told from what a person types by its speed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.commands.pasted_keys import PAUSE, TOGETHER, KeysAndPaste, PastedKeys

pytestmark = pytest.mark.quick

KEYS = {"\r": "enter", "\n": "ctrl+j", "\t": "tab", "\x1b": "escape", "<": "backspace"}


class Field:
    """A text field that `enter` closes, as that of a comment; keys behind it are commands."""

    def __init__(self) -> None:
        self.keys: PastedKeys[str] = PastedKeys()
        self.now = 0.0
        self.text = ""
        self.commands = ""
        self.dropped = ""
        self.open = True

    def type(self, characters: str, gap: float) -> Field:
        for each in characters:
            self.now += gap
            key = KEYS.get(each, each)
            character = None if key in ("escape", "backspace") else each
            self._take(self.keys.feed(each, key, character, self.now, typing=self.open))
        return self

    def wait(self, seconds: float = 1.0) -> Field:
        self.now += seconds
        self._take(self.keys.flush(self.now))
        assert self.keys.deadline is None
        return self

    def _take(self, taken: KeysAndPaste) -> None:
        if self.open:
            self.text += taken.pasted.replace("\n", " ").replace("\t", " ")
        else:
            self.dropped += taken.pasted
        for each in map(str, taken.events):
            if not self.open:
                self.commands += each
            elif each == "\r":
                self.open = False
            else:
                self.text += each


@pytest.mark.parametrize("gap", [0.0, 0.005, 0.02])
@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("eins\rzwei\rax", "eins zwei ax"),
        ("eins\rzwei\r", "eins zwei"),
        ("eins\nzwei\tdrei", "eins zwei drei"),
        ("a\rb\rc", "a b c"),
        ("\t- one\r- two", "\t- one - two"),
        ("one two three\r\rfour", "one two three  four"),
    ],
)
def test_a_line_break_within_a_paste_ends_nothing(pasted: str, text: str, gap: float) -> None:
    field = Field().type(pasted, gap).wait()
    assert (field.text, field.commands, field.open) == (text, "", True)
    field.type("\rx", 0.3)
    assert (field.text, field.commands, field.open) == (text, "x", False)


def test_the_enter_of_a_person_is_not_kept_back() -> None:
    field = Field().type("hello", 0.04).type("\r", 0.04)
    assert not field.open
    assert field.keys.deadline is None
    field.type("a", 0.04)
    assert field.commands == "a"


def test_an_enter_behind_a_fast_word_ends_the_field_a_moment_later() -> None:
    field = Field().type("hello there\r", 0.0)
    assert field.open
    field.wait(TOGETHER * 1.1)
    assert (field.text, field.open) == ("hello there", False)


def test_few_keys_that_were_held_up_on_the_way_are_keys() -> None:
    field = Field().type("ok\ra", 0.0).wait()
    assert (field.text, field.commands) == ("ok", "a")


def test_a_paste_in_parts_is_one() -> None:
    field = Field().type("eins zwei\rdrei", 0.001).type("vier\rfünf", PAUSE / 2).wait()
    assert (field.text, field.open) == ("eins zwei dreivier fünf", True)


def test_an_escape_within_a_paste_leaves_no_field() -> None:
    field = Field().type("eins\rzwei drei<x a", 0.0).wait()
    assert (field.text, field.commands, field.open) == ("eins zwei dreix a", "", True)


def test_what_a_paste_holds_behind_the_name_that_it_picked_is_no_command() -> None:
    field = Field().type("DATE", 0.0)
    field.open = False  # a sure name closes its prompt
    field.type(" of birth\rax", 0.0).wait()
    assert (field.commands, field.dropped) == ("", " of birth\nax")


@pytest.mark.parametrize("gap", [0.0, 0.004, 0.02])
def test_what_comes_at_once_behind_the_letter_that_closed_a_field_is_kept_back(gap: float) -> None:
    field = Field().type("a", gap)
    field.open = False
    field.type("xe\rx", gap)
    assert field.commands == ""
    assert field.wait().dropped == "xe\nx"
    few = Field().type("a", gap)
    few.open = False
    assert few.type("xe", gap).wait().commands == "xe"


def test_without_a_field_keys_are_keys_however_fast() -> None:
    field = Field()
    field.open = False
    field.type("lllljjjj\rlllljjjj\ra", 0.0)
    assert field.commands == "lllljjjj\rlllljjjj\ra"


def test_keys_that_are_no_text_give_back_what_was_held() -> None:
    field = Field().type("ab\r<", 0.0)
    assert (field.text, field.commands, field.open) == ("ab", "<", False)


@given(st.text("ab\r\t<", max_size=30), st.lists(st.sampled_from([0.0, 0.02, 0.1]), max_size=30))
def test_no_letter_is_lost_and_their_order_is_kept(keys: str, gaps: list[float]) -> None:
    reader: PastedKeys[str] = PastedKeys()
    now, given_out = 0.0, ""
    sent = list(zip(keys, gaps, strict=False))
    for number, (each, gap) in enumerate(sent):
        now += gap
        character = None if each == "<" else each
        key = KEYS.get(each, each)
        taken = reader.feed(each, key, character, now, typing=number < len(sent) // 2)
        given_out += taken.pasted + "".join(map(str, taken.events))
    taken = reader.flush(now + 1)
    given_out += taken.pasted + "".join(map(str, taken.events))
    assert _letters(given_out) == _letters("".join(each for each, _ in sent))


def _letters(text: str) -> str:
    """Return a text without its line breaks, which are left out at the end of a paste, and without
    other keys, which are left out within one."""
    return "".join(each for each in text if each not in "\r\n<")
