"""Runs the application once and says how it ended. Loads Textual."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from textual.constants import COLOR_SYSTEM

from tui_annotate.commands.guards import Link
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.preferences import Preferences
from tui_annotate.errors import StoreMoved, TuiAnnotateError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Job
from tui_annotate.session.face_switch import FaceSwitch
from tui_annotate.tui.app import AnnotateApp
from tui_annotate.tui.environment import Environment
from tui_annotate.tui.session_client import Worker
from tui_annotate.tui.terminal.app import run
from tui_annotate.tui.terminal.crash import report_crash
from tui_annotate.tui.terminal.query import answers, knows_strings, terminal_name
from tui_annotate.tui.terminal.startup import STDERR, STDIN, Prepared
from tui_annotate.tui.theme import NAMES, color_count, theme_for, theme_of

if TYPE_CHECKING:
    from tui_annotate.commands.lock import Lock
    from tui_annotate.tui.terminal.graphics import Graphics
    from tui_annotate.watchdog import Watchdog


class Outcome(NamedTuple):
    """How the application ended.

    Attributes:
        code: The exit code.
        saved: How many answers of the session stand; None where it never opened.
        error: What went wrong, in one line, where something did.
        to_plain: The session is still open: the annotator goes on without a screen.
    """

    code: int
    saved: int | None
    error: str | None
    to_plain: bool = False


def run_screen(
    handover: FaceSwitch,
    *,
    worker: Worker,
    prepared: Prepared,
    keymap: Keymap | None = None,
    look: str | None = None,
    lock: Lock | None = None,
    watchdog: Watchdog | None = None,
) -> Outcome:
    """Open the screen on a job, wait until the annotator leaves, give the terminal back.

    Args:
        handover: What is annotated, and by whom.
        worker: The thread that owns the session, where that may be open by now.
        prepared: What `terminal.prepare` found.
        keymap: Which key does what, where not the default.
        look: The theme; the one used last if not given.
        lock: When the screen is locked, and what opens it.
        watchdog: Ends the program where code of a recipe keeps signals from being heard.

    Raises:
        ConfigError: There is no such theme.
    """
    taken = False
    try:
        around = _surroundings(handover.job, prepared, handover.annotator, keymap, look)
        around = around._replace(lock=lock)
        app = AnnotateApp(handover.job, handover.open, around, worker)
        app.signals.watchdog = watchdog
        handover.tell(app.waiting)
        try:
            code = run(app)
        finally:
            taken = app.client.taken
            prepared.release()
    finally:
        if not taken:  # the screen has not come as far
            worker.close()
            handover.close()
    return _outcome(app, code)


def _surroundings(
    job: Job, prepared: Prepared, annotator: str, keymap: Keymap | None, look: str | None
) -> Environment:
    link: Link = "multiplexer" if prepared.multiplexer else "terminal"
    system = Console(force_terminal=True).color_system if COLOR_SYSTEM == "auto" else COLOR_SYSTEM
    preferences = Preferences(annotator)
    found = answers(STDIN, STDERR, os.environ)
    colors = 0 if prepared.no_color else color_count(system)
    chosen = preferences.get("theme", NAMES)
    return Environment(
        theme=theme_of(job, look or chosen or theme_for(found.ground), colors=colors),
        keymap=keymap or Keymap(),
        annotator=annotator,
        link=link,
        ascii_only=prepared.ascii_only or not found.utf8,
        drawing=found.drawing,
        terminal=terminal_name(os.environ),
        replies=found.replies,
        owed=found.owed,
        asks_ground=found.replies and not found.asked and knows_strings(os.environ),
        taught=preferences.get("taught") is not None,
        colors=colors,
        preferences=preferences,
        graphics=_graphics(prepared, system) if has_pictures(job) and colors else None,
    )


def has_pictures(job: Job) -> bool:
    """Tell whether a job's tasks have pictures, as far as its view and its loader say so."""
    blocks = job.config.get("blocks")
    views = [job.view_id]
    if isinstance(blocks, list):
        views += [str(each.get("view_id")) for each in blocks if isinstance(each, Mapping)]
    return "image" in views or any(each.source.identity == "own:pictures" for each in job.streams)


def _graphics(prepared: Prepared, system: str | None) -> Graphics | None:
    # Only jobs with pictures ask the terminal.
    from tui_annotate.tui.terminal.graphics import ask_graphics

    return ask_graphics(
        STDIN,
        STDERR,
        os.environ,
        multiplexer=prepared.multiplexer,
        truecolor=system == "truecolor",
    )


def _outcome(app: AnnotateApp, code: int) -> Outcome:
    error = app.error
    if error is None:
        return Outcome(code, app.saved, None, to_plain=app.handed_over)
    if isinstance(error, TuiAnnotateError):
        # Files that were taken away hold no answers under the name that the last line would give.
        saved = None if isinstance(error, StoreMoved) else app.saved
        return Outcome(code or error.exit_code, saved, f"tui-annotate: {error}")
    return Outcome(code or 1, app.saved, report_crash(error))
