"""`tui-annotate completion`: what a shell reads to complete commands, recipes and options."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem, get_completion_class

from tui_annotate.cli.find_datasets import existing_store
from tui_annotate.cli.main import cli
from tui_annotate.errors import TuiAnnotateError

SHELLS = ("bash", "zsh", "fish")
_PROGRAM = "tui-annotate"
_VARIABLE = "_TUI_ANNOTATE_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion for SHELL, which has to read it at its start.

    \b
    bash, in ~/.bashrc:  eval "$(tui-annotate completion bash)"
    zsh, in ~/.zshrc:    eval "$(tui-annotate completion zsh)"
    fish:                tui-annotate completion fish > ~/.config/fish/completions/tui-annotate.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None, "click has all of SHELLS"
    sys.stdout.write(kind(cli, {}, _PROGRAM, _VARIABLE).source() + "\n")


def job_words(before: Sequence[str], incomplete: str) -> list[CompletionItem]:
    """Return what the next word of a job can be: a dataset in the first place, else a file.

    Args:
        before: The words behind the recipe that are there already, without options.
        incomplete: The beginning of the next one.
    """
    names = [] if before else [name for name in _datasets() if name.startswith(incomplete)]
    return [*map(CompletionItem, names)] or [CompletionItem(incomplete, type="file")]


def _datasets() -> list[str]:
    try:
        with existing_store() as store:
            return [each.name for each in store.admin.datasets()]
    except TuiAnnotateError:
        return []  # nothing is said in the midst of a command line
