"""A recipe whose stream takes its time: every key works meanwhile, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.recipes.support import own_job
from tests.session.support import Place
from tests.tui.app_support import Driver, make_app, new_place
from tui_annotate.session.recipe_code import RecipeCode
from tui_annotate.tui.screens.base import WaitingLine
from tui_annotate.waiting import Waiting


class Stream:
    """Gives texts when it is told to, as a service far away does."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts
        self.gates = {text: threading.Event() for text in texts}
        self.asked: list[str] = []

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for text in self.texts:
            self.asked.append(text)
            self.gates[text].wait(30)
            yield {"text": text}

    def let(self, *texts: str) -> None:
        for text in texts:
            self.gates[text].set()


@asynccontextmanager
async def slow(place: Place, stream: Stream, **components: Any) -> AsyncIterator[Driver]:
    config = {"labels": ["ORG", "LOC"]}
    parts = {"stream": stream, "view_id": "ner_manual", "config": config, **components}
    app = make_app(place, own_job(parts))
    async with app.run_test(size=(80, 24)) as pilot:
        try:
            yield Driver(app, pilot)
        finally:
            if app.is_running and not app.leaving:
                app.leave()
            stream.let(*stream.texts)


async def until(driver: Driver, true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        await driver.pilot.pause(0.005)
    raise AssertionError(driver.text)


async def shows(driver: Driver, text: str) -> None:
    await until(driver, lambda: text in driver.text and not driver.app.client.busy)


async def test_labels_undo_and_decisions_work_while_the_next_task_is_awaited(
    tmp_path: Path,
) -> None:
    place, stream = new_place(tmp_path), Stream("First text.", "Second text.")
    async with slow(place, stream) as driver:
        await shows(driver, "Looking for the next task.")
        stream.let("First text.")
        await shows(driver, "First text.")
        await driver.pilot.press("1")
        await until(driver, lambda: driver.app.client._saving is None)
        with place.store() as store:
            (draft,) = store.progress.drafts(1, 1, 1)
            assert "ORG" in draft.content
        await driver.pilot.press("a")
        await shows(driver, "Looking for the next task.")
        assert place.answers() == [("First text.", "accept")]
        await driver.pilot.press("u")
        await shows(driver, "First text.")
        assert driver.spans == [("First", "ORG")]
        driver.screen._guard._last_undo = float("-inf")
        await driver.pilot.press("x")
        await shows(driver, "Looking for the next task.")
        stream.let("Second text.")
        await shows(driver, "Second text.")
        await driver.pilot.press("a")
        await shows(driver, "All done.")
    assert place.answers() == [("First text.", "reject"), ("Second text.", "accept")]
    assert stream.asked == list(stream.texts)


async def test_leaving_does_not_wait_for_a_stream_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecipeCode, "LEAVING", 0.05)
    place, stream = new_place(tmp_path), Stream("First text.", "Second text.")
    stream.let("First text.")
    said: list[str] = []
    async with slow(place, stream, on_exit=lambda _: said.append("left")) as driver:
        await shows(driver, "First text.")
        await driver.pilot.press("a")
        await shows(driver, "Looking for the next task.")
        await driver.pilot.press("q")
        if not driver.app.leaving:
            await driver.pilot.press("q")
        await until(driver, lambda: driver.app.leaving)
        assert "did not return within" in str(driver.app.error)
    assert said == [], "the end of a session is told to a recipe only when its stream has returned"
    again = Stream(*stream.texts)
    again.let(*again.texts)
    async with slow(place, again) as driver:
        await shows(driver, "Second text.")
        await driver.pilot.press("a")
        await shows(driver, "All done.")
    assert place.answers() == [("First text.", "accept"), ("Second text.", "accept")]


