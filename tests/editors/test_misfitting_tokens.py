"""Tokens whose places are not where their words are in the text: they are found by the words."""

from __future__ import annotations

from typing import Any

import pytest

from tui_annotate.editors.registry import open_task
from tui_annotate.task.tokens_by_words import by_words

pytestmark = pytest.mark.quick

TEXT = "Ann met Bob ."
WORDS = TEXT.split()
OFF = [  # as files count them that forget the space before a word
    {"text": word, "start": start, "end": start + len(word), "id": number, "ws": number < 3}
    for number, (word, start) in enumerate(zip(WORDS, (0, 3, 7, 11), strict=True))
]
SPAN = {"start": 7, "end": 10, "token_start": 2, "token_end": 2, "label": "PERSON"}
MENDED = {"start": 8, "end": 11, "token_start": 2, "token_end": 2, "label": "PERSON"}
CONFIG = {"labels": ["KNOWS"], "relations_span_labels": ["PERSON"]}


def opened(view: str, **task: Any) -> tuple[Any, str]:
    editor, notes = open_task({"text": TEXT, **task}, view, CONFIG)
    return editor, " / ".join(notes)


@pytest.mark.parametrize("view", ["relations", "coref", "spans_manual", "ner_manual"])
def test_tokens_are_found_by_their_words(view: str) -> None:
    editor, notes = opened(view, tokens=OFF, spans=[SPAN])
    assert notes.startswith("the text of token 1 is not what the task has from 3 to 6: ")
    assert "found by their words" in notes
    content = editor.content()
    assert [(each["start"], each["end"]) for each in content["tokens"]] == [
        (0, 3),
        (4, 7),
        (8, 11),
        (12, 13),
    ]
    assert [each["ws"] for each in content["tokens"]] == [True, True, True, False]
    assert content["spans"] == [MENDED]
    assert OFF[1]["start"] == 3


def test_relations_stay_with_their_words() -> None:
    relation = {"head": 0, "child": 2, "label": "KNOWS"}
    editor, _ = opened("relations", tokens=OFF, spans=[SPAN], relations=[relation])
    [found] = editor.content()["relations"]
    assert (found["head"], found["child"]) == (0, 2)
    assert found["child_span"]["start"] == 8


@pytest.mark.parametrize(
    ("view", "done"),
    [("relations", "so it cannot be shown as relations"), ("ner_manual", "tokenized anew")],
)
def test_tokens_of_another_text_are_not_found(view: str, done: str) -> None:
    strange = [{**each, "text": f"{each['text']}x"} for each in OFF]
    _, notes = opened(view, tokens=strange)
    assert notes.endswith(done)


def test_words_that_are_not_all_of_the_text_are_not_found() -> None:
    for tokens in (OFF[:2], OFF[1:], [{**OFF[0], "id": 7}, *OFF[1:]], [*OFF, 3], "Ann"):
        assert by_words({"text": TEXT, "tokens": tokens}) is None
    assert by_words({"tokens": OFF}) is None


@pytest.mark.parametrize("view", ["pos_manual", "ner_manual", "relations"])
@pytest.mark.parametrize("places", [{"start": 1, "end": 1}, {"start": 90, "end": 99}, {}])
def test_spans_on_no_text_are_placed_by_their_tokens(view: str, places: dict[str, int]) -> None:
    tokens = by_words({"text": TEXT, "tokens": OFF})
    assert tokens is not None
    numbers = {"token_start": 2, "token_end": 2}
    span = {**places, **numbers, "label": "PERSON"}
    editor, notes = opened(view, tokens=tokens["tokens"], spans=[span])
    assert editor.content()["spans"] == [MENDED]
    assert notes == "1 span on no text is placed by its tokens"
    _, notes = opened(view, tokens=tokens["tokens"], spans=[{**span, "token_end": 9}])
    assert notes.endswith("it is set aside")
    _, notes = opened(view, spans=[span])  # whose tokens the numbers are, nobody says
    assert notes.endswith("it is set aside")
