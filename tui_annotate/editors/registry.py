"""Which editor a view has: one entry for each `view_id`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, TypeAlias

from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.span_state import LastEdit
from tui_annotate.editors.spans import SpanEditor
from tui_annotate.errors import RecipeError, TaskError, nearest
from tui_annotate.records import NamedTuple
from tui_annotate.task.schema import Task
from tui_annotate.view_settings import problems

AnyEditor: TypeAlias = SpanEditor | FormEditor
"""What a view edits with."""


class ViewSpec(NamedTuple):
    """What a view edits.

    Attributes:
        overlap: Whether spans may overlap, where the view is one text with spans.
        rewritable: Whether the text may be changed where the configuration has `edit_text`.
        tags: Whether each token has one label, and a label moves on to the next token.
        form: Makes the editor of every other view, from the task and the configuration. Its module
            is loaded by the first task that needs it.
    """

    overlap: bool = False
    rewritable: bool = False
    tags: bool = False
    form: Callable[[Task, Mapping[str, Any]], FormEditor] | None = None


def _showing(show: str, module: str = "showing") -> ViewSpec:
    return ViewSpec(form=lambda task, config: _show(show, task, config, module))


def _show(show: str, task: Task, config: Mapping[str, Any], module: str = "showing") -> FormEditor:
    """Return an editor for a plain answer to what a function of a module shows."""
    shower = getattr(import_module(f"tui_annotate.editors.{module}"), show)
    return _form("binary.BinaryEditor", task, config, shower)


def _form(name: str, *arguments: Any) -> FormEditor:
    """Return an editor of the class `module.Class`."""
    module, class_name = name.split(".")
    found = getattr(import_module(f"tui_annotate.editors.{module}"), class_name)(*arguments)
    assert isinstance(found, FormEditor)
    return found


def _formed(name: str, more: Mapping[str, Any] | None = None) -> ViewSpec:
    return ViewSpec(form=lambda task, config: _form(name, task, {**(more or {}), **config}))


def _parted(name: str) -> ViewSpec:
    return ViewSpec(form=lambda task, config: _form(name, task, config, _open_part))


VIEWS: dict[str, ViewSpec] = {
    "ner_manual": ViewSpec(overlap=False, rewritable=True),
    "spans_manual": ViewSpec(overlap=True, rewritable=True),
    "pos_manual": ViewSpec(tags=True),
    "text": _showing("show_text"),
    "html": _showing("show_html"),
    "classification": _showing("show_classification"),
    "ner": _showing("show_labelled"),
    "spans": _showing("show_labelled"),
    "pos": _showing("show_labelled"),
    "dep": _showing("show_dep", "parse"),
    "image": _showing("show_image", "pictures"),
    "diff": _showing("show_diff"),
    "llm_io": _formed("llm.LlmEditor"),
    "compare": _formed("binary.CompareEditor"),
    "choice": _formed("choice.ChoiceEditor"),
    "text_input": _formed("text_input.InputEditor"),
    "relations": _formed("relations.RelationsEditor"),
    "coref": _formed("relations.RelationsEditor", {"relations_chains": True}),
    "blocks": _parted("parts.BlocksEditor"),
    "pages": _parted("parts.PagesEditor"),
}
"""The views by their `view_id`. A view of one text with spans has the fast text widget, every
other one is drawn from its sheet."""


_NEEDED = {
    "classification": ("label",),
    "compare": ("accept", "reject"),
    "image": ("image",),
    "llm_io": ("llm",),
}
"""Keys without which a view would be empty, or its question unknown; others say so themselves."""

_ALSO = {"accept": "chosen", "reject": "rejected"}
"""Other names of such keys, in rows of language models."""


def is_form(view_id: str) -> bool:
    """Tell whether a view is drawn from its editor's sheet."""
    return view_id in VIEWS and VIEWS[view_id].form is not None


