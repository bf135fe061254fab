"""JSON lines: one object a line."""

from __future__ import annotations

from typing import Any

from tui_annotate.sources.line_source import LineSource
from tui_annotate.task.jsonio import loads_strict


class JsonlSource(LineSource):
    """Reads JSON lines, strictly: what cannot be stored, hashed or shown is a bad row."""

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return the object in one line; keys that occur twice are remarked on."""
        if not self.fields.remarks:
            return loads_strict(data)
        twice: list[str] = []
        found = loads_strict(data, on_duplicate=twice.append)
        if twice:
            notices += [f"the key {key!r} occurs twice" for key in twice]
        return found
