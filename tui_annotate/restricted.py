"""A restricted session reaches nothing but its job: `--restricted`, or the setting `restricted`.

It is meant for forced commands of SSH, where whoever connects has a keyboard and perhaps some
variables, but no shell. Being restricted is a state of the process that cannot be left. What may be
done then is said where it is defined: commands, recipes and actions are `contained` or they are
refused. Beneath that, the interpreter's own audit events refuse every program that would start.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

from tui_annotate.errors import UsageError
from tui_annotate.whole_files import real_path

OPTION = "--restricted"
KEY = "restricted"
"""The setting. Whatever says yes to it wins, so nobody can take it back."""

CLIENT_COMMAND = "SSH_ORIGINAL_COMMAND"
"""The variable in which the server says what the client asked for instead of the forced command."""

_LINK = "SSH_CONNECTION"
"""The variable that the server sets last, so that a client can neither set nor remove it."""

_IGNORED = ("TUI_ANNOTATE_", "_TUI_ANNOTATE_", "TEXTUAL")
"""Starts of names: settings of ours, completion of command lines, and what has Textual write logs
and pictures into files, connect to a console, or load a driver by its name."""

_KEPT_OVER_SSH = frozenset(
    {
        *(
            "COLORFGBG",
            "COLORTERM",
            "HOME",
            "LANG",
            "LANGUAGE",
            "LOGNAME",
            "MAIL",
            "NO_COLOR",
            "PATH",
        ),
        *("PGPASSFILE", "PGPASSWORD", "SHELL", "STY", "TERM", "TERM_PROGRAM"),
        *("TERM_PROGRAM_VERSION", "TMUX", "TZ", "USER", "VTE_VERSION"),
    }
)
"""What a session over SSH still sees. A client may send any variable that the server lets through,
so every other one is the word of whoever connects: where files lie (`XDG_CONFIG_HOME`, `TMPDIR`),
where a server is (`PGHOSTADDR`, `PGSERVICE`), what a library writes (`SSLKEYLOGFILE`)."""

_KEPT_STARTS = ("LC_", "SSH_")

_SAID = ("TUI_ANNOTATE_", "PRODIGY_", "XDG_", "PG")

_PROGRAMS = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.system",
        "pty.spawn",
        "subprocess.Popen",
    }
)
"""Audit events of a program that is about to be started, or of this one becoming another."""

_MOST_SHOWN = 60

_state = {"restricted": False}
_folders: list[Path] = []


def is_restricted() -> bool:
    """Return whether this process is restricted."""
    return _state["restricted"]


def is_login() -> bool:
    """Return whether this process is all that somebody who connects by SSH gets: who leaves it has
    no shell, and can call no command."""
    return is_restricted() and bool(os.environ.get(_LINK))


def restrict() -> list[str]:
    """Restrict this process from here on; a second call does nothing.

    Returns:
        What is ignored of the environment from now on, as lines for people.

    Raises:
        UsageError: The interpreter was told to go on after the end of the program.
    """
    if is_restricted():
        return []
    _state["restricted"] = True
    if sys.flags.inspect or sys.flags.interactive:
        # Leaving by an exception would open the interpreter that is to be refused.
        sys.stderr.write("tui-annotate: a restricted session does not begin under `python -i`\n")
        sys.stderr.flush()
        os._exit(UsageError.exit_code)
    said = clean(os.environ)
    # A pager that is started all the same, by a bug, gives no shell.
    os.environ["LESSSECURE"] = "1"
    for name in ("SIGTSTP", "SIGTTIN", "SIGTTOU"):
        with suppress(ValueError, OSError):  # not on the main thread
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    sys.addaudithook(_refuse_programs)
    return said


def clean(variables: MutableMapping[str, str]) -> list[str]:
    """Remove the variables that whoever connects could have set, and return lines that say so."""
    over_ssh = bool(variables.get(_LINK))
    ignored = [
        name for name in variables if name.startswith(_IGNORED) or (over_ssh and not _is_kept(name))
    ]
    for name in ignored:
        del variables[name]
    named = sorted(name for name in ignored if name.startswith(_SAID))
    said = [f"ignored in a restricted session: {', '.join(named)}"] if named else []
    asked = variables.pop(CLIENT_COMMAND, "").strip()
    if asked:
        shown = asked if len(asked) <= _MOST_SHOWN else f"{asked[:_MOST_SHOWN]}..."
        said.append(f"ignored in a restricted session: the command of the client, {shown}")
    return said


def _is_kept(name: str) -> bool:
    return name in _KEPT_OVER_SSH or name.startswith(_KEPT_STARTS)


def check_words(arguments: Sequence[str], variables: Mapping[str, str]) -> None:
    """Refuse a command line that holds the words of whoever connects.

    A forced command such as `tui-annotate --restricted $SSH_ORIGINAL_COMMAND` would let him name
    the source. The shell splits such words at blanks and replaces patterns by names of files, so
    the words are compared as patterns.

    Raises:
        UsageError: The command line holds them.
    """
    asked = variables.get(CLIENT_COMMAND, "")
    if asked.strip() and (asked in arguments or _has_run(arguments, asked.split())):
        what = "the command line holds the words that the client has sent"
        hint = "The forced command itself names the job; connect without a command of your own"
        raise UsageError(what, where=OPTION, hint=hint)


def _has_run(arguments: Sequence[str], words: Sequence[str]) -> bool:
    """Return whether the words, of which each may match several, stand somewhere in a row."""
    if len(words) > len(arguments):
        return False
    ends = set(range(len(arguments)))
    for word in words:
        reached: set[int] = set()
        for start in ends:
            at = start
            while at < len(arguments) and _fits(arguments[at], word):
                at += 1
                reached.add(at)
        ends = reached
    return bool(ends)


def _fits(argument: str, word: str) -> bool:
    return argument == word or fnmatchcase(argument, word)


def confine(paths: Iterable[str]) -> None:
    """Say which files are the job's: pictures that tasks name may lie beside and below them only.

    Args:
        paths: The sources of the job, absolute; what is no path is passed over.
    """
    for path in (path for path in paths if path.startswith("/")):
        with suppress(OSError, RuntimeError, ValueError):
            folder = real_path(path)
            _folders.append(folder if folder.is_dir() else folder.parent)


def may_open(path: Path) -> bool:
    """Return whether a file that a task names may be opened; links are followed first."""
    if not is_restricted():
        return True
    try:
        target = real_path(path)
    except (OSError, RuntimeError, ValueError):
        return False
    return any(target.is_relative_to(folder) for folder in _folders)


def _refuse_programs(event: str, _arguments: tuple[object, ...]) -> None:
    if event in _PROGRAMS:
        # Libraries that look for a program try without it where the system refuses.
        raise PermissionError("no program is started from a restricted session")
