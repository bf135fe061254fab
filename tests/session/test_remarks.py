"""What a loader leaves out of a row is told with its task and at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.session.support import Place, answer, at_hand
from tests.tui.app_support import new_place, running
from tui_annotate.plain.face import LineConsole, PlainFace

TWICE = '{"text": "Berta", "text": "Anna left"}\n{"text": "Two."}\n'
SAID = "the key 'text' occurs twice"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = new_place(tmp_path, "")
    made.source.write_text(TWICE)
    return made


def test_it_comes_with_the_task_and_is_counted_at_the_end(place: Place) -> None:
    with place.session() as session:
        assert at_hand(session).remarks == (SAID,)
        answer(session)
        assert not at_hand(session).remarks
        assert session.counts().remarks == 0
        answer(session)
        assert session.counts().remarks == 1


async def test_the_screen_says_it_with_the_task_and_at_the_end(place: Place) -> None:
    async with running(place) as driver:
        assert SAID in driver.bar
        await driver.type("a")
        assert SAID not in driver.text
        await driver.type("a")
        assert "1 remark on rows that were asked" in driver.text
        assert "tui-annotate drops" in driver.text


def test_the_plain_face_says_it_with_the_task(place: Place) -> None:
    said: list[str] = []
    lines = iter(["a", "a", "q"])
    PlainFace(place.open(), LineConsole(said.append, lambda _: next(lines))).run()
    assert SAID in said
    assert "Remarks on rows that were asked: 1." in said
