"""What a task shows: its input, its spans, its label, as paragraphs. Shared by all sheet views."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from pathlib import PurePath
from typing import Any, TypeAlias

from tui_annotate.editors.base import list_of
from tui_annotate.editors.html_text import readable
from tui_annotate.editors.mustache import fill
from tui_annotate.editors.sheet import BLANK, Paragraph, Sheet, faint, heading
from tui_annotate.editors.views.picture_file import picture_lines
from tui_annotate.errors import TaskError
from tui_annotate.task.llm_rows import Turn, parts_of, turns_of
from tui_annotate.task.schema import Task
from tui_annotate.task.spans import Span

Config: TypeAlias = Mapping[str, Any]
Shower: TypeAlias = Callable[[Task, Config], Sheet]


def shown_input(task: Task, config: Config) -> Sheet:
    """Return the input of a task: text with its spans, or HTML as text, or what a row of a language
    model says, or its other fields."""
    template = config.get("html_template")
    if isinstance(template, str):
        return (Paragraph(readable(fill(template, task))),)
    text, html = task.get("text"), task.get("html")
    found: list[Paragraph] = []
    if isinstance(task.get("image"), str):
        found.extend(picture_lines(task))
        # A picture often has the name of its file as its text, which is no text to be read.
        text = None if text == PurePath(task["image"]).stem else text
    for kind in ("audio", "video"):
        if isinstance(task.get(kind), str):
            embedded = task[kind].startswith("data:")
            place = task.get("path") or "embedded in the task" if embedded else task[kind]
            found.append(Paragraph(f"{kind}: {place}"))
    if isinstance(text, str):
        found.append(Paragraph(text, spans=spans_of(task, text)))
    elif isinstance(html, str):
        found.append(Paragraph(readable(html)))
    elif turns := turns_of(task):
        found += _under_names(turns)
    elif isinstance(task.get("input"), Mapping):
        found.extend(shown_input(dict(task["input"]), config))
    elif isinstance(task.get("input"), str):
        found.append(Paragraph(task["input"]))
    elif not found:
        found += _under_names(parts_of(task))
    return tuple(found)


def _under_names(turns: list[Turn]) -> list[Paragraph]:
    return [part for turn in turns for part in (heading(turn.name), Paragraph(turn.text))]


def show_any(task: Task, config: Config) -> Sheet:
    """Return the input of a task, or its keys where it has none."""
    return shown_input(task, config) or (faint("keys: " + ", ".join(map(str, task))),)


def spans_of(task: Task, text: str) -> tuple[Span, ...]:
    """Return those spans of a task that lie in its text; without a label they are a `match`."""
    found = []
    for data in list_of(task, "spans"):
        try:
            span = Span.from_dict(data, length=len(text))
        except TaskError:
            continue
        found.append(span if span.label else span.with_label("match"))
    return tuple(sorted(found))


def misfits(task: Task) -> tuple[str, ...]:
    """Return what of a task's lists cannot be shown."""
    wrong = [key for key in ("spans", "arcs") if not isinstance(task.get(key) or [], list)]
    found = [f"{key} is not a list: all of it is set aside" for key in wrong]
    text = task.get("text")
    lost = len(list_of(task, "spans")) - len(spans_of(task, text)) if isinstance(text, str) else 0
    if lost:
        found.append(f"{lost} of its spans do not fit the text: they are not shown")
    return tuple(found)


def show_text(task: Task, config: Config) -> Sheet:
    """`text`, `ner` and `spans`: the input alone."""
    return shown_input(task, config)


def show_html(task: Task, config: Config) -> Sheet:
    """`html`: the template filled in, else the HTML, also of a task that has a text beside it."""
    html = task.get("html")
    if isinstance(html, str) and not isinstance(config.get("html_template"), str):
        return (Paragraph(readable(html)),)
    return shown_input(task, config)


def show_classification(task: Task, config: Config) -> Sheet:
    """`classification`: the label in question over the input."""
    return (heading(str(task.get("label", ""))), BLANK, *shown_input(task, config))


def show_labelled(task: Task, config: Config) -> Sheet:
    """`ner` and `spans`: the input, under the task's label where it has one."""
    label = task.get("label")
    head = (heading(label), BLANK) if isinstance(label, str) and label else ()
    return (*head, *shown_input(task, config))


def show_diff(task: Task, config: Config) -> Sheet:
    """`diff`: one text with what was removed and added; labels say so in letters."""
    old, new = task.get("removed", task.get("reject")), task.get("added", task.get("accept"))
    texts = [each.get("text", "") if isinstance(each, Mapping) else each for each in (old, new)]
    style = str(config.get("diff_style") or "words")
    shown = shown_input(task, config)
    body = diff_paragraphs(str(texts[0] or ""), str(texts[1] or ""), style)
    return (*shown, BLANK, *body) if shown else body


_UNITS = {
    "words": re.compile(r"\s+|\w+|[^\w\s]"),
    "chars": re.compile(r".", re.DOTALL),
    "sentences": re.compile(r"[^.!?\n]*(?:[.!?]+\s*|\n+|$)"),
}

_MARKS = {"removed": "[-{}-]", "added": "{{+{}+}}"}

STYLES = tuple(_UNITS)


def diff_paragraphs(old: str, new: str, style: str = "words") -> Sheet:
    """Return both texts as one paragraph, with `[-removed-]` and `{+added+}` as spans.

    Args:
        old, new: The texts.
        style: What is compared: `words`, `chars` or `sentences`; anything else is `words`.
    """
    pattern = _UNITS.get(style, _UNITS["words"])
    before, after = ([m[0] for m in pattern.finditer(text) if m[0]] for text in (old, new))
    parts: list[str] = []
    spans: list[Span] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append("".join(before[i1:i2]))
            continue
        for label, piece in (("removed", before[i1:i2]), ("added", after[j1:j2])):
            if piece:
                start = sum(map(len, parts))
                parts.append(_MARKS[label].format("".join(piece)))
                spans.append(Span(start, start + len(parts[-1]), label))
    return (Paragraph("".join(parts), spans=tuple(spans)),)
