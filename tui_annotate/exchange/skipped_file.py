"""The side file: what an export could not write, with the reason."""

from __future__ import annotations

from pathlib import Path

from tui_annotate.exchange.documents import Invalid
from tui_annotate.exchange.jsonl import with_record
from tui_annotate.exchange.writers import encoded
from tui_annotate.task.jsonio import dumps


class Aside:
    """Writes JSON lines with `reason`, `what`, `where`, and the answer as `task`.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def write(self, each: Invalid) -> None:
        """Write one line."""
        answer = each.answer
        task = with_record(dict(answer.content), answer.stored)
        line = {"reason": each.reason, "what": each.what, "where": answer.where, "task": task}
        self._file.write(encoded(dumps(line) + "\n"))

    def close(self) -> None:
        """Close the file."""
        self._file.close()
