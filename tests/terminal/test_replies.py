"""What a terminal answers is never a key, wherever lag cuts it; what a person types always is."""

from __future__ import annotations

import os

import pytest
from textual import events
from textual.message import Message

from tests.terminal.replies import MOUSE, REPLIES, REPORTS, STRINGS, with_single_controls
from tui_annotate.commands.byte_filter import LONGEST, PATIENCE, ByteFilter
from tui_annotate.commands.input_filter import InputFilter
from tui_annotate.commands.keymap import Keymap
from tui_annotate.text.safe import pasted
from tui_annotate.tui.terminal.driver import (
    FOLLOWED,
    MOST_COLUMNS,
    MOST_ROWS,
    REPEATED,
    ByteReader,
    SteadyDriver,
)

pytestmark = pytest.mark.quick

START = 1000.0


class Keyboard:
    """Bytes at their times, read as the screen reads them: what is left are keys."""

    def __init__(self, escape_delay: float = 0.1, *, typing: bool = False) -> None:
        self.typing = typing
        self.reader = ByteReader(escape_delay)
        self.filter = InputFilter(Keymap().is_decision, timing=False)
        self.keys: list[str] = []
        self.pasted: list[str] = []
        self.repeated: list[bool] = []
        self.now = START

    def send(self, data: str | bytes, gap: float = 0.0) -> None:
        """Send bytes after a time, in which the reader looks at its clock."""
        until = self.now + gap
        while self.now + 0.1 < until:
            self.now += 0.1
            self._take(self.reader.tick(self.now))
        self.now = until
        encoded = data.encode() if isinstance(data, str) else data
        self._take(self.reader.feed(encoded, self.now))

    def _take(self, messages: list[Message]) -> None:
        for message in messages:
            if isinstance(message, events.Paste):
                self.pasted.append(message.text)
            elif isinstance(message, events.Key):
                self.repeated.append(getattr(message, REPEATED, False))
                filtered = self.filter.feed(
                    message.key, message.character, self.now, typing=self.typing
                )
                self.keys += [press.key for press in filtered.presses]


def test_keys_of_one_read_have_its_time_and_say_that_more_follow() -> None:
    messages = ByteReader().feed(b"a\x1b[Ax\r", START)
    found = [(each.time, getattr(each, FOLLOWED, False)) for each in messages]
    assert found == [(START, True)] * 3 + [(START, False)]


@pytest.mark.parametrize("gap", [0.12, 0.6, 1.4])
def test_a_reply_is_no_text_of_a_field(gap: float) -> None:
    for reply in REPLIES:
        for cut in range(2, len(reply)):  # an ESC alone leaves the field
            keyboard = Keyboard(typing=True)
            keyboard.send(reply[:cut])
            keyboard.send(reply[cut:], gap)
            keyboard.send("l", 0.2)
            assert keyboard.keys == ["l"], (reply, cut)


@pytest.mark.parametrize("gap", [0.12, 0.6, 1.4])
def test_a_key_that_lag_has_cut_is_that_key(gap: float) -> None:
    for sequence, name in (("\x1b[5~", "pageup"), ("\x1b[A", "up"), ("\x1b[1;5C", "ctrl+right")):
        for cut in range(2, len(sequence)):
            keyboard = Keyboard()
            keyboard.send(sequence[:cut])
            keyboard.send(sequence[cut:], gap)
            keyboard.send("l", 0.2)
            assert keyboard.keys == [name, "l"], (sequence, cut)


@pytest.mark.parametrize("gap", [0.0, 0.05, 0.12, 0.6, 1.4])
@pytest.mark.parametrize("delay", [0.1, 0.3])
def test_every_reply_cut_at_every_byte_is_no_key(gap: float, delay: float) -> None:
    for reply in REPLIES:
        for cut in range(len(reply) + 1):
            keyboard = Keyboard(delay)
            if cut:
                keyboard.send(reply[:cut])
            if cut < len(reply):
                keyboard.send(reply[cut:], gap)
            alone = cut == 1 and gap > delay  # an ESC without anything is the escape key
            assert keyboard.keys == ["escape"] * alone, (reply, cut)
            keyboard.send("l", 0.5)
            assert keyboard.keys[-1] == "l", (reply, cut)


