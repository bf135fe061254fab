"""Files and Prodigy databases as answers that come."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.exchange.arrivals import Arrival, arrival
from tui_annotate.exchange.prodigy_db import ProdigyDatabase, ProdigyDataset
from tui_annotate.sources.base import BadRow, Row, Source
from tui_annotate.sources.fields import Fields
from tui_annotate.sources.registry import open_any
from tui_annotate.stream.origins import open_origin
from tui_annotate.task.hashing import HashSettings
from tui_annotate.task.offsets import UNIT_KEY, to_codepoints
from tui_annotate.task.schema import Decision, Task


@dataclass(frozen=True, slots=True)
class Options:
    """How rows become answers: the arguments of `db-in`.

    Attributes:
        answer: The decision of rows that have none.
        overwrite: Give it to all rows.
        rehash: Take the hashes anew.
        settings: What they are taken of; None for the defaults.
    """

    answer: Decision = "accept"
    overwrite: bool = False
    rehash: bool = False
    settings: HashSettings | None = None

    def arrival(self, task: Task, session: str | None = None, at: int | None = None) -> Arrival:
        """Return a row as an answer that comes; the row is changed.

        Raises:
            TaskError: It cannot be one.
        """
        return arrival(
            task,
            answer=self.answer,
            overwrite=self.overwrite,
            rehash=self.rehash,
            settings=self.settings,
            session=session,
            at=at,
        )


class AnyFields(Fields):
    """Takes every record: what was answered once is an answer, whatever it was asked about."""

    def apply(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return `data` as it is, with its offsets in code points.

        Raises:
            TaskError: `bad-spans` for offsets in units that the text does not have.
        """
        if UNIT_KEY in data:
            to_codepoints(data)
        return data


@dataclass(slots=True)
class Reading:
    """Rows that are being read.

    Attributes:
        bad: Place and reason of the first hundred that are no answers.
        bad_count: How many there are.
        offset: How far the source has been read, in the units of its size.
    """

    bad: list[tuple[str, str]] = field(default_factory=list)
    bad_count: int = 0
    offset: int = 0

    def refuse(self, where: str, why: str) -> None:
        """Note a row that is no answer."""
        self.bad_count += 1
        if len(self.bad) < 100:
            self.bad.append((where, why))


def open_answers(path: str | os.PathLike[str], loader: str | None = None) -> Source:
    """Open a source of answers with a loader; by default the ending decides.

    Raises:
        SourceError: There is no such file or loader.
    """
    name, fields = os.fspath(path), AnyFields(remarks=False)
    return open_origin(name, fields) or open_any(name, fields, loader)


def from_source(source: Source, options: Options, reading: Reading) -> Iterator[Arrival]:
    """Yield the rows of a source as answers that come; what is none is noted in `reading`."""
    for row in source.rows():
        reading.offset = row.end.offset
        if isinstance(row, BadRow):
            reading.refuse(_where(source, row), row.detail)
            continue
        try:
            yield options.arrival(row.data)
        except TaskError as error:
            reading.refuse(_where(source, row), error.what)


def _where(source: Source, row: Row | BadRow) -> str:
    return f"{source.name}:{row.start.line + 1}"


def from_prodigy(
    database: ProdigyDatabase, dataset: ProdigyDataset, options: Options, reading: Reading
) -> Iterator[Arrival]:
    """Yield the examples of a dataset in a Prodigy database as answers that come.

    Where an example does not say who gave it and when, the session that it is linked to says who,
    and that session's name or the dataset's creation when.
    """
    for example in database.examples(dataset):
        reading.offset += 1
        try:
            task = example.task()
            yield options.arrival(task, example.session, example.at)
        except TaskError as error:
            reading.refuse(f"{database.path}: example {example.id}", error.what)
