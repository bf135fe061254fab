"""What would make a task ambiguous for whoever answers it."""

from __future__ import annotations

from tui_annotate.errors import TaskError
from tui_annotate.task.schema import Task


def check_options(task: Task) -> None:
    """Refuse a task whose options cannot be told apart in the answer.

    Raises:
        TaskError: `duplicate-option` where two options have one id.
    """
    options = task.get("options")
    if not isinstance(options, list):
        return
    seen: set[tuple[str, str]] = set()
    for option in options:
        found = option.get("id") if isinstance(option, dict) else option
        key = (type(found).__name__, repr(found))
        if found is not None and key in seen:
            raise TaskError(f"two options have the id {found!r}", reason="duplicate-option")
        seen.add(key)