@pytest.mark.parametrize("gap", [0.0, 0.12, 1.4])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_replies_with_controls_of_one_character_are_no_key(gap: float, encoding: str) -> None:
    mixed = [reply[:-2] + "\x9c" for reply in STRINGS if reply.endswith("\x1b\\")]
    for reply in (*map(with_single_controls, REPLIES), *mixed):
        sent = reply.encode(encoding)
        for cut in range(1, len(sent) + 1):
            keyboard = Keyboard()
            keyboard.send(sent[:cut])
            keyboard.send(sent[cut:], gap)
            wanted = ["escape"] * (cut == 1 and gap > 0.1 and sent[0] == 0x1B)
            assert keyboard.keys == wanted, (reply, cut)
            keyboard.send("l", 0.5)
            assert keyboard.keys == [*wanted, "l"], (reply, cut)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_keys_with_controls_of_one_character_are_keys(encoding: str) -> None:
    for key, name in (
        ("\x9bA", "up"),
        ("\x8fP", "f1"),
        ("\x9b5~", "pageup"),
        ("\x9b1;5C", "ctrl+right"),
    ):
        sent = key.encode(encoding)
        for cut in range(1, len(sent) + 1):
            for gap in (0.0, 0.3) if key[0] == "\x9b" else (0.0,):
                keyboard = Keyboard()
                keyboard.send(sent[:cut])
                keyboard.send(sent[cut:], gap)
                keyboard.send("l", 0.2)
                assert keyboard.keys == [name, "l"], (key, cut, gap)


def test_a_control_of_one_character_alone_is_no_key() -> None:
    for control in range(0x80, 0xA0):
        if control in (0x8F, 0x9B):  # the next character is a part of theirs
            continue
        keyboard = Keyboard()
        keyboard.send("h")
        keyboard.send(chr(control), 0.2)
        keyboard.send("l", 2.0)
        assert keyboard.keys == ["h", "l"], hex(control)


def test_letters_whose_bytes_look_like_controls_are_letters() -> None:
    for letter in "ÜÐÝÛ\xa7ß\u201b\u2dd0世💝":  # each has a byte between 90 and 9F
        keyboard = Keyboard()
        for byte in letter.encode():
            keyboard.send(bytes((byte,)), 0.2)
        keyboard.send(f"\x1b]2;{letter} a x{letter}\x1b\\l", 0.2)
        assert len(keyboard.keys) == 2 and keyboard.keys[-1] == "l", letter


def test_a_paste_may_hold_and_be_marked_by_controls_of_one_character() -> None:
    for mark in ("\x1b[", "\x9b"):
        for text in ("eins\x9b31m a\r\nx Ü\x9d0;l", "a\x9c\x85\x9b", "\x1b[20 \xc2q"):
            sent = f"{mark}200~{text}{mark}201~".encode()
            for cut in range(6, len(sent)):
                keyboard = Keyboard()
                keyboard.send(sent[:cut])
                keyboard.send(sent[cut:], 0.6)
                keyboard.send("l", 0.2)
                (found,) = keyboard.pasted
                assert pasted(found) == pasted(text), (mark, cut)
                assert keyboard.keys == ["l"]
    keyboard = Keyboard()
    keyboard.send("\x1b[200~a\x9b201~b\x1b[201~")  # text does not end what the terminal marks
    assert [pasted(each) for each in keyboard.pasted] == ["a201~b"]


@pytest.mark.parametrize("gap", [0.0, 0.05, 0.3])
def test_a_reply_byte_by_byte_is_no_key(gap: float) -> None:
    answers = [reply for reply in STRINGS if reply[1] in "]P_" and reply[2] not in "lL"]
    for reply in (*answers, *MOUSE, *REPORTS):
        keyboard = Keyboard()
        for byte in reply:
            keyboard.send(byte, gap)
        assert set(keyboard.keys) <= {"escape"}, reply
        keyboard.send("l", 0.5)
        assert keyboard.keys[-1] == "l", reply


