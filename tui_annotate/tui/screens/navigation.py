"""Going to places, and what an editor needs from the session for it and for earlier answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tui_annotate.commands.keymap import Keymap, KeyPress
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.editors.span.points import LETTERS, letters_without
from tui_annotate.editors.span.spread_memory import SpreadMemory
from tui_annotate.editors.span.state import FaceFunctions
from tui_annotate.session.context import propose
from tui_annotate.session.source_status import earlier_spans
from tui_annotate.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from tui_annotate.tui.screens.task import TaskScreen


class Navigation:
    """Carries out what asks the annotator where to go, and lends editors the session's memory.

    Args:
        screen: Where the task is shown.
        keymap: Says which letters decide and are no hints.
    """

    def __init__(self, screen: TaskScreen, keymap: Keymap) -> None:
        self._screen = screen
        self._label_first = keymap.label_first
        deciding = (x for x in LETTERS if keymap.is_decision(KeyPress(x, x, x)))
        self._letters = letters_without(deciding)
        self._earlier: list[dict[str, Any]] | None = None
        self.actions: dict[str, Callable[[], None]] = {
            "find": self._find,
            "search": self._search,
            "go": self._go,
            "copy_earlier": self._copy,
        }

    def fit(self, editor: SpanEditor) -> None:
        """Fit a new task's editor to the keymap, and propose what was asked for before."""
        self._earlier = None
        memory = SpreadMemory(self._screen.client.session.opened.proposed, self._propose)
        editor.adapt(letters=self._letters, label_first=self._label_first)
        editor.lend(
            FaceFunctions(lambda: self._earlier, spread=memory.add, withdraw=memory.withdraw)
        )
        editor.propose(memory.spans(editor.text))

    def _propose(self, text: str, label: str) -> None:
        client = self._screen.client
        self._screen.run_aside(client.look_up(lambda session: propose(session.opened, text, label)))

    def _find(self) -> None:
        from tui_annotate.tui.point_prompts import FindPrompt  # only by the key that opens it

        self._screen.ask(FindPrompt(self._screen.edit, self._words))

    def _words(self, typed: str) -> list[str]:
        """Return the words that a jump by letters can go to."""
        editor = self._screen.editor
        text = editor.text_editor if editor is not None else None
        return [] if text is None else text.words_beginning(typed)

    def _search(self) -> None:
        from tui_annotate.tui.point_prompts import SearchPrompt  # only by the key that opens it

        editor = self._screen.editor
        text = editor.text_editor if editor is not None else None
        self._screen.ask(SearchPrompt(self._screen.edit, lambda: text is None or bool(text.marks)))

    def _go(self) -> None:
        from tui_annotate.tui.point_prompts import HintPrompt  # only by the key that opens it

        screen, editor = self._screen, self._screen.editor
        text = editor.text_editor if editor is not None else None
        if text is None:
            return
        if text is editor:
            view = screen.query_one("#text", TextView)
            rows, first = view.rows, view.rows.row_of(view.top_offset)
            last = min(first + view.page_rows, len(rows)) - 1
            screen.edit("go", (rows[first].start, rows[last].end))
        else:
            text.adapt(letters=self._letters, label_first=False)
            screen.edit("go", None)
        if text.hints:
            screen.ask(HintPrompt(screen.edit, lambda: bool(text.hints), text.hints_go_on))

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
