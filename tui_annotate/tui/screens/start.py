"""What is shown where no command is given: recent jobs, the demos, and a form for a new job."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from tui_annotate.commands.paths import complete_path
from tui_annotate.tui.paste_guard import PasteGuard
from tui_annotate.tui.prompts import KeyPrompt, LabelPrompt, Prompt, TextPrompt
from tui_annotate.tui.terminal.app import TerminalApp, run
from tui_annotate.tui.terminal.query import known_ground
from tui_annotate.tui.terminal.startup import Prepared
from tui_annotate.tui.theme import Role, Theme, theme, theme_for
from tui_annotate.tui.widgets.lines import LinePiece, StatusLine

_KEYS = "j k move  enter opens it  n a new job  q leaves"
_STEPS = {"j": 1, "down": 1, "k": -1, "up": -1}
_MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be opened.

    Attributes:
        name: What it is.
        about: How far it is, or what it is about.
        arguments: What stands behind `tui-annotate`.
        folder: Where it runs; the working folder where empty.
    """

    name: str
    about: str
    arguments: tuple[str, ...]
    folder: str = ""


class StartScreen(Screen[None], inherit_bindings=False):
    """Lists offers, and asks for what a new job needs.

    Args:
        offers: What can be opened.
        recipes: Recipes for a new job, and whether each has labels.
        style: How everything looks.
        done: Called with what was chosen.
    """

    CSS = """
    StartScreen { layout: vertical; overflow: hidden; background: ansi_default; }
    """

    def __init__(
        self,
        offers: Sequence[Offer],
        recipes: Mapping[str, bool],
        style: Theme,
        done: Callable[[Offer | None], None],
    ) -> None:
        super().__init__()
        self._offers = offers
        self._recipes = recipes
        self._style = style
        self._done = done
        self._marked = 0
        self._message = ""
        self._prompt: Prompt | None = None
        self._pasted = PasteGuard(self, typing=self._is_typing, key=self._key, paste=self._paste)
        self._title = StatusLine()
        self._rows = [StatusLine() for _ in range(min(_MOST_ROWS, len(offers) + 1))]
        self._bar = StatusLine()

    def compose(self) -> ComposeResult:
        """Show the offers between a title and the keys."""
        yield self._title
        yield from self._rows
        yield self._bar

    def on_resize(self, event: events.Resize) -> None:
        """Show as many rows as there are."""
        for index, row in enumerate(self._rows):
            row.display = index < event.size.height - 2
        self._paint()

    def on_key(self, event: events.Key) -> None:
        """Take every key."""
        event.stop()
        event.prevent_default()
        self._pasted.feed(event)

    def _is_typing(self, _event: events.Key) -> bool:
        return self._prompt is not None

    def _key(self, event: events.Key) -> None:
        self._message = ""
        if self._prompt is not None:
            asked = self._prompt
            if asked.key(event.key, event.character) and self._prompt is asked:
                self._prompt = None
        else:
            self._carry_out(event.key)
        self._paint()

    def say(self, text: str) -> None:
        """Show a sentence until the next key."""
        self._message = text
        self._paint()

    def on_paste(self, event: events.Paste) -> None:
        """Take pasted text into an open text prompt only."""
        event.stop()
        self._paste(event.text)

    def _paste(self, text: str) -> None:
        if self._prompt is not None:
            self._prompt.paste(text)
            self._paint()

    def _carry_out(self, key: str) -> None:
        last, page = len(self._offers), max(1, self.size.height - 3)
        steps = {**_STEPS, "pagedown": page, "pageup": -page, "home": -last, "end": last}
        if key in steps:
            self._marked = min(last, max(0, self._marked + steps[key]))
        elif key in ("q", "escape"):
            self._done(None)
        elif key == "n" or (key == "enter" and self._marked == last):
            self._ask_file("")
        elif key == "enter":
            self._done(self._offers[self._marked])

    # -- a new job -----------------------------------------------------------------------------

    def _ask_file(self, text: str) -> None:
        self._prompt = TextPrompt(
            "file with the texts (tab completes)", text, self._take_file, complete_path
        )

    def _take_file(self, text: str) -> None:
        path = Path(text).expanduser()
        local = not any(mark in text for mark in ":*?[")
        if not text or (local and not path.exists()):
            self._message = f"there is no file {text}" if text else "a file is needed"
            self._ask_file(text)
            return
        source = str(path) if local else text
        name = path.name.partition(".")[0] or "my_set"
        self._prompt = TextPrompt("dataset for the answers", name, self._with_dataset(source))

    def _with_dataset(self, source: str) -> Callable[[str], None]:
        def take(dataset: str) -> None:
            names = tuple(self._recipes)
            self._prompt = LabelPrompt(
                names, lambda recipe: self._take_recipe(recipe, dataset or "my_set", source),
                title="recipe",
                at_once=False,
            )  # fmt: skip

        return take

    def _take_recipe(self, recipe: str, dataset: str, source: str) -> None:
        start = (recipe, dataset, source)
        if self._recipes[recipe]:
            self._ask_labels(start)
        else:
            self._confirm(start)

    def _ask_labels(self, start: tuple[str, ...]) -> None:
        def take(labels: str) -> None:
            if labels:
                self._confirm((*start, "--label", labels))
            else:
                self._message = "labels are needed"
                self._ask_labels(start)

        self._prompt = TextPrompt("labels with commas, or a file with one a line", "", take)

    def _confirm(self, arguments: tuple[str, ...]) -> None:
        command = shlex.join(("tui-annotate", *arguments))
        offer = Offer(command, "", arguments)
        self._message = "enter runs this command, any other key leaves it"
        self._prompt = KeyPrompt(command, {"enter": lambda: self._done(offer)})

    # -- painting ------------------------------------------------------------------------------

    def _paint(self) -> None:
        style = self._style
        title = self._message or "tui-annotate: choose what to work on"
        role = Role.WARNING if self._message else Role.STRONG
        self._title.show([LinePiece(title, style[role])])
        height = max(1, self.size.height - 2)
        top = max(0, self._marked - height + 1)
        for index, row in enumerate(self._rows[:height]):
            row.show(self._pieces(top + index))
        prompt = self._prompt
        if prompt is None:
            self._bar.show([LinePiece(_KEYS, style[Role.FAINT])])
        else:
            self._bar.show(prompt.pieces_in(style, self.size.width))

    def _pieces(self, at: int) -> list[LinePiece]:
        if at > len(self._offers):
            return []
        here = at == self._marked
        name = self._style[Role.FOCUS if here else Role.TEXT]
        mark = ">" if here else " "
        if at == len(self._offers):
            return [LinePiece(f"{mark} a new job from a file of texts", name, 1)]
        offer = self._offers[at]
        return [
            LinePiece(f"{mark} ", name, 2),
            LinePiece(offer.name, name, 2, glue=True),
            LinePiece(offer.about, self._style[Role.FAINT], 1),
        ]


