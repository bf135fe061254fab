"""Stops a source that gives nothing but one kind of failure, and says what would help."""

from __future__ import annotations

from tui_annotate.errors import SourceError
from tui_annotate.sources.base import BadRow
from tui_annotate.text.safe import shell_command

LOOKED_AT = 100
_SHOWN_KEYS = 8

_HINTS = {
    "not-utf8": "Name what it is in, such as `--encoding cp1252` or `--encoding utf-16`",
    "not-json": "Lists, objects over several lines and commas behind them are read by"
    " `--loader json`",
    "json5": "Take comments, single quotes and commas before closing brackets out: JSON has none",
    "not-finite": "Write null in the place of NaN and Infinity, which are no JSON",
    "not-object": 'Each row must be a JSON object such as {"text": "..."}; lines of lists are read'
    " by `--loader json`",
    "too-long": "Cut it into several rows, or see whether each row ends in a newline",
    "not-csv": "Is the delimiter the one of the header? Else name another loader with `--loader`",
    "open-quote": "Quotes inside a quoted field must be doubled",
}


class FirstRows:
    """Watches the first rows of a source.

    Args:
        name: What people call the source.
        active: False where reading does not start at the first row; nothing is watched then.
    """

    def __init__(self, name: str, *, active: bool = True) -> None:
        self._name = name
        self._active = active
        self._bad = 0
        self._last: BadRow | None = None

    def good(self) -> None:
        """A row is good: the source is what it should be."""
        self._active = False

    def bad(self, row: BadRow) -> None:
        """A row is bad.

        Raises:
            SourceError: Where it is the hundredth, and all were bad for one reason.
        """
        if not self._active:
            return
        if self._last is not None and self._last.reason != row.reason:
            self._active = False
            return
        self._bad += 1
        self._last = row
        if self._bad == LOOKED_AT:
            raise self._error(f"{LOOKED_AT} rows")

    def ended(self) -> None:
        """The source is at its end.

        Raises:
            SourceError: Where it had no rows at all, or all were bad for one reason.
        """
        if not self._active:
            return
        if self._last is None:
            raise SourceError("there are no rows in it", where=self._name)
        raise self._error("the only row" if self._bad == 1 else f"all {self._bad} rows")

    def ended_badly(self) -> None:
        """There are no more tasks; there may have been none.

        Raises:
            SourceError: There were some, and all were bad for one reason.
        """
        if self._last is not None:
            self.ended()

    def incomplete(self, row: BadRow) -> None:
        """The last record is not whole.

        Raises:
            SourceError: Where it is the only one.
        """
        if self._active and self._last is None:
            raise SourceError(row.detail, where=self._name, hint=hint_for(row))

    def _error(self, rows: str) -> SourceError:
        assert self._last is not None
        what = f"{self._last.detail} in {rows}"
        if self._last.reason not in ("no-input", "empty-input", "not-text"):
            what = f"{rows[0].upper()}{rows[1:]} cannot be read: {self._last.detail}"
        if self._last.keys:
            shown = ", ".join(self._last.keys[:_SHOWN_KEYS])
            what += f"; keys: {shown}{', …' if len(self._last.keys) > _SHOWN_KEYS else ''}"
        return SourceError(what, where=self._name, hint=hint_for(self._last))


def hint_for(row: BadRow) -> str | None:
    """Return what would help with a row that is bad for a reason that many rows may share."""
    if "pattern" in row.keys and {*row.keys} <= {"label", "pattern", "id"}:
        return "These are patterns, and no texts: a recipe takes them with `--patterns`"
    if row.guess and row.reason in ("no-input", "empty-input", "not-text"):
        named = shell_command(("--text-field", row.guess))
        return f"Try `{named}`" if named else "Try `--text-field` with the name of the field"
    if row.keys and row.reason == "no-input" and row.detail.endswith("`"):
        return 'Write a row for each text, such as {"text": "..."}, or name the format: `--loader`'
    return _HINTS.get(row.reason)
