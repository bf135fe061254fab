"""Runs the application once and says how it ended. Loads Textual."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual.constants import COLOR_SYSTEM

from tui_annotate.commands.guards import Link
from tui_annotate.commands.keymap import Keymap
from tui_annotate.errors import TuiAnnotateError
from tui_annotate.job import Job
from tui_annotate.session.opening import Reading, open_session
from tui_annotate.session.session import Session
from tui_annotate.store.database import open_store
from tui_annotate.store.gate import Wait
from tui_annotate.tui.app import AnnotateApp, Surroundings
from tui_annotate.tui.terminal import Prepared
from tui_annotate.tui.terminal_app import run
from tui_annotate.tui.terminal_crash import report_crash
from tui_annotate.tui.theme import color_count, theme


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the application ended.

    Attributes:
        code: The exit code.
        saved: How many answers of the session stand; None where it never opened.
        error: What went wrong, in one line, where something did.
    """

    code: int
    saved: int | None
    error: str | None


def run_screen(
    job: Job,
    store: Path,
    annotator: str,
    *,
    reading: Reading,
    prepared: Prepared,
    keymap: Keymap | None = None,
) -> Outcome:
    """Open the screen on a job, wait until the annotator leaves, give the terminal back.

    Args:
        job: What is annotated.
        store: The database.
        annotator: Who annotates.
        reading: How the source is read.
        prepared: What `terminal.prepare` found.
        keymap: Which key does what, where not the default.
    """

    def open_it(wait: Wait) -> Session:
        opened = open_session(
            open_store(store, wait=wait), job, annotator, reading=reading, wait=wait
        )
        return Session(opened, wait=wait)

    app = AnnotateApp(job, open_it, _surroundings(prepared, annotator, keymap))
    try:
        code = run(app)
    finally:
        prepared.release()
    return _outcome(app, code)


def _surroundings(prepared: Prepared, annotator: str, keymap: Keymap | None) -> Surroundings:
    from rich.console import Console

    link: Link = "multiplexer" if prepared.multiplexer else "terminal"
    system = Console(force_terminal=True).color_system if COLOR_SYSTEM == "auto" else COLOR_SYSTEM
    colors = 0 if prepared.no_color else color_count(system)
    return Surroundings(
        theme=theme(colors=colors),
        keymap=keymap or Keymap(),
        annotator=annotator,
        link=link,
        ascii_only=prepared.ascii_only,
    )


def _outcome(app: AnnotateApp, code: int) -> Outcome:
    error = app.error
    if error is None:
        return Outcome(code, app.saved, None)
    if isinstance(error, TuiAnnotateError):
        return Outcome(code or error.exit_code, app.saved, f"tui-annotate: {error}")
    return Outcome(code or 1, app.saved, report_crash(error))
