"""Opens the editor of a task, in the view that the task or its job names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tui_annotate.editors.span.state import LastEdit
from tui_annotate.errors import TaskError
from tui_annotate.task.schema import Task
from tui_annotate.view_settings import problems
from tui_annotate.views import Help, find_view, known_view, lack

if TYPE_CHECKING:
    from tui_annotate.editors.form import OpenEditor


def open_task(
    task: Task,
    view_id: str,
    config: Mapping[str, Any],
    last: LastEdit | None = None,
    *,
    alone: bool = True,
) -> tuple[OpenEditor, tuple[str, ...]]:
    """Return the editor of a task, by the task's own `view_id` and `config` where it has them.

    Args:
        task: The task; it is not changed.
        view_id: The job's view.
        config: The job's configuration; its `labels` are those that can be given.
        last: What `repeat` does before the first edit.
        alone: The task is no part of a larger one, which shows what it is about.

    Returns:
        The editor, and what could not be kept of the task as it was. A task that has not what the
        view needs is shown as far as it can be, and the first note says what is missing.

    Raises:
        RecipeError: There is no such view.
    """
    own, notes = _own_config(task)
    # Nearly no task has a configuration of its own; the job's may have thousands of labels.
    mixed = {**config, **own} if own else config
    wanted = task.get("view_id")
    if isinstance(wanted, str) and wanted:
        if known_view(wanted) is not None:
            view_id = wanted
        else:
            notes = (*notes, f"the task's view {wanted!r} {lack(wanted)}: shown as {view_id}")
    view = find_view(view_id)
    try:
        # An editor that cannot do without something says more about it than the record can.
        editor: OpenEditor = view.open(task, mixed, Help(last, _open_part))
        missing = view.missing(task, mixed)
        if missing and alone:
            raise TaskError(f"the task has no {missing}", reason="incomplete")
    except TaskError as error:
        what = f"{error.what}, so it cannot be shown as {view_id}"
        # A whole has the notes of its parts.
        return _show_any(task, mixed, "" if alone else what), (*notes, what)
    # An editor of spans has notes of its own about those that do not fit.
    shows_marks_only = ("spans" in task or "arcs" in task) and editor.text_editor is None
    misfits = _misfits(task) if shows_marks_only else ()
    return editor, (*notes, *editor.notes, *misfits, *_browser_notes(task, mixed))


def _show_any(task: Task, config: Mapping[str, Any], note: str) -> OpenEditor:
    """Return the editor of a task that its view cannot show, with a note unless it is empty."""
    # Nearly all tasks fit their view.
    from tui_annotate.editors.views import read_only, showing

    editor = read_only.BinaryEditor(task, config, showing.show_any)
    if note:
        editor.note(note)
    return editor


def _own_config(task: Task) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Return a task's own configuration without what is of the wrong kind, and what that is."""
    own = task.get("config")
    if not isinstance(own, Mapping):
        return {}, ()
    wrong = problems(own)
    notes = tuple(f"the task's config is not used: {what}" for what in wrong.values())
    return {key: value for key, value in own.items() if key not in wrong}, notes


def _misfits(task: Task) -> tuple[str, ...]:
    from tui_annotate.editors.views.showing import misfits  # views of spans do without

    return misfits(task)


def _browser_notes(task: Task, config: Mapping[str, Any]) -> tuple[str, ...]:
    if not ("html" in task or config.get("html_template") or config.get("javascript")):
        return ()
    from tui_annotate.editors.views.read_only import browser_notes  # only tasks with HTML

    return browser_notes(task, config)


def check_views(view_id: str, config: Mapping[str, Any]) -> None:
    """Check a job's view, and those of its blocks, before it begins.

    Raises:
        RecipeError: There is no such view; the message has the nearest name.
    """
    find_view(view_id)
    blocks = config.get("blocks") if view_id == "blocks" else None
    for block in blocks if isinstance(blocks, (list, tuple)) else ():
        if isinstance(block, Mapping) and isinstance(block.get("view_id"), str):
            find_view(block["view_id"])


def _open_part(view_id: str, task: Task, config: Mapping[str, Any]) -> OpenEditor:
    bare = {key: value for key, value in task.items() if key not in ("view_id", "config")}
    return open_task(bare, view_id, config, alone=False)[0]
