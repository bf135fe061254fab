"""The plain face: a task is printed, a line is read, what happened is said in appended lines.

It draws nothing, moves no cursor and uses no colour, so that screen readers, braille lines, dumb
terminals and scripts get exactly what is said. What is begun is durable after every line.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_annotate.commands.end_page import about_source
from tui_annotate.commands.guards import Guard, TaskView, receipt
from tui_annotate.commands.table import BY_ID
from tui_annotate.editors.base import label_setting
from tui_annotate.editors.registry import open_task
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.editors.span.reshape import SpreadMemory
from tui_annotate.editors.span.state import FaceFunctions
from tui_annotate.errors import Abandoned, TaskError, TuiAnnotateError
from tui_annotate.new_labels import read_new_label
from tui_annotate.plain import phrases
from tui_annotate.plain.editing import LineEditing
from tui_annotate.plain.grammar import LineMeaning, elsewhere, nearest, number_of, read_line
from tui_annotate.session.context import propose
from tui_annotate.session.session import Session
from tui_annotate.session.source_status import earlier_spans
from tui_annotate.session.types import Draft, Item, Timing
from tui_annotate.task.review import version_lines, versions_in
from tui_annotate.task.schema import Decision
from tui_annotate.task.stored_tokens import laid_over
from tui_annotate.task.version_differences import compared_lines
from tui_annotate.text.safe import safe_line
from tui_annotate.views import find_view
from tui_annotate.waiting import here

if TYPE_CHECKING:
    from tui_annotate.plain.lookups import Lookups

_DECISIONS: dict[str, Decision] = {"a": "accept", "x": "reject", "i": "ignore"}
_PATIENCE = 0.1
"""Seconds between two looks at whether anybody still waits for a recipe's next task."""

_ANY_TIME = frozenset(
    {"help", "count", "labels", "u", "screen", "stats", "answers", "check", "open", "mend"}
)
"""Words that do something where there is no task, too."""


@dataclass(frozen=True, slots=True)
class LineConsole:
    """The way in and out.

    Attributes:
        say: Prints one line; it is safe to be printed.
        read: Prints a prompt and returns the line that was typed, None at the end of the input.
        forget: Throws away what was typed ahead of a task that nobody had heard yet.
        no_screen: Says why there can be no screen here; empty where there can.
        watch: Watches a step, and says what it is at where it takes long; see `WaitMonitor`.
    """

    say: Callable[[str], None]
    read: Callable[[str], str | None]
    forget: Callable[[], None] = lambda: None
    no_screen: Callable[[], str] = lambda: "this is no terminal"
    watch: Callable[[str], AbstractContextManager[None]] = lambda _: nullcontext()


