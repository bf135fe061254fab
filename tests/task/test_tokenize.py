from __future__ import annotations

import json
from typing import Any

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.errors import TaskError
from tui_annotate.task.tokenize import Tokens, characters, tokenize

pytestmark = pytest.mark.quick

PIECES = (
    *"aSdl7_ \n\t\r.,:-@#%'\"’·\x1c\x85\x00\u200b\u2028\u3000中アก๒က\u1039한ᄀ\u1161ℹⓂ©❤1²٣صה״é",
    *"\u0301\u200d\ufe0f\u20e3\u093e\u0eb3\uff9e\u0600\u0d4e🇩🇪👩🏽क\u094d\U0001f468",
    *("it's ", "U.S.", "www.a.b", "http://x", "a@b.c", " \u0301", "3.5", "l'", "'s", "\r\n"),
    "1\ufe0f\u20e3",
)  # fmt: skip
texts = st.one_of(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.text(max_size=25))


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in tokenize(text)]


def grapheme_marks(text: str) -> set[int]:
    return {0, *(match.end() for match in regex.finditer(r"\X", text))}


@pytest.mark.parametrize("cutter", [tokenize, characters])
@settings(max_examples=200)
@given(text=texts)
def test_tokens_are_in_order_cut_no_grapheme_and_leave_out_only_blanks(
    cutter: Any, text: str
) -> None:
    tokens = cutter(text)
    marks = grapheme_marks(text)
    before = 0
    for start, end in tokens:
        assert before <= start < end
        assert {start, end} <= marks
        assert not text[before:start].strip()
        assert "\n" not in text[start:end]
        before = end
    assert not text[before:].strip()


@settings(max_examples=200)
@given(texts)
def test_words_never_hold_blanks(text: str) -> None:
    for token in cut(text):
        assert not token.isspace()
        assert len(regex.findall(r"\X", token)) == 1 or not any(
            each.isspace() for each in token[1:-1]
        )


@settings(max_examples=150)
@given(texts)
def test_dicts_give_the_tokens_back(text: str) -> None:
    tokens = tokenize(text)
    dicts = tokens.to_dicts(text)
    again = Tokens.from_dicts(text, json.loads(json.dumps(dicts)))
    assert again == tokens
    assert again.to_dicts(text) == dicts
    for index, each in enumerate(dicts):
        assert each["id"] == index
        assert each["text"] == text[each["start"] : each["end"]]
        following = dicts[index + 1]["start"] if index + 1 < len(dicts) else len(text)
        assert each["ws"] == (following > each["end"])


@settings(max_examples=150)
@given(st.lists(st.sampled_from([p for p in PIECES if p.isascii()]), max_size=25).map("".join))
def test_ascii_is_cut_the_same_beside_other_scripts(text: str) -> None:
    assert cut(text + " é")[:-1] == cut(text)


@settings(max_examples=100)
@given(texts, st.data())
def test_look_ups_agree_with_a_plain_search(text: str, data: st.DataObject) -> None:
    tokens = tokenize(text)
    pairs = list(tokens)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    touched = [i for i, (a, b) in enumerate(pairs) if a < end and start < b]
    assert tokens.snap(start, end) == (
        (touched[0], touched[-1]) if touched and end > start else None
    )
    assert tokens.at(start) == max([i for i, (a, _) in enumerate(pairs) if a <= start] or [0])
    exact = [
        (i, j)
        for i, (a, _) in enumerate(pairs)
        for j, (_, b) in enumerate(pairs)
        if (a, b) == (start, end) and i <= j
    ]
    assert tokens.covering(start, end) == (exact[0] if exact else None)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" \n\t ", []),
        ("Acme Corp., Berlin.", "Acme|Corp|.|,|Berlin|."),
        ("Obama's dogs' don't we'll O'Brien", "Obama|'s|dogs|'|don't|we|'ll|O'Brien"),
        ("l’Académie d'Angers", "l’|Académie|d'|Angers"),
        ("state-of-the-art COVID-19 F-16", "state|-|of|-|the|-|art|COVID-19|F-16"),
        ("$1,234.50 at 10:30am, 10-20%.", "$|1,234.50|at|10:30am|,|10|-|20|%|."),
        ("the U.S. and a.m., e.g.this", "the|U.S.|and|a.m.|,|e|.|g|.|this"),
        ("see https://x.org/a?b=c. or a.b@c.de!", "see|https://x.org/a?b=c|.|or|a.b@c.de|!"),
        ("snake_case... #tag", "snake_case|.|.|.|#|tag"),
        ("東京タワー、2024年", "東|京|タ|ワ|ー|、|2024|年"),
        ("データbaseを", "デ|ー|タ|base|を"),
        ("ภาษา ๒๕๖๗", "ภ|า|ษ|า|๒๕๖๗"),
        ("ကို သွား", "ကို|သွား"),
        ("हिन्दी में", "हिन्दी|में"),
        ("می\u200cشود؟", "می\u200cشود|؟"),
        ("١٬٢٣٤٫٥، ٣٫", "١٬٢٣٤٫٥|،|٣|٫"),
        ("צה״ל col·lega m²", "צה״ל|col·lega|m²"),
        ("Москва, 한국어를", "Москва|,|한국어를"),
        (
            "ok1\ufe0f\u20e3👨\u200d👩\u200d👧🇩🇪❤\ufe0f!",
            "ok|1\ufe0f\u20e3|👨\u200d👩\u200d👧|🇩🇪|❤\ufe0f|!",
        ),
        ("cafe\u0301 a\u200bb\x1b", "cafe\u0301|a|\u200b|b|\x1b"),
    ],
)
def test_examples(text: str, tokens: str | list[str]) -> None:
    assert "|".join(cut(text)) == (tokens or "")


