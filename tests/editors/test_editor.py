from __future__ import annotations

import json
from typing import Any

import pytest

from tests.editors.helpers import LABELS, TEXT, FixedRows, do, editor, found
from tui_annotate.editors.base import difference, merged
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.errors import TaskError

pytestmark = pytest.mark.quick


class TestLabel:
    def test_a_digit_labels_the_token_under_the_cursor(self) -> None:
        e = editor()
        change = e.apply("label", 1)
        assert found(e) == [("Acme", "ORG")]
        assert change.edited
        assert change.ranges == ((0, 4),)
        assert e.focus == e.spans[0]

    def test_the_same_key_again_at_once_takes_in_the_next_token(self) -> None:
        e = editor()
        do(e, "2 2")
        assert found(e) == [("Acme Corporation", "ORG")]
        assert e.cursor == 1
        do(e, "right left 2")
        assert ("Acme Corporation", "ORG") not in found(e)

    def test_at_once_ends_with_any_other_command(self) -> None:
        e = editor()
        do(e, "2 flag 2")
        assert found(e) == [("Acme", "ORG")]

    def test_growing_stops_at_the_last_token(self) -> None:
        e = editor("Acme")
        do(e, "2")
        assert "no token" in e.apply("label", 1).message
        assert found(e) == [("Acme", "ORG")]

    def test_another_digit_relabels_the_focus(self) -> None:
        e = editor()
        do(e, "2 2 1")
        assert found(e) == [("Acme Corporation", "PER")]

    def test_a_selection_is_labelled_and_closed(self) -> None:
        e = editor()
        do(e, "right select right right 3")
        assert found(e) == [("Corporation of Berlin", "LOC")]
        assert e.selection is None

    def test_backward_selection_and_other_end(self) -> None:
        e = editor()
        do(e, "right right select left other_end right 3")
        assert found(e) == [("Corporation of Berlin", "LOC")]

    def test_labelling_leaves_the_cursor_at_the_end_it_was_at(self) -> None:
        e = editor()
        do(e, "right right select left 1")
        assert found(e) == [("Corporation of", "PER")] and e.cursor == 1
        do(e, "1")
        assert found(e) == [("Corporation of Berlin", "PER")] and e.cursor == 3
        do(e, "undo")
        assert e.cursor == 1 and e.focus == e.spans[0]

    def test_by_name_and_unknown_labels(self) -> None:
        e = editor()
        e.apply("label", "LOC")
        assert found(e) == [("Acme", "LOC")]
        for argument in ("NOPE", 3, -1, None):
            change = e.apply("label", argument)
            assert change.message
            assert not change.edited
        assert "no labels" in SpanEditor({"text": "x"}, (), overlap=False).apply("label", 0).message

    def test_more_than_ten_labels(self) -> None:
        e = SpanEditor({"text": "x y"}, [f"L{n}" for n in range(200)], overlap=False)
        e.apply("label", 150)
        assert found(e) == [("x", "L150")]

    def test_a_label_that_is_there_already_makes_no_step(self) -> None:
        for overlap in (False, True):
            e = editor(overlap=overlap)
            do(e, "2 right left")
            change = e.apply("label", 1)
            assert (change.edited, found(e)) == (False, [("Acme", "ORG")])
            assert "already" in change.message
            do(e, "undo")
            assert not e.edited

    def test_confirm_gives_the_last_label(self) -> None:
        e = editor()
        do(e, "select")
        assert "no label" in e.apply("confirm").message
        assert e.selection is not None
        do(e, "cancel 2 right right select right confirm")
        assert found(e) == [("Acme", "ORG"), ("of Berlin", "ORG")]


