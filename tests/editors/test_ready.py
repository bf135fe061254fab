"""What is encoded beforehand is what would be encoded later, after any commands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.task.jsonio import Encoded, dumps, dumps_with
from tui_annotate.task.schema import Task
from tui_annotate.task.spans import Aligner, Span
from tui_annotate.task.stored_tokens import with_tokens
from tui_annotate.task.tokenize import tokenize
from tui_annotate.text.wrap import Layout

pytestmark = pytest.mark.quick

TASK: Task = {
    "text": "Acme Corporation of Berlin said it would go to Zürich.",
    "spans": [{"start": 0, "end": 16, "label": "ORG", "score": 0.5}],
    "meta": {"id": 1},
}
COMMANDS = st.sampled_from(
    [
        *[("label", "LOC"), ("label", "ORG"), ("delete", None), ("undo", None), ("redo", None)],
        *[("right", None), ("left", None), ("next_span", None)],
    ]
)


@given(st.lists(COMMANDS, max_size=8))
@settings(max_examples=80, deadline=None)
def test_an_editor_made_ready_has_the_content_of_any_other(
    commands: list[tuple[str, str | None]],
) -> None:
    editors = [SpanEditor(TASK, ["ORG", "LOC"], overlap=False) for _ in range(2)]
    editors[0].make_ready()
    given_spans = editors[1].spans
    for command, argument in commands:
        for editor in editors:
            if editor.can(command):
                editor.apply(command, argument)
    found, wanted = editors[0].content(), editors[1].content()
    assert type(found["tokens"]) is Encoded
    assert (type(found["spans"]) is Encoded) == (editors[0].spans == given_spans)
    assert found == wanted
    assert dumps_with(found) == dumps(wanted)
    assert type(editors[0].content()["tokens"]) is list


def test_labelling_at_the_start_of_a_long_text_asks_for_little_of_it() -> None:
    text = "Acme Corporation of Zürich said that it would go.\n" * 10_000
    editor = SpanEditor({"text": text}, ["ORG", "LOC"], overlap=False)
    rows = Layout(text, 60)
    for command, argument in [
        *[("label", "ORG"), ("right", None), ("select", None), ("right", None), ("label", "LOC")],
        *[("down", None), ("row_end", None), ("next_word", None), ("next_point", None)],
        *[("label", "ORG"), ("undo", None), ("redo", None), ("previous_span", None)],
        *[("delete", None), ("hint", (0, 2000)), ("cancel", None)],
    ]:
        if editor.can(command):
            editor.apply(command, argument, rows)
    state, edits = editor.state(), editor.edits()
    assert len(edits["spans"]) == 2
    assert not editor.tokens.finished and not editor.prepared
    other = SpanEditor({"text": text, **edits}, ["ORG", "LOC"], overlap=False)
    other.restore(edits, state)
    assert other.spans == editor.spans and not other.tokens.finished
    editor.prepare()
    assert editor.prepared
    content = editor.content()
    assert with_tokens(content)["tokens"] == tokenize(text).to_dicts(text)
    assert len(dumps(content)) < 1.5 * len(text)


def test_a_long_text_that_is_written_anew_has_its_tokens_in_short_in_draft_and_answer() -> None:
    text = "Acme Corporation of Zürich said that it would go.\n" * 1_000
    editor = SpanEditor({"text": text}, ["ORG"], overlap=False, rewritable=True)
    editor.apply("rewrite", "Globex")
    for content in (editor.edits(), editor.content()):
        assert "tokens" not in content
        whole = with_tokens(content)
        assert whole["tokens"] == tokenize(whole["text"]).to_dicts(whole["text"])


@given(st.lists(COMMANDS, max_size=8))
@settings(max_examples=80, deadline=None)
def test_a_draft_has_the_spans_as_an_answer_has_them(
    commands: list[tuple[str, str | None]],
) -> None:
    editor = SpanEditor(TASK, ["ORG", "LOC"], overlap=True)
    for command, argument in commands:
        if editor.can(command):
            editor.apply(command, argument)
        wanted = [span.to_dict(editor.tokens) for span in editor.spans]
        assert editor.edits()["spans"] == editor.content()["spans"] == wanted
        editor.content()["spans"].append({})  # whoever gets an answer may change it
        for each in editor.content()["spans"]:
            each.clear()
        assert editor.edits()["spans"] == wanted


def test_a_key_makes_only_the_changed_spans_anew_for_the_draft(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count = 3_000
    spans = [{"start": at, "end": at + 1, "label": "ORG"} for at in range(0, 2 * count, 2)]
    editor = SpanEditor({"text": "a " * count, "spans": spans}, ["ORG", "LOC"], overlap=False)
    editor.prepare_spans()
    made: list[Span] = []
    to_dict = Span.to_dict

    def counting(span: Span, tokens: Aligner | None = None) -> dict[str, Any]:
        made.append(span)
        return to_dict(span, tokens)

    monkeypatch.setattr(Span, "to_dict", counting)
    for command, argument in (("right", None), ("label", "LOC"), ("right", None), ("undo", None)):
        editor.apply(command, argument)
        assert len(editor.edits()["spans"]) == count
    assert len(made) == 2
    editor.make_ready()
    assert len(made) == 2, "so many are encoded where no key waits"
