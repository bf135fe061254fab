from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tui_annotate.text.characters import boundaries, split
from tui_annotate.text.width import TerminalWidths, cell_width, grapheme_width
from tui_annotate.text.wrap import Layout

pytestmark = pytest.mark.quick

PIECES = (
    *"ab \n\t\r.,「」。中文กา한👩❤🇩🇪\ufdd0\ufdd1\ufdd2\ufdd3\x1b\u200b\u200d\ufe0f\u0301→\u3000",
    *("word ", "  ", "\r\n", "e\u0301", " \u0301", "क्ष", "👨\u200d👩\u200d👧", "किताब "),
    *("ᄀ\u1161", "🏴\U000e0067", "သွား"),
)  # fmt: skip
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.text(alphabet="ab \n\r\t", max_size=60),
    st.text(max_size=30),
)
widths = st.integers(1, 12)


def rows_of(layout: Layout) -> list[str]:
    return [layout.text[row.start : row.end] for row in layout]


def shown_rows(text: str, width: int, *, show_blanks: bool = False) -> list[str]:
    layout = Layout(text, width, show_blanks=show_blanks)
    return [layout.shown(row.start, row.end) for row in layout]


@settings(max_examples=200)
@given(texts, widths, st.booleans(), st.booleans())
@example("a\r\n\r\r\n", 1, False, True)
@example("中\u0301a", 1, False, False)
def test_rows_partition_the_text_and_fit(
    text: str, width: int, ambiguous_wide: bool, show_blanks: bool
) -> None:
    layout = Layout(
        text, width, TerminalWidths(ambiguous_wide, reorders=True), show_blanks=show_blanks
    )
    rows = list(layout)
    assert "".join(rows_of(layout)) == text
    assert all(row.end > row.start for row in rows) or (len(rows), text) == (1, "")
    marks = set(boundaries(text))
    for index, row in enumerate(rows):
        cells = layout.cells(index)
        assert {row.start, row.end} <= marks
        assert row.width == sum(cell.width for cell in cells)
        assert row.width <= width or len(split(text[row.start : row.end])) == 1
        assert text[row.start : row.end].rstrip("\n").count("\n") == 0
        assert [cell.start for cell in cells] + [row.end] == [
            row.start + offset for offset in boundaries(text[row.start : row.end])
        ]


@settings(max_examples=200)
@given(texts, widths, st.booleans(), st.booleans())
def test_columns_and_offsets_are_each_others_inverse(
    text: str, width: int, ambiguous_wide: bool, show_blanks: bool
) -> None:
    layout = Layout(
        text, width, TerminalWidths(ambiguous_wide, reorders=True), show_blanks=show_blanks
    )
    for index in range(len(layout)):
        column = 0
        for cell in layout.cells(index):
            assert cell.column == column
            for offset in range(cell.start, cell.end):
                assert (layout.row_of(offset), layout.column_of(offset)) == (index, column)
            for drawn in range(column, column + cell.width):
                assert layout.offset_at(index, drawn) == cell.start
            shown = layout.shown(cell.start, cell.end)
            assert bool(shown) == bool(cell.width)
            column += cell.width


# A Hangul vowel or final alone stands on a blank that it is not one grapheme with.
UNJOINED_BASE = re.compile("\u00a0(?=[\u1160-\u11ff\ud7b0-\ud7fb])")


@settings(max_examples=200)
@given(texts, widths, st.booleans(), st.booleans())
@example("\ud7b0", 1, False, False)
@example("\u00a0\u1161", 1, False, False)
def test_what_is_shown_is_safe_and_as_wide_as_its_cells(
    text: str, width: int, ambiguous_wide: bool, show_blanks: bool
) -> None:
    layout = Layout(
        text, width, TerminalWidths(ambiguous_wide, reorders=True), show_blanks=show_blanks
    )
    for index, row in enumerate(layout):
        shown = layout.shown(row.start, row.end)
        measured = UNJOINED_BASE.sub("", shown)
        assert cell_width(measured, TerminalWidths(ambiguous_wide)) == row.width
        assert not set(shown) & set("\n\r\t\x1b\u200b")
        parts = [layout.shown(cell.start, cell.end) for cell in layout.cells(index)]
        assert "".join(parts) == shown


def slow_rows(text: str, width: int) -> list[str]:
    """Greedy wrapping at blanks, for words in letters and blanks only."""
    rows, start = [], 0
    while start < len(text):
        end = min(start + width, len(text))
        newline = text.find("\n", start, end + 1)
        if newline >= 0:
            end = newline + 1
        elif text.startswith(" \n", end):
            end += 2
        elif text[end : end + 1] == " ":
            end += 1
        elif end < len(text):
            blank = text.rfind(" ", start, end)
            end = blank + 1 if blank >= 0 else end
        rows.append(text[start:end])
        start = end
    return rows


