from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tui_annotate.text.characters import split
from tui_annotate.text.safe import hidden_count, safe
from tui_annotate.text.width import (
    LONGEST,
    USUAL,
    TerminalWidths,
    cell_width,
    glyphs,
    grapheme_width,
    lacks_base,
    left_out,
)
from tui_annotate.text.wrap import Layout

pytestmark = pytest.mark.quick

MIXED = "a é\u0301中한ᄀ\u1161กาक\u094dष\u093e\u200d\ufe0f\u20e3❤👩🏽🇩🇪\x1b\u200b\ud800→·1"
mixed_text = st.text(alphabet=st.one_of(st.sampled_from(MIXED), st.characters()), max_size=20)


@pytest.mark.parametrize(
    ("grapheme", "width"),
    [
        ("a", 1),
        ("é", 1),
        ("e\u0301", 1),
        ("中", 2),
        ("Ａ", 2),
        ("ｱ", 1),
        ("한", 2),
        ("\u1100\u1161\u11a8", 2),
        ("ก", 1),
        ("क्ष", 2),
        ("का", 2),
        ("त्रि", 3),
        ("\u093e", 2),
        ("\u102c", 1),
        ("가\u302e", 4),
        ("👩", 2),
        ("👩🏽", 2),
        ("☝🏽", 2),
        ("🏽", 2),
        ("a🏽", 3),
        ("👨\u200d👩\u200d👧", 2),
        ("👩\u200d❤\ufe0f\u200d👨", 2),
        ("🤷\u200d♂\ufe0f", 2),
        ("🇩🇪", 2),
        ("🇩", 1),
        ("1\ufe0f\u20e3", 2),
        ("❤", 1),
        ("❤\ufe0f", 2),
        ("\u0301", 1),
        ("\x1b", 1),
        ("\r\n", 2),
        ("\u200b", 1),
        ("\ud800", 1),
        ("a\u200d", 2),
        ("क्\u200dष", 2),
        ("क्\u200d\u200d", 2),
        ("🏴\U000e0067\U000e007f", 4),
    ],
)
def test_graphemes(grapheme: str, width: int) -> None:
    assert grapheme_width(grapheme) == width
    assert cell_width(grapheme) == width


@settings(max_examples=200)
@given(mixed_text, st.booleans())
@example("a\u200d\U0001f3fd", False)  # a stray joiner, which is shown as a mark, and a skin tone
def test_a_text_is_as_wide_as_its_graphemes_and_as_what_is_shown_of_it(
    text: str, ambiguous_wide: bool
) -> None:
    widths = [grapheme_width(each, TerminalWidths(ambiguous_wide)) for each in split(text)]
    assert all(width >= 1 for width in widths)
    assert cell_width(text, TerminalWidths(ambiguous_wide)) == sum(widths)
    for each, width in zip(split(text), widths, strict=True):
        shown = safe(each)
        assert sum(grapheme_width(g, TerminalWidths(ambiguous_wide)) for g in split(shown)) == width


def test_ambiguous_characters_follow_the_terminal() -> None:
    assert [cell_width(each) for each in "─└·→…"] == [1] * 5
    assert [cell_width(each, TerminalWidths(ambiguous_wide=True)) for each in "─└·→…"] == [2] * 5
    assert cell_width("a\t", TerminalWidths(ambiguous_wide=True)) == 3
    assert cell_width("a中é", TerminalWidths(ambiguous_wide=True)) == 5


def test_signs_follow_the_terminal() -> None:
    narrow = TerminalWidths(narrow_signs=True)
    assert [cell_width(each, narrow) for each in ("का", "त्रि", "\u093e", "\u102c")] == [1, 2, 1, 1]
    conjuncts = TerminalWidths(narrow_conjuncts=True)
    assert cell_width("त्रि", conjuncts) == 2
    assert cell_width("त्रि", conjuncts._replace(narrow_signs=True)) == 1


def test_a_mark_alone_lacks_a_base() -> None:
    assert lacks_base("\u0301")
    assert lacks_base("\u1161")
    assert lacks_base("\u093e")
    assert lacks_base("\u102c", TerminalWidths(narrow_signs=True)), "no cell of its own"
    assert not any(map(lacks_base, ["a", "\u102c", "e\u0301", "\u200b", "👩", "\n"]))


@pytest.mark.parametrize("drawing", [USUAL, TerminalWidths(ambiguous_wide=True, split_emoji=True)])
@pytest.mark.parametrize(
    "grapheme",
    [
        "a" + "\u0301" * 10_000,
        "\u0301" * 10_000,
        "👩" + "\u200d👩" * 5_000,
        "क" + "\u094dक" * 3_000,
        "\u1100" * 4_000,
        "a" + "\u200d" * 10_000,
        "a" + "\ufe0f\u0300" * 5_000,
    ],
    ids=["marks", "no base", "emoji", "conjunct", "hangul", "joiners", "selectors"],
)
def test_a_grapheme_without_end_is_drawn_by_32_code_points(
    grapheme: str, drawing: TerminalWidths
) -> None:
    for one in split(grapheme):
        if len(one) <= LONGEST:
            continue
        ((shown, width),) = glyphs(one, drawing)
        assert len(shown) <= LONGEST and shown.endswith("…")
        assert width == grapheme_width(one, drawing) == cell_width(shown, drawing)
        row = Layout(f"\n{one}y", 80, drawing)
        assert row.shown(1, len(one) + 2) == f"{shown}y"
        assert row.column_of(len(one) + 1) == width
        assert left_out(f"\n{one}y\n{one}") == 2 * (len(one) - 30)
        assert hidden_count(f"\n{one}y") >= len(one) - 30


def test_what_is_spelled_with_few_code_points_is_drawn_in_full() -> None:
    zalgo = "e" + "\u0301" * (LONGEST - 1)
    assert glyphs(zalgo, USUAL)[0][0] == zalgo
    assert left_out(zalgo * 100) == 0
