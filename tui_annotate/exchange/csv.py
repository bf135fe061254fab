"""CSV: a row for each document, its lists as JSON in their cells."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tui_annotate.exchange.document import Document
from tui_annotate.exchange.table import COLUMNS, as_row, flat
from tui_annotate.exchange.writers import FormatSettings, TextWriter


def open_csv(path: Path, settings: FormatSettings) -> TextWriter:
    """Write rows under a header, with `,` and quotes as RFC 4180 has them."""
    buffer = io.StringIO(newline="")
    lines = csv.DictWriter(buffer, COLUMNS)

    def render(document: Document) -> str:
        row = flat(as_row(document, settings.offsets))
        buffer.seek(0)
        buffer.truncate()
        lines.writerow(row)
        return buffer.getvalue()

    return TextWriter(path, render, header=",".join(COLUMNS) + "\r\n")
