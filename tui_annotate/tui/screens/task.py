"""The screen that tasks are answered on: keys become actions, actions change what is drawn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.widget import Widget

from tui_annotate.commands.guards import Guard
from tui_annotate.commands.keymap import KeyPress, chooses
from tui_annotate.commands.table import Action
from tui_annotate.editors.base import Argument, repeated
from tui_annotate.errors import TuiAnnotateError
from tui_annotate.job import Job
from tui_annotate.new_labels import widen
from tui_annotate.session.types import Draft
from tui_annotate.task.schema import Task
from tui_annotate.text.characters import has_right_to_left
from tui_annotate.tui.keys import KeyReader, PasteGuard, answers, paste, type_key
from tui_annotate.tui.prompts import HELP_KEY, Prompt
from tui_annotate.tui.screens.actions import DROPPED, DisplayActions, ScreenActions
from tui_annotate.tui.screens.answering import Answering, answered, trouble
from tui_annotate.tui.screens.base import Frames, WaitingLine, WorkScreen
from tui_annotate.tui.screens.items import TaskPreparer, open_item
from tui_annotate.tui.screens.lifecycle import SessionLifecycle
from tui_annotate.tui.screens.rtl_calibration import Directions
from tui_annotate.tui.screens.status_bar import Chrome
from tui_annotate.tui.screens.task_on_screen import TaskOnScreen, begun, comment_begun, piece_begun
from tui_annotate.tui.session_client import SessionSnapshot
from tui_annotate.tui.task_widget import Views
from tui_annotate.tui.theme import Role

if TYPE_CHECKING:
    from tui_annotate.commands.continuation import Continuation
    from tui_annotate.editors.form import OpenEditor
    from tui_annotate.tui.environment import Environment

HURRIED = 0.6
"""Seconds without a key that end a run of keys which are typed on blindly."""


class TaskScreen(WorkScreen, inherit_bindings=False):
    """Shows the task at hand and carries out what the keys say.

    Args:
        job: What is annotated.
        surroundings: The terminal and the user's choices.
    """

    def __init__(self, job: Job, surroundings: Environment) -> None:
        super().__init__()
        self.job = job
        self._shown = TaskOnScreen(events=bool(job.event_hooks), new_labels=job.allows_new_labels)
        self._around = surroundings
        self._is_timed = surroundings.link != "none"  # else keys come faster than people type
        self._guard = Guard(surroundings.link, replies=surroundings.replies, owed=surroundings.owed)
        self.frames = Frames(self, self._guard)
        self.beginning = SessionLifecycle(self)
        self._answering = Answering(self, self.beginning, self._guard, surroundings.keymap)
        self._keys = KeyReader(
            press=self._press,
            report=self.frames.arrived,
            say=self.say,
            timing=self._is_timed,
            decides=self._answers,
            counts=surroundings.keymap.counts,
            counting=lambda: not chooses(self.words),
            swallows=self._swallow,
            awaits=lambda: self._pasted.keeps_back,
            missed=self._miss,
        )
        typing, forget = self._is_typing, self._keys.forget
        self._pasted = PasteGuard(
            self, typing=typing, key=self._key, paste=self._paste, forget=forget
        )
        self._rest_of_name: Continuation | None = None  # which was picked by its beginning
        self._kept: KeyPress | None = None  # until it is known whether a name goes on behind it
        self._key_seconds = 0.0  # between the last two keys
        self._pressed_at = self._stopped_at = float("-inf")
        self._late: KeyPress | None = None  # the first key that came while a task is on its way
        self._hurried_at = float("-inf")  # when a key was dropped that others may follow blindly
        # Where a key was carried out that may have been a mistyped letter: rubbing it out takes
        # back what was edited since.
        self._missed_at: tuple[OpenEditor | None, int] = (None, 0)
        self.shown_at = 0.0
        self._views = Views(job, surroundings)
        self._ahead = TaskPreparer(job, self._views.text)
        self.lay_out = self._ahead.lay_out
        self._chrome = Chrome(job, surroundings)
        self.waiting = WaitingLine(self, self._chrome)
        self._viewing = DisplayActions(self, surroundings, self._views, self._chrome)
        self._directions = Directions(self, surroundings, self._views, self._chrome)
        self._asides = ScreenActions(self, surroundings, self._viewing, self._directions)

    @property
    def _drawn(self) -> tuple[Widget, ...]:
        """What changes with tasks and keys."""
        return *self._views.widgets, *self._chrome.lines

    def compose(self) -> ComposeResult:
        """Show the text over the lines around it."""
        yield self._chrome.header
        yield from self._views.compose()
        yield from self._chrome.below

    def on_mount(self) -> None:
        """Open the session; the first task is painted as soon as it is there."""
        # Before anything is laid out: what was laid out otherwise would be painted twice.
        self.place_all(*self.app.size)
        self._viewing.begin()
        self._directions.begin()
        self.app.app_suspend_signal.subscribe(self, self._stop, immediate=True)
        self.app.app_resume_signal.subscribe(self, self._go_on)
        self.run_aside(self.beginning.begin())

    def _stop(self, _: object) -> None:
        self._stopped_at = time.monotonic()

    def _go_on(self, _: object) -> None:
        if self._rest_of_name is not None:
            self._rest_of_name.come_back(self._stopped_at, time.monotonic())

    def on_resize(self, event: events.Resize) -> None:
        """Fold the lines around the text as the size allows."""
        self.place_all(*event.size)
        if self._shown.ended:  # its page has fewer lines on a low screen
            self.beginning.show_page(self._views)
        self.refresh_lines()
        self._count_sheet()

    def trouble(self, error: TuiAnnotateError) -> None:
        """Say what went wrong; where there is no task yet, it ends the program."""
        if self.beginning.looking:
            self.beginning.failure = error  # said when the task is there
        elif self.item is None:
            self.application.fail(error)
        else:
            self.say(trouble(error), Role.BAD)

    # -- what is on the table ------------------------------------------------------------------

    def show_task(self, table: SessionSnapshot) -> None:
        """Show what lies on the table now."""
        app = self.application
        app.saved = table.counts.done
        if app.leaving:
            return
        shown = self._shown
        shown.item, shown.counts, shown.prompt = table.item, table.counts, None
        shown.ended, self.beginning.looking = table.item is None, table.looking
        shown.editing = False
        self._asides.pressed_once = ""
        if table.trouble is not None:
            app.fail(table.trouble)
            return
        notes = self._open_editor() if self.item is not None else ()
        if shown.item is None:
            shown.editor, shown.review = None, False
            self.beginning.show_page(self._views)
        self.shown_at = time.monotonic()
        self._look_at_rows()
        self._chrome.tell(notes, Role.WARNING, shown)
        said = [DROPPED] if self._is_hurried(self.shown_at) else []
        if table.receipt is not None:
            said.insert(0, answered(table.receipt, self._around.keymap))
        if said and not notes:
            self.say(". ".join(said), Role.GOOD)
        self.frames.new_task(self._drawn)
        self._count_sheet()
        if self._late is not None:
            self.call_later(self._press_late)
        if self.item is not None:
            self.run_aside(self._ahead.make(self.client, self.editor))
        elif table.looking:
            self.run_aside(self.beginning.look())

    def _count_sheet(self) -> None:
        """Say the place in a sheet, whose rows are counted once it is laid out."""
        if self.editor is not None and self.editor.whole_text is None:
            self.call_after_refresh(self.refresh_lines)

    def _open_editor(self) -> tuple[str, ...]:
        assert self.item is not None
        made = self._ahead.claim(self.item.task)
        fit = self._asides.navigation.fit
        editor, notes, top = open_item(self.item, self.job, self.editor, fit, made)
        self._shown.editor = editor
        if self.job.reviews:
            self._shown.take_versions(self.item.task, self.written_keys)
            self._views.list_versions(self.item.task)
        self._views.show(editor, top_offset=top)
        text = self.item.task.get("text")
        if isinstance(text, str) and has_right_to_left(text):
            self._directions.meet(text)
        if self.item.draft is not None:
            self._asides.write_comment(comment_begun(self.item))
            self._asides.write_piece(piece_begun(self.item))
        return notes

    def draft(self) -> Draft | None:
        """Return what is begun on the task at hand, for the store."""
        return begun(self._shown, self._text.top_offset)

    def draft_failed(self, error: TuiAnnotateError) -> None:
        """Say that a draft could not be written; it is tried again with the next key."""
        if not self._chrome.says("not saved"):
            self.say(f"not saved, the next key tries again: {trouble(error)}", Role.BAD)

    def waiting_for(self, owner: str) -> None:
        """Say for whom the store waits."""
        self.say(f"waiting for {owner}; your work is kept", Role.WARNING)

    def come_back(self, seconds: float) -> None:
        """Go on after the screen was locked: the task is shown anew, and it was not looked at for
        so many seconds."""
        self.shown_at += seconds
        self.refresh_lines()
        self.frames.new_task(self._drawn)

    # -- keys ----------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Take every key; none goes to Textual's own bindings."""
        event.stop()
        event.prevent_default()
        self._pasted.feed(event)

    def _is_typing(self, event: events.Key) -> bool:
        return self._shown.takes_text or self._continues_name(event.key, event.character)

    def _key(self, event: events.Key) -> None:
        self._keys.feed(event, typing=self._is_typing(event))

    def on_paste(self, event: events.Paste) -> None:
        """Take pasted text into an open text prompt only."""
        event.stop()
        self._paste(event.text)

    def _paste(self, text: str) -> None:
        if not self._shown.takes_text:
            self.say("pasted text is only taken where text is asked for", Role.WARNING)
        paste(text, self._shown, self.edit)
        self.refresh_lines()

    def _press(self, press: KeyPress, times: int = 1) -> None:
        now = time.monotonic()
        self._key_seconds, self._pressed_at = now - self._pressed_at, now
        action = self._around.keymap.lookup(press, self._shown.words)
        if self.client.busy and self._may_wait(press, action, times):
            self._late = press
        elif self.client.busy or self._guard.is_blind(now) or self._is_hurried(now):
            self._drop(action, now)
        elif self._shown.prompt is not None:
            self._answer_prompt(self._shown.prompt, press)
        elif "typing" in self._shown.words and press.key != HELP_KEY:
            self._chrome.clear()
            type_key(press, self.edit)
            self.refresh_lines()
        else:
            if self.beginning.looking and (action is None or _is_of_task(action)):
                self._hurried_at = now  # there is no task yet that it could be meant for
            self.carry_out(action, times)
        if not self.message_queue_size:
            self.frames.send(self._drawn)

    def _may_wait(self, press: KeyPress, action: Action | None, times: int) -> bool:
        """Whether a key waits for the task that is on its way: one does that edits it, if it is the
        first one. A second key shows that somebody types on blindly."""
        if self._late is not None:
            return press is self._late  # `_release_kept` has found that it waits
        if action is None or self.item is None or times != 1:
            return False
        if not self._is_timed or self._is_hurried(time.monotonic()):
            return False
        return _is_of_task(action) and not (action.decision or self._answers(press))

    def _answers(self, press: KeyPress) -> bool:
        """Whether a key answers the task at hand."""
        return answers(press, self._around.keymap, self.words)

    def _is_hurried(self, now: float) -> bool:
        """Whether a key belongs to a run of which one was dropped: a decision in a burst, or what
        came before its task was there. What follows would answer what nobody meant."""
        return self._is_timed and now - self._hurried_at < HURRIED

    def _miss(self) -> None:
        self._hurried_at = time.monotonic()

    def _drop(self, action: Action | None, now: float) -> None:
        """Carry out nothing of a key that came too early but leaving."""
        is_blind, self._late = self._guard.is_blind(now), None
        if not is_blind:
            self._hurried_at = now
        self._asides.hurried(action, is_blind=is_blind)

    def _answer_prompt(self, prompt: Prompt, press: KeyPress) -> None:
        if prompt.asks_help(press.key):
            self._asides.show_help(prompt.topic)
            return
        self._chrome.clear()
        if prompt.key(press.key, press.character):
            if self._shown.prompt is prompt:  # what was answered may ask for more
                self._shown.prompt = None
            rest = prompt.continuation(time.monotonic())
            if rest is not None:
                rest.adapt(self._key_seconds if self._is_timed else None)
            self.expect(rest)
        self.refresh_lines()

    def expect(self, rest: Continuation | None) -> None:
        """Swallow what continues a name that has been picked, on whatever task is shown then. A
        prompt that it has opened takes every key itself: they may be what it asks for."""
        if rest is not None and self._shown.prompt is not None:
            self._shown.prompt.opens_behind(rest.rest)
            rest = None
        self._rest_of_name, self._kept = rest, None

    def _continues_name(self, key: str, character: str | None) -> bool:
        """Whether a key continues a name that has been picked: then it is a letter."""
        rest = self._rest_of_name
        return rest is not None and rest.continues(key, character, time.monotonic())

    def _swallow(self, press: KeyPress) -> bool:
        """Take a key that continues a name that has been picked, and say so; True where nothing
        else is to be done with it.

        First the key before it is carried out, if that was kept back and the name does not go on.
        Then this one is kept back in its turn if it may be a letter or a command: the next key
        tells, or a timer carries it out.
        """
        # The name that both keys came behind. What the first of them does may end it or pick
        # another one, but the second was typed for this one, and is judged by it.
        rest, now = self._rest_of_name, time.monotonic()
        self._release_kept(press)  # which may pick another name
        if rest is None:
            return False
        was_no_letter = rest.last_was_no_letter  # the next call changes it
        action = self._around.keymap.lookup(press, self.words)
        swallowed = rest.swallows(press.key, press.character, now, action)
        if swallowed and was_no_letter and press.key == "backspace":
            self._take_back_letter(rest)
        elif rest.last_was_no_letter and not rest.over:
            self._missed_at = (self.editor, self._steps)
        if rest.kept:
            self._keep_back(press, rest)
        if swallowed:
            self.say(rest.told(press, action))
            self.refresh_lines()
            if not self.message_queue_size:
                self.frames.send(self._drawn)
        if rest.over and not swallowed:  # behind `enter` a second one may follow
            self._rest_of_name = None
        return swallowed

    def _release_kept(self, press: KeyPress) -> None:
        """Carry out the key that was kept back, unless the name goes on with the one behind it.

        If that takes the task away, the one behind it is meant for the next task, which would be
        on screen by now if nothing had been kept back; but none is answered unseen.
        """
        kept, self._kept = self._kept, None
        if not self.client.busy:
            self._late = None  # the task that it waited for has not come
        if kept is not None and not self._continues_name(press.key, press.character):
            self._press(kept)
            self._late = press if self.client.busy and not self._answers(press) else None

    def _press_late(self) -> None:
        late, self._late = self._late, None
        if late is not None:
            self._press(late)

    def _keep_back(self, press: KeyPress, rest: Continuation) -> None:
        """Keep a key back until the next one, or as long as `rest` has patience."""
        self._kept = press
        asyncio.get_running_loop().call_later(rest.patience, self._carry_out_kept, press)

    def _carry_out_kept(self, press: KeyPress) -> None:
        """Carry out a key that was kept back, because the name did not go on behind it."""
        if self._kept is press:
            self._kept = self._rest_of_name = None
            self._press(press)

    @property
    def _steps(self) -> int:
        return self.editor.steps if self.editor is not None else 0

    def _take_back_letter(self, rest: Continuation) -> None:
        """Take back what a letter has done that was no command, but a mistyped one of a name."""
        prompt, (editor, steps) = self._shown.prompt, self._missed_at
        if prompt is not None:
            prompt.key("escape", None)
            self._shown.prompt = None
        if self.editor is not editor:
            return
        if self._steps > steps:
            self.edit("undo", None)
        chosen_first = self._around.keymap.label_first and self._text is self._views.text
        if chosen_first and rest.again is not None:
            rest.again()  # a digit has chosen another label for what is marked next

    def carry_out(self, action: Action | None, times: int = 1) -> None:
        """Do what a key or the menu says; without an action only take the last message away."""
        self._chrome.clear()
        running = self.works
        if action is not None:
            self._carry_out(action, times)
            if action.decision and self.works > running:
                return  # the frame of the next task takes the old sentence away
        self.refresh_lines()

    def _carry_out(self, action: Action, times: int) -> None:
        if action.refusal:
            self.say(action.refusal, Role.WARNING)
            return
        if action.id != self._asides.pressed_once:
            self._asides.pressed_once = ""
        if action.decision:
            if self.editor is not None:
                self.editor.finished = False  # a choice that was held back is not what is meant now
            self._answering.answer(action.id)  # type: ignore[arg-type]
            return
        # It asks the guard itself: a held key must not go on into older tasks.
        if action.id == "undo":
            self._answering.undo(times)
            return
        if action.id != "menu":  # what is chosen in it may be the second press
            self._guard.other_action(time.monotonic())
        if action.id == "redo":
            self._answering.redo(times)
        elif action.id == "later":
            self._answering.later()
        elif action.target == "editor":
            if action.id == "cancel" and self._leaves_editing:
                self.edit_version(False)
            else:
                self.edit(action.name, action.argument, times)
        elif action.id.startswith("scroll_"):
            self._views.scroll(action.id)
        else:
            self._asides.carry_out(action.id)

    # -- editing -------------------------------------------------------------------------------

    def offer_labels(self, setting: str, labels: Sequence[str]) -> None:
        """Offer more labels from now on, in the task at hand too.

        Args:
            setting: The key of the configuration that they come under.
            labels: The labels, in their order.
        """
        widen(self.job.config, setting, labels)
        self._ahead.forget()
        if self.editor is not None:
            self.editor.take_labels(setting, labels)
            self._views.color(self.editor)

    def edit(self, command: str, argument: Argument, times: int = 1, first: str = "") -> None:
        """Have the editor carry out a command, and show once what it changed; `first` is said
        before what the editor says."""
        if self.editor is None:
            return
        page = self._views.page_of(command)
        argument = argument if page is None else page
        scrolled = self._views.instead_of(command, argument)
        apply = partial(self.editor.apply, command, argument, self._text.rows)
        change = repeated(apply, times) if scrolled is None else scrolled
        self._views.changed(change)
        if first or change.message:
            self.say("; ".join(each for each in (first, change.message) if each))
        (self.client.edited if change.edited else self.client.looked)()
        if self.editor.finished and scrolled is None:
            self._answering.answer("accept")

    def lay(self, content: Task, sentence: str) -> None:
        """Have the editor take another answer's content, or a part of it, in one step to undo;
        `sentence` is said where it could be taken."""
        if self.editor is None:
            return
        change = self.editor.lay(content)
        self._views.changed(change)
        taken = change.edited or not change.message
        self.say("; ".join(each for each in (taken and sentence, change.message) if each))
        (self.client.edited if change.edited else self.client.looked)()

    @property
    def _leaves_editing(self) -> bool:
        """Whether `cancel` has nothing else to end than the editing of a version."""
        return self._shown.editing and not self.words & {"selecting", "hits", "focus", "linking"}


def _is_of_task(action: Action) -> bool:
    """Whether an action is about the task on screen, and means nothing without one."""
    return action.decision or action.target == "editor" or action.id == "label_by_name"
