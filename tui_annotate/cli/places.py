"""Where things lie: the database, and who is annotating."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from tui_annotate.errors import UsageError

DATABASE_VARIABLE = "TUI_ANNOTATE_DB"
ANNOTATOR_VARIABLE = "TUI_ANNOTATE_ANNOTATOR"


def data_folder() -> Path:
    """Return `$XDG_DATA_HOME/tui-annotate`; nothing is created."""
    base = os.environ.get("XDG_DATA_HOME", "")
    # The XDG specification: a relative path is not to be used.
    folder = Path(base) if base.startswith("/") else Path.home() / ".local" / "share"
    return folder / "tui-annotate"


def database_path() -> Path:
    """Return `$TUI_ANNOTATE_DB`, else `annotations.db` in the data folder."""
    named = os.environ.get(DATABASE_VARIABLE)
    return Path(named).expanduser() if named else data_folder() / "annotations.db"


def annotator_name(given: str | None) -> str:
    """Return who is annotating: `--as`, else `$TUI_ANNOTATE_ANNOTATOR`, else the login name.

    Raises:
        UsageError: Where the name is blank or holds control characters.
    """
    name = given if given is not None else os.environ.get(ANNOTATOR_VARIABLE) or _login_name()
    name = name.strip()
    if not name or not name.isprintable():
        raise UsageError(
            "the annotator's name is blank or holds control characters",
            where="--as",
            hint="Write --as NAME",
        )
    return name


def _login_name() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user-{os.getuid()}"
