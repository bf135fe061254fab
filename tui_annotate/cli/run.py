"""Runs a job in the terminal: checks the terminal first, loads the screen last."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tui_annotate.cli.places import annotator_name, database_path
from tui_annotate.job import Job
from tui_annotate.text.safe import safe_line


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What the command line says about the session, and not about the recipe.

    Attributes:
        annotator: `--as`, if given.
        strict: Stop at the first row that cannot be read.
        plain: Line by line instead of on a screen.
        theme: `--theme`, if given.
        command: The command that continues this session, for the line on leaving.
        store: The database, where it is not the user's own.
    """

    annotator: str | None = None
    strict: bool = False
    plain: bool = False
    theme: str | None = None
    command: str = "tui-annotate"
    store: Path | None = None


def run_job(build: Callable[[], Job], options: SessionOptions) -> int:
    """Open the screen on a job and return the exit code.

    Args:
        build: Makes the job; called once the terminal is known to be usable.
        options: The session's settings.

    Raises:
        NoTerminal: At once, where there is no terminal to draw on.
    """
    annotator = annotator_name(options.annotator)
    if options.plain:
        return _run_plain(build(), options, annotator)
    from tui_annotate.tui.terminal import prepare

    prepared = prepare(False)
    job = build()
    store = options.store or database_path()
    from tui_annotate.tui.launch import run_screen

    look = options.theme or os.environ.get("TUI_ANNOTATE_THEME") or None
    outcome = run_screen(job, store, annotator, strict=options.strict, prepared=prepared, look=look)
    for line in farewell(job, store, options.command, outcome.saved, outcome.error):
        sys.stderr.write(safe_line(line) + "\n")
    return outcome.code


def _run_plain(job: Job, options: SessionOptions, annotator: str) -> int:
    from tui_annotate.plain.launch import run_plain

    store = options.store or database_path()
    saved = run_plain(job, store, annotator, strict=options.strict)
    for line in farewell(job, store, options.command, saved, None):
        sys.stderr.write(safe_line(line) + "\n")
    return 0


def farewell(
    job: Job, store: Path, command: str, saved: int | None, error: str | None
) -> list[str]:
    """Return what is said on leaving: how much is saved where, and the command that continues."""
    found = [error] if error else []
    if saved is not None:
        found.append(
            f"{saved} answer{'' if saved == 1 else 's'} saved to {shlex.quote(job.dataset)} "
            f"in {store}; continue with: {command}"
        )
    return found
