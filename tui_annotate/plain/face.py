"""The plain face: a task is printed, a line is read, what happened is said in appended lines.

It draws nothing, moves no cursor and uses no colour, so that screen readers, braille lines, dumb
terminals and scripts get exactly what is said. What is begun is durable after every line.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tui_annotate.commands.guards import Guard, TaskView, receipt
from tui_annotate.commands.table import BY_ID
from tui_annotate.editors.registry import open_editor
from tui_annotate.editors.spans import SpanEditor
from tui_annotate.errors import TaskError, TuiAnnotateError
from tui_annotate.plain import spoken
from tui_annotate.plain.grammar import Meant, find_label, nearest, places, read_line
from tui_annotate.plain.hands import Hands
from tui_annotate.session.records import Draft, Item, Timing
from tui_annotate.session.session import Session
from tui_annotate.task.schema import Decision
from tui_annotate.text.safe import safe_line

_DECISIONS: dict[str, Decision] = {"a": "accept", "x": "reject", "i": "ignore"}


@dataclass(frozen=True, slots=True)
class Voice:
    """The way in and out.

    Attributes:
        say: Prints one line; it is safe to be printed.
        read: Prints a prompt and returns the line that was typed, None at the end of the input.
        forget: Throws away what was typed ahead of a task that nobody had heard yet.
    """

    say: Callable[[str], None]
    read: Callable[[str], str | None]
    forget: Callable[[], None] = lambda: None


class PlainFace:
    """One annotator at work on an open session.

    Args:
        session: The session; `run` closes it.
        voice: The way in and out.
    """

    def __init__(self, session: Session, voice: Voice) -> None:
        self._session = session
        self._voice = voice
        self._guard = Guard("none")
        self._hands: Hands | None = None
        self._shown_at = 0.0
        self._commands: dict[str, Callable[[str], None]] = {
            "later": lambda _: self._later(),
            "u": lambda _: self._undo(),
            "redo": lambda _: self._redo(),
            "label": self._label,
            "list": lambda _: self._list(),
            "del": self._delete,
            "text": lambda _: self._say_task(),
            "labels": lambda _: self._say(spoken.label_lines(session.job)),
            "flag": lambda _: self._edit("flag"),
            "comment": lambda rest: self._edit("comment", rest),
            "why": lambda _: self._why(),
            "count": lambda _: self._say([spoken.count_line(session.counts())]),
            "help": lambda _: self._say(spoken.help_lines(session.job.labels)),
        }

    def run(self) -> int:
        """Answer lines until the annotator leaves; return how many answers stand."""
        session = self._session
        try:
            self._say(["Write help for all commands, q to leave."])
            opening = session.opening_sentence()
            self._take(session.start(), first=[opening] if opening else [])
            while True:
                line = self._voice.read("> ")
                if line is None or not self._obey(read_line(line, session.job.labels)):
                    break
            return session.counts().done
        finally:
            session.close()

    @property
    def _editor(self) -> SpanEditor:
        assert self._hands is not None
        return self._hands.editor

    def _obey(self, meant: Meant) -> bool:
        """Do what a line means; False where it means to leave."""
        if meant.kind == "word" and meant.name == "q":
            return False
        try:
            if meant.kind == "word" and meant.name in ("help", "count", "labels", "u"):
                self._commands[meant.name](meant.rest)
            elif self._hands is None:
                self._say(["There is no task. u goes back to the answers, q leaves."])
            else:
                self._obey_on_task(meant)
        except TuiAnnotateError as error:
            self._say([f"Not done: {error}"])
        return True

    def _obey_on_task(self, meant: Meant) -> None:
        if meant.kind == "word" and meant.name in _DECISIONS:
            self._decide(_DECISIONS[meant.name], meant.name)
            return
        self._guard.other_action(time.monotonic())
        if meant.kind == "word":
            self._commands[meant.name](meant.rest)
        elif meant.kind == "span":
            self._span(meant.name, meant.rest)
        elif meant.kind == "action":
            self._act(meant.name)
        elif meant.kind == "unknown":
            hint = nearest(meant.name, self._session.job.labels)
            self._say([f"I do not know {meant.name}. {hint}Write help for all commands."])

    # -- tasks ---------------------------------------------------------------------------------

    def _take(self, item: Item | None, *, first: Iterable[str] = ()) -> None:
        self._say(first)
        self._hands = None
        if item is None:
            counts = self._session.counts()
            self._say(["", "All done." if counts.done else "There is nothing to do here."])
            self._say([spoken.count_line(counts)])
            return
        job = self._session.job
        editor, notes = open_editor(job.view_id, item.task, job.labels, job.config)
        if item.draft is not None:
            editor.restore({**item.task, **item.draft.content}, item.draft.state)
        self._hands = Hands(editor)
        self._voice.forget()
        self._say_task()
        self._say(notes)
        self._shown_at = time.monotonic()
        self._guard.frame_written(self._shown_at)

    def _decide(self, decision: Decision, key: str) -> None:
        editor, now = self._editor, time.monotonic()
        verdict = self._guard.decide(decision, now, TaskView(edited=editor.edited), key=key)
        if not verdict.allowed:
            self._say([verdict.message])
            return
        timing = Timing(round((now - self._shown_at) * 1000), verdict.reading_ms, verdict.proof)
        try:
            done = self._session.decide(decision, editor.content(), timing)
        except TaskError as error:
            self._say([error.what])
            return
        self._take(self._session.advance(), first=[receipt(done.decision, done.summary)])

    def _later(self) -> None:
        self._session.later(self._draft())
        self._take(self._session.advance(), first=["Put off; it comes back at the end."])

    def _undo(self) -> None:
        if self._hands is not None and self._editor.can("undo"):
            self._edit("undo")
        elif self._session.back(self._draft() if self._hands is not None else None):
            self._take(self._session.item, first=["An earlier answer; it stands until you decide."])
        else:
            self._say(["There is no earlier answer."])

    def _redo(self) -> None:
        if self._editor.can("redo"):
            self._edit("redo")
        elif self._session.forward(self._draft()):
            self._take(self._session.item)
        else:
            self._say(["There is nothing to make again."])

    # -- spans ---------------------------------------------------------------------------------

    def _label(self, rest: str) -> None:
        name, _, words = rest.partition(" ")
        label = find_label(name, self._session.job.labels)
        if label is None:
            self._say([f"There is no label {name}. Write labels to hear them."])
        else:
            self._span(label, words.strip())

    def _span(self, label: str, words: str) -> None:
        if not words:
            self._say([f"Which words are {label}? Write {label.lower()} and the words."])
            return
        text = self._editor.text
        found = places(text, words)
        if not found:
            self._say([f"{words} is not in the text."])
            return
        chosen = self._choose(words, found) if len(found) > 1 else found
        for start, end in chosen:
            message = self._hands.label(start, end, label) if self._hands else ""
            if message:
                self._say([message])
        if chosen:
            self._keep()
            self._list()

    def _choose(self, words: str, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
        self._say([f"{words} is there {len(found)} times:"])
        self._say(spoken.place_lines(self._editor.text, found))
        answer = (self._voice.read("Which? A number, all, or nothing: ") or "").strip().lower()
        if answer == "all":
            return found
        if answer.isascii() and answer.isdigit() and 0 < int(answer) <= len(found):
            return [found[int(answer) - 1]]
        self._say(["No span was made."])
        return []

    def _delete(self, rest: str) -> None:
        spans = self._editor.spans
        if not (rest.isascii() and rest.isdigit() and 0 < int(rest) <= len(spans)):
            self._say(["Which span? Write del and its number."])
        elif self._hands is not None:
            self._hands.delete(spans[int(rest) - 1])
            self._keep()
        self._list()

    def _act(self, action: str) -> None:
        entry = BY_ID[action]
        for name in entry.stands_for or (action,):
            step = BY_ID[name]
            argument = 1 if name in ("page_up", "page_down") else step.argument
            self._edit(step.name, argument, quiet=True)
        start, end = self._editor.cursor_range
        self._say([f"At {self._editor.text[start:end]}"])

    def _edit(
        self, command: str, argument: int | str | None = None, *, quiet: bool = False
    ) -> None:
        assert self._hands is not None
        change = self._editor.apply(command, argument, self._hands.rows)
        if change.message:
            self._say([change.message])
        if change.edited:
            self._keep()
        if quiet and not change.edited:
            return
        if command in ("flag", "comment"):
            flag = "Flagged" if self._editor.flagged else "No flag"
            self._say([f"{flag}. Comment: {self._editor.comment or 'none'}."])
        else:
            self._list()

    # -- saying --------------------------------------------------------------------------------

    def _draft(self) -> Draft:
        return Draft(self._editor.edits(), self._editor.state(), self._editor.edited)

    def _keep(self) -> None:
        self._session.keep_draft(self._draft())

    def _list(self) -> None:
        self._say(spoken.span_lines(self._editor.text, self._editor.spans))

    def _say_task(self) -> None:
        item, editor = self._session.item, self._editor
        if item is not None:
            self._say(spoken.task_lines(item, editor.text, editor.spans, self._session.counts()))

    def _why(self) -> None:
        item, session = self._session.item, self._session
        if item is not None:
            source = session.opened.source.name
            self._say(spoken.why_lines(item, source, session.job))

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._voice.say(safe_line(line))
