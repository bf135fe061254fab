"""Runs the plain face once on standard input and output."""

from __future__ import annotations

import sys
import termios
from contextlib import suppress
from pathlib import Path

from tui_annotate.job import Job
from tui_annotate.plain.face import PlainFace, Voice
from tui_annotate.session.opening import open_session
from tui_annotate.session.session import Session
from tui_annotate.store.database import open_store
from tui_annotate.text.safe import safe_line


def run_plain(job: Job, store: Path, annotator: str, *, strict: bool) -> int:
    """Annotate line by line until the annotator leaves; return how many answers stand.

    Args:
        job: What is annotated.
        store: The database.
        annotator: Who annotates.
        strict: Stop at the first row that cannot be read.

    Raises:
        TuiAnnotateError: It cannot be opened, or not read or written further.
    """
    opened = open_session(open_store(store, wait=_wait), job, annotator, strict=strict, wait=_wait)
    return PlainFace(Session(opened, wait=_wait), Voice(_say, _read, _forget)).run()


def _wait(owner: str) -> None:
    _say(safe_line(f"Waiting for {owner}, which is writing."))


def _say(line: str) -> None:
    sys.stdout.write(line.encode("utf-8", "replace").decode() + "\n")
    sys.stdout.flush()


def _read(prompt: str) -> str | None:
    sys.stdout.write(prompt)
    sys.stdout.flush()
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        line = ""
    if not line:
        sys.stdout.write("\n")
    return line or None


def _forget() -> None:
    """What was typed before a task was said is not for that task."""
    if sys.stdin.isatty():
        with suppress(termios.error, OSError):
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
