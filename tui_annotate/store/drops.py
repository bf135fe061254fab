"""Drops: the rows that became no task, the first bad ones each by itself, the others as ranges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tui_annotate.store.connection import Connection, SqlRow, text
from tui_annotate.store.records import Drop, StoredDrop
from tui_annotate.store.tallies import DROP, Tallies, cursor_scope

_INSERT = """
INSERT INTO drops (cursor_id, kind, reason, first_row, last_row, first_line, last_line, count,
    detail)
VALUES (?,?,?,?,?,?,?,?,?)"""

_SELECT = """
SELECT d.id, d.cursor_id, src.name, s.name, d.kind, d.reason, d.first_row, d.last_row,
    d.first_line, d.last_line, d.count, d.detail
FROM drops d JOIN cursors c ON c.id = d.cursor_id JOIN sources src ON src.id = c.source_id
    JOIN sessions s ON s.id = c.session_id"""

_PAGE = 500


class Drops:
    """The drops of one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tallies = Tallies(connection)

    def add_drops(self, cursor_id: int, drops: Iterable[Drop]) -> None:
        """List rows that were dropped before a cursor."""
        rows = list(drops)
        if not rows:
            return
        self._connection.write_many(_INSERT, (_bind(cursor_id, drop) for drop in rows))
        changes: Counter[tuple[str, str]] = Counter()
        for drop in rows:
            if drop.kind != "notice":
                changes[cursor_scope(cursor_id), DROP + text(drop.reason)] += drop.count
        self._tallies.add(changes)

    def clear_drops(self, cursor_id: int) -> None:
        """Forget a cursor's drops, because its source is read again from the start."""
        self._connection.write("DELETE FROM drops WHERE cursor_id = ?", (cursor_id,))
        scope = cursor_scope(cursor_id)
        counts = self._tallies.of(scope)
        self._tallies.add(
            Counter({(scope, what): -n for what, n in counts.items() if what.startswith(DROP)})
        )

    def drops(self, cursor_id: int) -> Iterator[StoredDrop]:
        """Yield a cursor's drops in the order in which they were met, in constant memory."""
        after = 0
        sql = f"{_SELECT} WHERE d.cursor_id = ? AND d.id > ? ORDER BY d.id LIMIT {_PAGE}"
        while rows := self._connection.read(sql, (cursor_id, after)):
            yield from map(_stored, rows)
            after = rows[-1][0]

    def drop_details(self, cursor_id: int, reasons: Sequence[str]) -> list[str]:
        """Return what is said of a cursor's drops with one of these reasons, each once."""
        places = ", ".join("?" * len(reasons))
        rows = self._connection.read(
            "SELECT DISTINCT detail FROM drops WHERE cursor_id = ?"  # noqa: S608
            f" AND reason IN ({places})",
            (cursor_id, *reasons),
        )
        return [str(row[0]) for row in rows]

    def remark_count(self, cursor_id: int) -> int:
        """Return how many remarks there are on rows before a cursor that were asked."""
        rows = self._connection.read(
            "SELECT coalesce(sum(count), 0) FROM drops"
            " WHERE cursor_id = ? AND kind = 'notice' AND reason = 'remark'",
            (cursor_id,),
        )
        return int(rows[0][0])

    def dataset_drops(self, dataset_id: int) -> Iterator[StoredDrop]:
        """Yield the drops of a dataset, cursor by cursor, each as `drops` does."""
        for (cursor_id,) in self._connection.read(
            "SELECT c.id FROM cursors c JOIN sessions s ON s.id = c.session_id"
            " WHERE s.dataset_id = ? ORDER BY c.id",
            (dataset_id,),
        ):
            yield from self.drops(cursor_id)


def _bind(cursor_id: int, drop: Drop) -> tuple[int | str, ...]:
    return (
        cursor_id,
        drop.kind,
        text(drop.reason),
        drop.first_row,
        drop.last_row,
        drop.first_line,
        drop.last_line,
        drop.count,
        text(drop.detail),
    )


def _stored(row: SqlRow) -> StoredDrop:
    return StoredDrop(row[0], row[1], row[2], row[3], Drop(*row[4:]))
