"""Changes over all of a dataset, noted so that they can be undone.

Answers get superseding ones, so nothing is overwritten. Waiting tasks and drafts are changed where
they stand, and what stood there is kept with the change.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tui_annotate.store.answers import Answers
from tui_annotate.store.connection import Connection, SqlRow, optional_text, text
from tui_annotate.store.dataset_labels import AddedLabel, DatasetLabels
from tui_annotate.store.records import StoredAnswer

Kind = Literal["waiting", "draft"]

_TABLES = {"waiting": "waiting", "draft": "drafts"}
_WHOSE = {
    "waiting": "dataset_id = ?",
    "draft": "session_id IN (SELECT id FROM sessions WHERE dataset_id = ?)",
}
_SELECT = """
SELECT id, dataset_id, what, changed_at, undone_at, first_answer, last_answer FROM label_changes"""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class LabelChange:
    """One change of a dataset. Its answers have ids after `first_answer`, up to `last_answer`."""

    id: int
    dataset_id: int
    what: str
    changed_at: int
    undone_at: int | None
    first_answer: int
    last_answer: int


class Relabel:
    """Changes of one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._answers = Answers(connection)
        self._added = DatasetLabels(connection)

    def answers(self, dataset_id: int) -> Iterator[StoredAnswer]:
        """Yield the current answers that stand now, and none that is added meanwhile."""
        last = self._last_answer()
        for stored in self._answers.iterate(dataset_id):
            if stored.id > last:
                return
            yield stored

    def contents(self, dataset_id: int, kind: Kind) -> Iterator[tuple[int, str]]:
        """Yield id and content of a dataset's waiting tasks or drafts."""
        sql = f"SELECT id, content FROM {_TABLES[kind]} WHERE {_WHOSE[kind]}"  # noqa: S608
        after = 0
        while rows := self._connection.read(
            f"{sql} AND id > ? ORDER BY id LIMIT {_PAGE}", (dataset_id, after)
        ):
            yield from ((int(row[0]), str(row[1])) for row in rows)
            after = rows[-1][0]

    def begin(self, dataset_id: int, what: str) -> LabelChange:
        """Note that a change begins; `what` says to people which."""
        last, now = self._last_answer(), int(time.time())
        id_ = self._connection.insert(
            "INSERT INTO label_changes (dataset_id, what, changed_at, first_answer, last_answer)"
            " VALUES (?, ?, ?, ?, ?)",
            (dataset_id, text(what), now, last, last),
        )
        return LabelChange(id_, dataset_id, what, now, None, last, last)

    def supersede(
        self, change: LabelChange, answers: Iterable[tuple[StoredAnswer, str, str | None]]
    ) -> int:
        """Write answers with new content and label in place of old ones; return how many.

        Who answered, when, and in how much time stays as it was.
        """
        return self._answers.import_(
            change.dataset_id,
            (
                stored.record._replace(content=content, label=label, supersedes=stored.id)
                for stored, content, label in answers
            ),
        )

    def rewrite(
        self, change: LabelChange, kind: Kind, row_id: int, before: str, after: str
    ) -> None:
        """Change the content of a waiting task or a draft."""
        self._connection.write(
            f"UPDATE {_TABLES[kind]} SET content = ? WHERE id = ?",  # noqa: S608
            (after, row_id),
        )
        self._keep(change, kind, row_id, before, after)

    def rename_added(self, change: LabelChange, label: AddedLabel, name: str | None) -> None:
        """Give a label that was added to the dataset another name; None takes it away."""
        if name is None:
            self._added.delete(label.id)
        else:
            self._added.rename(label.id, name)
        # The table knows two kinds, and ids of drafts are positive: a version that does not know
        # of these rows finds no such draft, and leaves them.
        self._keep(change, "draft", -label.id, label.as_json(), name or "")

    def _keep(self, change: LabelChange, kind: Kind, row_id: int, before: str, after: str) -> None:
        self._connection.write(
            "INSERT INTO label_change_rows (change_id, kind, row_id, before, after)"
            " VALUES (?, ?, ?, ?, ?)",
            (change.id, kind, row_id, before, after),
        )

    def end(self, change: LabelChange) -> None:
        """Note that a change is complete; drafts and waiting tasks follow to the new answers."""
        self._follow(change.first_answer)
        self._connection.write(
            "UPDATE label_changes SET last_answer = ? WHERE id = ?",
            (self._last_answer(), change.id),
        )

    def last(self, dataset_id: int) -> LabelChange | None:
        """Return the newest change that is not undone."""
        row = self._connection.first(
            f"{_SELECT} WHERE dataset_id = ? AND undone_at IS NULL ORDER BY id DESC LIMIT 1",
            (dataset_id,),
        )
        return LabelChange(*row) if row else None

    def undo(self, change: LabelChange) -> tuple[int, int]:
        """Put back what a change has changed, but for what was changed again since.

        Returns:
            How many answers, waiting tasks, drafts and added labels were put back, and how many
            were left.
        """
        first = self._last_answer()
        done = self._undo_answers(change)
        kept = self._count_answers(change) - done
        for kind in ("waiting", "draft"):
            for row_id, before, after in self._rewritten(change, kind):
                put_back = self._put_back(change, kind, row_id, before, after)
                done, kept = done + put_back, kept + 1 - put_back
        self._follow(first)
        self._connection.write(
            "UPDATE label_changes SET undone_at = ? WHERE id = ?", (int(time.time()), change.id)
        )
        return done, kept

    def _put_back(
        self, change: LabelChange, kind: str, row_id: int, before: str, after: str
    ) -> int:
        """Put back one waiting task, draft or added label; return 0 where it was changed since."""
        if row_id < 0:
            label = AddedLabel.from_json(-row_id, before)
            return int(self._added.put_back(change.dataset_id, label, after))
        return self._connection.write(
            f"UPDATE {_TABLES[kind]} SET content = ? WHERE id = ? AND content = ?",  # noqa: S608
            (before, row_id, after),
        )

    def _undo_answers(self, change: LabelChange) -> int:
        """Put back what each answer of a change superseded, where its content still stands."""
        done, after = 0, change.first_answer
        sql = (
            "SELECT a.id, a.content, old.content, old.label FROM answers a"
            " JOIN answers old ON old.id = a.supersedes"
            " WHERE a.dataset_id = ? AND a.id > ? AND a.id <= ? ORDER BY a.id LIMIT ?"
        )
        while rows := self._connection.read(
            sql, (change.dataset_id, after, change.last_answer, _PAGE)
        ):
            after = rows[-1][0]
            done += self.supersede(change, [old for row in rows for old in self._old(row)])
        return done

    def _old(self, row: SqlRow) -> Iterator[tuple[StoredAnswer, str, str | None]]:
        """Yield what to write for one answer. Later changes may have come, and been undone."""
        newest = self._answers.newest_of(row[0])
        if newest is not None and newest.record.answer and newest.record.content == row[1]:
            yield newest, str(row[2]), optional_text(row[3])

    def _count_answers(self, change: LabelChange) -> int:
        row = self._connection.first(
            "SELECT count(*) FROM answers WHERE dataset_id = ? AND id > ? AND id <= ?",
            (change.dataset_id, change.first_answer, change.last_answer),
        )
        return int(row[0]) if row else 0

    def _rewritten(self, change: LabelChange, kind: str) -> list[SqlRow]:
        return self._connection.read(
            "SELECT row_id, before, after FROM label_change_rows WHERE change_id = ? AND kind = ?",
            (change.id, kind),
        )

    def _follow(self, after: int) -> None:
        """Let drafts and waiting tasks of answers that were just superseded name the new ones."""
        for table in _TABLES.values():
            self._connection.write(
                f"UPDATE {table} SET answer_id = (SELECT a.id FROM answers a"  # noqa: S608
                f" WHERE a.supersedes = {table}.answer_id) WHERE answer_id IN"
                " (SELECT supersedes FROM answers WHERE id > ? AND supersedes IS NOT NULL)",
                (after,),
            )

    def _last_answer(self) -> int:
        row = self._connection.first("SELECT coalesce(max(id), 0) FROM answers")
        return int(row[0]) if row else 0
