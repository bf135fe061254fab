"""Stretching, cutting, splitting, merging, equal strings, proposals, earlier answers."""

from __future__ import annotations

import pytest

from tests.editors.helpers import LABELS, do, editor, found
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.editors.span.reshape import SpreadMemory
from tui_annotate.editors.span.state import FaceFunctions
from tui_annotate.task.spans import Span

pytestmark = pytest.mark.quick

BOTH = pytest.mark.parametrize("overlap", [False, True])


class TestStretch:
    def test_inside_it_cuts_and_outside_it_stretches(self) -> None:
        e = editor()
        do(e, "2 2 2 2 left left stretch")
        assert found(e) == [("Acme Corporation", "ORG")]
        do(e, "right right stretch")
        assert found(e) == [("Acme Corporation of Berlin", "ORG")]
        do(e, "undo undo")
        assert found(e) == [("Acme Corporation of Berlin", "ORG")]

    def test_backwards_and_to_the_nearer(self) -> None:
        e = editor()
        do(e, "1 right right right right right right 2 left left stretch")
        assert found(e) == [("Acme", "PER"), ("said that it", "ORG")]

    def test_the_nearest_may_have_begun_before_another(self) -> None:
        e = editor(overlap=True)
        do(e, "select right right 1 cancel left 2 cancel right right right stretch")
        assert found(e) == [("Acme Corporation of Berlin said", "PER"), ("Corporation", "ORG")]
        do(e, "undo")
        assert found(e) == [("Acme Corporation of", "PER"), ("Corporation", "ORG")]

    def test_says_why_not(self) -> None:
        e = editor()
        assert "no spans" in e.apply("stretch").message
        do(e, "1")
        assert "ends here" in e.apply("stretch").message


class TestSplitAndMerge:
    def test_the_last_token_can_be_split_off_and_has_the_focus(self) -> None:
        e = editor()
        do(e, "2 2 2 split")
        assert found(e) == [("Acme Corporation", "ORG"), ("of", "ORG")]
        assert e.focus == e.spans[1]

    def test_a_part_that_is_there_already_is_not_there_twice(self) -> None:
        e = editor(overlap=True)
        do(e, "2 cancel select right 2 split")
        assert found(e) == [("Acme", "ORG"), ("Corporation", "ORG")]
        do(e, "undo")
        assert found(e) == [("Acme Corporation", "ORG"), ("Acme", "ORG")]

    def test_the_focus_is_meant_before_the_innermost(self) -> None:
        e = editor(overlap=True)
        do(e, "1 cancel select right right 2 cancel left left next_span")
        assert e.focus == e.spans[0] and e.cursor == 0  # with the shorter one under the cursor, too
        do(e, "stretch")
        assert found(e) == [("Acme", "ORG"), ("Acme", "PER")]
        do(e, "undo cancel right right 3 previous_span previous_span select select")
        assert e.focus == e.spans[0] and e.cursor == 2  # adjusting puts the cursor at the end
        do(e, "split")
        assert found(e)[:2] == [("Acme Corporation", "ORG"), ("Acme", "PER")]

    def test_merging_with_what_lies_within_takes_that_out_only(self) -> None:
        e = editor(overlap=True)
        do(e, "select right right 1 cancel left 2 previous_span merge")
        assert found(e) == [("Acme Corporation of", "PER")]
        do(e, "undo")
        assert found(e) == [("Acme Corporation of", "PER"), ("Corporation", "ORG")]

    def test_merge_does_not_reach_over_disabled_tokens(self) -> None:
        tokens = [
            {"text": word, "start": at, "end": at + 1, "id": at, "disabled": word == "b"}
            for at, word in enumerate("abc")
        ]
        e = editor("abc", tokens=tokens)
        do(e, "1 right 2 previous_span")
        assert "disabled" in e.apply("merge").message
        assert found(e) == [("a", "PER"), ("c", "ORG")]

    @BOTH
    def test_are_each_others_inverse(self, overlap: bool) -> None:
        e = editor(overlap=overlap)
        do(e, "2 2 2 left split")
        assert found(e) == [("Acme", "ORG"), ("Corporation of", "ORG")]
        do(e, "left merge")
        assert found(e) == [("Acme Corporation of", "ORG")]
        do(e, "undo undo")
        assert found(e) == [("Acme Corporation of", "ORG")]

    def test_merge_takes_what_lies_between_and_the_first_label(self) -> None:
        e = editor()
        do(e, "1 right right 2 previous_span merge")
        assert found(e) == [("Acme Corporation of", "PER")]

    def test_say_why_not(self) -> None:
        e = editor()
        assert "no span" in e.apply("merge").message
        do(e, "1")
        assert "second part" in e.apply("split").message
        assert "behind" in e.apply("merge").message


