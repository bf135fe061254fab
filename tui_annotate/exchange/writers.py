"""What a writer of documents has to do, and the simplest one: a function from document to text.

`need` imports the packages that only some formats need.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from tui_annotate.errors import MissingExtra, TaskError
from tui_annotate.exchange.document import Document
from tui_annotate.task.offsets import Unit


@dataclass(frozen=True, slots=True)
class FormatSettings:
    """What a format is told.

    Attributes:
        offsets: What offsets count.
        spans_key: spaCy: spans go to `doc.spans[spans_key]`, where they may overlap; None for
            `doc.ents`.
        lang: spaCy: the language.
        parts: The names of the folders side by side that a split is written to; empty without one.
    """

    offsets: Unit = "codepoints"
    spans_key: str | None = None
    lang: str = "en"
    parts: tuple[str, ...] = ()


class Writer(Protocol):
    """Writes documents to one path."""

    def write(self, document: Document) -> None:
        """Write one document, or raise `TaskError` where the format cannot hold it and go on."""
        ...

    def close(self) -> None:
        """Write what is left; called once, also after an error."""
        ...


class TextWriter:
    """Writes the text of one document after the other to a file in UTF-8.

    Args:
        path: The file.
        render: Returns a document's text.
        header, separator, footer: What stands before, between and after them.
    """

    def __init__(
        self,
        path: Path,
        render: Callable[[Document], str],
        *,
        header: str = "",
        separator: str = "",
        footer: str = "",
    ) -> None:
        self._file = io.FileIO(path, "w")
        self._buffered = io.BufferedWriter(self._file, 1 << 20)
        self._render = render
        self._before = header.encode()
        self._header, self._separator, self._footer = map(str.encode, (header, separator, footer))

    def write(self, document: Document) -> None:
        """Write one document.

        Raises:
            TaskError: The format, or UTF-8, cannot hold it.
        """
        data = utf8_bytes(self._render(document))
        self._buffered.write(self._before + data)
        self._before = self._separator

    def close(self) -> None:
        """Write the end."""
        if self._before == self._header:
            self._buffered.write(self._header)
        self._buffered.write(self._footer)
        self._buffered.close()


def utf8_bytes(text: str) -> bytes:
    """Return a text in UTF-8.

    Raises:
        TaskError: `surrogate`: it has lone surrogates, which UTF-8 cannot hold.
    """
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise TaskError(
            f"a lone surrogate at {error.start} of what would be written, which UTF-8 cannot hold",
            reason="surrogate",
        ) from None


def need(module: str, extra: str, *, what: str) -> Any:
    """Import a module of an extra.

    Args:
        module: Its name.
        extra: The extra that brings it.
        what: What needs it, in words.

    Raises:
        MissingExtra: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError:
        name = module.partition(".")[0]
        raise MissingExtra(
            f"{what} needs {name}", hint=f"Install it with: pip install 'tui-annotate[{extra}]'"
        ) from None
