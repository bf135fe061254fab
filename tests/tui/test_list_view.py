"""The view that lists spans below the text: each label stands there once, proposals too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.app_support import Driver, new_place, running
from tui_annotate.task.spans import Span


@pytest.fixture(autouse=True)
def nothing_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


async def list_spans(driver: Driver) -> None:
    while driver.screen._views.mode != "list":
        await driver.type("z")


@pytest.mark.parametrize("size", [(80, 16), (30, 6)])
async def test_labels_stand_in_the_list_only(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running(
        new_place(tmp_path, "Acme in Oslo."), size, config={"labels": ["A", "B"]}
    ) as d:
        await d.type("2 l l 1")
        await list_spans(d)
        task_rows = d.rows()[:-2]
        assert "Acme in Oslo." in task_rows[:3]
        assert sum(row.endswith((" A", " B")) for row in task_rows) == 0
        assert "  2 A  Oslo" in task_rows


async def test_proposals_are_listed(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, "Acme in Oslo."), config={"labels": ["A", "B"]}) as d:
        d.editor.propose([Span(8, 12, "B")])
        await d.type("1")
        await list_spans(d)
        assert "  1 A  Acme" in d.text and "  2 B?  Oslo" in d.text
        await d.type("n i")
        assert d.bar.startswith("B? 8-12; characters")
        await d.type("enter")
        assert "  2 B  Oslo" in d.text


async def test_what_is_asked_for_later_is_proposed_in_a_task_that_was_begun(tmp_path: Path) -> None:
    place = new_place(tmp_path, "Acme left.", "Then Acme came.")
    async with running(place, config={"labels": ["A", "B"]}) as d:
        await d.type("a l u 1 e e a")
        assert [(p.start, p.label) for p in d.editor.proposals] == [(5, "A")]
        await d.type("u e e e a")
        assert d.editor.proposals == ()
