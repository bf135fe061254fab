"""The base of every screen of ours: an app that a bad terminal cannot hurt."""

from __future__ import annotations

import asyncio
import re
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from rich.console import RenderableType
from textual.app import App
from textual.binding import Binding, BindingType
from textual.reactive import Reactive
from textual.screen import Screen

from tui_annotate.errors import TuiAnnotateError
from tui_annotate.text.safe import safe_line
from tui_annotate.tui.terminal import partial_updates
from tui_annotate.tui.terminal.crash import report_crash
from tui_annotate.tui.terminal.driver import harden, suspend
from tui_annotate.tui.terminal.signals import (
    Signals,
    TerminalState,
    has_shell,
    silence_dead_streams,
    terminal_gone,
)

HANGUP = 129
"""The exit code of a session whose terminal has gone: 128 + SIGHUP."""

KEPT_PRINTS = 2000
"""The newest pieces of what recipes print while the screen is up; `print` makes two a line."""

_COLOURS = re.compile(r"\x1b\[[\d;]*m")

LOOK_EVERY = 1.0
"""Seconds between two looks at the terminal."""


class TerminalApp(App[int], inherit_css=False):
    """An app that leaves in order on signals and hang-ups, repaints after `fg`, shows no locals.

    Subclasses override `leave_at_once` to store what is unsaved.
    """

    ENABLE_COMMAND_PALETTE = False
    # From the start: a theme that is set later has all style sheets parsed once more.
    theme: Reactive[str] = Reactive("ansi-dark")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "suspend_process", show=False, priority=True)
    ]

    def __init__(self, **arguments: Any) -> None:
        partial_updates.install()
        super().__init__(driver_class=harden(), **arguments)
        # Two widgets on every screen, with style sheets of their own, that nothing of ours shows.
        self._disable_notifications = self._disable_tooltips = True
        self._printed: deque[tuple[str, bool]] = deque(maxlen=KEPT_PRINTS)
        self.state = TerminalState()
        self.signals = Signals(self.leave_at_once, self.state)

    @property
    def failure(self) -> Exception | None:
        """The exception that ended the app, if one did."""
        return self._exception

    def leave_at_once(self, code: int) -> None:
        """Leave because of a signal or a lost terminal. Runs in the event loop, called once.

        Args:
            code: The exit code, 128 and the signal's number.
        """
        self.exit(return_code=code)

    def on_mount(self) -> None:
        """Begin to watch signals and the terminal; not where there is no terminal (tests)."""
        self.app_resume_signal.subscribe(self, lambda _: self._repaint_all())
        if not self.is_headless:
            self.signals.install(asyncio.get_running_loop())
            self.set_interval(LOOK_EVERY, self._look, name="terminal")

    def _look(self) -> None:
        if terminal_gone():
            self.signals.end(HANGUP)

    def _repaint_all(self) -> None:
        """Send everything again: the terminal has been somebody else's meanwhile."""
        self.refresh(layout=True)

    def action_suspend_process(self) -> None:
        """Stop as every terminal program does; the shell's `fg` brings it back."""
        if not self.is_headless:
            if not has_shell():
                self.cannot_suspend()
                return
            self._suspend_signal()
            suspend()

    def cannot_suspend(self) -> None:
        """Say that there is no shell to go back to, as in `ssh -t host tui-annotate`."""

    def open_screen(self, screen: Screen[Any], chosen: Callable[[Any], None] | None = None) -> None:
        """Show another screen over this one.

        Args:
            screen: The screen.
            chosen: Called with what it is dismissed with.
        """
        self.push_screen(screen, chosen)

    def _print(self, text: str, stderr: bool = False) -> None:
        """Keep what a recipe prints until the screen is given back."""
        self._printed.append((text, stderr))

    def say_printed(self) -> None:
        """Print what was printed while the screen was up."""
        for stream, wanted in ((sys.stdout, False), (sys.stderr, True)):
            text = "".join(text for text, stderr in self._printed if stderr is wanted)
            for line in _COLOURS.sub("", text).splitlines():
                with suppress(OSError, ValueError):  # nobody is there to read it
                    stream.write(f"{safe_line(line)}\n")
        self._printed.clear()

    def panic(self, *renderables: RenderableType) -> None:  # noqa: ARG002
        """End the app. What Textual would print holds the user's text, so it is not kept."""
        self._return_code = 1
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        self.panic()


def run(app: TerminalApp, *, crash_folder: Path | None = None) -> int:
    """Run an app until it ends and leave the terminal as it was found.

    Args:
        app: What to run.
        crash_folder: Where the file about an internal error goes, if not the usual place.

    Returns:
        The exit code: the app's own, 128 + number after a signal, 1 after an internal error,
        which has been reported on standard error in one line.

    Raises:
        TuiAnnotateError: One that nothing in the app has caught; the terminal is in order.
    """
    failure: BaseException | None = None
    try:
        app.run(mouse=False)
    except (Exception, KeyboardInterrupt, asyncio.CancelledError) as error:
        failure = error
    finally:
        app.signals.remove()
    drawn = failure is not None
    failure = failure or app.failure
    app.state.restore(drawn=drawn)
    silence_dead_streams()
    app.say_printed()
    if app.signals.code is not None:
        return app.signals.code
    if isinstance(failure, TuiAnnotateError):
        raise failure
    if failure is not None:
        print(report_crash(failure, crash_folder), file=sys.stderr)  # noqa: T201
        return failure_code(failure)
    return app.return_code or 0


def failure_code(failure: BaseException) -> int:
    """Return the exit code for an exception that nobody has caught."""
    return 130 if isinstance(failure, KeyboardInterrupt) else 1
