"""From an item of the session to its editor, made when it comes or ahead of that, and from the
editor to a draft."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING

from tui_annotate.editors.registry import open_task
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.errors import Abandoned, TuiAnnotateError
from tui_annotate.job import Job
from tui_annotate.session.types import Item
from tui_annotate.task.schema import Task
from tui_annotate.task.stored_tokens import laid_over
from tui_annotate.tui.screens.task_on_screen import top_begun
from tui_annotate.views import find_view
from tui_annotate.waiting import here, size

if TYPE_CHECKING:
    from tui_annotate.editors.form import OpenEditor
    from tui_annotate.session.session import Session
    from tui_annotate.tui.session_client import SessionClient
    from tui_annotate.tui.widgets.text_view import TextView

FRAME_FIRST = 0.02
"""Seconds until work for the next task begins. Earlier, it would hold up the thread that writes:
the end of this task's frame, without which terminals show nothing of it, would be up to 30 ms late.
"""

_MANY = 2000
"""From so many new objects on, garbage is collected now, and not during the next decision."""


_LONG = 1 << 18
"""Characters and values of a task from which on it is laid out on the session's thread, which says
so: it may take longer than a person waits without a word."""


_ITEM, _TOKEN = 100, 16
"""Characters that an object in a list, such as an option, a span or a message, counts as, and a
token."""


class PreparedEditor:
    """An editor that nobody has worked with yet.

    Args:
        task: The task that it was made of.
        editor: The editor.
        notes: What could not be kept of the task as it was.
    """

    def __init__(self, task: Task, editor: OpenEditor, notes: tuple[str, ...]) -> None:
        self.task = task
        self.editor = editor
        self.notes = notes
        self.taken = False


class TaskPreparer:
    """Prepares the next task while this one is read, so that no decision has to wait for that.

    Only texts with spans are made ahead, and only where no code of a recipe can change a task
    that it has given, or what is stored of it. What was made for a task that does not come after
    all is thrown away.

    Args:
        job: What is annotated.
        view: Draws texts with spans.
    """

    def __init__(self, job: Job, view: TextView) -> None:
        self._job = job
        self._view = view
        self._made: PreparedEditor | None = None
        self._long: PreparedEditor | None = None
        self._possible = not job.has_code and find_view(job.view_id).one_text

    async def make(self, client: SessionClient, editor: OpenEditor | None) -> None:
        """Look for the next task, make it ready, and empty the store's journal in time.

        Args:
            client: The session.
            editor: Of the task at hand: made ready for its answer, where that was not done ahead.
        """
        await asyncio.sleep(FRAME_FIRST)
        text = editor.whole_text if editor is not None else None
        if text is not None and not text.prepared:
            await client.look_up(lambda _session: _prepare(text))
            if not text.prepared:
                return
        if self._possible and text is not None and not client.busy:
            text.make_ready()
        await client.prefetch()
        if self._possible:
            await self._make(client)
        if not client.busy:
            await client.look_up(_tidy)

    async def _make(self, client: SessionClient) -> None:
        """Make the editor on the session's thread, then draw the rows.

        They are drawn one by one: a key is carried out between two of them.
        """
        made = self._made = await client.look_up(self._open)
        if made is None or made.taken:
            return
        text = made.editor.whole_text
        assert text is not None
        for _ in self._view.draw_ahead(text):
            await asyncio.sleep(0)
            if client.busy or made is not self._made:
                return

    def claim(self, task: Task) -> PreparedEditor | None:
        """Return what was made for a task, once; None where that is another one."""
        made, self._made = self._made, None
        long, self._long = self._long, None
        if long is not None and long.task is task:
            return long
        if made is None or made.taken or made.task is not task:
            return None
        made.taken = True
        return made

    def forget(self) -> None:
        """Throw away what was made, because tasks are shown in another way from now on."""
        self._made = self._long = None

    def lay_out(self, task: Task) -> None:
        """Make the editor of the task that is to be shown now, if it is long, and lay it out.

        This runs on the session's thread, and the screen says what is done if it takes long. What
        goes wrong is said when the task is shown.
        """
        made = self._made
        if _extent(task) < _LONG or (made is not None and made.task is task):
            return
        with suppress(TuiAnnotateError), _saying(task):
            here().check()
            found = PreparedEditor(task, *open_task(task, self._job.view_id, self._job.config))
            here().check()
            text = found.editor.whole_text
            if text is None:
                found.editor.sheet()  # which keeps what no key changes
            else:
                next(iter(self._view.draw_ahead(text)), None)  # all is laid out, one row is drawn
                text.prepare_spans()
            self._long = found

    def _open(self, session: Session) -> PreparedEditor | None:
        task, made = session.coming(), self._made
        if task is None or task.get("view_id") or task.get("config"):
            return None
        if made is not None and made.task is task:
            return made
        try:
            with _saying(task):
                here().check()
                editor, notes = open_task(task, self._job.view_id, self._job.config)
                here().check()
        except TuiAnnotateError:
            return None  # it is said when the task comes
        text = editor.whole_text
        if text is None:
            return None
        text.make_ready()
        return PreparedEditor(task, text, notes)


def _extent(task: Task) -> int:
    """Return about how much there is to be laid out of a task, in characters: of its texts, and of
    what stands in its lists."""
    extent = sum(len(each) for each in task.values() if isinstance(each, str))
    for key, each in task.items():
        if isinstance(each, list) and each:
            weight = _TOKEN if key == "tokens" else _ITEM if isinstance(each[0], dict) else 1
            extent += weight * len(each)
    return extent


def _saying(task: Task) -> AbstractContextManager[None]:
    """Say of a task, while it is laid out, how long it is."""
    text = task.get("text")
    if isinstance(text, str) and 2 * len(text) > _extent(task):
        return here().on(f"laying out a text of {_size(text)}")
    return here().on("laying out a long task")


def _size(text: str) -> str:
    return size(len(text.encode(errors="replace")))


def _prepare(text: SpanEditor) -> None:
    """Have the tokens of a long text ready before a command asks for all of them."""
    with suppress(Abandoned), here().on(f"cutting a text of {_size(text.text)} into tokens"):
        text.prepare()


def _tidy(session: Session) -> None:
    session.opened.store.journal.tidy()
    if gc.get_count()[0] > _MANY:
        gc.collect(0)


def open_item(
    item: Item,
    job: Job,
    before: OpenEditor | None,
    fit: Callable[[SpanEditor], None],
    made: PreparedEditor | None = None,
) -> tuple[OpenEditor, tuple[str, ...], int | None]:
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
    editor: OpenEditor = opened[0]
    notes = opened[1]
    text = editor.whole_text
    if text is not None:
        text.come_after(last)
    draft = item.draft
    if draft is not None:
        editor.restore(laid_over(item.task, draft.content), draft.state)
    if text is not None:
        fit(text)
    return editor, (*item.remarks, *notes), top_begun(item)
