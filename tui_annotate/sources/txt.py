"""Plain text: one task a line."""

from __future__ import annotations

from typing import Any

from tui_annotate.sources.encodings import decode
from tui_annotate.sources.line_source import LineSource


class TxtSource(LineSource):
    """Reads plain text; each line that is not blank is the text of one task."""

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:  # noqa: ARG002
        """Return the line as `text`."""
        return {(self.fields.text_field or "text"): decode(data)}
