"""The command line: every command is loaded when it is called, and recipes are called by name.

Exit codes: 0 done, 1 an error, 2 a wrong command line or no terminal, 129 hung up, 143 terminated.
stdout is data, stderr is narration.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tui_annotate import __version__
from tui_annotate.cli.command_table import COMMANDS, find_command
from tui_annotate.cli.recipe_file_options import load_files
from tui_annotate.cli.settings import Settings, begin, use_places
from tui_annotate.errors import ConfigError, TuiAnnotateError, UsageError
from tui_annotate.recipes.missing_commands import OTHER_NAMES, instead_of, option_hint
from tui_annotate.recipes.recipe_files import take_served
from tui_annotate.recipes.registry import get_recipe, is_custom, is_recipe, recipe_names, summary
from tui_annotate.restricted import is_restricted
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.cli.project import Project


HELP_NAMES = ["-h", "--help"]
"""The options that print a command's help."""

_OF_JOBS = "options of jobs"
"""Key of the defaults for commands that open a session; no command or option has such a name."""


class Commands(click.Group):
    """Loads the module of the command that is called, and no other.

    Attributes:
        project: The project in whose folder this is, which says what its annotators may run.
    """

    project: Project | None = None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands and recipes."""
        return sorted([*COMMANDS, *recipe_names()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, a recipe's made from its signature."""
        entry = find_command(cmd_name)
        if entry is not None:
            module, _, attribute = entry.place.partition(":")
            found = import_module(f"tui_annotate.cli.{module}")
            command = getattr(found, attribute or "command")
            assert isinstance(command, click.Command)
            return _with_defaults(command, ctx) if cmd_name == "demo" else command
        if is_recipe(cmd_name):
            # Only where a recipe is called, or all of them are listed.
            from tui_annotate.cli.recipe_command import make_command

            return _with_defaults(make_command(get_recipe(cmd_name)), ctx)
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command to run, or raise `UsageError` with the nearest name."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            hint = instead_of(args[0], self.list_commands(ctx))
            raise UsageError(f"there is no command {args[0]!r}", hint=hint)
        if args and is_restricted():
            _check_contained(args[0])
        if args and self.project is not None:
            self.project.check_command(args[0], args[1:])
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader of stdout that goes away ends it in silence."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _reader_gone()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without loading one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in sorted(COMMANDS.items())])
        with formatter.section("Recipes (tui-annotate RECIPE --help)"):
            formatter.write_dl([(name, summary(name)) for name in recipe_names()])


@click.group(cls=Commands, context_settings={"help_option_names": HELP_NAMES})
@click.version_option(__version__, prog_name="tui-annotate")
@click.option(
    "--restricted",
    is_flag=True,
    expose_value=False,
    help="Nothing but the job that is named here, for forced commands of SSH (docs/security.md)",
)
def cli() -> None:
    """Annotate text in the terminal, with only a keyboard. Nothing is ever lost.

    \b
    Start with: tui-annotate demo
    Recipes of your own: tui-annotate my.recipe ... -F recipe.py
    Where they import prodigy they get our alias, but with --no-compat.
    """


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code; errors become one line on stderr."""
    try:
        return _carry_out(arguments)
    except TuiAnnotateError as error:
        return _say(str(error), error.exit_code)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.UsageError as error:
        return _misused(error)
    except click.ClickException as error:
        return _say(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return 128 + signal.SIGINT
    except BrokenPipeError:
        return _reader_gone()
    except SystemExit as error:  # a recipe leaves before its session has begun
        return _say(error.code, 1) if isinstance(error.code, str) else error.code or 0
    except OSError as error:
        refusal = _refused_by_system(error)
        return _crashed(error) if refusal is None else refusal
    except Exception as error:
        return _crashed(error)


def _carry_out(arguments: list[str]) -> int:
    """Find out what a command line means here, and do it."""
    called = tuple(arguments)
    arguments, settings = _begin(arguments)
    arguments = _in_place(arguments, settings)
    arguments = load_files(arguments)
    served = take_served()
    if served is not None:  # the file is a script that serves by itself: not a second time
        return served
    if not arguments:
        chosen = _start_screen(settings)
        if chosen is not None:
            return chosen
    with _ending_in_order(arguments), _telling_of_waits(arguments):
        code: Any = cli.main(
            args=arguments,
            prog_name="tui-annotate",
            standalone_mode=False,
            obj=called,
            default_map={_OF_JOBS: settings.options},
        )
    sys.stdout.flush()
    return code if isinstance(code, int) else 0


def _in_place(arguments: list[str], settings: Settings) -> list[str]:
    """Put the settings of this place in force, with its project; return the command line, which may
    be that of the project's job."""
    use_places(settings)
    for line in settings.refused:
        sys.stderr.write(f"tui-annotate: {safe_line(line)}\n")
    project = settings.project
    cli.project = project  # the group asks it whether a command may run here
    if project is None:
        return arguments
    arguments = project.with_job(arguments)
    project.keep_blind()
    return arguments


def _start_screen(settings: Settings) -> int | None:
    """Show the start screen; return the exit code of what was chosen there, None without one."""
    if is_restricted():
        raise UsageError(
            "there is no start screen in a restricted session, because it opens files",
            hint="Whoever set it up names the job: tui-annotate --restricted RECIPE SET FILE",
        )
    from tui_annotate.cli.start import start  # only where no command is given

    return start(settings)


