"""`tui-annotate stats`: counts of a dataset, or the datasets that there are."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click

from tui_annotate.cli.accounts import account_lines, account_to_dict
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset


@click.command("stats")
@click.argument("dataset", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
def command(dataset: str | None, as_json: bool) -> None:
    """Print the counts of DATASET, or without one the counts of all datasets."""
    from tui_annotate.cli.datasets import existing_dataset, existing_store

    if dataset is not None:
        with existing_dataset(dataset) as (store, found):
            reports = [_report(store, found)]
    else:
        with existing_store() as store:
            reports = [_report(store, found) for found in store.admin.datasets()]
    if as_json:
        shown = reports[0] if dataset is not None else reports
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for number, report in enumerate(reports):
        click.echo(("\n" if number else "") + "\n".join(_lines(report)))


def _report(store: Store, dataset: Dataset) -> dict[str, object]:
    stats = store.admin.stats(dataset)
    return {
        "dataset": dataset.name,
        "file": str(store.path),
        "created": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(dataset.created_at)),
        "sessions": stats.sessions,
        "answers": stats.answers,
        "waiting": stats.waiting,
        "dropped": stats.drops,
        "sources": [account_to_dict(each) for each in store.accounts.of(dataset.id)],
    }


def _lines(report: dict[str, object]) -> list[str]:
    rows: list[tuple[str, object]] = []
    accounts = report["sources"]
    assert isinstance(accounts, list)
    for name, value in report.items():
        if name == "sources":
            continue
        if isinstance(value, dict):
            rows.append((name, sum(value.values())))
            rows += [(f"  {key}", count) for key, count in value.items()]
        else:
            rows.append((name, value))
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {value}" for name, value in rows]
    return [safe_line(line) for line in (*lines, *(x for a in accounts for x in account_lines(a)))]
