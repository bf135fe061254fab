"""What is made for the next task beforehand is what would be made when it comes, or goes unused."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.session.support import Place, make_job
from tests.tui.app_support import Driver, make_app
from tui_annotate.editors import registry
from tui_annotate.task.tokenize import tokenize
from tui_annotate.tui.screens import items
from tui_annotate.tui.theme import theme

TEXTS = [
    "Acme Corporation of Berlin sold its share.",
    "Globex went to the Chen family in May.",
    "Initech followed.",
    "The end.",
]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for kind in ("CONFIG", "STATE", "DATA"):  # what is chosen here is nobody else's preference
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    place = Place(tmp_path, TEXTS)
    span = {"start": 0, "end": 6, "label": "ORG"}
    rows = [{"text": text, "spans": [span] if text.startswith("Globex") else []} for text in TEXTS]
    place.source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return place


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The texts of the tasks whose editors were made ahead, and of those made when they came."""
    found: dict[str, list[str]] = {"ahead": [], "late": []}

    def open_task(task: Any, *arguments: Any) -> Any:
        # The session's thread makes editors ahead, the loop's those of tasks that have come.
        late = threading.current_thread() is threading.main_thread()
        found["late" if late else "ahead"].append(task["text"].split(" ")[0])
        return registry.open_task(task, *arguments)

    monkeypatch.setattr(items, "open_task", open_task)
    return found


@asynccontextmanager
async def running(place: Place, *, direct: bool = True, **parts: Any) -> AsyncIterator[Driver]:
    """Run the application on a recipe that only reads its source."""
    job = make_job(place.source, **parts)
    job.direct = direct
    app = make_app(place, job)
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.idle()
        yield driver


async def test_the_next_task_is_made_while_this_one_is_read(
    place: Place, opened: dict[str, list[str]]
) -> None:
    async with running(place) as driver:
        plan = driver.screen._views.text._plan
        assert plan is not None
        drawn = plan.rows.get(0)
        assert drawn is not None
        await driver.type("a")
        assert driver.screen._views.text._rows.get(0) is drawn
        assert "".join(run.text for run in drawn[0].runs).startswith("Globex went to the Chen")
        assert "└ORG─┘" in driver.text
        await driver.type("a a")
    assert opened == {"ahead": ["Globex", "Initech", "The"], "late": ["Acme"]}
    with place.store() as store:
        contents = [json.loads(each.record.content) for each in store.answers.iterate(1)]
    assert [each["text"] for each in contents] == TEXTS[:3]
    assert [each["tokens"] for each in contents] == [tokenize(t).to_dicts(t) for t in TEXTS[:3]]


@pytest.mark.parametrize("key", ["z", "number_sign", "percent_sign"])
async def test_rows_in_another_view_are_drawn_anew(place: Place, key: str) -> None:
    async with running(place) as driver:
        await driver.type(f"{key} a")
        made = driver.text
        text = driver.screen._views.text
        text.redraw()
        text._anew()
        await driver.idle()
        assert "Globex" in made.replace("␣", " ")
        assert driver.text == made


async def test_rows_of_another_theme_or_width_are_not_taken(place: Place) -> None:
    async with running(place) as driver:
        drawn = driver.screen._views.text._plan.rows.get(0)  # type: ignore[union-attr]
        driver.screen._views.set_theme(theme("light", colors=256))
        await driver.type("a")
        assert driver.screen._views.text._rows.get(0) is not drawn
        drawn = driver.screen._views.text._plan.rows.get(0)  # type: ignore[union-attr]
        await driver.pilot.resize_terminal(30, 24)
        await driver.type("a")
        assert driver.screen._views.text._rows.get(0) is not drawn
        assert "Initech followed." in driver.text


async def test_what_comes_in_another_order_is_made_anew(
    place: Place, opened: dict[str, list[str]]
) -> None:
    async with running(place) as driver:
        await driver.type("a 1 u u u")  # the first answer is open again, `Globex` was put back
        assert "Acme" in driver.text
        await driver.type("x")
        assert driver.screen.item is not None
        assert driver.screen.item.task["text"] == TEXTS[1]
        assert not driver.editor.can("undo")
        await driver.type("s a")
        assert "The end." in driver.text
        await driver.type("a")
        assert driver.screen.item.kind == "waiting"
        await driver.type("a")
    assert place.answers() == [
        (TEXTS[0], "reject"),
        (TEXTS[2], "accept"),
        (TEXTS[3], "accept"),
        (TEXTS[1], "accept"),
    ]


async def test_an_edited_editor_is_never_given_out_again(place: Place) -> None:
    async with running(place) as driver:
        await driver.type("a 1")
        assert driver.spans == [("Globex", "ORG")] or driver.editor.edited
        editor = driver.editor
        await driver.type("u u u")
        await driver.type("comma")
        assert driver.screen.item is not None
        assert driver.screen.item.task["text"] == TEXTS[1]
        assert driver.editor is not editor


@pytest.mark.parametrize("hook", ["validate_answer", "before_db"])
async def test_nothing_is_made_where_a_recipe_sees_answers_before_they_are_stored(
    place: Place, opened: dict[str, list[str]], hook: str
) -> None:
    seen: list[Any] = []

    def change(given: Any) -> Any:
        seen.append(given)
        return given

    hooks: dict[str, Any] = {hook: change}
    async with running(place, **hooks) as driver:
        await driver.type("a")
    async with running(place, direct=False) as driver:
        await driver.type("a")
    assert seen
    assert opened["ahead"] == []
