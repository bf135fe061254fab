"""`tui-annotate print-dataset`: answers as people read them."""

from __future__ import annotations

import sys

import click

from tui_annotate.cli.datasets import existing_answers
from tui_annotate.cli.render_tasks import STYLES, describe
from tui_annotate.exchange.jsonl import answer_to_dict
from tui_annotate.task.schema import DECISIONS, Decision


@click.command("print-dataset")
@click.argument("dataset")
@click.option("-s", "--style", type=click.Choice(STYLES), default="auto", show_default=True,
              help="What is shown")  # fmt: skip
@click.option("-A", "--answer", type=click.Choice(DECISIONS), help="Only these answers")
def command(dataset: str, style: str, answer: Decision | None) -> None:
    """Print the answers of DATASET, or of a session, for people to read.

    They are text, spans, labels and decisions; on a terminal in a pager.
    """
    color = sys.stdout.isatty()
    with existing_answers(dataset) as (store, found):
        lines = (
            f"{line}\n"
            for stored in found.iterate(store, answer)
            for line in describe(answer_to_dict(stored), style, color=color)
        )
        if color:
            click.echo_via_pager(lines, color=True)
        else:
            sys.stdout.writelines(lines)
            sys.stdout.flush()
