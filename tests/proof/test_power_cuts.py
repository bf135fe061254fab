"""The statements of a real session, replayed on a disk that forgets: acknowledged means durable."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.proof.annotator import Annotator
from tests.proof.power import Disk
from tests.proof.work import copy_files, sound
from tui_annotate.session.session import Session
from tui_annotate.store import connect
from tui_annotate.store.database import open_store

ROWS = 40
LEAST_CUTS = 30
CHANCE = 0.04
"""Of a cut after each write, sync, statement and receipt."""


@dataclass
class Recording:
    """What a session told the engine, and what it told the annotator in between.

    Attributes:
        base: The database before, closed in order.
        events: Statements with their values, and ids of answers that were acknowledged.
    """

    base: Path
    events: list[tuple[str, list[Any]] | int] = field(default_factory=list)

    def listen(self, session: Session) -> None:
        """Note every statement of the session's store from now on, and every receipt."""
        connection = session.opened.store._connection
        execute, decide = connection.execute, session.decide

        def executed(sql: str, parameters: Any = (), *, many: bool = False) -> Any:
            rows = [tuple(each) for each in parameters] if many else [tuple(parameters)]
            if not sql.startswith("PRAGMA"):
                self.events.append((sql, rows))
            return execute(sql, rows if many else rows[0], many=many)

        def decided(*arguments: Any) -> Any:
            receipt = decide(*arguments)
            self.events.append(receipt.answer_id)
            return receipt

        connection.execute = executed  # type: ignore[method-assign]
        session.decide = decided  # type: ignore[method-assign, assignment]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """A whole session: answers, edits, one put off, one changed."""
    folder = tmp_path_factory.mktemp("recording")
    source = folder / "rows.jsonl"
    texts = ["one", "two", "three", "four", *(f"row {n} {'x' * 300}" for n in range(ROWS))]
    source.write_text("".join(f'{{"text": "{text}"}}\n' for text in texts))
    made = Recording(folder / "base.db")

    def opened(session: Session) -> None:
        # What opening has written is in the log beside the file, as after a kill.
        copy_files(session.opened.store.path, made.base)
        made.listen(session)

    annotator = Annotator(folder / "real.db", source, opened=opened)
    annotator.work()
    assert len(annotator.acknowledged) == len(texts) + 1
    return made


@dataclass(frozen=True)
class Outcome:
    """What cuts have done: how many there were, and at how many an acknowledged answer was lost."""

    cuts: int
    losing: int
    damaged: int


def cut_again_and_again(
    recording: Recording, folder: Path, *, journal: str, checkpoint: int, synchronous: str = ""
) -> Outcome:
    """Replay the session, cutting the power at moments spread over all of it."""
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    database = folder / "disk.db"
    copy_files(recording.base, database)
    dice, moments, found = random.Random(seed), 0, []
    disk = Disk(f"forgetful-{folder.name}", seed)
    link = apsw.Connection(str(database), vfs=disk.name)
    # The index of the log is kept in memory then; the files are written as always.
    link.execute("PRAGMA locking_mode = exclusive")
    link.execute(f"PRAGMA journal_mode = {journal}").fetchall()
    for pragma in connect._PRAGMAS:
        link.execute(f"PRAGMA {pragma}").fetchall()
    if synchronous:
        link.execute(f"PRAGMA synchronous = {synchronous}")
    link.execute(f"PRAGMA wal_autocheckpoint = {checkpoint}")
    acknowledged: list[int] = []

    def perhaps_cut() -> None:
        nonlocal moments
        if dice.random() < CHANCE:
            moments += 1
            target = folder / f"cut-{moments}.db"
            disk.cut(database, target)
            found.append(examine(target, acknowledged))

    disk.moment = perhaps_cut
    for event in recording.events:
        if isinstance(event, int):
            acknowledged.append(event)
        else:
            for row in event[1]:
                link.execute(event[0], row).fetchall()
        perhaps_cut()
    disk.moment = lambda: None
    link.close()
    losing, damaged = (sum(column) for column in zip(*found, strict=True))
    return Outcome(moments, losing, damaged)


def examine(database: Path, acknowledged: list[int]) -> tuple[bool, bool]:
    """Open what a cut has left, as the next session does; tell about losses and damage."""
    with open_store(database) as store:
        try:
            sound(store)
        except AssertionError:
            return False, True
        ids = {id_ for (id_,) in store._connection.read("SELECT id FROM answers")}
        return not ids.issuperset(acknowledged), False


@pytest.mark.parametrize(
    ("journal", "checkpoint"),
    [("wal", 1000), ("wal", 20), ("truncate", 1000)],
    ids=["wal", "wal with checkpoints", "network file systems"],
)
def test_no_acknowledged_answer_is_lost(
    recording: Recording, tmp_path: Path, journal: str, checkpoint: int
) -> None:
    outcome = cut_again_and_again(recording, tmp_path, journal=journal, checkpoint=checkpoint)
    assert outcome.cuts > LEAST_CUTS
    assert (outcome.losing, outcome.damaged) == (0, 0)


def test_the_disk_does_forget(recording: Recording, tmp_path: Path) -> None:
    """With fewer syncs than the store asks for, answers are lost: the test above can fail."""
    outcome = cut_again_and_again(
        recording, tmp_path, journal="wal", checkpoint=1000, synchronous="NORMAL"
    )
    assert outcome.losing > 0
