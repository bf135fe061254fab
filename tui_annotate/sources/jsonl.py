"""JSON lines: one object a line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui_annotate.sources.base import DEFAULT_LIMITS, Limits
from tui_annotate.sources.line_source import LineSource
from tui_annotate.sources.text_field import Fields
from tui_annotate.task.jsonio import loads_strict

_DESCRIBED = ("dataset_info.json", "dataset_infos.json")


class JsonlSource(LineSource):
    """Reads JSON lines, strictly: what cannot be stored, hashed or shown is a bad row.

    Numbers of classes get the names that `dataset_info.json` beside the file has for them.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        fields: Fields | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(path, fields, limits)
        self._class_names: Mapping[str, list[str]] = {}
        beside = Path(self.name).expanduser()
        if "://" not in self.name and any(beside.with_name(each).is_file() for each in _DESCRIBED):
            # Loaded for such files only: each module costs a start.
            from tui_annotate.sources.class_labels import names_beside

            self._class_names = names_beside(beside)

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return the object in one line; keys that occur twice are remarked on."""
        if not self._class_names:
            return self._parsed(data, notices)
        # Only files with the names of their classes beside them.
        from tui_annotate.sources.class_labels import with_names

        return with_names(self._parsed(data, notices), self._class_names)

    def _parsed(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        if not self.fields.remarks:
            return loads_strict(data)
        twice: list[str] = []
        found = loads_strict(data, on_duplicate=twice.append)
        if twice:
            notices += [f"the key {key!r} occurs twice" for key in twice]
        return found
