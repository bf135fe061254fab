"""Plain text: one task a line."""

from __future__ import annotations

from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.linewise import LineSource


class TxtSource(LineSource):
    """Reads plain text; each line that is not blank is the text of one task."""

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:  # noqa: ARG002
        """Return the line as `text`."""
        try:
            return {(self.fields.text_field or "text"): data.decode("utf-8")}
        except UnicodeDecodeError as error:
            raise TaskError(f"not valid UTF-8 at byte {error.start}", reason="not-utf8") from None
