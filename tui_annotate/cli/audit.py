"""`tui-annotate audit`: who opened which tasks of a dataset, and when."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.cli.find_datasets import existing_store
from tui_annotate.cli.output import print_json
from tui_annotate.store.catalog import no_dataset
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.store.audit import StoredOpening


@click.command("audit")
@click.argument("dataset")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line")
@click.option("--annotator", metavar="NAME", help="Only what this person has opened")
def command(dataset: str, as_json: bool, annotator: str | None) -> None:
    """List which tasks of DATASET were opened, by whom and when, oldest first.

    Tasks are named by their hashes, as in exports; a dataset that was dropped is still known here,
    one that was purged is not. Sessions are recorded while the setting `audit` is on.
    """
    listed = 0
    with existing_store() as store:
        for each in store.audit.of(dataset):
            if annotator in (None, each.annotator):
                listed += 1
                if as_json:
                    print_json(opening_to_dict(each), indent=None)
                else:
                    sys.stdout.write(_line(each))
        sys.stdout.flush()
        if listed:
            return
        names = {*(each.name for each in store.admin.datasets()), *store.audit.datasets()}
        if dataset not in names:
            raise no_dataset(dataset, names, str(store.path))
    sys.stderr.write("no opening of a task was recorded\n")


def opening_to_dict(stored: StoredOpening) -> dict[str, Any]:
    """Return an opening as JSON values; `opened_at` is in seconds since 1970, `key` in hex."""
    opening = stored.opening
    return {
        "dataset": stored.dataset,
        "session": stored.session,
        "annotator": stored.annotator,
        "pass": opening.pass_,
        "_input_hash": opening.input_hash,
        "_task_hash": opening.task_hash,
        "key": opening.key.hex(),
        "opened_at": opening.opened_at,
    }


def _line(stored: StoredOpening) -> str:
    opening = stored.opening
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(opening.opened_at))
    task = f"task {opening.task_hash} of input {opening.input_hash}"
    again = f", pass {opening.pass_}" if opening.pass_ > 1 else ""
    return safe_line(f"{when}  {stored.annotator}  {task}{again}") + "\n"
