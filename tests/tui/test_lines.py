"""Rows of cells: cutting, comparing, folding; lines of chrome that send only what changed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.style import Style
from textual.app import ComposeResult

from tests.support.screen import Screen
from tests.tui.emulated import EmulatedApp
from tui_annotate.text.width import TerminalWidths, cell_width, is_unsteady
from tui_annotate.tui.theme import Role, theme
from tui_annotate.tui.widgets import status_lines
from tui_annotate.tui.widgets.cells import RowStrip, StripPlace, changed_columns
from tui_annotate.tui.widgets.folded_line import LinePiece, StatusLine, fold, text_run

BOLD, RED = Style(bold=True), Style(color="red")
TEXTS = st.text(
    st.sampled_from("ab \t\n\x1b[]东é\u0301\u200d👩❤\ufe0f🇩🇪\u202eहि\ud800\x00\x9b"), max_size=12
)
STYLES = st.sampled_from([Style.null(), BOLD, RED])
ROWS = st.lists(
    st.tuples(st.text(st.sampled_from("abcdef हिंශ්රී\u200d👩❤\ufe0f🏽🇩🇪東"), max_size=6), STYLES),
    max_size=4,
).map(lambda parts: RowStrip(text_run(text, style) for text, style in parts))
STRIPS = st.lists(st.tuples(TEXTS, STYLES), max_size=5).map(
    lambda parts: RowStrip(text_run(text, style) for text, style in parts)
)
QUICK = settings(max_examples=150)


def shown(strip: RowStrip) -> str:
    return strip.text


@pytest.mark.quick
@QUICK
@given(STRIPS, st.lists(st.integers(0, 40), max_size=4))
def test_divided_parts_are_the_strip(strip: RowStrip, cuts: list[int]) -> None:
    cuts = sorted({*(cut for cut in cuts if 0 < cut <= strip.cell_length), strip.cell_length})
    parts = strip.divide(cuts)
    edges = [0, *cuts]
    assert [p.cell_length for p in parts] == [b - a for a, b in zip(edges, cuts, strict=False)]
    for part, start, end in zip(parts, edges, cuts, strict=False):
        assert part == strip.crop(start, end)
    whole = [cell for part in parts if isinstance(part, RowStrip) for cell in part.cells()]
    different = [a for a, b in zip(whole, strip.cells(), strict=True) if a != b]
    assert all(cell[0] == " " for cell in different), "only halves of wide graphemes change"


@pytest.mark.quick
@QUICK
@given(STRIPS, STRIPS, st.integers(1, 20))
def test_changed_columns_are_all_that_differs(old: RowStrip, new: RowStrip, gap: int) -> None:
    width = max(old.cell_length, new.cell_length)
    old, new = old.fit(width), new.fit(width)
    cells, target = old.cells(), new.cells()
    ranges = changed_columns(old, new, gap)
    steady = not any(is_unsteady(glyph) for run in new.runs for glyph, _ in run.pairs())
    for start, end in ranges:
        assert cells[start] != target[start]
        assert cells[end - 1] != target[end - 1] or not steady
        cells[start:end] = target[start:end]
        assert new.crop(start, end).cells() == target[start:end], "no grapheme is cut"
    assert cells == target
    assert all(b[0] - a[1] >= (gap if steady else 1) for a, b in itertools.pairwise(ranges))


@pytest.mark.quick
def test_what_may_be_drawn_over_changes_too_and_as_a_whole() -> None:
    for beside in (
        text_run("a東bc"),
        text_run("aébc", drawing=TerminalWidths(ambiguous_wide=True)),
    ):
        old, new = (RowStrip([text_run("👍🏽", style), beside]) for style in (BOLD, RED))
        assert changed_columns(old, new) == [(0, 5)]


@pytest.mark.quick
def test_equal_neighbours_are_one_segment() -> None:
    strip = RowStrip([text_run("a", RED), text_run("东", Style(color="red")), text_run("", BOLD)])
    assert [segment.text for segment in strip] == ["a东"]
    assert strip.fit(9).crop(2, 5).text == "   "


def sent(strip: RowStrip) -> str:
    return strip.render(Console(force_terminal=True, color_system="truecolor"))


@pytest.mark.quick
@pytest.mark.parametrize("glyph", ["हि", "❤️", "👩‍👩‍👧‍👦", "🇩🇪", "1️⃣", "👍🏽"])
def test_graphemes_that_terminals_disagree_about_are_followed_by_a_column(glyph: str) -> None:
    run = text_run(f"a{glyph}b")
    strip = RowStrip([run])
    assert sent(strip) == run.text
    placed = strip.at(StripPlace(10, 80)).crop(1)
    assert sent(placed) == f"\x1b[2X{glyph}\x1b[{10 + run.width}Gb"


@pytest.mark.quick
def test_what_follows_a_joiner_is_followed_by_a_column() -> None:
    """The letters of `Sri` are two graphemes, and tmux draws both in one cell."""
    strip = RowStrip([text_run("ශ්\u200d"), text_run("රී", BOLD), text_run("a")])
    assert "\u200d\x1b[2G\x1b[1m\x1b[1Xරී\x1b[3G\x1b[0ma" in sent(strip.at(StripPlace(0, 80)))


@pytest.mark.quick
def test_marks_in_the_last_column_stay_on_their_letter() -> None:
    strip = RowStrip([text_run("ae\u0301")])
    assert strip.at(StripPlace(0, 3)) is strip
    assert sent(strip.at(StripPlace(0, 2))) == "a\x1b[?7he\u0301\x1b[?7l"
    assert sent(RowStrip([text_run("हिe\u0301")]).at(StripPlace(0, 9))).endswith("Ge\u0301")


@pytest.mark.quick
def test_plain_rows_carry_no_columns() -> None:
    strip = RowStrip([text_run("Ze\u0301 东京")])
    assert strip.at(StripPlace(7, 80)) is strip


@pytest.mark.quick
@pytest.mark.parametrize("graphemes", [True, False])
@settings(max_examples=300)
@given(ROWS, ROWS)
def test_what_is_sent_of_a_row_leaves_nothing_of_the_one_before(
    graphemes: bool, old: RowStrip, new: RowStrip
) -> None:
    """On terminals that draw a grapheme as one, and on those that draw its parts."""
    width = max(old.cell_length, new.cell_length, 1)
    place = StripPlace(0, width + 9)
    old, new = (RowStrip(row.fit(width).runs).at(place) for row in (old, new))
    changed, fresh = (Screen(place.width, 1, graphemes=graphemes) for _ in range(2))
    changed.feed(sent(old).encode("utf-8", "replace"))
    for start, end in changed_columns(old, new):
        changed.feed(f"\x1b[{start + 1}G{sent(new.crop(start, end))}".encode("utf-8", "replace"))
    fresh.feed(sent(new).encode("utf-8", "replace"))
    cells = [[screen.cell(0, x) for x in range(width)] for screen in (changed, fresh)]
    assert cells[0] == cells[1]


PIECES = st.lists(
    st.builds(LinePiece, TEXTS, STYLES, st.integers(-3, 3), st.booleans()), max_size=5
)


@pytest.mark.quick
@QUICK
@given(PIECES, PIECES, st.integers(0, 40))
def test_a_folded_row_is_as_wide_as_asked_and_safe(
    left: list[LinePiece], right: list[LinePiece], width: int
) -> None:
    strip = fold(left, right, width)
    assert strip.cell_length == width == sum(run.width for run in strip.runs)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202e\ud800" for c in strip.text)


@pytest.mark.quick
def test_the_lightest_pieces_go_first() -> None:
    left = [
        LinePiece("one", weight=3),
        LinePiece("two", weight=1),
        LinePiece("+2", weight=1, glue=True),
    ]
    right = [LinePiece("right", weight=2)]
    assert fold(left, right, 20).text == "one  two+2     right"
    assert fold(left, right, 16).text == "one        right"
    assert fold(left, right, 8).text == "one     "
    assert fold(left, right, 2).text == "o…"
    assert fold(left, right, 0).text == ""


@pytest.mark.quick
def test_long_values_of_a_task_are_cut_before_others_go() -> None:
    meta = {"id": 7, "url": "https://news.example/2026/a-long-way-to-go", "part": "the end"}
    pieces = [*status_lines.meta_pieces(theme(), meta), LinePiece("flagged", weight=9)]
    assert fold([], pieces, 80).text.lstrip().startswith(f"id 7  url {meta['url']}  part")
    assert fold([], pieces, 60).text.startswith("id 7  url https://news.example/2026/…  part the")
    assert fold([], pieces, 44).text == "id 7  url https://news.example/202…  flagged"
    assert fold([], pieces, 20).text.split() == ["id", "7", "flagged"]


@pytest.mark.quick
def test_what_the_lines_say() -> None:
    look = theme()

    def text(
        pieces: tuple[list[LinePiece], list[LinePiece]], width: int, between: str = "  "
    ) -> str:
        return fold(*pieces, width, between=between).text.rstrip()

    meta = status_lines.meta_pieces(look, {"source": "newswire", "id": 4711})
    marks = status_lines.mark_pieces(look, flagged=True)
    assert text((meta, marks), 44, " · ") == "source newswire · id 4711          ⚑ flagged"
    assert text((meta, marks), 30, " · ") == "source newswire      ⚑ flagged"
    low = status_lines.mark_pieces(look, flagged=True, comment="Why?", ascii_only=True, short=True)
    assert text((meta, low), 30, " · ") == "source newswire          c · !"
    names, digits = ["PER", "ORG", "LOC"], ["1", "2", "3"]
    labels = status_lines.label_pieces(look, names, digits, current="LOC", hint="t by name")
    assert text(labels, 40) == "1 PER  2 ORG  3 LOC            t by name"
    assert text(labels, 14) == "1 PER  3 LOC"
    some = status_lines.label_pieces(look, names, ["1", "O", ""])
    assert text(some, 40) == "1 PER  O ORG  LOC"
    status = status_lines.status_pieces(
        look, done=1037, to_go="12 to go", waiting=2, where=("set", "me", "ner")
    )
    assert text(status, 60) == "set  me  ner" + " " * 17 + "1,037 done  12 to go  2 waiting"
    assert text(status, 12) == "  1,037 done"
    passed = status_lines.status_pieces(
        look, done=6, to_go="1,000 to go", not_asked=994, where=("set",)
    )
    assert text(passed, 40) == "set" + " " * 3 + "6 done  1,000 to go  994 not asked"
    assert text(passed, 24) == "set  6 done  1,000 to go", "what is not asked goes first"
    keys = status_lines.key_pieces(look, [("a", "accept"), ("x", "reject"), ("m", "menu")])
    assert text((keys, []), 40) == "a accept  x reject  m menu"
    assert text((keys, []), 20) == "a accept  x reject"
    said = status_lines.message_pieces(look, "gone\x1b[2J", Role.BAD)
    assert text((said, meta), 28) == "gone␛[2J     source newswire"
    assert text((said, marks), 14) == "gone␛[2J", "what is said goes last"
    assert status_lines.message_pieces(look, "") == []


class LinesApp(EmulatedApp):
    def __init__(self) -> None:
        super().__init__(60, 3)
        self.line = StatusLine(id="line")
        self.other = StatusLine(id="other")

    def compose(self) -> ComposeResult:
        yield self.line
        yield self.other


async def test_a_line_sends_only_the_cells_that_changed() -> None:
    app = LinesApp()
    async with app.run_test(size=(60, 3)) as pilot:
        app.line.show([LinePiece("37 done"), LinePiece("东京", RED)], [LinePiece("my_set")])
        await pilot.pause()
        assert app.row(0) == "37 done  东京" + " " * 41 + "my_set"
        before = len(app.cropped.sizes)
        app.line.show([LinePiece("38 done"), LinePiece("东京", RED)], [LinePiece("my_set")])
        await pilot.pause()
        assert app.row(0).startswith("38 done  东京")
        assert app.cropped.sizes[before:] == [len("\x1b[1;2H8")]
        app.line.show([LinePiece("38 done"), LinePiece("东京", RED)], [LinePiece("my_set")])
        await pilot.pause()
        assert len(app.cropped.sizes) == before + 1, "equal pieces cost nothing"
        await pilot.resize_terminal(20, 3)
        await pilot.pause()
        width = sum(cell_width(segment.text) for segment in app.line.render_line(0))
        assert width == 20


@pytest.mark.parametrize("width", range(8, 80, 7))
@pytest.mark.parametrize("count", [1, 3, 10, 160, 20_000])
def test_labels_that_do_not_fit_are_counted(count: int, width: int) -> None:
    names = [f"LABEL{number}" for number in range(count)]
    current = names[-1]
    asked: list[int] = []

    def keys(some: Sequence[str]) -> list[str]:
        asked.append(len(some))
        return [str(number) if number < 10 else "" for number in range(1, len(some) + 1)]

    fitting, shown = status_lines.fitting_labels(names, keys, current, width)
    assert len(shown) == len(fitting)
    assert names.index(current) in fitting
    assert sum(asked) <= width, "a line looks at no more labels than it could hold"
    look = theme("dark", colors=256)
    more = count - len(fitting)
    pieces = status_lines.label_pieces(look, [names[n] for n in fitting], shown, more=more)
    if width > 30:
        text = fold(*pieces, width).text
        assert f"+{more:,}" in text if more else "+" not in text
        assert all(names[n] in text for n in fitting)


def test_of_meta_without_end_as_much_is_looked_at_as_a_terminal_is_wide() -> None:
    look = theme()
    many: dict[str, object] = {f"column {number}": "x" for number in range(100_000)}
    left = status_lines.meta_pieces(look, many)
    assert len(left) <= 1000 and left[0].text == "column 0 x"
    long = {
        "text": "y" * 10_000_000,
        "list": ["z" * 10_000_000] * 10,
        "number": 10**5000,
        "object": {"a": {"b": [1, None, True]}},
        "deep": [[[[{}]]]],
    }
    left = status_lines.meta_pieces(look, long)
    assert all(len(piece.text) < 2000 for piece in left)
    assert [piece.text for piece in left[2:]] == [
        "number an integer of 16,610 bits",
        "object {a: {b: [1, None, True]}}",
        "deep [[[[{}]]]]",
    ]
