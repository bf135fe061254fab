"""fastText's training files: one text a line, its labels as words that begin with `__label__`."""

from __future__ import annotations

import re
from typing import Any

from tui_annotate.sources.txt import TxtSource

PREFIX = "__label__"


class FastTextSource(TxtSource):
    """Reads a line as a text with its labels under `accept`."""

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return the line's text, and the labels before and behind it."""
        ((name, line),) = super().parse(data, notices).items()
        words = list(re.finditer(r"\S+", line))
        first, last = 0, len(words)
        while first < last and words[first][0].startswith(PREFIX):
            first += 1
        while last > first and words[last - 1][0].startswith(PREFIX):
            last -= 1
        labels = [each[0].removeprefix(PREFIX) for each in (*words[:first], *words[last:])]
        text = line[words[first].start() : words[last - 1].end()] if first < last else ""
        return {name: text, "accept": labels}
