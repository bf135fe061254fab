"""Everything that must happen before Textual is imported: descriptors, environment, encoding.

Textual reads its environment once, at import; it draws on standard error, reads keys from standard
input and believes what it finds there. So this module looks at all of it first, and imports none
of Textual.
"""

from __future__ import annotations

import fcntl
import io
import os
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from pathlib import Path

from tui_annotate.errors import NoTerminal, UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.restricted import is_login

STDIN, STDOUT, STDERR = 0, 1, 2

RESET = "\x1b[0m\x1b[?2026l\x1b[?2004l\x1b[?1004l\x1b[?7h\x1b[8h\x1b[?1049l\x1b[?25h"
"""What leaves the screen and shows the cursor, written where the screen could not do it itself."""

_SETTINGS = {
    # Left on by a dropped link, it would make the user's own shell unusable.
    "TEXTUAL_DISABLE_KITTY_KEY": "1",
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_SMOOTH_SCROLL": "0",
    "TEXTUAL_FPS": "30",
}
_COLOR_SYSTEMS = ("auto", "standard", "256", "truecolor")
_UNUSABLE = ("", "dumb", "unknown")
_CODESET = re.compile(r"\.([\w-]+)")


class Prepared(NamedTuple):
    """What was found out about the terminal.

    Attributes:
        data: Descriptor to read the piped data from (the caller closes it), None without a pipe.
        log: Descriptor of where standard error went before the screen took its place, else None.
        ascii_only: The locale names an encoding other than UTF-8: draw lanes in ASCII.
        no_color: `NO_COLOR` is set.
        multiplexer: `tmux`, `screen` or `mosh`, which answer queries in the terminal's place.
    """

    data: int | None = None
    log: int | None = None
    ascii_only: bool = False
    no_color: bool = False
    multiplexer: str | None = None

    def release(self) -> None:
        """Send standard error where the user had sent it. Call once the screen is gone."""
        if self.log is not None:
            with suppress(OSError, ValueError):
                sys.stderr.flush()
            with suppress(OSError):
                os.dup2(self.log, STDERR)


def prepare(
    data_from_stdin: bool = False, environ: MutableMapping[str, str] = os.environ
) -> Prepared:
    """Leave descriptors 0 and 2 on the terminal and the environment as the screen needs it.

    Args:
        data_from_stdin: Whether the tasks are read from standard input.
        environ: The environment, changed in place.

    Raises:
        NoTerminal: Nothing to draw on, or a terminal that cannot show a screen.
        UsageError: Tasks shall come from standard input, and that is the keyboard or closed.
    """
    data, log = _take_descriptors(data_from_stdin)
    _check_term(environ)
    _set_environment(environ)
    _use_utf8()
    return Prepared(
        data=data,
        log=log,
        ascii_only=not speaks_utf8(environ),
        no_color="NO_COLOR" in environ,
        multiplexer=multiplexer(environ),
    )


def prepare_lines(data_from_stdin: bool) -> Prepared:
    """Do the same for the plain face, which needs the keyboard only.

    Raises:
        NoTerminal, UsageError: As `prepare`, where tasks come from standard input.
    """
    if not data_from_stdin:
        return Prepared()
    data, log = _take_descriptors(data_from_stdin)
    return Prepared(data=data, log=log)


def no_screen(environ: MutableMapping[str, str] = os.environ) -> str:
    """Say why a session that runs line by line cannot go on on a screen; empty where it can."""
    if not (os.isatty(STDIN) and os.isatty(STDOUT)):
        return "lines are not read from a terminal, or not written to one"
    try:
        _check_term(environ)
    except NoTerminal as error:
        return error.what
    return ""


def _take_descriptors(data_from_stdin: bool) -> tuple[int | None, int | None]:
    """Put the terminal on descriptors 0 and 2; return what stood there: data and log."""
    keys_here, screen_here = os.isatty(STDIN), os.isatty(STDERR)
    if data_from_stdin and keys_here:
        raise UsageError(
            "standard input is the keyboard, so there are no tasks to read from it",
            hint="Pipe a file into the command, or give the file's name.",
        )
    if keys_here and screen_here:
        return None, None
    # Copied first: the terminal, once open, may get the number of one that was closed.
    data = _duplicate_data() if data_from_stdin else None
    log = None if screen_here else _duplicate(STDERR)
    terminal = _open_terminal()
    if not keys_here:
        os.dup2(terminal, STDIN)
        sys.stdin = sys.__stdin__ = open(STDIN, closefd=False)  # type: ignore[misc]  # noqa: SIM115
    if not screen_here:
        os.dup2(terminal, STDERR)
        # The old stream believes that it writes to a file, and would seek.
        sys.stderr = sys.__stderr__ = open(STDERR, "w", buffering=1, closefd=False)  # type: ignore[misc]  # noqa: SIM115
    if terminal > STDERR:
        os.close(terminal)
    return data, log


