"""Formats of a text with its labels alone: fastText's lines, and doccano's CSV."""

from __future__ import annotations

import csv
import io
from itertools import count
from pathlib import Path

from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Document
from tui_annotate.exchange.tasks import text_classes
from tui_annotate.exchange.writers import FormatSettings, TextWriter

PREFIX = "__label__"
_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


def open_fasttext(path: Path, _settings: FormatSettings) -> TextWriter:
    """Write a line for each text, its labels before it."""
    return TextWriter(path, fasttext_line)


def fasttext_line(document: Document) -> str:
    """Return a line of fastText.

    Raises:
        TaskError: `no-labels`: nobody was asked for labels; `white-space`: the text has a line
            break or begins with a blank, which a line cannot hold; `bad-label`: a label holds
            white space, or a word of the text looks like a label.
    """
    labels, text = _labels(document), document.text
    if any(each.split() != [each] for each in labels):
        raise TaskError("a label is empty or holds a space", reason="bad-label")
    words = text.split(" ")
    if words[0].startswith(PREFIX) or words[-1].startswith(PREFIX):
        raise TaskError(f"the text begins or ends with {PREFIX}", reason="bad-label")
    if any(each in text for each in _BREAKS):
        raise TaskError("the text has a line break, which a line cannot hold", reason="white-space")
    return " ".join([*(f"{PREFIX}{each}" for each in labels), text]) + "\n"


def open_doccano_csv(path: Path, _settings: FormatSettings) -> TextWriter:
    """Write doccano's CSV: `id`, `data` and `label`, with `#` between several labels."""
    numbers = count(1)
    buffer = io.StringIO(newline="")
    rows = csv.writer(buffer)

    def render(document: Document) -> str:
        labels = _labels(document)
        if any("#" in each or not each for each in labels):
            raise TaskError("a label is empty or holds #", reason="bad-label")
        buffer.seek(0)
        buffer.truncate()
        rows.writerow((next(numbers), document.text, "#".join(labels)))
        return buffer.getvalue()

    return TextWriter(path, render, header="id,data,label\r\n")


def _labels(document: Document) -> list[str]:
    if not document.layers.cats:
        raise TaskError("nobody was asked for labels of the text", reason="no-labels")
    return text_classes(document)
