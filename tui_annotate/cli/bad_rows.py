"""Rows of a source that are no tasks, as commands tell of them that run no session."""

from __future__ import annotations

from tui_annotate.cli.console import say
from tui_annotate.sources.base import BadRow
from tui_annotate.text.amounts import plural

SHOWN = 10
"""How many are named one by one."""


class BadRowReporter:
    """Names bad rows on stderr as they come.

    Args:
        source: What people call the source.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self.count = 0

    def __call__(self, row: BadRow) -> None:
        """Name a row, if it is one of the first."""
        self.count += 1
        if self.count <= SHOWN:
            say(f"{self._source}:{row.start.line + 1}: {row.detail}")

    def tell(self) -> int:
        """Say how many there were, and return the exit code."""
        if self.count:
            say(f"{plural(self.count, 'row')} of {self._source} left out: no tasks")
        return 1 if self.count else 0
