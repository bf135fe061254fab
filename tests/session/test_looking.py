"""Passing over answered rows: in slices, with counts, and given up as soon as somebody leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.session.support import Place, answer, text_of, write_rows
from tui_annotate.errors import Abandoned, RecipeError
from tui_annotate.session.recipe_code import RecipeCode
from tui_annotate.session.session import Session
from tui_annotate.task.schema import Task
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


@pytest.mark.parametrize("answers", [1, 3], ids=["in the midst", "at the end"])
def test_leaving_a_folder_of_files_is_no_error(
    tmp_path: Path, waiting: Waiting, answers: int
) -> None:
    place = Place(tmp_path, [])
    place.source = tmp_path / "texts"
    place.source.mkdir()
    for number in range(3):
        (place.source / f"text{number}.txt").write_text(f"text {number}\n", "utf-8")
    session = place.open(direct=True)
    session.start()
    for _ in range(answers):
        answer(session)
    waiting.abandon()
    session.close()
    use(Waiting())
    with place.session() as again:
        assert text_of(again.item) == (f"text {answers}" if answers < 3 else None)


class Recorder:
    """A recipe's stream that goes through its source and notes what it has given."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.fails_at: str | None = None

    def __call__(self, stream: Iterable[Task]) -> Iterator[Task]:
        for task in stream:
            if task["text"] == self.fails_at:
                raise ValueError("no more of this")
            self.given.append(task["text"])
            yield task


def count_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the calls on the recipe's thread."""
    calls: list[str] = []
    begin = RecipeCode.begin

    def noted(self: RecipeCode, function: Any, *, patient: bool = False) -> Any:
        calls.append("call")
        return begin(self, function, patient=patient)

    monkeypatch.setattr(RecipeCode, "begin", noted)
    return calls


def test_a_recipe_of_ones_own_passes_over_many_answered_rows_in_one_call(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"text {number}" for number in range(ROWS)]
    write_rows(place.source, ["a new row", *texts, "the very last"])
    recorder, calls = Recorder(), count_calls(monkeypatch)
    with place.session(recorder) as session:
        assert text_of(session.item) == "a new row"
        before = len(calls)
        answer(session)
        assert text_of(session.item) == f"text {ROWS - 1}"
        assert recorder.given[-1] == f"text {ROWS - 1}", "nothing was read ahead"
        assert len(recorder.given) == ROWS + 1
        assert len(calls) - before < ROWS // 4
        answer(session)
        assert text_of(session.item) == "the very last"


def test_what_fails_behind_answered_rows_fails_when_they_are_passed(place: Place) -> None:
    recorder = Recorder()
    recorder.fails_at = f"text {ROWS - 50}"
    with place.session(recorder) as session, pytest.raises(RecipeError, match="no more of this"):
        answer(session)
    recorder.fails_at = None
    with place.session(recorder) as session:
        assert text_of(session.item) == f"text {ROWS - 1}"
