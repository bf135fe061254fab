"""Screens that list answers: what a search finds, and what is worth a second look.

Both are read on the session's thread with a `Waiting` of their own, so that a long step says what
it is at and can be left without the session being left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.timer import Timer

from tui_annotate.agreement.answer_search import (
    FoundAnswers,
    Hit,
    MarkedForms,
    all_marked,
    find_hits,
    marked_line,
    snippet,
    wanted_for,
)
from tui_annotate.agreement.index_update import update_for
from tui_annotate.agreement.mending import ProposedMend, propose_mend
from tui_annotate.agreement.mistakes import KINDS, Finding, check_answers
from tui_annotate.commands.focus_help import FINDINGS, HITS, Topic
from tui_annotate.commands.list_keys import (
    FINDING_KEYS,
    HELP_KEYS,
    HIT_KEYS,
    ListKeys,
    marked_after,
)
from tui_annotate.errors import Abandoned, TuiAnnotateError
from tui_annotate.session.answer_list import AnswerList
from tui_annotate.session.session import Session
from tui_annotate.tui.prompts import Prompt
from tui_annotate.tui.screens.history import MOST_ROWS, Choice
from tui_annotate.tui.screens.listing import ListingScreen
from tui_annotate.tui.text_prompts import TextPrompt
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.folded_line import LinePiece, StatusLine
from tui_annotate.tui.widgets.status_lines import key_pieces
from tui_annotate.waiting import LONG, Waiting

if TYPE_CHECKING:
    from tui_annotate.task.schema import Task
    from tui_annotate.tui.session_client import SessionClient

_T = TypeVar("_T")

_MOST_HITS = 500
"""Answers of one search that are listed; who looks through more narrows the search down."""
_EVERY = 0.25
"""Seconds between two looks at how far a step is."""


class AnswerLookup(ListingScreen[Choice | None]):
    """A list with a mark, under a title and over a line that says the keys.

    Dismissed with the answer to open, or None.

    Args:
        client: The session.
        theme: How everything looks.
    """

    def __init__(self, client: SessionClient, theme: Theme) -> None:
        super().__init__(theme)
        self._client = client
        self._top = 0
        self._width = 80
        self._waiting: Waiting | None = None
        self._timer: Timer | None = None
        self._is_long = False
        self._said = ""
        self._title = StatusLine(id="title")
        self._rows = [StatusLine() for _ in range(MOST_ROWS)]
        self._bar = StatusLine(id="bar")

    # What a list has of its own.

    def lines(self) -> Sequence[str]:
        """Return the rows of the list, safe for a terminal."""
        raise NotImplementedError

    def heading(self) -> str:
        """Return what stands above the list."""
        raise NotImplementedError

    list_keys: ListKeys
    topic: Topic

    def no_use(self) -> Sequence[str]:
        """Return the actions of the keys that can do nothing now."""
        return ()

    def carry_out(self, action: str) -> None:
        """Carry out what a key does that neither moves nor leaves."""
        raise NotImplementedError

    def back(self) -> bool:
        """Go back a step within the list; False where there is none, so that it is left."""
        return False

    # What they share.

    def compose(self) -> ComposeResult:
        """Show the title over the list over the keys."""
        yield self._title
        yield from self._rows
        yield self._bar

    def on_resize(self, event: events.Resize) -> None:
        """Show as many rows as there are."""
        self._width = self.arrange_list(event.size, self._title, self._rows)
        self.paint()

    def _key(self, event: events.Key) -> None:
        """Give a key to what takes keys now: a prompt, a search that runs, or the list."""
        if self._prompt is not None:
            self._answer_prompt(self._prompt, event)
            is_left = False
        elif event.key in HELP_KEYS:
            self.show_help(self.topic)
            is_left = False
        elif self._waiting is not None:
            is_left = event.key in ("q", "escape")
            if is_left:
                self._waiting.abandon()
        else:
            is_left = self._take_in_list(event.key)
        if is_left:
            self.dismiss(None)
        else:
            self.paint()

    def _answer_prompt(self, prompt: Prompt, event: events.Key) -> None:
        if prompt.asks_help(event.key):
            self.show_help(prompt.topic)
            return
        self._prompt = None  # what enter does may ask for something else
        if not prompt.key(event.key, event.character):
            self._prompt = prompt

    def _take_in_list(self, key: str) -> bool:
        """Move the mark or carry a key out; True where it leaves the list."""
        marked = self._marked_after(key)
        if marked is not None:
            self._said, self._marked = "", marked
            return False
        if key == "q":
            return True
        if key == "escape":
            return not self.back()
        self._said = ""
        self.carry_out(self.list_keys.action(key))
        return False

    def _marked_after(self, key: str) -> int | None:
        page, last = max(1, self._height - 1), max(0, len(self.lines()) - 1)
        return marked_after(self.list_keys.action(key), self._marked, last, page)

    def begin(self) -> None:
        """Mark the first row again: the list is another one."""
        self._marked = self._top = 0

    def ask(self, prompt: Prompt) -> None:
        """Let a prompt take the keys."""
        self._prompt = prompt

    def say(self, text: str) -> None:
        """Say something in place of the keys until the next one."""
        self._said = text

    def look_up(self, step: Callable[[Session, Waiting], _T], done: Callable[[_T], None]) -> None:
        """Do something on the session's thread and go on with what comes of it.

        Args:
            step: What is done; it tells its `Waiting` how far it is.
            done: Takes the outcome; it is not called where somebody has left, or where it failed,
                which is said.
        """
        self._end()
        self._waiting = Waiting()
        self._timer = self.set_timer(LONG, self._tick)
        self.run_worker(self._looked(self._waiting, step, done))

    async def _looked(
        self,
        waiting: Waiting,
        step: Callable[[Session, Waiting], _T],
        done: Callable[[_T], None],
    ) -> None:
        try:
            found = await self._client.look_up(lambda session: step(session, waiting))
        except Abandoned:
            return
        except TuiAnnotateError as error:
            self._end(waiting)
            self.say(str(error))
        else:
            self._end(waiting)
            done(found)
        self.paint()

    def _tick(self) -> None:
        self._is_long = True
        self._timer = self.set_timer(_EVERY, self._tick)
        self.paint()

    def _end(self, waiting: Waiting | None = None) -> None:
        """Note that a step has ended; with one given only if no other one was begun meanwhile."""
        if waiting is not None and waiting is not self._waiting:
            return
        self._waiting, self._is_long = None, False
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    @property
    def _height(self) -> int:
        return max(1, sum(row.display for row in self._rows))

    def paint(self) -> None:
        """Show what there is; only cells that differ are sent."""
        lines = self.lines()
        self._top = min(self._top, self._marked)
        self._top = max(self._top, self._marked - self._height + 1)
        title = self.heading()
        if self._prompt is not None and self._is_long:
            title = self._sentence()  # the line for it is the one that is typed in
        self._title.show([LinePiece(title, self._style[Role.STRONG], 2)])
        for index, row in enumerate(self._rows[: self._height]):
            at = self._top + index
            if at >= len(lines):
                row.show(())
                continue
            is_marked = at == self._marked
            style = self._style[Role.FOCUS] if is_marked else self._style[Role.TEXT]
            row.show([LinePiece(f"{'>' if is_marked else ' '} {lines[at]}", style, 9)])
        self._bar.show(self._below())

    def _sentence(self) -> str:
        assert self._waiting is not None
        return self._waiting.sentence("looking through your answers")

    def _below(self) -> Sequence[LinePiece]:
        if self._prompt is not None:
            return self._prompt.pieces(self._style)
        if self._waiting is not None:
            return [LinePiece(f"{self._sentence()}   q leaves", self._style[Role.WARNING])]
        if self._said:
            return [LinePiece(self._said, self._style[Role.WARNING])]
        keys = self.list_keys.bar(max(1, self._width), without=self.no_use())
        return key_pieces(self._style, keys)


class SearchScreen(AnswerLookup):
    """Finds the session's answers by what stands in them, and lists what they mark.

    First it lists the texts that are marked, those with several labels first; `enter` shows where
    one is marked, and a further `enter` opens that answer.
    """

    def __init__(self, client: SessionClient, theme: Theme) -> None:
        super().__init__(client, theme)
        self._forms: list[MarkedForms] = []
        self._hits: list[Hit] | None = None
        self._head = ""
        self._flagged = False
        self._text = ""
        self._surface = False
        self._at = 0

    def on_mount(self) -> None:
        """Ask what is looked for, and list what is marked. It is asked at once: letters that come
        while the list is made would else be keys of the list."""
        self._ask()
        name = self._client.session.opened.session.name
        self.look_up(
            lambda session, waiting: update_for(
                session.opened.store,
                session.opened.dataset,
                waiting,
                lambda index: all_marked(index, wanted_for("", sessions=(name,))),
            ),
            self._list,
        )

    def _list(self, forms: list[MarkedForms]) -> None:
        self._forms = forms

    def _ask(self) -> None:
        self.ask(TextPrompt("find in your answers", "", self._search))

    def lines(self) -> Sequence[str]:
        """Return what is marked, or the answers that were found."""
        if self._hits is None:
            return [marked_line(each) for each in self._forms]
        room = max(20, self._width - 12)
        return [_hit_line(each, room) for each in self._hits]

    def heading(self) -> str:
        """Return what the list shows."""
        if self._hits is None:
            return f"what your answers mark: {len(self._forms):,}, several labels first"
        return self._head

    list_keys = HIT_KEYS
    topic = HITS

    def no_use(self) -> Sequence[str]:
        """Return what there is only in the other one of the two lists."""
        return ("open", "flagged", "list") if self._hits is None else ("where",)

    def carry_out(self, action: str) -> None:
        """Search, open, or narrow down."""
        if action == "find":
            self._ask()
        elif action == "flagged" and self._hits is not None:
            self._flagged = not self._flagged
            self._look()
        elif action == "open" and self._hits is None and self._forms:
            self._at = self._marked
            self._text, self._surface = self._forms[self._marked].form, True
            self._look()
        elif action == "open" and self._hits:
            self.dismiss(("open", self._hits[self._marked].stored.id))

    def back(self) -> bool:
        """Go from the answers to what is marked."""
        if self._hits is None:
            return False
        self._hits = None
        self._flagged = False
        self.begin()
        self._marked = min(self._at, max(0, len(self._forms) - 1))
        return True

    def _search(self, text: str) -> None:
        if text:
            self._text, self._surface = text, False
            self._look()

    def _look(self) -> None:
        text, surface, flagged = self._text, self._surface, self._flagged
        name = self._client.session.opened.session.name
        try:
            wanted = wanted_for(text, surface=surface, sessions=(name,), flagged=flagged)
        except ValueError as error:
            self.say(str(error))
            return

        def look(session: Session, waiting: Waiting) -> FoundAnswers:
            store, dataset = session.opened.store, session.opened.dataset
            return update_for(
                store,
                dataset,
                waiting,
                lambda index: find_hits(store, index, wanted, text, _MOST_HITS, waiting),
            )

        self.look_up(look, self._found)

    def _found(self, found: FoundAnswers) -> None:
        self._hits, more, forms = found
        count = f"{len(self._hits):,}{'+' if more else ''}"
        what = "answer" if len(self._hits) == 1 else "answers"
        told = marked_line(forms) if forms is not None else f'"{self._text}"'
        flagged = ", flagged" if self._flagged else ""
        self._head = f"{count} {what}{flagged}  {told}"
        self.begin()


class ChecksScreen(AnswerLookup):
    """Lists what is worth a second look in the session's answers; opens it, or mends it."""

    def __init__(self, client: SessionClient, theme: Theme) -> None:
        super().__init__(client, theme)
        self._findings: list[Finding] | None = None
        self._looked_at = 0
        self._before: tuple[int, Task] | None = None

    def on_mount(self) -> None:
        """Look at all answers."""
        self._check(0)

    def _check(self, marked: int) -> None:
        def check(session: Session, waiting: Waiting) -> tuple[list[Finding], int]:
            opened = session.opened
            checker = check_answers(opened.store, opened.dataset, opened.session, waiting)
            return checker.findings(), checker.answers

        def done(found: tuple[list[Finding], int]) -> None:
            self._findings, self._looked_at = found
            self.begin()
            self._marked = min(marked, max(0, len(self._findings) - 1))

        self.look_up(check, done)

    def lines(self) -> Sequence[str]:
        """Return a row for each finding."""
        return [f"{each.kind:<6}  {each.what}. {each.advice}." for each in self._findings or ()]

    def heading(self) -> str:
        """Return how much was found, and what kind the marked finding is of."""
        if self._findings is None:
            return "what is worth a second look"
        if not self._findings:
            return f"nothing is worth a second look in {self._looked_at:,} answers"
        kind = KINDS[self._findings[self._marked].kind]
        return f"{self._marked + 1:,} of {len(self._findings):,}  {kind}"

    list_keys = FINDING_KEYS
    topic = FINDINGS

    def no_use(self) -> Sequence[str]:
        """Return what there is nothing for yet."""
        return () if self._before is not None else ("undo",)

    def carry_out(self, action: str) -> None:
        """Open or mend the marked finding, or take the last mending back."""
        if action == "undo" and self._before is not None:
            self._amend(*self._before, "taken back", keep=False)
        elif not self._findings:
            return
        elif action == "open":
            self.dismiss(("open", self._findings[self._marked].answer))
        elif action == "mend":
            self._mend(self._findings[self._marked])

    def _mend(self, finding: Finding) -> None:
        def done(found: tuple[Task, ProposedMend | str] | None) -> None:
            if found is None:
                self.say("this answer is gone")
                return
            content, mended = found
            if isinstance(mended, str):
                self.say(mended)
                return
            self._before = (finding.answer, content)
            self._amend(finding.answer, mended.content, mended.what, keep=True)

        self.look_up(lambda session, _: propose_mend(session.opened.store, finding), done)

    def _amend(self, answer: int, content: Task, what: str, *, keep: bool) -> None:
        """Write an answer anew; the list is made again, because other findings may go with it."""

        def done(number: int | None) -> None:
            if number is None:
                self._before = None
                self.say("this answer stands no longer")
                return
            self._before = (number, self._before[1]) if keep and self._before else None
            self._check(self._marked)
            self.say(f"{what}{'; u takes it back' if keep else ''}")

        self.look_up(lambda session, _: AnswerList(session).amend(answer, content), done)


def _hit_line(hit: Hit, room: int) -> str:
    record = hit.stored.record
    flagged = "!" if record.flagged else " "
    return f"{record.answer or '':<6}{flagged} {snippet(hit, room)}"
