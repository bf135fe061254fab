"""Rows of a fixed width and short ways to make editors, for the tests of the editors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tui_annotate.editors.span.editor import SpanEditor

LABELS = ("PER", "ORG", "LOC")
TEXT = "Acme Corporation of Berlin said that it had sold Globex to the Chen family."


@dataclass(frozen=True)
class FixedRow:
    start: int
    end: int


class FixedRows:
    """Rows that break every `width` code points and after newlines; a cell is a code point."""

    def __init__(self, text: str, width: int) -> None:
        self.rows: list[FixedRow] = []
        start = 0
        for line in text.splitlines(keepends=True) or [""]:
            for at in range(0, len(line), width):
                self.rows.append(FixedRow(start + at, start + min(at + width, len(line))))
            start += len(line)
        if not self.rows:
            self.rows.append(FixedRow(0, 0))

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int, /) -> FixedRow:
        return self.rows[index]

    def row_of(self, offset: int) -> int:
        return max(i for i, row in enumerate(self.rows) if row.start <= offset)

    def column_of(self, offset: int) -> int:
        return offset - self.rows[self.row_of(offset)].start

    def offset_at(self, row: int, column: int) -> int:
        start, end = self.rows[row].start, self.rows[row].end
        return min(start + column, max(start, end - 1))


def editor(text: str = TEXT, *, overlap: bool = False, **task: Any) -> SpanEditor:
    return SpanEditor({"text": text, **task}, LABELS, overlap=overlap)


def do(target: SpanEditor, script: str, rows: FixedRows | None = None) -> None:
    """Run commands parted by blanks: a digit labels, the rest is a command's name."""
    for word in script.split():
        if word.isdigit():
            target.apply("label", int(word) - 1, rows)
        else:
            target.apply(word, None, rows)


def found(target: SpanEditor) -> list[tuple[str, str]]:
    """The spans as (covered text, label), in reading order."""
    return [(target.text[s.start : s.end], s.label) for s in target.spans]
