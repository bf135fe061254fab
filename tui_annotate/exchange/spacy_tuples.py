"""Writes spaCy 2's training data, and ner-annotator's JSON, which is made of the same pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tui_annotate.exchange.document import Document
from tui_annotate.exchange.writers import FormatSettings, TextWriter
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.offsets import converter


def open_spacy_tuples(path: Path, settings: FormatSettings) -> TextWriter:
    """Write a JSON list with a pair a line, as `spacy.training` of version 2 takes it."""
    return TextWriter(
        path,
        lambda document: dumps(pair(document, settings)),
        header="[\n",
        separator=",\n",
        footer="\n]\n",
    )


def pair(document: Document, settings: FormatSettings) -> list[Any]:
    """Return a document as its text and its `entities`, `cats` or both."""
    layers = document.layers
    at = converter(document.text, settings.offsets)
    said: dict[str, Any] = {}
    if layers.spans is not None:
        said["entities"] = [[at(span.start), at(span.end), span.label] for span in layers.spans]
    if layers.cats:
        said["cats"] = {label: float(chosen) for label, chosen in layers.cats.items()}
    return [document.text, said]


class NerAnnotatorWriter(TextWriter):
    """Writes ner-annotator's JSON: `annotations`, and behind them the `classes` that occurred.

    Args:
        path: The file.
        settings: What offsets count.
    """

    def __init__(self, path: Path, settings: FormatSettings) -> None:
        self._settings = settings
        self._classes: dict[str, None] = {}
        super().__init__(path, self._pair, header='{"annotations": [\n', separator=",\n")

    def _pair(self, document: Document) -> str:
        found = pair(document, self._settings)
        entities = found[1].get("entities", [])
        text = dumps([found[0], {"entities": entities}])
        self._classes.update(dict.fromkeys(label for _, _, label in entities))
        return text

    def close(self) -> None:
        """Write the classes and the end."""
        self._footer = f'\n], "classes": {dumps(list(self._classes))}}}\n'.encode()
        super().close()