class _StartApp(TerminalApp, inherit_bindings=False):
    BINDINGS = TerminalApp.BINDINGS

    def __init__(self, offers: Sequence[Offer], recipes: Mapping[str, bool], style: Theme) -> None:
        super().__init__()
        self.chosen: Offer | None = None
        self._start = StartScreen(offers, recipes, style, self._choose)

    def get_default_screen(self) -> Screen[Any]:
        return self._start

    def cannot_suspend(self) -> None:
        self._start.say("there is no shell to go back to, so this goes on; q leaves")

    def _choose(self, offer: Offer | None) -> None:
        self.chosen = offer
        self.exit()


def run_start(
    offers: Sequence[Offer], recipes: Mapping[str, bool], prepared: Prepared, look: str | None
) -> tuple[int, Offer | None]:
    """Show the start screen; return the exit code and what was chosen, None for nothing.

    Args:
        offers: What can be opened.
        recipes: Recipes for a new job, and whether each has labels.
        prepared: What `terminal.prepare` found.
        look: The theme, where not the default.
    """
    colors = 0 if prepared.no_color else 256 if "256" in os.environ.get("TERM", "") else 16
    name = look or theme_for(known_ground(os.environ))
    app = _StartApp(offers, recipes, theme(name, colors=colors))
    try:
        return run(app), app.chosen
    finally:
        prepared.release()
