"""Hugging Face's rows of `tokens` and `ner_tags`: JSON lines, Parquet, and data sets on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Document
from tui_annotate.exchange.token_tags import tags
from tui_annotate.exchange.writers import FormatSettings, TextWriter, need, utf8_bytes
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.tokenize import Tokens

OUTSIDE = "O"


def open_ner_tags(path: Path, _settings: FormatSettings) -> TextWriter:
    """Write JSON lines with the names of the tags."""
    return TextWriter(path, lambda document: dumps(tagged(document)) + "\n")


def tagged(document: Document) -> dict[str, Any]:
    """Return a document as its `id`, `text`, `tokens` and `ner_tags` in IOB2.

    Raises:
        TaskError: It has no tokens, or its spans do not fit them.
    """
    text = document.text
    every = document.tokens()
    tokens = Tokens([each for each in every if not text[each[0] : each[1]].isspace()])
    if not len(tokens):
        raise TaskError("it has no tokens", reason="no-tokens")
    return {
        "id": document.key.hex(),
        "text": text,
        "tokens": [text[start:end] for start, end in tokens],
        "ner_tags": tags(document.layers.spans or (), tokens, "iob2"),
    }


class NerTagsWriter:
    """Writes a data set whose tags are classes: numbers, with their names in the file.

    The numbers of the rows are held in memory until the end, because only then all names are known.

    Args:
        save: Takes the data set, made by `datasets`, at the end.
    """

    def __init__(self, save: Callable[[Any], None]) -> None:
        self._save = save
        self._names: dict[str, int] = {OUTSIDE: 0}
        self._columns: dict[str, list[Any]] = {"id": [], "text": [], "tokens": [], "ner_tags": []}

    def write(self, document: Document) -> None:
        """Take one document.

        Raises:
            TaskError: It has no tokens, or its spans do not fit them.
        """
        row = tagged(document)
        for text in (row["text"], *row["ner_tags"]):
            utf8_bytes(text)
        for tag in row["ner_tags"]:
            if tag != OUTSIDE:
                # The beginning and the inside of a label stand side by side, whichever came first.
                for kind in "BI":
                    self._names.setdefault(f"{kind}{tag[1:]}", len(self._names))
        row["ner_tags"] = [self._names[tag] for tag in row["ner_tags"]]
        for name, column in self._columns.items():
            column.append(row[name])

    def close(self) -> None:
        """Make the data set and save it."""
        datasets = need("datasets", "hf", what="this format")
        datasets.disable_progress_bars()
        text = datasets.Value("string")
        names = datasets.ClassLabel(names=list(self._names))
        listed = {"tokens": datasets.Sequence(text), "ner_tags": datasets.Sequence(names)}
        features = datasets.Features({"id": text, "text": text, **listed})
        self._save(datasets.Dataset.from_dict(self._columns, features=features))


def open_ner_tags_parquet(path: Path, _settings: FormatSettings) -> NerTagsWriter:
    """Write a Parquet file that `datasets` reads with the names of its classes."""
    need("datasets", "hf", what="the format ner-tags-parquet")
    return NerTagsWriter(lambda found: found.to_parquet(str(path)))


def open_ner_tags_hf(path: Path, _settings: FormatSettings) -> NerTagsWriter:
    """Write a data set on disk, as `datasets.load_from_disk` opens it."""
    need("datasets", "hf", what="the format ner-tags-hf")
    return NerTagsWriter(lambda found: found.save_to_disk(str(path)))