class PlainFace:
    """One annotator at work on an open session.

    Args:
        session: The session; `run` closes it, unless it is to go on on the screen.
        voice: The way in and out.

    Attributes:
        to_screen: The annotator has left this face for the screen.
    """

    def __init__(self, session: Session, voice: LineConsole) -> None:
        self.to_screen = False
        self._session = session
        self._voice = voice
        self._guard = Guard("none")
        self._memory = SpreadMemory(session.opened.proposed, self._propose)
        self._task: LineEditing | None = None
        self._lookups: Lookups | None = None
        self._shown_at = 0.0
        self._commands: dict[str, Callable[[str], None]] = {
            "later": lambda _: self._later(),
            "u": lambda _: self._undo(),
            "redo": lambda _: self._redo(),
            "label": lambda rest: self._editing.label(rest),
            "new": self._new_label,
            "list": lambda _: self._editing.say_answer(),
            "del": lambda rest: self._editing.delete(rest),
            "go": lambda rest: self._editing.go(rest),
            "write": lambda rest: self._editing.write(rest),
            "copy": lambda _: self._editing.act("copy_earlier"),
            "change": lambda rest: self._editing.rewrite(rest),
            "event": self._event,
            "version": lambda rest: self._editing.take_version(rest),
            "versions": lambda _: self._say_versions(),
            "reason": lambda rest: self._editing.give_reason(rest),
            "text": lambda _: self._say_task(),
            "labels": lambda _: self._say(phrases.label_lines(self._names, session.job)),
            "flag": lambda _: self._editing.edit("flag"),
            "comment": lambda rest: self._editing.edit("comment", rest),
            "why": lambda _: self._why(),
            "count": lambda _: self._say([phrases.count_line(session.counts(), session.job)]),
            "stats": lambda _: self._look_up(lambda found: found.figures()),
            "answers": lambda rest: self._look_up(lambda found: found.answers(rest)),
            "check": lambda _: self._look_up(lambda found: found.check()),
            "open": self._open,
            "mend": self._mend,
            "help": lambda _: self._say(phrases.help_lines(self._names, *self._ways)),
            "screen": lambda _: self._to_screen(),
        }

    def run(self) -> int:
        """Answer lines until the annotator leaves; return how many answers stand."""
        session = self._session
        try:
            self._say(["Write help for all commands, q to leave."])
            self._say(phrases.marking_lines(session.job))
            session.opened.patience = _PATIENCE
            self._say_guidelines()
            opening = session.opening_sentence()
            self._go_to(session.start, first=[opening] if opening else [])
            while not (self.to_screen or self._training_is_over):
                line = self._voice.read("> ")
                if line is None or not self._obey(self._read(line)):
                    break
            return session.counts().done
        except Abandoned:  # somebody has left while the next task was looked for
            return session.counts().done
        finally:
            if not self.to_screen:
                session.close()

    def _say_guidelines(self) -> None:
        """Say guidelines that the annotator has not seen as they are, or what changed in them."""
        news = self._session.unseen_guidelines()
        if news is None:
            return
        changed = news.lines(added="added: ", removed="removed: ", same="")
        lines = changed if news.before is not None else self._session.job.guidelines
        self._say([news.sentence, *lines, "This is the end of the guidelines."])
        self._session.guidelines_seen()

    def come_back(self, seconds: float, begun: str) -> None:
        """Go on after the terminal was locked: the task at hand is said again.

        Args:
            seconds: How long it was locked; the task was not looked at meanwhile.
            begun: What stood on the line that was not sent; it is said, and never carried out.
        """
        if self._task is not None:
            self._say_task()
            self._shown_at += seconds
            self._guard.frame_written(time.monotonic())
        if begun.strip():
            self._say(["This line was begun and not sent; write it again:", begun])

    @property
    def _training_is_over(self) -> bool:
        """Whether this is a training and nothing is left of it: the job itself begins then."""
        return self._session.job.teach is not None and self._task is None

    @property
    def _editing(self) -> LineEditing:
        assert self._task is not None
        return self._task

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(self._session.job.labels) if self._task is None else self._task.names

    @property
    def _ways(self) -> tuple[bool, bool]:
        """Whether a label is for words of a text, and whether it is chosen."""
        task = self._task
        return (True, True) if task is None else (task.spans is not None, task.chooses)

    def _read(self, line: str) -> LineMeaning:
        """Return what a line means; in a review a number takes that version, as its key does on the
        screen."""
        number, task = line.strip(), self._task
        if number_of(number) is not None and task is not None and versions_in(task.editor.task):
            return LineMeaning("word", "version", number)
        return read_line(line, self._names)

    def _obey(self, meant: LineMeaning) -> bool:
        """Do what a line means; False where it means to leave."""
        if meant.kind == "word" and meant.name == "q":
            return False
        try:
            if meant.kind == "word" and meant.name in _ANY_TIME:
                self._commands[meant.name](meant.rest)
            elif meant.kind == "alone":
                self._say([f"Nothing was done: {meant.name} stands alone on its line."])
            elif self._task is None and (self._session.elsewhere or self._session.job.reviews):
                self._look_again()
            elif self._task is None:
                self._say(["There is no task. u goes back to the answers, q leaves."])
            else:
                self._obey_on_task(meant)
        except Abandoned:
            return False
        except TuiAnnotateError as error:
            what = "Not done" if self._task is not None else "There is no next task"
            self._say([f"{what}: {error}"])
        return True

    def _look_again(self) -> None:
        """See whether others have given a task back, and what they still hold; in a review, whether
        anybody has answered since."""
        session = self._session
        self._go_to(lambda: session.follow() or session.look_again())

    def _obey_on_task(self, meant: LineMeaning) -> None:
        if meant.kind == "word" and meant.name in _DECISIONS:
            # A decision is on its way: what finished the task before, such as a choice of one
            # option, must not decide a second time.
            self._editing.editor.finished = False
            self._decide(_DECISIONS[meant.name], meant.name)
            return
        self._guard.other_action(time.monotonic())
        if meant.kind == "word":
            self._commands[meant.name](meant.rest)
        elif meant.kind == "span":
            self._editing.give(meant.name, meant.rest)
        elif meant.kind == "action":
            self._editing.act(meant.name)
        elif meant.kind == "unknown":
            hint = nearest(meant.name, self._names)
            if self._label_setting is not None:
                hint += f"new {meant.name} adds it to the labels. "
            unknown = f"I do not know {meant.name}. {hint}Write help for all commands."
            self._say([elsewhere(meant.name) or unknown])
        editor = self._task.editor if self._task is not None else None
        if editor is not None and editor.finished:
            self._decide("accept", "a")

    def _to_screen(self) -> None:
        reason = self._voice.no_screen()
        if reason:
            self._say([f"There can be no screen: {reason}."])
            return
        if self._task is not None:
            self._keep()
        self.to_screen = True

    # -- tasks ---------------------------------------------------------------------------------

    def _go_to(self, find: Callable[[], Item | None], *, first: Iterable[str] = ()) -> None:
        """Say what was done, look for the next task, and say that.

        Raises:
            Abandoned: Somebody leaves meanwhile.
        """
        self._say(first)
        session, waiting = self._session, here()
        try:
            with self._voice.watch("looking for the next task"):
                item = find()
                while item is None and session.looking:  # a recipe's own code is at work on it
                    waiting.check()
                    item = session.advance()
        except KeyboardInterrupt:
            self._task = None
            waiting.abandon()
            raise Abandoned("left while the next task was looked for") from None
        except BaseException:
            self._task = None  # it is settled, whatever comes of the looking
            raise
        self._take(item)

    def _take(self, item: Item | None, *, first: Iterable[str] = ()) -> None:
        self._say(first)
        before, self._task = self._task, None
        if item is None:
            counts = self._session.counts()
            ending = self._session.ending()
            said = about_source(self._session.job, counts, ending, comes="when you press enter")
            self._say(["", *said])
            known = counts._replace(to_go=None, to_go_about=None)  # that nothing is left is said
            self._say([phrases.count_line(known, self._session.job)])
            if counts.remarks:
                self._say([f"Remarks on rows that were asked: {counts.remarks:,}."])
            self._say(phrases.next_lines(self._session.job, counts))
            return
        job = self._session.job
        old = before.editor if before is not None else None
        text = old.whole_text if old is not None else None
        last = text.last_edit if text is not None else None
        editor, notes = open_task(item.task, job.view_id, job.config, last)
        if item.draft is not None:
            editor.restore(laid_over(item.task, item.draft.content), item.draft.state)
        if editor.whole_text is not None:
            self._lend(editor.whole_text)
        self._task = LineEditing(editor, self._say, self._ask, self._keep)
        self._voice.forget()
        self._say_task()
        self._say([*(safe_line(remark) for remark in item.remarks), *notes])
        self._shown_at = time.monotonic()
        self._guard.frame_written(self._shown_at)

    def _lend(self, editor: SpanEditor) -> None:
        session = self._session
        earlier = lambda: earlier_spans(session.opened, session.item, editor.text)  # noqa: E731
        memory = self._memory
        editor.lend(FaceFunctions(earlier=earlier, spread=memory.add, withdraw=memory.withdraw))
        editor.propose(self._memory.spans(editor.text))

    def _propose(self, text: str, label: str) -> None:
        propose(self._session.opened, text, label)

    def _decide(self, decision: Decision, key: str) -> None:
        editor, now = self._editing.editor, time.monotonic()
        if decision == "accept" and editor.objection:
            self._say([editor.objection])
            return
        view = TaskView(
            rows_below=editor.unseen,
            edited=editor.edited,
            short=editor.short,
        )
        verdict = self._guard.judge(decision, now, view, key=key)
        if not verdict.allowed:
            self._say([verdict.message])
            return
        timing = Timing(round((now - self._shown_at) * 1000), verdict.reading_ms, verdict.proof)
        meant = editor.decided(decision)
        try:
            done = self._session.decide(meant, editor.content(), timing)
        except TaskError as error:
            self._say([error.what])
            return
        said = editor.said(decision)
        first = [receipt(done.decision, done.summary), *([said] if said else [])]
        if done.remark:
            first.append(f"{done.remark}.")
        first += [line for line in done.lesson if line]
        self._go_to(self._session.advance, first=first)

    def _later(self) -> None:
        self._session.later(self._draft())
        self._go_to(self._session.advance, first=["Put off; it comes back at the end."])

    def _undo(self) -> None:
        if self._task is not None and self._task.editor.can("undo"):
            self._task.edit("undo")
        elif self._session.back(self._draft() if self._task is not None else None):
            self._take(self._session.item, first=["An earlier answer; it stands until you decide."])
        else:
            self._say(["There is no earlier answer."])

    def _redo(self) -> None:
        if self._editing.editor.can("redo"):
            self._editing.edit("redo")
        elif self._session.forward(self._draft()):
            self._go_to(lambda: self._session.item)
        else:
            self._say(["There is nothing to make again."])

    def _event(self, name: str) -> None:
        callbacks = self._session.callbacks
        if BY_ID["event"].refusal:
            self._say([f"Not done: {BY_ID['event'].refusal}."])
        elif name in callbacks.events:
            task = self._editing.editor.content()
            typed = {each: self._ask(f"{each}: ") for each in callbacks.asked_of_event(name, task)}
            self._say([callbacks.begin_event(name, task, typed).result()])
        else:
            known = ", ".join(callbacks.events)
            self._say([f"Which event? There are: {known}." if known else "There are no events."])

    @property
    def _label_setting(self) -> str | None:
        """Where a new label would belong; None where the job or the task allows none."""
        if self._task is None or not self._session.job.allows_new_labels:
            return None

        return label_setting(self._task.editor)

    def _new_label(self, name: str) -> None:
        setting = self._label_setting
        if setting is None:
            self._say(["This job allows no new labels, or none for this task."])
            return
        new = read_new_label(name, self._names)
        if new.objection:
            self._say([f"Nothing was added: {new.objection}."])
            return
        added = self._session.add_label(setting, new.name)
        self._editing.editor.take_labels(setting, added.offered)
        number = self._names.index(added.label) + 1
        self._say([f"{added.sentence}, number {number}."])

    # -- all answers ---------------------------------------------------------------------------

    def _look_up(self, question: Callable[[Lookups], Iterable[str]]) -> None:
        """Say what there is to say of all answers.

        Raises:
            Abandoned: Somebody leaves meanwhile.
        """
        if self._lookups is None:
            # Few sessions ask for it, and it is slow to load.
            from tui_annotate.plain.lookups import Lookups

            self._lookups = Lookups(self._session)
        with self._voice.watch("looking through your answers"):
            lines = list(question(self._lookups))
        self._say(lines)

    def _open(self, rest: str) -> None:
        from tui_annotate.session.answer_list import AnswerList  # most sessions open none

        number = number_of(rest)
        draft = self._draft() if self._task is not None else None
        if number is None or not AnswerList(self._session).open(number, draft):
            self._say(["There is no answer of yours with that number. answers lists them."])
            return
        self._take(self._session.item, first=["An earlier answer; it stands until you decide."])

    def _mend(self, rest: str) -> None:
        shown = self._session.item
        self._look_up(lambda found: found.mend(number_of(rest)))
        if self._session.item is not shown:
            self._take(self._session.item, first=["The answer at hand is as it was mended."])

    # -- saying --------------------------------------------------------------------------------

    def _draft(self) -> Draft:
        editor = self._editing.editor
        return Draft(editor.edits(), editor.state(), editor.edited)

    def _keep(self) -> None:
        self._session.keep_draft(self._draft())

    def _ask(self, question: str) -> str:
        return self._voice.read(question) or ""

    def _say_task(self) -> None:
        item = self._session.item
        if item is not None:
            self._say(phrases.head_lines(item, self._session.counts()))
            self._say(self._editing.task_lines())
            if self._session.job.reviews:
                self._say(self._version_lines(item))

    def _say_versions(self) -> None:
        item = self._session.item
        lines = self._version_lines(item) if item is not None else []
        self._say(lines or ["This task has no versions."])

    def _version_lines(self, item: Item) -> list[str]:
        job = self._session.job
        keys = find_view(job.view_id).written(job.config)
        lines = version_lines(item.task, blind=job.reviews_blind, keys=keys)
        return [*lines, *compared_lines(item.task, keys)]

    def _why(self) -> None:
        item, session = self._session.item, self._session
        if item is not None:
            source = session.opened.source.name
            self._say(phrases.why_lines(item, source, session.job))

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._voice.say(safe_line(line))