@settings(max_examples=200)
@given(st.text(alphabet="ab \n", max_size=80), widths)
def test_words_are_wrapped_as_by_the_plain_rule(text: str, width: int) -> None:
    assert rows_of(Layout(text, width)) == (slow_rows(text, width) or [""])


@settings(max_examples=100)
@given(st.text(alphabet="ab \n\t\r", max_size=80), widths, st.booleans())
def test_text_beyond_ascii_is_wrapped_by_the_same_rule(
    text: str, width: int, show_blanks: bool
) -> None:
    plain = rows_of(Layout(text, width, show_blanks=show_blanks))
    for letter in ("e\u0301", "é", "…"):
        beyond = text.replace("a", letter)
        rows = rows_of(Layout(beyond, width, show_blanks=show_blanks))
        assert [row.replace(letter, "a") for row in rows] == plain


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 3, ["one", "two", "thr", "ee"]),
        ("one\n\ntwo\n", 10, ["one", "", "two"]),
        ("seven77 \nx", 7, ["seven77", "x"]),
        ("seven77\r\nx\r\n", 7, ["seven77", "x"]),
        ("ab  cd", 2, ["ab", " ", "cd"]),
        ("東京株式会社", 5, ["東京", "株式", "会社"]),
        ("東京「株式」会社。", 6, ["東京", "「株", "式」会", "社。"]),
        ("in 東京tower", 5, ["in 東", "京", "tower"]),
        ("한국어 말은 여기", 6, ["한국어", "말은 ", "여기"]),
        ("ภาษาไทย", 3, ["ภาษ", "าไท", "ย"]),
        ("👨\u200d👩\u200d👧🇩🇪👩", 4, ["👨\u200d👩\u200d👧🇩🇪", "👩"]),
        ("ab 👩👩", 5, ["ab 👩", "👩"]),
        ("a中b", 1, ["a", "中", "b"]),
        ("a\tb\x1b[m", 10, ["a→b␛[m"]),
        ("သွားသွား", 4, ["သွား", "သွား"]),
        ("\u0301a", 10, ["\u00a0\u0301a"]),
        ("\x1f\u093e", 10, ["␟\u00a0\u093e"]),
    ],
)
def test_examples(text: str, width: int, shown: list[str]) -> None:
    assert shown_rows(text, width) == shown


def test_blanks_are_drawn_on_demand() -> None:
    assert shown_rows("a b\r\nc\n", 10, show_blanks=True) == ["a␣b␍␊", "c␊"]
    assert shown_rows("abc\nd", 3, show_blanks=True) == ["abc", "␊", "d"]
    assert shown_rows("a\u00a0b\u2009c\u3000d", 10, show_blanks=True) == ["a⍽b⍽c＿d"]
    blanks = [chr(code) for code in range(0x10000) if unicodedata.category(chr(code)) == "Zs"]
    for blank in blanks:
        (row,) = shown_rows(f"a{blank}b", 10, show_blanks=True)
        assert row[1] != blank
        assert cell_width(row) == cell_width(f"a{blank}b"), "a mark takes the cells of its blank"
    assert shown_rows("abc de", 3, show_blanks=True) == ["abc", "␣de"]


def test_ambiguous_characters_take_the_cells_of_the_terminal() -> None:
    assert Layout("→→→", 4)[0].width == 3
    assert [row.width for row in Layout("→→→", 4, TerminalWidths(ambiguous_wide=True))] == [4, 2]


def test_places_outside_are_clamped() -> None:
    layout = Layout("one two\nthree", 4)
    assert [layout.text[row.start : row.end] for row in layout] == ["one ", "two\n", "thre", "e"]
    assert (layout.row_of(-5), layout.row_of(99)) == (0, 3)
    assert (layout.column_of(99), layout.column_of(len(layout.text))) == (1, 1)
    assert layout.column_of(7) == 3
    assert (layout.offset_at(1, 99), layout.offset_at(1, -1)) == (6, 4)
    assert (layout.offset_at(-3, 0), layout.offset_at(99, 0)) == (0, 12)
    assert Layout("\n\nx", 4).offset_at(1, 3) == 1
    assert Layout("", 4).column_of(0) == Layout("", 4).offset_at(0, 2) == 0
    assert layout[-1] == layout[3]
    with pytest.raises(IndexError):
        layout[4]
    with pytest.raises(ValueError, match="at least 1 cell"):
        Layout("x", 0)


def test_a_long_document_keeps_the_rule_everywhere() -> None:
    text = "Ein längerer Satz, der über viele Zeilen geht. " * 2_000
    layout = Layout(text, 80)
    assert "".join(rows_of(layout)) == text
    assert all(row.width <= 80 for row in layout)
    row = len(layout) // 2
    assert layout.offset_at(row, 0) == layout[row].start
    assert layout.cells(0)[0].width == grapheme_width("E")
