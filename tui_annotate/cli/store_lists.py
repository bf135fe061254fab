"""`tui-annotate datasets`, `sessions` and `drops`: lists of what a database has."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.cli.console import local_time, print_rows
from tui_annotate.cli.find_datasets import dataset_argument, existing_dataset, existing_store
from tui_annotate.cli.output import print_json
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.store.records import StoredDrop


@click.command("datasets")
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
def list_datasets(as_json: bool) -> None:
    """List the datasets: answers by decision, sessions, waiting tasks, and the last answer."""
    with existing_store() as store:
        rows = []
        for dataset in store.admin.datasets():
            stats = store.admin.stats(dataset)
            last = store.lookup.last_answer_at(dataset.id)
            counts = tuple(stats.answers[each] for each in ("accept", "reject", "ignore"))
            rows.append((dataset.name, *counts, stats.sessions, stats.waiting, local_time(last)))
    names = ("dataset", "accept", "reject", "ignore", "sessions", "waiting", "last_answer")
    _print_table(names, rows, as_json)


@click.command("sessions")
@click.argument("dataset", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
def list_sessions(dataset: str | None, as_json: bool) -> None:
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
                started = local_time(session.created_at)
                rows.append((each.name, session.name, session.annotator, *decided, started))
    names = ("dataset", "session", "annotator", "accept", "reject", "ignore", "created")
    _print_table(names, rows, as_json)


def _print_table(names: tuple[str, ...], rows: list[tuple[Any, ...]], as_json: bool) -> None:
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_rows([names, *rows])


@click.command("drops")
@dataset_argument
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line")
@click.option("--reason", help="Only those dropped for this reason")
def list_drops(dataset: str, as_json: bool, reason: str | None) -> None:
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
    first, last = drop.first_line, drop.last_line
    place = f"{stored.source}:"
    if not first:  # a row that was put off once: where it stood was not kept
        first, last, place = drop.first_row, drop.last_row, f"{stored.source} row "
    parts = [f"{place}{first}" + (f"-{last}" if last > first else ""), drop.reason]
    if drop.count > 1:
        parts.append(f"{drop.count:,} rows")
    if drop.detail:
        parts.append(drop.detail)
    note = "note: " if drop.kind == "notice" else ""
    return safe_line(f"{note}{'  '.join(parts)}  [{stored.session}]") + "\n"
