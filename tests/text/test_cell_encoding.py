"""Runs of letters whose cells are known make the same cell string as each grapheme by itself."""

from __future__ import annotations

import re

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.task.test_tokenize import PIECES
from tui_annotate.text import wrap
from tui_annotate.text.characters import split
from tui_annotate.text.width import USUAL, TerminalWidths
from tui_annotate.text.wrap import LOOSE_FILL, cell_string

pytestmark = pytest.mark.quick

WIDE_OR_NOT = (USUAL, TerminalWidths(ambiguous_wide=True))
MORE = (
    *"абвЖйשلאب\u0640漢字かなー。、！가ㄱﾞ\u3099\u0300\u0e33\ufdd0\ufdd3“”…–\u00ad©",
    "\r\n",
    "a\u0301",
)
texts = st.one_of(
    st.lists(st.sampled_from((*PIECES, *MORE)), max_size=20).map("".join), st.text(max_size=20)
)


@settings(max_examples=300)
@given(texts, st.sampled_from(WIDE_OR_NOT))
def test_runs_make_the_cell_string_of_their_graphemes(text: str, drawing: TerminalWidths) -> None:
    if text.isascii():
        text += "é"
    units = wrap._Units(drawing)
    assert cell_string(text, drawing) == "".join(units[each] for each in split(text))


@pytest.mark.parametrize("drawing", WIDE_OR_NOT)
def test_the_classes_hold_what_takes_one_cell_and_what_takes_two(drawing: TerminalWidths) -> None:
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000))))
    narrow_class = wrap._ASCII
    if not drawing.ambiguous_wide:
        narrow_class += wrap._NARROW
    narrow = re.findall(f"[{narrow_class}]", every)
    wide = re.findall(f"[{wrap._WIDE}]", every)
    units = wrap._Units(drawing)
    assert [units[each] for each in narrow] == narrow
    assert [units[each] for each in wide] == [each + LOOSE_FILL for each in wide]
    found = "".join((*narrow, *wide))
    joining = r"[^\p{GCB=Other}\n]|[\p{Extended_Pictographic}]"
    assert not regex.findall(joining, found, regex.V1)


def test_a_long_text_of_known_letters_is_not_looked_at_letter_by_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cut: list[str] = []

    def noting(text: str) -> list[str]:
        cut.append(text)
        return split(text)

    monkeypatch.setattr(wrap, "split", noting)
    cell_string("Слово и тест. 漢字かな、カナ！ שלום سلام\n" * 500)
    assert sum(map(len, cut)) == 0