@pytest.mark.parametrize("introducer", list("]PX^_"))
@pytest.mark.parametrize("pace", [0.12, 0.2, 0.45, 0.8])
@pytest.mark.parametrize("delay", [0.1, 0.3])
def test_what_a_person_types_behind_an_escape_arrives(
    introducer: str, pace: float, delay: float
) -> None:
    for typed in ("la", "1l", "gG", "11l", "$w", "a"):
        keyboard = Keyboard(delay)
        for character in f"\x1b{introducer}{typed}":
            keyboard.send(character, pace)
        keyboard.send("", 2.0)
        names = {"]": "right_square_bracket", "^": "circumflex_accent", "_": "underscore",
                 "$": "dollar_sign"}  # fmt: skip
        expected = ["escape", *(names.get(c, c) for c in f"{introducer}{typed}")]
        assert keyboard.keys == expected


def test_a_string_without_an_end_is_given_up_and_not_replayed() -> None:
    keyboard = Keyboard()
    keyboard.send("\x1b]11;rgb:1e1e")
    keyboard.send("a", PATIENCE - 0.1)
    assert keyboard.keys == []
    keyboard.send("l", PATIENCE + 0.1)
    assert keyboard.keys == ["l"]
    keyboard = Keyboard()
    keyboard.send(f"\x1b]52;c;{'a' * LONGEST}")
    keyboard.send("YWFh" * 9, 0.3)  # lag has held up the rest of a clipboard
    assert keyboard.keys == []
    keyboard.send("l", 0.2)
    assert keyboard.keys == ["l"]


def test_what_begins_like_no_answer_ends_with_the_first_key_of_a_person() -> None:
    keyboard = Keyboard()
    keyboard.send("\x1bPla")
    for key in ("l", "h", "\x1b[A", "a"):
        keyboard.send(key, 0.15)
    assert keyboard.keys == ["l", "h", "up", "a"]


def test_escape_leaves_a_string_without_an_end() -> None:
    keyboard = Keyboard()
    keyboard.send("\x1b]11;rgb:1e1e")
    keyboard.send("\x1b", 0.3)
    keyboard.send("l", 0.3)
    assert keyboard.keys == ["escape", "l"]


def test_keys_before_and_behind_a_reply_count() -> None:
    for reply in STRINGS:
        keyboard = Keyboard()
        keyboard.send(f"h{reply}l")
        keyboard.send(f"\x1b[A{reply}\x1b[5~", 0.2)
        assert keyboard.keys == ["h", "l", "up", "pageup"], reply


def test_keys_pass_unchanged_and_at_once() -> None:
    for sent, key in (("\x1b[A", "up"), ("\x1bOA", "up"), ("\x1b[1;5C", "ctrl+right"),
                      ("\x1b[3~", "delete"), ("é", "é"), ("\x1b[Z", "shift+tab"), ("語", "語"),
                      ("\x1b[[A", "f1"), ("]", "right_square_bracket"),
                      ("P", "P"), ("\x1b[c", "shift+right")):  # fmt: skip
        keyboard = Keyboard()
        keyboard.send(sent)
        assert keyboard.keys == [key], sent
    keyboard = Keyboard()
    keyboard.send("\x1b")
    keyboard.send("", 0.1)
    assert keyboard.keys == ["escape"]


def test_a_paste_is_handed_on_whole() -> None:
    text = "one ]11;a x P1$r two"
    for cut in range(len(text)):
        keyboard = Keyboard()
        keyboard.send(f"\x1b[200~{text[:cut]}")
        keyboard.send(f"{text[cut:]}\x1b[201~", 0.05)
        assert keyboard.pasted == [text]
        keyboard.send("\x1b]11;rgb:1e1e/1e1e/2e2e\x07l", 0.2)
        assert keyboard.keys == ["l"]


