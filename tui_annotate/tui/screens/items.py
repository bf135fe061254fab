"""From an item of the session to its editor, and from the editor to a draft."""

from __future__ import annotations

from collections.abc import Callable

from tui_annotate.editors.base import Editor
from tui_annotate.editors.registry import open_task
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.job import Job
from tui_annotate.session.types import Draft, Item
from tui_annotate.task.stored_tokens import laid_over
from tui_annotate.tui.prompts import CommentPrompt, RewritePrompt
from tui_annotate.tui.screens.prefetch import Made
from tui_annotate.tui.screens.status_bar import Shown

_SCROLL = "_top"
_COMMENT = "_typed"
_PIECE = "_rewriting"


def open_item(
    item: Item,
    job: Job,
    before: Editor | None,
    fit: Callable[[SpanEditor], None],
    made: Made | None = None,
) -> tuple[Editor, tuple[str, ...], int | None]:
    """Return the editor of an item with its draft, its notes, and how far it was scrolled.

    Args:
        item: The task at hand.
        job: What is annotated.
        before: The editor of the task before, whose last edit can be repeated.
        fit: Fits a span editor to the keymap and lends it what it needs, behind the draft, which
            has what was proposed when it was left.
        made: The editor, where it was made ahead.
    """
    text_before = before.whole_text if before is not None else None
    last = text_before.last_edit if text_before is not None else None
    opened = (made.editor, made.notes) if made else open_task(item.task, job.view_id, job.config)
    editor: Editor = opened[0]
    notes = opened[1]
    text = editor.whole_text
    if text is not None:
        text.come_after(last)
    draft, top = item.draft, None
    if draft is not None:
        editor.restore(laid_over(item.task, draft.content), draft.state)
        top = draft.state.get(_SCROLL)
    if text is not None:
        fit(text)
    notes = (*item.remarks, *notes)
    return editor, notes, top if isinstance(top, int) else None


def begun(shown: Shown, top: int) -> Draft | None:
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
