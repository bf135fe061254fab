"""`prodigy.structured_types`."""

from __future__ import annotations

from tui_annotate.recipes.older_names import get_input_hash, get_task_hash

__all__ = ["get_input_hash", "get_task_hash"]
