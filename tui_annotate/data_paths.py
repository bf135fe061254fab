"""Where the database lies, what the program remembers, and Prodigy's database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

DATABASE_VARIABLE = "TUI_ANNOTATE_DB"
PRODIGY_VARIABLE = "PRODIGY_HOME"


def data_folder() -> Path:
    """Return `$XDG_DATA_HOME/tui-annotate`; nothing is created."""
    base = os.environ.get("XDG_DATA_HOME", "")
    # The XDG specification: a relative path is not to be used.
    folder = Path(base) if base.startswith("/") else Path.home() / ".local" / "share"
    return folder / "tui-annotate"


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return `$XDG_STATE_HOME/tui-annotate`; nothing is created."""
    base = environ.get("XDG_STATE_HOME", "")
    folder = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    return folder / "tui-annotate"


def cache_folder() -> Path:
    """Return `$XDG_CACHE_HOME/tui-annotate`, for what can be made anew; nothing is created."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    folder = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return folder / "tui-annotate"


def database_path() -> Path:
    """Return `$TUI_ANNOTATE_DB`, else `annotations.db` in the data folder."""
    named = os.environ.get(DATABASE_VARIABLE)
    return store_path(named) if named else data_folder() / "annotations.db"


def store_path(name: str | os.PathLike[str]) -> Path:
    """Return where a store is: a file, or a `ServerPath` for the name of one on a server."""
    if not is_server_name(name):
        return Path(name).expanduser()
    from tui_annotate.server_path import ServerPath  # which a store in a file does not need

    found: Path = name if isinstance(name, ServerPath) else ServerPath(name, data_folder())
    return found


def is_server_name(name: str | os.PathLike[str]) -> bool:
    """Return whether a name is that of a store on a server; a path has one `/` for two."""
    return str(name).lower().startswith(("postgresql:/", "postgres:/"))


def prodigy_path() -> Path:
    """Return where Prodigy keeps its database: `$PRODIGY_HOME`, else `~/.prodigy`."""
    home = os.environ.get(PRODIGY_VARIABLE)
    return (Path(home).expanduser() if home else Path.home() / ".prodigy") / "prodigy.db"
