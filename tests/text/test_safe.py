from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.text.characters import beyond_ascii, has_right_to_left, split
from tui_annotate.text.safe import hidden_count, safe, safe_line, writable
from tui_annotate.text.width import TerminalWidths, cell_width

pytestmark = pytest.mark.quick

WILD = (
    "a1 #é\u0301中한ᄀ\u1161\u0e01\u0e33क\u094dष\u093eم\u200c\u200d\ufe0e\ufe0f\u20e3❤👩🏽🇩🇪🏴"
    "\U000e0067\U000e007f\U000e0100\t\n\r\x00\x1b\x7f\x9b\x85\xad\u061c\u200b\u200e\u202e\u2028"
    "\u2066\ufeff\u0600\u0d4e\u180e\u1820\u180b\u115f\u3164\ud800\udfff\ufdd0\U0010ffff"
)
wild_text = st.text(alphabet=st.one_of(st.sampled_from(WILD), st.characters()), max_size=40)

ALWAYS_DANGEROUS = {
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *map(chr, range(0xD800, 0xE000)),
    *"\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068",
    *"\u2069\ufeff\ufff9\ufffa\ufffb\xad\u3164\u115f",
    *map(chr, range(0xE0000, 0xE0100)),
}


@settings(max_examples=200)
@given(wild_text)
def test_nothing_dangerous_comes_out_and_the_length_stays(text: str) -> None:
    shown = safe(text)
    assert len(shown) == len(text)
    assert not ALWAYS_DANGEROUS & set(shown)
    shown.encode()


@settings(max_examples=200)
@given(wild_text)
def test_a_text_is_marked_as_its_graphemes_are_and_marking_twice_changes_nothing(text: str) -> None:
    assert safe(text) == "".join(map(safe, split(text)))
    assert safe(safe(text)) == safe(text)


def test_every_control_and_format_code_point_is_marked_unless_it_is_a_visible_sign() -> None:
    signs = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    egyptian = range(0x13430, 0x13440)
    for code in range(0x110000):
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
            stays = safe(chr(code)) == chr(code)
            assert stays == (code in signs or code in egyptian), hex(code)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("\x1b]0;owned\x07", "␛]0;owned␇"),
        ("a\tb\nc\r\n", "a→b␊c␍␊"),
        ("\x00\x7f\x9b\x85", "␀␡\ufffd\ufffd"),
        ("\ud83d", "\ufffd"),
        ("ab\u202ecd\u202c\u2066e\u2069\u200f", "ab·cd··e··"),
        ("in\u200bvis\ufeffible\xad", "in·vis·ible·"),
        ("a\u200db\u200cc\ufe0f", "a·b·c·"),
        ("🏴\U000e0067\U000e007f", "🏴··"),
        ("می\u200cشود", "می\u200cشود"),
        ("می\u200c\u200cشود", "می\u200c·شود"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d❤️\u200d👨", "👩\u200d❤️\u200d👨"),
        ("👩🏽\u200d🚀", "👩🏽\u200d🚀"),
        ("👩\u200dx", "👩·x"),
        ("1\ufe0f\u20e3 ❤\ufe0f ☺\ufe0e", "1\ufe0f\u20e3 ❤\ufe0f ☺\ufe0e"),
        ("❤\ufe0f\ufe0f", "❤\ufe0f·"),
        ("葛\U000e0100 a\U000e0100", "葛\U000e0100 a·"),
        ("\u1820\u180b x\u180b", "\u1820\u180b x·"),
        ("e\u0301\u00a0é", "e\u0301\u00a0é"),
        ("\ufe0f", "·"),
        ("", ""),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert safe(text) == shown


@settings(max_examples=200)
@given(wild_text, st.integers(0, 30), st.booleans())
def test_a_line_fits_its_limit_and_is_cut_only_where_it_must(
    text: str, limit: int, ambiguous_wide: bool
) -> None:
    line = safe_line(text, limit, TerminalWidths(ambiguous_wide))
    width = cell_width(text, TerminalWidths(ambiguous_wide))
    assert cell_width(line, TerminalWidths(ambiguous_wide)) <= limit
    if width <= limit:
        assert line == safe(text)
    else:
        assert line == "" or line.endswith("…")
        assert safe(text).startswith(line.removesuffix("…"))


def test_lines() -> None:
    assert safe_line("one\ntwo") == "one␊two"
    assert safe_line("abcdef", 4) == "abc…"
    assert safe_line("中文中文", 6) == "中文…"
    assert safe_line("abc", 0) == ""
    assert safe_line("x" * 1_000_000, 5) == "xxxx…"
    assert safe_line("e" + "\u0301" * 10_000, 3).endswith("…")


def test_what_is_hidden_is_counted_but_line_breaks_are_not() -> None:
    assert hidden_count("one\ntwo\n") == 0
    assert hidden_count("one\r\ntwo\r\n") == 0
    assert hidden_count("a\tb\rc\r\n\u202ed\u200b") == 4


@settings(max_examples=200)
@given(wild_text)
def test_what_is_counted_as_hidden_is_what_is_shown_as_something_else(text: str) -> None:
    differing = sum(one != other for one, other in zip(text, safe(text), strict=True))
    assert hidden_count(text) == differing - text.count("\n") - text.count("\r\n")


@pytest.mark.parametrize("filler", ["", "x" * 5000, "é中" * 2500])
def test_a_long_text_is_asked_the_same_as_a_short_one(filler: str) -> None:
    for strange in WILD:
        text = f"a{strange}b"
        assert hidden_count(filler + text) == hidden_count(text), ascii(strange)
        assert has_right_to_left(filler + text) == has_right_to_left(text), ascii(strange)
    assert beyond_ascii(filler + "aé\ud800b") == filler.replace("x", "") + "é\ud800"
    assert hidden_count(filler + " n" + 60 * "\u0301") == 61 - 30


def test_what_is_spelled_with_joiners_or_wide_blanks_can_be_written() -> None:
    for text in ("می\u200cشود", "👨\u200d👩\u200d👧", "日本\u3000語", "5\u00a0€", "❤\ufe0f"):
        assert writable(text) == text
    assert writable("a\x1b\t\n\u202eb\u200b\ud800") == "ab"
