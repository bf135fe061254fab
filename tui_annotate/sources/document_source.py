"""The base of readers of one document: a text file whose marks stand in files beside it."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator

from tui_annotate.errors import TaskError
from tui_annotate.sources.base import START, BadRow, Position, Row
from tui_annotate.sources.compressed import open_file
from tui_annotate.sources.encodings import decode_whole
from tui_annotate.sources.files import SourceFile
from tui_annotate.sources.line_source import FileSource
from tui_annotate.task.schema import Task


class DocumentSource(FileSource, ABC):
    """Reads one document, which is its only record. Formats implement `document`."""

    @abstractmethod
    def document(self, notices: list[str]) -> Task:
        """Return the document, adding remarks to `notices`.

        Raises:
            TaskError: It cannot be read.
        """

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the one record, unless `start` is behind it."""
        if start.row:
            return
        end = Position(1, 0, max(self.size() or 1, 1))
        notices: list[str] = []
        try:
            task = self.fields.apply(self.document(notices), notices)
            yield Row(task, START, end, tuple(notices))
        except TaskError as error:
            yield BadRow(error.reason, error.what, START, end)

    def count(self) -> int | None:
        """Return 1."""
        return 1

    def text_beside(self, path: str | os.PathLike[str]) -> str:
        """Return all of another of the document's files as text, in the encoding of all of them.

        Raises:
            SourceError: It cannot be opened, or is empty.
            TaskError: As `whole_text` does.
        """
        return self.whole_text(open_file(path, self.fields.encoding))

    def whole_text(self, file: SourceFile) -> str:
        """Return all of one of the document's files as text.

        Raises:
            TaskError: `too-long`, `not-utf8`; with the file's name.
        """
        name = os.path.basename(file.name)  # noqa: PTH119 - a name of any length
        limit = self.limits.max_line
        with file.reader() as reader:
            data = reader.read(limit + 1)
        if len(data) > limit:
            raise TaskError(f"{name} is longer than {limit:,} bytes", reason="too-long")
        try:
            return decode_whole(data, file)
        except TaskError as error:
            raise TaskError(f"{name}: {error.what}", reason=error.reason) from None
