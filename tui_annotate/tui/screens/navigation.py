"""Going to places in the text, and to older answers: by the list, by number, and back to what is
not answered yet; and what an editor needs from the session for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from tui_annotate.commands.keymap import Keymap, KeyPress
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.editors.span.navigation import letters_without
from tui_annotate.editors.span.reshape import SpreadMemory
from tui_annotate.editors.span.state import LETTERS, FaceFunctions
from tui_annotate.session.context import propose
from tui_annotate.session.source_status import earlier_spans
from tui_annotate.session.types import Draft
from tui_annotate.tui.prompts import KeyPrompt
from tui_annotate.tui.session_client import SessionSnapshot

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui_annotate.session.answer_list import AnswerList
    from tui_annotate.session.session import Session
    from tui_annotate.tui.environment import Environment
    from tui_annotate.tui.screens.base import WorkScreen
    from tui_annotate.tui.screens.history import Choice


class Navigation:
    """Carries out what asks the annotator where to go, and lends editors the session's memory.

    Args:
        screen: Where the task is shown.
        keymap: Says which letters decide and are no hints.
    """

    def __init__(self, screen: WorkScreen, keymap: Keymap) -> None:
        self._screen = screen
        self._label_first = keymap.label_first
        deciding = (x for x in LETTERS if keymap.is_decision(KeyPress(x, x, x)))
        self._letters = letters_without(deciding)
        self._earlier: list[dict[str, Any]] | None = None
        self._lent = FaceFunctions(
            lambda: self._earlier,
            spread=lambda text, label: self._memory.add(text, label),
            withdraw=lambda text, label: self._memory.withdraw(text, label),
        )
        self.actions: dict[str, Callable[[], None]] = {
            **{action: partial(self._ask, action) for action in ("find", "search", "go")},
            "copy_earlier": self._copy,
        }

    def fit(self, editor: SpanEditor) -> None:
        """Fit a new task's editor to the keymap, and propose what was asked for before."""
        self._earlier = None
        editor.adapt(letters=self._letters, label_first=self._label_first)
        editor.lend(self._lent)
        asked_for = self._screen.client.session.opened.proposed
        editor.propose(self._memory.spans(editor.text) if asked_for else ())

    @property
    def _memory(self) -> SpreadMemory:
        """The strings that this session proposes; few sessions have any."""
        return SpreadMemory(self._screen.client.session.opened.proposed, self._propose)

    def _propose(self, text: str, label: str) -> None:
        client = self._screen.client
        self._screen.run_aside(client.look_up(lambda session: propose(session.opened, text, label)))

    def _ask(self, action: str) -> None:
        """Ask where to go, as an action does."""
        from tui_annotate.tui.point_prompts import POINT_PROMPTS  # only by a key that opens one

        prompt = POINT_PROMPTS[action](self._screen, self._letters)
        if prompt is not None:
            self._screen.ask(prompt)

    def _copy(self) -> None:
        self._screen.run_aside(self._copied())

    async def _copied(self) -> None:
        editor = self._screen.editor
        shown = editor.text_editor if editor is not None else None
        text = "" if shown is None else shown.text
        found = await self._screen.client.look_up(
            lambda session: earlier_spans(session.opened, session.item, text)
        )
        if editor is not None and editor is self._screen.editor:
            self._earlier = found
            self._screen.edit("copy_earlier", None)
            self._screen.refresh_lines()


_Step: TypeAlias = "Callable[[Session, Draft | None], bool]"


class PastActions:
    """Carries out the actions on answers that stand.

    Args:
        screen: Where the task is shown.
        surroundings: Has the keymap, which names keys in messages.
    """

    def __init__(self, screen: WorkScreen, surroundings: Environment) -> None:
        self._screen = screen
        self._keymap = surroundings.keymap
        self.actions: dict[str, Callable[[], None]] = {
            "older": lambda: self._screen.run_aside(self._listed(_history)),
            "find_answers": lambda: self._screen.run_aside(self._listed(_search)),
            "check_answers": lambda: self._screen.run_aside(self._listed(_checks)),
            "go_to": self._ask_number,
            "next_unanswered": self._next,
            "retract": self._ask_retract,
        }

    async def _listed(self, load: Callable[[], Callable[..., Screen[Choice | None]]]) -> None:
        """Open a list of answers over the task.

        It is there for the next key, however long the draft takes to be stored: what is typed into
        the list must not go to the task. On the session's thread the draft comes first.
        """
        opened = load()
        saving = asyncio.ensure_future(self._screen.client.save_begun())
        await asyncio.sleep(0)
        app = self._screen.application
        app.open_screen(opened(self._screen.client, app.surroundings.theme), self._chosen)
        await saving

    def _chosen(self, choice: Choice | None) -> None:
        if choice is None:
            self._screen.run_aside(self._refreshed())
            return
        what, number = choice
        if what == "open":
            self._go(
                lambda session, draft: _answer_list(session).open(number, draft), "", "it is gone"
            )
        elif what == "go":
            self._go_to(number)
        else:
            self._next()

    async def _refreshed(self) -> None:
        """The list may have taken back what was on the table."""
        screen = self._screen
        shown, at_hand = screen.item, screen.client.session.item
        answer = None if shown is None else shown.answer
        if answer is not None and (at_hand is None or at_hand.answer is None):
            table = await screen.client.reach(lambda _session, _draft: True)
            if table is not None:
                screen.show_task(table)
        screen.counted(await screen.client.look_up(lambda session: session.counts()))

    def _ask_number(self) -> None:
        from tui_annotate.tui.point_prompts import number_prompt  # only by the key that opens it

        self._screen.ask(number_prompt(self._go_to))

    def _go_to(self, number: int) -> None:
        self._go(
            lambda session, draft: _answer_list(session).go_to(number, draft),
            "",
            f"there is no task {number:,}",
        )

    def _next(self) -> None:
        self._go(
            lambda session, draft: _answer_list(session).next_unanswered(draft),
            "",
            "nothing is left",
        )

    def _ask_retract(self) -> None:
        item = self._screen.item
        if item is None or item.answer is None:
            undo, older = map(self._keymap.told, ("undo", "older"))
            self._screen.say(f"open an answer first, by {undo} or {older}")
            return
        answer_id = item.answer.id
        step: _Step = lambda session, _: _answer_list(session).retract(answer_id)  # noqa: E731
        message = "taken back; the task is asked again at the end"
        self._screen.ask(
            KeyPrompt(
                "d takes this answer back, any other key leaves it",
                {"d": lambda: self._go(step, message, "it is gone")},
            )
        )

    def _go(self, step: _Step, message: str, failed: str) -> None:
        self._screen.run_aside(self._gone(self._screen.client.reach(step), message, failed))

    async def _gone(
        self, reached: Awaitable[SessionSnapshot | None], message: str, failed: str
    ) -> None:
        table = await reached
        if table is None:
            self._screen.say(failed)
            return
        self._screen.show_task(table)
        if message:
            self._screen.say(message)


def _answer_list(session: Session) -> AnswerList:
    """Return the answers of a session; called on its thread."""
    from tui_annotate.session.answer_list import AnswerList  # most sessions open none

    return AnswerList(session)


def _history() -> type[Screen[Choice | None]]:
    from tui_annotate.tui.screens.history import HistoryScreen  # few sessions open it

    return HistoryScreen


def _search() -> type[Screen[Choice | None]]:
    from tui_annotate.tui.screens.answer_lookups import SearchScreen  # as above

    return SearchScreen


def _checks() -> type[Screen[Choice | None]]:
    from tui_annotate.tui.screens.answer_lookups import ChecksScreen  # as above

    return ChecksScreen