def _misused(error: click.UsageError) -> int:
    """Say what is wrong with a command line; help that was asked for by naming nothing is none."""
    # Before 8.2 click has no such error: it prints the help by itself.
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())) and error.ctx:
        click.echo(error.ctx.get_help())
        return 0
    where = error.ctx.command_path if error.ctx else "tui-annotate"
    if isinstance(error, click.NoSuchOption) and error.ctx is not None:
        known = [each for item in error.ctx.command.params for each in item.opts]
        hint = option_hint(error.ctx.info_name or "", error.option_name, known)
        what = f"No such option {error.option_name!r}."
        return _say(" ".join(filter(None, (what, hint, f"See: {where} --help"))), 2)
    return _say(f"{error.format_message()} See: {where} --help", 2)


def _refused_by_system(error: OSError) -> int | None:
    """Say what the system refuses that whoever calls can change; None where it is nothing known."""
    failed = _disk_failure(error)
    if failed is not None:
        return failed
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return _say("too many files are open. Raise the limit (`ulimit -n 256`)", 1)
    if error.errno in _NAMES_GONE_WRONG and error.filename is not None:
        name = os.fsdecode(error.filename)
        return _say(f"{name[:100]}: {(error.strerror or 'it cannot be used').lower()}", 1)
    return None


def _begin(arguments: list[str]) -> tuple[list[str], Settings]:
    """Read the settings; what looks over a project's file, or writes one, goes on without them, and
    so does help, which says what is wrong first: whoever has mistyped a setting may ask for it."""
    try:
        return begin(arguments)
    except ConfigError as error:
        if arguments[:1] in (["check-project"], ["init"]):
            return arguments, Settings({}, (), ())
        if arguments and len(arguments) <= 2 and arguments[0] in _ASKS:  # and no file of recipes
            return arguments, Settings({}, (), (), refused=(str(error),))
        raise


_ASKS = frozenset({"help", "version", "--version", *HELP_NAMES})
"""Words that ask about the program, whatever its settings are."""


@contextmanager
def _ending_in_order(arguments: list[str]) -> Iterator[None]:
    """Have SIGTERM and SIGHUP end a command as ctrl-c does, so that nothing half written is left.

    Sessions handle signals themselves. A second signal ends the command at once.
    """
    if not _is_headless(arguments):
        yield
        return
    handled = [each for each in _ENDING if signal.getsignal(each) is signal.SIG_DFL]
    try:
        for number in handled:
            signal.signal(number, _end)
    except ValueError:  # called on another thread than the main one, which alone handles signals
        handled = []
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, signal.SIG_DFL)


def _telling_of_waits(arguments: list[str]) -> AbstractContextManager[None]:
    if not _is_headless(arguments):
        return nullcontext()
    from tui_annotate.cli.console import telling_of_waits  # sessions have their own way to say it

    return telling_of_waits()


def _is_headless(arguments: list[str]) -> bool:
    """Whether a command line calls a command that has no screen of its own."""
    on_screen = ("demo", "tutorial", "dashboard")
    called = arguments[0] if arguments else ""
    return called not in on_screen and find_command(called) is not None


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_DFL)
    raise SystemExit(128 + number)


_ENDING = (signal.SIGTERM, signal.SIGHUP)


_NAMES_GONE_WRONG = frozenset({errno.ENAMETOOLONG, errno.ELOOP, errno.EACCES, errno.ENOTDIR})
"""What is wrong with the name of a file that somebody has written, wherever it is opened."""


def _crashed(error: Exception) -> int:
    # Only for a fault of the program's own.
    from tui_annotate.tui.terminal.crash import report_crash

    sys.stderr.write(safe_line(report_crash(error)) + "\n")
    return 1


def _with_defaults(command: click.Command, ctx: click.Context) -> click.Command:
    """Give the command of a job what settings say for its options; other commands have none.

    The name that somebody has typed is no key of the whole program's defaults: a recipe called
    `version` would set the option of that name.
    """
    options = (ctx.default_map or {}).get(_OF_JOBS, {})
    command.context_settings = {**command.context_settings, "default_map": options}
    return command


def _check_contained(name: str) -> None:
    """Raise `UsageError` where a restricted session does not have this command or recipe."""
    if not is_custom(name):
        name = OTHER_NAMES.get(name, name)
    entry = find_command(name)
    if entry is not None:
        contained, what = entry.contained, "the command"
    else:
        contained, what = get_recipe(name).contained, "the recipe"
    if not contained:
        hint = "It runs only the job that whoever set it up has named"
        raise UsageError(f"{what} {name} is not available in a restricted session", hint=hint)


def _reader_gone() -> int:
    """Who read stdout has gone; the interpreter would complain about it once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _disk_failure(error: OSError) -> int | None:
    """Say that there is no room for what is written, most often to stdout; None where there is."""
    from tui_annotate.exchange.atomic_files import disk_failure  # only where a disk fails

    found = disk_failure(error, error.filename if isinstance(error.filename, str) else "output")
    if found is None:
        return None
    _reader_gone()
    return _say(str(found), found.exit_code)


def _say(message: str, code: int) -> int:
    sys.stderr.write(f"tui-annotate: {safe_line(message)}\n")
    return code
