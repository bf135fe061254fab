"""What an annotator has chosen on the way, remembered for the next session."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tui_annotate.data_paths import state_folder
from tui_annotate.private_file import read_private, write_private

FACES = ("screen", "plain")
"""What an annotator can work on, as the preference `face` has it."""


class Preferences:
    """The choices of one annotator, in one file for all annotators of a user.

    Remembering is a convenience: a file that cannot be read or written is passed over.

    Args:
        annotator: Whose.
        folder: Where the file lies; the state folder if not given.
    """

    def __init__(self, annotator: str, folder: Path | None = None) -> None:
        self._annotator = annotator
        self._file = (folder or state_folder()) / "preferences.json"

    def get(self, name: str, allowed: Sequence[str] | None = None) -> str | None:
        """Return a choice, None where there is none or it is not among those allowed."""
        value = self._mine(self._read()).get(name)
        known = isinstance(value, str) and (allowed is None or value in allowed)
        return value if isinstance(value, str) and known else None

    def set(self, name: str, value: str) -> None:
        """Remember a choice."""
        everything = self._read()
        everything[self._annotator] = {**self._mine(everything), name: value}
        with suppress(OSError):
            write_private(self._file, json.dumps(everything, indent=1))

    def _mine(self, everything: dict[str, object]) -> dict[str, object]:
        mine = everything.get(self._annotator)
        return mine if isinstance(mine, dict) else {}

    def _read(self) -> dict[str, object]:
        try:
            found = json.loads(read_private(self._file))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}
