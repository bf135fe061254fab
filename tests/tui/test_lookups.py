"""Searching one's answers, looking at them again and mending them, and figures, on the screen."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import pytest

from tests.tui.app_support import Driver, new_place, running

TEXTS = ("Paris is big.", "Paris sang.", "In Paris, rain.", "Old Paris fell.", "Köln wins.")


@pytest.fixture(autouse=True)
def caches_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


async def answer_all(d: Driver) -> None:
    """Paris is label 1 three times and label 2 once; one mark takes a comma in."""
    await d.type("1 a")
    await d.type("2 a")
    await d.type("l v l enter a")  # "Paris," with the label used last
    await d.type("l 1 a")


def shown(d: Driver, words: str) -> bool:
    return any(words in row for row in d.rows())


async def test_a_marked_text_is_found_with_its_labels_and_opened(tmp_path: Path) -> None:
    place = new_place(tmp_path, *TEXTS)
    async with running(place) as d:
        await answer_all(d)
        first, second = d.app._task_screen.job.labels[:2]
        await d.type("G")
        await d.idle()
        assert shown(d, "Paris: ") and shown(d, f"1 {second}") and shown(d, first)
        await d.type("o l d enter")
        await d.idle()
        assert shown(d, "1 answer") and shown(d, "[Paris") is False and shown(d, "[Old] Paris")
        await d.type("enter")
        await d.idle()
        assert d.screen.item is not None and d.screen.item.task["text"] == "Old Paris fell."
        await d.type("G")
        await d.idle()
        await d.type("escape enter")
        await d.idle()
        assert shown(d, "answers  Paris: ")
        await d.type("escape escape")
        await d.idle()
        assert d.screen.item.task["text"] == "Old Paris fell."


async def test_what_is_typed_while_the_answers_are_looked_through_is_looked_for(
    tmp_path: Path,
) -> None:
    place = new_place(tmp_path, *TEXTS)
    async with running(place) as d:
        await answer_all(d)
        go_on = threading.Event()
        held = asyncio.get_running_loop().create_task(
            d.app.client.look_up(lambda _session: go_on.wait(10))
        )
        for key in ("G", *"q is a", "enter"):  # the list is not there yet
            await d.pilot.press("space" if key == " " else key)
            if key == "i":
                assert shown(d, "find in your answers: q i"), d.rows()
        go_on.set()
        await held
        await d.idle()
        assert shown(d, 'nothing has "q is a"') or shown(d, "0 answers")
        assert len(place.answers()) == 4
        await d.type("slash o l d enter")
        assert shown(d, "[Old] Paris")


async def test_what_is_found_is_mended_and_that_is_taken_back(tmp_path: Path) -> None:
    place = new_place(tmp_path, *TEXTS)
    async with running(place) as d:
        await answer_all(d)
        store = d.app._task_screen.client.session.opened.store

        def marks() -> list[str]:
            found = []
            for stored in store.answers.iterate(1):
                task = json.loads(stored.record.content)
                found += [task["text"][s["start"] : s["end"]] for s in task["spans"]]
            return sorted(found)

        before = marks()
        assert "Paris," in before
        await d.type("X")
        await d.idle()
        assert shown(d, "ends with ,")
        await d.type("home")
        while not any(row.startswith("> edges") for row in d.rows()):
            await d.type("j")
        await d.type("y")
        await d.idle()
        assert "Paris," not in marks() and shown(d, "u takes it back")
        await d.type("u")
        await d.idle()
        assert marks() == before
        await d.type("q")


async def test_figures_are_those_of_the_session(tmp_path: Path) -> None:
    place = new_place(tmp_path, *TEXTS)
    async with running(place) as d:
        await answer_all(d)
        await d.type("U")
        await d.idle()
        assert shown(d, "4 of 5 rows") and shown(d, "accept")
        await d.type("q")
        await d.idle()
        assert d.screen.item is not None and d.screen.item.task["text"] == "Köln wins."
