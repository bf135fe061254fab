"""The accounts: one entry for each row in flight, and what became of the others, in numbers."""

from __future__ import annotations

from collections import OrderedDict

from tui_annotate.sources.base import Position
from tui_annotate.stream.drops import DropList, RowPlace
from tui_annotate.stream.records import RowCounts
from tui_annotate.stream.row_entry import RowEntry


class RowAccounts:
    """Rows in flight in their order, drops that are not written yet, and counts.

    Args:
        start: Where reading starts.
    """

    def __init__(self, start: Position) -> None:
        self.counts = RowCounts()
        self.drops = DropList(lambda: self._entries)
        self._entries: OrderedDict[int, RowEntry] = OrderedDict()
        self._end = start
        self._closed_to = start.row

    @property
    def here(self) -> RowPlace:
        """Where reading stands: the place for remarks that belong to no row in particular."""
        return RowPlace(self._end.row, self._end.line, self._end.line)

    @property
    def read_to(self) -> Position:
        """The end of what was read."""
        return self._end

    def cursor(self) -> Position:
        """Return the position before the first row in flight, or the end of what was read."""
        if self._entries:
            return next(iter(self._entries.values())).start
        return self._end

    def get(self, row: int | None) -> RowEntry | None:
        """Return the entry of a row in flight."""
        return None if row is None else self._entries.get(row)

    def open(self, entry: RowEntry, end: Position) -> None:
        """A row was read; it ends at `end`."""
        self._read(end)
        self._entries[entry.place.row] = entry

    def bad(self, place: RowPlace, end: Position, reason: str, detail: str) -> None:
        """A row was read that cannot become a task, or several were; they end at `end`."""
        self._end = end
        self.counts.read += place.rows
        self._count_drop(reason, place.rows)
        self.drops.add("bad", reason, place, detail)

    def close(self, row: int) -> None:
        """A row gets no more tasks."""
        entry = self._entries.get(row)
        if entry is not None:
            entry.closed = True
            self.retire(entry)

    def close_before(self, row: int) -> None:
        """No row before this one gets more tasks."""
        if row == self._closed_to + 2:  # row after row, as most sources are read
            self.close(row - 1)
            self._closed_to = row - 1
        elif row > self._closed_to + 1:
            for lower in range(self._closed_to + 1, row):
                self.close(lower)
            self._closed_to = row - 1

    def close_all(self, *, without_tasks: bool) -> None:
        """No row gets more tasks; those that had none are dropped if `without_tasks`."""
        for row, entry in list(self._entries.items()):
            if entry.given or without_tasks:
                self.close(row)

    def retire(self, entry: RowEntry) -> None:
        """Forget a row if its tasks have all come and are all settled."""
        if not entry.closed or entry.pending:
            return
        del self._entries[entry.place.row]
        self.counts.open -= 1
        if entry.asked:
            self.counts.settled += 1
            for _, reason, detail in entry.refusals:
                self.drops.add("notice", reason, entry.place, detail)
            return
        kind, reason, detail = entry.refusals[-1] if entry.refusals else ("policy", "filtered", "")
        self._count_drop(reason)
        self.drops.add(kind, reason, entry.place, detail)

    def release_untracked(self) -> None:
        """Forget the rows without tasks: they are settled by tasks that do not name them."""
        for row, entry in list(self._entries.items()):
            if not entry.given:
                del self._entries[row]
                self.counts.open -= 1
                self.counts.untracked += 1

    def _read(self, end: Position) -> None:
        self._end = end
        self.counts.read += 1
        self.counts.open += 1

    def _count_drop(self, reason: str, count: int = 1) -> None:
        self.counts.dropped += count
        self.counts.reasons[reason] = self.counts.reasons.get(reason, 0) + count