class TestOverlap:
    def test_the_newer_span_wins_and_one_undo_brings_the_old_ones_back(self) -> None:
        e = editor()
        do(e, "1 right 2 left select right right 3")
        assert found(e) == [("Acme Corporation of", "LOC")]
        e.apply("undo")
        assert found(e) == [("Acme", "PER"), ("Corporation", "ORG")]

    def test_growing_over_a_neighbour(self) -> None:
        e = editor()
        do(e, "right 1 left 2 2")
        assert found(e) == [("Acme Corporation", "ORG")]
        e.apply("undo")
        assert found(e) == [("Acme", "ORG"), ("Corporation", "PER")]

    def test_neighbours_that_only_touch_stay(self) -> None:
        e = editor("Berlin.")
        do(e, "1 right 2 left left")
        assert found(e) == [("Berlin", "PER"), (".", "ORG")]
        do(e, "delete")
        assert found(e) == [(".", "ORG")]

    def test_nested_and_equal_spans_where_allowed(self) -> None:
        e = editor(overlap=True)
        do(e, "select right 2 left right 1 left right 3")
        assert found(e) == [("Acme Corporation", "ORG"), ("Corporation", "LOC"),
                            ("Corporation", "PER")]  # fmt: skip

    def test_relabelling_into_a_twin_leaves_one(self) -> None:
        e = editor(overlap=True)
        do(e, "1 right left 2")
        assert found(e) == [("Acme", "ORG"), ("Acme", "PER")]
        assert e.apply("label", 0).message == "now one with the PER that was here"
        assert found(e) == [("Acme", "PER")]
        assert e.focus == e.spans[0]
        do(e, "undo")
        assert found(e) == [("Acme", "ORG"), ("Acme", "PER")]

    def test_delete_without_focus_takes_the_innermost_then_the_newest(self) -> None:
        e = editor(overlap=True)
        do(e, "select right 2 left 1 right left 3 right left")
        do(e, "delete")
        assert found(e) == [("Acme Corporation", "ORG"), ("Acme", "PER")]
        do(e, "delete")
        assert found(e) == [("Acme Corporation", "ORG")]
        do(e, "delete")
        assert found(e) == []
        assert "no span" in e.apply("delete").message


class TestRanges:
    def test_difference(self) -> None:
        assert merged(difference((0, 4), (0, 9))) == ((4, 9),)
        assert merged(difference((5, 9), (0, 9))) == ((0, 5),)
        assert merged(difference((0, 4), (2, 9))) == ((0, 2), (4, 9))
        assert merged(difference((0, 4), (6, 9))) == ((0, 4), (6, 9))
        assert merged(difference(None, (6, 9))) == ((6, 9),)
        assert merged(difference((6, 9), (6, 9))) == ()

    def test_selecting_backwards_shows_the_blank_between(self) -> None:
        e = editor()
        do(e, "right right select")
        assert e.apply("left").ranges == ((5, 19),)


class TestFocus:
    def test_next_and_previous_run_round(self) -> None:
        e = editor()
        do(e, "2 right right right 3 left left left")
        assert e.focus is None
        do(e, "next_span")
        assert e.focus == e.spans[0]
        do(e, "next_span")
        assert e.focus == e.spans[1]
        assert e.apply("next_span").message
        assert e.focus == e.spans[0]
        e.apply("previous_span")
        assert e.focus == e.spans[1]

    def test_every_span_is_reached_with_nesting(self) -> None:
        extents = [(0, 16, "ORG"), (0, 4, "PER"), (0, 4, "LOC"), (20, 26, "LOC")]
        spans = [{"start": s, "end": e, "label": label} for s, e, label in extents]
        e = editor(overlap=True, spans=spans)
        seen = []
        for _ in spans:
            e.apply("next_span")
            seen.append(e.focus)
        assert tuple(seen) == e.spans
        for _ in spans[1:]:
            e.apply("previous_span")
        assert e.focus == e.spans[0]

    def test_the_focus_goes_when_the_cursor_moves(self) -> None:
        e = editor()
        do(e, "2")
        change = e.apply("right")
        assert e.focus is None
        assert change.moved
        assert not change.edited
        assert change.ranges == ((0, 4), (5, 16))

    def test_without_spans(self) -> None:
        e = editor()
        assert e.apply("next_span").message
        assert e.focus is None

    def test_escape_drops_the_focus(self) -> None:
        e = editor()
        do(e, "2 cancel 1")
        assert found(e) == [("Acme", "PER")]
        assert not e.apply("cancel").edited


