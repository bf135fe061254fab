"""Small files that the program keeps for itself: whole or not there, and nobody else's to read."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tui_annotate.unfinished import hold, part_start, remove_stale


def write_private(file: Path, text: str) -> None:
    """Write a file anew, with its folder where that is missing; only its owner may read it.

    Whoever is killed meanwhile leaves the file as it was; the next one removes what was begun.

    Args:
        file: The file; a link of its name is replaced, not followed.
        text: What it holds; a lone surrogate becomes `?`.

    Raises:
        OSError: It cannot be written; then it is as it was, and nothing lies beside it.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    remove_unfinished(file)
    part = file.with_name(f"{_start(file)}{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    held = os.open(part, flags, 0o600)
    try:
        hold(held)
        with os.fdopen(os.dup(held), "w", encoding="utf-8", errors="replace") as opened:
            opened.write(text)
        part.replace(file)
    finally:
        os.close(held)
        part.unlink(missing_ok=True)


def remove_private(file: Path) -> None:
    """Remove such a file, if it is there, and what a killed process has begun of it.

    Raises:
        OSError: It cannot be removed.
    """
    with suppress(FileNotFoundError):
        file.unlink()
    remove_unfinished(file)


def remove_unfinished(file: Path) -> None:
    """Remove what killed processes have begun of such a file."""
    remove_stale(file.parent, _start(file))


def _start(file: Path) -> str:
    return part_start(file.name, 200)
