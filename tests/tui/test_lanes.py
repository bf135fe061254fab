"""Lanes and rows: exact columns for any text, nothing moves, nothing is lost."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style
from textual.geometry import Size

from tests.tui.tiny_editor import TinySpan
from tui_annotate.text.width import TerminalWidths
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import NAMES, Role, theme
from tui_annotate.tui.widgets.cells import RowStrip
from tui_annotate.tui.widgets.lanes import (
    ASCII,
    BOX,
    LaneMark,
    LineMap,
    SpanIndex,
    assign,
    extra_lanes,
    lane_runs,
    stretches,
)
from tui_annotate.tui.widgets.rows import Overlay, RowPainter, RowStyle, with_proposals
from tui_annotate.tui.widgets.text_layout import (
    DisplayOptions,
    Marks,
    Mode,
    SeenRows,
    difference,
    lay_out,
)

pytestmark = pytest.mark.quick
QUICK = settings(max_examples=120)

TEXTS = st.text(
    st.sampled_from("ab  c\n\t\x1b东é\u0301\u200d👩❤\ufe0f🇩🇪\u202eहि한\r(אבع١"), max_size=60
)
LOOK = theme()


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[TinySpan]]:
    text = draw(TEXTS)
    edges = st.integers(0, len(text))
    pairs = draw(st.lists(st.tuples(edges, edges), max_size=6))
    labels = ("PERSON", "东京", "x\x1b[2J")
    return text, [
        TinySpan(min(p), max(p), labels[i % 3]) for i, p in enumerate(pairs) if p[0] != p[1]
    ]


@QUICK
@given(texts_with_spans(), st.integers(0, 60), st.integers(0, 60))
def test_touching_spans_are_found(case: tuple[str, list[TinySpan]], a: int, b: int) -> None:
    _, spans = case
    index = SpanIndex(spans)
    start, end = min(a, b), max(a, b)
    expected = [s for s in index.spans if s.start < end and s.end > start]
    assert index.touching(start, end) == expected
    overlap = any(
        one.start < two.end and two.start < one.end
        for i, one in enumerate(spans)
        for two in spans[:i]
    )
    assert bool(index.overlaps()) == overlap


@QUICK
@given(texts_with_spans(), st.data())
def test_an_index_that_is_renewed_is_the_one_that_would_be_made(
    case: tuple[str, list[TinySpan]], data: st.DataObject
) -> None:
    index = SpanIndex(case[1])
    text_length = len(case[0])
    for _ in range(3):
        kept = [span for span in index.spans if data.draw(st.booleans())]
        edges = st.integers(0, text_length)
        added = [
            TinySpan(min(pair), max(pair), "NEW")
            for pair in data.draw(st.lists(st.tuples(edges, edges), max_size=2))
            if pair[0] != pair[1]
        ]
        spans = [*kept, *added]
        if data.draw(st.booleans()):
            spans.sort(key=lambda span: (span.start, -span.end, span.label))
        index, anew = index.renewed(spans), SpanIndex(spans)
        assert index.spans == anew.spans
        assert (index._starts, index._furthest) == (anew._starts, anew._furthest)


@QUICK
@given(texts_with_spans())
def test_lanes_keep_spans_apart_and_are_few(case: tuple[str, list[TinySpan]]) -> None:
    spans = SpanIndex(case[1]).spans
    lanes = assign(spans)
    assert sorted(s for lane in lanes for s in lane) == sorted(spans)  # type: ignore[type-var]
    for lane in lanes:
        assert all(a.end <= b.start for a, b in itertools.pairwise(lane))
    deepest = max((sum(s.start <= o < s.end for s in spans) for o in range(60)), default=0)
    assert len(lanes) == max(1, deepest)


@QUICK
@given(
    st.integers(1, 40),
    st.sampled_from([1, 2]),
    st.dictionaries(st.integers(0, 39), st.integers(1, 3)),
)
def test_every_line_is_one_part_of_one_row(rows: int, height: int, extra: dict[int, int]) -> None:
    extra = {row: more for row, more in extra.items() if row < rows}
    lines = LineMap(rows, height, extra)
    found = [lines.locate(line) for line in range(lines.total)]
    expected = [(r, p) for r in range(rows) for p in range(height + extra.get(r, 0))]
    assert found == expected
    assert lines.locate(lines.total) is None
    assert lines.locate(-1) is None
    assert all(lines.locate(lines.line_of(row)) == (row, 0) for row in range(rows))


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (1, "P"),
        (2, "└P"),
        (3, "└PE"),
        (4, "└PER"),
        (5, "└PER┘"),
        (8, "└PER───┘"),
    ],
)
def test_a_bracket_holds_as_much_of_the_name_as_fits(width: int, expected: str) -> None:
    name = "PER"
    assert RowStrip(lane_runs([LaneMark(0, width, name, Style())], BOX)).text == expected


def test_rows_that_cut_a_span_show_it() -> None:
    marks = [
        LaneMark(1, 6, "A", Style(), cut_left=True),
        LaneMark(8, 13, "东京", Style(), cut_right=True),
    ]
    assert RowStrip(lane_runs(marks, BOX)).text == " ┄A──┘  └东─┄"
    assert RowStrip(lane_runs(marks, ASCII)).text == " .A--]  [东-."
    assert RowStrip(lane_runs([LaneMark(0, 1, "东", Style())], BOX)).text == "└"


def test_a_name_runs_on_over_free_cells_to_where_the_next_span_begins() -> None:
    look = RowStyle(LOOK, BOX, {}, width=24, lanes=1).with_labels(("LOCATION", "LOCAL"))
    layout = Layout("x" * 24, 24)
    for spans, expected in (
        ([TinySpan(0, 1, "LOCATION")], "└LOCATION"),
        ([TinySpan(0, 12, "LOCATION")], "└LOCATION──┘"),
        ([TinySpan(0, 2, "LOCATION"), TinySpan(7, 9, "LOCAL")], "└LOCATI└LOCAL"),
        ([TinySpan(18, 19, "LOCATION")], " " * 18 + "└LOCAT"),
        ([TinySpan(0, 1, "LOCATION"), TinySpan(1, 2, "LOCAL")], "1└LOCAL"),
    ):
        _, lane = RowPainter(look, layout, SpanIndex(spans)).draw(0, (0, 0), None, None, False)
        assert lane.text.rstrip() == expected


@pytest.mark.parametrize(
    ("lanes", "spans", "expected"),
    [
        (1, [(0, 20, "ROLE"), (0, 8, "ORG")], ["└ROLE>ORG──────────┘"]),
        (1, [(0, 4, "ROLE"), (0, 2, "ORG"), (9, 10, "B")], ["└ROLE>ORG└B"]),
        (1, [(0, 4, "ROLE"), (0, 2, "ORG"), (7, 9, "B")], ["└ROLE+1└B"]),
        (1, [(0, 9, "ROLE"), (0, 2, "ORG"), (4, 9, "B")], ["└ROLE+2─┘"]),
        (1, [(0, 3, "ROLE"), (0, 2, "ORG"), (3, 4, "B")], ["└+2└B"]),
        (2, [(0, 9, "ROLE"), (0, 4, "ORG")], ["└ROLE───┘", "└ORG"]),
        (2, [(0, 9, "ROLE"), (0, 7, "ORG"), (0, 2, "A")], ["└ROLE───┘", "└ORG>A┘"]),
        (2, [(0, 4, "A"), (6, 9, "B")], ["└A─┘  └B┘"]),
    ],
)
def test_spans_without_a_lane_of_their_own_share_the_last_one(
    lanes: int, spans: list[tuple[int, int, str]], expected: list[str]
) -> None:
    look = RowStyle(LOOK, BOX, {}, width=24, lanes=lanes).with_labels(("ROLE", "ORG", "A", "B"))
    index = SpanIndex(TinySpan(*span) for span in spans)
    _, *drawn = RowPainter(look, Layout("x" * 24, 24), index).draw(0, (0, 0), None, None, False)
    assert [lane.text.rstrip() for lane in drawn] == expected


SIZES = ((40, 12), (80, 24), (120, 40), (200, 60))
LONGER = st.text(st.sampled_from("ab  c\n東é🇩🇪א"), max_size=900)


@QUICK
@given(LONGER, st.sampled_from(SIZES), st.booleans(), st.data())
def test_no_label_given_or_taken_moves_a_row_of_text(
    text: str, size: tuple[int, int], overlap: bool, data: st.DataObject
) -> None:
    modes: tuple[Mode, ...] = ("auto", "lanes", "compact", "list")
    mode = data.draw(st.sampled_from(modes))
    edges = st.integers(0, len(text))
    pairs = data.draw(st.lists(st.tuples(edges, edges), max_size=8))
    way = DisplayOptions(Size(*size), mode, TerminalWidths(), show_blanks=False, overlap=overlap)
    laid = lay_out(text, way, RowStyle(LOOK, BOX, {}).with_labels("AB"), Layout("", 1))
    drawn = []
    for given_ in ([], [TinySpan(min(p), max(p), "ABLE") for p in pairs if p[0] != p[1]]):
        paint = RowPainter(laid.look, laid.layout, SpanIndex(given_))
        rows = [
            paint.draw(row, (0, 0), None, None, laid.compact) for row in range(len(laid.layout))
        ]
        assert all(len(strips) <= laid.row_height for strips in rows)
        room = size[0] - laid.look.margin
        drawn.append([[cell[0] for cell in strips[0].cells()][:room] for strips in rows])
    assert drawn[0] == drawn[1]


def painter(text: str, width: int, spans: list[TinySpan]) -> tuple[Layout, RowPainter]:
    layout = Layout(text, width)
    look = RowStyle(LOOK, BOX, {"PERSON": 0, "东京": 1}, width=width)
    return layout, RowPainter(look, layout, SpanIndex(spans))


@QUICK
@given(texts_with_spans(), st.integers(1, 30), st.data())
def test_rows_are_exact(case: tuple[str, list[TinySpan]], width: int, data: st.DataObject) -> None:
    text, spans = case
    layout, paint = painter(text, width, spans)
    edges = st.integers(0, len(text))
    cursor = tuple(sorted((data.draw(edges), data.draw(edges))))
    extra = extra_lanes(SpanIndex(spans), layout)
    for row in range(len(layout)):
        strips = paint.draw(row, cursor, None, None, False)  # type: ignore[arg-type]
        place, cells = layout[row], layout.cells(row)
        assert len(strips) == 2 + extra.get(row, 0)
        assert all(strip.cell_length == width for strip in strips)
        drawn = strips[0].cells()
        if place.width <= width:
            assert all(
                drawn[cell.column][0] == layout.shown(cell.start, cell.end)
                for cell in cells
                if cell.width
            )
        for cell in cells:
            reverse = cursor[0] < cell.end and cell.start < cursor[1]
            for column in range(cell.column, min(cell.column + cell.width, width)):
                style = drawn[column][1]
                if place.width <= width:
                    assert isinstance(style, Style)
                    assert bool(style.reverse) == reverse
        assert_brackets_below(spans, place, cells, strips, width)


def assert_brackets_below(spans, place, cells, strips, width) -> None:  # type: ignore[no-untyped-def]
    """Each span is in a lane; what is not below one is a name that runs on, up to a blank."""
    below: set[int] = set()
    for span in spans:
        for left, right, _ in stretches(cells, span.start, span.end):
            below.update(range(left, min(right, width)))
    lanes = [strip.cells() for strip in strips[1:]]
    drawn = {c for lane in lanes for c, cell in enumerate(lane) if cell[0] != " "}
    assert drawn >= below
    for lane in lanes:
        for column in drawn - below:
            if lane[column][0] != " ":
                assert lane[column][0] not in "└┘─┄" and lane[column - 1][0] != " "


def test_innermost_span_colours_the_text_and_overlap_is_underlined() -> None:
    spans = [TinySpan(0, 10, "PERSON"), TinySpan(2, 6, "东京")]
    _, paint = painter("0123456789ab", 12, spans)
    text, first, second = paint.draw(0, (0, 0), None, spans[1], False)
    styles = [cell[1] for cell in text.cells()]
    assert styles[0] == LOOK.label(0).fill
    assert styles[3] == LOOK.label(1).fill + LOOK[Role.OVERLAP]
    assert styles[11] == LOOK[Role.TEXT]
    assert first.text == "└PERSON──┘  "
    assert second.text == "  └东京     "
    assert second.cells()[3][1] == LOOK.label(1).line + LOOK[Role.FOCUS]


def test_the_selection_is_shown_below_the_cursor() -> None:
    _, paint = painter("one two three", 20, [])
    text = paint.draw(0, (4, 7), (0, 7), None, False)[0]
    styles = [cell[1] for cell in text.cells()]
    assert styles[0] == LOOK[Role.SELECTION]
    assert styles[4] == LOOK[Role.CURSOR]
    assert styles[8] == LOOK[Role.TEXT]


@pytest.mark.parametrize("name", NAMES)
def test_the_cursor_is_the_same_block_on_a_label_and_says_that_there_is_one(name: str) -> None:
    look = theme(name, colors=256)
    layout = Layout("one two three", 20)
    index = SpanIndex([TinySpan(0, 7, "ORG"), TinySpan(4, 7, "ORG")])
    paint = RowPainter(RowStyle(look, BOX, {"ORG": 0}, width=20), layout, index)
    for start, end in ((0, 3), (4, 7), (8, 13)):
        style = paint.draw(0, (start, end), None, None, False)[0].cells()[start][1]
        assert isinstance(style, Style)
        assert (style.color, style.bgcolor, style.reverse) == (None, None, True)
        assert bool(style.underline) == (start < 7)


@pytest.mark.parametrize("colors", [16, 256])
@pytest.mark.parametrize("name", NAMES)
def test_a_proposal_does_not_look_like_a_span(name: str, colors: int) -> None:
    look = theme(name, colors=colors)
    layout = Layout("one two three four", 20)
    spans = with_proposals([TinySpan(0, 7, "ORG")], [TinySpan(4, 7, "LOC"), TinySpan(8, 13, "LOC")])
    paint = RowPainter(
        RowStyle(look, BOX, {"ORG": 0, "LOC": 1}, width=20), layout, SpanIndex(spans)
    )
    text, _, lane = paint.draw(0, (14, 18), None, None, False)
    style = {start: text.cells()[start][1] for start in (0, 4, 8, 14)}
    assert lane.text == "    └LOC?           "
    assert style[0] == look.label(0).fill
    assert style[4] == look.label(0).fill + look[Role.OVERLAP]
    assert style[8] not in ({label.fill for label in look.labels} | {look[Role.TEXT]})
    assert style[8].bgcolor is None
    cursor = paint.draw(0, (8, 13), None, None, False)[0].cells()[8][1]
    assert cursor.reverse
    assert not cursor.underline or name in ("high-contrast", "neutral")


def test_points_are_seen_where_spans_overlap() -> None:
    _, paint = painter("one two", 20, [TinySpan(0, 7, "PERSON"), TinySpan(0, 7, "东京")])
    paint.overlay = Overlay(points=[(4, 7)])
    styles = [cell[1] for cell in paint.draw(0, (9, 9), None, None, False)[0].cells()]
    assert styles[0] != styles[4]


def test_compact_rows_have_their_labels_in_the_margin() -> None:
    layout = Layout("one two three", 13)
    look = RowStyle(LOOK, BOX, {"ORG": 0}, width=24, margin=10)
    spans = [TinySpan(0, 3, "ORG"), TinySpan(4, 7, "LOCATION")]
    paint = RowPainter(look, layout, SpanIndex(spans))
    (strip,) = paint.draw(0, (0, 0), None, spans[0], True)
    assert strip.text == "one two three " + "ORG LOCAT…"
    assert strip.cells()[14][1] == LOOK.label(0).line + LOOK[Role.FOCUS]


def test_the_margin_tells_what_lies_within_another() -> None:
    layout = Layout("one two three four", 18)
    spans = [TinySpan(0, 7, "A"), TinySpan(4, 13, "B"), TinySpan(8, 13, "C"), TinySpan(8, 13, "D"),
             TinySpan(14, 18, "LAST")]  # fmt: skip
    look = RowStyle(LOOK, BOX, {}, width=31, margin=12)
    (strip,) = RowPainter(look, layout, SpanIndex(spans)).draw(0, (0, 0), None, None, True)
    assert strip.text == "one two three four " + "A>B>C>D LAST"


def test_a_proposal_never_looks_like_a_span() -> None:
    marks = [LaneMark(0, 4, "PERSON?", Style()), LaneMark(5, 6, "ORG?", Style()),
             LaneMark(7, 9, "ORG?", Style()), LaneMark(10, 16, "ORG?", Style())]  # fmt: skip
    assert RowStrip(lane_runs(marks, BOX)).text == "└PER?└?└O?└ORG?┘"


@pytest.mark.parametrize(
    ("labels", "margin", "expected"),
    [
        ("ORG LOC", 10, "ORG LOC"),
        ("ORG LOCATION", 10, "ORG LOCAT…"),
        ("ORG LOCATION DATE", 10, "ORG +2"),
        ("ORG LOC DATE", 10, "ORG LOC D…"),
        ("ORG LOC DATE MONEY", 10, "ORG LOC +2"),
        ("ORG LOC DATE", 12, "ORG LOC DATE"),
        ("ORGANIZATION LOC", 6, "OR… L…"),
        ("A B C D E F G H I J K L M", 6, "A +12"),
    ],
)
def test_the_margin_counts_the_labels_that_do_not_fit(
    labels: str, margin: int, expected: str
) -> None:
    layout = Layout("sixteen letters.", 16)
    spans = [TinySpan(i, i + 1, label) for i, label in enumerate(labels.split())]
    look = RowStyle(LOOK, BOX, {}, width=16 + margin, margin=margin)
    paint = RowPainter(look, layout, SpanIndex(spans))
    (strip,) = paint.draw(0, (0, 0), None, spans[-1], True)
    assert strip.text == f"sixteen letters.{expected:<{margin}}"
    focused = [run.text for run in strip.runs if run.style.reverse]
    assert focused == [expected.split()[-1]]


@QUICK
@given(TEXTS, st.integers(1, 20), st.integers(1, 20), st.data())
def test_seen_rows_survive_another_width(
    text: str, one: int, two: int, data: st.DataObject
) -> None:
    first, second = Layout(text, one), Layout(text, two)
    seen = SeenRows(first)
    rows = data.draw(st.sets(st.integers(0, len(first) - 1)))
    for row in rows:
        seen.add(row)
    assert seen.missing() == len(first) - len(rows)
    offsets = {o for r in rows for o in range(first[r].start, first[r].end)}
    seen.move_to(second)
    unseen = [r for r in second if not set(range(r.start, r.end)) <= offsets]
    assert seen.missing() >= len(unseen)
    if text:
        assert seen.missing() == len(unseen)


def test_names_of_labels_are_drawn_in_their_order() -> None:
    marks = [LaneMark(0, 8, "מקום", Style())]
    assert RowStrip(lane_runs(marks, BOX)).text == "└םוקמ──┘"
    assert RowStrip(lane_runs(marks, BOX, TerminalWidths(reorders=True))).text == "└מקום──┘"
    assert RowStrip(lane_runs([LaneMark(0, 3, "מקום", Style())], BOX)).text == "└קמ"


def test_a_name_that_begins_with_a_mark_is_as_wide_as_its_lane_says() -> None:
    assert (
        RowStrip(lane_runs([LaneMark(0, 6, "\u0301x", Style())], BOX)).text == "└\u00a0\u0301x──┘"
    )


def test_wide_letters_are_one_stretch() -> None:
    cells = Layout("a東京b", 9).cells(0)
    assert [each[:2] for each in stretches(cells, 1, 3)] == [(1, 5)]


class Untouched:
    """A span that must not be looked at."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)


