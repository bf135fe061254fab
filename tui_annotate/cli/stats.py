"""`tui-annotate stats`: counts of a dataset, or what there is."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tui_annotate import __version__
from tui_annotate.agreement.dataset_statistics import figures_of
from tui_annotate.agreement.index_update import update_for
from tui_annotate.cli.console import can_draw, local_time, watched
from tui_annotate.cli.find_datasets import existing_answers, existing_store
from tui_annotate.cli.output import print_json
from tui_annotate.commands.statistics_page import page, sentences
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.agreement.dataset_statistics import Statistics
    from tui_annotate.cli.find_datasets import AnswerSelection
    from tui_annotate.store.answer_index import PeriodCounts
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset, StoredSession
    from tui_annotate.store.row_outcomes import Account
    from tui_annotate.waiting import Waiting


def account_to_dict(account: Account) -> dict[str, Any]:
    """Return an account as JSON values."""
    found = account._asdict()
    found["pass"] = found.pop("pass_")
    rows = account.rows
    found["to_go"] = None if rows is None else max(0, rows - account.read)
    return found


def account_lines(found: Mapping[str, Any]) -> list[str]:
    """Return what `account_to_dict` gave in words: the sum, why rows were dropped, what is left."""
    over = f", pass {found['pass']}" if found["pass"] > 1 else ""
    lines = [f"{found['source']} ({found['session']}, {found['recipe']}{over})", f"  {_sum(found)}"]
    if found["dropped"]:
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in sorted(found["dropped"].items()))
        lines.append(f"  dropped: {reasons}")
    if found["to_go"] is not None:
        lines.append(f"  {plural(found['to_go'], 'row')} to go")
    elif found["rows_left"] is not None:
        lines.append(f"  about {plural(found['rows_left'], 'row')} to go, not counted yet")
    return lines


def _sum(found: Mapping[str, Any]) -> str:
    parts = [
        f"{found['answered']:,} answered",
        f"{found['waiting']:,} waiting",
        f"{found['in_hand']:,} in hand",
        f"{sum(found['dropped'].values()):,} dropped",
    ]
    total = f"{plural(found['read'], 'row')} read = {' + '.join(parts)}"
    if found["not_met"]:
        total += f" - {found['not_met']:,} settled earlier and not met again"
    return total


_PIPE_COLUMNS, _MOST_COLUMNS = 80, 140


@click.command("stats")
@click.argument("dataset", required=False)
@click.option("-l", "--list-datasets", is_flag=True, help="List the names of all datasets")
@click.option("-ls", "--list-sessions", is_flag=True, help="List the names of all sessions")
@click.option("-nf", "--no-format", "as_json", is_flag=True, help="The same as --json")
@click.option("--plain", is_flag=True, help="Print sentences, without bars")
@click.option("--ascii", "ascii_only", is_flag=True, help="Draw bars in ASCII")
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
def command(
    dataset: str | None,
    list_datasets: bool,
    list_sessions: bool,
    plain: bool,
    ascii_only: bool,
    as_json: bool,
) -> None:
    """Print the figures of DATASET or of a session: answers, labels, days, people, time at work,
    and what is worth a look. Without one print the counts of each dataset; `-l` adds those of
    the store.

    The first call makes the index that searches use, later ones add what is new to it.
    """
    lists = _Lists(list_datasets, list_sessions)
    said = _of_all(lists) if dataset is None else _of_one(dataset, lists)
    if as_json:
        _print_json(said)
    else:
        _print_page(said, plain=plain, ascii_only=ascii_only)


class _Lists(NamedTuple):
    """Which lists of names are asked for."""

    datasets: bool
    sessions: bool


class _Said(NamedTuple):
    """What is printed.

    Attributes:
        reports: The counts of one dataset or session, of the store, or of each dataset.
        is_one: Whether they are of one thing, so that they are one record.
        figures: What the page says beside the counts, if it was asked for.
        names: The lists of names, by their titles.
    """

    reports: list[dict[str, object]]
    is_one: bool
    names: dict[str, list[str]]
    figures: Statistics | None = None


def _of_one(name: str, lists: _Lists) -> _Said:
    """Return what is said of a dataset or a session."""
    with existing_answers(name) as (store, found):
        figures = None if any(lists) else take_figures(store, found)
        if found.session is not None:
            report = _session_report(store, found.session, found.dataset)
        else:
            report = _report(store, found.dataset, figures)
        names = _names(store, [found.dataset], lists.datasets, lists.sessions)
    return _Said([report], True, names, figures)


def _of_all(lists: _Lists) -> _Said:
    """Return what is said of each dataset, or of the store where names are listed."""
    with existing_store() as store:
        datasets = store.admin.datasets()
        names = _names(store, datasets, lists.datasets, lists.sessions)
        if any(lists):
            return _Said([_store_report(store, datasets)], True, names)
        return _Said([_report(store, each) for each in datasets], False, names)


def _print_json(said: _Said) -> None:
    if not said.is_one:
        print_json(said.reports)
        return
    figures = {} if said.figures is None else said.figures.to_dict()
    print_json({**figures, **said.reports[0], **said.names})


def _print_page(said: _Said, *, plain: bool, ascii_only: bool) -> None:
    reports = said.reports
    if said.figures is not None:
        print_figures(said.figures, plain=plain, ascii_only=ascii_only)
        click.echo()
        reports = [_without_figures(each) for each in reports]
    for number, report in enumerate(reports):
        click.echo(("\n" if number else "") + "\n".join(_lines(report)))
    for title, found_names in said.names.items():
        click.echo(f"\n{title}")
        for name in found_names:
            click.echo(f"  {safe_line(name)}")


def _without_figures(report: dict[str, object]) -> dict[str, object]:
    """Return what of a report the page does not say."""
    said = ("dataset", "session", "annotator", "answers", "waiting", "dropped")
    return {key: value for key, value in report.items() if key not in said}


def take_figures(
    store: Store, found: AnswerSelection, waiting: Waiting | None = None
) -> Statistics:
    """Return the figures of a dataset or session, its index brought up to date.

    Args:
        store: Where the answers are.
        found: Whose figures.
        waiting: Is told how far it is; without one a line on stderr says so.

    Raises:
        KeyboardInterrupt: Somebody has left.
    """
    name = found.dataset.name
    if waiting is None:
        with watched(f"counting {name}") as seen:
            return take_figures(store, found, seen)
    return figures_of(store, found.dataset, found.session, waiting)


def take_periods(store: Store, dataset: Dataset) -> list[PeriodCounts]:
    """Return the answers of a dataset by session and time, with the time at work, its index brought
    up to date.

    Raises:
        KeyboardInterrupt: Somebody has left.
    """
    with watched(f"counting {dataset.name}") as waiting:
        return update_for(store, dataset, waiting, lambda index: list(index.periods()))


def print_figures(figures: Statistics, *, plain: bool, ascii_only: bool) -> None:
    """Write figures to stdout: the page, or sentences.

    Args:
        figures: The figures.
        plain: Sentences.
        ascii_only: Bars in ASCII also where the terminal, or the file, could have others.
    """
    if plain:
        rows = sentences(figures)
    else:
        width = shutil.get_terminal_size().columns - 1 if sys.stdout.isatty() else _PIPE_COLUMNS
        rows = page(figures, min(width, _MOST_COLUMNS), ascii_only=ascii_only or not can_draw())
    for row in rows:
        click.echo(row)


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
        "created": local_time(session.created_at),
        "answers": store.answers.counts(dataset.id, session.id),
    }


def _report(store: Store, dataset: Dataset, figures: Statistics | None = None) -> dict[str, object]:
    stats = store.admin.stats(dataset)
    if figures is None:
        accounts: Sequence[Account] = store.accounts.of(dataset.id)
        given = store.guidelines.answered_under(dataset.id)
    else:
        accounts = figures.accounts
        counts = figures.guidelines.items()
        found = [(store.guidelines.get(number), count) for number, count in counts]
        given = [(version, count) for version, count in found if version is not None]
    versions = {
        f"{version.digest.hex()[:8]}, {local_time(version.created_at)}": count
        for version, count in given
    }
    return {
        "dataset": dataset.name,
        "file": str(store.path),
        "created": local_time(dataset.created_at),
        "sessions": stats.sessions,
        "answers": stats.answers,
        "waiting": stats.waiting,
        "dropped": stats.drops,
        **({"under guidelines": versions} if versions else {}),
        "sources": [account_to_dict(each) for each in accounts],
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
