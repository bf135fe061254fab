"""Long texts are cut piece by piece; what comes out is what the whole text's pattern finds."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from contextvars import copy_context
from threading import Thread
from typing import Any

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.task.test_tokenize import PIECES
from tui_annotate.errors import Abandoned
from tui_annotate.task import token_cutter, tokenize
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
    monkeypatch.setattr(token_cutter, "_BATCH", 7)


def pattern_of(text: str) -> Any:
    is_ascii = text.isascii()
    return token_cutter.ascii_tokens() if is_ascii else token_cutter.unicode_tokens()


@pytest.mark.usefixtures("small_batches")
def test_pieces_give_the_tokens_of_the_whole_text() -> None:
    @settings(max_examples=400)
    @given(texts)
    def law(text: str) -> None:
        found = token_cutter.offsets(text)
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


QUESTIONS = st.one_of(
    st.tuples(st.sampled_from(["at", "has", "first_from", "index"]), st.integers(0, 40)),
    st.tuples(
        st.sampled_from(["covering", "snap", "numbers"]), st.integers(0, 40), st.integers(0, 40)
    ),
    st.tuples(st.sampled_from(["__bool__", "__len__", "finish"])),
)


@pytest.mark.usefixtures("small_batches")
def test_tokens_that_are_cut_when_they_are_asked_for_are_those_of_the_whole_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tokenize, "_CUT_AS_NEEDED", 0)

    @settings(max_examples=400)
    @given(texts, st.lists(QUESTIONS, max_size=6))
    def law(text: str, questions: list[tuple[Any, ...]]) -> None:
        whole, gradual = tokenize.tokenize(text), tokenize.Tokens.as_needed(text)
        for name, *arguments in questions:
            wanted = getattr(whole, name)(*arguments)
            assert getattr(gradual, name)(*arguments) == wanted, (name, arguments)
            if name == "has" and wanted:
                assert gradual[arguments[0]] == whole[arguments[0]]
        assert list(gradual) == list(whole)
        assert gradual.finished and gradual.built_in
        assert gradual.to_dicts(text) == whole.to_dicts(text)

    law()


def test_no_more_is_cut_than_is_asked_for() -> None:
    text = "Ein Wort für jeden Tag. " * 50_000
    tokens = tokenize.Tokens.as_needed(text)
    assert tokens.at(30) == 7 and tokens[7] == (28, 32) and tokens.snap(0, 9) == (0, 1)
    assert tokens and tokens.has(8) and tokens.covering(0, 8) == (0, 1)
    cut = tokens._cutting
    assert cut is not None and cut.position < len(text) / 4


def test_cutting_that_was_given_up_can_be_gone_on_with() -> None:
    text = "Ein Wort für jeden Tag. " * 20_000
    tokens = tokenize.Tokens.as_needed(text)

    def give_up() -> None:
        waiting = Waiting()
        use(waiting)
        waiting.abandon()
        with pytest.raises(Abandoned):
            tokens.finish()

    copy_context().run(give_up)
    assert not tokens.finished
    assert len(tokens) == 6 * 20_000


def test_a_piece_that_comes_again_is_cut_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = token_cutter._Known._cut
    calls: list[str] = []

    def counted(self: token_cutter._Known, piece: str) -> tuple[int, ...]:
        calls.append(piece)
        return cut(self, piece)

    monkeypatch.setattr(token_cutter._Known, "_cut", counted)
    for text in ("It's a U.S. word, e.g. 3.5\n" * 1000, "Слово и тест, 漢字 กา\n" * 1000):
        calls.clear()
        tokenize.tokenize(text)
        assert len(calls) < 20


def test_the_classes_hold_what_they_say_of_this_version_of_unicode() -> None:
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000))))
    cut_before = "".join(re.findall(f"[{token_cutter.CUT_BEFORE}]", every))
    assert not regex.findall(r"[\p{M}\p{N}\p{Extended_Pictographic}]", cut_before, regex.V1)
    assert not regex.findall(r"\P{GCB=Other}", cut_before)
    assert not regex.findall(rf"[^{token_cutter.NO_SPACES}]", cut_before, regex.V1)
    behind = set(re.findall(f"[{token_cutter.NO_CUT_BEHIND}]", every))
    assert set(regex.findall(r"\p{GCB=Prepend}", every)) <= behind
    simple = "".join(re.findall(f"[{token_cutter._SIMPLE}]", every))
    assert not regex.findall(
        rf"[^\p{{L}}0-9_]|\P{{GCB=Other}}|{token_cutter.NO_SPACES}", simple, regex.V1
    )
    signs = "".join(re.findall(f"[{token_cutter._SIGN}{token_cutter._OPENING}]", every))
    assert not regex.findall(r"[\w\s]|\P{GCB=Other}|\'", signs)


def test_cutting_a_text_stops_when_nobody_waits_for_it() -> None:
    waiting = Waiting()
    waiting.abandon()

    def cut() -> None:
        use(waiting)
        tokenize.tokenize("word " * 1000)

    with pytest.raises(Abandoned):
        copy_context().run(cut)


def test_another_thread_waits_for_tokens_that_are_being_added() -> None:
    """Its question must not be answered by lists that have only some of what was cut."""
    text = "word " * 60_000
    tokens, right = tokenize.Tokens.as_needed(text), tokenize.tokenize(text)
    found: list[int] = []
    asking = Thread(target=lambda: found.append(tokens.first_from(1_000)))

    class Slow(array):  # type: ignore[type-arg]
        def extend(self, values: Iterable[int], /) -> None:
            if not asking.is_alive() and not found:
                asking.start()
                asking.join(0.05)
            super().extend(values)

    tokens._ends = Slow("q")
    tokens.has(0)
    asking.join()
    assert found == [right.first_from(1_000)]
