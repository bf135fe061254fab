"""Reads the answers to import from files and from Prodigy databases."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path, PurePath
from typing import Any

from tui_annotate.errors import TaskError, TuiAnnotateError
from tui_annotate.exchange.annotation_layers import asks_for_all, may_judge_one_span, view_of
from tui_annotate.exchange.imported_answer import ImportedAnswer, arrival
from tui_annotate.exchange.prodigy_db import ProdigyDatabase, ProdigyDataset
from tui_annotate.sources.base import BadRow, Row, Source
from tui_annotate.sources.registry import open_any
from tui_annotate.sources.text_field import TEXT, UNANSWERED, Fields
from tui_annotate.sources.unread_marks import key_of_marks, was_asked
from tui_annotate.stream.row_reader import hint_for
from tui_annotate.stream.store_sources import open_origin
from tui_annotate.task.foreign_spans import fit_spans
from tui_annotate.task.hash_body import HashSettings
from tui_annotate.task.offsets import UNIT_KEY, to_codepoints
from tui_annotate.task.schema import ANNOTATOR_ID, SESSION_ID, VIEW_ID, Decision, Task
from tui_annotate.views import SHOWN_KEYS
from tui_annotate.waiting import here

_TELL_EVERY = 500
"""Rows after which it is said how far the reading is."""

_NOBODY = "INITIAL_CAS"
"""What INCEpTION calls the file, among those of people, of a document that nobody has touched."""


@dataclass(frozen=True, slots=True)
class Options:
    """How rows become answers: the arguments of `db-in`.

    Attributes:
        answer: The decision of rows that have none.
        overwrite: Give it to all rows.
        rehash: Take the hashes anew.
        settings: What they are taken of; None for the defaults.
        view: The view of all rows, whatever they say themselves; empty for their own.
        guessed_view: The view of rows that name none and show none by themselves.
        annotator: Who gave all answers, whatever the rows say; empty for the rows' own.
        annotator_from: Where the name of who answered is read: `file` (the name of the row's file
            without its ending), `folder` (that of the folder it lies in), or a key of the row, with
            dots for keys inside others, or a column of a table; empty for the rows' own.
    """

    answer: Decision = "accept"
    overwrite: bool = False
    rehash: bool = False
    settings: HashSettings | None = None
    view: str = ""
    guessed_view: str = ""
    annotator: str = ""
    annotator_from: str = ""

    def arrival(
        self, task: Task, session: str | None = None, at: int | None = None, file: str = ""
    ) -> ImportedAnswer:
        """Return a row as an answer that comes; the row is changed.

        Args:
            task: The row.
            session: The session of a row that names none.
            at: The time of a row without one, in seconds since 1970.
            file: The file that the row stands in.

        Raises:
            TaskError: It cannot be one.
        """
        who = self.annotator or self._named_by(task, file)
        view = self.view or ("" if task.get(VIEW_ID) else view_of("", task) or self.guessed_view)
        if view:
            task[VIEW_ID] = view
        return arrival(
            task,
            answer=self.answer,
            overwrite=self.overwrite,
            rehash=self.rehash,
            settings=self.settings,
            session=session,
            annotator=who,
            at=at,
            file=PurePath(file).name,
        )

    def _named_by(self, task: Task, file: str) -> str:
        """Return who answered by the file, the folder or a key; empty where nobody is to be named.

        Raises:
            TaskError: `no-annotator`: the row has no such key, or it holds no name.
        """
        if not self.annotator_from:
            return ""
        if self.annotator_from == "file":
            name = Path(file).stem if file else ""
            if name == _NOBODY:
                what = f"{name} is the document as it was before anybody annotated it"
                raise TaskError(what, reason="no-annotator")
            return name
        if self.annotator_from == "folder":
            return Path(file).absolute().parent.name if file else ""
        value = _within(task, self.annotator_from)
        if value is None:  # where tables put their columns, and loaders what they do not know
            value = _within(task.get("meta"), self.annotator_from)
        if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
            what = f"its `{self.annotator_from}` names nobody"
            raise TaskError(what, reason="no-annotator")
        return str(value)


def _within(value: Any, path: str) -> Any:
    """Return what an object holds under a key, or under keys within each other with dots between;
    None for nothing."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


