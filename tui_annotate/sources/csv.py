"""Comma-separated values with a header; fields may be quoted and hold newlines.

The end of a record is found in the bytes, by the rules by which the standard library reads them,
so every position is exact to the byte. The fields themselves are split by the standard library.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from tui_annotate.errors import SourceError, TaskError
from tui_annotate.sources.base import DEFAULT_LIMITS, START, BadRow, Limits, Position, Row
from tui_annotate.sources.csv_records import (
    CsvRecord,
    LineFeed,
    NoQuotes,
    OpenQuotes,
    has_loose_quote,
    quotes_are_letters,
)
from tui_annotate.sources.encodings import decode, explain
from tui_annotate.sources.files import ByteLine, lines, skip_bom
from tui_annotate.sources.known_tables import as_task
from tui_annotate.sources.line_source import FileSource
from tui_annotate.sources.sentence_pairs import pair_task
from tui_annotate.sources.table_layout import (
    TableBegin,
    find_header,
    find_layout,
    may_be_record,
    needs_rows,
)
from tui_annotate.sources.text_columns import TableOptions
from tui_annotate.sources.text_field import TEXT, UNANSWERED, Fields
from tui_annotate.sources.token_table import TokenRow, sentence_row, sentences
from tui_annotate.sources.unnamed_columns import LOOKED_AT, chosen_classes
from tui_annotate.task.schema import ANNOTATOR_ID, Task

DELIMITERS = (",", ";", "\t")
_LINES = 1000
"""Lines that tell what separates sentences."""
_MARKS = frozenset({"entities", "ents", "annotations", "spans", "ner", "privacy_mask"})
_SAID = re.compile(rb"sep=([,;\t|])[\r\n]*", re.IGNORECASE)


_QUOTED = re.compile(r'(?:^|\t)"(?:[^"]|"")*"(?=\t|\r?\n|$)')


class CsvSource(FileSource):
    """Reads a CSV file with a header: one column is the text, the others go to `meta`. A table with
    a token in each row, and columns that name its sentence and its tag, gives sentences. One that
    `export` wrote gives the tasks that it was made of. One of `Text`, `Label` and `Meta` alone, as
    Prodigy has them, gives tasks with that label. In a table of answers a column such as
    `label` is the class of its text, or columns of 0 and 1 are its classes.

    The delimiter is the one of comma, semicolon and tab that the header has most of, a bar if it
    has none of these, or the one that a line such as `sep=;` before it says. A file without a
    header, whose first line is a record as the others are, is known by its columns: a text, and a
    label that occurs again. Two columns of sentences that belong together, such as `premise` and
    `hypothesis`, are one text.

    Raises:
        SourceError: Where the file cannot be read or its header has no such columns.
    """

    preferred = ""
    texts: tuple[str, ...] = ()
    """Columns that hold the text in the tables of a certain program, the likeliest first."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        fields: Fields | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        # Columns are classes by their place; whatever is made of a row has no such field any more.
        label_fields = fields.label_fields if fields is not None else ()
        own = None if fields is None else fields._replace(label_fields=())
        super().__init__(path, own, limits)
        self._delimiter = ","
        self._has_quotes = True
        self.columns: tuple[str, ...] = ()
        self._unread: LineFeed | None = None  # of a pipe: what follows its header, for `rows`
        options = TableOptions(self.name, self.fields, label_fields, self.texts)
        self.columns, begin, behind = self._read_first_record()
        # A pipe is read once, so nothing of it can be looked at before.
        may_lack_header = self.seekable and may_be_record(self.columns, options)
        first_lines = self._read_begin(begin) if may_lack_header else None
        header = find_header(self.columns, first_lines, options)
        self.columns, self._has_quotes = header.columns, header.has_quotes
        self._first = begin if header.is_record else behind
        if self._has_quotes and self._delimiter == "\t" and self.seekable:
            self._has_quotes = not quotes_are_letters(self._first_lines(), len(self.columns))
        looks_at_rows = self.seekable and needs_rows(header, options)
        rows = self._rows_to_look_at(self._first) if looks_at_rows else []
        self._layout = find_layout(header, rows, options)
        self._has_named_classes = bool(label_fields)
        self.told = self._layout.told

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the records from `start` on, in constant memory. The header is none."""
        begin = start if start.offset else self._first
        feed, self._unread = self._unread, None
        records = self._records(feed or self._feed(begin.offset), begin)
        tokens = self._layout.tokens
        if tokens is not None:
            yield from sentences(map(self._token_row, records), tokens, start.row)
        else:
            yield from map(self._row, records)

    def count(self) -> int | None:
        """Count the records, bad ones included, by reading the file; None for a pipe."""
        if not self.seekable:
            return None
        if self._layout.tokens is not None:
            return sum(1 for _ in self.rows())
        return sum(1 for _ in self._records(self._feed(self._first.offset), self._first))

    def _feed(self, offset: int) -> LineFeed:
        return LineFeed(self.file.reader(offset), offset, self.limits.max_line)

    def _read_first_record(self) -> tuple[tuple[str, ...], Position, Position]:
        """Find the delimiter, and return the cells of the first record, which usually are the
        header, with the places before and behind it.

        Raises:
            SourceError: There is no record, or it cannot be read.
        """
        reader = self.file.reader()
        bom = skip_bom(reader)
        feed = LineFeed(reader, bom, self.limits.max_line)
        if not self.seekable:
            self._unread = feed
        begin = Position(0, 0, bom)
        first = feed.take()
        said = _SAID.fullmatch(first.data or b"") if first is not None else None
        if first is not None and said is not None:
            # Some programs say the delimiter in a line before the header.
            self._delimiter = said[1].decode()
            begin = Position(0, 1, first.end)
        elif first is not None:
            feed.give_back([first])
            self._delimiter = self._usual_delimiter((first.data or b"").decode("latin-1"))
        # The header has no number, so that the record behind it is the first one.
        record = next(self._records(feed, begin._replace(row=-1)), None)
        if record is None:
            raise SourceError("the file has no header", where=self.name)
        try:
            cells = tuple(name.strip() for name in self._split(record))
        except TaskError as error:
            raise SourceError(f"the header cannot be read: {error.what}", where=self.name) from None
        return cells, begin, record.end

    def _usual_delimiter(self, line: str) -> str:
        """Return the delimiter that a line has most of."""
        if self.preferred and self.preferred in line:
            return self.preferred
        found = max(DELIMITERS, key=line.count)
        # Few tables have this one, and headers with another one may well have it in a name.
        return "|" if found not in line and "|" in line else found

    def _rows_to_look_at(self, begin: Position) -> list[TokenRow]:
        """Return the rows from a place on that are looked at before the file is read."""
        records = self._records(self._feed(begin.offset), begin)
        return [self._token_row(record, any_width=True) for record in islice(records, _LINES)]

    def _first_lines(self) -> list[str]:
        """Return the first lines behind the header, each by itself."""
        with self.file.reader(self._first.offset) as reader:
            found = islice(lines(reader, self._first.offset, self.limits.max_line), _LINES)
            return [(each.data or b"").decode("utf-8", "replace") for each in found]

    def _read_begin(self, begin: Position) -> TableBegin:
        """Read what tells whether the file has names of columns."""
        records = list(islice(self._records(self._feed(begin.offset), begin), LOOKED_AT))
        said = [each.data.decode("utf-8", "replace") for each in records if each.problem is None]
        has_quotes = self._delimiter != "\t" or any(_QUOTED.search(line) for line in said)
        plain_rows = []
        for line in said:
            with suppress(csv.Error):
                plain_rows.append(self._cells(line, has_quotes=has_quotes))
        return TableBegin(self._rows_to_look_at(begin), has_quotes, plain_rows)

    def _records(self, feed: LineFeed, start: Position) -> Iterator[CsvRecord]:
        at = start
        while (line := feed.take()) is not None:
            if line.blank:
                at = Position(at.row, at.line + 1, line.end)
                continue
            record = self._record(line, feed, at)
            at = record.end
            yield record

    def _record(self, first: ByteLine, feed: LineFeed, at: Position) -> CsvRecord:
        """Return the record that starts with the line `first`.

        A quote that is never closed makes its first line a bad record, and the next line starts a
        new one, so that one slip does not swallow the rest of the file.
        """
        quotes = OpenQuotes(self._delimiter) if self._has_quotes else NoQuotes()
        held: list[ByteLine] = []
        size = 0
        line: ByteLine | None = first
        while line is not None and line.data is not None:
            held.append(line)
            size += len(line.data)
            if size > self.limits.max_line:
                break
            if not quotes.open_after(line.data):
                end = Position(at.row + 1, at.line + len(held), line.end)
                return CsvRecord(b"".join(part.data or b"" for part in held), at, end, line.whole)
            line = feed.take()
            # An open quote may be an inch or an apostrophe, if the line is a record without it.
            if len(held) == 1 and self._is_letter(first, line):
                feed.give_back([line] if line is not None else [])
                end = Position(at.row + 1, at.line + 1, first.end)
                return CsvRecord(first.data or b"", at, end, first.whole)
        else:  # the file has ended, or a line in it is too long, with the quote still open
            if line is not None:
                held.append(line)
        feed.give_back(held[1:])
        end = Position(at.row + 1, at.line + 1, first.end)
        return CsvRecord(b"", at, end, first.whole, self._problem(first))

    def _is_letter(self, line: ByteLine, following: ByteLine | None) -> bool:
        """Return whether the quote that a line leaves open is a letter: in a table with tabs, this
        line and the next one have all their cells."""
        # The first record has as many columns as it has itself.
        tabs = (len(self.columns) - 1) if self.columns else (line.data or b"").count(b"\t")
        if self._delimiter != "\t" or not tabs:
            return False
        both = [line] if following is None else [line, following]
        return all((each.data or b"").count(b"\t") == tabs for each in both)

    def _problem(self, line: ByteLine) -> TaskError:
        if line.data is None:
            what = f"longer than {self.limits.max_line:,} bytes"
            return TaskError(what, reason="too-long")
        return TaskError("a quote is opened here and never closed", reason="open-quote")

    def _row(self, record: CsvRecord) -> Row | BadRow:
        end = record.end if record.whole else record.start
        try:
            values = self._split(record)
            if len(values) != len(self.columns):
                what = f"{len(values)} fields under {len(self.columns)} columns"
                raise TaskError(what, reason="not-csv")
            notices: list[str] = []
            return Row(self._task(values, notices), record.start, end, tuple(notices))
        except TaskError as error:
            if not record.whole:
                detail = f"the last line has no newline and is no record yet ({error.what})"
                return BadRow("incomplete", detail, record.start, record.start, self.columns)
            detail = explain(error, self.file)
            return BadRow(error.reason, detail, record.start, end, self.columns)

    def make_task(self, row: dict[str, str], notices: list[str]) -> Task | None:
        """Return a row of a table whose form says more than its columns; None for any other.

        Args:
            row: Column -> cell.
            notices: Gets remarks for people.
        """
        if self._layout.kind == "pair":
            return pair_task(row, notices)
        if self._layout.kind == "question":
            # Loaded here, because few tables have options.
            from tui_annotate.sources.choice_json import question_task

            named = zip(self._layout.names, row.values(), strict=True)
            cells = {name or f"column {at + 1}": cell for at, (name, cell) in enumerate(named)}
            return question_task(cells, notices)
        if self._layout.kind != "label-studio":
            return None
        # Loaded here, because few tables come from Label Studio.
        from tui_annotate.sources.labelstudio import row_task

        return row_task(row, notices, self.fields.text_field)

    def _task(self, values: list[str], notices: list[str]) -> Task:
        row = dict(zip(self.columns, values, strict=True))
        own = self.make_task(row, notices)
        if own is not None:
            return self.fields.apply(self._with_named_classes(own, values), notices)
        if self._layout.kind == "export":
            return self.fields.apply(as_task(row), notices)
        if self._layout.text is None:
            keyed = dict(zip(self._layout.names, values, strict=True))
            return self.fields.apply(keyed, notices)
        task = self._text_task(self._layout.text, values)
        return self._with_parse(task, values, notices) if self._layout.parse is not None else task

    def _with_named_classes(self, task: Task, values: list[str]) -> Task:
        """Return a task with the classes of the columns that were named, if any were."""
        if not self._has_named_classes:
            return task
        answered = task | chosen_classes(values, self.columns, self._layout.classes)
        answered.pop(UNANSWERED, None)
        return answered

    def _text_task(self, at: int, values: list[str]) -> Task:
        """Return a row as a text with its class, its tags, and what goes to `meta`.

        Args:
            at: The column of the text.
            values: The cells.

        Raises:
            TaskError: There is no text, or its marks are in a form that is not read.
        """
        layout = self._layout
        printed = self._printed_marks(values) if self.fields.answered else ""
        if printed:
            what = f"what `{printed}` holds is in no form that is read from a table"
            raise TaskError(what, reason="bad-spans")
        text = values[at]
        if not text or text.isspace():
            raise TaskError(f"`{self.columns[at]}` is empty", reason="empty-input")
        further = [values[each] for each in layout.more_texts if values[each].strip()]
        task: Task = {TEXT: "\n".join([text, *further])}
        meta = self._meta(values)
        if meta:
            task["meta"] = meta
        if layout.sentence is not None:
            return task | sentence_row(values, layout.sentence)
        if layout.label is not None and values[layout.label]:
            task["label"] = values[layout.label]
        if layout.people is not None and values[layout.people]:
            task[ANNOTATOR_ID] = values[layout.people]
        return task | chosen_classes(values, self.columns, layout.classes)

    def _with_parse(self, task: Task, values: list[str], notices: list[str]) -> Task:
        """Return a task with the intent and the slots of its row's parse."""
        # Loaded here, because few tables have parses.
        from tui_annotate.sources.semantic_parse import parsed

        parse = values[self._layout.parse or 0]
        return parsed(task[TEXT], parse, notices) | task if parse.strip() else task

    def _meta(self, values: list[str]) -> dict[str, str]:
        """Return what a row says beside its text; of two columns with one key the first counts."""
        layout = self._layout
        meta = {} if layout.id is None else {"id": values[layout.id]}
        for at, key in layout.meta:
            if values[at]:
                meta.setdefault(key, values[at])
        return meta

    def _printed_marks(self, values: list[str]) -> str:
        """Return the column of a list of spans that was printed into a cell; empty for none."""
        for name, value in zip(self.columns, values, strict=True):
            is_list = value.startswith(("[", "{")) and value not in ("[]", "{}")
            if name.lower() in _MARKS and is_list:
                return name
        return ""

    def _token_row(self, record: CsvRecord, *, any_width: bool = False) -> TokenRow:
        end = record.end if record.whole else record.start
        try:
            values = self._split(record)
            if len(values) != len(self.columns) and not any_width:
                what = f"{len(values)} fields under {len(self.columns)} columns"
                raise TaskError(what, reason="not-csv")
            return TokenRow(values, record.start, end)
        except TaskError as error:
            bad = BadRow(error.reason, explain(error, self.file), record.start, end, self.columns)
            return TokenRow((), record.start, end, bad)

    def _split(self, record: CsvRecord) -> list[str]:
        if record.problem is not None:
            raise record.problem
        text = decode(record.data)
        if len(text) > csv.field_size_limit():
            csv.field_size_limit(len(text))
        try:
            return self._cells(text, has_quotes=self._has_quotes)
        except csv.Error as error:
            raise TaskError(f"not valid CSV ({error})", reason="not-csv") from None

    def _cells(self, text: str, *, has_quotes: bool) -> list[str]:
        is_plain = self._delimiter == "\t" and '"' in text
        if not has_quotes or (is_plain and has_loose_quote(text, len(self.columns))):
            return text.rstrip("\r\n").split(self._delimiter)
        return next(csv.reader([text], delimiter=self._delimiter))


class TsvSource(CsvSource):
    """Reads CSV with tabs, however many commas the header has, if it has a tab at all."""

    preferred = "\t"
