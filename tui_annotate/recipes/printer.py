"""What recipe files say: to the log, and on stderr for people."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

from tui_annotate.job import RecipeExit
from tui_annotate.text.safe import safe_line
from tui_annotate.text.width import cell_width

_logger = logging.getLogger("tui_annotate.recipe")


def log(message: str, details: Any = None) -> None:
    """Write to the logger `tui_annotate.recipe`; nothing appears where logging is not set up."""
    _logger.info("%s %s", message, details if details is not None else "")


class Messages:
    """Lines on stderr, as recipe files print them before and after a session.

    With `exits` each of them leaves the program with that code.
    """

    def info(
        self, title: object = "", text: object = "", exits: int | None = None, **_options: Any
    ) -> None:
        """Print a line."""
        _print("", title, text, exits)

    def good(
        self, title: object = "", text: object = "", exits: int | None = None, **_options: Any
    ) -> None:
        """Print a line about something done."""
        _print("done: ", title, text, exits)

    def warn(
        self, title: object = "", text: object = "", exits: int | None = None, **_options: Any
    ) -> None:
        """Print a warning."""
        _print("warning: ", title, text, exits)

    def fail(
        self, title: object = "", text: object = "", exits: int | None = None, **_options: Any
    ) -> None:
        """Print an error."""
        _print("error: ", title, text, exits)

    def text(
        self, title: object = "", text: object = "", exits: int | None = None, **_options: Any
    ) -> None:
        """Print a line."""
        _print("", title, text, exits)

    def table(self, data: Any, header: Any = None, footer: Any = None, **_options: Any) -> None:
        """Print rows, or the pairs of a dictionary, in columns."""
        rows = list(data.items() if isinstance(data, dict) else data)
        cells = [list(map(str, row)) for row in (header, *rows, footer) if row is not None]
        widths = [max(map(cell_width, column)) for column in zip_longest(*cells, fillvalue="")]
        for row in cells:
            padded = (f"{c}{' ' * (w - cell_width(c))}" for c, w in zip(row, widths, strict=False))
            _print("", "   ".join(padded).rstrip(), "")

    def row(self, data: Any, **_options: Any) -> None:
        """Print values beside each other."""
        self.table([data])

    @contextmanager
    def loading(self, text: object = "Loading...", **_options: Any) -> Iterator[None]:
        """Print a line before something that takes its time."""
        _print("", text, "")
        yield

    def divider(self, text: object = "", **_options: Any) -> None:
        """Print a heading."""
        _print("-- ", text, "")


def _print(kind: str, title: object, text: object, exits: int | None = None) -> None:
    for each in (title, text):
        for line in str(each).splitlines():
            sys.stderr.write(f"{kind}{safe_line(line)}\n")
    if exits is not None:
        raise RecipeExit(exits, title, text)


msg = Messages()
"""Lines on stderr."""


def prints(*texts: object, exits: int | None = None, error: bool = False, **_options: Any) -> None:
    """Print lines, a title first; with `exits` leave the program with that code."""
    for text in texts:
        _print("error: " if error and text is texts[0] else "", text, "")
    if exits is not None:
        raise RecipeExit(exits, *texts[:2])
