"""Which engine a test's stores are on: files, or a server in their place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tui_annotate.store import database
from tui_annotate.store.database import Store

elsewhere: Callable[[Path], Path] | None = None
"""Where the fixture `any_engine` puts the store of a file's name."""


names: dict[Path, Path] = {}
"""Where stores are that `survives` has given another name."""


def is_on_files() -> bool:
    """Return whether this run's stores are files."""
    return elsewhere is None


def place(path: Path) -> Path:
    """Return where the store that a test names by a file is in this run; a file that is there,
    such as a backup, is itself."""
    if elsewhere is None or path.exists():
        return path
    return names.get(path) or elsewhere(path)


def survives(path: Path, survivor: Path) -> None:
    """Let a test go on under another name with a store that is on a server."""
    if elsewhere is not None:
        names[survivor] = place(path)


def open_store(path: Path, **options: Any) -> Store:
    """Open the store that a test names by a file, as `tui_annotate.store.database` does."""
    return database.open_store(place(path), **options)
