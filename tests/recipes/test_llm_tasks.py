"""Answers of models made into spans and classes: only what is so, at the right places."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.errors import TaskError, UsageError
from tui_annotate.suggest import llm_tasks
from tui_annotate.suggest.llm_tasks import PromptTemplate, answer_json, classes_of, spans_of

pytestmark = pytest.mark.quick

LABELS = ["PER", "LOC"]


def found(text: str, *pairs: tuple[str, str], overlap: bool = False) -> Any:
    answer = {"spans": [{"label": label, "text": quote} for label, quote in pairs]}
    spans, problems = spans_of(answer, {"text": text}, LABELS, overlap=overlap)
    return [(text[s["start"] : s["end"]], s["start"], s["label"]) for s in spans], dict(problems)


def test_every_occurrence_of_a_quote_is_marked_once() -> None:
    spans, problems = found("Ann, Anna and Ann.", ("PER", "Ann"), ("PER", "Ann"))
    assert spans == [("Ann", 0, "PER"), ("Ann", 14, "PER")]
    assert not problems


def test_a_quote_within_a_word_is_not_in_the_text() -> None:
    assert found("concatenate", ("PER", "cat")) == ([], {llm_tasks.NOT_THERE: 1})


def test_white_space_stands_for_any_and_nothing_else_is_guessed() -> None:
    assert found("New\n  York", ("LOC", "New York"))[0] == [("New\n  York", 0, "LOC")]
    assert found("New York", ("LOC", "new york")) == ([], {llm_tasks.NOT_THERE: 1})
    assert found("a (b", ("LOC", "(")) == ([("(", 2, "LOC")], {})
    assert found("a", ("LOC", " ")) == ([], {llm_tasks.NOT_THERE: 1})


def test_a_label_that_does_not_exist_is_counted_and_one_of_another_case_is_known() -> None:
    assert found("Cork", ("ORG", "Cork")) == ([], {llm_tasks.NO_LABEL: 1})
    assert found("Cork", ("loc", "Cork"))[0] == [("Cork", 0, "LOC")]
    assert llm_tasks.known_label("a", ["A", "a", "B"]) == "a"
    assert llm_tasks.known_label("b", ["B", " b"]) == "B"
    assert llm_tasks.known_label("x", ["X", "x"]) == "x"


def test_of_overlapping_entities_the_longer_stands() -> None:
    pairs = (("LOC", "York"), ("LOC", "New York"), ("PER", "New York"))
    spans, problems = found("in New York", *pairs)
    assert spans == [("New York", 3, "LOC")]
    assert problems == {llm_tasks.OVERLAP: 2}
    spans, problems = found("in New York", *pairs, overlap=True)
    assert len(spans) == 3
    assert not problems


def test_tokens_of_the_task_decide_what_a_word_is() -> None:
    tokens = [{"start": 0, "end": 3}, {"start": 3, "end": 6}]
    answer = [{"label": "PER", "text": "cat"}]
    spans, _ = spans_of(answer, {"text": "concat", "tokens": tokens}, LABELS, overlap=False)
    assert spans == [{"start": 3, "end": 6, "label": "PER"}]


@pytest.mark.parametrize(
    "answer",
    [
        {"spans": [{"label": "LOC", "text": "Cork"}]},
        {"entities": [{"label": "LOC", "text": "Cork", "start": 99, "end": 3}]},
        [{"label": "LOC", "text": "Cork"}],
        {"LOC": ["Cork"], "PER": []},
    ],
)
def test_shapes_that_models_answer_in(answer: Any) -> None:
    spans, problems = spans_of(answer, {"text": "In Cork"}, LABELS, overlap=False)
    assert spans == [{"start": 3, "end": 7, "label": "LOC"}]
    assert not problems


@pytest.mark.parametrize(
    "answer", [None, 1, "Cork", {"spans": None}, {"spans": [1]}, {"a": 1}, [["LOC", "Cork"]]]
)
def test_other_shapes_are_counted(answer: Any) -> None:
    assert spans_of(answer, {"text": "Cork"}, LABELS, overlap=False) == (
        [],
        {llm_tasks.NO_JSON: 1},
    )


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab c", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["spans", "label", "text", "labels", "PER", "x"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(st.text("ab c\n", max_size=20), _JSON, st.booleans())
def test_whatever_a_model_answers_spans_lie_on_what_it_quotes(
    text: str, answer: Any, overlap: bool
) -> None:
    spans, _ = spans_of(answer, {"text": text}, LABELS, overlap=overlap)
    raw = json.dumps(answer)
    for span in spans:
        assert 0 <= span["start"] < span["end"] <= len(text)
        assert span["label"] in LABELS
        words = text[span["start"] : span["end"]].split()
        assert all(word in raw for word in words)
    if not overlap:
        assert all(a["end"] <= b["start"] for a, b in pairwise(spans))
    classes, _, _ = classes_of(answer, LABELS, exclusive=True)
    assert len(classes) <= 1


@given(st.text(max_size=80))
def test_no_text_breaks_the_search_for_json(text: str) -> None:
    try:
        json.dumps(answer_json(text))
    except TaskError as error:
        assert error.reason == "not-json"


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        'Sure [1]: {"a": 1} and [2].',
        '```json\n{"a": 1}\n```',
        '<think>perhaps {"b": [1, 2, 3, 4, 5]}</think>{"a": 1}',
        '{not this} {"a": 1}',
    ],
)
def test_json_is_found_among_words(text: str) -> None:
    assert answer_json(text) == {"a": 1}


def test_deep_rubbish_is_no_json() -> None:
    with pytest.raises(TaskError):
        answer_json("[" * 200_000)


def test_classes() -> None:
    answer = {"labels": ["per", "LOC", "X"], "reason": "So."}
    assert classes_of(answer, LABELS, exclusive=False) == (
        ["PER", "LOC"],
        "So.",
        {llm_tasks.NO_LABEL: 1},
    )
    found, _, problems = classes_of(answer, LABELS, exclusive=True)
    assert found == ["PER"]
    assert problems == {llm_tasks.NO_LABEL: 1, llm_tasks.TOO_MANY: 1}
    assert classes_of({"label": "LOC"}, LABELS, exclusive=True)[0] == ["LOC"]
    assert classes_of({"labels": [1]}, LABELS, exclusive=True)[2] == {llm_tasks.NO_JSON: 1}


def test_what_was_left_out_is_said_in_words() -> None:
    problems = llm_tasks.Problems({llm_tasks.NO_LABEL: 1, llm_tasks.NOT_THERE: 2})
    assert llm_tasks.said_of(problems) == (
        "left out of the model's answers: 1 label that does not exist,"
        " 2 quotes that are not in the text"
    )
    assert llm_tasks.said_of(llm_tasks.Problems()) == ""


def test_every_problem_has_a_note_that_the_line_below_a_text_has_room_for() -> None:
    kinds = (
        llm_tasks.NO_JSON,
        llm_tasks.NO_LABEL,
        llm_tasks.NOT_THERE,
        llm_tasks.OVERLAP,
        llm_tasks.TOO_MANY,
    )
    for what in kinds:
        assert len(llm_tasks.note_of(llm_tasks.Problems({what: 10}))) < 32
    two = llm_tasks.Problems({llm_tasks.NO_LABEL: 1, llm_tasks.NOT_THERE: 2})
    assert llm_tasks.note_of(two) == "left out: 1 unknown label, 2 absent quotes"
    assert llm_tasks.note_of(llm_tasks.Problems()) == ""
    assert set(llm_tasks._SEVERAL) >= {llm_tasks.NO_JSON, llm_tasks.OVERLAP, llm_tasks.TOO_MANY}


def test_data_in_a_template_is_never_a_place() -> None:
    template = PromptTemplate("$labels: ${text} $$1", ["text", "labels"])
    assert template.filled({"text": "$labels ${labels} $$", "labels": "A"}) == (
        "A: $labels ${labels} $$ $1"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n$txet", r"prompt:2: there is no \$txet.*There are: \$text, \$labels"),
        ("$text costs 5 $", r"prompt:1: a \$ stands alone"),
        ("$labels", r"it has no \$text"),
    ],
)
def test_a_template_that_cannot_be_filled_is_one_line(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        PromptTemplate(text, ["text", "labels"])


def test_templates_in_files(tmp_path: Any) -> None:
    names = ["text", "labels"]
    file = tmp_path / "prompt.txt"
    file.write_text("Mark $labels in $text")
    assert PromptTemplate.read(str(file), "", names).filled({"text": "t", "labels": "L"}) == (
        "Mark L in t"
    )
    file.write_text("{% for label in labels %}{{ text }}")
    with pytest.raises(UsageError, match="template of jinja2"):
        PromptTemplate.read(str(file), "", names)
    with pytest.raises(UsageError, match="cannot be read"):
        PromptTemplate.read(str(tmp_path / "none"), "", names)
    for default in (llm_tasks.SPANS_PROMPT, llm_tasks.CLASSES_PROMPT):
        PromptTemplate(default, ["text", "labels", "examples", "how_many"])
    PromptTemplate(llm_tasks.TERMS_PROMPT, ["topic", "count", "known"])
