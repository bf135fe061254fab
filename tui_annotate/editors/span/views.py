"""The views that mark a text: `ner_manual`, `spans_manual`, and `pos_manual`, one tag a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from tui_annotate.editors.base import Argument, Change, Rows, merged
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.errors import TaskError
from tui_annotate.task.schema import Task
from tui_annotate.task.tokens_by_words import by_words
from tui_annotate.views import MARKED_KEYS, Help, Settings, View

_NOT_HERE = {"select", "select_left", "select_right", "select_up", "select_down"}


class _Noted(Protocol):
    def note_first(self, text: str, /) -> None: ...


_Made = TypeVar("_Made", bound=_Noted)


class TagEditor(SpanEditor):
    """Spans of one token each; a span that a task brings over several tokens is kept as it is."""

    def apply(self, command: str, argument: Argument = None, rows: Rows | None = None) -> Change:
        """Carry out a command. A tag takes the place of the token's old one."""
        if command in _NOT_HERE:
            return Change(message="a tag is of one token")
        given = command in ("label", "repeat")
        if given and self.focus is not None and self.focus.start != self.cursor_range[0]:
            super().apply("cancel")
        change = super().apply(command, argument, rows)
        if not given or not change.edited:
            return change
        moved = super().apply("right")
        ranges = merged((*change.ranges, *moved.ranges))
        return Change(ranges, True, True, change.message)


def open_spans(
    make: type[SpanEditor],
    task: Task,
    config: Settings,
    help_: Help,
    *,
    overlap: bool = False,
    rewritable: bool = False,
) -> SpanEditor:
    """Return the editor of a text with spans, by the settings of its view.

    Tokens that do not fit the text are found by their words, or else made anew, and a note says so.

    Args:
        make: The class of the editor.
        task: The task; it is not changed.
        config: The job's configuration; its `labels` are those that can be given.
        help_: What the editor may need beside them.
        overlap: Whether spans may overlap.
        rewritable: Whether the text may be changed where the configuration has `edit_text`.

    Raises:
        TaskError: The task has no text.
    """
    characters = bool(config.get("highlight_chars") or config.get("ner_manual_highlight_chars"))
    how: dict[str, Any] = {
        "overlap": overlap,
        "characters": characters,
        "last": help_.last,
        "rewritable": rewritable and bool(config.get("edit_text")),
    }
    labels = tuple(config.get("labels") or ())
    return refitted(task, lambda each: make(each, labels, **how), anew=True)


def refitted(task: Task, make: Callable[[Task], _Made], *, anew: bool = False) -> _Made:
    """Return the editor of a task; tokens that do not fit the text are found by their words, and a
    note says so.

    Args:
        task: The task; it is not changed.
        make: Makes the editor.
        anew: Whether tokens are made anew where their words are not those of the text.

    Raises:
        TaskError: The task cannot be edited.
    """
    try:
        return make(task)
    except TaskError as error:
        if error.reason != "bad-tokens":
            raise
        mended, how = by_words(task), "the tokens are found by their words"
        if mended is None:
            if not anew:
                raise
            mended, how = {**task}, "tokenized anew"
            mended.pop("tokens", None)
        editor = make(mended)
        editor.note_first(f"{error.what}: {how}")
        return editor


def _written(settings: Settings) -> tuple[str, ...]:
    return (*MARKED_KEYS, "text") if settings.get("edit_text") else MARKED_KEYS


NER_MANUAL = View(
    "ner_manual",
    "all spans of a text, which may not overlap",
    lambda task, config, help_: open_spans(SpanEditor, task, config, help_, rewritable=True),
    says="all spans",
    needs=(("text",),),
    writes=_written,
    reads=("text", *MARKED_KEYS),
    settings=("labels", "highlight_chars", "ner_manual_highlight_chars", "edit_text"),
    one_text=True,
)

SPANS_MANUAL = NER_MANUAL._replace(
    id="spans_manual",
    help="all spans of a text, which may overlap",
    open=lambda task, config, help_: open_spans(
        SpanEditor, task, config, help_, overlap=True, rewritable=True
    ),
)

POS_MANUAL = NER_MANUAL._replace(
    id="pos_manual",
    help="one tag a token",
    open=lambda task, config, help_: open_spans(TagEditor, task, config, help_),
    writes=MARKED_KEYS,
    settings=("labels", "highlight_chars", "ner_manual_highlight_chars"),
)