def marks(spans: list[TinySpan]) -> Marks:
    return Marks(tuple(spans), (0, 0), None, None)


@QUICK
@given(texts_with_spans(), st.data())
def test_what_spans_have_changed_is_found(
    case: tuple[str, list[TinySpan]], data: st.DataObject
) -> None:
    old = case[1]
    new = [span for span in old if data.draw(st.booleans())]
    new.insert(data.draw(st.integers(0, len(new))), TinySpan(0, 1, "new"))
    found = difference(marks(old), marks(new))
    assert set(found) >= {span[:2] for span in {*old} ^ {*new}}


def test_spans_that_are_the_same_are_not_looked_at() -> None:
    around = [Untouched() for _ in range(4)]
    old = [*around[:2], TinySpan(0, 1, "a"), *around[2:]]
    new = [*around[:2], TinySpan(0, 1, "b"), TinySpan(2, 3, "a"), *around[2:]]
    assert set(difference(marks(old), marks(new))) == {(0, 1), (2, 3)}  # type: ignore[arg-type]
    assert set(difference(marks(around), marks(old))) == {(0, 1)}  # type: ignore[arg-type]


def test_shortened_names_tell_labels_apart_in_lanes_and_in_the_margin() -> None:
    labels = ("PERSON", "PERCENT", "PROCEDURE>PROBLEM", "PROCEDURE>PROCEDURE")
    look = RowStyle(LOOK, BOX, {}, width=40).with_labels(labels)
    layout = Layout("x" * 40, 40)
    spans = [TinySpan(0, 3, "PERSON"), TinySpan(4, 7, "PERCENT"), TinySpan(8, 9, "PERSON"),
             TinySpan(10, 22, labels[2]), TinySpan(24, 36, labels[3])]  # fmt: skip
    _, lane = RowPainter(look, layout, SpanIndex(spans)).draw(0, (0, 0), None, None, False)
    assert lane.text == "└P…N└P…T└1└PROCED…ROBLEM└PROCEDURE>PROCE"
    in_ascii = look._replace(art=ASCII)
    _, lane = RowPainter(in_ascii, layout, SpanIndex(spans)).draw(0, (0, 0), None, None, False)
    assert lane.text == "[P~N[P~T[1[PROCED~ROBLEM[PROCEDURE>PROCE"
    beside = look._replace(width=54, margin=14)
    for span, expected in ((spans[3], "PROCEDURE>PROB"), (spans[4], "PROCEDURE>PROC")):
        (strip,) = RowPainter(beside, layout, SpanIndex([span])).draw(0, (0, 0), None, None, True)
        assert strip.text == "x" * 40 + expected


def test_a_margin_without_room_for_a_form_counts_the_label() -> None:
    labels = [f"{letter}{number}" for letter in "AB" for number in range(1, 8)]
    look = RowStyle(LOOK, BOX, {}, width=21, margin=1).with_labels([*labels, "1st", "A1st"])
    layout = Layout("sixteen letters.", 16)
    (strip,) = RowPainter(look, layout, SpanIndex([TinySpan(0, 3, "B7")])).draw(
        0, (0, 0), None, None, True
    )
    assert strip.text.rstrip() == "sixteen letters.    +"
