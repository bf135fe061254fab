"""Tasks printed for people, from scripts."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from tui_annotate.cli.render_tasks import describe
from tui_annotate.task.schema import Task


def pretty_print(tasks: Iterable[Task], style: str = "auto", **_settings: Any) -> None:
    """Print tasks to stdout: text, spans and labels. `style` is `auto`, `spans` or `textcat`."""
    for task in tasks:
        sys.stdout.writelines(f"{line}\n" for line in describe(task, style))


def pretty_print_ner(tasks: Iterable[Task], **_settings: Any) -> None:
    """Print tasks with their spans to stdout."""
    pretty_print(tasks, "spans")


def pretty_print_tc(tasks: Iterable[Task], **_settings: Any) -> None:
    """Print tasks with their labels to stdout."""
    pretty_print(tasks, "textcat")
