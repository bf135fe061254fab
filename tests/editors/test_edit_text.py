"""Changing the text under spans: what stands on it moves, every step is undone and taken up."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.editors.helpers import do, found
from tui_annotate.editors.registry import open_task
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.task.spans import Span
from tui_annotate.task.text_change import regions_between, retokenized
from tui_annotate.task.tokenize import Tokens
from tui_annotate.view_settings import problems

pytestmark = pytest.mark.quick

CONFIG = {"labels": ["PER", "ORG", "LOC"], "edit_text": True}
TEXT = "Ilse Aal left Acme in Ulm."
SPANS = [{"start": 0, "end": 8, "label": "PER"}, {"start": 14, "end": 18, "label": "ORG"}]


def opened(view: str = "ner_manual", config: dict[str, Any] | None = None, **task: Any) -> Any:
    made = {"text": TEXT, "spans": SPANS, **task}
    return open_task(made, view, CONFIG if config is None else config)[0]


def taken_up(editor: SpanEditor, view: str = "ner_manual", **task: Any) -> SpanEditor:
    """Return an editor that took up what is begun in another one, through JSON."""
    edits, state = json.loads(json.dumps([editor.edits(), editor.state()]))
    again: SpanEditor = opened(view, **task)
    again.restore({"text": TEXT, "spans": SPANS, **task, **edits}, state)
    return again


class TestRewriting:
    def test_spans_move_and_tokens_are_cut_anew(self) -> None:
        editor = opened()
        do(editor, "right")
        assert editor.piece == (5, 8)
        change = editor.apply("rewrite", "Aalborg-Lund")
        assert change.edited and editor.text == "Ilse Aalborg-Lund left Acme in Ulm."
        assert found(editor) == [("Ilse Aalborg-Lund", "PER"), ("Acme", "ORG")]
        content = editor.content()
        assert content["text"] == editor.text and content["_original_text"] == TEXT
        for token in content["tokens"]:
            assert editor.text[token["start"] : token["end"]] == token["text"]
        org = content["spans"][1]
        assert content["tokens"][org["token_start"]]["text"] == "Acme"

    def test_what_is_taken_out_takes_a_blank_along_and_its_span_is_told(self) -> None:
        editor = opened()
        do(editor, "right right right")
        change = editor.apply("rewrite", "")
        assert editor.text == "Ilse Aal left in Ulm." and found(editor) == [("Ilse Aal", "PER")]
        assert change.message == "ORG on 'Acme' is gone"
        change = editor.apply("undo")
        assert change.message == "the text is as it was before"
        assert editor.text == TEXT and len(editor.spans) == 2 and not editor.edited

    def test_a_span_that_is_cut_is_told(self) -> None:
        editor = opened()
        do(editor, "right select right")
        change = editor.apply("rewrite", "vanished")
        assert change.message == "PER on 'Ilse Aal' was cut to 'Ilse'"
        assert found(editor) == [("Ilse", "PER"), ("Acme", "ORG")]

    def test_the_like_is_not_mixed_up(self) -> None:
        editor = opened(text="the the cat", spans=[{"start": 4, "end": 7, "label": "PER"}])
        assert editor.apply("rewrite", "").message == "" and editor.text == "the cat"
        assert found(editor) == [("the", "PER")]

    def test_a_selection_and_a_focused_span_are_written_anew_as_a_whole(self) -> None:
        editor = opened()
        do(editor, "next_span")
        assert editor.piece == (0, 8)
        editor.apply("rewrite", "She")
        assert found(editor) == [("She", "PER"), ("Acme", "ORG")] and editor.focus is not None

    def test_spans_that_come_to_lie_on_one_word_are_told_where_they_may_not_overlap(self) -> None:
        spans = [{"start": 0, "end": 2, "label": "PER"}, {"start": 3, "end": 5, "label": "ORG"}]
        for view, left in (("ner_manual", 1), ("spans_manual", 2)):
            editor = opened(view, text="ab-cd", spans=spans)
            do(editor, "right")
            message = editor.apply("rewrite", "x").message
            assert len(editor.spans) == left and bool(message) == (left == 1)

    def test_tokens_of_the_task_stay_outside_of_what_was_changed(self) -> None:
        text, size = "ab-cd ef gh", 2
        tokens = [{"start": 0, "end": 5, "text": "ab-cd", "id": 0, "ws": True, "pos": "X"}]
        tokens += [{"start": 6, "end": 8, "id": 1}, {"start": 9, "end": 11, "id": 2, "pos": "Y"}]
        editor = opened(text=text, spans=[], tokens=tokens)
        do(editor, "right")
        editor.apply("rewrite", "some more")
        new = editor.content()["tokens"]
        assert new[0] == tokens[0] and new[-1] == {"start": 16, "end": 18, "id": 3, "pos": "Y"}
        assert [each["text"] for each in new[1:-1]] == ["some", "more"] and len(new) == size + 2

    def test_disabled_tokens_stay_disabled(self) -> None:
        tokens = [{"start": 0, "end": 1, "disabled": True}, {"start": 2, "end": 3}]
        editor = opened(text="a b", spans=[], tokens=tokens)
        editor.apply("rewrite", "longer")
        assert editor.text == "a longer" and editor.disabled == ((0, 1),)
        assert editor.cursor_range == (2, 8)

    def test_relations_move_or_are_told(self) -> None:
        relations = [{"head": 1, "child": 3, "label": "from"}]
        editor = opened(relations=relations)
        editor.apply("rewrite", "Big Ilse")
        assert editor.content()["relations"] == [{"head": 2, "child": 4, "label": "from"}]
        do(editor, "right right")
        assert "a relation from is gone" in editor.apply("rewrite", "").message
        assert editor.content()["relations"] == [] and relations[0]["head"] == 1
        do(editor, "undo undo")
        assert editor.content()["relations"] == relations

    def test_without_the_setting_nothing_can_be_changed(self) -> None:
        editor = opened(config={"labels": ["PER"]})
        assert editor.piece is None and not editor.can("rewrite")
        assert "rewritable" not in editor.context()
        change = editor.apply("rewrite", "other")
        assert "edit_text" in change.message and not change.edited and editor.text == TEXT
        assert "text" not in editor.edits() and "_original_text" not in editor.content()

    def test_an_answer_that_is_opened_again_knows_how_the_task_came(self) -> None:
        editor = opened()
        editor.apply("rewrite", "Else")
        answer = editor.content()
        again = open_task(answer, "ner_manual", CONFIG)[0]
        again.apply("rewrite", "Olga")
        assert again.content()["_original_text"] == TEXT
        again.apply("rewrite", "Ilse")
        assert again.content()["text"] == TEXT and "_original_text" not in again.content()

    def test_characters_stay_characters(self) -> None:
        editor = opened(config={**CONFIG, "highlight_chars": True})
        editor.apply("rewrite", "Els")
        assert editor.text == "Elslse Aal left Acme in Ulm."
        assert found(editor) == [("Elslse Aal", "PER"), ("Acme", "ORG")]
        assert len(editor.tokens) == len(editor.text)

    def test_a_draft_is_kept_where_the_setting_is_taken_away(self) -> None:
        editor = opened()
        editor.apply("rewrite", "Else")
        again = opened(config={"labels": ["PER"]})
        again.restore({"text": TEXT, "spans": SPANS, **editor.edits()}, editor.state())
        assert again.text == editor.text and again.notes == ()

    def test_a_draft_for_another_text_is_not_taken_up(self) -> None:
        editor = opened(text="Something else")
        editor.apply("rewrite", "Nothing")
        again = opened()
        again.restore({"text": TEXT, "spans": SPANS, **editor.edits()}, editor.state())
        assert again.text == TEXT and "another text" in again.notes[0]

    def test_an_empty_text_can_be_filled(self) -> None:
        editor = opened(text="", spans=[])
        editor.apply("rewrite", "words now")
        assert editor.text == "words now" and len(editor.tokens) == 2


class TestBlocks:
    BLOCKS: ClassVar = [{"view_id": "choice", "text": None}, {"view_id": "ner_manual"}]

    def test_the_text_is_changed_in_a_block(self) -> None:
        config = {**CONFIG, "blocks": self.BLOCKS}
        editor = opened("blocks", config, options=[{"id": 1, "text": "one"}])
        editor.apply("label", 0)
        editor.apply("next_part")
        assert "rewritable" in editor.context() and editor.text_editor.piece == (0, 4)
        editor.apply("rewrite", "Else")
        content = editor.content()
        assert content["text"] == "Else Aal left Acme in Ulm." and content["accept"] == [1]
        assert content["_original_text"] == TEXT and content["tokens"][0]["text"] == "Else"
        edits, state = json.loads(json.dumps([editor.edits(), editor.state()]))
        again = opened("blocks", config, options=[{"id": 1, "text": "one"}])
        again.restore({**again.task, **edits}, state)
        assert again.content() == content
        again.apply("undo")
        assert again.content()["text"] == TEXT and "_original_text" not in again.content()

    def test_a_text_that_is_as_it_came_again_is_no_longer_told(self) -> None:
        config = {**CONFIG, "blocks": self.BLOCKS[1:]}
        answer = {"text": "Else Aal left Acme in Ulm.", "_original_text": TEXT}
        block = opened("blocks", config, **answer)
        page = opened("pages", {**CONFIG, "page_view_id": "ner_manual"}, pages=[answer])
        for editor in (block, page):
            editor.apply("rewrite", "Ilse")
        for content in (block.content(), page.content()["pages"][0]):
            assert content["text"] == TEXT and "_original_text" not in content

    def test_no_other_block_may_stand_on_the_text(self) -> None:
        blocks: list[dict[str, Any]] = [{"view_id": "ner_manual", "edit_text": True}]
        blocks.append({"view_id": "ner", "spans": []})
        assert "edit_text" in problems({"blocks": blocks})["blocks"]
        blocks[0]["edit_text"] = False
        assert "'text'" not in problems({"blocks": blocks}).get("blocks", "")

    def test_the_setting_is_true_or_false(self) -> None:
        assert "edit_text" in problems({"edit_text": "yes"})


WRITTEN = st.sampled_from(["", "a", "Acme", "two words", "x-y", "e\u0301", "日本", " ", "l'a", "."])
STEP = st.one_of(
    st.tuples(st.just("rewrite"), WRITTEN),
    st.tuples(st.just("label"), st.integers(0, 2)),
    st.tuples(
        st.sampled_from(
            ["left", "right", "select", "next_span", "delete", "undo", "redo", "cancel", "stretch"]
        ),
        st.none(),
    ),
)
TEXTS = st.sampled_from([TEXT, "", "a", "Acme Corp of Ulm.\nIt sold\n\n Globex", "日本の会社 Acme"])
GIVEN = st.booleans()


def legal(editor: SpanEditor) -> None:
    """Everything of the answer fits its text."""
    content = editor.content()
    tokens = Tokens.from_dicts(content["text"], content["tokens"])
    for span in content["spans"]:
        over = tokens.covering(span["start"], span["end"])
        assert over == (span["token_start"], span["token_end"])
    for link in content["relations"]:
        assert 0 <= link["head"] < len(tokens) and 0 <= link["child"] < len(tokens)
    if not editor.overlap:
        spans = sorted(Span.from_dict(each) for each in content["spans"])
        assert all(a.end <= b.start for a, b in pairwise(spans))
    assert 0 <= editor.cursor < max(1, len(tokens))
    if editor.focus is not None:
        over = tokens.covering(editor.focus.start, editor.focus.end)
        assert over is not None and over[0] <= editor.cursor <= over[1]


@settings(deadline=None)
@given(text=TEXTS, steps=st.lists(STEP, max_size=14), overlap=st.booleans(), own=GIVEN)
@example(
    text=TEXT, steps=[("rewrite", ""), ("undo", None), ("redo", None)], overlap=False, own=True
)
@example(text="a", steps=[("rewrite", ""), ("rewrite", "a")], overlap=False, own=True)
@example(
    text="Acme Corp of Ulm.\nIt sold\n\n Globex",
    steps=[("label", 0), ("rewrite", "two words"), ("rewrite", "Acme")],
    overlap=False,
    own=True,
)
@example(
    text=TEXT,
    steps=[
        ("rewrite", "words"),
        ("label", 0),
        ("rewrite", "two words"),
        ("stretch", None),
    ],
    overlap=False,
    own=False,
)
def test_all_steps_are_legal_are_undone_and_survive_a_kill(
    text: str, steps: list[tuple[str, Any]], overlap: bool, own: bool
) -> None:
    view = "spans_manual" if overlap else "ner_manual"
    size = len(text.split())
    task: dict[str, Any] = {"text": text, "spans": []}
    words = [(0, 0)] if not text else []
    at = 0
    for word in text.split():
        at = text.index(word, at)
        words.append((at, at + len(word)))
        at += len(word)
    if own and text:
        task["tokens"] = [{"start": a, "end": b, "mine": a} for a, b in words]
    task["relations"] = [{"head": 0, "child": size - 1, "label": "r"}] if own and size > 1 else []
    editor: Any = opened(view, **task)
    before = editor.content()
    for command, argument in steps:
        editor.apply(command, argument)
        legal(editor)
        again = taken_up(editor, view, **task)
        assert again.notes == () and again.content() == editor.content()
        assert again.state() == editor.state()
    contents = [editor.content()]
    again = taken_up(editor, view, **task)
    while editor.can("undo"):
        editor.apply("undo")
        again.apply("undo")
        assert again.content() == editor.content()
        contents.append(editor.content())
    assert editor.content() == before
    for content in contents[-2::-1]:
        if editor.can("redo"):
            editor.apply("redo")
            again.apply("redo")
            assert again.content() == editor.content()
            assert content["text"] is not None


@settings(deadline=None)
@given(st.lists(st.sampled_from(["ab", "c", "-", " ", "é"]), max_size=8).map("".join), st.data())
def test_tokens_that_were_given_stay_where_nothing_changed(old: str, data: Any) -> None:
    start = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(start, len(old)))
    new = old[:start] + data.draw(WRITTEN) + old[end:]
    regions = regions_between(old, new)
    if not regions:
        return
    dicts = [{"start": i, "end": i + 1, "id": i} for i in range(len(old))]
    tokens = retokenized(Tokens.from_dicts(old, dicts), old, new, regions)
    grown = len(new) - len(old)
    kept = {(i, i + 1) for i in range(len(old)) if i + 1 <= regions[0].start}
    kept |= {(i + grown, i + 1 + grown) for i in range(len(old)) if i >= regions[-1].end}
    assert kept <= set(tokens)
    assert [each["id"] for each in tokens.to_dicts(new) if "id" in each] == [*range(len(tokens))]
