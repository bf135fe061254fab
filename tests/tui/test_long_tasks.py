"""A long task is laid out beside the keys: what goes on is said, and it can be left."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.session.support import Place, make_job
from tests.tui.app_support import Driver, make_app
from tui_annotate.editors import registry
from tui_annotate.tui.screens import items
from tui_annotate.waiting import here

LONG = "STARTS_HERE " + "word " * 60_000


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for kind in ("CONFIG", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    return Place(tmp_path, [LONG])


class Gate:
    """Keeps the editor of a long task from being made until it is let."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.let = threading.Event()
        self.late = 0
        monkeypatch.setattr(items, "open_task", self.open_task)

    def open_task(self, *arguments: Any) -> Any:
        # The session's thread makes editors ahead, the loop's those of tasks that have come.
        if threading.current_thread() is threading.main_thread():
            self.late += 1
            return registry.open_task(*arguments)
        while not self.let.is_set():
            here().check()
            time.sleep(0.001)
        return registry.open_task(*arguments)


async def shows(driver: Driver, text: str) -> None:
    for _ in range(2000):
        if text in driver.text:
            return
        await asyncio.sleep(0.005)
    raise AssertionError(driver.text)


async def test_laying_out_a_long_text_is_said_and_done_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    app = make_app(place, make_job(place.source))
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await shows(driver, "laying out a text of 300 kB")
        assert "q leaves" in driver.bar
        gate.let.set()
        await driver.idle()
        await shows(driver, "STARTS_HERE word")
        assert "laying out" not in driver.text
        assert gate.late == 0
        app.leave()


async def test_laying_out_a_long_text_is_left_with_one_key(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    app = make_app(place, make_job(place.source))
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await shows(driver, "laying out a text of 300 kB")
        await pilot.press("q")
        assert app.leaving
    assert app.error is None
    assert gate.late == 0
