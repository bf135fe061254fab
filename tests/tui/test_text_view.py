"""The text view on an emulated screen: what it shows, at every size, after every change."""

from __future__ import annotations

import itertools
import random
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import ComposeResult

from tests.tui.emulated import EmulatedApp
from tests.tui.tiny_editor import TinyEditor
from tui_annotate.text.width import USUAL, TerminalWidths
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Role, Theme, theme
from tui_annotate.tui.widgets.text_layout import Mode, SeenRows
from tui_annotate.tui.widgets.text_view import TextView

NEWS = "Acme Corporation of Berlin said on Tuesday that it had sold its share in Globex."
MIXED = (
    "東京株式会社 and 👩‍👩‍👧‍👦 met\tin São Paulo; नमसत\x1b[2J e\u0301t\u0301e\u0301, 🇩🇪\n\nend. "
)
JOINED = (
    "👋🏽xyz हिन्दी क्षत्रिय ශ්\u200dරී ලංකා ❤\ufe0fab 1\ufe0f\u20e3c שָׁלוֹם 🏴\U000e0067\U000e007f d.\n"
)
ARABIC = "أعلنت شركة أكمي (Acme) في برلين يوم الثلاثاء ١٢ مايو 2023.\n"


class ViewApp(EmulatedApp):
    def __init__(
        self,
        text: str,
        width: int,
        height: int,
        *,
        mode: Mode = "auto",
        look: Theme | None = None,
        ascii_only: bool = False,
    ) -> None:
        super().__init__(width, height)
        self.drawing = USUAL
        self.editor = TinyEditor(text)
        self.look = look or theme("dark", colors=256)
        self.view = TextView(self.look, ("ORG", "LOC"), mode=mode, ascii_only=ascii_only)

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.show(self.editor)


async def test_lanes_below_the_text() -> None:
    app = ViewApp(NEWS, 42, 8)
    async with app.run_test(size=(42, 8)) as pilot:
        await pilot.pause()
        before = app.rows()
        app.editor.add(0, 16, "ORG")
        app.editor.add(20, 26, "LOC")
        app.view.changed()
        await pilot.pause()
        assert app.rows()[:4] == [
            "Acme Corporation of Berlin said on Tuesday",
            "└ORG───────────┘    └LOC─┘",
            "",
            "that it had sold its share in Globex.",
        ]
        assert list(app.rows()[::3]) == before[::3], "labelling moves no text"
        app.editor.add(0, 26, "HQ")
        app.view.changed()
        await pilot.pause()
        assert app.rows()[1:4] == [
            "└HQ──────────────────────┘",
            "└ORG───────────┘    └LOC─┘",
            "that it had sold its share in Globex.",
        ]


async def test_right_to_left_text_has_its_labels_below_it() -> None:
    app = ViewApp("שלום לכולם, Acme\nend", 24, 6)
    async with app.run_test(size=(24, 6)) as pilot:
        app.editor.add(5, 10, "LOC")
        app.editor.move(1)
        app.view.changed()
        await pilot.pause()
        assert app.rows()[:4] == [
            "        Acme ,םלוכל םולש",
            "              └LOC┘",
            "",
            "end",
        ]
        assert tuple(app.cursor_position) == (18, 0), "the first letter is the rightmost"
        screen = app.cropped.screen
        assert [x for x in range(24) if screen.cell(0, x).reverse] == list(range(14, 19))


async def test_a_terminal_that_reorders_gets_brackets() -> None:
    app = ViewApp("שלום לכולם, Acme Corp\nend", 24, 6)
    app.drawing = TerminalWidths(reorders=True)
    async with app.run_test(size=(24, 6)) as pilot:
        app.editor.add(0, 4, "LOC")
        app.editor.add(12, 16, "ORG")
        app.editor.add(17, 21, "ORG")
        app.editor.move(1)
        app.view.changed()
        await pilot.pause()
        assert app.rows()[:3] == ["[שלום]לכולם,[Acme|Corp]", " end", ""]
        assert app.view.compact
        assert tuple(app.cursor_position) == (6, 0)


async def test_cursor_focus_and_the_terminals_own_cursor() -> None:
    app = ViewApp(NEWS, 42, 8)
    async with app.run_test(size=(42, 8)) as pilot:
        app.editor.move(3)
        app.view.changed()
        await pilot.pause()
        screen = app.cropped.screen
        assert [x for x in range(42) if screen.cell(0, x).reverse] == list(range(20, 26))
        assert tuple(app.cursor_position) == (20, 0)
        app.editor.label("LOC")
        app.view.changed()
        await pilot.pause()
        assert all(screen.cell(1, x).reverse for x in range(20, 26))
        app.editor.move(1)
        app.view.changed()
        await pilot.pause()
        assert not any(screen.cell(1, x).reverse for x in range(42))
        assert [x for x in range(42) if screen.cell(0, x).reverse] == list(range(27, 31))


