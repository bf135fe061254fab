"""Passing over answered rows: in slices, with counts, and given up as soon as somebody leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.session.support import Place, answer, text_of, write_rows
from tui_annotate.errors import Abandoned
from tui_annotate.session.session import Session
from tui_annotate.waiting import Waiting, use

pytestmark = pytest.mark.quick

ROWS = 200


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    made = Waiting()
    use(made)
    yield made
    use(Waiting())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A source that is answered but for its last row, and has a new first one."""
    texts = [f"text {number}" for number in range(ROWS)]
    made = Place(tmp_path, texts)
    with made.session() as session:
        for _ in range(ROWS - 1):
            answer(session)
    write_rows(made.source, ["a new row", *texts])
    return made


def open_impatient(place: Place) -> Session:
    session = place.open(direct=True)
    session.opened.patience = 0.0
    return session


def test_it_says_how_far_it_is_and_lets_others_have_their_turn(
    place: Place, waiting: Waiting
) -> None:
    session = open_impatient(place)
    assert text_of(session.start()) == "a new row"
    session.keep_count(ROWS + 1)
    answer(session)
    said = []
    while session.looking:
        assert session.item is None
        assert session.counts().done == ROWS
        said.append(waiting.sentence())
        session.advance()
    assert text_of(session.item) == f"text {ROWS - 1}"
    assert len(said) == (ROWS - 1) // 32
    session.close()


def test_what_is_said_has_counts(
    place: Place, waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_impatient(place)
    session.start()
    session.keep_count(ROWS + 1)
    session.opened.patience = None
    said: list[str] = []
    at = waiting.at

    def listen(done: int, note: str = "") -> None:
        at(done, note)
        said.append(waiting.sentence())

    monkeypatch.setattr(waiting, "at", listen)
    answer(session)
    assert said[0] == f"looking for the next task: 33 of {ROWS + 1} rows, all answered"
    assert waiting.sentence() == "at work"
    session.close()


def test_who_leaves_ends_it_and_loses_nothing(place: Place, waiting: Waiting) -> None:
    session = open_impatient(place)
    session.start()
    answer(session)
    assert session.looking
    waiting.abandon()
    with pytest.raises(Abandoned):
        session.advance()
    session.close()
    use(Waiting())
    assert len(place.answers()) == ROWS
    with place.session() as again:
        assert text_of(again.item) == f"text {ROWS - 1}"
