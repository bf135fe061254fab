"""What recipe files say: to the log, and on stderr for people."""

from __future__ import annotations

import logging
import sys
from typing import Any

from tui_annotate.text.safe import safe_line

_logger = logging.getLogger("tui_annotate.recipe")


def log(message: str, details: Any = None) -> None:
    """Write to the logger `tui_annotate.recipe`; nothing appears where logging is not set up."""
    _logger.info("%s %s", message, details if details is not None else "")


class Messages:
    """Lines on stderr, as recipe files print them before and after a session."""

    def info(self, title: object = "", text: object = "", **_options: Any) -> None:
        """Print a line."""
        _print("", title, text)

    def good(self, title: object = "", text: object = "", **_options: Any) -> None:
        """Print a line about something done."""
        _print("done: ", title, text)

    def warn(self, title: object = "", text: object = "", **_options: Any) -> None:
        """Print a warning."""
        _print("warning: ", title, text)

    def fail(
        self, title: object = "", text: object = "", exits: int | None = None, **_options: Any
    ) -> None:
        """Print an error; with `exits` leave the program with that code."""
        _print("error: ", title, text)
        if exits is not None:
            raise SystemExit(exits)

    def text(self, title: object = "", text: object = "", **_options: Any) -> None:
        """Print a line."""
        _print("", title, text)

    def divider(self, text: object = "", **_options: Any) -> None:
        """Print a heading."""
        _print("-- ", text, "")


def _print(kind: str, title: object, text: object) -> None:
    for each in (title, text):
        for line in str(each).splitlines():
            sys.stderr.write(f"{kind}{safe_line(line)}\n")


msg = Messages()
"""Lines on stderr."""
