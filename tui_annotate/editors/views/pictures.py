"""The view `image`, and what is said instead of the scripts that only a browser runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_annotate.editors.sheet import BLANK, Sheet, heading
from tui_annotate.editors.views.read_only import showing
from tui_annotate.editors.views.showing import picture_lines
from tui_annotate.task.schema import Task
from tui_annotate.views import INPUTS, View


def show_image(task: Task, config: Mapping[str, Any]) -> Sheet:
    """`image`: path, size and caption of the picture, under the task's label where it has one."""
    del config
    label = task.get("label")
    head = (heading(label), BLANK) if isinstance(label, str) and label else ()
    return (*head, *picture_lines(task))


def browser_notes(task: Task, config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what is said where a task brings scripts for a browser."""
    found = [config.get("html_template"), task.get("html")]
    scripted = any("<script" in each.lower() for each in found if isinstance(each, str))
    if scripted or config.get("javascript"):
        return ("JavaScript does not run in a terminal: shown as text",)
    return ()


IMAGE = View(
    "image",
    "a picture: its path, size and caption, and the picture where the terminal can draw it",
    showing(show_image),
    inputs=tuple(dict.fromkeys(("image", *INPUTS))),
    needs=(("image",),),
)
