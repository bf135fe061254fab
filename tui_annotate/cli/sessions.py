"""`tui-annotate sessions`: who has answered how much."""

from __future__ import annotations

import click

from tui_annotate.cli.console import print_rows, when
from tui_annotate.cli.datasets import existing_dataset, existing_store
from tui_annotate.cli.output import print_json


@click.command("sessions")
@click.argument("dataset", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
def command(dataset: str | None, as_json: bool) -> None:
    """List the sessions of DATASET, or of all datasets: annotator, and answers by decision."""
    rows = []
    with existing_dataset(dataset) if dataset else existing_store() as opened:
        store, datasets = (
            (opened[0], [opened[1]])
            if isinstance(opened, tuple)
            else (opened, opened.admin.datasets())
        )
        for each in datasets:
            counts = store.lookup.counts_by_session(each.id)
            for session in store.admin.sessions(each.id):
                found = counts.get(session.id, {})
                decided = tuple(found.get(what, 0) for what in ("accept", "reject", "ignore"))
                started = when(session.created_at)
                rows.append((each.name, session.name, session.annotator, *decided, started))
    names = ("dataset", "session", "annotator", "accept", "reject", "ignore", "created")
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_rows([names, *rows])
