"""`tui-annotate stats`: counts of a dataset, or what there is."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import click

from tui_annotate import __version__
from tui_annotate.cli.console import when
from tui_annotate.cli.datasets import existing_answers, existing_store
from tui_annotate.cli.output import print_json
from tui_annotate.cli.row_report import account_lines, account_to_dict
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset, StoredSession


@click.command("stats")
@click.argument("dataset", required=False)
@click.option("-l", "--list-datasets", is_flag=True, help="List the names of all datasets")
@click.option("-ls", "--list-sessions", is_flag=True, help="List the names of all sessions")
@click.option("-nf", "--no-format", "as_json", is_flag=True, help="The same as --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
def command(dataset: str | None, list_datasets: bool, list_sessions: bool, as_json: bool) -> None:
    """Print the counts of DATASET or of a session; without one those of the store and of all."""
    listed = list_datasets or list_sessions
    if dataset is not None:
        with existing_answers(dataset) as (store, found):
            reports = [_report(store, found.dataset)]
            if found.session is not None:
                reports = [_session_report(store, found.session, found.dataset)]
            names = _names(store, [found.dataset], list_datasets, list_sessions)
    else:
        with existing_store() as store:
            datasets = store.admin.datasets()
            reports = [] if listed else [_report(store, each) for each in datasets]
            names = _names(store, datasets, list_datasets, list_sessions)
            if listed:
                reports = [_store_report(store, datasets)]
    if as_json:
        single = dataset is not None or listed
        print_json({**reports[0], **names} if single else reports)
        return
    for number, report in enumerate(reports):
        click.echo(("\n" if number else "") + "\n".join(_lines(report)))
    for title, found_names in names.items():
        click.echo(f"\n{title}")
        for name in found_names:
            click.echo(f"  {safe_line(name)}")


def _names(
    store: Store, datasets: list[Dataset], list_datasets: bool, list_sessions: bool
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if list_datasets:
        found["datasets"] = [each.name for each in datasets]
    if list_sessions:
        found["session names"] = [
            session.name for each in datasets for session in store.admin.sessions(each.id)
        ]
    return found


def _store_report(store: Store, datasets: list[Dataset]) -> dict[str, object]:
    return {
        "version": __version__,
        "file": str(store.path),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "total datasets": len(datasets),
        "total sessions": sum(len(store.admin.sessions(each.id)) for each in datasets),
    }


def _session_report(store: Store, session: StoredSession, dataset: Dataset) -> dict[str, object]:
    return {
        "session": session.name,
        "dataset": dataset.name,
        "annotator": session.annotator,
        "file": str(store.path),
        "created": when(session.created_at),
        "answers": store.answers.counts(dataset.id, session.id),
    }


def _report(store: Store, dataset: Dataset) -> dict[str, object]:
    stats = store.admin.stats(dataset)
    versions = {
        f"{version.digest.hex()[:8]}, {when(version.created_at)}": count
        for version, count in store.guidelines.answered_under(dataset.id)
    }
    return {
        "dataset": dataset.name,
        "file": str(store.path),
        "created": when(dataset.created_at),
        "sessions": stats.sessions,
        "answers": stats.answers,
        "waiting": stats.waiting,
        "dropped": stats.drops,
        **({"under guidelines": versions} if versions else {}),
        "sources": [account_to_dict(each) for each in store.accounts.of(dataset.id)],
    }


def _lines(report: dict[str, object]) -> list[str]:
    rows: list[tuple[str, object]] = []
    accounts = report.get("sources", [])
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
