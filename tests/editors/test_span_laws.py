from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.editors.helpers import LABELS, FixedRows
from tui_annotate.editors.base import Change
from tui_annotate.editors.span.commands import ON_TASK, ON_TOKENS
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.editors.span.state import FaceFunctions
from tui_annotate.task.spans import Span

pytestmark = pytest.mark.quick

TEXTS = st.sampled_from(
    [
        "Acme Corp of Berlin.\nIt sold Globex, to the Chen family\n\n and left.",
        "one",
        "日本の会社 Acme は東京にある。\n👩‍👩‍👧 e\u0301 x",
        "",
    ]
)
SEARCHED = st.sampled_from(["", "a", "ac", "O", "社", "é", "[", "(a|b)+", "."])
ASKING = ["find", "hint", "search", "search_exact", "search_regex"]
NAMES = sorted({*ON_TOKENS, *ON_TASK} - {"label", "comment", "pick", *ASKING})
STEP = st.one_of(
    st.tuples(st.just("label"), st.integers(0, 3)),
    st.tuples(st.just("label"), st.integers(0, 1)),
    st.tuples(st.just("comment"), st.sampled_from(["", "odd"])),
    st.tuples(st.sampled_from(["left", "right", "select", "next_span", "delete"]), st.none()),
    st.tuples(st.sampled_from(ASKING), SEARCHED),
    st.tuples(st.just("hint"), st.sampled_from("fjds")),
    st.tuples(st.sampled_from(["next_point", "take_all", "equal", "confirm"]), st.none()),
    st.tuples(st.sampled_from(NAMES), st.none()),
)
STEPS = st.lists(STEP, max_size=40)
EDITS_ONLY = st.lists(STEP.filter(lambda s: s[0] not in ("undo", "redo")), max_size=30)
SPANS = st.lists(
    st.fixed_dictionaries(
        {"start": st.integers(-2, 80), "end": st.integers(-2, 80), "label": st.sampled_from("XY")},
        optional={"score": st.floats(0, 1), "text": st.text(max_size=2)},
    ),
    max_size=6,
)


OFFERED = [Span(0, 4, "ORG"), Span(2, 9, "PER"), Span(5, 6, "LOC"), Span(16, 30, "PER")]
EARLIER = [{"start": 0, "end": 1, "label": "LOC"}, {"start": 4, "end": 9, "label": "ORG"}]


def make(
    text: str, spans: list[dict[str, Any]], overlap: bool, characters: bool = False
) -> SpanEditor:
    task = {"text": text, "spans": spans}
    editor = SpanEditor(task, LABELS, overlap=overlap, characters=characters)
    editor.lend(
        FaceFunctions(earlier=lambda: EARLIER, spread=lambda text, label: f"{label}: {text}")
    )
    editor.propose(OFFERED)
    return editor


def run(editor: SpanEditor, steps: list[tuple[str, Any]]) -> list[Change]:
    rows = FixedRows(editor.text, 11)
    return [editor.apply(command, argument, rows) for command, argument in steps]


def check(editor: SpanEditor) -> None:
    text, tokens = editor.text, editor.tokens
    spans = editor.spans
    assert list(spans) == sorted(spans)
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert tokens.covering(span.start, span.end) is not None
    if not editor.overlap:
        assert all(a.end <= b.start for a, b in pairwise(spans))
    assert 0 <= editor.cursor < max(len(tokens), 1)
    assert editor.focus is None or editor.focus in spans
    if editor.selection is not None:
        assert tokens.covering(*editor.selection) is not None
    for proposal in editor.proposals:
        assert tokens.covering(proposal.start, proposal.end) is not None
        in_the_way = [s for s in spans if s.start < proposal.end and proposal.start < s.end]
        assert not in_the_way or editor.overlap
        assert proposal not in spans
    assert all(tokens.covering(start, end) is not None for start, end in editor.marks)
    assert all(tokens.snap(offset, offset + 1) is not None for offset in editor.hints)
    assert all(0 <= a < b <= len(text) for a, b in editor._state.dirty)


def looks(editor: SpanEditor) -> list[tuple[Any, ...]]:
    """What is drawn at each code point."""

    def inside(at: int, extent: tuple[int, int] | None) -> bool:
        return extent is not None and extent[0] <= at < extent[1]

    focus, hints = editor.focus, editor.hints
    return [
        (
            [(s.start, s.end, s.label, s == focus) for s in editor.spans if s.start <= at < s.end],
            inside(at, editor.cursor_range),
            inside(at, editor.selection),
            any(inside(at, mark) for mark in editor.marks),
            [(s.label, s.start, s.end) for s in editor.proposals if s.start <= at < s.end],
            [word for offset, word in hints.items() if offset <= at < offset + len(word)],
        )
        for at in range(len(editor.text))
    ]


@given(TEXTS, SPANS, st.booleans(), STEPS)
@settings(max_examples=100, deadline=None)
def test_whatever_looks_different_is_in_the_ranges(
    text: str, spans: list[dict[str, Any]], overlap: bool, steps: list[tuple[str, Any]]
) -> None:
    editor = make(text, spans, overlap)
    old = looks(editor)
    for step in steps:
        cursor = editor.cursor
        (change,) = run(editor, [step])
        new = looks(editor)
        told = {at for start, end in change.ranges for at in range(start, end)}
        assert {at for at in range(len(text)) if old[at] != new[at]} <= told
        assert change.moved == (editor.cursor != cursor)
        old = new


