"""From a record's fields to a task: which field is the text, which names the row."""

from __future__ import annotations

from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.records import NamedTuple
from tui_annotate.task.hashing import INPUT_KEYS
from tui_annotate.task.offsets import UNIT_KEY, to_codepoints

TEXT = "text"


class Fields(NamedTuple):
    """Which fields of a record make the task.

    Attributes:
        text_field: The field that becomes `text`, where it is not `text` itself.
        id_field: The field whose value goes to `meta.id`.
        input_keys: A task needs at least one of them.
        remarks: Whether keys that occur twice are looked for.
    """

    text_field: str | None = None
    id_field: str | None = None
    input_keys: tuple[str, ...] = INPUT_KEYS
    remarks: bool = True

    def apply(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return `data` as a task, changed in place.

        Raises:
            TaskError: `no-input`, `not-text` or `empty-input`; `bad-spans` for offsets in a unit
                that the text does not have.
        """
        if UNIT_KEY in data:
            to_codepoints(data)
        if self.id_field is not None and self.id_field in data:
            _to_meta(data, "id", data[self.id_field])
        if self.text_field is not None and self.text_field != TEXT:
            self._rename(data)
        self._check(data)
        return data

    def _rename(self, data: dict[str, Any]) -> None:
        field = self.text_field
        if field is None or field not in data:
            raise TaskError(f"no `{field}`", reason="no-input")
        if TEXT in data:
            _to_meta(data, TEXT, data[TEXT])
        data[TEXT] = data.pop(field)

    def _check(self, data: dict[str, Any]) -> None:
        shown = self.text_field or TEXT
        if data.keys().isdisjoint(self.input_keys):
            raise TaskError(f"no `{shown}`", reason="no-input")
        text = data.get(TEXT, "-")
        if not isinstance(text, str):
            raise TaskError(f"`{shown}` is not a string", reason="not-text")
        if not text or text.isspace():
            raise TaskError(f"`{shown}` is empty", reason="empty-input")


def guess_text(data: dict[str, Any]) -> str:
    """Return the field that probably holds the text: the longest string; empty where none is."""
    strings = [(len(value), key) for key, value in data.items() if isinstance(value, str)]
    return max(strings, key=lambda pair: pair[0])[1] if strings else ""


def _to_meta(data: dict[str, Any], key: str, value: Any) -> None:
    """Put a value into `meta`, unless the record uses `meta` for something else."""
    meta = data.get("meta", {})
    if isinstance(meta, dict) and key not in meta:
        data["meta"] = {**meta, key: value}
