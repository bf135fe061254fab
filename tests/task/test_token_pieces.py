"""Long texts are cut piece by piece; what comes out is what the whole text's pattern finds."""

from __future__ import annotations

import re
from contextvars import copy_context
from typing import Any

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.task.test_tokenize import PIECES
from tui_annotate.errors import Abandoned
from tui_annotate.task import token_patterns, token_pieces, tokenize
from tui_annotate.waiting import Waiting, use

pytestmark = pytest.mark.quick

MORE = (
    *"ก็ใ້ຈ\u1039ក្ខ\u1a60ーヽ・ﾞ々、。「」（）Жйשل\u0640ŉẞß«»“”_\u00a0\u1680\u3099か\u0600\u094d",
    *("\u0600 ", "\u0600\n", " \u0301", "ဿ", "l·l", "x_", "漢's", "l'漢", '("', ").", "2.", "www."),
    *(
        "word",
        "слово",
        "مرحبا",
        "https://",
        "https:///",
        "a@b",
        "N.",
        "\x1f",
        "\r",
        "ꀀ",
        "\U00020000",
    ),
)
texts = st.one_of(
    st.lists(st.sampled_from((*PIECES, *MORE)), max_size=20).map("".join),
    st.lists(st.sampled_from([p for p in (*PIECES, *MORE) if p.isascii()])).map("".join),
    st.text(max_size=20),
)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_pieces, "_BATCH", 7)


def pattern_of(text: str) -> Any:
    is_ascii = text.isascii()
    return token_patterns.ascii_tokens() if is_ascii else token_patterns.unicode_tokens()


@pytest.mark.usefixtures("small_batches")
def test_pieces_give_the_tokens_of_the_whole_text() -> None:
    @settings(max_examples=400)
    @given(texts)
    def law(text: str) -> None:
        found = token_pieces.offsets(text)
        pairs = list(zip(found[::2], found[1::2], strict=True))
        assert pairs == [match.span() for match in pattern_of(text).finditer(text)]

    law()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 5000,
        "\n" * 5000,
        "." * 5000,
        "é" * 5000,
        "漢字" * 3000,
        "กา" * 3000,
        "\u0600 漢" * 2000,
    ],
)
def test_long_texts_of_few_pieces_are_cut_as_before(text: str) -> None:
    assert list(tokenize.tokenize(text)) == [m.span() for m in pattern_of(text).finditer(text)]


def test_a_piece_that_comes_again_is_cut_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = token_pieces._Known._cut
    calls: list[str] = []

    def counted(self: token_pieces._Known, piece: str) -> tuple[int, ...]:
        calls.append(piece)
        return cut(self, piece)

    monkeypatch.setattr(token_pieces._Known, "_cut", counted)
    for text in ("It's a U.S. word, e.g. 3.5\n" * 1000, "Слово и тест, 漢字 กา\n" * 1000):
        calls.clear()
        tokenize.tokenize(text)
        assert len(calls) < 20


def test_the_classes_hold_what_they_say_of_this_version_of_unicode() -> None:
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000))))
    cut_before = "".join(re.findall(f"[{token_pieces.CUT_BEFORE}]", every))
    assert not regex.findall(r"[\p{M}\p{N}\p{Extended_Pictographic}]", cut_before, regex.V1)
    assert not regex.findall(r"\P{GCB=Other}", cut_before)
    assert not regex.findall(rf"[^{token_patterns.NO_SPACES}]", cut_before, regex.V1)
    behind = set(re.findall(f"[{token_pieces.NO_CUT_BEHIND}]", every))
    assert set(regex.findall(r"\p{GCB=Prepend}", every)) <= behind
    simple = "".join(re.findall(f"[{token_pieces._SIMPLE}]", every))
    assert not regex.findall(
        rf"[^\p{{L}}0-9_]|\P{{GCB=Other}}|{token_patterns.NO_SPACES}", simple, regex.V1
    )
    signs = "".join(re.findall(f"[{token_pieces._SIGN}{token_pieces._OPENING}]", every))
    assert not regex.findall(r"[\w\s]|\P{GCB=Other}|\'", signs)


def test_cutting_a_text_stops_when_nobody_waits_for_it() -> None:
    waiting = Waiting()
    waiting.abandon()

    def cut() -> None:
        use(waiting)
        tokenize.tokenize("word " * 1000)

    with pytest.raises(Abandoned):
        copy_context().run(cut)