async def test_monochrome_and_ascii() -> None:
    app = ViewApp(NEWS, 42, 8, look=theme("monochrome"), ascii_only=True)
    async with app.run_test(size=(42, 8)) as pilot:
        app.editor.add(0, 16, "ORG")
        app.editor.focus = None
        app.editor.move(7)
        app.view.changed()
        await pilot.pause()
        screen = app.cropped.screen
        assert app.row(1) == "[ORG-----------]"
        assert all(screen.cell(0, x).underscore for x in range(16))
        colors = {cell.fg for row in app.cropped.cells() for cell in row}
        assert colors == {"default"}
        assert app.look[Role.CURSOR].bold


async def test_compact_where_lanes_need_more_than_two_screens() -> None:
    app = ViewApp(NEWS * 5, 40, 10)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert app.view.compact
        app.editor.add(0, 16, "ORG")
        app.view.changed()
        await pilot.pause()
        assert app.row(0).startswith("Acme Corporation of Berlin")
        assert app.row(0).endswith("ORG")
        app.view.set_mode("lanes")
        await pilot.pause()
        assert app.row(1) == "└ORG───────────┘"
        app.view.set_mode("compact")
        app.view.set_blanks(True)
        await pilot.pause()
        assert app.row(0).startswith("Acme␣Corporation␣of␣Berlin␣")


@pytest.mark.parametrize(
    "text", [NEWS * 4, MIXED * 5, JOINED * 4], ids=["ascii", "mixed", "joined"]
)
@pytest.mark.parametrize("mode", ["auto", "lanes", "compact"])
@pytest.mark.parametrize("graphemes", [True, False], ids=["whole", "parts"])
async def test_any_changes_leave_the_screen_as_a_new_one_is_drawn(
    text: str, mode: Mode, graphemes: bool
) -> None:
    app = ViewApp(text, 50, 12, mode=mode)
    app.cropped.clear(graphemes=graphemes)
    random.seed(len(text))
    async with app.run_test(size=(50, 12)) as pilot:
        for step in range(50):
            change(app.editor, random.randrange(6))
            app.view.changed()
            await pilot.pause()
            if step % 10 == 9:
                drawn = app.cropped.cells()
                app.cropped.clear(graphemes=graphemes)
                app.view.redraw()
                await pilot.pause()
                assert drawn == app.cropped.cells()


def change(editor: TinyEditor, what: int) -> None:
    if what < 3:
        editor.move(random.randint(-5, 12))
    elif what == 3:
        end = editor.tokens[min(len(editor.tokens) - 1, editor.cursor + random.randrange(9))][1]
        editor.add(editor.cursor_range[0], end, random.choice(["ORG", "LOC", "new"]))
    elif what == 4 and editor.spans:
        editor.remove(random.choice(editor.spans))
    else:
        start = editor.cursor_range[0]
        editor.selection = None if editor.selection else (start, start + 20)


SIZES = [(1, 1), (1, 6), (2, 2), (3, 1), (6, 3), (23, 2), (24, 2), (40, 12), (200, 60)]


@pytest.mark.parametrize("mode", ["auto", "lanes", "compact", "brackets"])
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_size(size: tuple[int, int], mode: Mode | Literal["brackets"]) -> None:
    app = ViewApp((MIXED + ARABIC) * 3, *size, mode="auto" if mode == "brackets" else mode)
    app.drawing = TerminalWidths(reorders=mode == "brackets")
    async with app.run_test(size=size) as pilot:
        app.editor.add(0, 6, "ORG")
        for by in (1, 7, 30, -3, -99):
            app.editor.move(by)
            app.view.changed()
            await pilot.pause()
            start = app.editor.cursor_range[0]
            line = app.view.rows.row_of(start)
            first = app.view.rows.row_of(app.view.top_offset)
            assert first <= line < first + size[1], "the cursor's row is on screen"
        app.view.show(TinyEditor(""))
        await pilot.pause()
        assert not "".join(app.rows()).strip()


