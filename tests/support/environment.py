"""A clean environment for the programs that tests start, and one way to start them headless."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The top folder of the repository."""

PACKAGE = ROOT / "tui_annotate"
"""The folder of the package."""

FOREIGN = ("TUI_ANNOTATE_", "TEXTUAL", "NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES")
"""Starts of the names of variables that would change what a program draws."""

KEPT = ("PATH", "TMPDIR", "VIRTUAL_ENV", "PYENV_ROOT", "PYENV_VERSION")


def clean_environment(home: Path, extra: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Return the whole environment of a program: nothing of the user's own gets in.

    Args:
        home: The home folder, created where it is missing; every XDG folder lies in it.
        extra: Variables to set, or with None as their value to leave out.
    """
    home.mkdir(parents=True, exist_ok=True)
    values: dict[str, str | None] = {
        **{name: os.environ.get(name) for name in KEPT},
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_STATE_HOME": str(home / "state"),
        "USER": "tester",
        "LOGNAME": "tester",
        "SHELL": "/bin/sh",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": str(ROOT),
        "TUI_ANNOTATE_ANNOTATOR": "tester",
        **(extra or {}),
    }
    return {name: value for name, value in values.items() if value is not None}


def annotate_argv(*arguments: str | Path) -> list[str]:
    """Return the command line of `tui-annotate ARGUMENTS` in this interpreter."""
    return [sys.executable, "-m", "tui_annotate", *map(str, arguments)]


def run_headless(
    argv: Sequence[str],
    home: Path,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
    stdin: str | bytes = b"",
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end without any terminal, and return its exit code and output.

    The command is the leader of a session of its own, so that `/dev/tty` cannot be opened.

    Raises:
        subprocess.TimeoutExpired: It did not end in time; it was killed.
    """
    done = subprocess.run(
        list(argv),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        cwd=cwd or home,
        env=clean_environment(home, env),
        timeout=timeout,
        start_new_session=True,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args,
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )
