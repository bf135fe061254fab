"""`tui-annotate progress`: answers over time."""

from __future__ import annotations

from typing import Any

import click

from tui_annotate.cli.console import can_draw, print_rows
from tui_annotate.cli.find_datasets import existing_dataset
from tui_annotate.cli.output import print_json
from tui_annotate.commands.statistics_page import ASCII, BLOCKS, bar

_CELLS = 24


@click.command("progress")
@click.argument("datasets")
@click.option("-i", "--interval", type=click.Choice(["day", "week", "month", "year"]),
              default="month", show_default=True, help="What is counted together")  # fmt: skip
@click.option("--plain", is_flag=True, help="Print no bars")
@click.option("--ascii", "ascii_only", is_flag=True, help="Draw bars in ASCII")
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
def command(datasets: str, interval: str, plain: bool, ascii_only: bool, as_json: bool) -> None:
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
        head = ("dataset", interval, "answers", "inputs", "total", "")
        most = max((each["answers"] for each in found), default=0)
        marks = BLOCKS if can_draw() and not ascii_only else ASCII
        bars = [bar(each["answers"], most, _CELLS, marks) for each in found]
        if plain:
            bars = [""] * len(found)
        print_rows(
            [head, *((*each.values(), drawn) for each, drawn in zip(found, bars, strict=True))]
        )
