"""Relations as arcs in the program, at 80x24."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tui.app_support import new_place, running
from tui_annotate.tui.widgets.cells import CellWidget
from tui_annotate.tui.widgets.sheet_view import SheetView

TEXT = "Ilse left the port of Cork"
TASK: dict[str, Any] = {"view_id": "relations", "config": {"labels": ["WHO", "FROM"]}}


@pytest.fixture(autouse=True)
def preferences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


async def test_relations_are_arcs_and_a_list_and_the_text_stays_where_it_is(tmp_path: Path) -> None:
    place = new_place(tmp_path, TEXT)
    async with running(place, **TASK) as driver:
        before = driver.rows().index(TEXT)
        await driver.type("l r h 1")
        assert driver.rows()[before - 2 : before + 1] == ["┌──WHO──┐", "▼       │", TEXT]
        assert "> left --WHO--> Ilse" in driver.text
        await driver.type("z")
        assert "┌──WHO──┐" in driver.text
        assert "-->" not in driver.text
        await driver.type("z")
        assert "┌──WHO──┐" not in driver.text
        assert "> left --WHO--> Ilse" in driver.text


async def test_labels_of_arcs_are_drawn_in_their_order(tmp_path: Path) -> None:
    config = {**TASK["config"], "labels": ["קשר"]}
    async with running(new_place(tmp_path, TEXT), **{**TASK, "config": config}) as driver:
        await driver.type("l r h 1")
        assert "┌──רשק──┐" in driver.rows()


async def test_arcs_without_tips(tmp_path: Path) -> None:
    config = {**TASK["config"], "hide_relations_arrow": True}
    async with running(new_place(tmp_path, TEXT), **{**TASK, "config": config}) as driver:
        await driver.type("l r h 1")
        row = driver.rows().index(TEXT)
        assert driver.rows()[row - 2 : row] == ["┌──WHO──┐", "│       │"]


async def test_what_a_rule_forbids_is_not_accepted(tmp_path: Path) -> None:
    config = {
        "labels": ["WHO"],
        "relations_span_labels": ["PER", "ACT"],
        "relations_rules": {"WHO": [["ACT", "PER"]]},
    }
    async with running(new_place(tmp_path, TEXT), view_id="relations", config=config) as driver:
        await driver.type("1 l 2 r h 1 2 a")
        assert driver.bar == "WHO may not link ACT with ACT"
        await driver.type("1 a a")
        assert "All done." in driver.text


async def test_what_has_no_room_is_said(tmp_path: Path) -> None:
    place = new_place(tmp_path, "a b c d e f g h i j")
    many: dict[str, Any] = {"view_id": "relations", "config": {"labels": ["LONG"]}}
    async with running(place, size=(40, 12), **many) as driver:
        for step in range(1, 10):
            await driver.type("r " + "l " * step + "1 " + "h " * step)
        await driver.type("pageup")
        assert "have no room as arcs here" in driver.text


async def test_jump_hints_are_drawn_and_typed_in_a_text_with_relations(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, TEXT), **TASK) as driver:
        await driver.type("g")
        row = next(row for row in driver.rows() if row.startswith("Ilse"))
        assert row != TEXT, "the letters stand over the words"
        await driver.type(row[5])
        assert TEXT in driver.rows()
        await driver.type("r l 1")
        assert "> left --WHO--> the" in driver.text


async def test_labels_have_the_same_colours_in_the_text_and_in_the_label_line(
    tmp_path: Path,
) -> None:
    spans = {"relations_span_labels": ["PER", "LOC"]}
    config = {"labels": ["WHO", "FROM"], **spans}
    async with running(new_place(tmp_path, TEXT), **{**TASK, "config": config}) as driver:
        await driver.type("1 l l l l l 2 h h h h r l 1")
        sheet = driver.screen.query_one(SheetView)

        def colors(widget: CellWidget) -> dict[str, object]:
            rows = [widget.build_line(y) for y in range(widget.size.height)]
            names = ("PER", "LOC", "WHO", "FROM")
            return {
                name: run.style.color
                for row in rows
                for run in row.runs
                for name in names
                if name in run.text and run.style.color is not None
            }

        line = driver.screen.query_one("#labels", CellWidget)
        drawn, chosen = colors(sheet), colors(line)
        await driver.type("t")
        assert colors(line).items() <= chosen.items()
        await driver.type("escape r")
        chosen |= colors(line)
        assert len(set(chosen.values())) == 4
        assert drawn.keys() >= {"PER", "LOC"}
        assert all(chosen[name] == color for name, color in drawn.items())
