"""`tui-annotate datasets`: the datasets of the store."""

from __future__ import annotations

import click

from tui_annotate.cli.console import print_rows, when
from tui_annotate.cli.datasets import existing_store
from tui_annotate.cli.output import print_json


@click.command("datasets")
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
def command(as_json: bool) -> None:
    """List the datasets: answers by decision, sessions, waiting tasks, and the last answer."""
    with existing_store() as store:
        rows = []
        for dataset in store.admin.datasets():
            stats = store.admin.stats(dataset)
            last = store.lookup.last_answer_at(dataset.id)
            counts = tuple(stats.answers[each] for each in ("accept", "reject", "ignore"))
            rows.append((dataset.name, *counts, stats.sessions, stats.waiting, when(last)))
    names = ("dataset", "accept", "reject", "ignore", "sessions", "waiting", "last_answer")
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_rows([names, *rows])
