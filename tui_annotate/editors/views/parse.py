"""What the view `dep` shows: the text with its arcs, and the arcs one a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_annotate.editors.base import Range, list_of
from tui_annotate.editors.sheet import BLANK, Arc, Paragraph, Sheet
from tui_annotate.editors.views.read_only import showing
from tui_annotate.editors.views.showing import Config, shown_input
from tui_annotate.errors import TaskError
from tui_annotate.task.schema import Task
from tui_annotate.task.tokenize import Tokens
from tui_annotate.views import View


def show_dep(task: Task, config: Config) -> Sheet:
    """Return the text and its arcs, as `head --label--> child`."""
    shown = shown_input(task, config)
    tokens = _tokens(task)
    arcs = [each for each in list_of(task, "arcs") if isinstance(each, Mapping)]
    if shown and shown[0].text == task.get("text"):
        drawn = tuple(arc for each in arcs if (arc := _arc(each, tokens)) is not None)
        shown = (shown[0]._replace(arcs=drawn), *shown[1:])
    names = [str(task.get("text", ""))[start:end] for start, end in tokens]
    listed = (Paragraph(_said(each, names), listed=True, column="panel") for each in arcs)
    return (*shown, BLANK, *listed)


def _tokens(task: Task) -> Sequence[Range]:
    """Return the extents of the tokens by their numbers; none where they do not fit the text.

    Those of tokens that stand for no characters are empty.
    """
    try:
        tokens = Tokens.from_dicts(str(task.get("text", "")), list_of(task, "tokens"))
    except TaskError:
        return ()
    places = map(tokens.index, range(tokens.listed))
    return [(0, 0) if place is None else tokens[place] for place in places]


def _arc(data: Mapping[str, Any], tokens: Sequence[Range]) -> Arc | None:
    """Return an arc; None for a root, whose head is itself, and where it does not fit."""
    head, child = data.get("head"), data.get("child")
    known = range(len(tokens))
    if type(head) is not int or type(child) is not int or head == child:
        return None
    if head not in known or child not in known:
        return None
    return Arc(tokens[head], tokens[child], str(data.get("label", "")))


def _said(data: Mapping[str, Any], names: Sequence[str]) -> str:
    head, child = (_name(names, data.get(end)) for end in ("head", "child"))
    label = data.get("label", "")
    if data.get("head") == data.get("child"):
        return f"{label}: {child}"
    return f"{head} --{label}--> {child}"


def _name(names: Sequence[str], index: object) -> str:
    if isinstance(index, int) and 0 <= index < len(names):
        return names[index]
    return f"token {index}"


DEP = View(
    "dep",
    "whether the arcs of a text are right",
    showing(show_dep),
    says="one span",
    needs=(("text",), ("arcs",)),
    reads=("text", "tokens", "arcs"),
    settings=("html_template",),
)
