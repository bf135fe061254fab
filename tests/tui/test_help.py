"""`?` says what has the focus and which keys it has, wherever one is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key

from tests.tui.app_support import Driver, new_place, running
from tui_annotate.commands.focus_help import topic_of, with_every_key
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.table import ACTIONS
from tui_annotate.task.schema import Task
from tui_annotate.text.width import cell_width
from tui_annotate.tui.screens.page import PageScreen, help_rows
from tui_annotate.tui.screens.reviewing import Reviewing
from tui_annotate.tui.theme import theme

LABELS = ["PERSON", "ORG"]
SPANS = frozenset({"span-editor", "labels"})


@pytest.fixture(autouse=True)
def nothing_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def with_options(stream: Iterable[Task]) -> Iterator[Task]:
    for task in stream:
        yield {**task, "options": [{"id": "a", "text": "Soup"}, {"id": "b", "text": "Tea"}]}


async def help_by(driver: Driver, key: str) -> str:
    """Press a key, return the page that it opens, and close that."""
    before = driver.app.screen
    await driver.type(key)
    assert isinstance(driver.app.screen, PageScreen), driver.text
    said = driver.text
    await driver.type("q")
    assert driver.app.screen is before
    return said


@pytest.mark.parametrize(
    ("keys", "title", "told"),
    [
        ("", "Text", "give a label: 1 PERSON, 2 ORG"),
        ("v l", "Selection", "enter"),
        ("slash", "Search", "Tab changes how it is compared"),
        ("t", "Label", "take the marked one"),
        ("c", "Comment", "enter"),
        ("semicolon", "Find a word", "Type the letter"),
        ("m", "Menu", "accept the task as it is"),
        ("a o", "Answers", "Your answers, the newest first."),
        ("a o slash", "", "enter"),
        ("a G", "", "enter"),
    ],
)
async def test_it_is_about_what_has_the_focus(
    tmp_path: Path, keys: str, title: str, told: str
) -> None:
    place = new_place(tmp_path, "Ana left Acme.", "Two.")
    async with running(place, config={"labels": LABELS}) as d:
        await d.type(keys)
        said = await help_by(d, "f1")
        assert said.lstrip().startswith(title) and told in said
        if d.screen._shown.prompt is None and "slash" not in keys and "G" not in keys:
            assert await help_by(d, "question_mark") == said


async def test_in_a_question_it_is_a_letter_where_it_may_be_one(tmp_path: Path) -> None:
    place = new_place(tmp_path, "Ana left Acme? No.")
    async with running(place, config={"labels": LABELS}) as d:
        await d.type("slash question_mark")
        assert "find: ?" in d.text
        await d.type("escape c question_mark")
        assert "comment: ?" in d.text
        await d.type("escape t")
        assert "Label" in await help_by(d, "question_mark")
        await d.type("R question_mark")
        assert "R?" in d.text


@pytest.mark.parametrize(
    ("view", "keys", "title"),
    [
        ({"view_id": "choice"}, "", "Options"),
        ({"view_id": "text_input"}, "", "Field"),
        ({"view_id": "text_input"}, "enter", "Field"),
        ({"view_id": "relations", "config": {"labels": LABELS}}, "", "Text with relations"),
        ({"view_id": "text"}, "", "Task"),
    ],
)
async def test_every_kind_of_task_has_its_own(
    tmp_path: Path, view: dict[str, Any], keys: str, title: str
) -> None:
    place = new_place(tmp_path, "Cold soup")
    async with running(place, change=with_options, **view) as d:
        await d.type(keys)
        typing = "typing" in d.screen.words
        assert (await help_by(d, "f1")).lstrip().startswith(title)
        if typing:
            await d.type("question_mark")
            assert "?" in str(d.screen.editor.written)  # type: ignore[union-attr]
        assert "f1 help" in d.text if typing else "? help" in d.text


async def test_after_the_last_task_it_says_what_is_left(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, "Ana")) as d:
        await d.type("a")
        assert "There is no task to be answered now." in await help_by(d, "question_mark")


@pytest.mark.quick
@pytest.mark.parametrize("width", [8, 30, 60, 90])
def test_rows_fit_and_lose_no_word(width: int) -> None:
    topic = topic_of(Keymap(), SPANS, labels=[f"L{n}" for n in range(14)])
    rows = help_rows(topic, theme("dark"), width)
    assert width < 20 or max(row.cell_length for row in rows) <= width
    said = " ".join("".join(row.text.split()) for row in rows).replace(" ", "")
    for keys, what in topic.keys:
        assert "".join(what.split()) in said
        assert cell_width(keys) <= 8 or keys.replace(" ", "") in said
    assert "and 4 more by name" in dict(topic.keys)["1-0"]


@pytest.mark.quick
def test_the_page_of_all_keys_has_each_action_that_has_one() -> None:
    keymap = Keymap()
    page = with_every_key(topic_of(keymap, frozenset()), keymap)
    told = [what.partition(":")[0] for keys, what in page.keys if keys]
    assert sorted(told) == sorted(each.label for each in ACTIONS if keymap.keys(each.id))


@pytest.mark.quick
def test_it_names_the_keys_in_force() -> None:
    keymap = Keymap({"delete": ["D"], "menu": ["ctrl+p"]}, labels={"ORG": "w"})
    told = dict(topic_of(keymap, SPANS, labels=LABELS).keys)
    assert told["D"].startswith("delete") and "1 w" in told
    assert "d  delete" not in told and "ctrl+p" in told


async def test_every_action_has_somebody_who_carries_it_out(tmp_path: Path) -> None:
    """An editor refuses a command that it does not know; the other actions are functions of the
    screen."""
    of_the_screen = {
        each.id
        for each in ACTIONS
        if each.target in ("view", "app") and not each.id.startswith("scroll_")
    }
    async with running(new_place(tmp_path, "Ana")) as d:
        of_reviews = Reviewing(d.screen).actions
        carried_out = {*d.screen._asides._actions, *of_reviews}
    assert of_the_screen <= carried_out


async def test_keys_that_come_before_a_page_or_list_has_closed_close_nothing_else(
    tmp_path: Path,
) -> None:
    async with running(new_place(tmp_path, "One."), config={"instructions": "Guide."}) as driver:
        await driver.idle()
        task = driver.app.screen_stack[-2]
        for opens, closes in (("", "x"), ("m", "escape"), ("o", "escape")):
            if opens:
                await driver.type(opens)
            shown = driver.app.screen
            assert shown is not task
            for _ in range(3):
                shown.post_message(Key(closes, None))
            await driver.idle()
            assert driver.app.screen is task and driver.app.is_running