class TestAdjust:
    def test_either_end_and_one_undo(self) -> None:
        e = editor()
        do(e, "right 2 select right right other_end left")
        assert found(e) == [("Acme Corporation of Berlin", "ORG")]
        assert e.adjusting
        do(e, "confirm")
        assert e.selection is None
        do(e, "undo")
        assert found(e) == [("Corporation", "ORG")]
        assert e.cursor == 1
        do(e, "redo")
        assert found(e) == [("Acme Corporation of Berlin", "ORG")]

    def test_spans_in_the_way_for_a_moment_come_back(self) -> None:
        e = editor()
        do(e, "right right 1 left left 2 select right right")
        assert found(e) == [("Acme Corporation of", "ORG")]
        do(e, "left")
        assert found(e) == [("Acme Corporation", "ORG"), ("of", "PER")]
        do(e, "left")
        assert found(e) == [("Acme", "ORG"), ("of", "PER")]
        do(e, "undo undo")
        assert found(e) == [("of", "PER")]

    def test_cancel_puts_the_span_back(self) -> None:
        e = editor()
        do(e, "2 select right right cancel")
        assert found(e) == [("Acme", "ORG")]
        assert not e._state.history.redoable

    def test_shift_arrows_begin_by_themselves(self) -> None:
        e = editor()
        do(e, "select_right select_right 2 select_left")
        assert found(e) == [("Acme Corporation", "ORG")]
        do(e, "1")
        assert found(e) == [("Acme Corporation", "PER")]

    def test_the_text_key_follows_and_others_stay(self) -> None:
        span = {"start": 0, "end": 4, "label": "ORG", "text": "Acme", "score": 0.5, "who": [1]}
        e = editor(spans=[span])
        do(e, "next_span select right confirm")
        (after,) = e.content()["spans"]
        assert after["text"] == "Acme Corporation"
        assert after["who"] == [1]
        assert "score" not in after


class TestUndo:
    def test_cursor_and_focus_come_back(self) -> None:
        e = editor()
        do(e, "right right 2 right delete right right")
        do(e, "undo")
        assert e.cursor == 2
        assert not e.spans
        assert not e.edited
        assert e.touched

    def test_an_open_selection_goes_first(self) -> None:
        e = editor()
        do(e, "2 right right select right")
        assert e.can("undo")
        do(e, "undo")
        assert found(e) == [("Acme", "ORG")]
        assert e.selection is None

    def test_nothing_to_undo(self) -> None:
        e = editor()
        assert not e.can("undo")
        assert e.apply("undo").message
        assert e.apply("redo").message
        assert not e.touched

    def test_a_new_edit_forgets_what_could_be_redone(self) -> None:
        e = editor()
        do(e, "2 undo 1")
        assert not e.can("redo")

    def test_flag_and_comment_are_steps(self) -> None:
        e = editor()
        e.apply("flag")
        e.apply("comment", "odd")
        assert not e.apply("comment", "odd").edited
        assert (e.flagged, e.comment, e.edited) == (True, "odd", True)
        content = e.content()
        assert content["flagged"] is True
        assert content["_comment"] == "odd"
        do(e, "undo undo")
        assert (e.flagged, e.comment) == (False, "")
        assert not {"flagged", "_comment"} & e.content().keys()

    def test_flag_and_comment_are_told_when_they_come_and_go(self) -> None:
        e = editor()
        assert e.apply("comment", "hm").message == "comment kept"
        assert e.apply("flag").message == "flagged"
        assert [e.apply("undo").message for _ in range(3)] == [
            "no longer flagged", "no comment any more", "there is nothing to undo"
        ]  # fmt: skip
        assert [e.apply("redo").message for _ in range(2)] == ["comment kept", "flagged"]

    def test_a_flag_that_the_task_brings_can_be_taken_back(self) -> None:
        e = editor(flagged=True, comment="of the source")
        assert e.flagged
        e.apply("flag")
        content = e.content()
        assert "flagged" not in content
        assert content["comment"] == "of the source"

    def test_a_flag_in_the_midst_of_adjusting_keeps_both(self) -> None:
        e = editor()
        do(e, "2 select right flag right cancel")
        assert found(e) == [("Acme Corporation", "ORG")]
        assert e.flagged
        do(e, "undo undo undo")
        assert not e.edited