async def test_what_was_never_on_screen_is_counted() -> None:
    app = ViewApp(NEWS * 20, 40, 10, mode="lanes")
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        rows = len(app.view.rows)
        assert app.view.page_rows == 5
        assert app.view.unseen_rows == app.view.unseen_below == rows - 5
        assert app.view.unseen_above == 0
        app.editor.move(10_000)
        app.view.changed()
        await pilot.pause()
        assert app.view.unseen_below == 0
        assert app.view.unseen_rows == app.view.unseen_above == rows - 10
        app.editor.move(-10_000)
        app.view.changed()
        await pilot.pause()
        assert app.view.unseen_below == app.view.unseen_rows == rows - 10
        for _ in range(len(app.editor.tokens)):
            app.editor.move(1)
            app.view.changed()
        assert app.view.unseen_rows == 0
        app.view.show(TinyEditor("One line."))
        # Before it is drawn: what is on screen is not said to be above it.
        app.view._seen = SeenRows(app.view.rows)
        assert (app.view.unseen_rows, app.view.unseen_above, app.view.unseen_below) == (1, 0, 0)


async def test_scrolling_keeps_two_thirds() -> None:
    app = ViewApp(NEWS * 20, 40, 12, mode="lanes")
    async with app.run_test(size=(40, 12)) as pilot:
        tops = []
        for _ in range(80):
            app.editor.move(1)
            app.view.changed()
            await pilot.pause()
            tops.append(app.view.rows.row_of(app.view.top_offset))
        steps = {b - a for a, b in itertools.pairwise(tops)}
        assert steps == {0, 3}, "a third of six rows and the one that did not fit"


async def test_a_draft_comes_back_as_it_was_scrolled() -> None:
    app = ViewApp(NEWS * 20, 40, 10, mode="lanes")
    async with app.run_test(size=(40, 10)) as pilot:
        app.editor.move(100)
        app.view.changed()
        await pilot.pause()
        top, drawn = app.view.top_offset, app.rows()
        assert top > 0
        app.view.show(TinyEditor("other"))
        await pilot.pause()
        assert app.row(0) == "other"
        app.view.show(app.editor, top_offset=top)
        await pilot.pause()
        assert app.view.top_offset == top
        assert app.rows() == drawn


async def test_another_size_keeps_the_text_at_the_top() -> None:
    app = ViewApp(NEWS * 20, 40, 10, mode="lanes")
    async with app.run_test(size=(40, 10)) as pilot:
        app.editor.move(100)
        app.view.changed()
        await pilot.pause()
        top = app.view.top_offset
        app.cropped.screen.resize(60, 10)
        app.stock.screen.resize(60, 10)
        await pilot.resize_terminal(60, 10)
        await pilot.pause()
        assert app.view.rows.width == 60
        assert app.view.rows.row_of(app.view.top_offset) == app.view.rows.row_of(top)
        assert app.row(0) == NEWS_ROW(app)


def NEWS_ROW(app: ViewApp) -> str:
    rows = app.view.rows
    place = rows[rows.row_of(app.view.top_offset)]
    return rows.shown(place.start, place.end).rstrip()


async def test_another_theme() -> None:
    app = ViewApp(NEWS, 42, 8)
    async with app.run_test(size=(42, 8)) as pilot:
        app.editor.add(0, 16, "ORG")
        app.view.changed()
        await pilot.pause()
        assert app.cropped.screen.cell(0, 6).bg == "ffaf00"
        app.view.set_theme(theme("monochrome"))
        await pilot.pause()
        assert app.cropped.screen.cell(0, 6).bg == "default"
        app.view.set_theme(theme("dark", colors=256))
        app.view.set_labels(["LOC", "ORG"])
        await pilot.pause()
        assert app.cropped.screen.cell(0, 6).bg == "5fafd7"


@given(
    st.text("ab \n", min_size=1, max_size=60),
    st.integers(0, 60),
    st.integers(0, 60),
    st.text("xy ", max_size=30),
    st.integers(3, 12),
)
def test_rows_that_were_seen_stay_seen_where_the_text_is_changed(
    old: str, start: int, end: int, put_in: str, width: int
) -> None:
    """A text that was seen as a whole is so with what was written into it."""
    start, end = sorted((min(start, len(old)), min(end, len(old))))
    layout = Layout(old, width)
    seen, part = SeenRows(layout), SeenRows(layout)
    for row in range(len(layout)):
        seen.add(row)
    part.add(0)
    changed = Layout(old[:start] + put_in + old[end:], width)
    for each in (seen, part):
        each.move_to(changed)
    assert seen.missing() == 0
    assert 0 <= part.missing() <= len(changed)
