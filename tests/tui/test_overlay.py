"""Hints, points and proposals as they are drawn over a text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.task.spans import Span
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Role, theme
from tui_annotate.tui.widgets.lanes import BOX, SpanIndex
from tui_annotate.tui.widgets.rows import Overlay, RowPainter, RowStyle
from tui_annotate.tui.widgets.text_layout import read_marks

pytestmark = pytest.mark.quick

THEME = theme(colors=256)


def drawn(editor: SpanEditor, width: int = 40, row: int = 0) -> tuple[list[str], RowPainter]:
    marks, layout = read_marks(editor), Layout(editor.text, width)
    painter = RowPainter(RowStyle(THEME, BOX, {"ORG": 0}, width), layout, SpanIndex(marks.spans))
    painter.overlay = marks.overlay
    strips = painter.draw(row, marks.cursor, marks.selection, marks.focus, False)
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips], painter


def editor(text: str) -> SpanEditor:
    return SpanEditor({"text": text}, ["ORG"], overlap=False)


def test_hints_stand_over_their_words() -> None:
    e = editor("we met Acme, a b 東京 end")
    e.apply("go")
    hints = e.hints
    lines, _ = drawn(e)
    places = {offset: lines[0][offset] for offset in (3, 7, 13, 15)}
    assert places == {offset: hints[offset] for offset in places}
    assert lines[0].endswith(f"{hints[17]} 京 {hints[20]}nd")
    e.apply("hint", hints[7])
    assert drawn(e)[0][0] == "we met Acme, a b 東京 end"


@given(st.text("ab 東\u0301, ", max_size=60), st.integers(1, 30))
@settings(max_examples=80, deadline=None)
def test_hints_never_change_the_width_of_a_row(text: str, width: int) -> None:
    layout = Layout(text, width)
    hints = dict.fromkeys(range(0, len(text), 3), "fj")
    for row in range(len(layout)):
        plain, over = (
            RowPainter(RowStyle(THEME, BOX, {}, width), layout, SpanIndex()),
            Overlay((), hints),
        )
        strips = [plain.draw(row, (0, 0), None, None, False)[0]]
        plain.overlay = over
        strips.append(plain.draw(row, (0, 0), None, None, False)[0])
        assert strips[0].cell_length == strips[1].cell_length


def test_points_are_underlined_and_only_they() -> None:
    e = editor("one Acme Corp two Globex")
    e.apply("next_point")
    marks, layout = read_marks(e), Layout(e.text, 40)
    painter = RowPainter(RowStyle(THEME, BOX, {}, 40), layout, SpanIndex())
    painter.overlay = marks.overlay
    strip = painter.draw(0, (0, 0), None, None, False)[0]
    lined = [s.text for s in strip if s.style and s.style.underline]
    assert lined == ["Acme Corp"]
    assert THEME[Role.OVERLAP].underline


def test_proposals_have_a_question_mark_in_letters() -> None:
    e = editor("one Acme Corp two")
    e.propose([Span(4, 13, "ORG")])
    assert "ORG?" in drawn(e)[0][1]
    e.apply("take_all")
    assert "ORG" in drawn(e)[0][1]
    assert "?" not in drawn(e)[0][1]