@given(TEXTS, SPANS, st.booleans(), st.booleans(), STEPS)
@settings(max_examples=200, deadline=None)
def test_any_commands_leave_valid_spans(
    text: str,
    spans: list[dict[str, Any]],
    overlap: bool,
    characters: bool,
    steps: list[tuple[str, Any]],
) -> None:
    editor = make(text, spans, overlap, characters)
    check(editor)
    for step in steps:
        before = editor.content()
        (change,) = run(editor, [step])
        check(editor)
        if not change.edited:
            assert editor.content() == before
        assert list(change.ranges) == sorted(change.ranges)


@given(TEXTS, SPANS, st.booleans(), EDITS_ONLY)
@settings(max_examples=150, deadline=None)
def test_undo_of_everything_restores_everything_and_redo_is_its_inverse(
    text: str, spans: list[dict[str, Any]], overlap: bool, steps: list[tuple[str, Any]]
) -> None:
    editor = make(text, spans, overlap)
    contents = [editor.content()]
    offered = [editor.proposals]
    run(editor, [*steps, ("redo", None)])  # closes an open selection; there is nothing to redo
    last = editor.content()
    while editor.edited:
        editor.apply("undo")
        contents.append(editor.content())
    assert contents[-1] == contents[0]
    assert editor.proposals == offered[0]
    for expected in [*reversed(contents[1:-1]), last][: len(contents) - 1]:
        editor.apply("redo")
        assert editor.content() == expected
    assert not editor.can("redo")


@given(TEXTS, SPANS, st.booleans(), STEPS, STEPS)
@settings(max_examples=150, deadline=None)
def test_a_restored_draft_behaves_like_the_editor_it_was_taken_from(
    text: str,
    spans: list[dict[str, Any]],
    overlap: bool,
    steps: list[tuple[str, Any]],
    further: list[tuple[str, Any]],
) -> None:
    editor = make(text, spans, overlap)
    run(editor, [*steps, ("flag", None), ("flag", None), ("undo", None)])
    content, state = json.loads(json.dumps([editor.content(), editor.state()]))
    other = make(text, spans, overlap)
    notes = other.notes
    other.restore(content, state)
    assert other.notes == notes
    assert (other.cursor, other.focus, other.selection) == (
        editor.cursor, editor.focus, editor.selection
    )  # fmt: skip
    assert other.proposals == editor.proposals
    assert other.last_edit == editor.last_edit
    assert (other.edited, other.touched) == (editor.edited, editor.touched)
    assert other.can("redo") == editor.can("redo")
    assert run(other, further) == run(editor, further)
    assert other.content() == editor.content()


@given(STEPS, st.data())
@settings(max_examples=100, deadline=None)
def test_a_broken_state_never_crashes(steps: list[tuple[str, Any]], data: st.DataObject) -> None:
    editor = make("Acme Corp of Berlin", [], True)
    run(editor, steps)
    content, state = editor.content(), editor.state()
    key = data.draw(st.sampled_from(sorted(state)))
    junk: Any = data.draw(
        st.sampled_from([None, -1, 10**9, "x", [], {}, [1], [[9, 9, "x", 1, {}]]])
    )
    other = make("Acme Corp of Berlin", [], True)
    other.restore(content, {**state, key: junk})
    assert [s.label for s in other.spans] == [s.label for s in editor.spans]
    check(other)
    run(other, [("undo", None), ("redo", None), ("label", 0), ("undo", None)] * 3)
    check(other)


def test_steps_that_do_not_fit_the_content_are_dropped() -> None:
    editor, other = make("one two", [], False), make("one two", [], False)
    run(editor, [("label", 0), ("right", None), ("label", 1)])
    state = editor.state()
    state["undo"].pop()
    state["undo"].append({**state["undo"][0], "in": [[0, 1, "PER", 9, {}]]})
    other.restore(editor.content(), state)
    assert not other.can("undo")
    assert other.edited
    assert other.notes
    assert other.spans == editor.spans
    assert other.cursor == 1


def test_a_draft_of_another_text_is_not_taken_up() -> None:
    editor, other = make("one two", [], False), make("three", [], False)
    editor.apply("label", 0)
    other.restore(editor.content(), editor.state())
    assert other.spans == ()
    assert "another text" in other.notes[-1]


def test_history_is_bounded_and_says_so() -> None:
    editor = make("one two", [], False)
    for _ in range(300):
        run(editor, [("label", 0), ("delete", None)])
    state = editor.state()
    assert len(state["undo"]) == 50
    assert state["lost"]
    other = make("one two", [], False)
    other.restore(editor.content(), state)
    while other.can("undo"):
        other.apply("undo")
    assert other.edited


PLACED = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(0, 1)), max_size=8)


@given(PLACED, st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_newer_span_takes_the_place_of_all_it_touches_and_undo_brings_them_back(
    placed: list[tuple[int, int, int]], characters: bool
) -> None:
    # one code point a token, so that spans of one code point meet at every edge
    editor = make("abcdefghij" if characters else "!?!?!?!?!?", [], False, characters)
    model: set[tuple[int, int, str]] = set()
    models = [model]
    for start, more, label in placed:
        moves = ["right", *["left"] * 10, *["right"] * start, "select", *["right"] * more]
        run(editor, [(move, None) for move in moves] + [("label", label)])
        end = start + more + 1
        there = {span for span in model if span[0] >= end or span[1] <= start}
        model = there | {(start, end, LABELS[label])}
        assert {(s.start, s.end, s.label) for s in editor.spans} == model
        models += [model] if model != models[-1] else []
    for expected in reversed(models[:-1]):
        editor.apply("undo")
        assert {(s.start, s.end, s.label) for s in editor.spans} == expected
    assert not editor.edited
