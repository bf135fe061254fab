"""A view that the program does not have: one file, registered by one line in a test."""

from __future__ import annotations

from tui_annotate.editors.sheet import Paragraph, Sheet, heading
from tui_annotate.editors.views.read_only import showing
from tui_annotate.editors.views.showing import Config
from tui_annotate.task.schema import Task
from tui_annotate.views import View


def show_riddle(task: Task, config: Config) -> Sheet:
    """Return the riddle under a heading."""
    del config
    return (heading("A riddle"), Paragraph(str(task.get("riddle", ""))))


RIDDLE = View(
    "riddle",
    "whether a riddle is good",
    showing(show_riddle),
    inputs=("riddle",),
    needs=(("riddle",),),
    writes=("solution",),
    reads=("riddle",),
    rejects=True,
    schema={"riddle": {"type": "string"}},
)