async def test_a_slow_update_holds_up_no_key_and_meets_no_stream(tmp_path: Path) -> None:
    inside, together, gate = [0], [0], threading.Event()
    given: list[str] = []

    def enter() -> None:
        inside[0] += 1
        together[0] = max(together[0], inside[0])

    class Counted(Stream):
        def __iter__(self) -> Iterator[dict[str, Any]]:
            for text in self.texts:
                enter()
                inside[0] -= 1
                yield {"text": text}

    def update(answers: list[dict[str, Any]]) -> None:
        enter()
        gate.wait(30)
        given.extend(each["text"] for each in answers)
        inside[0] -= 1

    config = {"batch_size": 1, "history_size": 0, "labels": ["ORG", "LOC"]}
    stream, place = Counted("One.", "Two.", "Three."), new_place(tmp_path)
    async with slow(place, stream, update=update, config=config) as driver:
        await shows(driver, "One.")
        await driver.pilot.press("a")
        await shows(driver, "Two.")
        await driver.pilot.press("1", "a")
        await shows(driver, "Looking for the next task.")
        assert [text for text, _ in place.answers()] == ["One.", "Two."]
        gate.set()
        await shows(driver, "Three.")
        await driver.pilot.press("a")
        await shows(driver, "All done.")
    assert given == ["One.", "Two.", "Three."]
    assert together == [1]


async def test_an_update_that_fails_is_said_and_the_work_goes_on(tmp_path: Path) -> None:
    def update(_answers: list[dict[str, Any]]) -> None:
        raise ValueError("no memory")

    config = {"batch_size": 1, "history_size": 0, "labels": ["ORG"]}
    stream, place = Stream("One.", "Two."), new_place(tmp_path)
    stream.let("One.")
    async with slow(place, stream, update=update, config=config) as driver:
        await shows(driver, "One.")
        await driver.pilot.press("a")
        await shows(driver, "Looking for the next task.")
        stream.let("Two.")
        await shows(driver, "Two.")
        await until(driver, lambda: "update failed on the task 'One.'" in driver.text)
        await driver.pilot.press("a")
        await until(driver, lambda: len(place.answers()) == 2)


async def test_what_is_waited_for_stays_between_two_steps_of_it() -> None:
    waiting, told = Waiting(), list[str]()
    screen: Any = SimpleNamespace(
        client=SimpleNamespace(waiting=waiting), refresh_lines=lambda: None, is_attached=True
    )
    chrome: Any = SimpleNamespace(wait=lambda sentence, _share=None: told.append(sentence))
    line = WaitingLine(screen, chrome)
    for _ in range(2):
        with line.watch(at_once=True):
            with waiting.on("looking for the next task", done=7):
                line._tick()
            line._tick()
    said = ["at work", "looking for the next task: 7 rows", "looking for the next task: 7 rows"]
    assert told == [*said, None] * 2


async def test_an_answer_that_waits_for_its_check_says_so(tmp_path: Path) -> None:
    place, stream = new_place(tmp_path), Stream("First text.", "Second text.")

    def check(answer: dict[str, Any]) -> None:
        if answer["answer"] == "reject":
            raise ValueError("nothing is rejected here")

    async with slow(place, stream, validate_answer=check) as driver:
        stream.let("First text.")
        await shows(driver, "First text.")
        await until(driver, lambda: "Second text." in stream.asked)
        await driver.pilot.press("x")
        await until(driver, lambda: "my.recipe is at work; then it checks" in driver.text)
        stream.let("Second text.")
        await shows(driver, "nothing is rejected here")
        await driver.pilot.press("a")
        await shows(driver, "Second text.")


async def test_a_reopened_answer_is_left_alone_when_the_next_task_comes(tmp_path: Path) -> None:
    place, stream = new_place(tmp_path), Stream("First text.", "Second text.")
    stream.let("First text.")
    async with slow(place, stream) as driver:
        await shows(driver, "First text.")
        await driver.pilot.press("a")
        await shows(driver, "Looking for the next task.")
        await driver.pilot.press("u")
        await shows(driver, "First text.")
        await driver.pilot.press("1")
        editor = driver.screen.editor
        stream.let("Second text.")
        await until(driver, lambda: not driver.screen.works)
        assert driver.screen.editor is editor
        assert driver.spans == [("First", "ORG")]
        await driver.pilot.press("a")
        await shows(driver, "Second text.")
