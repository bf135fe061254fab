"""Recipes for classes of texts by hand."""

from __future__ import annotations

from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.job import Arg
from tui_annotate.recipes.common import (
    DATASET,
    LABEL,
    SHARED,
    SOURCE,
    components,
    texts,
    with_label,
    with_options,
)
from tui_annotate.recipes.registry import recipe
from tui_annotate.sources.label_lists import read_labels
from tui_annotate.task.schema import Task


@recipe(
    "textcat.manual",
    contained=True,
    cosmetic=("exclusive", "accept_empty"),
    dataset=DATASET,
    source=SOURCE,
    label=LABEL,
    exclusive=Arg("--exclusive", "-E", help="Exactly one label is right"),
    accept_empty=Arg("--accept-empty", "-ace", help="Accepting without a label is allowed"),
    **SHARED,
)
def manual(
    dataset: str,
    source: str,
    label: str,
    exclusive: bool = False,
    accept_empty: bool = False,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Give classes to texts: one label is yes or no, several are a choice."""
    labels = read_labels(label)
    stream = texts(source, loader, text_field, id_field)
    if len(labels) == 1:
        stream.apply(with_label, label=labels[0])
        config = {"labels": labels, "exclude_by": "task", "ordered": True}
        return components(dataset, "classification", stream, exclude, **config)
    stream.apply(with_options, labels=labels)
    style = "single" if exclusive else "multiple"
    config = {
        "labels": labels,
        "choice_style": style,
        "choice_auto_accept": exclusive,
        "exclude_by": "input",
        "ordered": True,
    }
    found = components(dataset, "choice", stream, exclude, **config)
    return found if accept_empty else {**found, "validate_answer": needs_choice}


def needs_choice(answer: Task) -> None:
    """Refuse an accepted answer in which nothing is chosen."""
    if answer.get("answer") == "accept" and not answer.get("accept"):
        raise TaskError("choose a label first, or x: none of them is right", reason="refused")