class TestRepeat:
    def test_label_and_delete(self) -> None:
        e = editor()
        assert e.apply("repeat").message
        do(e, "3 right right repeat")
        assert found(e) == [("Acme", "LOC"), ("of", "LOC")]
        do(e, "delete left left repeat")
        assert found(e) == []

    def test_a_deletion_does_not_take_the_last_label_away(self) -> None:
        e = editor()
        do(e, "2 delete right right select right confirm")
        assert found(e) == [("of Berlin", "ORG")]
        assert e.apply("confirm").message == "nothing is selected or proposed here"

    def test_repeat_at_once_grows(self) -> None:
        e = editor()
        do(e, "3 repeat repeat")
        assert found(e) == [("Acme Corporation of", "LOC")]

    def test_the_last_edit_carries_over_to_the_next_task(self) -> None:
        e = editor()
        do(e, "3")
        following = SpanEditor({"text": "x"}, LABELS, overlap=False, last=e.last_edit)
        do(following, "repeat")
        assert found(following) == [("x", "LOC")]


class TestMoves:
    def test_tokens_stop_at_the_ends(self) -> None:
        e = editor("a b")
        assert not e.apply("left").moved
        do(e, "right")
        assert not e.apply("right").moved
        assert not e.can("right")
        assert e.can("left")

    def test_rows_keep_their_column_over_short_and_empty_rows(self) -> None:
        text = "aaaa bbbb cccc\nx\n\naaaa bbbb cccc\n"
        e, rows = editor(text), FixedRows(text, 40)
        do(e, "right right down", rows)
        assert text[slice(*e.cursor_range)] == "x"
        do(e, "down", rows)
        assert e.cursor_range == (28, 32)
        assert not e.apply("down", None, rows).moved
        do(e, "up up", rows)
        assert e.cursor_range == (10, 14)

    def test_a_token_longer_than_a_row_is_passed(self) -> None:
        text = "aa " + "b" * 25 + " cc"
        e, rows = editor(text), FixedRows(text, 10)
        do(e, "down", rows)
        assert e.cursor == 1
        do(e, "down", rows)
        assert e.cursor == 2
        do(e, "up", rows)
        assert e.cursor == 1
        assert not e.apply("up", None, rows).moved

    def test_pages_and_row_edges(self) -> None:
        text = "\n".join("one two three" for _ in range(30))
        e, rows = editor(text), FixedRows(text, 40)
        e.apply("page_down", 20, rows)
        assert e.cursor == 60
        e.apply("page_down", 20, rows)
        assert e.cursor == 87
        do(e, "row_end", rows)
        assert e.cursor == 89
        do(e, "row_start", rows)
        assert e.cursor == 87
        e.apply("page_up", None, rows)
        assert e.cursor == 57

    def test_a_page_over_blank_rows_at_the_end_still_gets_on(self) -> None:
        text = "a\nb\n" + "\n" * 10
        e, rows = editor(text), FixedRows(text, 40)
        e.apply("page_down", 5, rows)
        assert e.cursor == 1

    def test_rows_are_needed(self) -> None:
        with pytest.raises(ValueError, match="rows"):
            editor().apply("down")
        with pytest.raises(ValueError, match="no command"):
            editor().apply("dance")


