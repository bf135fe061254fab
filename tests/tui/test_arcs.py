"""Relations as arcs in the program, at 80x24."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.session.support import Place
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


async def test_a_label_that_was_picked_by_mistake_leaves_its_relation_to_another_one(
    tmp_path: Path,
) -> None:
    async with running(new_place(tmp_path, TEXT), **TASK) as driver:
        await driver.type("l r h t f backspace w h o")
        assert "> left --WHO--> Ilse" in driver.text
        assert "FROM-->" not in driver.text


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


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ((40, 12), "6 relations not drawn: z lists them"),
        ((80, 24), "5 relations have no room as arcs here: see the list, z"),
    ],
    ids=["40x12", "80x24"],
)
async def test_what_has_no_room_is_said_and_the_text_stays(
    tmp_path: Path, size: tuple[int, int], said: str
) -> None:
    text = "a b c d e f g h i j"
    many: dict[str, Any] = {"view_id": "relations", "config": {"labels": ["LONG"]}}
    async with running(new_place(tmp_path, text), size=size, **many) as driver:
        before = driver.rows().index(text)
        for step in range(1, 10):
            await driver.type("r " + "l " * step + "1 " + "h " * step)
            assert driver.rows().index(text) == before
        assert said in driver.text
        if size[1] > 12:
            await driver.type("z z z")
            assert "no room" not in driver.text, "a look that is chosen anew has room for more"


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


def turns(*lines: str, links: Sequence[tuple[int, int, str]] = ()) -> dict[str, Any]:
    """A row whose tokens are its lines; of a line that begins with `*`, its words."""
    text, tokens, start = "\n".join(lines), [], 0
    for line in lines:
        pieces = line.split(" ") if line.startswith("*") else [line]
        for piece in pieces:
            tokens.append({"text": piece, "start": start, "end": start + len(piece)})
            start += len(piece) + 1
    found = [{"head": head, "child": child, "label": label} for head, child, label in links]
    tokens = [{**each, "id": number, "ws": False} for number, each in enumerate(tokens)]
    return {"text": text, "tokens": tokens, "relations": found}


def place_of(folder: Path, row: dict[str, Any]) -> Place:
    """A source with one row that has more than a text."""
    place = new_place(folder)
    place.source.write_text(json.dumps(row) + "\n", "utf-8")
    return place


TURNS = ("Anna: We should buy it now.", "Ben: That costs too much.", "Cem: I agree with Anna.")


@pytest.mark.parametrize("size", [(80, 24), (40, 14), (200, 60)])
async def test_arcs_between_whole_turns_stand_beside_the_text(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    place = place_of(tmp_path, turns(*TURNS, links=[(1, 0, "WHO"), (2, 0, "FROM")]))
    async with running(place, size=size, **TASK) as driver:
        first = " ┌──FROM► Anna: We should buy it now."
        # On the widest the rule of the panel stands at the end of a row.
        rows = [row[:90].rstrip() for row in driver.rows()]
        drawn = rows[rows.index(first) :]
        assert [row for row in drawn if row.strip(" │")][:4] == [
            " ┌──FROM► Anna: We should buy it now.",
            " │┌─WHO─►",
            " │└─WHO── Ben: That costs too much.",
            " └──FROM─ Cem: I agree with Anna.",
        ]


async def test_the_first_arc_between_turns_does_not_move_the_text(tmp_path: Path) -> None:
    async with running(place_of(tmp_path, turns(*TURNS)), **TASK) as driver:
        before = [row[10:] for row in driver.text_rows[:12]]
        first, second = before.index(TURNS[0]), before.index(TURNS[1])
        await driver.type("l r h 1")
        assert [row[10:] for row in driver.text_rows[:12]] == before
        margin = [row[:10] for row in driver.text_rows]
        assert (margin[first], margin[second]) == ("  ┌─WHO─► ", "  └─WHO── ")


async def test_an_arc_from_a_turn_to_a_word_has_its_leg_over_the_word(tmp_path: Path) -> None:
    row = turns(TURNS[0], "* She said Cork yesterday", links=[(0, 3, "WHO")])
    async with running(place_of(tmp_path, row), **TASK) as driver:
        rows = [row for row in driver.text_rows if row.strip(" │")]
        assert rows[0].endswith("WHO── " + TURNS[0])
        assert rows[1] == "  └───────┄──WHO───┐"
        assert rows[2] == "                   ▼"
        assert rows[3] == "          * She said Cork yesterday"


async def test_long_ends_are_shortened_in_the_list(tmp_path: Path) -> None:
    long = "Anna: " + "word " * 30 + "end"
    row = turns(long, TURNS[1], links=[(0, 1, "WHO")])
    async with running(place_of(tmp_path, row), (84, 24), **TASK) as driver:
        assert f"> {long[:40]}… --WHO--> {TURNS[1]}" in driver.text


@pytest.mark.parametrize("view_id", ["ner_manual", "relations"])
async def test_labels_that_only_a_task_has_are_told_apart_on_screen(
    tmp_path: Path, view_id: str
) -> None:
    text = "neck then pain then jobs"
    found = [(0, 4, "PROCEDURE"), (10, 14, "PROBLEM"), (20, 24, "PROFESSION")]
    row = {"text": text, "spans": [{"start": a, "end": b, "label": c} for a, b, c in found]}
    config = {"labels": ["PROFESSIONAL"], "relations_span_labels": ["PROFESSIONAL"]}
    async with running(place_of(tmp_path, row), view_id=view_id, config=config) as driver:
        rows = driver.rows()
        lane = rows[rows.index(text) + 1]
        assert lane.split() == ["└PROCEDURE└PROBLEM", "└PROFESSION"], "all have room"
        assert lane.index("└PROB") == 10, "below its span"
