"""`tui-annotate db-merge`: the answers of several datasets into one, of this store or another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from tui_annotate.cli.console import local_time, say, watched
from tui_annotate.cli.db_in import saying_what_stands
from tui_annotate.cli.find_datasets import (
    AnswerSelection,
    existing_store,
    find_answers,
    receiving_store,
)
from tui_annotate.cli.output import print_json
from tui_annotate.data_paths import is_server_name, store_path
from tui_annotate.errors import UsageError
from tui_annotate.exchange.imported_answer import copy_of, rehashed
from tui_annotate.exchange.importer import Importer
from tui_annotate.store.database import open_store
from tui_annotate.task.hash_body import HashSettings
from tui_annotate.task.jsonio import loads_strict
from tui_annotate.text.amounts import plural

if TYPE_CHECKING:
    from tui_annotate.exchange.imported_answer import ImportedAnswer
    from tui_annotate.exchange.importer import ImportReport
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset

_SHOWN = 20


@click.command("db-merge")
@click.argument("in_sets")
@click.argument("out_set", required=False)
@click.option("-rh", "--rehash", is_flag=True, help="Take all hashes anew")
@click.option("-D", "--dry", is_flag=True, help="Write nothing; say what would be written")
@click.option("--from", "other", type=click.Path(path_type=Path), metavar="FILE",
              help="Another store: IN_SETS are its datasets; OUT_SET may be left out")  # fmt: skip
@click.option("--prefer", type=click.Choice(["here", "there", "newer"]), default="here",
              show_default=True, help="Which answer stands where one session has two")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON")
def command(
    in_sets: str,
    out_set: str | None,
    rehash: bool,
    dry: bool,
    other: Path | None,
    prefer: Literal["here", "there", "newer"],
    as_json: bool,
) -> int:
    """Add the answers of IN_SETS (datasets or sessions, with commas) to OUT_SET; equal ones once.

    With `--from FILE` they come from another store of tui-annotate, task by task: where a session
    has another answer to the same task here, that is a conflict. Conflicts are listed, the answer
    that `--prefer` says stands, and the exit code is 1 as long as something was left out.
    """
    names = list(dict.fromkeys(name.strip() for name in in_sets.split(",") if name.strip()))
    if not names or (out_set is None and other is None):
        raise UsageError("IN_SETS and OUT_SET are needed", where="db-merge")
    if other is not None:
        other = store_path(other)
    if other is not None and not is_server_name(other) and not other.is_file():
        what = "it is no plain file" if other.exists() else "there is no such file"
        raise UsageError(what, where=str(other), hint="Check the path")
    with existing_store() if other is None else receiving_store(dry=dry) as store:
        if other is None:
            pairs = [(str(out_set), _datasets(store, names))]
            reports = [_merge(store, store, name, sets, rehash, dry) for name, sets in pairs]
        else:
            with open_store(other, create=False, readonly=True) as source:
                found = _datasets(source, names)
                apart = [(each.dataset.name, [each]) for each in found]
                pairs = [(str(out_set), found)] if out_set else apart
                reports = [
                    _merge(store, source, name, sets, rehash, dry, prefer) for name, sets in pairs
                ]
        return _tell([name for name, _ in pairs], reports, prefer, dry, as_json)


def _datasets(store: Store, names: list[str]) -> list[AnswerSelection]:
    return [find_answers(store, name) for name in names]


def _merge(
    store: Store,
    source: Store,
    name: str,
    sets: list[AnswerSelection],
    rehash: bool,
    dry: bool,
    prefer: Literal["all", "here", "there", "newer"] = "all",
) -> ImportReport:
    datasets = list({each.dataset.id: each.dataset for each in sets}.values())
    settings = datasets[0].settings
    if any(each.settings != settings for each in datasets) and not rehash:
        raise UsageError(
            "the datasets have different hash keys", where="db-merge", hint="Use --rehash"
        )
    what = f"db-merge {','.join(each.name for each in sets)} from {source.path}"
    importer = Importer(store, name, settings=settings, dry=dry, prefer=prefer, what=what)
    # What is merged into one of themselves is there already. (Numbers tell datasets of one store.)
    into = importer.dataset if source is store else None
    if into is not None:
        datasets = [each for each in datasets if each.id != into.id]
        sets = [each for each in sets if each.dataset in datasets]
    total = sum(sum(source.answers.counts(each.id).values()) for each in datasets)
    used = importer.dataset.settings if importer.dataset else settings
    arrivals = [_arrivals(source, each, used if rehash else None) for each in sets]
    added = [label for each in datasets for label in source.dataset_labels.of(each.id)]

    def add_labels(own: Dataset) -> None:
        """Offer in the dataset what annotators have added to those that came into it."""
        for each in added:
            store.dataset_labels.add(
                own.id, each.setting, each.label, each.annotator, each.added_at
            )

    with (
        watched(f"merging into {name}") as waiting,
        waiting.on(f"merging into {name}", of=total, unit="answers"),
        saying_what_stands(importer),
    ):
        importer.add(*arrivals, progress=waiting.at, labels=add_labels if added else None)
    return importer.report


def _arrivals(source: Store, answered: AnswerSelection, rehash: object) -> Iterator[ImportedAnswer]:
    for stored in source.relabel.answers(answered.dataset.id):
        if not answered.has(stored):
            continue
        found = copy_of(stored)
        yield rehashed(found, rehash) if isinstance(rehash, HashSettings) else found


def _tell(
    names: list[str], reports: list[ImportReport], prefer: str, dry: bool, as_json: bool
) -> int:
    for name, report in zip(names, reports, strict=True):
        verb = "would be added" if dry else "added"
        known = f"; {report.known:,} there already" if report.known else ""
        say(f"{plural(report.added, 'answer')} {verb} to {name}{known}")
        for line in _conflicts(report):
            say(line)
    left = sum(len(report.conflicts) for report in reports) if prefer == "here" else 0
    if as_json:
        print_json([_as_dict(name, report) for name, report in zip(names, reports, strict=True)])
    return 1 if left else 0


def _conflicts(report: ImportReport) -> list[str]:
    if not report.conflicts:
        return []
    lines = [f"{plural(len(report.conflicts), 'conflict')} (session, text, here, there):"]
    for each in report.conflicts[:_SHOWN]:
        here = each.here.record
        text = " ".join(str(loads_strict(here.content).get("text", ""))[:200].split())[:40]
        lines.append(
            f"  {each.session}  {text!r}  {here.answer} {local_time(here.answered_at)}"
            f"  {each.there} {local_time(each.there_at)}"
        )
    rest = len(report.conflicts) - _SHOWN
    return lines + ([f"  and {rest:,} more (all with --json)"] if rest > 0 else [])


def _as_dict(name: str, report: ImportReport) -> dict[str, object]:
    return {
        "dataset": name,
        "read": report.read,
        "added": report.added,
        "known": report.known,
        "conflicts": [
            {
                "session": each.session,
                "input_hash": each.identity.input_hash,
                "task_hash": each.identity.task_hash,
                "here": each.here.record.answer,
                "here_at": each.here.record.answered_at,
                "there": each.there,
                "there_at": each.there_at,
            }
            for each in report.conflicts
        ],
    }
