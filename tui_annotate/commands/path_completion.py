"""Completing the path of a file while it is typed."""

from __future__ import annotations

import os
from pathlib import Path


def complete_path(typed: str) -> tuple[str, list[str]]:
    """Return what was typed, lengthened as far as all matching paths agree, and their names.

    Folders end in a slash. Hidden files match where their dot was typed. A folder that cannot be
    read has nothing to offer.

    Args:
        typed: The beginning of a path; `~` and the working folder count as in a shell.
    """
    before, slash, beginning = typed.rpartition("/")
    folder = Path(before + slash).expanduser()
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                f"{entry.name}/" if entry.is_dir() else entry.name
                for entry in entries
                if entry.name.startswith(beginning)
                and (beginning.startswith(".") or not entry.name.startswith("."))
            )
    except OSError:
        names = []
    common = os.path.commonprefix(names)  # noqa: RUF071 - letter by letter is what is meant
    return before + slash + (common or beginning), names
