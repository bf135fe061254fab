"""Lists: the cursor goes where the view goes, and what is not on the screen is never chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.session.support import Place
from tests.tui.app_support import Driver, new_place, running
from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.sheet import Paragraph
from tui_annotate.task.schema import Task
from tui_annotate.text.width import USUAL, cell_width
from tui_annotate.tui.screens.history import HistoryScreen
from tui_annotate.tui.screens.palette import PaletteScreen
from tui_annotate.tui.theme import theme
from tui_annotate.tui.widgets.lanes import BOX
from tui_annotate.tui.widgets.paragraph_layout import OneLine
from tui_annotate.tui.widgets.rows import RowStyle
from tui_annotate.tui.widgets.sheet_layout import BlockMaker
from tui_annotate.tui.widgets.sheet_view import SheetView

OPTIONS = [{"id": f"O{n}", "text": f"Option {n}"} for n in range(60)]
MANY = {"choice_style": "multiple"}
NOT_SHOWN = "this option was not on the screen: the same key again chooses it"


@pytest.fixture(autouse=True)
def nothing_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def with_options(stream: Iterable[Task]) -> Iterator[Task]:
    for task in stream:
        yield {**task, "options": OPTIONS}


def form(driver: Driver) -> FormEditor:
    editor = driver.screen.editor
    assert isinstance(editor, FormEditor)
    return editor


def chosen(driver: Driver) -> list[Any]:
    return list(form(driver).content()["accept"])


def marked(driver: Driver) -> str:
    """The row with the cursor; empty where that is not on the screen."""
    return next((row.strip() for row in driver.rows() if row.startswith(">")), "")


def choices(place: Place, **config: Any) -> Any:
    return running(place, change=with_options, view_id="choice", config={"labels": [], **config})


@pytest.mark.parametrize("blocks", [False, True])
async def test_a_page_takes_the_cursor_with_it(tmp_path: Path, blocks: bool) -> None:
    place = new_place(tmp_path, "Which of these?")
    config = {"blocks": [{"view_id": "text"}, {"view_id": "choice", "text": None, **MANY}]}
    view = {"view_id": "blocks", "config": config} if blocks else {"view_id": "choice"}
    async with running(place, change=with_options, **view) as d:
        await d.type("pagedown pagedown")
        at = marked(d)
        assert at and not at.endswith(" Option 0")
        await d.type("enter")
        assert [f"Option {each.removeprefix('O')}" for each in chosen(d)] == [
            at.split(") ")[-1].split("] ")[-1]
        ]


async def test_the_ends_of_a_list_and_what_stands_beyond(tmp_path: Path) -> None:
    text = "\n".join(f"Line {n} of the text." for n in range(40))
    async with choices(new_place(tmp_path, text), **MANY) as d:
        await d.type("end")
        assert marked(d).endswith("Option 59")
        await d.type("home")
        assert marked(d).endswith("Option 0")
        await d.type("home")
        assert d.text_rows[0] == "Line 0 of the text." and not marked(d)
        await d.type("f")
        assert d.text_rows[0] == "Line 0 of the text.", "who reads elsewhere is left there"
        await d.type("enter")
        assert chosen(d) == [] and marked(d).endswith("Option 0")
        assert NOT_SHOWN in d.text
        await d.type("enter")
        assert chosen(d) == ["O0"]


async def test_every_way_up_and_down_is_walked_row_by_row(tmp_path: Path) -> None:
    text = "\n".join(f"Line {n} of the text." for n in range(40))
    async with choices(new_place(tmp_path, text), **MANY) as d:
        await d.type("home " + "k " * 60)
        assert d.text_rows[0] == "Line 0 of the text."
        await d.type("j " * 120)
        assert marked(d).endswith("Option 59")
        seen = d.screen.query_one(SheetView).unseen_rows
        assert seen == 0


async def test_a_digit_for_what_is_not_shown_only_shows_it(tmp_path: Path) -> None:
    async with choices(new_place(tmp_path, "Which?"), **MANY) as d:
        await d.type("end 2")
        assert chosen(d) == [] and marked(d).endswith("Option 1") and NOT_SHOWN in d.text
        await d.type("2")
        assert chosen(d) == ["O1"]


async def test_what_answers_at_once_never_answers_unseen(tmp_path: Path) -> None:
    place = new_place(tmp_path, "One?", "Two?")
    async with choices(place, choice_auto_accept=True) as d:
        await d.type("end 1")
        assert d.screen.counts.done == 0
        await d.type("pagedown")
        assert d.screen.counts.done == 0
        await d.type("home enter")
        assert d.screen.counts.done == 1


async def test_a_part_that_is_opened_comes_to_the_top(tmp_path: Path) -> None:
    long = "\n".join(f"Step {n}." for n in range(30))

    def with_parts(stream: Iterable[Task]) -> Iterator[Task]:
        for task in stream:
            yield {**task, "llm": {"prompt": long, "response": long.replace("Step", "Reply")}}

    place = new_place(tmp_path, "unused")
    async with running(place, change=with_parts, view_id="llm_io", config={"labels": []}) as d:
        await d.type("enter enter")
        assert "response" in d.text and "Reply 0." in d.text
        await d.type("end")
        assert "Reply 29." in d.text
        await d.type("home f")
        assert d.text_rows[0] == "prompt"


async def test_the_span_that_would_be_deleted_is_in_the_list(tmp_path: Path) -> None:
    words = " ".join(f"word{n}" for n in range(40))
    place = new_place(tmp_path, words)
    spans = [{"start": 0, "end": len(words), "label": "ORG"}]
    spans += [
        {"start": words.index(f"word{n} "), "end": words.index(f"word{n} ") + 5, "label": "LOC"}
        for n in range(38)
    ]

    def with_spans(stream: Iterable[Task]) -> Iterator[Task]:
        for task in stream:
            yield {**task, "spans": spans}

    async with running(place, (80, 16), change=with_spans, view_id="spans_manual") as d:
        while d.screen._views.mode != "list":
            await d.type("z")
        await d.type("l " * 30)
        assert "LOC  word30" in d.text


async def test_the_answers_have_ends_and_a_mark_that_stays(tmp_path: Path) -> None:
    place = new_place(tmp_path, *(f"Text {n} here." for n in range(70)))
    async with running(place) as d:
        await d.type("a " * 65)
        await d.type("o end")
        screen = d.app.screen
        assert isinstance(screen, HistoryScreen)
        await d.idle()
        assert screen._answers[screen._marked].summary == "Text 0 here."
        await d.type("home j j j")
        wanted = screen._answers[4].summary
        await d.type("d d")
        await d.idle()
        await d.pilot.pause()
        assert len(screen._answers) == 50 or screen._answers
        assert screen._answers[screen._marked].summary == wanted


async def test_the_menu_has_ends(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, "One.")) as d:
        await d.type("m end")
        screen = d.app.screen
        assert isinstance(screen, PaletteScreen)
        assert screen._palette.marked == len(screen._palette.lines) - 1
        await d.type("home")
        assert screen._palette.marked == 0


async def test_the_picked_head_of_a_relation_stays_on_the_screen(tmp_path: Path) -> None:
    text = "\n".join(f"Line {n} of the text." for n in range(60))
    config = {"labels": ["A"], "relations_span_labels": ["X"]}
    async with running(new_place(tmp_path, text), view_id="relations", config=config) as d:
        await d.type("r " + "j " * 30)
        assert "from Line: go to the other end" in d.text
        row = next(n for n, line in enumerate(d.rows()) if line.startswith("from Line"))
        assert "Line 30 of the text." in "\n".join(d.rows()[:row])
        await d.type("escape")
        assert "from Line" not in d.text


async def test_why_an_answer_is_refused_can_be_read_to_its_end(tmp_path: Path) -> None:
    def refuse(_answer: Task) -> None:
        raise ValueError("too short " * 20 + "is what it is")

    async with running(new_place(tmp_path, "One."), (60, 20), validate_answer=refuse) as d:
        await d.type("a")
        assert "is what it is" in " ".join(d.text.split())
        await d.type("escape")
        assert d.screen.counts.done == 0


async def test_spans_are_listed_in_relations_where_the_terminal_orders_text(tmp_path: Path) -> None:
    def with_spans(stream: Iterable[Task]) -> Iterator[Task]:
        for task in stream:
            yield {**task, "spans": [{"start": 0, "end": 4, "label": "PERSON"}]}

    config = {"labels": ["A"], "relations_span_labels": ["PERSON"]}
    place = new_place(tmp_path, "שלום עולם")
    async with running(place, change=with_spans, view_id="relations", config=config) as d:
        d.app.drawing = d.app.drawing._replace(reorders=True)
        d.screen._views.set_drawing()
        await d.type("l")
        assert any(row.strip().startswith("1 PERSON") for row in d.rows())


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (130, 30)])
async def test_answers_stand_in_columns(tmp_path: Path, size: tuple[int, int]) -> None:
    long = "東京 Acme sold\x1b[2J its share in Globex to a firm of Oslo. " * 3
    place = new_place(tmp_path, "Acme left.", long, "Three.")
    async with running(place, size, config={"labels": ["ORG", "LOC"]}) as d:
        await d.type("1 l 2 f c y enter a x o")
        assert isinstance(d.app.screen, HistoryScreen)
        newest, oldest = (row for row in d.rows() if "accept" in row or "reject" in row)
        assert newest.startswith("> reject  ") and oldest.startswith("  accept  ")
        assert "␛" in newest or size[0] < 60
        assert "⚑c" in oldest
        assert ("ORG LOC" in oldest) == (size[0] >= 60)
        if size[0] >= 60:
            ends = {cell_width(row) for row in (newest, oldest)}
            assert ends == {size[0] - 4}, "dates end in one column, whatever the texts are"
        await d.type("x")
        assert "oldest" not in d.text and sum("accept" in row for row in d.rows()) == 0


async def test_the_menu_says_all_of_what_is_marked_and_why_something_is_not_there(
    tmp_path: Path,
) -> None:
    async with running(new_place(tmp_path, "One."), config={"labels": ["ORG", "LOC"]}) as d:
        await d.type("m")
        for title in ("Answer", "Label"):
            assert title in d.rows()
        assert any(" ORG " in row and " 1 " in row for row in d.rows())
        await d.type("w o r d")
        line = d.app.screen._palette.marked_line  # type: ignore[attr-defined]
        said = " ".join(row for row in d.rows()[-4:])
        assert f"{line.label}: {line.help}".split()[-1] in said, "the end of it too"
        await d.type("escape m t h e m e enter m")
        assert [row for row in d.rows() if row][1:3][0] == "Used last"
        assert "theme" in [row for row in d.rows() if row][2]
    (tmp_path / "other").mkdir()
    async with choices(new_place(tmp_path / "other", "Which?"), **MANY) as d:
        await d.type("m s p l i t enter")
        assert "split: not now: this task has no spans" in d.text
        await d.type("escape")
        assert d.app.screen is d.screen


async def test_of_thousands_of_options_those_on_the_screen_are_laid_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    lay_out = BlockMaker._lay_out

    def counted(maker: BlockMaker, paragraph: Paragraph) -> Any:
        made.append(paragraph)
        return lay_out(maker, paragraph)

    def with_thousands(stream: Iterable[Task]) -> Iterator[Task]:
        many = [{"id": n, "text": f"Option {n}"} for n in range(5_000)]
        for task in stream:
            yield {**task, "options": many, "accept": [4_000]}

    monkeypatch.setattr(BlockMaker, "_lay_out", counted)
    place = new_place(tmp_path, "Which of these?")
    config = {"labels": [], **MANY}
    async with running(place, change=with_thousands, view_id="choice", config=config) as d:
        assert "[x] Option 4000" in d.text
        await d.type("end enter home j j")
        assert marked(d).endswith("Option 2")
        assert chosen(d) == [4_000, 4_999]
    assert len(made) < 500


@pytest.mark.quick
@given(
    text=st.text(st.sampled_from("ab \tä語\u0301\n\u200d."), max_size=30),
    prefix=st.sampled_from(["", "> ", "   ( ) ", "日 "]),
    width=st.integers(1, 40),
    current=st.booleans(),
)
def test_what_is_taken_for_one_line_is_one(
    text: str, prefix: str, width: int, current: bool
) -> None:
    look = RowStyle(theme("dark"), BOX, {})._replace(width=width)
    paragraph = Paragraph(text, prefix=prefix, current=current, choice=3)
    block = BlockMaker(look, 24, USUAL, {}).block(paragraph)
    made = block.laid_out
    assert (block.total, block.rows, block.arcs) == (made.map.total, len(made.layout), made.arcs)
    assert [block.first_row_from(n) for n in range(3)] == [made.first_row_from(n) for n in range(3)]
    plain = (prefix + text).isascii() and text.isalpha()
    assert isinstance(block, OneLine) or not (plain and len(prefix + text) + 1 < width)