@pytest.mark.parametrize("gap", [0.0, 0.05, 0.6, 1.6])
def test_an_escape_in_a_paste_makes_no_key_of_what_follows(gap: float) -> None:
    text = "eins\x1b[31m a\r\nx \x1b\x1b[20 q\x1b"
    sent = f"\x1b[200~{text}\x1b[201~".encode()
    for cut in range(6, len(sent)):
        keyboard = Keyboard()
        keyboard.send(sent[:cut])
        keyboard.send(sent[cut:], gap)
        assert keyboard.pasted == [text.replace("\x1b", "")], cut
        assert keyboard.keys == []
        keyboard.send("l", 0.2)
        assert keyboard.keys == ["l"]


def test_the_kitty_protocol_says_what_repeats_and_a_release_is_no_key() -> None:
    keyboard = Keyboard()
    keyboard.send("\x1b[97;1:1u\x1b[97;1:2u\x1b[97;1:2u\x1b[97;1:3u")
    keyboard.send("\x1b[1;1:2A\x1b[1;1:3A\x1b[97:65:97;2;65u")
    keyboard.send("\x1b[114;5u\x1b[13u\x1b[27;1:1u\x1b[57400u\x1b[5;1:2~\x1b[57441;2u")
    keys = ["a", "a", "a", "up", "A", "ctrl+r", "enter", "escape", "1", "pageup"]
    assert keyboard.keys == keys
    assert keyboard.repeated == [False, True, True, True, *[False] * 5, True]


@pytest.mark.parametrize("code", ["\x1b[99999999999;1u", "\x1b[1114112u", "\x1b[97;:;u"])
def test_a_code_that_no_key_has_ends_nothing(code: str) -> None:
    keyboard = Keyboard()
    keyboard.send(code)
    keyboard.send("l", 0.5)
    assert keyboard.keys[-1] == "l"


def test_bytes_that_are_no_utf_8_do_no_harm_even_in_a_mouse_report() -> None:
    keyboard = Keyboard()
    keyboard.send(b"\x1b[M \xe3\xf1l")
    assert keyboard.keys == ["l"]
    keyboard.send(b"\x1b[M \xc3\xa1")  # both coordinates, or the first one in UTF-8
    keyboard.send("l", PATIENCE + 0.1)
    assert keyboard.keys == ["l", "l"]
    keyboard.send(b"\xff\xfeh", 0.2)
    assert keyboard.keys[-1] == "h"


def test_every_split_of_any_bytes_comes_to_an_end() -> None:
    """Whatever has come, two seconds later the keyboard works."""
    for noise in (b"\x1b", b"\x1b]", b"\x1b[", b"\x1b[M", b"\x1bP1", b"\x1b_G", b"\x1b]11;\x1b"):
        reader = ByteFilter()
        reader.feed(noise, 1.0)
        out = reader.tick(3.0) + reader.feed(b"l", 3.1)
        assert b"".join(piece.data for piece in out).endswith(b"l"), noise


@pytest.mark.parametrize(
    ("said", "drawn"),
    [
        ((80, 24), (80, 24)),
        ((300, 90), (300, 90)),
        ((20_000, 20_000), (MOST_COLUMNS, MOST_ROWS)),
        ((65_535, 10), (MOST_COLUMNS, 10)),
        ((10, 65_535), (10, MOST_ROWS)),
        ((0, 0), (80, 24)),
    ],
)
def test_a_screen_of_any_size_takes_no_more_memory_than_a_big_one(
    said: tuple[int, int], drawn: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever logs in may claim a window of a thousand million cells, at the start and later."""
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size(said))
    assert SteadyDriver._get_terminal_size(object.__new__(SteadyDriver)) == drawn
    columns, rows = said
    (found,) = ByteReader().feed(f"\x1b[48;{rows};{columns};0;0t".encode(), START)
    assert isinstance(found, events.Resize)
    assert found.size == found.virtual_size == drawn