class TestEqualStrings:
    TEXT = "Ada met Ada, and Adam saw ada; Ada left"

    def test_are_labelled_in_one_step_as_whole_tokens(self) -> None:
        e = editor(self.TEXT)
        do(e, "1")
        assert "2 more" in e.apply("equal").message
        assert found(e) == [("Ada", "PER")] * 3
        assert e.focus is not None
        assert e.focus.start == 0
        do(e, "undo")
        assert found(e) == [("Ada", "PER")]

    def test_other_spans_stay(self) -> None:
        e = editor(self.TEXT)
        do(e, "right right 2 left left 1 equal")
        assert found(e) == [("Ada", "PER"), ("Ada", "ORG"), ("Ada", "PER")]
        e = editor(self.TEXT, overlap=True)
        do(e, "right right 2 left left 1 equal")
        assert sorted(found(e)) == [("Ada", "ORG"), *[("Ada", "PER")] * 3]

    def test_again_at_once_asks_for_the_rest_of_the_dataset(self) -> None:
        asked: list[tuple[str, str]] = []
        e = editor(self.TEXT)

        def ask(text: str, label: str) -> str:
            asked.append((text, label))
            return "asked"

        e.lend(FaceFunctions(spread=ask))
        do(e, "1 equal flag equal")
        assert asked == []
        assert e.apply("equal").message == "asked"
        assert asked == [("Ada", "PER")]

    def test_strings_that_begin_within_a_token_hide_no_other(self) -> None:
        tokens = [
            {"text": text, "start": at, "end": at + len(text), "id": number}
            for number, (at, text) in enumerate([(0, "aa"), (3, "a"), (4, "aa")])
        ]
        e = editor("aa aaa", tokens=tokens)
        do(e, "1 equal")
        assert [(s.start, s.end) for s in e.spans] == [(0, 2), (4, 6)]

    def test_pressed_once_more_it_is_no_longer_proposed(self) -> None:
        kept: list[tuple[str, str]] = []
        memory = SpreadMemory({"Ada": "PER"}, lambda *pair: kept.append(pair))
        e = SpanEditor({"text": "Ada met Bob."}, LABELS, overlap=False)
        e.lend(FaceFunctions(spread=memory.add, withdraw=memory.withdraw))
        do(e, "1 equal")
        assert [e.apply("equal").message for _ in range(3)] == [
            "this is proposed already",
            "PER is no longer proposed in the tasks to come",
            "PER is proposed in the tasks to come",
        ]
        assert kept == [("Ada", ""), ("Ada", "PER")]
        do(e, "flag equal equal")
        assert list(memory.spans("Ada")) == [Span(0, 3, "PER")]

    def test_memory_proposes_whole_words(self) -> None:
        memory = SpreadMemory({}, lambda *_: None)
        assert "ORG" in memory.add("Ada", "ORG")
        assert memory.add("日本", "LOC")
        assert "already" in memory.add("Ada", "ORG")
        assert list(memory.spans("Adam, Ada's 日本人")) == [Span(6, 9, "ORG"), Span(12, 14, "LOC")]


@pytest.mark.parametrize(
    "command", ["stretch", "split", "merge", "equal", "take_all", "copy_earlier"]
)
def test_what_changes_spans_closes_a_selection(command: str) -> None:
    e = editor(overlap=True)
    e.lend(FaceFunctions(earlier=lambda: [{"start": 20, "end": 26, "label": "LOC"}]))
    e.propose([Span(52, 58, "ORG")])
    do(
        e,
        "right right right right 3 left left left left 1 right 2 2 2 cancel left select right left",
    )
    assert e.selection is not None and e.focus is None
    assert e.apply(command).edited or command == "equal"
    assert e.selection is None


