"""Right-to-left text: its order on screen, the forms of its letters, its columns."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.text import bidi
from tui_annotate.text.characters import has_right_to_left, split
from tui_annotate.text.visual_order import shape, visual
from tui_annotate.text.width import TerminalWidths, cell_width
from tui_annotate.text.wrap import Layout

pytestmark = pytest.mark.quick

PIECES = (
    *"ab 12,.-/%:()[]\n\t\r\x1b\u202e\u200f\u200c\u200d中한👩\u0301",
    *("אב", "גד ", "شركة ", "سَلام", "١٢", "לא", "🇩🇪", "क्ष", "👨\u200d👩\u200d👧", "\r\n", "word "),
)
texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
widths = st.integers(1, 14)


def drawn(text: str) -> str:
    return "".join(shown for shown, _ in visual(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("car אבג end", "car גבא end"),
        ("אבג car דה", "הד car גבא"),
        ("a (אב) b", "a (בא) b"),
        ("אב (a) ג", "ג (a) בא"),
        ("אב [a", "a] בא"),
        ("אב 12,5% ג", "ג 12,5% בא"),
        ("a אב 1-2 ג", "a ג 1-2 בא"),
        ("عب 12-13", "13-12 ﺐﻋ"),
        ("12 + 13", "12 + 13"),
        ("אב\tגד", "דג→בא"),
        ("אב <ג>", "<ג> בא"),
        ("אב.", ".בא"),
        ("a אב.", "a בא."),
        ("\u202eab", "·ab"),
        ("a אב (גד) הו", "a וה (דג) בא"),
        ("a אב (cd) הו", "a בא (cd) וה"),
        ("אב [cd] (ef) 12", "12 (ef) [cd] בא"),
        ("אב (c ד) e", "e (ד c) בא"),
    ],
)
def test_the_order_on_screen(text: str, expected: str) -> None:
    assert drawn(text) == expected


def test_marks_stay_on_their_letters() -> None:
    assert visual("ab\u05b0 \u05d0\u05b8\u05d1")[-2:] == [
        ("\u05d1", "\u05d1"),
        ("\u05d0\u05b8",) * 2,
    ]


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("بيت", "\ufe91\ufef4\ufe96"),
        ("دار", "\ufea9\ufe8d\ufead"),
        ("لا", "\ufedf\ufe8e"),  # no ligature: two letters, two cells
        ("ب", "\ufe8f"),
        ("بَي", "\ufe91\u064e\ufef2"),
        ("بـ", "\ufe91\u0640"),
        ("می\u200cخواهم", "\ufee3\ufbfd\u200c\ufea7\ufeee\ufe8d\ufeeb\ufee2"),
        ("نەک", "\ufee7\ufeea\ufb8e"),  # the vowel of Kurdish is drawn as the end of a heh
        ("بێر", "\ufe91\u06ce\ufeae"),  # has no forms, but its neighbours have
        ("ه\u200d", "\ufeeb\u200d"),
        ("abc שלום", "abc שלום"),
    ],
)
def test_arabic_letters_are_joined(text: str, forms: str) -> None:
    assert shape(text) == forms


@given(texts)
def test_the_order_is_a_permutation_and_nothing_gets_longer(text: str) -> None:
    pairs = visual(text)
    assert sorted(grapheme for _, grapheme in pairs) == sorted(split(text))
    assert all(len(shown) == len(grapheme) for shown, grapheme in pairs)
    assert len(shape(text)) == len(text)
    found = bidi.levels(text, bidi.base_level(text))
    order = bidi.visual_order(found)
    assert sorted(order) == list(range(len(text)))
    assert max(found, default=0) <= 2


@settings(max_examples=100)
@given(texts, widths, st.booleans(), st.booleans())
def test_columns_and_offsets_are_each_others_inverse(
    text: str, width: int, ambiguous_wide: bool, show_blanks: bool
) -> None:
    layout = Layout(text, width, TerminalWidths(ambiguous_wide), show_blanks=show_blanks)
    plain = Layout(
        text, width, TerminalWidths(ambiguous_wide, reorders=True), show_blanks=show_blanks
    )
    assert [row.start for row in layout] == [row.start for row in plain], "rows are the same"
    for index, row in enumerate(layout):
        drawn = [cell for cell in layout.cells(index) if cell.width]
        taken = sorted(c for cell in drawn for c in range(cell.column, cell.column + cell.width))
        assert taken == list(range(taken[0], taken[0] + row.width) if taken else [])
        assert [(c.start, c.end, c.width) for c in layout.cells(index)] == [
            (c.start, c.end, c.width) for c in plain.cells(index)
        ]
        for cell in drawn:
            assert layout.column_of(cell.start) == cell.column
            for column in range(cell.column, cell.column + cell.width):
                assert layout.offset_at(index, column) == cell.start
            shown = layout.shown(cell.start, cell.end)
            assert cell_width(shown, TerminalWidths(ambiguous_wide)) == cell.width
            assert not any(each in "\x1b\u202e\u200f\t\r\n" for each in shown)


def test_rows_of_right_to_left_paragraphs_end_at_the_right() -> None:
    layout = Layout("אב ג\nab", 8)
    assert [layout.column_of(offset) for offset in (0, 1, 2, 3, 5, 6)] == [7, 6, 5, 4, 0, 1]
    assert layout.offset_at(0, 0) == 3
    beside = Layout("אב ג\nab", 8, right_edge=False)
    assert [beside.column_of(offset) for offset in (0, 1, 2, 3)] == [3, 2, 1, 0]
    assert not Layout("אב ג\nab", 8, TerminalWidths(reorders=True)).is_turned(0)


def test_a_row_is_ordered_as_its_paragraph_is() -> None:
    def columns(text: str, width: int, row: int) -> list[int]:
        return [cell.column for cell in Layout(text, width).cells(row)]

    assert columns("a אבג דהו", 6, 0) == [0, 1, 4, 3, 2, 5], "the blank at its end stays there"
    assert columns("a אבג-דהו", 4, 1) == [3, 2, 1, 0], "what follows says where the dash is"
    assert columns("a אבגד-הו", 4, 2) == [2, 1, 0], "and what stands before"
    assert Layout("אב", 8).column_of(2) == 5, "behind the last letter is beside it at the left"


def test_a_row_costs_the_same_in_a_long_paragraph(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    levels = bidi.levels

    def counted(text: str, base: int) -> list[int]:
        looked.append(len(text))
        return levels(text, base)

    monkeypatch.setattr(bidi, "levels", counted)
    layout = Layout("שלום לכולם " * 20_000, 60)
    layout.cells(1000)
    layout.cells(len(layout) - 1)
    assert len(looked) <= 2
    assert max(looked) <= 2000


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("word", ""),
        ("\ufeffword", ""),
        ("page ١٢٣", ""),
        ("א letter, אבא שלום", "שלום"),
        ("مُحَمَّدٌ", "مُحَمَّدٌ"),
    ],
)
def test_a_word_that_tells_from_which_side_it_is_read(text: str, word: str) -> None:
    assert bidi.right_to_left_word(text) == word


def test_a_byte_order_mark_is_not_from_right_to_left() -> None:
    assert not has_right_to_left("\ufeffword")
    assert has_right_to_left("page ١٢٣")
