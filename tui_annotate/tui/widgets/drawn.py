"""Rows as they were drawn last, so that an unchanged row is not drawn again."""

from __future__ import annotations

from collections.abc import Iterable

from tui_annotate.tui.widgets.strips import RowStrip

_KEPT = 1000


class DrawnRows:
    """The strips of each row: its text, then its lanes. Keeps a bounded number of rows."""

    def __init__(self) -> None:
        self._strips: dict[int, list[RowStrip]] = {}

    def get(self, row: int) -> list[RowStrip] | None:
        """Return the strips of a row, None where it has to be drawn."""
        return self._strips.get(row)

    def keep(self, row: int, strips: list[RowStrip]) -> None:
        """Keep the strips of a row."""
        if len(self._strips) >= _KEPT:
            self._strips.clear()
        self._strips[row] = strips

    def drop(self, first: int, last: int) -> None:
        """Forget the rows from `first` to `last`, both included."""
        stale: Iterable[int] = range(first, last + 1)
        if last - first > len(self._strips):
            stale = [row for row in self._strips if first <= row <= last]
        for row in stale:
            self._strips.pop(row, None)

    def clear(self) -> None:
        """Forget all."""
        self._strips.clear()
