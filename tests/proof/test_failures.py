"""The n-th SQL call fails, the n-th read fails, for every n: nothing is lost, and it goes on."""

from __future__ import annotations

import errno
import itertools
import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

import pytest

from tests.proof.annotator import LINES, TEXTS, Annotator, Habit
from tests.proof.work import open_work, places, sound
from tests.store.support import Failing
from tui_annotate.errors import SourceError, StoreFull
from tui_annotate.session.session import Session
from tui_annotate.store.database import open_store
from tui_annotate.task.jsonio import loads_strict

ROWS = sum(1 for line in LINES if line)

STRIDE = 3
"""Of so many calls one fails here, another one in each run; with all of them the test is slow."""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(f"{line}\n" for line in LINES))
    return path


@pytest.fixture(params=get_args(Habit))
def habit(request: pytest.FixtureRequest) -> Habit:
    chosen: Habit = request.param
    return chosen


def check(annotator: Annotator) -> None:
    """Everything that was acknowledged is there, and every row has exactly one place."""
    session = open_work(annotator.database, annotator.source)
    assert session.start() is None
    session.close()
    with open_store(annotator.database, readonly=True) as store:
        sound(store)
        stored = {}
        for each in store.answers.iterate(session.opened.dataset.id):
            content = loads_strict(each.record.content)
            assert content["text"] not in stored, "asked twice"
            stored[content["text"]] = (each.id, content["answer"])
        rows = places(store)
    assert stored == {text: (id_, decision) for id_, text, decision in annotator.acknowledged}
    assert sorted(stored) == sorted(TEXTS)
    assert rows == Counter(range(1, ROWS + 1))


def test_without_failures(tmp_path: Path, source: Path) -> None:
    annotator = Annotator(tmp_path / "a.db", source)
    annotator.work()
    assert not annotator.failures
    assert [(text, decision) for _, text, decision in annotator.acknowledged] == [
        ("one", "accept"),
        ("three", "accept"),
        ("three", "reject"),
        ("four", "accept"),
        ("five", "accept"),
        ("two", "accept"),
    ]
    check(annotator)


def test_one_of_three_sql_calls_fails(tmp_path: Path, source: Path, habit: Habit) -> None:
    """Of one statement, a full disk; of statements after the store has been opened."""
    first = random.SystemRandom().randint(1, STRIDE)
    print(f"from {first}")
    each_failing(tmp_path, source, habit, itertools.count(first, STRIDE))


@pytest.mark.slow
def test_whichever_sql_call_fails(tmp_path: Path, source: Path, habit: Habit) -> None:
    """The same of all statements after the store has been opened."""
    each_failing(tmp_path, source, habit, itertools.count(1))


def each_failing(tmp_path: Path, source: Path, habit: Habit, numbers: Iterable[int]) -> None:
    """Let each of the calls fail, in a database of its own, and look at what is left."""
    failed: set[str] = set()
    unsaid = for_other_people(statements(tmp_path / "all.db", source, habit))
    for nth in numbers:
        annotator, seam = work(tmp_path / f"{nth}.db", source, habit, nth)
        check(annotator)
        if not seam.failed:
            break
        failed.add(seam.failed.split()[0])
        if annotator.failures or nth not in unsaid:
            assert_said(annotator, StoreFull, str(tmp_path))
    assert nth > 100
    assert failed >= {"BEGIN", "INSERT", "SELECT", "UPDATE", "DELETE", "COMMIT"}
    assert len(unsaid) < nth / 4


def work(database: Path, source: Path, habit: Habit, nth: int) -> tuple[Annotator, Failing]:
    """Let an annotator work on a store whose n-th statement fails."""
    seams: list[Failing] = []

    def listen(session: Session) -> None:
        if not seams:
            seams.append(Failing(session.opened.store, nth))

    annotator = Annotator(database, source, habit, listen)
    annotator.work()
    seams[0].stop()
    return annotator, seams[0]


def statements(database: Path, source: Path, habit: Habit) -> list[str]:
    """Return what is carried out where nothing fails."""
    annotator, seam = work(database, source, habit, 0)
    assert not annotator.failures
    return seam.statements


def for_other_people(statements: list[str]) -> set[int]:
    """Return the numbers, from 1, of those statements that only concern other people.

    They look for claims, make them apart from an answer, or let other hosts in at the end. Where
    one fails nothing of this annotator is lost, the next answer or a lapse of time does it, and
    nobody is interrupted.
    """
    found: set[int] = set()
    group: list[int] = []
    for number, statement in enumerate(statements, 1):
        inside = bool(group) or statement.startswith("BEGIN")
        if not inside:
            others = "claims" in statement or "closed_at IS NULL LIMIT 1" in statement
            found.update({number} if others else ())
            continue
        group.append(number)
        if statement in ("COMMIT", "ROLLBACK"):
            written = [statements[each - 1] for each in group]
            claims = any("INTO claims" in each for each in written)
            own = any("INTO answers" in each or "INTO waiting" in each for each in written)
            found.update(group if claims and not own else ())
            group = []
    return found


def assert_said(annotator: Annotator, kind: type[Exception], where: str) -> None:
    """The failure was told as an error of ours: what, where, what to do."""
    assert annotator.failures, "it failed, and nobody was told"
    first = annotator.failures[0]
    assert type(first) is kind
    assert first.where is not None and first.where.startswith(where)
    assert first.hint


class FailingReads:
    """Makes the n-th read of a file fail, as a network file system does."""

    def __init__(self, nth: int) -> None:
        self._numbers = itertools.count(1)
        self._read = os.pread
        self.nth = nth
        self.failed = False

    def __call__(self, file: int, size: int, offset: int) -> bytes:
        if next(self._numbers) == self.nth:
            self.failed = True
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return self._read(file, min(size, 30), offset)


@pytest.fixture
def patched(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    # A buffer smaller than a line, so that every line takes reads of its own.
    monkeypatch.setattr("tui_annotate.sources.files._BUFFER", 8)
    yield monkeypatch


def test_whichever_read_fails(
    tmp_path: Path, source: Path, habit: Habit, patched: pytest.MonkeyPatch
) -> None:
    """An answer is saved although its source cannot be read; reading further says what is wrong."""
    told = 0
    for nth in itertools.count(1):
        reads = FailingReads(nth)
        annotator = Annotator(tmp_path / f"{nth}.db", source, habit)
        with patched.context() as patch:
            patch.setattr(os, "pread", reads)
            annotator.work()
        check(annotator)
        if not reads.failed:
            break
        if annotator.failures:
            told += 1
            assert_said(annotator, SourceError, str(source))
    assert nth > 40
    assert told > 10
