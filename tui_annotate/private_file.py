"""Small files that the program keeps for itself: whole or not there, and nobody else's to read."""

from __future__ import annotations

import json
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


def note_begun(database: Path, kind: str, name: str) -> None:
    """Note beside the database that long work on it has begun, until `note_done`.

    What a kill leaves half done need not show in the database itself; the note does.

    Args:
        database: Its file.
        kind: What stands behind its name in that of the note, such as `purging`.
        name: What is worked on; it is noted once.

    Raises:
        OSError: It cannot be written.
    """
    write_private(_note(database, kind), json.dumps(sorted({*begun(database, kind), name})))


def begun(database: Path, kind: str) -> list[str]:
    """Return what was begun and has not come to its end; the arguments are as in `note_begun`."""
    try:
        found = json.loads(_note(database, kind).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    return [str(each) for each in found] if isinstance(found, list) else []


def note_done(database: Path, kind: str, name: str) -> None:
    """Take back what `note_begun` has noted.

    Raises:
        OSError: It cannot be written.
    """
    left = [each for each in begun(database, kind) if each != name]
    if left:
        write_private(_note(database, kind), json.dumps(left))
    else:
        remove_private(_note(database, kind))


def _note(database: Path, kind: str) -> Path:
    return database.with_name(f"{database.name}.{kind}")


def _start(file: Path) -> str:
    return part_start(file.name, 200)