class AnyFields(Fields):
    """Takes every record that some view can show, and whatever was a task once."""

    def apply(self, data: dict[str, Any], notices: list[str] | None = None) -> dict[str, Any]:
        """Return `data` as it is, with its offsets in code points, text and id in place.

        Spans that lie on another text than they say, or behind the text, are left out with a remark
        in `notices`.

        Raises:
            TaskError: `unanswered` for a row that nobody has answered, such as one with only the
                predictions of a model; `bad-spans` for offsets in units that its text does not
                have, and for marks in a form that is not read; `no-input` for a row without the
                field that was said to hold the text.
        """
        self._check_answered(data.pop(UNANSWERED, False))
        unit = None if UNIT_KEY in data else self.offset_unit
        if UNIT_KEY in data:
            to_codepoints(data)
        self.place(data)
        if not was_asked(data):
            self._take_foreign(data)
        if "spans" in data:
            remarks = [] if notices is None else notices
            fit_spans(data, remarks, unit, within=True)
        return data

    def _check_answered(self, unanswered: bool | str) -> None:
        """Raise for a row that nobody has answered, unless a field is named that has its classes.

        Args:
            unanswered: What its loader says of it; False where there is an answer.
        """
        if unanswered and not self.label_fields:
            said = unanswered if isinstance(unanswered, str) else "nobody has answered it yet"
            raise TaskError(said, reason="unanswered")

    def _take_foreign(self, data: dict[str, Any]) -> None:
        """Check a row of another program, and take its classes where it has no spans."""
        field = self.text_field or TEXT
        if data.keys().isdisjoint(SHOWN_KEYS) and data.keys().isdisjoint(_ANSWERED):
            raise TaskError(f"no `{field}`", reason="no-input")
        text = data.get(TEXT)
        if not isinstance(text, str | None):
            raise TaskError(f"`{field}` is not a string", reason="not-text")
        if "spans" in data or text is None:
            return
        key = key_of_marks(data)
        if key:
            raise TaskError(f"what `{key}` holds is in no form that is read", reason="bad-spans")
        _take_classes(data)


def _take_classes(data: dict[str, Any]) -> None:
    """Take the class of a row, which may be a number or a truth value, or stand under another name
    than `label`, as chosen. Its key stays."""
    if not _SAYS_CLASSES.isdisjoint(data) or isinstance(data.get("label"), str):
        return
    named = next((data[key] for key in _CLASS_NAMES if isinstance(data.get(key), str)), None)
    for key in _CLASSES:
        value = data.get(key)
        listed = value if isinstance(value, list) and value else [value]
        if not all(isinstance(each, str | int) for each in listed):
            continue
        data["accept"] = [named] if named else [str(each) for each in listed]
        return


_CLASSES = ("label", "labels", "class", "category", "sentiment", "intent", "topic")
_CLASS_NAMES = ("label_text", "label_name")
_SAYS_CLASSES = frozenset(("accept", "options", "cats", "tokens", "prompt", "chosen", "messages"))
"""Keys of rows whose `label` is none of the whole text, or which say their classes already."""
_ANSWERED = ("arcs", "versions", "html_template")
"""Keys of answers that say something although no view begins with them."""


@dataclass(slots=True)
class RowReading:
    """Rows that are being read.

    Attributes:
        bad: Place and reason of the first hundred that are no answers.
        bad_count: How many there are.
        offset: How far the source has been read, in the units of its size.
        remarks: Place and remark of the first hundred remarks that a loader made on a row.
        remark_count: How many there are.
        hint: What would help with the first row that is no answer; empty for nothing.
        taken: What answers that name no view were taken for, with how many of them: a view.
        people: The key under which the first rows seem to say who answered, where nobody reads it;
            empty for none.
    """

    bad: list[tuple[str, str]] = field(default_factory=list)
    bad_count: int = 0
    offset: int = 0
    remarks: list[tuple[str, str]] = field(default_factory=list)
    remark_count: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    hint: str = ""
    people: str = ""

    def refuse(self, where: str, why: str) -> None:
        """Note a row that is no answer."""
        self.bad_count += 1
        if len(self.bad) < 100:
            self.bad.append((where, why))

    def note(self, where: str, remarks: tuple[str, ...]) -> None:
        """Note what a loader remarked on a row, such as a span that was left out."""
        self.remark_count += len(remarks)
        if len(self.remarks) < 100:
            self.remarks += [(where, each) for each in remarks]

    def take(self, task: Task, options: Options, **origin: Any) -> ImportedAnswer:
        """Return a row as an answer that comes, and count what it was taken for if it says nothing.

        Args:
            task: The row; changed.
            options: How rows become answers.
            origin: What else is known, as `Options.arrival` takes it.

        Raises:
            TaskError: It cannot be one.
        """
        names_view = bool(options.view or task.get(VIEW_ID))
        found = options.arrival(task, **origin)
        if not names_view and (view := found.tail.get(VIEW_ID)):
            self.taken[view] += 1
        elif not names_view and asks_for_all("", task):
            self.taken["ner_manual"] += 1
        return found


def open_answers(
    path: str | os.PathLike[str], loader: str | None = None, fields: Fields | None = None
) -> Source:
    """Open a source of answers with a loader; by default the ending decides.

    Args:
        path: The source.
        loader: A loader's name.
        fields: Which fields make the task, and how a file is to be read.

    Raises:
        SourceError: There is no such file or loader.
    """
    name = os.fspath(path)
    fields = AnyFields(*(fields or Fields()))._replace(remarks=False, answered=True)
    return open_origin(name, fields) or open_any(name, fields, loader)


