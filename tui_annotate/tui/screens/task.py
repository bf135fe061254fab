"""The screen that tasks are answered on: keys become actions, actions change what is drawn."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from tui_annotate.commands.guards import Guard, receipt
from tui_annotate.commands.keymap import KeyPress
from tui_annotate.commands.table import Action
from tui_annotate.editors.registry import open_editor
from tui_annotate.editors.spans import SpanEditor
from tui_annotate.errors import TuiAnnotateError
from tui_annotate.job import Job
from tui_annotate.session.records import Counts, Draft, Item
from tui_annotate.text.safe import safe_line
from tui_annotate.tui.desk import Desk, Table
from tui_annotate.tui.keys import KeyReader
from tui_annotate.tui.prompts import Prompt, TextPrompt
from tui_annotate.tui.screens.answering import Answering
from tui_annotate.tui.screens.asides import Asides
from tui_annotate.tui.screens.chrome import Chrome, Shown
from tui_annotate.tui.screens.frames import Frames
from tui_annotate.tui.screens.texts import end_page
from tui_annotate.tui.screens.viewing import Viewing, text_view
from tui_annotate.tui.screens.works import WorkScreen
from tui_annotate.tui.theme import Role
from tui_annotate.tui.widgets.span_list import SpanList

if TYPE_CHECKING:
    from tui_annotate.tui.app import AnnotateApp, Surroundings

_SCROLL = "_top"


class TaskScreen(WorkScreen, inherit_bindings=False):
    """Shows the task at hand and carries out what the keys say.

    Args:
        job: What is annotated.
        surroundings: The terminal and the user's choices.
    """

    def __init__(self, job: Job, surroundings: Surroundings) -> None:
        super().__init__()
        self.job = job
        self._shown = Shown()
        self._around = surroundings
        self._guard = Guard(surroundings.link)
        self.frames = Frames(self, self._guard)
        self._answering = Answering(self, self._guard, surroundings.keymap)
        self._keys = KeyReader(
            surroundings.keymap,
            press=self._press,
            report=self.frames.arrived,
            say=self.say,
            timing=surroundings.link != "none",
        )
        self.shown_at = 0.0
        self._text = text_view(job.labels, surroundings)
        self._chrome = Chrome(job, surroundings)
        self._spans = SpanList(surroundings.theme, job.labels, id="spans")
        self._viewing = Viewing(self, surroundings, self._text, self._spans, self._chrome)
        self._asides = Asides(self, surroundings.keymap, self._viewing)
        self._drawn = (self._text, self._spans, *self._chrome.lines)

    @property
    def item(self) -> Item | None:
        """The task at hand; None at the end."""
        return self._shown.item

    @property
    def editor(self) -> SpanEditor | None:
        """The editor of the task at hand."""
        return self._shown.editor

    @property
    def words(self) -> frozenset[str]:
        """The context that says which actions are available."""
        return self._shown.words

    def ask(self, prompt: Prompt) -> None:
        """Open a one-line question; it takes the keys until it is done."""
        self._shown.prompt = prompt

    @property
    def unseen_rows(self) -> int:
        """Rows of the text that were never on screen."""
        return self._text.unseen_rows

    @property
    def counts(self) -> Counts:
        """Where the session stands."""
        return self._shown.counts

    @property
    def desk(self) -> Desk:
        """The session, off the event loop."""
        app: AnnotateApp = self.app  # type: ignore[assignment]
        return app.desk

    # -- life ----------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Show the text over the lines around it."""
        yield from self._drawn

    def on_mount(self) -> None:
        """Open the session; the first task is painted as soon as it is there."""
        self._viewing.begin()
        self.run_aside(self._begin())

    def on_resize(self, event: events.Resize) -> None:
        """Fold the lines around the text as the size allows."""
        self._chrome.fold(event.size.width, event.size.height)
        self._paint()

    async def _begin(self) -> None:
        table = await self.desk.start()
        visit = self.desk.session.opened.visit
        self.take(table)
        opening = self.desk.session.opening_sentence()
        if opening:
            self.say(opening)
        elif visit is not None and visit.closed_at is None and self.item is not None:
            self.say("Everything that was saved is here; you are back in this task")
        self.run_aside(self._count())

    async def _count(self) -> None:
        self._shown.counts = await self.desk.count()
        self._paint()

    def trouble(self, error: TuiAnnotateError) -> None:
        """Say what went wrong; where there is no task yet, it ends the program."""
        app: AnnotateApp = self.app  # type: ignore[assignment]
        if self.item is None:
            app.fail(error)
        else:
            self.say(str(error), Role.BAD)

    # -- what is on the table ------------------------------------------------------------------

    def take(self, table: Table) -> None:
        """Show what lies on the table now."""
        app: AnnotateApp = self.app  # type: ignore[assignment]
        app.saved = table.counts.done
        shown = self._shown
        shown.item, shown.counts, shown.prompt = table.item, table.counts, None
        self._asides.stay()
        if table.trouble is not None:
            app.fail(table.trouble)
            return
        notes = self._open_editor() if self.item is not None else ()
        if shown.item is None:
            shown.editor = None
            self._show_end()
        self.shown_at = time.monotonic()
        self._chrome.clear()
        self._paint()
        if notes:
            self.say(notes[0], Role.WARNING)
        elif table.receipt is not None:
            done = table.receipt
            self.say(receipt(done.decision, safe_line(done.summary)), Role.GOOD)
        self.frames.new_task(self._drawn)
        if self.item is not None:
            self.run_aside(self.desk.prefetch())

    def _open_editor(self) -> tuple[str, ...]:
        assert self.item is not None
        last = self.editor.last_edit if self.editor is not None else None
        task, draft = self.item.task, self.item.draft
        editor, notes = open_editor(self.job.view_id, task, self.job.labels, self.job.config, last)
        top = None
        if draft is not None:
            editor.restore({**task, **draft.content}, draft.state)
            top = draft.state.get(_SCROLL)
        self._shown.editor = editor
        self._text.show(editor, top_offset=top if isinstance(top, int) else None)
        self._spans.show(editor)
        return notes

    def draft(self) -> Draft | None:
        """Return what is begun on the task at hand, for the store."""
        if self.editor is None:
            return None
        state = {**self.editor.state(), _SCROLL: self._text.top_offset}
        return Draft(self.editor.edits(), state, self.editor.edited)

    def draft_failed(self, error: TuiAnnotateError) -> None:
        """Say that a draft could not be written; it is tried again with the next key."""
        self.say(f"not saved: {error}", Role.BAD)

    def waiting_for(self, owner: str) -> None:
        """Say for whom the store waits."""
        self.say(f"waiting for {owner}, which is writing; your work is kept", Role.WARNING)

    def _show_end(self) -> None:
        source = self.desk.session.opened.source.name
        lines = end_page(self.job, self.counts, source=source)
        page, _ = open_editor("ner_manual", {"text": "\n".join(lines)}, (), {})
        self._text.show(page)
        self._spans.show(page)

    # -- keys ----------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Take every key; none goes to Textual's own bindings."""
        event.stop()
        event.prevent_default()
        self._keys.feed(event.key, event.character, typing=self._shown.prompt is not None)

    def on_paste(self, event: events.Paste) -> None:
        """Take pasted text into an open text prompt only."""
        event.stop()
        prompt = self._shown.prompt
        if isinstance(prompt, TextPrompt):
            prompt.paste(event.text)
            self._paint()

    def _press(self, press: KeyPress) -> None:
        if self.desk.busy:
            self.say("one moment, the answer is being saved", Role.WARNING)
        elif self._shown.prompt is not None:
            self._answer_prompt(press)
        else:
            action = self._around.keymap.lookup(press, self._shown.words)
            self._chrome.clear()
            running = self.works
            if action is not None:
                self._carry_out(action)
                if action.decision and self.works > running:
                    return  # the frame of the next task takes the old sentence away
            self._paint()
        if not self.message_queue_size:
            self.frames.send(self._drawn)

    def _answer_prompt(self, press: KeyPress) -> None:
        prompt = self._shown.prompt
        if prompt is not None and prompt.key(press.key, press.character):
            self._shown.prompt = None
        self._paint()

    def _carry_out(self, action: Action) -> None:
        now = time.monotonic()
        if action.id != "leave":
            self._asides.stay()
        if action.decision:
            self._answering.decide(action.id)  # type: ignore[arg-type]
            return
        if action.id == "undo":
            self._answering.undo()
            return
        self._guard.other_action(now)
        if action.id == "redo":
            self._answering.redo()
        elif action.id == "later":
            self._answering.later()
        elif action.target == "editor":
            self.edit(action.name, action.argument)
        elif action.id == "older":
            self._answering.back()
        else:
            self._asides.carry_out(action.id)

    # -- editing -------------------------------------------------------------------------------

    def edit(self, command: str, argument: int | str | None) -> None:
        """Have the editor carry out a command, and show what it changed."""
        if self.editor is None:
            return
        if command in ("page_up", "page_down"):
            argument = self._text.page_rows
        change = self.editor.apply(command, argument, self._text.rows)
        self._text.changed(change)
        self._spans.changed()
        if change.message:
            self.say(change.message)
        if change.edited:
            self.desk.edited()
        else:
            self.desk.looked()

    # -- painting ------------------------------------------------------------------------------

    def say(self, text: str, role: Role = Role.TEXT) -> None:
        """Show a sentence until the next key."""
        self._chrome.say(text, role, self._shown)

    def _paint(self) -> None:
        self._shown.unseen = self._text.unseen_below
        self._chrome.paint(self._shown)