def test_character_mode_has_one_token_a_grapheme_but_none_for_line_breaks() -> None:
    text = "a b\r\n\nc"
    assert list(characters(text)) == [(0, 1), (1, 2), (2, 3), (6, 7)]
    assert [text[a:b] for a, b in characters(text)] == ["a", " ", "b", "c"]
    assert list(characters("e\u0301\r\n👩🏽")) == [(0, 2), (4, 6)]


def test_tokens_of_a_task_keep_their_unknown_keys() -> None:
    dicts = [
        {
            "text": "A",
            "start": 0,
            "end": 1,
            "id": 0,
            "ws": True,
            "disabled": True,
            "style": {"x": 1},
        },
        {"start": 2, "end": 3},
    ]
    assert Tokens.from_dicts("A B", dicts).to_dicts("A B") == dicts


SPECIAL: list[dict[str, Any]] = [
    {"text": "[CLS]", "start": 0, "end": 0, "id": 0, "disabled": True},
    {"text": "hello", "start": 0, "end": 5, "id": 1},
    {"text": "wonder", "start": 6, "end": 12, "id": 2},
    {"text": "##ful", "start": 12, "end": 15, "id": 3},
    {"text": "zurich", "start": 16, "end": 22, "id": 4},
    {"text": "[UNK]", "start": 23, "end": 24, "id": 5},
    {"text": "[SEP]", "start": 0, "end": 0, "id": 6, "disabled": True},
]


def test_tokens_without_characters_keep_their_places() -> None:
    text = "Hello wonderful Zürich 🙂"
    tokens = Tokens.from_dicts(text, SPECIAL)
    assert list(tokens) == [(0, 5), (6, 12), (12, 15), (16, 22), (23, 24)]
    assert tokens.numbers(6, 15) == (2, 3)
    assert tokens.covering(6, 15) == (1, 2)
    assert [tokens.index(number) for number in range(-1, 8)] == [
        *(None, None, 0, 1, 2, 3, 4, None, None)
    ]
    assert tokens.listed == 7
    assert [{**each} for each in tokens.to_dicts(text)] == SPECIAL


def test_a_disabled_token_is_known_by_its_place_behind_one_without_characters() -> None:
    listed = [{**SPECIAL[0]}, {**SPECIAL[1]}, {**SPECIAL[2], "disabled": True}]
    assert Tokens.from_dicts("Hello wonder", listed).disabled == {1}


def test_bytes_of_one_character_are_one_token() -> None:
    twice = [
        {"text": "ðŁ", "start": 0, "end": 1, "id": 0},
        {"text": "ĻĤ", "start": 0, "end": 1, "id": 1},
        {"text": "a", "start": 1, "end": 2, "id": 2},
        {"text": "b", "start": 2, "end": 3, "id": 3},
        {"text": "c", "start": 3, "end": 4, "id": 4},
    ]
    tokens = Tokens.from_dicts("🙂abc", twice)
    assert list(tokens) == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert tokens.number(1) == 2


def test_offsets_that_count_bytes_are_refused() -> None:
    text = "né un jour"
    words = [("né", 0, 3), ("un", 4, 6), ("jour", 7, 10)]
    dicts = [{"text": word, "start": a, "end": b} for word, a, b in words]
    with pytest.raises(TaskError, match="the text of token 1"):
        Tokens.from_dicts(text, dicts)


@pytest.mark.parametrize(
    "dicts",
    [
        None,
        {},
        ["A"],
        [{}],
        [{"start": 0}],
        [{"start": "0", "end": 1}],
        [{"start": False, "end": 1}],
        [{"start": 0, "end": 0}],
        [{"start": -1, "end": 1}],
        [{"start": 0, "end": 9}],
        [{"start": 0, "end": 2}, {"start": 1, "end": 3}],
        [{"start": 2, "end": 3}, {"start": 0, "end": 1}],
        [{"start": 0, "end": 1, "id": 1}],
        [{"start": 0, "end": 1, "text": "B"}],
    ],
)
def test_bad_tokens_are_refused(dicts: Any) -> None:
    with pytest.raises(TaskError) as caught:
        Tokens.from_dicts("A B", dicts)
    assert caught.value.reason == "bad-tokens"


def test_long_runs_are_cut_without_running_away() -> None:
    for piece in ("a.", "a@", "'s", "1,", "x-1", "é.", "l’"):
        text = piece * 20_000
        assert "".join(cut(text)) == text
