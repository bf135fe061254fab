"""Which editor a view has: one entry for each `view_id`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui_annotate.editors.span_state import LastEdit
from tui_annotate.editors.spans import SpanEditor
from tui_annotate.errors import RecipeError, TaskError
from tui_annotate.task.schema import Task


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """What a view edits.

    Attributes:
        overlap: Whether spans may overlap.
    """

    overlap: bool


VIEWS: dict[str, ViewSpec] = {
    "ner_manual": ViewSpec(overlap=False),
    "spans_manual": ViewSpec(overlap=True),
}


def open_editor(
    view_id: str,
    task: Task,
    labels: Sequence[str],
    config: Mapping[str, Any],
    last: LastEdit | None = None,
) -> tuple[SpanEditor, tuple[str, ...]]:
    """Return the editor of a task, and what could not be kept of the task as it was.

    Args:
        view_id: A name in `VIEWS`.
        task: The task; it is not changed.
        labels: The labels that can be given.
        config: The job's configuration.
        last: What `repeat` does before the first edit.

    Raises:
        RecipeError: There is no such view.
        TaskError: The task has no text.
    """
    spec = VIEWS.get(view_id)
    if spec is None:
        raise RecipeError(f"there is no view {view_id!r}", hint=f"There are: {', '.join(VIEWS)}")
    characters = bool(config.get("highlight_chars"))
    try:
        editor = SpanEditor(task, labels, overlap=spec.overlap, characters=characters, last=last)
    except TaskError as error:
        if error.reason != "bad-tokens":
            raise
        bare = {key: value for key, value in task.items() if key != "tokens"}
        editor = SpanEditor(bare, labels, overlap=spec.overlap, characters=characters, last=last)
        return editor, (f"{error.what}: tokenized anew", *editor.notes)
    return editor, editor.notes