def open_task(
    task: Task,
    view_id: str,
    config: Mapping[str, Any],
    last: LastEdit | None = None,
    *,
    alone: bool = True,
) -> tuple[AnyEditor, tuple[str, ...]]:
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
    mixed = {**config, **own} if own else config
    wanted = task.get("view_id")
    if isinstance(wanted, str) and wanted:
        if wanted in VIEWS:
            view_id = wanted
        else:
            notes = (*notes, f"the task's view {wanted!r} {_lack(wanted)}: shown as {view_id}")
    try:
        needed = _NEEDED.get(view_id, ())
        missing = [each for each in needed if task.keys().isdisjoint((each, _ALSO.get(each)))]
        if missing and alone:
            raise TaskError(f"the task has no {missing[0]}", reason="incomplete")
        editor, more = _open_view(view_id, task, mixed, last)
    except TaskError as error:
        what = f"{error.what}, so it cannot be shown as {view_id}"
        return _show("show_any", task, mixed), (*notes, what)
    return editor, (*notes, *more, *_browser_notes(task, mixed))


def _own_config(task: Task) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Return a task's own configuration without what is of the wrong kind, and what that is."""
    own = task.get("config")
    if not isinstance(own, Mapping):
        return {}, ()
    wrong = problems(own)
    notes = tuple(f"the task's config is not used: {what}" for what in wrong.values())
    return {key: value for key, value in own.items() if key not in wrong}, notes


def _misfits(task: Task) -> tuple[str, ...]:
    from tui_annotate.editors.showing import misfits

    return misfits(task)


def _browser_notes(task: Task, config: Mapping[str, Any]) -> tuple[str, ...]:
    if not ("html" in task or config.get("html_template") or config.get("javascript")):
        return ()
    from tui_annotate.editors.pictures import browser_notes

    return browser_notes(task, config)


def _open_view(
    view_id: str, task: Task, config: Mapping[str, Any], last: LastEdit | None
) -> tuple[AnyEditor, tuple[str, ...]]:
    spec = find_view(view_id)
    if spec.form is not None:
        form = spec.form(task, config)
        given = ("spans" in task or "arcs" in task) and form.text_editor is None
        return form, (*form.notes, *(_misfits(task) if given else ()))
    return open_editor(view_id, task, tuple(config.get("labels") or ()), config, last)


def _lack(view_id: str) -> str:
    """Return why there is no such view."""
    from tui_annotate.editors.pictures import REFUSED

    lack = REFUSED.get(view_id)
    return "is unknown" if lack is None else f"{lack}, which a terminal cannot"


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


def find_view(view_id: str) -> ViewSpec:
    """Return a view.

    Raises:
        RecipeError: There is no such view; the message has the nearest name.
    """
    if view_id not in VIEWS:
        from tui_annotate.editors.pictures import REFUSED

        if view_id in REFUSED:
            raise RecipeError(
                f"the view {view_id!r} {_lack(view_id)}",
                hint="`image`, `html`, `text` and the other views show such tasks as text",
            )
        raise RecipeError(f"there is no view {view_id!r}", hint=nearest(view_id, VIEWS))
    return VIEWS[view_id]


def _open_part(view_id: str, task: Task, config: Mapping[str, Any]) -> AnyEditor:
    bare = {key: value for key, value in task.items() if key not in ("view_id", "config")}
    return open_task(bare, view_id, config, alone=False)[0]


def open_editor(
    view_id: str,
    task: Task,
    labels: Sequence[str],
    config: Mapping[str, Any],
    last: LastEdit | None = None,
) -> tuple[SpanEditor, tuple[str, ...]]:
    """Return the editor of a text with spans, and what could not be kept of the task as it was.

    Args:
        view_id: The name of such a view.
        task: The task; it is not changed.
        labels: The labels that can be given.
        config: The job's configuration.
        last: What `repeat` does before the first edit.

    Raises:
        RecipeError: There is no such view.
        TaskError: The task has no text.
    """
    spec = find_view(view_id)
    make = _tag_editor() if spec.tags else SpanEditor
    characters = bool(config.get("highlight_chars") or config.get("ner_manual_highlight_chars"))
    how: dict[str, Any] = {
        "overlap": spec.overlap,
        "characters": characters,
        "last": last,
        "rewritable": spec.rewritable and bool(config.get("edit_text")),
    }
    try:
        editor = make(task, labels, **how)
    except TaskError as error:
        if error.reason != "bad-tokens":
            raise
        bare = {key: value for key, value in task.items() if key != "tokens"}
        editor = make(bare, labels, **how)
        return editor, (f"{error.what}: tokenized anew", *editor.notes)
    return editor, editor.notes


def _tag_editor() -> type[SpanEditor]:
    from tui_annotate.editors.tags import TagEditor

    return TagEditor