def _open_terminal() -> int:
    """Open the terminal for reading and writing: the controlling one, else one in use."""
    names = ["/dev/tty"]
    for descriptor in (STDIN, STDERR, STDOUT):
        with suppress(OSError):
            names.append(os.ttyname(descriptor))
    for name in names:
        with suppress(OSError):
            return os.open(name, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    raise NoTerminal(
        "there is no terminal to draw on",
        hint="Run it in a terminal; over SSH with `ssh -t`, in a container with `-it`.",
    )


def _duplicate_data() -> int:
    """Return a copy of standard input to read tasks from."""
    copy = _duplicate(STDIN)
    if copy is None:
        raise UsageError(
            "standard input is closed, so there are no tasks to read from it",
            hint="Pipe a file into the command, or give the file's name.",
        )
    return copy


def _duplicate(descriptor: int) -> int | None:
    """Copy a descriptor to a number above the standard three; None where it is closed."""
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, STDERR + 1)
    except OSError:
        return None


def _check_term(environ: MutableMapping[str, str]) -> None:
    """Refuse terminals that cannot show a screen, with advice."""
    term = environ.get("TERM", "")
    if term.lower() in _UNUSABLE:
        named = f"TERM={term}" if term else "TERM is not set, so the terminal"
        # Who logs in to a session of the own has no command line to add anything to.
        plain = "Ask whoever let you in to add" if is_login() else "Add"
        raise NoTerminal(
            f"{named} cannot show a full screen",
            hint=f"{plain} --plain to work line by line; if yours can, set TERM=xterm-256color.",
        )


def _set_environment(environ: MutableMapping[str, str]) -> None:
    """Set what Textual reads at import; drop what was meant for another program.

    Some foreign settings are dangerous here: TEXTUAL_PRESS would answer tasks, TEXTUAL_DEBUG
    writes every key to a file, TEXTUAL_DRIVER replaces the terminal.
    """
    for name in [name for name in environ if name.startswith("TEXTUAL_")]:
        if name not in _SETTINGS and name != "TEXTUAL_COLOR_SYSTEM":
            del environ[name]
    if environ.get("TEXTUAL_COLOR_SYSTEM", "auto") not in _COLOR_SYSTEMS:
        del environ["TEXTUAL_COLOR_SYSTEM"]
    for name, value in _SETTINGS.items():
        environ.setdefault(name, value)
    # Also what makes NO_COLOR hold: other themes turn colours into greys and send them.
    environ["TEXTUAL_THEME"] = "ansi-dark"
    if environ.get("SSH_CONNECTION"):
        environ.setdefault("ESCDELAY", "300")
    if environ.get("NO_COLOR") == "":
        del environ["NO_COLOR"]


def _use_utf8() -> None:
    """Write UTF-8 whatever the locale; one bad character must not end the output thread."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def speaks_utf8(environ: MutableMapping[str, str]) -> bool:
    """Return False if the locale names another encoding; where it names none, UTF-8 it is."""
    locale = next((environ[n] for n in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(n)), "")
    codeset = _CODESET.search(locale)
    return codeset is None or codeset[1].lower().replace("-", "") == "utf8"


def multiplexer(environ: MutableMapping[str, str]) -> str | None:
    """Return who answers queries in the terminal's place: `tmux`, `screen`, `mosh` or None."""
    if environ.get("TMUX"):
        return "tmux"
    if environ.get("STY"):
        return "screen"
    family = re.match(r"tmux|screen", environ.get("TERM", ""))
    if family:
        return family[0]
    return "mosh" if "mosh-server" in _ancestors() else None


def parent_of(process: int) -> int | None:
    """Return the id of a process's parent; None where the system does not tell."""
    found = _stat(process)
    return None if found is None else found[1]


def _stat(process: int) -> tuple[str, int] | None:
    """Return a process's name and the id of its parent."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(errors="replace")
    except OSError:
        return None
    name, _, rest = stat.partition("(")[2].rpartition(")")
    return name, int(rest.split()[1])


def _ancestors(limit: int = 12) -> Iterator[str]:
    """Yield the names of the processes above this one, where the system tells."""
    pid = os.getppid()
    for _ in range(limit):
        found = _stat(pid)
        if found is None:
            return
        name, pid = found
        yield name
        if pid <= 1:
            return
