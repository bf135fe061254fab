"""Who is annotating, and the command line as it was typed."""

from __future__ import annotations

import os
import pwd
import sys

from tui_annotate.errors import UsageError
from tui_annotate.text.safe import shell_command

ANNOTATOR_VARIABLE = "TUI_ANNOTATE_ANNOTATOR"


def annotator_name(given: str | None) -> str:
    """Return who is annotating: `--as`, else `$TUI_ANNOTATE_ANNOTATOR`, else the login name.

    Raises:
        UsageError: Where the name is blank or holds control characters.
    """
    name = given if given is not None else os.environ.get(ANNOTATOR_VARIABLE) or _login_name()
    return checked_annotator(name, "--as", "--as")


def checked_annotator(name: str, option: str, where: str) -> str:
    """Return an annotator's name without white space around it.

    Args:
        name: The name.
        option: The option that says it.
        where: What messages name as the place.

    Raises:
        UsageError: Where it is blank or holds control characters.
    """
    name = name.strip()
    if not name or not name.isprintable():
        what = "the annotator's name is blank or holds control characters"
        raise UsageError(what, where=where, hint=f"Write {option} NAME")
    return name


def command_line() -> str:
    """Return the command that was called, as it would be typed again; empty where it holds what
    cannot be copied from a screen."""
    return shell_command(["tui-annotate", *sys.argv[1:]])


def _login_name() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user-{os.getuid()}"
