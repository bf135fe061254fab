"""A plain SQLite file with a table of documents and one each of spans and labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tui_annotate.exchange.document import Document
from tui_annotate.exchange.table import COLUMNS, as_row, flat
from tui_annotate.exchange.writers import FormatSettings
from tui_annotate.store.other_sqlite import PlainDatabase

INTEGERS = ("answer_id", "answered_at", "input_hash", "task_hash")


class SqliteWriter:
    """Writes tables `documents`, as the other tables are, and beside it `spans` and `labels`.

    Args:
        path: A file that is empty.
        settings: What offsets count.
    """

    def __init__(self, path: Path, settings: FormatSettings) -> None:
        self._settings = settings
        self._number = 0
        self._database = PlainDatabase(path)
        kinds = {name: int if name in INTEGERS else str for name in COLUMNS}
        numbers = dict.fromkeys(("start", "end", "token_start", "token_end"), int)
        self._database.create("documents", {"id": int, **kinds}, key="id")
        self._database.create("spans", {"document": int, **numbers, "label": str, "text": str})
        self._database.create("labels", {"document": int, "label": str, "chosen": int})

    def write(self, document: Document) -> None:
        """Write the rows of one document.

        Raises:
            TaskError: It holds what the columns cannot.
        """
        unit = self._settings.offsets
        row = as_row(document, unit)
        number = self._number + 1
        # The text of a span is cut at code points, whatever the offsets count.
        places = (row if unit == "codepoints" else as_row(document))["spans"] or ()
        spans: list[dict[str, Any]] = [
            {"document": number, **each, "text": document.text[place["start"] : place["end"]]}
            for each, place in zip(row["spans"] or (), places, strict=True)
        ]
        self._database.insert("documents", {"id": number, **flat(row)})
        for each in spans:
            self._database.insert("spans", each)
        for label, value in document.layers.cats.items():
            chosen = {"document": number, "label": label, "chosen": int(value)}
            self._database.insert("labels", chosen)
        self._number = number

    def close(self) -> None:
        """Commit, and close the file."""
        self._database.close()
