"""A label that is added on the screen: its colour, the task after, and what fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tui.app_support import new_place, running
from tui_annotate.errors import StoreError

ALLOWED = {"allow_new_labels": True}


async def test_it_has_its_digit_and_colour_at_once_and_in_the_task_made_ahead(
    tmp_path: Path,
) -> None:
    async with running(new_place(tmp_path, "One.", "Two.", "Three."), config=ALLOWED) as driver:
        await driver.type("t z e i t tab")
        assert driver.spans == [("One", "zeit")]
        assert "3 zeit" in driver.text and "zeit is a new label" in driver.bar
        assert driver.screen._views.text._look.place("zeit") == 2
        await driver.type("a")
        await driver.type("3 a 3")
        assert "Three." in driver.text
        assert driver.spans == [("Three", "zeit")]


async def test_a_label_that_cannot_be_written_is_not_given_and_keys_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(new_place(tmp_path, "One.", "Two."), config=ALLOWED) as driver:

        def fail(*_: Any) -> None:
            raise StoreError("the disk is full", where="store", hint="Make room")

        monkeypatch.setattr(driver.screen.client.session, "add_label", fail)
        await driver.type("t z e i t tab")
        assert "the disk is full" in driver.text
        assert driver.spans == [] and "3 zeit" not in driver.text
        await driver.type("2")
        assert driver.spans == [("One", "LOC")]
