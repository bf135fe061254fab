"""Several people on one dataset, and a clock that goes on when a test says so."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.session.support import (
    Place,
)
from tui_annotate.session.session import Session
from tui_annotate.store.claims import LEASE_MS, Clock

BY_INPUT = {"exclude_by": "input", "ordered": True}


class Time:
    """A clock of the machine that goes on when a test says so."""

    def __init__(self) -> None:
        self.ms = 1_000_000

    def now(self) -> Clock:
        return Clock("boot", self.ms, 1_700_000_000_000 + self.ms)

    def run_out(self) -> None:
        """Let every lease run out that is not renewed."""
        self.ms += LEASE_MS + 1


def place(folder: Path, count: int) -> Place:
    return Place(folder, [f"text {n}" for n in range(count)])


def begin(where: Place, name: str, **config: Any) -> Session:
    session = where.open(annotator=name, config={**BY_INPUT, **config})
    session.start()
    return session


def transactions(session: Session) -> int:
    return session.opened.store._connection.transactions


def answered(where: Place) -> Counter[str]:
    return Counter(text for text, _ in where.answers())


def lates(where: Place) -> dict[str, bool]:
    with where.store() as store:
        found = list(store.answers.iterate(1))
    return {each.annotator: each.record.late for each in found}


def with_rows(folder: Path, *rows: dict[str, Any]) -> Place:
    where = place(folder, 0)
    where.source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return where
