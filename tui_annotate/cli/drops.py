"""`tui-annotate drops`: the rows of a dataset's sources that were not asked, and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.cli.datasets import dataset_argument, existing_dataset
from tui_annotate.cli.output import print_json
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.store.records import StoredDrop


@click.command("drops")
@dataset_argument
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line")
@click.option("--reason", help="Only those dropped for this reason")
def command(dataset: str, as_json: bool, reason: str | None) -> None:
    """List the rows that were not asked for DATASET: file and lines, reason and detail.

    Lines that begin with `note` are remarks on rows that were asked all the same.
    """
    with existing_dataset(dataset) as (store, found):
        listed = 0
        for drop in store.progress.dataset_drops(found.id):
            if reason is None or drop.drop.reason == reason:
                listed += 1
                if as_json:
                    print_json(drop_to_dict(drop), indent=None)
                else:
                    sys.stdout.write(_line(drop))
        sys.stdout.flush()
    if not listed:
        sys.stderr.write("no rows were left out\n" if reason is None else "none for this reason\n")


def drop_to_dict(stored: StoredDrop) -> dict[str, Any]:
    """Return a drop as JSON values; both ends of the ranges are included."""
    drop = stored.drop
    return {
        "file": stored.source,
        "session": stored.session,
        "kind": drop.kind,
        "reason": drop.reason,
        "detail": drop.detail,
        "first_row": drop.first_row,
        "last_row": drop.last_row,
        "first_line": drop.first_line,
        "last_line": drop.last_line,
        "count": drop.count,
    }


def _line(stored: StoredDrop) -> str:
    drop = stored.drop
    where = f"{drop.first_line}" + (
        f"-{drop.last_line}" if drop.last_line > drop.first_line else ""
    )
    parts = [f"{stored.source}:{where}", drop.reason]
    if drop.count > 1:
        parts.append(f"{drop.count:,} rows")
    if drop.detail:
        parts.append(drop.detail)
    note = "note: " if drop.kind == "notice" else ""
    return safe_line(f"{note}{'  '.join(parts)}  [{stored.session}]") + "\n"
