"""Who puts right-to-left text in order, the terminal or this program: asked once, by a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tui_annotate.tui.prompts import KeyPrompt
from tui_annotate.tui.task_widget import Views
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.folded_line import LinePiece, Pieces

if TYPE_CHECKING:
    from tui_annotate.tui.environment import Environment
    from tui_annotate.tui.screens.base import WorkScreen
    from tui_annotate.tui.screens.status_bar import Chrome

_EXAMPLE = "שלום"
_ANSWERS = ("program", "terminal")


class CalibrationPrompt(KeyPrompt):
    """Shows a word in the order of its letters and in the order of the screen.

    The words between keep a terminal that reorders from exchanging the two.

    Args:
        word: Written from right to left.
        answers: What the keys 1 and 2 do.
    """

    def __init__(self, word: str, answers: Mapping[str, Callable[[], None]]) -> None:
        super().__init__("", answers)
        self._word = word

    def pieces(self, theme: Theme) -> Pieces:
        """Return both, sent as they are."""
        from tui_annotate.text.visual_order import visual  # only right-to-left text

        ordered = "".join(drawn for drawn, _ in visual(self._word))
        strong, text = theme[Role.STRONG], theme[Role.TEXT]
        return [
            LinePiece("which reads right?", strong, 0),
            LinePiece("key 1 = ", strong, 1),
            LinePiece(self._word, text, 1, glue=True, as_is=True),
            LinePiece(" or key 2 = ", strong, 1, glue=True),
            LinePiece(ordered, text, 1, glue=True, as_is=True),
            LinePiece(" end", theme[Role.FAINT], 1, glue=True),
        ]


class Directions:
    """Remembers for each annotator and terminal which way round right-to-left text is sent.

    Args:
        screen: Where the task is shown.
        surroundings: The terminal, and the choices of earlier sessions.
        views: The widgets that show the task.
        chrome: The lines around them.
    """

    def __init__(
        self, screen: WorkScreen, surroundings: Environment, views: Views, chrome: Chrome
    ) -> None:
        self._screen = screen
        self._around = surroundings
        self._views = views
        self._chrome = chrome
        self._name = f"right-to-left on {surroundings.terminal}"
        self._asked = surroundings.link == "none"
        self._word = _EXAMPLE

    def begin(self) -> None:
        """Draw as was found right before."""
        chosen = self._around.preferences.get(self._name, _ANSWERS)
        if chosen is not None:
            self._asked = True
            self._draw(terminal=chosen == "terminal")

    def meet(self, text: str) -> None:
        """Ask at the first task with right-to-left text, where that is not known yet."""
        from tui_annotate.text.bidi import right_to_left_word  # only right-to-left text

        self._word = right_to_left_word(text) or _EXAMPLE
        if not self._asked:
            self.ask()

    def ask(self) -> None:
        """Ask which way round a word reads right."""
        self._asked = True
        keys = {"1": lambda: self._chosen(terminal=True), "2": lambda: self._chosen(terminal=False)}
        self._screen.ask(CalibrationPrompt(self._word, keys))

    def _chosen(self, *, terminal: bool) -> None:
        self._around.preferences.set(self._name, _ANSWERS[terminal])
        self._draw(terminal=terminal)
        if terminal:
            self._screen.say("this terminal orders the text: spans stand in brackets and in a list")
        else:
            self._screen.say("the text is put in order here: labels stand below it")

    def _draw(self, *, terminal: bool) -> None:
        app = self._screen.application
        app.drawing = app.drawing._replace(reorders=terminal)
        self._views.set_drawing()
        for line in self._chrome.lines:
            line.update_cells()
