"""`tui-annotate man`: the manual page, made from the commands themselves."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator

import click

from tui_annotate import __version__
from tui_annotate.cli.command_table import COMMANDS
from tui_annotate.cli.main import HELP_NAMES, cli
from tui_annotate.recipes.registry import recipe_names, summary

_PROGRAM = "tui-annotate"

_ABOUT = """
Annotates text in the terminal, with only a keyboard: spans, classes, relations and choices.
An answer is on disk before the next task is painted, and a job that is started again goes on at
the same task. A job is a recipe with a dataset, a source and options; without any words the
program lists the jobs that can be gone on with.

In a job, m shows all keys, a accepts, x rejects, space leaves a task out, u goes back, and q q
leaves. The tutorial teaches the keys.
"""

_PLACES = (
    ("TUI_ANNOTATE_DB", "The database: a file, or the address of a PostgreSQL server."),
    ("TUI_ANNOTATE_ANNOTATOR", "Who annotates, where --as is not given."),
    ("XDG_DATA_HOME", "Where the database lies otherwise: tui-annotate/annotations.db in it."),
    ("XDG_CACHE_HOME", "Where the index of searches lies; it can be deleted at any time."),
)

_CODES = (
    ("0", "Done."),
    ("1", "An error, which stderr says."),
    ("2", "A wrong command line, or no terminal."),
    ("129, 143", "Hung up, or terminated; what was answered is kept."),
)


@click.command("man")
def command() -> None:
    """Print the manual page, with every command and its options.

    \b
    To read it:       tui-annotate man | man -l -
    To install it:    mkdir -p ~/.local/share/man/man1
                      tui-annotate man > ~/.local/share/man/man1/tui-annotate.1
    """
    sys.stdout.write(man_page())


def man_page() -> str:
    """Return the manual page in the macros of man(7)."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f'.TH TUI\\-ANNOTATE 1 "" "tui\\-annotate {_text(__version__)}" "User commands"'
    yield ".SH NAME"
    yield "tui\\-annotate \\- annotate text in the terminal"
    yield ".SH SYNOPSIS"
    for words in ("RECIPE DATASET SOURCE [OPTIONS]", "COMMAND [OPTIONS] [ARGUMENTS]"):
        yield f".B {_text(_PROGRAM)}"
        yield _text(words)
        yield ".br"
    yield ".SH DESCRIPTION"
    yield from _paragraphs(_ABOUT)
    yield ".SH RECIPES"
    yield "Each says its arguments by"
    yield f".BR {_text(_PROGRAM)} RECIPE \\-\\-help ."
    for name in sorted(recipe_names()):
        yield from _tagged(f"\\fB{_text(name)}\\fR", summary(name))
    yield ".SH COMMANDS"
    # Without the names, each command would keep a help option without `-h` from then on.
    context = click.Context(cli, info_name=_PROGRAM, help_option_names=HELP_NAMES)
    for name in sorted(COMMANDS):
        found = cli.get_command(context, name)
        if found is not None and not found.hidden:
            yield from _command(name, found, context)
    yield ".SH ENVIRONMENT"
    for name, what in _PLACES:
        yield from _tagged(f"\\fB{_text(name)}\\fR", what)
    yield ".SH EXIT STATUS"
    for code, what in _CODES:
        yield from _tagged(_text(code), what)


def _command(name: str, found: click.Command, parent: click.Context) -> Iterator[str]:
    context = click.Context(found, info_name=name, parent=parent)
    yield f".SS {_text(' '.join([name, *found.collect_usage_pieces(context)]))}"
    yield from _paragraphs(inspect.cleandoc(found.help or COMMANDS[name].help))
    for parameter in found.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and "--help" not in parameter.opts:
            yield from _tagged(f"\\fB{_text(record[0])}\\fR", record[1])


def _tagged(tag: str, what: str) -> Iterator[str]:
    yield ".TP"
    yield tag
    yield _text(" ".join(what.split())) or "\\&"


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the lines of paragraphs; those that begin with `\\b` keep their rows, as in help."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        yield ".PP"
        if paragraph.startswith("\b"):
            yield ".nf"
            yield from map(_text, paragraph.split("\n")[1:])
            yield ".fi"
        else:
            yield _text(" ".join(paragraph.split()))


def _text(text: str) -> str:
    """Return text that the formatter prints as it is."""
    shown = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{shown}" if shown.startswith((".", "'")) else shown