class TestGiven:
    @pytest.mark.parametrize(
        ("span", "word"),
        [
            ("x", "not an object"),
            ({"start": "0", "end": 4, "label": "ORG"}, "whole numbers"),
            ({"start": True, "end": 4, "label": "ORG"}, "whole numbers"),
            ({"start": 0, "end": 4}, "no label"),
            ({"start": 0, "end": 4, "label": 7}, "no label"),
            ({"start": 0, "end": 999, "label": "ORG"}, "out of the text"),
            ({"start": -3, "end": 4, "label": "ORG"}, "out of the text"),
            ({"start": 4, "end": 4, "label": "ORG"}, "is empty"),
            ({"start": 4, "end": 5, "label": "ORG"}, "no token"),
            ({"start": 10**30, "end": 10**31, "label": "ORG"}, "out of the text"),
        ],
    )
    def test_what_cannot_be_kept_is_set_aside(self, span: Any, word: str) -> None:
        good = {"start": 20, "end": 26, "label": "LOC"}
        e = editor(spans=[span, good])
        assert found(e) == [("Berlin", "LOC")]
        (note,) = e.notes
        assert word in note
        assert "set aside" in note

    def test_off_the_tokens_is_set_to_whole_tokens(self) -> None:
        e = editor(spans=[{"start": 2, "end": 17, "label": "ORG", "text": "me Corporation "}])
        assert found(e) == [("Acme Corporation", "ORG")]
        assert "token boundaries" in e.notes[0]
        assert e.content()["spans"][0]["text"] == "Acme Corporation"

    def test_overlapping_where_forbidden_the_longer_stays(self) -> None:
        spans = [{"start": 0, "end": 4, "label": "PER"}, {"start": 0, "end": 16, "label": "ORG"},
                 {"start": 5, "end": 19, "label": "LOC"}]  # fmt: skip
        assert found(editor(spans=spans)) == [("Acme Corporation", "ORG")]
        assert len(editor(spans=spans).notes) == 2
        both = editor(spans=spans, overlap=True)
        assert len(both.spans) == 3
        assert not both.notes

    def test_the_same_span_twice(self) -> None:
        span = {"start": 0, "end": 4, "label": "PER"}
        e = editor(spans=[span, dict(span), {**span, "source": "other"}], overlap=True)
        assert len(e.spans) == 2
        assert "twice" in e.notes[0]

    def test_not_a_list_and_none(self) -> None:
        assert editor(spans={"start": 0}).notes
        assert not editor(spans=None).notes

    def test_no_text_and_bad_tokens_are_errors_of_the_task(self) -> None:
        with pytest.raises(TaskError) as no_text:
            SpanEditor({"content": "x"}, LABELS, overlap=False)
        assert no_text.value.reason == "no-text"
        with pytest.raises(TaskError) as bad:
            editor("abc", tokens=[{"start": 0, "end": 9, "id": 0}])
        assert bad.value.reason == "bad-tokens"

    def test_unknown_labels_of_given_spans_stay(self) -> None:
        span = {"start": 0, "end": 4, "label": "BRAND"}
        assert found(editor(spans=[span])) == [("Acme", "BRAND")]


