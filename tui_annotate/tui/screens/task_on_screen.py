"""What is on the screen of a task: the task, its editor, the question that is open, how far one has
seen. From it the lines around the text, the keys and the actions tell what there is; a draft keeps
of it what is begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui_annotate.editors.base import Change, label_setting
from tui_annotate.session.types import Draft, Item, SessionCounts
from tui_annotate.task.review import versions_in
from tui_annotate.task.schema import DECISIONS, Task
from tui_annotate.tui.prompts import Prompt
from tui_annotate.tui.text_prompts import CommentPrompt, RewritePrompt
from tui_annotate.tui.widgets.text_layout import RowsOnScreen

if TYPE_CHECKING:
    from tui_annotate.editors.form import OpenEditor


@dataclass(eq=False, repr=False, slots=True)
class TaskOnScreen:
    """The task on the screen: whatever the lines around it, its keys and its draft depend on.

    Attributes:
        item: The task at hand; None at the end.
        editor: Its editor.
        counts: Where the session stands.
        prompt: The question that is open.
        unseen: Rows of the text below the screen that were never on it.
        unseen_above: Rows above it that were never on it.
        place: Which rows are on screen; None where all of them are.
        ended: Nothing is left to be answered.
        events: Whether the recipe has events.
        new_labels: Whether the job allows labels to be added.
        review: Whether the task has versions, of which one can be taken.
        differs: Whether the task has versions at all, so that a reason can be given.
        editing: In a review: digits are labels and options, and take no versions.
        panel: Whether something can stand beside the text.
    """

    item: Item | None = None
    editor: OpenEditor | None = None
    counts: SessionCounts = field(default_factory=SessionCounts)
    prompt: Prompt | None = None
    unseen: int = 0
    unseen_above: int = 0
    place: RowsOnScreen | None = None
    ended: bool = False
    events: bool = False
    new_labels: bool = False
    review: bool = False
    differs: bool = False
    editing: bool = False
    panel: bool = False

    def take_versions(self, task: Task, keys: Sequence[str]) -> None:
        """Look whether a task of a review has versions that can be taken."""
        self.differs = bool(versions_in(task))
        self.review = self.differs and bool(keys)
        self.edit_version(False)

    def edit_version(self, editing: bool) -> Change:
        """Let digits be labels and options, which show them, or take versions again."""
        self.editing = editing
        if self.editor is not None:
            self.editor.number_options(editing or not self.review)
        return Change(moved=True)

    @property
    def takes_text(self) -> bool:
        """Whether letters are text now, and no commands."""
        return self.prompt is not None or "typing" in self.words

    @property
    def words(self) -> frozenset[str]:
        """The context that says which actions are available."""
        if self.editor is None:
            return frozenset({"no-task"})
        adds = self.new_labels and label_setting(self.editor)
        own = {"events": self.events, "panel": self.panel, "differing": self.differs}
        more = {word for word, holds in {**own, "new_labels": adds}.items() if holds}
        if self.review:
            more |= {"review"} if self.editing else {"review", "versions", "differences"}
        words = self.editor.context() | more
        # A field is written into once what is taken is edited: before, digits take versions.
        words = words - {"typing"} if "versions" in words else words
        # While there are hits of a search, its keys go through them.
        return words - {"differences"} if "hits" in words else words

    @property
    def named(self) -> dict[str, str]:
        """What decisions are called where the view has other names: by action."""
        if self.editor is None:
            return {}
        said = {each: self.editor.said(each) for each in DECISIONS}
        return {action: name for action, name in said.items() if name}

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the task at hand, for the label line."""
        return self.editor.labels if self.editor is not None else ()

    @property
    def current(self) -> str | None:
        """The label that is marked in the label line."""
        return self.editor.current if self.editor is not None else None


def place_of(shown: TaskOnScreen) -> str:
    """Return which rows of a text are on screen; empty where all of them are."""
    if shown.item is None or shown.place is None:
        return ""
    first, last, rows = shown.place
    return f"{first:,}-{last:,} of {rows:,}"


_SCROLL = "_top"
_COMMENT = "_typed"
_PIECE = "_rewriting"


def begun(shown: TaskOnScreen, top: int) -> Draft | None:
    """Return what is begun on a task, for the store; `top` is how far it is scrolled."""
    editor, prompt = shown.editor, shown.prompt
    if editor is None:
        return None
    state = {**editor.state(), _SCROLL: top}
    if isinstance(prompt, CommentPrompt):
        state[_COMMENT] = prompt.text
    elif isinstance(prompt, RewritePrompt):
        state[_PIECE] = prompt.begun
    return Draft(editor.edits(), state, editor.edited)


def top_begun(item: Item) -> int | None:
    """Return how far a task was scrolled when it was left; None where no draft says so."""
    top = None if item.draft is None else item.draft.state.get(_SCROLL)
    return top if isinstance(top, int) else None


def comment_begun(item: Item) -> str | None:
    """Return how far a comment was typed when its task was left, if one was."""
    text = None if item.draft is None else item.draft.state.get(_COMMENT)
    return text if isinstance(text, str) else None


def piece_begun(item: Item) -> tuple[str, int] | None:
    """Return how far a piece of the text was written anew when its task was left, and where the
    cursor was in it; None where none was."""
    found = None if item.draft is None else item.draft.state.get(_PIECE)
    if not isinstance(found, list) or len(found) != 2:
        return None
    text, caret = found
    known = isinstance(text, str) and type(caret) is int and 0 <= caret <= len(text)
    return (text, caret) if known else None
