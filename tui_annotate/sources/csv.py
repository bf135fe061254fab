"""Comma-separated values with a header; fields may be quoted and hold newlines.

The end of a record is found in the bytes, by the rules by which the standard library reads them,
so every position is exact to the byte. The fields themselves are split by the standard library.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice

from tui_annotate.errors import SourceError, TaskError, listed
from tui_annotate.sources.base import DEFAULT_LIMITS, START, BadRow, Limits, Position, Row
from tui_annotate.sources.csv_records import CsvRecord, LineFeed, NoQuotes, OpenQuotes
from tui_annotate.sources.encodings import decode, explain
from tui_annotate.sources.files import ByteLine, skip_bom
from tui_annotate.sources.line_source import FileSource
from tui_annotate.sources.our_exports import (
    ARGILLA_COLUMN,
    as_task,
    is_export,
    is_label_studio_row,
)
from tui_annotate.sources.sentence_pairs import pair_of, pair_task
from tui_annotate.sources.text_field import ANY_ROW, TEXT, UNANSWERED, Fields
from tui_annotate.sources.token_table import (
    SentenceColumns,
    TokenColumns,
    TokenRow,
    find_columns_by_tags,
    find_sentence_columns,
    find_token_columns,
    sentence_row,
    sentences,
)
from tui_annotate.sources.unnamed_columns import (
    LOOKED_AT,
    USUAL_TEXTS,
    ClassColumns,
    UnnamedColumns,
    chosen_classes,
    find_class_columns,
    find_unnamed,
    named_class_columns,
    names_apart,
    places_of_spans,
)
from tui_annotate.task.schema import Task

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

    The delimiter is the one of comma, semicolon and tab that the header has most of, or the one
    that a line such as `sep=;` before it says. A file without a header, whose first line is a
    record as the others are, is known by its columns: a text, and a label that occurs again. Two
    columns of sentences that belong together, such as `premise` and `hypothesis`, are one text.

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
        self._named_labels = fields.label_fields if fields is not None else ()
        own = None if fields is None else fields._replace(label_fields=())
        super().__init__(path, own, limits)
        self._delimiter = ","
        self._unread: LineFeed | None = None  # of a pipe: what follows its header, for `rows`
        self._begin = START
        self._quotes = True
        self.columns, self._first = self._header()
        by_tags = self._columns_by_tags() if self._may_lack_header() else None
        unknown = by_tags is None and self._may_lack_header()
        columns = self._without_header() if unknown else None
        self._names, self.told = names_apart(self.columns)
        if columns is not None:
            self.told = columns.told
        self._more_text = columns.texts[1:] if columns is not None else ()
        lowered = [column.lower() for column in self.columns]
        unnamed = self.fields.text_field is None
        self._tokens = by_tags
        lacks_text = unnamed and TEXT not in lowered
        if by_tags is None and lacks_text:
            self._tokens = find_token_columns(lowered)
        if self._tokens is not None and self._tokens.marks:
            self.told = "nothing separates its sentences, so each ends at `.`, `!` or `?`"
        pairs = lacks_text and self.fields.input_keys != ANY_ROW
        self._is_pair = pairs and pair_of(lowered) is not None
        self._sentence = None if self._tokens is not None else self._sentence_columns()
        if self._sentence is not None:
            words, tags = (self.columns[at] for at in self._sentence)
            self.told = f"its column `{tags}` holds a tag for each word of `{words}`"
        self._text = self._find_text()
        self._label = self._find_label(lowered, unnamed=columns is not None)
        self._classes = self._find_classes()
        self._exported = unnamed and is_export(self.columns)
        self._is_label_studio = is_label_studio_row(self.columns)
        if any(ARGILLA_COLUMN.search(each) for each in self.columns):
            self._refuse_argilla()
        self._id = (
            self._column(self.fields.id_field, "--id-field") if self.fields.id_field else None
        )

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the records from `start` on, in constant memory. The header is none."""
        begin = start if start.offset else self._first
        feed, self._unread = self._unread, None
        records = self._records(feed or self._feed(begin.offset), begin)
        if self._tokens is not None:
            yield from sentences(map(self._token_row, records), self._tokens, start.row)
            return
        yield from map(self._row, records)

    def count(self) -> int | None:
        """Count the records, bad ones included, by reading the file; None for a pipe."""
        if not self.seekable:
            return None
        if self._tokens is not None:
            return sum(1 for _ in self.rows())
        return sum(1 for _ in self._records(self._feed(self._first.offset), self._first))

    def _feed(self, offset: int) -> LineFeed:
        return LineFeed(self.file.reader(offset), offset, self.limits.max_line)

    def _refuse_argilla(self) -> None:
        """Refuse a table in which Argilla's responses are what Python printed of its lists.

        Raises:
            SourceError: It is one.
        """
        # Loaded for tables with such columns only, as each module costs a start.
        from tui_annotate.sources.argilla import is_argilla_table

        if is_argilla_table(self.columns) and not self._exported:
            raise SourceError(
                "it is a table of Argilla's records, in which lists of responses are printed",
                where=self.name,
                hint="Write the records as JSON or Parquet, which keep whose each response is",
            )

    def _header(self) -> tuple[tuple[str, ...], Position]:
        reader = self.file.reader()
        bom = skip_bom(reader)
        feed = LineFeed(reader, bom, self.limits.max_line)
        if not self.seekable:
            self._unread = feed
        first, begin = feed.take(), Position(-1, 0, bom)
        self._begin = begin
        said = _SAID.fullmatch(first.data or b"") if first is not None else None
        if said is not None and first is not None:
            # Some programs say the delimiter in a line before the header.
            self._delimiter = said[1].decode()
            begin = Position(-1, 1, first.end)
            self._begin = begin
        elif first is not None:
            feed.give_back([first])
            header = (first.data or b"").decode("latin-1")
            known = self.preferred if self.preferred and self.preferred in header else DELIMITERS
            self._delimiter = max(known, key=header.count)
        record = next(self._records(feed, begin), None)
        if record is None:
            raise SourceError("the file has no header", where=self.name)
        try:
            return tuple(name.strip() for name in self._split(record)), record.end
        except TaskError as error:
            raise SourceError(f"the header cannot be read: {error.what}", where=self.name) from None

    def _may_lack_header(self) -> bool:
        """Tell whether the first line may be a record: it names no column that is known."""
        known = {*(column.lower() for column in self.columns)}
        asked = (self.fields.text_field, self.fields.id_field)
        named = any(asked) or not known.isdisjoint(map(str.lower, self._named_labels))
        usual = known & {TEXT, *self.texts} or pair_of(known) or find_token_columns([*known])
        wanted = self.fields.input_keys != ANY_ROW and self.seekable
        return bool(wanted and not named and not usual and not is_label_studio_row(known))

    def _rows_to_look_at(self, begin: Position) -> list[TokenRow]:
        """Return the rows from a place on that are looked at before the file is read."""
        records = self._records(self._feed(begin.offset), begin)
        return [self._token_row(record, any_width=True) for record in islice(records, _LINES)]

    def _columns_by_tags(self) -> TokenColumns | None:
        """Return the columns of a table of tokens that no column puts together to sentences."""
        begin = self._begin._replace(row=0)
        found = find_columns_by_tags(self.columns, self._rows_to_look_at(begin))
        if found is not None and not found[1]:
            self.columns = tuple(f"column {at + 1}" for at in range(len(self.columns)))
            self._first = begin
        return found[0] if found is not None else None

    def _without_header(self) -> UnnamedColumns | None:
        """Take the first line as a record, if the file has no names of columns."""
        begin = self._begin._replace(row=0)
        records = list(islice(self._records(self._feed(begin.offset), begin), LOOKED_AT))
        lines = [each.data.decode("utf-8", "replace") for each in records if each.problem is None]
        self._quotes = self._delimiter != "\t" or any(_QUOTED.search(line) for line in lines)
        rows = []
        for line in lines:
            with suppress(csv.Error):
                rows.append(self._cells(line))
        found = find_unnamed(rows)
        if found is None:
            self._quotes = True
            return None
        if not found.is_sure:
            raise SourceError(
                "its first line may be a header or a record, and it is too short to tell",
                where=self.name,
                hint="Name the column of the text with `--text-field`, or write a line with the"
                " names of the columns above it, such as `text` and `label`",
            )
        self.columns, self._first = found.names, begin
        return found

    def _sentence_columns(self) -> SentenceColumns | None:
        """Return the columns of a table whose rows hold a sentence and a tag for each word."""
        if not self.seekable or self.fields.input_keys == ANY_ROW:
            return None
        rows = [row.values for row in self._rows_to_look_at(self._first) if row.problem is None]
        fitting = [row for row in rows if len(row) == len(self.columns)]
        return find_sentence_columns(self.columns, fitting, self.fields.text_field or "")

    def _find_text(self) -> int:
        """Return the column of the text; -1 where none has to be one."""
        if self._sentence is not None:
            return self._sentence.words
        if self._tokens is not None or self._is_pair:
            return -1
        usual = next((name for name in self.texts if name in self.columns), TEXT)
        if not self._has_text(usual):
            return -1
        lowered = [column.lower() for column in self.columns]
        likely = [each for each in USUAL_TEXTS if each in lowered]
        if self.fields.text_field is None and usual == TEXT not in lowered and len(likely) == 1:
            self.told = "; ".join(
                filter(None, (self.told, f"its column `{likely[0]}` is the text"))
            )
            return lowered.index(likely[0])
        return self._column(self.fields.text_field or usual, "--text-field")

    def _find_label(self, lowered: Sequence[str], *, unnamed: bool) -> int | None:
        """Return the column whose cell is the `label` of its task; None where tasks get none.

        Args:
            lowered: The columns in lower case.
            unnamed: Whether they were found without a header.
        """
        asked = self.fields.text_field or self.fields.id_field or self.fields.offset_unit
        # Whoever names columns wants those; in a file of answers a label is one (`_find_classes`).
        if asked or self._named_labels or not self.fields.remarks or self.fields.answered:
            return None
        # With any other column beside them it is a table of its own, and its label goes to `meta`.
        is_prodigys = {TEXT, "label"} <= {*lowered} <= {TEXT, "label", "meta"}
        if is_prodigys or (unnamed and "label" in lowered):
            return lowered.index("label")
        return None

    def _find_classes(self) -> ClassColumns:
        """Return the columns of the classes that were chosen: those that were named, and else, in
        a file of answers, those that seem to be."""
        named = tuple(self._column(name, "--label-field") for name in self._named_labels)
        answered = self.fields.answered and self._text >= 0 and not is_export(self.columns)
        if not named and not answered:
            return ClassColumns()
        rows = [row.values for row in self._rows_to_look_at(self._first)] if self.seekable else []
        if named:
            return named_class_columns(rows, named)
        places = places_of_spans(self.columns)
        if places:
            raise SourceError(
                f"it has a row for each span (`{places}`), so that no row says all of its text",
                where=self.name,
                hint="Write a row for each text, as JSON lines with all of its spans",
            )
        found = find_class_columns(self.columns, rows, self._text)
        self.told = "; ".join(filter(None, (self.told, found.told)))
        return found

    def _has_text(self, usual: str) -> bool:
        """Return whether there must be a column of texts: a recipe's code takes tables without."""
        wanted = self.fields.text_field is not None or self.fields.input_keys != ANY_ROW
        return wanted or usual.lower() in (column.lower() for column in self.columns)

    def _column(self, name: str, option: str) -> int:
        places = [index for index, column in enumerate(self.columns) if column == name]
        if not places:
            lowered = [column.lower() for column in self.columns]
            places = [index for index, column in enumerate(lowered) if column == name.lower()]
        if len(places) == 1:
            return places[0]
        shown = listed(self.columns)
        if places:
            raise SourceError(f"{len(places)} columns are called `{name}`", where=self.name)
        raise SourceError(
            f"no column `{name}`; columns: {shown}",
            where=self.name,
            hint=f"Name one with `{option}`",
        )

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
        quotes = OpenQuotes(self._delimiter) if self._quotes else NoQuotes()
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
        else:
            if line is not None:
                held.append(line)
        feed.give_back(held[1:])
        end = Position(at.row + 1, at.line + 1, first.end)
        return CsvRecord(b"", at, end, first.whole, self._problem(first))

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
        if self._is_pair:
            return pair_task(row, notices)
        if not self._is_label_studio:
            return None
        # Loaded here, because few tables come from Label Studio.
        from tui_annotate.sources.labelstudio import row_task

        return row_task(row, notices, self.fields.text_field)

    def _task(self, values: list[str], notices: list[str]) -> Task:
        own = self.make_task(dict(zip(self.columns, values, strict=True)), notices)
        if own is not None:
            if self._named_labels:
                own = own | chosen_classes(values, self.columns, self._classes)
                own.pop(UNANSWERED, None)
            return self.fields.apply(own, notices)
        if self._exported:
            return self.fields.apply(as_task(dict(zip(self.columns, values, strict=True))), notices)
        if self._text < 0:
            return self.fields.apply(dict(zip(self._names, values, strict=True)), notices)
        text = values[self._text]
        printed = self._printed_marks(values) if self.fields.answered else ""
        if printed:
            what = f"what `{printed}` holds is in no form that is read from a table"
            raise TaskError(what, reason="bad-spans")
        if not text or text.isspace():
            raise TaskError(f"`{self.columns[self._text]}` is empty", reason="empty-input")
        meta: Task = {"id": values[self._id]} if self._id is not None else {}
        tags = self._sentence.tags if self._sentence is not None else None
        for index, (column, value) in enumerate(zip(self._names, values, strict=True)):
            taken = (
                *(self._text, self._id, self._label, self._classes.name, tags),
                *self._classes.each,
                *self._classes.names,
                *self._more_text,
            )
            if index not in taken and value:
                name = column.lower() if self._label is not None else column
                meta.setdefault(name or f"column {index + 1}", value)
        text = "\n".join([text, *(values[at] for at in self._more_text if values[at].strip())])
        task: Task = {TEXT: text, "meta": meta} if meta else {TEXT: text}
        if self._sentence is not None:
            return task | sentence_row(values, self._sentence)
        if self._label is not None and values[self._label]:
            task["label"] = values[self._label]
        return task | chosen_classes(values, self.columns, self._classes)

    def _printed_marks(self, values: list[str]) -> str:
        """Return the column of a list of spans that was printed into a cell; empty for none."""
        for name, value in zip(self.columns, values, strict=True):
            is_list = value.startswith(("[", "{")) and value not in ("[]", "{}")
            if name.lower() in _MARKS and is_list:
                return name
        return ""

    def _token_row(self, record: CsvRecord, any_width: bool = False) -> TokenRow:
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
            return self._cells(text)
        except csv.Error as error:
            raise TaskError(f"not valid CSV ({error})", reason="not-csv") from None

    def _cells(self, text: str) -> list[str]:
        if not self._quotes:
            return text.rstrip("\r\n").split(self._delimiter)
        return next(csv.reader([text], delimiter=self._delimiter))
