"""Sessions in real terminals: starting them, and reading what they have stored."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.session.support import write_rows
from tests.support.terminal import Terminal
from tui_annotate.store.database import open_store
from tui_annotate.store.records import StoredDraft

DATASET = "my_set"


class Job:
    """A source of numbered rows in a folder, and the database of the home beside it.

    Args:
        folder: An empty folder.
        home: The home of the programs.
        rows: How many rows, `Row 1 of them.` and so on; or the texts themselves.
    """

    def __init__(self, folder: Path, home: Path, rows: int | list[str]) -> None:
        numbers = range(1, rows + 1) if isinstance(rows, int) else ()
        self.texts = [f"Row {n} of them." for n in numbers] if isinstance(rows, int) else rows
        self.source = write_rows(folder / "rows.jsonl", self.texts)
        self.database = home / "data" / "tui-annotate" / "annotations.db"
        self.arguments = ("ner.manual", DATASET, str(self.source), "--label", "ORG,LOC")

    def answers(self) -> list[dict[str, Any]]:
        """Return the content of every answer that stands, oldest first."""
        if not self.database.exists():
            return []
        with open_store(self.database) as store:
            dataset = store.admin.find_dataset(DATASET)
            found = store.answers.iterate(dataset.id) if dataset is not None else ()
            return [json.loads(each.record.content) for each in found]

    def drafts(self) -> list[StoredDraft]:
        """Return the drafts of the only session."""
        with open_store(self.database) as store:
            return store.progress.drafts(1, 1)


def done(screen: str) -> int | None:
    """Return how many answers the screen says are done; None where it does not say."""
    found = re.search(r"([\d,]+) done", screen)
    return int(found[1].replace(",", "")) if found else None


def cells(terminal: Terminal, rows: int) -> list[Any]:
    """Return the first rows of the screen as cells, colours and cursor included."""
    with terminal.line.changed:
        screen = terminal.screen
        return [[screen.cell(y, x) for x in range(screen.columns)] for y in range(rows)]
