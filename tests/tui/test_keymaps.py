"""What the lines around the text say of the keys, and labels that are chosen first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tui.app_support import new_place, running
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.keymap_file import load_keymap
from tui_annotate.editors.base import Change
from tui_annotate.task.schema import Task

TEXT = "Acme Corp hired Ann."
FOR_SPANS: dict[str, Any] = {"config": {"labels": ["PER", "ORG"]}}


def with_options(tasks: Iterable[Task]) -> Iterator[Task]:
    for task in tasks:
        yield {**task, "options": [{"id": "good", "text": "good"}, {"id": "bad", "text": "bad"}]}


async def test_the_label_line_has_the_keys_in_force(tmp_path: Path) -> None:
    keymap = Keymap(labels={"ORG": "O"})
    async with running(new_place(tmp_path, TEXT), keymap=keymap, **FOR_SPANS) as driver:
        assert "1 PER  O ORG" in driver.text
    async with running(new_place(tmp_path, TEXT), keymap=load_keymap("vim"), **FOR_SPANS) as driver:
        assert any(row.startswith("PER  ORG") for row in driver.rows())


async def test_messages_name_the_keys_in_force(tmp_path: Path) -> None:
    keymap = Keymap({"undo": "U", "leave": "Q"})
    async with running(new_place(tmp_path, TEXT, "Two."), keymap=keymap, **FOR_SPANS) as driver:
        await driver.type("a")
        assert driver.bar.endswith("U brings it back")
        await driver.type("1 U U")
        assert driver.bar == "U again reopens task 1"
        await driver.type("Q")
        assert driver.bar.endswith("Q again leaves")


async def test_nothing_is_reopened_before_the_first_task(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, TEXT), **FOR_SPANS) as driver:
        await driver.type("1 u u")
        assert driver.bar == "there is no earlier answer"


async def test_a_label_that_is_chosen_first_is_marked_and_stays(tmp_path: Path) -> None:
    keymap = load_keymap("prodigy")
    async with running(new_place(tmp_path, TEXT), keymap=keymap, **FOR_SPANS) as driver:
        await driver.type("2")
        assert driver.screen._shown.current == "ORG" and driver.spans == []
        await driver.type("enter d right enter")
        assert driver.spans == [("Corp", "ORG")]
        await driver.type("right t p")
        assert driver.screen._shown.current == "PER" and len(driver.spans) == 1


async def test_an_option_is_chosen_at_once_all_the_same(tmp_path: Path) -> None:
    keymap, place = load_keymap("prodigy"), new_place(tmp_path, TEXT)
    async with running(place, keymap=keymap, change=with_options, view_id="choice") as driver:
        await driver.type("2 t")
        assert driver.screen.editor is not None and driver.screen.editor.content()["accept"] == [
            "bad"
        ]
        assert "option: " in driver.text


async def test_a_number_repeats_a_key_and_paints_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = new_place(tmp_path, " ".join(f"word{number}" for number in range(3_000)), "Two.")
    async with running(place, keymap=load_keymap("vim"), **FOR_SPANS) as driver:
        painted: list[Change] = []
        changed = driver.screen._views.changed

        def watched(change: Change) -> None:
            painted.append(change)
            changed(change)

        monkeypatch.setattr(driver.screen._views, "changed", watched)
        await driver.type("1 2 0 0 l")
        assert driver.editor.cursor == 1200 and len(painted) == 1
        assert "word1200" in driver.text
        await driver.type("9 9 9 9 l 5 h")
        assert driver.editor.cursor == 2994 and len(painted) == 3
        await driver.type("t p 3 .")
        assert driver.spans == [("word2994 word2995 word2996 word2997", "PER")]
        await driver.type("2 u")
        assert driver.spans == [("word2994 word2995", "PER")]
        await driver.type("9 ctrl+r")
        assert driver.spans == [("word2994 word2995 word2996 word2997", "PER")]
        assert driver.bar == "there is nothing to redo"
        row_of, here = driver.screen._text.rows.row_of, driver.editor.cursor_range[0]
        await driver.type("2 3 k")
        assert row_of(here) - row_of(driver.editor.cursor_range[0]) == 23


async def test_digits_choose_options_in_every_keymap(tmp_path: Path) -> None:
    keymap, place = load_keymap("vim"), new_place(tmp_path, TEXT)
    async with running(place, keymap=keymap, change=with_options, view_id="choice") as driver:
        await driver.type("2")
        assert driver.screen.editor is not None
        assert driver.screen.editor.content()["accept"] == ["bad"]


async def test_a_number_repeats_no_decision(tmp_path: Path) -> None:
    place = new_place(tmp_path, TEXT, "Two.", "Three.")
    async with running(place, keymap=load_keymap("vim"), **FOR_SPANS) as driver:
        await driver.type("2 a")
        assert "1 done" in driver.text