class TestContent:
    def test_spans_tokens_and_unknown_keys(self) -> None:
        e = editor(meta={"source": "x"}, extra=[1, {"y": None}])
        do(e, "2 2")
        content = e.content()
        assert content["spans"] == [
            {"start": 0, "end": 16, "token_start": 0, "token_end": 1, "label": "ORG"}
        ]
        assert content["tokens"][1]["text"] == "Corporation"
        assert content["meta"] == {"source": "x"}
        assert content["extra"] == [1, {"y": None}]

    def test_the_task_is_not_changed(self) -> None:
        task = {"text": TEXT, "spans": [{"start": 0, "end": 4, "label": "PER", "k": 1}]}
        before = json.dumps(task)
        e = SpanEditor(task, LABELS, overlap=False)
        do(e, "2 right 1 flag")
        e.content()["spans"].clear()
        assert json.dumps(task) == before

    def test_tokens_of_the_task_are_used_and_given_back(self) -> None:
        tokens = [{"text": "Acme Corporation", "start": 0, "end": 16, "id": 0, "ws": True, "z": 1}]
        e = editor(tokens=tokens)
        do(e, "2")
        assert found(e) == [("Acme Corporation", "ORG")]
        assert e.content()["tokens"] == tokens

    def test_characters(self) -> None:
        e = SpanEditor({"text": "日本語e\u0301x"}, LABELS, overlap=False, characters=True)
        do(e, "right right select right 1")
        assert found(e) == [("語e\u0301", "PER")]

    @pytest.mark.parametrize("text", ["", "   ", "\n\n"])
    def test_a_text_without_tokens(self, text: str) -> None:
        e, rows = editor(text), FixedRows(text, 10)
        for command in ("left", "down", "page_up", "row_end", "label", "select", "delete",
                        "next_span", "repeat", "confirm", "undo", "redo"):  # fmt: skip
            change = e.apply(command, 0, rows)
            assert change.ranges == ()
            assert not change.edited
        assert e.cursor_range == (0, 0)
        assert e.content()["spans"] == []
        e.apply("flag")
        assert e.flagged


class TestContext:
    def test_words_follow_the_state(self) -> None:
        e = editor()
        assert e.context() == {"span-editor", "modes", "labels"}
        do(e, "2")
        assert e.context() == {"span-editor", "modes", "labels", "spans", "focus", "edited"}
        do(e, "right select")
        assert e.context() == {"span-editor", "modes", "labels", "spans", "selecting", "edited"}

    def test_can_agrees_with_apply(self) -> None:
        e = editor()
        for command in ("other_end", "confirm", "cancel", "delete", "repeat", "next_span", "redo"):
            assert not e.can(command)
        do(e, "2")
        for command in ("delete", "repeat", "next_span", "undo", "label", "cancel"):
            assert e.can(command)
        assert not e.can("dance")


class TestDisabledTokens:
    words = ("the", "cat", "of", "Ilse", "the")

    def editor(self, **keys: object) -> SpanEditor:
        text = " ".join(self.words)
        tokens: list[dict[str, Any]] = []
        for word in self.words:
            start = tokens[-1]["end"] + 1 if tokens else 0
            off = {"disabled": True} if word in ("the", "of") else {}
            tokens.append({"start": start, "end": start + len(word), **off})
        return SpanEditor({"text": text, "tokens": tokens, **keys}, ("A",), overlap=True)

    def test_the_cursor_passes_over_them(self) -> None:
        e = self.editor()
        places = [e.cursor]
        for command in ("right", "right", "left", "left"):
            e.apply(command)
            places.append(e.cursor)
        assert places == [1, 3, 3, 1, 1]

    def test_a_selection_stops_before_them(self) -> None:
        e = self.editor()
        e.apply("select")
        e.apply("right")
        assert e.cursor == 1

    @pytest.mark.parametrize("commands", [("label", "label"), ("label", "right", "stretch")])
    def test_no_span_grows_onto_them(self, commands: tuple[str, ...]) -> None:
        e = self.editor()
        for command in commands:
            message = e.apply(command, 0).message
        assert message == "“of” is disabled: no span may be on it"
        assert [(span.start, span.end) for span in e.spans] == [(4, 7)]

    def test_they_are_not_found(self) -> None:
        e = self.editor()
        assert e.apply("search", "the").message == "not found"
        assert e.apply("find", "o").message == "no word begins with o"

    def test_a_span_that_the_task_brings_stays(self) -> None:
        e = self.editor(spans=[{"start": 0, "end": 7, "label": "A"}])
        assert [(span.start, span.end) for span in e.spans] == [(0, 7)]

    def test_where_all_are_disabled_nothing_can_be_labelled(self) -> None:
        tokens = [{"start": 0, "end": 3, "disabled": True}]
        e = SpanEditor({"text": "the", "tokens": tokens}, ("A",), overlap=False)
        assert "is disabled" in e.apply("label", 0).message
        assert e.spans == ()
