"""Which engine a test's stores are on: files, or a server in their place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

elsewhere: Callable[[Path], Path] | None = None
"""Where the fixture `any_engine` puts the store of a file's name."""


def place(path: Path) -> Path:
    """Return where the store that a test names by a file is in this run."""
    return path if elsewhere is None else elsewhere(path)
