"""JSON lines: one object a line."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from tui_annotate.errors import SourceError, TaskError
from tui_annotate.sources.base import DEFAULT_LIMITS, START, BadRow, Limits, Position, Row
from tui_annotate.sources.class_labels import names_beside, with_names
from tui_annotate.sources.line_source import LineSource
from tui_annotate.sources.text_field import Fields
from tui_annotate.task.jsonio import WORTH_LOADING, loads_lines, loads_strict

BLOCK = 32 * 1024
"""Bytes of a file whose lines are parsed at once; more than a processor's cache holds is slower."""
SHORT = 1024
"""Bytes of a row up to which that is faster than line by line."""
_IN_VAIN = 8
"""Blocks in a row that were read line by line all the same, after which no other one is tried."""

_DESCRIBED = ("dataset_info.json", "dataset_infos.json")
_LINES = 20
_raw = json.JSONDecoder().raw_decode


class JsonlSource(LineSource):
    """Reads JSON lines, strictly: what cannot be stored, hashed or shown is a bad row.

    Numbers of classes get the names that `dataset_info.json` beside the file has for them.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        fields: Fields | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(path, fields, limits)
        self._class_names: Mapping[str, list[str]] = {}
        beside = Path(self.name).expanduser()
        if "://" not in self.name and any(beside.with_name(each).is_file() for each in _DESCRIBED):
            self._class_names = names_beside(beside)

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the records from `start` on, in constant memory.

        In a plain file that has many, the lines of a block are parsed at once.
        """
        for number, record in enumerate(super().rows(start), 1):
            yield record
            if number == WORTH_LOADING and self._pays_by_blocks(start, record.end):
                yield from self._rows_in_blocks(record.end)
                return

    def _pays_by_blocks(self, start: Position, end: Position) -> bool:
        """Return whether what follows is to be parsed in blocks, by the first rows."""
        short = end.offset - start.offset <= SHORT * (end.row - start.row)
        whole = end.row - start.row == WORTH_LOADING  # not so if the last one is still growing
        possible = self.seekable and self.limits.max_line >= BLOCK and not self._class_names
        return short and whole and possible

    def _rows_in_blocks(self, before: Position) -> Iterator[Row | BadRow]:
        with self.file.reader(before.offset) as reader:
            rest, in_vain = b"", 0
            while more := reader.read(BLOCK):
                whole, newline, rest = (rest + more).rpartition(b"\n")
                if not newline or in_vain == _IN_VAIN:
                    # Of a line longer than a block, whoever reads lines keeps to their limit.
                    yield from super().rows(before)
                    return
                whole += newline
                found = loads_lines(whole)
                if found is None:
                    in_vain += 1
                    before = yield from self.records(BytesIO(whole), before)
                else:
                    in_vain = 0
                    before = yield from self._rows_of(found, whole, before)
            yield from self.records(BytesIO(rest), before)

    def _rows_of(
        self, found: Iterable[dict[str, Any]], block: bytes, before: Position
    ) -> Generator[Row | BadRow, None, Position]:
        """Yield the records of the objects in a block's lines; return the position behind it."""
        begin, make = before.offset, tuple.__new__
        end = 0
        for data in found:
            end = block.index(b"\n", end) + 1
            after = make(Position, (before.row + 1, before.line + 1, begin + end))
            yield self._row(data, before, after)
            before = after
        return before

    def _row(self, data: dict[str, Any], before: Position, after: Position) -> Row | BadRow:
        keys, notices = tuple(data), list[str]()
        try:
            return Row(self.fields.apply(data, notices), before, after, tuple(notices))
        except TaskError as error:
            return self.refused(error, data, keys, before, after)

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return the object in one line; keys that occur twice are remarked on."""
        twice: list[str] = []
        found = loads_strict(data, on_duplicate=twice.append if self.fields.remarks else None)
        if twice:
            notices += [f"the key {key!r} occurs twice" for key in twice]
        return with_names(found, self._class_names) if self._class_names else found


def check_lines(start: str, path: str) -> None:
    """Refuse what is no JSON lines from its first line on, of which each would be a bad row.

    Raises:
        SourceError: It is a list, its objects go over several lines or have commas between them, or
            it is not even JSON.
    """
    # Recognising calls this, and so is loaded; other files of lines do without it.
    from tui_annotate.sources.recognise import is_object

    lines = [line.rstrip() for line in start.split("\n")[:_LINES] if line.strip()]
    what = ""
    if _is_over_lines(start):
        what = "its objects go over several lines, so it is no JSON lines"
    elif re.match(r"\[\s*\{", start):
        what = "line 1 begins a list, so it is no JSON lines"
    elif len(lines) > 1 and lines[0].endswith("},") and is_object(lines[0][:-1]):
        what = "line 1 ends in a comma, as in a list, so it is no JSON lines"
    if what:
        raise SourceError(what, where=path, hint="Read it with `--loader json`")
    if not lines or not lines[0].startswith("{") or any(map(is_object, lines)):
        return
    # Loaded for such files only: each module costs a start.
    from tui_annotate.sources.jsonfile import foreign_part

    found = foreign_part(lines[0])
    if found is not None:
        raise SourceError(
            f"line 1 has {found[1]}, which JSON does not have, and so have the next lines"
            if len(lines) > 1
            else f"line 1 has {found[1]}, which JSON does not have",
            where=path,
            hint="Take comments, single quotes and commas before closing brackets out",
        )


def _is_over_lines(start: str) -> bool:
    if re.match(r"\{[ \t]*\r?\n", start) is None:
        return False
    try:
        _raw(start)
    except (ValueError, RecursionError):
        return False
    return True
