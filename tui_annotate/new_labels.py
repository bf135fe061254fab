"""Labels that are added while annotating: what they may be called, and where they are offered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.schema import Task
from tui_annotate.text.safe import writable


class NewLabel(NamedTuple):
    """What was typed, as a label.

    Attributes:
        name: The label; without blanks around it and without control characters.
        objection: Why it cannot be added; empty where it can.
    """

    name: str
    objection: str = ""


def read_new_label(typed: str, known: Iterable[str]) -> NewLabel:
    """Check the name of a label that is to be added.

    Args:
        typed: What was typed or pasted.
        known: The labels that there are.
    """
    name = writable(typed).strip()
    if not name:
        return NewLabel(name, "a label needs a name")
    if "," in name:
        return NewLabel(name, "a label has no comma in it")
    folded = name.casefold()
    same = next((each for each in known if each.casefold() == folded), None)
    return NewLabel(name, f"{same} is a label already" if same is not None else "")


def has_own(task: Task, setting: str) -> bool:
    """Tell whether a task, or a page of it, has its labels in a configuration of its own.

    Args:
        task: The task.
        setting: The key of the configuration that has the labels.
    """
    pages = task.get("pages")
    tasks = [task, *(pages if isinstance(pages, list) else ())]
    configs = (each.get("config") for each in tasks if isinstance(each, Mapping))
    return any(isinstance(each, Mapping) and setting in each for each in configs)


def widen(config: dict[str, Any], setting: str, labels: Iterable[str]) -> None:
    """Offer more labels in a job: behind its own, in their order.

    Where only blocks of the configuration have labels, they are offered there.

    Args:
        config: The job's configuration, which is changed; lists and blocks in it are replaced.
        setting: The key that has the labels: `labels`, or `relations_span_labels`.
        labels: The labels. Those that are there already, in whatever case, are left out.
    """
    more = list(labels)
    blocks = config.get("blocks")
    blocks = [each for each in blocks if isinstance(each, Mapping)] if blocks else []
    if any(setting in each for each in blocks):
        config["blocks"] = [
            {**each, setting: extended(each[setting], more)} if setting in each else each
            for each in blocks
        ]
        if setting not in config:
            return
    config[setting] = extended(config.get(setting), more)


def extended(own: Iterable[str] | None, more: Iterable[str]) -> list[str]:
    """Return labels followed by those of `more` that are not there yet, in whatever case."""
    found = list(own or ())
    known = {each.casefold() for each in found}
    return found + [each for each in more if each.casefold() not in known]