class TestProposals:
    def offered(self, *, overlap: bool = False) -> SpanEditor:
        e = SpanEditor({"text": "Ada met Bob and Cy"}, LABELS, overlap=overlap)
        spans = [Span(0, 3, "PER"), Span(8, 11, "ORG"), Span(16, 18, "PER"), Span(7, 8, "PER")]
        e.propose([*spans, spans[0]])
        return e

    def test_are_not_content_until_they_are_taken(self) -> None:
        e = self.offered()
        assert [s.start for s in e.proposals] == [0, 8, 16]
        assert e.content()["spans"] == []
        do(e, "confirm")
        assert found(e) == [("Ada", "PER")]
        do(e, "next_point delete")
        assert [s.start for s in e.proposals] == [16]
        do(e, "undo undo")
        assert [s.start for s in e.proposals] == [0, 8, 16]
        assert found(e) == []
        do(e, "redo redo")
        assert [s.start for s in e.proposals] == [16]

    def test_what_was_taken_is_no_proposal_again_where_it_is_deleted(self) -> None:
        for taking in ("confirm delete", "take_all next_span delete"):
            e = self.offered()
            do(e, taking)
            assert ("Ada", "PER") not in found(e)
            assert 0 not in [s.start for s in e.proposals]

    def test_a_draft_gets_what_was_asked_for_since_and_nothing_twice(self) -> None:
        e = self.offered()
        do(e, "delete")
        later = SpanEditor({"text": e.text}, LABELS, overlap=False)
        later.restore(e.content(), e.state())
        later.propose([Span(0, 3, "PER"), Span(4, 7, "LOC"), Span(8, 11, "ORG")])
        assert [s.start for s in later.proposals] == [4, 8]  # the first was refused, Cy withdrawn
        do(later, "undo")
        assert [s.start for s in later.proposals] == [0, 4, 8]
        do(later, "take_all undo redo")
        assert [s.start for s in later.spans] == [0, 4, 8]

    def test_none_lie_on_disabled_tokens(self) -> None:
        tokens = [
            {"text": word, "start": at, "end": at + 1, "id": at, "disabled": word == "b"}
            for at, word in enumerate("abc")
        ]
        e = editor("abc", tokens=tokens)
        e.propose([Span(0, 2, "PER"), Span(2, 3, "PER")])
        assert [s.start for s in e.proposals] == [2]

    def test_all_at_once_is_one_step(self) -> None:
        e = self.offered()
        assert "3 taken" in e.apply("take_all").message
        assert len(found(e)) == 3
        do(e, "undo")
        assert found(e) == []
        assert len(e.proposals) == 3
        do(e, "redo")
        assert "nothing" in e.apply("take_all").message

    @BOTH
    def test_labelling_otherwise_closes_them_where_spans_may_not_overlap(
        self, overlap: bool
    ) -> None:
        e = self.offered(overlap=overlap)
        change = e.apply("label", 2)
        assert change.ranges == ((0, 3),)
        assert len(e.proposals) == (3 if overlap else 2)
        do(e, "undo")
        assert len(e.proposals) == 3

    def test_overlapping_ones_give_way_to_the_longer(self) -> None:
        e = SpanEditor({"text": "New York City"}, LABELS, overlap=False)
        e.propose([Span(0, 8, "LOC"), Span(0, 13, "LOC"), Span(4, 8, "PER")])
        do(e, "take_all")
        assert found(e) == [("New York City", "LOC")]


class TestEarlierAnswers:
    def test_what_is_not_in_the_way_is_copied_in_one_step(self) -> None:
        earlier = [{"start": 0, "end": 4, "label": "ORG"}, {"start": 20, "end": 26, "label": "LOC"},
                   {"start": 900, "end": 905, "label": "LOC"}]  # fmt: skip
        e = editor()
        e.lend(FaceFunctions(earlier=lambda: earlier))
        do(e, "1")
        assert "1 copied" in e.apply("copy_earlier").message
        assert found(e) == [("Acme", "PER"), ("Berlin", "LOC")]
        assert "nothing" in e.apply("copy_earlier").message
        do(e, "undo")
        assert found(e) == [("Acme", "PER")]

    def test_without_one(self) -> None:
        e = editor()
        assert "no earlier" in e.apply("copy_earlier").message


def test_label_first_gives_the_picked_label_on_confirm() -> None:
    e = editor()
    e.adapt(letters="fj", label_first=True)
    assert "no label was chosen" in e.apply("confirm").message
    e.apply("pick", 1)
    assert not e.edited
    do(e, "confirm right right select right confirm")
    assert found(e) == [("Acme", "ORG"), ("of Berlin", "ORG")]
    do(e, "delete confirm")  # the label stays picked
    assert found(e) == [("Acme", "ORG"), ("Berlin", "ORG")]
