"""Regular expressions of users and files, searched within a time limit.

An expression such as `^(a|aa)+$` can take longer than anybody lives on an unlucky text. The `regex`
package stops in time, and lets other threads work meanwhile, so keys and signals are heard.
"""

from __future__ import annotations

import time
from typing import Any


class TimeLimit:
    """The time that all searches in one text may take together.

    Args:
        seconds: How long that is.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = float("inf")

    def begin(self) -> None:
        """Begin with a new text."""
        self._end = time.monotonic() + self._seconds

    def left(self) -> float:
        """Return the seconds that are left of the limit.

        Raises:
            TimeoutError: There are none.
        """
        left = min(self._seconds, self._end - time.monotonic())
        if left <= 0:
            raise TimeoutError
        return left


class TimedPattern:
    """A compiled expression that is searched within a limit.

    Args:
        pattern: The expression.
        limit: Shared by all expressions that are searched in the same text.
        ignore_case: Upper and lower case are the same.

    Raises:
        ValueError: It is no regular expression.
    """

    def __init__(self, pattern: str, limit: TimeLimit, *, ignore_case: bool = False) -> None:
        import regex  # only patterns that people wrote need its limit of time

        self.pattern = pattern
        self._limit = limit
        try:
            self._compiled: Any = regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)
        except regex.error as error:
            raise ValueError(str(error)) from None

    def search(self, text: str) -> Any:
        """Return the first match in a text, or None.

        Raises:
            TimeoutError: The limit is over.
        """
        return self._compiled.search(text, timeout=self._limit.left(), concurrent=True)
