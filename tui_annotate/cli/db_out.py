"""`tui-annotate db-out`: a dataset's answers as JSON lines on stdout."""

from __future__ import annotations

import sys

import click

from tui_annotate.task.schema import DECISIONS, Decision


@click.command("db-out")
@click.argument("dataset")
@click.option("-A", "--answer", type=click.Choice(DECISIONS), help="Only these answers")
def command(dataset: str, answer: Decision | None) -> None:
    """Write the answers of DATASET as JSON lines, one for each answer that stands."""
    from tui_annotate.cli.datasets import existing_dataset
    from tui_annotate.exchange.jsonl import lines

    with existing_dataset(dataset) as (store, found):
        passes = store.answers.has_passes(found.id)
        for line in lines(store.answers.iterate(found.id, answer=answer), passes=passes):
            sys.stdout.write(line)
        sys.stdout.flush()
