"""brat: a folder with a `.txt` and an `.ann` for each document."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Document
from tui_annotate.exchange.relation_ends import RelationEnds
from tui_annotate.exchange.token_tags import check_label, described_span
from tui_annotate.exchange.writers import FormatSettings, utf8_bytes
from tui_annotate.sources.brat import ATTRIBUTE_NOTE
from tui_annotate.task.offsets import converter
from tui_annotate.task.spans import Span, attributes_of, pieces_of


class BratWriter:
    """Writes pairs of files, named by the inputs' keys: they keep their names as the data grows.

    Args:
        path: An empty folder.
        settings: What offsets count.
    """

    def __init__(self, path: Path, settings: FormatSettings) -> None:
        self._folder = path
        self._settings = settings

    def write(self, document: Document) -> None:
        """Write one pair of files.

        Raises:
            TaskError: brat cannot hold it.
        """
        name = f"{self._folder}/{document.key.hex()}"
        text, marks = utf8_bytes(document.text), utf8_bytes(notes(document, self._settings))
        _new_file(f"{name}.txt", text)
        _new_file(f"{name}.ann", marks)

    def close(self) -> None:
        """Nothing is left to write."""


def _new_file(name: str, data: bytes) -> None:
    # Without a file object, which costs as much as the file: there may be very many of them.
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        while data:
            data = data[os.write(file, data) :]
    finally:
        os.close(file)


def notes(document: Document, settings: FormatSettings) -> str:
    """Return the lines of an `.ann` file.

    Raises:
        TaskError: A label holds a space, a span begins or ends with a line break, or a relation's
            ends are no spans.
    """
    spans = document.layers.spans or ()
    at = converter(document.text, settings.offsets)
    lines = []
    for number, span in enumerate(spans, 1):
        check_label(span)
        pieces = _pieces(document.text, span)
        places = ";".join(f"{at(start)} {at(end)}" for start, end in pieces)
        shown = " ".join(document.text[start:end] for start, end in pieces)
        lines.append(f"T{number}\t{span.label} {places}\t{shown}\n")
    lines += _attributes(spans)
    lines += _relations(document)
    return "".join(lines)


def _pieces(text: str, span: Span) -> list[tuple[int, int]]:
    """Return the parts of a span that lie on one line each: brat wants spans over lines so."""
    pieces = [
        (start + match.start(), start + match.end())
        for start, end in pieces_of(span)
        for match in re.finditer(r"[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+", text[start:end])
    ]
    if not pieces or pieces[0][0] != span.start or pieces[-1][1] != span.end:
        raise TaskError(
            f"{described_span(span)} begins or ends with a line break", reason="misaligned"
        )
    return pieces


def _attributes(spans: Sequence[Span]) -> list[str]:
    """Return the attributes of spans; what brat's columns cannot hold becomes a note."""
    lines: list[str] = []
    for number, span in enumerate(spans, 1):
        for name, value in attributes_of(span).items():
            words = str(value).split()
            # brat separates name, span and value by blanks, so each has to be one word.
            if value is True or (len(words) == 1 and name.split() == [name] and name != "note"):
                said = "" if value is True else f" {words[0]}"
                lines.append(f"A{len(lines) + 1}\t{name} T{number}{said}\n")
            elif words:
                # A note of its own kind, so that it is read as the attribute that it is.
                kind = "AnnotatorNotes" if name == "note" else ATTRIBUTE_NOTE
                shown = " ".join(words) if name == "note" else f"{name}: {' '.join(words)}"
                lines.append(f"#{len(lines) + 1}\t{kind} T{number}\t{shown}\n")
    return lines


def _relations(document: Document) -> list[str]:
    lines = []
    for number, (label, head, child) in enumerate(RelationEnds(document).all(), 1):
        if label.split() != [label]:
            raise TaskError(f"the label {label!r} of a relation holds a space", reason="bad-label")
        lines.append(f"R{number}\t{label} Arg1:T{head + 1} Arg2:T{child + 1}\n")
    return lines
