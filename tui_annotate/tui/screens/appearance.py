"""How the task is shown: lanes, margin or list; blanks; themes. Choices are remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tui_annotate.tui.beside import Mode
from tui_annotate.tui.theme import NAMES, theme_of
from tui_annotate.tui.views import Shown, Views

if TYPE_CHECKING:
    from tui_annotate.tui.app import AnnotateApp, Surroundings
    from tui_annotate.tui.screens.status_bar import Chrome
    from tui_annotate.tui.screens.task import TaskScreen

MODES: tuple[Shown, ...] = ("lanes", "compact", "list")
_SAID = {
    "lanes": "labels stand below the text",
    "compact": "labels stand in the margin, > before one within another",
    "list": "spans are listed below the text",
}
_SAID_OF_ARCS = {
    "lanes": "relations are arcs over the text, and listed below it",
    "compact": "relations are arcs over the text",
    "list": "relations are listed below the text",
}
_ON_OFF = ("hidden", "shown")
_PANELS: tuple[Mode, ...] = ("task", "guidelines", "off")
_BESIDE = {
    "task": "what belongs to the task stands beside it",
    "guidelines": "the guidelines stand beside the text",
    "off": "nothing stands beside the text",
}


class Viewing:
    """Carries out what changes the look of a task.

    Args:
        screen: Where it is shown.
        surroundings: The theme at the start, and the choices of earlier sessions.
        views: The widgets that show it.
        chrome: The lines around them.
    """

    def __init__(
        self,
        screen: TaskScreen,
        surroundings: Surroundings,
        views: Views,
        chrome: Chrome,
    ) -> None:
        self._screen = screen
        self._around = surroundings
        self._views = views
        self._chrome = chrome
        self._theme = surroundings.theme.name
        self.actions: Mapping[str, Callable[[], None]] = {
            "view_mode": self._next_mode,
            "blanks": self._toggle_blanks,
            "theme": self._next_theme,
            "panel": self._next_panel,
        }

    def begin(self) -> None:
        """Show everything as it was chosen before."""
        chosen = self._around.preferences.get("view", MODES)
        if chosen is not None:
            self._views.set_mode(MODES[MODES.index(chosen)])
        beside = self._around.preferences.get("panel", _PANELS)
        if beside is not None:
            self._views.beside.mode = _PANELS[_PANELS.index(beside)]
        if self._around.preferences.get("blanks", _ON_OFF) == "shown":
            self._views.text.set_blanks(True)

    def _next_mode(self) -> None:
        views = self._views
        mode = MODES[(MODES.index(views.mode) + 1) % len(MODES)]
        views.set_mode(mode)
        self._around.preferences.set("view", mode)
        said = _SAID_OF_ARCS if views.has_arcs else _SAID
        self._screen.say(f"{mode}: {said[mode]}")

    def _next_panel(self) -> None:
        beside = self._views.beside
        modes = beside.modes
        mode = modes[(modes.index(beside.shown) + 1) % len(modes)]
        beside.mode = mode
        self._around.preferences.set("panel", mode)
        self._screen.place_all(*self._screen.app.size)
        self._screen.say(_BESIDE[mode])

    def _toggle_blanks(self) -> None:
        shown = not self._views.text.show_blanks
        self._views.text.set_blanks(shown)
        self._around.preferences.set("blanks", _ON_OFF[shown])
        self._screen.say(f"blanks and line breaks are {_ON_OFF[shown]}")

    def _next_theme(self) -> None:
        name = NAMES[(NAMES.index(self._theme) + 1) % len(NAMES)]
        look = theme_of(self._screen.job, name, colors=self._around.colors)
        self._theme = name
        self._views.set_theme(look)
        self._chrome.set_theme(look)
        app: AnnotateApp = self._screen.app  # type: ignore[assignment]
        # Screens that are opened from now on, such as the menu, look the same.
        app.surroundings = app.surroundings._replace(theme=look)
        self._around.preferences.set("theme", name)
        note = "" if look.name == name else ", in monochrome: this terminal has no colours"
        self._screen.say(f"theme {name}{note}")
