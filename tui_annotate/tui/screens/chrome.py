"""The lines around the text: origin of the task, labels, progress, keys or a message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui_annotate.commands.help import key_bar
from tui_annotate.editors.spans import SpanEditor
from tui_annotate.job import Job
from tui_annotate.session.records import Counts, Item
from tui_annotate.text.safe import hidden_count
from tui_annotate.tui.prompts import Prompt
from tui_annotate.tui.screens.texts import size
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.chrome import (
    key_pieces,
    label_pieces,
    message_pieces,
    meta_pieces,
    status_pieces,
)
from tui_annotate.tui.widgets.lines import Line

if TYPE_CHECKING:
    from tui_annotate.tui.app import Surroundings

FULL_CHROME = 16
"""Rows from which the screen shows all four lines below the text; lower ones show two."""


@dataclass(slots=True)
class Shown:
    """What the lines tell about.

    Attributes:
        item: The task at hand; None at the end.
        editor: Its editor.
        counts: Where the session stands.
        prompt: The question that is open.
        unseen: Rows of the text below the screen that were never on it.
    """

    item: Item | None = None
    editor: SpanEditor | None = None
    counts: Counts = field(default_factory=Counts)
    prompt: Prompt | None = None
    unseen: int = 0

    @property
    def words(self) -> frozenset[str]:
        """The context that says which actions are available."""
        return self.editor.context() if self.editor is not None else frozenset()


class Chrome:
    """Owns the lines around the text. Painting sends only the cells that differ.

    Args:
        job: What is annotated.
        surroundings: The terminal and the user's choices.
    """

    def __init__(self, job: Job, surroundings: Surroundings) -> None:
        self._job = job
        self._around = surroundings
        self._style = surroundings.theme
        self._message: tuple[str, Role] = ("", Role.TEXT)
        self._width = 80
        self._meta, self._labels, self._status, self._bar = (
            Line(id=name, ambiguous_wide=surroundings.ambiguous_wide)
            for name in ("meta", "labels", "status", "bar")
        )

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines, from the text down."""
        return self._meta, self._labels, self._status, self._bar

    def fold(self, width: int, height: int) -> None:
        """Show four lines, two where the screen is low, one where it is very low."""
        self._width = width
        self._meta.display = self._status.display = height >= FULL_CHROME
        self._labels.display = height >= 4

    def set_theme(self, look: Theme) -> None:
        """Take the styles of another theme with the next painting."""
        self._style = look

    def say(self, text: str, role: Role, shown: Shown) -> None:
        """Show a sentence in place of the keys, until `clear`."""
        self._message = (text, role)
        self._paint_bar(shown)

    def clear(self) -> None:
        """Take the sentence away with the next painting."""
        self._message = ("", Role.TEXT)

    def paint(self, shown: Shown) -> None:
        """Bring all lines up to date."""
        self._paint_meta(shown)
        self._paint_labels(shown)
        self._paint_status(shown)
        self._paint_bar(shown)

    def _paint_meta(self, shown: Shown) -> None:
        if shown.item is None or shown.editor is None:
            self._meta.show(())
            return
        meta = shown.item.task.get("meta")
        left, right = meta_pieces(
            self._style,
            meta if isinstance(meta, dict) else {},
            flagged=shown.editor.flagged,
            comment=shown.editor.comment,
            hidden=hidden_count(shown.editor.text),
            ascii_only=self._around.ascii_only,
        )
        self._meta.show(left, right)

    def _paint_labels(self, shown: Shown) -> None:
        if shown.prompt is not None:
            self._labels.show(shown.prompt.pieces(self._style))
            return
        focus = shown.editor.focus if shown.editor is not None else None
        left, right = label_pieces(
            self._style,
            self._job.labels,
            current=focus.label if focus is not None else None,
            hint=f"{self._around.keymap.shown('label_by_name')} by name",
        )
        self._labels.show(left, right)

    def _paint_status(self, shown: Shown) -> None:
        counts = shown.counts
        left, right = status_pieces(
            self._style,
            done=counts.done,
            to_go=counts.to_go,
            waiting=counts.waiting,
            note=_note(shown),
            where=(self._job.dataset, self._around.annotator, self._job.recipe),
        )
        self._status.show(left, right)

    def _paint_bar(self, shown: Shown) -> None:
        text, role = self._message
        if text:
            self._bar.show(*message_pieces(self._style, text, role))
            return
        keys = key_bar(self._around.keymap, shown.words, self._width)
        self._bar.show(*key_pieces(self._style, keys))


def _note(shown: Shown) -> str:
    item, counts = shown.item, shown.counts
    if item is not None and item.answer is not None:
        return f"task {item.number}: {item.answer.record.answer}"
    if shown.unseen:
        return f"{shown.unseen:,} lines below"
    if counts.to_go is None and counts.bytes_to_go:
        return f"{size(counts.bytes_to_go)} to go"
    return ""
