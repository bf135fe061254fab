"""Screens of every size, changed at any moment: nothing raises, and one sees where one is."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.tui.app_support import Driver, new_place, running
from tui_annotate.tui.screens.palette import PaletteScreen
from tui_annotate.tui.widgets.side_panel import SpanList
from tui_annotate.tui.widgets.text_view import TextView

TEXTS = (
    "Acme Corporation of Berlin said on Tuesday that it had sold its share in Globex. " * 4,
    "東京タワーは日本の首都にある。 👩‍👩‍👧‍👦 met\tnine\n\n\x1b[2J नमस्ते. " * 3,
    "x" * 900,
    "\n".join(f"Line {number} of Acme" for number in range(60)),
)
KEYS = (
    "l l h j k 1 1 2 v l o n n p tab b w e d u , z z # % . { } ( ) pageup pagedown home end "
    "m down up escape t escape / B enter g escape ; B i i escape o escape c h escape I escape f s"
)
SIZES = ((1, 1), (2, 1), (1, 200), (500, 1), (500, 200), (30, 6), (40, 12), (80, 24))


def any_size(chance: random.Random) -> tuple[int, int]:
    """Return a size, small ones more often."""
    most = chance.choice((6, 40, 120))
    return chance.choice([*SIZES, (chance.randint(1, most), chance.randint(1, 1 + most // 3))])


def cursor_is_seen(driver: Driver) -> bool:
    """Tell whether the row under the cursor is on the screen."""
    view = driver.screen.query_one(TextView)
    row = view.rows.row_of(driver.editor.cursor_range[0])
    first = view.rows.row_of(view.top_offset)
    return view.size.height == 0 or first <= row < first + view.size.height


@pytest.mark.parametrize("seed", range(2))
async def test_any_size_at_any_moment(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    async with running(new_place(tmp_path, *TEXTS)) as driver:
        for _ in range(60):
            if chance.random() < 0.3:
                await driver.pilot.resize_terminal(*any_size(chance))
                await driver.idle()
            else:
                await driver.type(chance.choice(KEYS.split()))
            assert driver.app._exception is None
            if driver.app.screen is driver.screen:
                assert cursor_is_seen(driver)
        await driver.pilot.resize_terminal(80, 24)
        await driver.type("escape escape escape escape")
        assert driver.app.screen is driver.screen
        assert driver.bar


NESTED = "North Harbour Water Board chair Ana Ruiz said that it took an afternoon. "
BLOCKS = {
    "blocks": [{"view_id": "text_input"}, {"view_id": "spans_manual"}],
    "relations_span_labels": ["ORG", "LOC"],
    "labels": ["ORG", "LOC"],
}


@pytest.mark.parametrize("view_id", ["spans_manual", "blocks"])
@pytest.mark.parametrize("size", [(40, 12), (120, 40)])
async def test_no_label_moves_a_row_of_text(
    tmp_path: Path, size: tuple[int, int], view_id: str
) -> None:
    place = new_place(tmp_path, NESTED * 2)
    async with running(place, size, view_id=view_id, config=BLOCKS) as driver:
        if view_id == "blocks":
            await driver.type("escape tab")
        rows = [row.partition("│")[0] for row in driver.rows()]
        before = [row for row in rows if "afternoon" in row or "Harbour" in row]
        places = [rows.index(row) for row in before]
        assert places
        for keys in ("1", "v l l l 2", "v l l 1", "d", "k v l l l l l 1", "u u u u"):
            await driver.type(keys)
            found = [row.partition("│")[0] for row in driver.rows()]
            assert [found[at] for at in places] == before, keys


@pytest.mark.parametrize(
    ("size", "left", "width", "top"),
    [
        ((40, 7), 0, 40, 0),
        ((40, 12), 0, 40, 1),
        ((80, 24), 2, 76, 2),
        ((94, 24), 2, 90, 2),
        ((119, 40), 14, 90, 2),
        ((120, 40), 2, 76, 2),
        ((200, 60), 28, 90, 2),
        ((200, 15), 28, 90, 1),
    ],
)
async def test_text_stands_in_a_column_and_where_one_is_over_it(
    tmp_path: Path, size: tuple[int, int], left: int, width: int, top: int
) -> None:
    async with running(new_place(tmp_path, *TEXTS), size) as driver:
        text = driver.screen.query_one(TextView)
        assert (text.region.x, text.region.width, text.region.y) == (left, width, top)
        first = driver.rows()[0]
        assert ("0 done  4 to go" in first) == bool(top)
        assert ("─" * 8 in first) == (size[0] > 40), "where there is little room, no bar"
        await driver.type("a a l")
        assert ("━──" in driver.rows()[0]) == (size[0] > 40)
        await driver.pilot.resize_terminal(80, 24)
        await driver.idle()
        assert (text.region.x, text.region.width, text.region.y) == (2, 76, 2)


async def test_versions_beside_each_other_have_more_of_a_wide_screen(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, "A."), (200, 60), view_id="html") as driver:
        assert driver.screen.query_one("#sheet").region.width == 144


@pytest.mark.parametrize("width", [6, 12, 24, 30, 40, 80])
async def test_the_menu_shows_what_is_marked(tmp_path: Path, width: int) -> None:
    async with running(new_place(tmp_path, "a row"), (width, 6)) as driver:
        await driver.type("m down")
        assert isinstance(driver.app.screen, PaletteScreen)
        assert "rej" in driver.text


async def test_a_token_taller_than_the_screen_is_read_page_by_page(tmp_path: Path) -> None:
    token = "x" * 3000
    async with running(new_place(tmp_path, f"before {token} after"), (40, 12)) as driver:
        view = driver.screen.query_one(TextView)
        await driver.type("l pagedown")
        tops = [view.top_offset]
        while view.unseen_rows:
            await driver.type("pagedown")
            tops.append(view.top_offset)
            assert driver.editor.cursor_range[0] == 7
            assert tops[-1] > tops[-2]
        await driver.type("1")
        assert view.top_offset == tops[-1], "a label moves nothing"
        await driver.type("pagedown")
        assert driver.editor.cursor_range[0] > len(token)
        await driver.type("h pageup pageup")
        assert driver.editor.cursor_range[0] == 7
        assert view.top_offset < tops[-1]


@pytest.mark.parametrize("height", [3, 9, 18, 40])
async def test_the_list_shows_the_focused_span(tmp_path: Path, height: int) -> None:
    words = [f"word{number}" for number in range(30)]
    async with running(new_place(tmp_path, " ".join(words)), (60, 24)) as driver:
        await driver.type("z z")
        for _ in words:
            await driver.type("1 l")
        listed = driver.screen.query_one(SpanList)
        await driver.pilot.resize_terminal(60, height)
        for key in ["tab"] * 3 + ["b"] * 12 + ["tab"] * 20:
            await driver.type(key)
            focus = driver.editor.focus
            assert focus is not None
            name = driver.editor.text[focus.start : focus.end]
            rows = [listed.build_line(y) for y in range(listed.size.height)]
            (row,) = [row for row in rows if row.text.split()[2:] == [name]]
            assert any(run.style.reverse for run in row.runs)
