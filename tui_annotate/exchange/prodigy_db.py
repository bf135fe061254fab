"""A Prodigy database file: its datasets, and their examples with the sessions that gave them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tui_annotate.errors import SourceError
from tui_annotate.store.other_sqlite import ForeignDatabase
from tui_annotate.task.jsonio import loads_strict
from tui_annotate.task.schema import INPUT_HASH, TASK_HASH, Task
from tui_annotate.text.safe import shell_command

_SESSION_TIME = "%Y-%m-%d_%H-%M-%S"
"""How Prodigy names a session that nobody has named."""

_NEEDED = {"dataset", "example", "link"}
_EXAMPLES = """
SELECT e.id, e.input_hash, e.task_hash, e.content,
    (SELECT min(d.name) FROM link l JOIN dataset d ON d.id = l.dataset_id
     WHERE l.example_id = e.id AND d.session = 1)
FROM link JOIN example e ON e.id = link.example_id WHERE link.dataset_id = ? ORDER BY link.id"""


@dataclass(frozen=True, slots=True)
class ProdigyDataset:
    """A dataset of a Prodigy database. `created` is in seconds since 1970."""

    id: int
    name: str
    created: int
    examples: int


@dataclass(frozen=True, slots=True)
class ProdigyExample:
    """One example as it is stored.

    Attributes:
        input_hash, task_hash: The columns beside it.
        content: JSON text.
        session: The session that it is linked to.
        at: When it was given at the earliest, if its content does not say.
    """

    id: int
    input_hash: int
    task_hash: int
    content: bytes | str
    session: str | None
    at: int

    def task(self) -> Task:
        """Return the content, with the hashes of the columns where it has none.

        Raises:
            TaskError: It is not a JSON object.
        """
        task = loads_strict(self.content)
        for key, value in ((INPUT_HASH, self.input_hash), (TASK_HASH, self.task_hash)):
            if task.get(key) is None:
                task[key] = value
        return task


class ProdigyDatabase:
    """A Prodigy database, opened for reading only. Close it.

    Args:
        path: The file.

    Raises:
        SourceError: It is not there, or not a Prodigy database.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._database = ForeignDatabase(path)
        self.path = self._database.path
        if not set(self._database.tables()) >= _NEEDED:
            self._database.close()
            rows = shell_command((f"sqlite:{path}?table=NAME",)) or "sqlite:FILE?table=NAME"
            merge = shell_command(("db-merge", "NAME", "--from", str(path)))
            raise SourceError(
                "this is not a Prodigy database: it has no tables dataset, example and link",
                where=str(path),
                hint=f"For rows of a table write {rows}, for answers of another"
                f" store {merge or 'db-merge NAME --from FILE'}",
            )

    def datasets(self) -> list[ProdigyDataset]:
        """Return its datasets by name; sessions are none."""
        rows = self._database.rows(
            "SELECT d.id, d.name, d.created, count(l.id) FROM dataset d"
            " LEFT JOIN link l ON l.dataset_id = d.id WHERE NOT coalesce(d.session, 0)"
            " GROUP BY d.id ORDER BY d.name"
        )
        return [ProdigyDataset(row[0], str(row[1]), int(row[2] or 0), row[3]) for row in rows]

    def find(self, name: str) -> ProdigyDataset | None:
        """Return the dataset `name`, if there is one."""
        return next((each for each in self.datasets() if each.name == name), None)

    def examples(self, dataset: ProdigyDataset) -> Iterator[ProdigyExample]:
        """Yield the examples of a dataset in the order in which they were added."""
        for row in self._database.rows(_EXAMPLES, (dataset.id,)):
            session = None if row[4] is None else str(row[4])
            at = _time_of(session)
            yield ProdigyExample(row[0], row[1], row[2], row[3], session, at or dataset.created)

    def close(self) -> None:
        """Close it."""
        self._database.close()

    def __enter__(self) -> ProdigyDatabase:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_sqlite(path: str | os.PathLike[str]) -> bool:
    """Tell whether a plain file is an SQLite database, by its first bytes.

    A pipe is none, and is not looked into: what was read of it would be missing from its rows.
    """
    try:
        place = Path(path).expanduser()
        if not place.is_file():
            return False
        with place.open("rb") as file:
            return file.read(16) == b"SQLite format 3\x00"
    except OSError:
        return False


def _time_of(session: str | None) -> int | None:
    try:
        return int(time.mktime(time.strptime(session or "", _SESSION_TIME)))
    except (ValueError, OverflowError):
        return None
