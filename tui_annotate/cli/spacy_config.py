"""`tui-annotate spacy-config`: only the config of a pipeline, made for what datasets say."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from tui_annotate.cli.data_to_spacy import learning, make_config
from tui_annotate.errors import UsageError
from tui_annotate.exchange.training import COMPONENTS
from tui_annotate.text.safe import shell_command


@click.command("spacy-config")
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path, allow_dash=True))
@learning
@click.option(
    "-V", "--verbose", is_flag=True, expose_value=False, help="Taken for Prodigy's sake: no effect"
)
def command(out: Path, **given: Any) -> None:
    """Write a config of spaCy to the new file OUT, to be edited; `-` is standard output.

    It suits the answers of the datasets: spans as long as theirs, refused entities, rare labels.
    `train --config OUT` trains with it, with the same datasets.
    """
    if str(out) == "-":
        _print(given)
        return
    make_config(out, given)
    if not given["silent"]:
        sets = [word for name in COMPONENTS if given[name] for word in _option(name, given)]
        words = ("tui-annotate", "train", "MODEL", "--config", str(out), *sets)
        if now := shell_command(words):
            sys.stderr.write(f"now: {now}\n")


def _option(name: str, given: dict[str, Any]) -> tuple[str, str]:
    return f"--{name.replace('_', '-')}", given[name]


def _print(given: dict[str, Any]) -> None:
    if given["base_model"]:
        hint = "Name a file: a pipeline that gets new labels is saved beside it"
        raise UsageError("a config with a base does not go to standard output", hint=hint)
    with TemporaryDirectory(prefix="tui-annotate-config-") as folder:
        file = Path(folder) / "config.cfg"
        make_config(file, given)
        click.echo(file.read_text(encoding="utf-8"))
