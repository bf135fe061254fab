"""Plain text: a line, a paragraph or a whole file a task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.base import START, BadRow, Position, Row
from tui_annotate.sources.blank_line_records import BlockSource
from tui_annotate.sources.encodings import decode, explain
from tui_annotate.sources.files import skip_bom
from tui_annotate.sources.line_source import FileSource, LineSource


class TxtSource(LineSource):
    """Reads plain text; each line that is not blank is the text of one task."""

    @property
    def told(self) -> str:
        """What people should know of lines that hold more than their text; empty for nothing."""
        if type(self) is not TxtSource or not self.seekable:
            return ""
        # Said when a source is opened for people, and so not loaded before.
        from tui_annotate.sources.line_signs import marks_in

        with self.file.reader() as reader:
            return marks_in(reader)

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:  # noqa: ARG002
        """Return the line as `text`."""
        return {(self.fields.text_field or "text"): decode(data)}


class ParagraphSource(BlockSource):
    """Reads plain text; blank lines separate the texts, whose own line feeds stay."""

    def parse(self, block: list[str], notices: list[str]) -> dict[str, Any]:  # noqa: ARG002
        """Return the lines as one text."""
        return {(self.fields.text_field or "text"): "\n".join(block)}


class TxtFileSource(FileSource):
    """Reads plain text; the file is one text, as it is."""

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the one record, unless `start` is behind it."""
        if start.row:
            return
        with self.file.reader() as reader:
            skipped = skip_bom(reader)
            data = reader.read(self.limits.max_line + 1)
        end = Position(1, data.count(b"\n"), skipped + len(data))
        try:
            if len(data) > self.limits.max_line:
                what = f"longer than {self.limits.max_line:,} bytes"
                raise TaskError(what, reason="too-long")
            fields = {(self.fields.text_field or "text"): decode(data)}
            yield Row(self.fields.apply(fields), START, end)
        except TaskError as error:
            yield BadRow(error.reason, explain(error, self.file), START, end)

    def count(self) -> int | None:
        """Return 1; None for a pipe."""
        return 1 if self.seekable else None
