"""The base of readers of records that take several lines each, with blank lines between them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.base import START, BadRow, Position, Row
from tui_annotate.sources.encodings import decode, explain
from tui_annotate.sources.files import ByteLine, lines, skip_bom
from tui_annotate.sources.line_source import FileSource


@dataclass(slots=True)
class LineRecord:
    """Lines of one record. `lines` are their contents without line ends, `size` their bytes."""

    start: Position
    lines: list[bytes] = field(default_factory=list)
    size: int = 0
    end: Position = START
    whole: bool = True
    too_long: bool = False


class BlockSource(FileSource, ABC):
    """One record a block of lines that are not blank."""

    @abstractmethod
    def parse(self, block: list[str], notices: list[str]) -> dict[str, Any] | None:
        """Return the fields of one block, None where it is no record at all.

        Raises:
            TaskError: Where the block should be a record and cannot be read.
        """

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the records from `start` on, in the memory of one block."""
        row = start.row
        for block in self.blocks(start):
            before = Position(row, block.start.line, block.start.offset)
            after = Position(row + 1, block.end.line, block.end.offset)
            record = self._record(block, before, after)
            if record is not None:
                row += 1
                yield record

    def count(self) -> int | None:
        """Count the records, bad ones included, by reading the file; None for a pipe."""
        return sum(1 for _ in self.rows()) if self.seekable else None

    def blocks(self, start: Position) -> Iterator[LineRecord]:
        """Yield the blocks from `start` on."""
        with self.file.reader(start.offset) as reader:
            offset = start.offset + (0 if start.offset else skip_bom(reader))
            at, block = Position(0, start.line, offset), None
            for line in lines(reader, offset, self.limits.max_line):
                after = Position(0, at.line + 1, line.end)
                if line.blank:
                    if block is not None:
                        yield block
                    block = None
                else:
                    block = block or LineRecord(at)
                    self._append(block, line, after)
                at = after
            if block is not None:
                yield block

    def _append(self, block: LineRecord, line: ByteLine, after: Position) -> None:
        block.size += len(line.data or b"")
        block.end, block.whole = after, line.whole
        if line.data is None or block.size > self.limits.max_line:
            block.too_long = True
            block.lines.clear()
        elif not block.too_long:
            block.lines.append(line.content)

    def _record(self, block: LineRecord, before: Position, after: Position) -> Row | BadRow | None:
        after = after if block.whole else before
        if block.too_long:
            detail = f"longer than {self.limits.max_line:,} bytes"
            return BadRow("too-long", detail, before, after)
        notices: list[str] = []
        try:
            data = self.parse([decode(line) for line in block.lines], notices)
            if data is None:
                return None
            return Row(self.fields.apply(data, notices), before, after, tuple(notices))
        except TaskError as error:
            if not block.whole:
                return BadRow("incomplete", f"the last record is not whole ({error.what})",
                              before, before)  # fmt: skip
            return BadRow(error.reason, explain(error, self.file), before, after)
