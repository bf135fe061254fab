"""Views that only show: the answer is the decision itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zlib import crc32

from tui_annotate.editors.base import Argument, Labels, Rows, list_of
from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.sheet import BLANK, Arc, Column, Paragraph, Sheet, faint, heading
from tui_annotate.editors.views.showing import (
    Config,
    Shower,
    picture_lines,
    show_classification,
    show_diff,
    show_html,
    show_labelled,
    show_text,
    shown_input,
)
from tui_annotate.errors import TaskError
from tui_annotate.task.llm_rows import PAIR, Turn, text_in, turns_in
from tui_annotate.task.schema import Decision, Task
from tui_annotate.task.spans import Range
from tui_annotate.task.tokenize import Tokens
from tui_annotate.views import INPUTS, Help, Settings, View


class BinaryEditor(FormEditor):
    """Shows a task; nothing but flag and comment can be changed.

    Args:
        task: The task.
        config: The configuration.
        show: What the view shows.
    """

    answers = False

    def __init__(self, task: Task, config: Mapping[str, Any], show: Shower) -> None:
        super().__init__(task, config)
        self._sheet = show(task, config)

    def sheet(self) -> Sheet:
        """Return what is shown."""
        return self._sheet

    def own_words(self) -> set[str]:
        """`modes` where there is more than one way to show it."""
        return {"modes"} if any(each.arcs is not None for each in self._sheet) else set()


def showing(show: Shower) -> Callable[[Task, Settings, Help], BinaryEditor]:
    """Return what opens a view that only shows a task."""
    return lambda task, config, _: BinaryEditor(task, config, show)


TIES = ("both good", "both bad")
"""What can be said of two versions of which none is better."""


class CompareEditor(FormEditor):
    """`compare`: two versions, A and B, of which one is better, or both are good or bad alike.

    `mapping` says which of them is the task's `accept`. `a` says that A is better, `x` that B is;
    the answer `accept` always means that the version under `accept` was chosen. A tie is the answer
    `ignore` with one of `TIES` under `tie`.

    Rows of language models have `chosen` and `rejected` for `accept` and `reject`. Which of them is
    A is as good as random, but always the same for a row, and goes into the answer as `mapping`.
    """

    def __init__(self, task: Task, config: Mapping[str, Any]) -> None:
        self._tie = ""
        self._keys = ("accept", "reject")
        if "accept" not in task and "chosen" in task:
            self._keys = PAIR
        super().__init__(task, config)

    @property
    def shown_task(self) -> Task:
        """The task without its two versions, which stand below."""
        return {key: value for key, value in self.task.items() if key not in PAIR}

    def input_sheet(self) -> Sheet:
        """Return what both versions are about: the input, or the prompt of a language model."""
        prompt = self.task.get("prompt")
        if self._keys != PAIR or prompt is None or "text" in self.task:
            return super().input_sheet()
        turns = turns_in(prompt) or [Turn("prompt", text_in(prompt))]
        return tuple(part for t in turns for part in (heading(t.name), Paragraph(t.text)))

    def sheet(self) -> Sheet:
        """Return the common input, then A, then B."""
        found = list(self.input_sheet())
        if found:
            found.append(BLANK)
        for name in ("A", "B"):
            key = "a" if name == "A" else "x"
            version = [heading(f"{name} ({key} if this one is better)"), *self._version(name)]
            column: Column = "left" if name == "A" else "right"
            found += [each._replace(column=column) for each in (*version, BLANK)]
        tie = self.task.get("tie")
        return (*found, faint(f"so far: {tie}")) if tie in TIES else tuple(found[:-1])

    def _version(self, name: str) -> Sheet:
        place = 0 if self._mapping.get(name) == "accept" else 1
        version = self.task.get(self._keys[place])
        if isinstance(version, Mapping):
            return shown_input(dict(version), self.config)
        return (Paragraph("" if version is None else text_in(version)),)

    @property
    def names(self) -> tuple[str, ...]:
        """The two kinds of ties."""
        return TIES

    @property
    def labels(self) -> tuple[str, ...]:
        """The same, for the label line."""
        return TIES

    def own_words(self) -> set[str]:
        """A tie is given by its number or its name, and answers the task."""
        return {"labels", "answers"}

    def command(self, command: str, argument: Argument, rows: Rows | None) -> str:
        """Say that none of the two is better."""
        if command != "label":
            return super().command(command, argument, rows)
        name, message = Labels(TIES).resolve(argument)
        if name is None:
            return message
        self._tie, self.finished = name, True
        return ""

    def content(self) -> Task:
        """The task, with the tie that is being answered, and with the mapping of a pair."""
        content = super().content()
        content.pop("tie", None)
        if self.finished:
            content["tie"] = self._tie
        if self._keys == PAIR:
            content["mapping"] = dict(self._mapping)
        return content

    def decided(self, decision: Decision) -> Decision:
        """Return `accept` where the version under `accept` was chosen, `ignore` for a tie."""
        if self.finished:
            return "ignore"
        name = {"accept": "A", "reject": "B"}.get(decision)
        if name is None:
            return decision
        return "accept" if self._mapping.get(name) == "accept" else "reject"

    def said(self, decision: Decision) -> str:
        """Return which version was chosen."""
        if self.finished:
            return f"{self._tie.replace('both', 'both are')}"
        return {"accept": "A is better", "reject": "B is better"}.get(decision, "")

    @property
    def _mapping(self) -> Mapping[str, str]:
        given = self.task.get("mapping")
        if isinstance(given, Mapping):
            return given
        better = text_in(self.task.get("chosen")).encode("utf-8", "surrogatepass")
        turned = self._keys == PAIR and crc32(better) % 2
        return {"A": "reject", "B": "accept"} if turned else {"A": "accept", "B": "reject"}


_SHOWN = (*INPUTS, "html_template")

TEXT = View(
    "text",
    "a text as it is",
    showing(show_text),
    needs=(_SHOWN,),
    settings=("html_template",),
)
HTML = View(
    "html",
    "HTML as readable text",
    showing(show_html),
    inputs=tuple(dict.fromkeys(("html", *INPUTS))),
    needs=(tuple(dict.fromkeys(("html", *_SHOWN))),),
    settings=("html_template",),
)
CLASSIFICATION = View(
    "classification",
    "whether a label is right",
    showing(show_classification),
    needs=(("label",),),
    settings=("html_template",),
)
NER = View(
    "ner",
    "whether the spans of a text are right",
    showing(show_labelled),
    says="one span",
    needs=(_SHOWN,),
    reads=("text", "spans"),
    settings=("html_template",),
)
SPANS = NER._replace(id="spans", help="the same, and spans may overlap")
POS = NER._replace(id="pos", help="whether the tags of a text are right")
DIFF = View(
    "diff",
    "whether a change to a text is right",
    showing(show_diff),
    inputs=(*INPUTS, "added", "removed", "accept", "reject"),
    needs=(("added", "removed", "accept", "reject"),),
    reads=("accept", "reject", "added", "removed"),
    settings=("diff_style", "html_template"),
)
COMPARE = View(
    "compare",
    "which of two versions is better",
    lambda task, config, _: CompareEditor(task, config),
    inputs=(*INPUTS, "accept", "reject"),
    needs=(("accept", "chosen"), ("reject", "rejected")),
    rejects=True,
    reads=("input", "accept", "reject", "mapping"),
    settings=("html_template",),
)


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
