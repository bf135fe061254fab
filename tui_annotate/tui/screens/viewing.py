"""How the task is shown: lanes, margin or list; blanks; themes. Choices are remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from tui_annotate.tui.theme import NAMES, theme
from tui_annotate.tui.widgets.span_list import SpanList
from tui_annotate.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from tui_annotate.tui.app import Surroundings
    from tui_annotate.tui.screens.chrome import Chrome
    from tui_annotate.tui.screens.task import TaskScreen

MODES = ("lanes", "compact", "list")
_SAID = {
    "lanes": "labels stand below the text",
    "compact": "labels stand in the margin",
    "list": "spans are listed below the text",
}
_ON_OFF = ("hidden", "shown")


def text_view(labels: Sequence[str], surroundings: Surroundings) -> TextView:
    """Return the view of a task's text, drawn as the terminal can draw it."""
    return TextView(
        surroundings.theme,
        labels,
        ascii_only=surroundings.ascii_only,
        ambiguous_wide=surroundings.ambiguous_wide,
        id="text",
    )


class Viewing:
    """Carries out what changes the look of a task.

    Args:
        screen: Where it is shown.
        surroundings: The theme at the start, and the choices of earlier sessions.
        text, spans: The widgets.
        chrome: The lines around them.
    """

    def __init__(
        self,
        screen: TaskScreen,
        surroundings: Surroundings,
        text: TextView,
        spans: SpanList,
        chrome: Chrome,
    ) -> None:
        self._screen = screen
        self._around = surroundings
        self._text = text
        self._spans = spans
        self._chrome = chrome
        self._theme = surroundings.theme.name
        self.actions: Mapping[str, Callable[[], None]] = {
            "view_mode": self._next_mode,
            "blanks": self._toggle_blanks,
            "theme": self._next_theme,
        }

    def begin(self) -> None:
        """Show everything as it was chosen before."""
        chosen = self._around.preferences.get("view", MODES)
        if chosen is not None:
            self._show(chosen)
        if self._around.preferences.get("blanks", _ON_OFF) == "shown":
            self._text.set_blanks(True)

    def _next_mode(self) -> None:
        now = "list" if self._spans.display else "compact" if self._text.compact else "lanes"
        mode = MODES[(MODES.index(now) + 1) % len(MODES)]
        self._show(mode)
        self._around.preferences.set("view", mode)
        self._screen.say(f"{mode}: {_SAID[mode]}")

    def _show(self, mode: str) -> None:
        self._spans.display = mode == "list"
        self._text.set_mode("lanes" if mode == "lanes" else "compact")
        self._spans.changed()

    def _toggle_blanks(self) -> None:
        shown = not self._text.show_blanks
        self._text.set_blanks(shown)
        self._around.preferences.set("blanks", _ON_OFF[shown])
        self._screen.say(f"blanks and line breaks are {_ON_OFF[shown]}")

    def _next_theme(self) -> None:
        name = NAMES[(NAMES.index(self._theme) + 1) % len(NAMES)]
        look = theme(name, colors=self._around.colors)
        self._theme = name
        for part in (self._text, self._spans, self._chrome):
            part.set_theme(look)
        self._around.preferences.set("theme", name)
        note = "" if look.name == name else ", in monochrome: this terminal has no colours"
        self._screen.say(f"theme {name}{note}")
