"""The tokens of long texts: stored in short, read as they were."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.task import stored_tokens
from tui_annotate.task.hashing import blake2b
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.stored_tokens import (
    STORED_TOKENS,
    content_as_stored,
    dumps_content,
    laid_over,
    loads_content,
    loads_unfolded,
    short_of,
    tokens_as_stored,
    with_tokens,
    without_tokens,
)
from tui_annotate.task.tokenize import characters, tokenize

pytestmark = pytest.mark.quick

ASCII = "It's 3.5% of O'Brien's U.S. sales; see a_b@c.org (l'eau).\n\n\t--> " * 400
MIXED = "Größe 3,5 µm – naïve «日本語» e\u0301e\u0301 👩‍👩‍👧 שלום\n" * 600
JOINED = "x" * 70_000 + " " * 300 + "end"


def own(text: str) -> dict[str, Any]:
    return {"text": text, "tokens": tokenize(text).to_dicts(text), "spans": [], "answer": "accept"}


@pytest.mark.parametrize("text", [ASCII, MIXED, JOINED, " " * 20_000 + "a", "\n" * 20_000 + "b"])
def test_own_tokens_are_stored_in_less_than_the_text(text: str) -> None:
    task = own(text)
    stored = dumps_content(task)
    assert len(stored.encode()) < 2 * len(text.encode()) + 400
    assert dumps(loads_content(stored)) == dumps(task)


def test_tokens_of_ascii_name_their_tokenizer() -> None:
    short = without_tokens(own(ASCII))[STORED_TOKENS]
    assert short == {"count": len(tokenize(ASCII)), "tokenizer": "tui_annotate", "version": 1}


@pytest.mark.parametrize("text", [ASCII, MIXED], ids=["ASCII", "mixed"])
def test_who_reads_them_in_short_needs_no_object_for_each(text: str) -> None:
    task = loads_unfolded(dumps_content(own(text)))
    assert "tokens" not in task
    found = tokens_as_stored(task)
    assert found is not None and found == tokenize(text) and not found.given
    assert SpanEditor(task, ["A"], overlap=False).content() == task
    told = own(text)
    told["tokens"][5]["pos"] = "NOUN"
    stored = dumps_content(told)
    assert loads_unfolded(stored) == told and tokens_as_stored(json.loads(stored)) is None
    assert tokens_as_stored({**task, "text": text[:20_000]}) != found


def test_edits_bring_their_own_tokens_in_whatever_form() -> None:
    whole, short = own(ASCII), without_tokens(own(ASCII))
    assert laid_over(whole, short) == short
    assert laid_over(short, whole) == whole
    assert laid_over(short, {"spans": [1]}) == {**short, "spans": [1]}


def test_an_editors_tokens_are_shortened_without_being_written_out() -> None:
    for text in (ASCII, MIXED):
        short = short_of(text, tokenize(text))
        assert short == without_tokens(own(text))[STORED_TOKENS]
    cut = characters(ASCII)
    short = short_of(ASCII, cut)
    assert with_tokens({"text": ASCII, STORED_TOKENS: short})["tokens"] == cut.to_dicts(ASCII)


def test_foreign_tokens_come_back_with_all_they_say() -> None:
    tokens: list[dict[str, Any]] = [
        dict(each, pos="NOUN", disabled=index % 7 == 0)
        for index, each in enumerate(tokenize(MIXED).to_dicts(MIXED))
    ]
    for each in tokens[::5]:
        del each["disabled"]
    tokens[3]["ws"] = 1
    tokens[4]["id"] = 4.0
    tokens[5]["text"] = "another"
    tokens[6]["extra"] = {"deep": [None, True, 1.5, "\ud800"]}
    tokens[7] = {"id": 7, "end": tokens[7]["end"], "start": tokens[7]["start"]}
    task = {"a": 1, "text": MIXED, "tokens": tokens, "z": 2}
    stored = dumps_content(task)
    assert STORED_TOKENS in stored
    assert len(stored.encode()) < 2 * len(MIXED.encode())
    assert dumps(loads_content(stored)) == dumps(task)


@pytest.mark.parametrize(
    "change",
    [
        {"tokens": []},
        {"tokens": [1, 2]},
        {"tokens": [{"start": 5, "end": 3}]},
        {"tokens": [{"start": 0.0, "end": 3.0, "id": True}]},
        {"tokens": [{"start": 0, "end": 10**30}]},
        {"tokens": [{"start": True, "end": 3}]},
        {"tokens": "none"},
        {STORED_TOKENS: "of somebody else"},
        {STORED_TOKENS: {"count": 3, "columns": "%%%"}},
        {"text": "short"},
    ],
)
def test_what_are_no_such_tokens_stays_as_it_is(change: dict[str, Any]) -> None:
    task = {**own(ASCII), **change}
    once = loads_content(dumps_content(task))
    if isinstance(change.get(STORED_TOKENS), dict):
        del task[STORED_TOKENS]
    assert dumps(once) == dumps(task)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"start": st.integers(-2, 30), "end": st.integers(-2, 30)},
            optional={
                "id": st.one_of(st.integers(0, 3), st.booleans(), st.floats(0, 3)),
                "ws": st.one_of(st.booleans(), st.integers(0, 1)),
                "text": st.text(max_size=3),
                "disabled": st.one_of(st.none(), st.booleans()),
            },
        ),
        max_size=6,
    )
)
@settings(max_examples=100)
def test_any_tokens_come_back(tokens: list[dict[str, Any]]) -> None:
    task = {"text": "ab c d " * 2400, "tokens": tokens}
    assert dumps(loads_content(dumps_content(task))) == dumps(task)


def test_a_key_of_that_name_that_is_not_ours_is_left_alone() -> None:
    for value in (1, None, {}, {"count": 10**12, "columns": ""}, {"count": 3, "columns": "eJw="}):
        task = {"text": ASCII, STORED_TOKENS: value}
        assert with_tokens(task) == task


def test_columns_that_would_grow_without_end_are_not_read() -> None:
    import zlib
    from base64 import b64encode

    bomb = b64encode(zlib.compress(bytes(60_000_000))).decode()
    task = {"text": "a b", STORED_TOKENS: {"count": 2, "columns": bomb}}
    assert with_tokens(task) == task


def test_a_newer_tokenizer_is_left_to_the_program_that_has_it() -> None:
    short = {"count": 1, "tokenizer": "tui_annotate", "version": 2}
    task = {"text": ASCII, STORED_TOKENS: short}
    assert with_tokens(task) == task
    assert json.loads(dumps_content(task))[STORED_TOKENS] == short


def test_tokens_that_an_older_program_has_added_are_the_newer_ones() -> None:
    task = {**own(ASCII), STORED_TOKENS: {"count": 1, "tokenizer": "x", "version": 1}}
    assert with_tokens(task) == own(ASCII)


def test_content_that_comes_in_full_is_shortened() -> None:
    full = dumps(own(ASCII))
    assert content_as_stored(full) == dumps_content(own(ASCII))
    assert content_as_stored(content_as_stored(full)) == content_as_stored(full)
    assert content_as_stored(dumps(own("a b"))) == dumps(own("a b"))


def test_the_first_tokenizer_makes_what_it_always_made() -> None:
    # Stored answers rely on it. Whoever has to change this needs another version beside it.
    every = "".join(map(chr, range(128)))
    text = ASCII + every + every[::-1] + "".join(a + b for a in every for b in every)
    assert stored_tokens.TOKENIZER == ("tui_annotate", 1)
    found = blake2b(dumps(list(tokenize(text))).encode(), digest_size=8)
    assert found.hexdigest() == "e038327bbec13705"


def test_pages_are_stored_in_short_too() -> None:
    task = {"pages": [own(ASCII), own("short"), "no page", own(MIXED)], "answer": "accept"}
    stored = dumps_content(task)
    assert stored.count(STORED_TOKENS) == 2
    assert dumps(loads_content(stored)) == dumps(task)