def from_source(source: Source, options: Options, reading: RowReading) -> Iterator[ImportedAnswer]:
    """Yield the rows of a source as answers that come; what is none is noted in `reading`."""
    waiting = here()
    rows: Iterator[Row | BadRow] = source.rows()
    if not options.annotator and not options.annotator_from:
        first, failure = _first_rows(rows)
        reading.people = _key_of_people([row.data for row in first if isinstance(row, Row)])
        rows = chain(first, rows if failure is None else _failing(failure))
    for row in rows:
        waiting.record_read()
        reading.offset = row.end.offset
        if isinstance(row, BadRow):
            reading.refuse(_where(source, row), row.detail)
            reading.hint = reading.hint or hint_for(row) or ""
            if reading.bad_count % _TELL_EVERY == 0:
                waiting.at(reading.offset, f"{reading.bad_count:,} rows are no answers")
            continue
        if row.notices:
            reading.note(_where(source, row), row.notices)
        try:
            yield reading.take(row.data, options, file=row.file or source.name)
        except TaskError as error:
            reading.refuse(_where(source, row), error.what)


def _first_rows(
    rows: Iterator[Row | BadRow],
) -> tuple[list[Row | BadRow], TuiAnnotateError | None]:
    """Return the first rows of a source, which are few and short, and what ended them, if anything
    did: the rows before it count all the same."""
    first: list[Row | BadRow] = []
    try:
        for row in islice(rows, _LOOKED_AT):
            first.append(row)
            if row.end.offset > _MOST_BYTES:
                break
    except TuiAnnotateError as error:
        return first, error
    return first, None


def _failing(failure: TuiAnnotateError) -> Iterator[Row | BadRow]:
    raise failure
    yield


def _key_of_people(rows: Iterable[Task]) -> str:
    """Return the key, in rows or their `meta`, under which two people stand for one text; empty for
    none, and where the rows say who answered in a way that is read."""
    seen: dict[tuple[str, Any], Any] = {}
    for row in rows:
        text, meta = row.get(TEXT), row.get("meta")
        if not isinstance(text, str) or not {ANNOTATOR_ID, SESSION_ID}.isdisjoint(row):
            continue
        for held in (row, meta if isinstance(meta, dict) else {}):
            for key in _PEOPLE & held.keys():
                who = held[key]
                if isinstance(who, str | int) and seen.setdefault((key, text), who) != who:
                    return key
    return ""


_LOOKED_AT = 100
_MOST_BYTES = 1 << 20
_PEOPLE = frozenset((
    *("annotator", "annotator_id", "annotator_name", "annotated_by", "worker", "worker_id"),
    *("workerid", "WorkerId", "user", "user_id", "username", "coder", "rater", "labeler"),
))  # fmt: skip
"""Keys that may say who answered."""


def guess_view(source: Source) -> str:
    """Return `ner` where every row of a source that can be read twice judges a single span.

    The rows are looked at until one of them proves the contrary, so most files are hardly read.
    One row alone proves nothing, and rows that name their view are no question.
    """
    if source.size() is None:
        return ""
    return _guess(row.data for row in _watched(source) if isinstance(row, Row))


def _watched(source: Source) -> Iterator[Row | BadRow]:
    """Yield all rows of a source, until nobody waits for them any more."""
    waiting = here()
    with waiting.on(f"looking through {source.name}"):
        for number, row in enumerate(source.rows(), 1):
            waiting.record_read()
            if number % _TELL_EVERY == 0:
                waiting.at(number)
            yield row


def _guess(rows: Iterable[Task]) -> str:
    count = 0
    for task in rows:
        if task.get(VIEW_ID) or not may_judge_one_span(task):
            return ""
        count += 1
    return "ner" if count > 1 else ""


def _where(source: Source, row: Row | BadRow) -> str:
    return f"{source.name}:{row.start.line + 1}"


def from_prodigy(
    database: ProdigyDatabase, dataset: ProdigyDataset, options: Options, reading: RowReading
) -> Iterator[ImportedAnswer]:
    """Yield the examples of a dataset in a Prodigy database as answers that come.

    Examples that name no view, as all did before Prodigy 1.10, are looked at like the rows of a
    file. Where an example does not say who gave it and when, the session that it is linked to says
    who, and that session's name or the dataset's creation when.
    """
    if not options.view:
        options = replace(options, guessed_view=_guess(_tasks(database, dataset)))
    for example in database.examples(dataset):
        reading.offset += 1
        try:
            task = example.task()
            yield reading.take(task, options, session=example.session, at=example.at)
        except TaskError as error:
            reading.refuse(f"{database.path}: example {example.id}", error.what)


def _tasks(database: ProdigyDatabase, dataset: ProdigyDataset) -> Iterator[Task]:
    """Yield the tasks of a dataset, without the examples that cannot be read: those are reported
    when they are imported."""
    for example in database.examples(dataset):
        with suppress(TaskError):
            yield example.task()
