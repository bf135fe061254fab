"""`tui-annotate progress`: answers over time."""

from __future__ import annotations

from typing import Any

import click

from tui_annotate.cli.console import print_rows
from tui_annotate.cli.datasets import existing_dataset
from tui_annotate.cli.output import print_json


@click.command("progress")
@click.argument("datasets")
@click.option("-i", "--interval", type=click.Choice(["day", "week", "month", "year"]),
              default="month", show_default=True, help="What is counted together")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
def command(datasets: str, interval: str, as_json: bool) -> None:
    """Count the answers of DATASETS (names with commas) by day, week, month or year."""
    found: list[dict[str, Any]] = []
    for name in dict.fromkeys(each.strip() for each in datasets.split(",") if each.strip()):
        with existing_dataset(name) as (store, dataset):
            total = 0
            for period, answers, inputs in store.lookup.counts_by_period(dataset.id, interval):
                total += answers
                found.append(
                    {
                        "dataset": name,
                        interval: period,
                        "answers": answers,
                        "inputs": inputs,
                        "total": total,
                    }
                )
    if as_json:
        print_json(found)
    else:
        head = ("dataset", interval, "answers", "inputs", "total")
        print_rows([head, *(tuple(each.values()) for each in found)])
