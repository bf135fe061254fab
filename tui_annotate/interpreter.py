"""Python programs that we start: they never import a module from the working folder.

`python -m` puts the working folder first on the import path, so a `click.py` that lies among the
data would be executed. `-P` leaves it out; relative entries of `PYTHONPATH` would bring it back.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def module_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module in this interpreter, isolated from the working folder.

    Args:
        module: The name that stands behind `-m`.
        arguments: What stands behind the module.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def program_command() -> list[str]:
    """Return how this program is started by a shell that knows no more than the system's folders:
    by the full path of its script, or of this interpreter where there is none."""
    script = Path(sys.executable).with_name("tui-annotate")
    return [str(script)] if os.access(script, os.X_OK) else module_command("tui_annotate")


def script_command(file: str, *arguments: str) -> list[str]:
    """Return the command that runs a file in this interpreter with the standard library alone.

    Args:
        file: Its path; the folder that it lies in is not on the import path either.
        arguments: What stands behind the file.
    """
    return [sys.executable, "-I", "-S", file, *arguments]


def isolated_environment(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a program that we start.

    Every interpreter that the program starts in turn is isolated too, and relative entries of
    `PYTHONPATH` are left out: they would mean another folder after a change of the working folder.

    Args:
        variables: The environment to begin with, where it is not the process's own.
    """
    found = dict(os.environ if variables is None else variables)
    found["PYTHONSAFEPATH"] = "1"
    entries = found.pop("PYTHONPATH", "").split(os.pathsep)
    absolute = [entry for entry in entries if Path(entry).is_absolute()]
    if absolute:
        found["PYTHONPATH"] = os.pathsep.join(absolute)
    return found


def leave_working_folder() -> None:
    """Take the working folder from this process's import path, where `python -m` has put it."""
    if sys.flags.safe_path or not sys.path:
        return
    try:
        here = str(Path.cwd())
    except OSError:  # the folder has been deleted
        return
    if sys.path[0] in ("", here):
        del sys.path[0]
