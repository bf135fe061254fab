"""What stands beside the text from 120 columns on, and that nothing in the text moves by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import Compositor

from tests.tui.app_support import Driver, new_place, running
from tui_annotate.editors.sheet import Sheet
from tui_annotate.task.schema import Task
from tui_annotate.task.spans import Span
from tui_annotate.tui.widgets.paragraph_layout import Block
from tui_annotate.tui.widgets.sheet_layout import BlockMaker
from tui_annotate.tui.widgets.side_panel import columns_of

WIDE = [(120, 40), (200, 60)]
TEXT = "North Harbour Water Board chair Ana Ruiz said that it took an afternoon. "
LABELS = {"labels": ["PERSON", "ORG", "ROLE"]}
ABOUT = {"label_descriptions": {"PERSON": "People by their names, without their offices."}}


@pytest.fixture(autouse=True)
def nothing_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def beside(driver: Driver) -> list[str]:
    """The rows behind the rule, without those that are empty."""
    rows = [row.partition("│")[2] for row in driver.rows() if "│" in row]
    return [row.removeprefix(" ") for row in rows if row.strip()]


def text_rows(driver: Driver) -> list[str]:
    """What stands before the rule, or in the whole row where there is none."""
    return [row.partition("│")[0].rstrip() for row in driver.rows()]


def both_sides(driver: Driver) -> list[tuple[str, str]]:
    """What stands before and behind the rule, row by row."""
    parts = [row.partition("│") for row in driver.rows() if "│" in row]
    return [(left.strip(), right.strip()) for left, _, right in parts]


@pytest.mark.quick
def test_where_things_stand() -> None:
    assert columns_of(116) == (76, 78, 80)  # with a margin of 2: text to 78, rule in 81, from 83 on
    assert columns_of(144) == (90, 92, 94)
    assert columns_of(116, halves=True) == (56, 58, 60)


@pytest.mark.parametrize("size", WIDE)
async def test_spans_stand_in_the_order_of_the_text_with_a_mark_at_the_cursor(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    place = new_place(tmp_path, TEXT * 2)
    view: dict[str, Any] = {"view_id": "spans_manual", "config": {**LABELS, **ABOUT}}
    async with running(place, size, **view) as d:
        assert beside(d)[0] == "no spans" and beside(d)[1].startswith("PERSON: People by their")
        await d.type("v l l l l 3 escape home v l l l 2 escape")
        told = beside(d)
        assert told[0] == "2 spans"
        assert told[1].startswith("  ROLE    North Harbour Water Board")
        assert told[2].startswith(">  ORG    North Harbour Water")
        await d.type("end")
        assert [row[0] for row in beside(d)[1:3]] == [" ", " "]
        await d.type("home d")
        assert [row.split()[0] for row in beside(d)[:2]] == ["1", ">"]


async def test_a_span_keeps_its_row_whatever_comes_and_goes_before_it(tmp_path: Path) -> None:
    async with running(
        new_place(tmp_path, "Ana Bo Cem Di Eli.", "Two."), (120, 40), config=LABELS
    ) as d:
        await d.type("l l 1 l 2")
        assert beside(d) == ["2 spans", "  PERSON  Cem", "> ORG     Di"]
        await d.type("home 3")
        assert beside(d) == ["3 spans", "  PERSON  Cem", "  ORG     Di", "> ROLE    Ana"]
        await d.type("l l d l l 1")
        assert beside(d)[1:] == ["> PERSON  Eli", "  ORG     Di", "  ROLE    Ana"], "a free row"
        await d.type("h 1")
        assert beside(d)[2:] == ["> PERSON  Di", "  ROLE    Ana"], "the same span, the same row"
        await d.type("u")
        assert beside(d)[2] == "> ORG     Di"
        await d.pilot.resize_terminal(121, 40)
        await d.idle()
        shown = [row[2:].split()[-1] for row in beside(d)[1:]]
        assert shown == ["Ana", "Di", "Eli"], "in the order of the text when it is laid out anew"
        await d.type("a u")
        assert [row.split()[-1] for row in beside(d)[1:]] == ["Ana", "Di", "Eli"]


async def test_attributes_of_a_span_stand_behind_it(tmp_path: Path) -> None:
    def brought(stream: Iterable[Task]) -> Iterator[Task]:
        span = {"start": 0, "end": 4, "label": "ORG", "attributes": {"sure": "no"}}
        for task in stream:
            yield {**task, "spans": [span]}

    place = new_place(tmp_path, "Acme left.")
    async with running(place, (120, 40), change=brought, config=LABELS) as d:
        assert "> ORG     Acme  sure = no" in beside(d)


async def test_proposals_are_listed_as_such(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, "Acme in Oslo."), (120, 40), config=LABELS) as d:
        d.editor.propose([Span(8, 12, "ORG")])
        await d.type("1")
        assert beside(d)[1:] == ["> PERSON  Acme", "  ORG?    Oslo"]


@pytest.mark.parametrize("keys", ["1", "v l l 2", "1 l l 2 home d", "1 u", "e e"])
async def test_neither_a_label_nor_the_panel_moves_text(tmp_path: Path, keys: str) -> None:
    async with running(new_place(tmp_path, TEXT * 3), (120, 40), config=LABELS) as d:
        words = [row for row in text_rows(d) if "afternoon" in row]
        at = [text_rows(d).index(row) for row in words]
        await d.type(keys)
        assert [text_rows(d)[place] for place in at] == words


async def test_many_spans_scroll_to_the_one_at_the_cursor(tmp_path: Path) -> None:
    text = " ".join(f"word{number}" for number in range(90))
    async with running(new_place(tmp_path, text), (120, 24), config=LABELS) as d:
        for _ in range(60):
            await d.burst("1 l")
        assert "  PERSON  word59" in beside(d) and "  PERSON  word0" not in beside(d)
        await d.type("b " * 3)
        assert "> PERSON  word57" in beside(d)


async def test_options_stand_beside_a_text_of_any_length(tmp_path: Path) -> None:
    options = [{"id": f"O{n}", "text": f"Option {n}"} for n in range(12)]
    options[1]["description"] = "What it is for."

    def with_options(stream: Iterable[Task]) -> Iterator[Task]:
        for task in stream:
            yield {**task, "options": options}

    lines = "\n".join(f"Line {n}." for n in range(70))
    place = new_place(tmp_path, "Short.", lines)
    shown: dict[str, Any] = {"view_id": "choice", "config": {"choice_style": "multiple"}}
    async with running(place, (120, 40), change=with_options, **shown) as d:
        short = beside(d)
        assert short[0] == "> 1 [ ] Option 0" and short[2].strip() == "What it is for."
        await d.type("2")
        assert beside(d)[1] == "> 2 [x] Option 1"
        await d.type("a")
        assert beside(d) == short, "options have the same rows in every task"
        await d.type("end end")
        assert any("Line 69." in row for row in text_rows(d)), "behind the last one the text moves"
        assert any(row.startswith(">") and "Option 11" in row for row in beside(d))
        await d.type("home enter home")
        assert beside(d)[0] == "> 1 [x] Option 0"
        assert "Line 0." in text_rows(d)
        await d.type("P")
        assert not beside(d)
        await d.type("end end")
        assert any("Option 11" in row for row in d.rows())


async def test_the_place_in_options_that_have_no_room_beside_a_text_is_shown(
    tmp_path: Path,
) -> None:
    def with_options(stream: Iterable[Task]) -> Iterator[Task]:
        for task in stream:
            yield {**task, "options": [{"id": n, "text": f"Option {n}"} for n in range(60)]}

    place = new_place(tmp_path, "Short.")
    async with running(place, (60, 16), change=with_options, view_id="choice") as d:
        assert " of 62 " in d.rows()[0], "with the text they are one list"
        await d.pilot.resize_terminal(120, 40)
        await d.pilot.pause()
        assert "1-35 of 60 " in d.rows()[0]
        await d.type("end")
        assert "26-60 of 60 " in d.rows()[0]
        await d.pilot.resize_terminal(120, 70)
        await d.pilot.pause()
        assert " of 60 " not in d.rows()[0]


def versions_of(rows: int, others: int) -> Callable[[Iterable[Task]], Iterator[Task]]:
    """What makes of each task two versions with so many rows."""

    def versions(stream: Iterable[Task]) -> Iterator[Task]:
        for task in stream:
            a = {"text": "\n".join(f"A {n}" for n in range(rows))}
            b = {"text": "\n".join(f"B {n}" for n in range(others))}
            yield {"input": task, "accept": a, "reject": b, "mapping": {"A": "accept"}}

    return versions


async def test_two_versions_stand_beside_each_other_and_scroll_together(tmp_path: Path) -> None:
    versions = versions_of(50, 70)
    place = new_place(tmp_path, "Which of these two is better? " * 3)
    async with running(place, (120, 40), change=versions, view_id="compare") as d:
        pairs = both_sides(d)
        assert ("A (a if this one is better)", "B (x if this one is better)") in pairs
        assert ("A 0", "B 0") in pairs
        assert d.screen.unseen_below, "what is below is to be read before it is answered"
        await d.type("pagedown")
        pairs = both_sides(d)
        assert ("A 40", "B 40") in pairs
        await d.type("end")
        pairs = both_sides(d)
        assert pairs[-1] == ("", "B 69")
        assert not d.screen.unseen_below


async def test_scrolling_lays_nothing_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[object] = []
    blocks, arranged = BlockMaker.blocks, Compositor._arrange_root

    def counting_blocks(maker: BlockMaker, sheet: Sheet, mode: str) -> Iterator[Block]:
        laid_out.append(sheet)
        return blocks(maker, sheet, mode)

    def counting_arranged(*arguments: Any, **options: Any) -> Any:
        laid_out.append(arguments)
        return arranged(*arguments, **options)

    monkeypatch.setattr(BlockMaker, "blocks", counting_blocks)
    monkeypatch.setattr(Compositor, "_arrange_root", counting_arranged)
    place = new_place(tmp_path, "Which of these two is better?")
    async with running(place, (120, 40), change=versions_of(90, 90), view_id="compare") as d:
        await d.type("j")
        assert laid_out
        laid_out.clear()
        for key in ("j", "pagedown", "k"):
            await d.type(key)
        assert not laid_out


async def test_relations_are_listed_there(tmp_path: Path) -> None:
    config = {"labels": ["WORKS_FOR"], "relations_span_labels": ["PERSON", "ORG"]}
    place = new_place(tmp_path, "Ana left Acme.")
    async with running(place, (120, 40), view_id="relations", config=config) as d:
        assert beside(d) == ["no relations yet: r picks a head"]
        before = next(at for at, row in enumerate(d.rows()) if row.startswith("Ana left Acme."))
        await d.type("1 l l 2 home r l l 1")
        assert "> Ana --WORKS_FOR--> Acme" in beside(d)
        assert d.rows()[before].startswith("Ana left Acme.")


async def test_a_key_chooses_what_stands_there_and_it_is_remembered(tmp_path: Path) -> None:
    place = new_place(tmp_path, "Ana left.", "Two.")
    config = {**LABELS, "instructions": "# Rules\n\nTitles stay outside."}
    async with running(place, (120, 40), config=config) as d:
        await d.type("q")  # they are shown as a page to whoever has not seen them
        assert beside(d) == ["no spans"]
        await d.type("P")
        assert beside(d)[0] == "Rules" and "Titles stay outside." in beside(d)
        await d.type("1 a")
        assert beside(d)[0] == "Rules"
        await d.type("P")
        assert not beside(d)
        assert d.screen.query_one("#text").region.width == 90
    async with running(place, (120, 40), config=config) as d:
        assert not beside(d)
        await d.type("P l 1")
        assert beside(d)[0] == "1 span"


async def test_a_job_of_nothing_but_guidelines_has_them_there(tmp_path: Path) -> None:
    config = {"instructions": "Titles stay outside."}
    place = new_place(tmp_path, "Ana left.")
    async with running(place, (120, 40), view_id="text", config=config) as d:
        await d.type("q")
        assert beside(d) == ["Titles stay outside."]


async def test_it_comes_and_goes_with_the_width(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, TEXT, "Two."), (119, 40), config=LABELS) as d:
        await d.type("1 P")
        assert "│" not in d.text and "panel" not in d.screen.words
        for columns, there in ((120, True), (100, False), (200, True), (80, False), (120, True)):
            await d.pilot.resize_terminal(columns, 40)
            await d.idle()
            assert (beside(d)[:2] == ["1 span", "> PERSON  North"]) == there
        await d.type("a a")
        assert "│" not in d.text, "the last page has no panel"
        await d.type("u")
        assert beside(d)[0] == "no spans"


async def test_the_list_below_the_text_is_not_shown_twice(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, TEXT), (120, 40), config=LABELS) as d:
        await d.type("1 z z")
        assert d.screen._views.mode == "list"
        assert d.text.count("PERSON  North") == 1
        await d.type("P")
        assert "  1 PERSON  North" in d.rows()


async def test_the_next_task_and_the_one_before_show_their_own_spans(tmp_path: Path) -> None:
    def mark(tasks: Iterable[Task]) -> Iterator[Task]:
        for task in tasks:
            end = task["text"].index(" ")
            yield {**task, "spans": [{"start": 0, "end": end, "label": "ORG"}]}

    place = new_place(tmp_path, "Acme sold.", "Globex bought.", "Initech closed.")
    async with running(place, (120, 40), change=mark, config=LABELS) as d:
        for name in ("Acme", "Globex", "Initech"):
            assert beside(d)[1].endswith(name)
            await d.type("a")
        await d.type("u")
        assert beside(d)[1].endswith("Initech")
        await d.type("u")
        assert beside(d)[1].endswith("Globex")
