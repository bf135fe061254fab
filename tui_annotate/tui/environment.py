"""What the screens work in: what was found out about the terminal, what the user has chosen, and
the application as they see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_annotate.commands.guards import Link
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.preferences import Preferences
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.width import USUAL, TerminalWidths
from tui_annotate.tui.terminal.app import TerminalApp
from tui_annotate.tui.theme import Theme

if TYPE_CHECKING:
    from tui_annotate.commands.lock import Lock
    from tui_annotate.tui.session_client import SessionClient
    from tui_annotate.tui.terminal.graphics import Graphics


class Environment(NamedTuple):
    """What was found out about the terminal and what the user has chosen.

    Attributes:
        theme: How everything looks.
        keymap: Which key does what.
        preferences: The annotator's choices of earlier sessions.
        annotator: Who annotates.
        link: Who answers queries: the terminal, a multiplexer, or nobody.
        ascii_only: Draw lanes in ASCII.
        drawing: How the terminal draws, as far as that is known at the start.
        terminal: Its name, as far as its environment gives it one.
        replies: It is known to answer queries.
        owed: Answers to earlier queries that may still come.
        asks_ground: The terminal is asked for its background in the course of the session, so that
            the next start knows it.
        taught: The annotator has given some answers by now: the bar need not say how to move.
        colors: How many colours the terminal has.
        graphics: How the terminal draws pictures; None where it does not, or is not needed.
        lock: When the screen is locked, and what opens it; None where it never is.
    """

    theme: Theme
    keymap: Keymap
    preferences: Preferences
    annotator: str = ""
    link: Link = "none"
    ascii_only: bool = False
    drawing: TerminalWidths = USUAL
    terminal: str = ""
    replies: bool = False
    owed: int = 0
    asks_ground: bool = False
    taught: bool = True
    colors: int = 16
    graphics: Graphics | None = None
    lock: Lock | None = None


class Application(TerminalApp, inherit_bindings=False):
    """What screens may ask of the application (`app.py`), which knows them.

    Attributes:
        surroundings: The terminal and the user's choices.
        client: The session, off the event loop.
        drawing: How the terminal draws.
        saved: How many answers of this session stand, for the last line; None before it opened.
    """

    surroundings: Environment
    client: SessionClient
    drawing: TerminalWidths
    saved: int | None

    @property
    def leaving(self) -> bool:
        """Whether the program is about to end; what fails from then on is no news."""
        raise NotImplementedError

    def come_back(self, seconds: float) -> None:
        """Go on where one was after the screen was locked for so many seconds."""
        raise NotImplementedError

    def leave(self) -> None:
        """End the program in order; what is begun has been stored."""
        raise NotImplementedError

    def hand_over(self) -> None:
        """End the screen but not the session: the plain face goes on with it."""
        raise NotImplementedError

    def fail(self, error: BaseException) -> None:
        """End the program because of an error, which the last line will name."""
        raise NotImplementedError

    def ask_ground(self) -> None:
        """Ask the terminal for its background, where that is of use for the next start."""
        raise NotImplementedError
