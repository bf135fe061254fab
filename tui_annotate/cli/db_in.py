"""`tui-annotate db-in`: answers from a file, or from a Prodigy database, into a dataset."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui_annotate.cli.console import say, watched
from tui_annotate.cli.find_datasets import receiving_store
from tui_annotate.cli.output import print_json
from tui_annotate.errors import UsageError, nearest
from tui_annotate.exchange.annotation_layers import MEANINGS
from tui_annotate.exchange.import_sources import (
    Options,
    RowReading,
    from_prodigy,
    from_source,
    guess_view,
    open_answers,
)
from tui_annotate.exchange.importer import Importer
from tui_annotate.exchange.prodigy_db import ProdigyDatabase, is_sqlite
from tui_annotate.sources.base import told_of
from tui_annotate.sources.text_field import Fields, split_columns
from tui_annotate.task.schema import DECISIONS, Decision
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import shell_command
from tui_annotate.views import all_names, known_view

if TYPE_CHECKING:
    from tui_annotate.exchange.import_sources import Options, RowReading
    from tui_annotate.exchange.importer import ImportReport
    from tui_annotate.exchange.prodigy_db import ProdigyDataset
    from tui_annotate.sources.text_field import Fields
    from tui_annotate.store.database import Store
    from tui_annotate.task.offsets import Unit

_SHOWN = 10
"""Bad rows that are listed one by one."""


@click.command("db-in")
@click.argument("dataset", required=False)
@click.argument("in_file", required=False)
@click.option("-l", "-lo", "--loader", help="Loader, where the file's ending does not tell")
@click.option("--text-field", metavar="NAME", help="Field or column that holds the text")
@click.option("--id-field", metavar="NAME", help="Field or column that names the row")
@click.option(
    "--label-field",
    metavar="NAMES",
    help="Field or column that holds the class of the text, or several with commas",
)
@click.option(
    "--encoding",
    metavar="NAME",
    help="What the file is in, such as cp1252; UTF-8, UTF-16 and UTF-32 are found",
)
@click.option("--tag-column", metavar="COLUMNS",
              help="Which columns of a CoNLL file hold the tags, with commas: numbers from 1, or"
              " names")  # fmt: skip
@click.option("--offset-unit", type=click.Choice(("codepoints", "utf8", "utf16")),
              help="What offsets of spans count, where their own texts do not tell")  # fmt: skip
@click.option("-a", "--answer", type=click.Choice(DECISIONS), default="accept", show_default=True,
              help="The answer of rows that have none")  # fmt: skip
@click.option("-o", "--overwrite", is_flag=True, help="Give that answer to all rows")
@click.option("-rh", "--rehash", is_flag=True, help="Take all hashes anew")
@click.option("-D", "--dry", is_flag=True, help="Write nothing; say what would be written")
@click.option("--view", metavar="VIEW",
              help="What was asked, for all rows: `ner_manual` for all names of a text, `ner` for"
              " yes and no on single ones, or another view")  # fmt: skip
@click.option("--as", "annotator", metavar="NAME", help="Who gave all these answers")
@click.option(
    "--annotator-from",
    metavar="WHAT",
    help="Read who answered from `file` (its name), `folder`, or a key or column of each row",
)
@click.option("--from", "source_set", metavar="NAME", help="Which dataset of a prodigy.db file")
@click.option("--all", "everything", is_flag=True, help="Every dataset of a prodigy.db file")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON")
def command(
    dataset: str | None,
    in_file: str | None,
    loader: str | None,
    text_field: str | None,
    id_field: str | None,
    label_field: str | None,
    encoding: str | None,
    tag_column: str | None,
    offset_unit: Unit | None,
    answer: Decision,
    overwrite: bool,
    rehash: bool,
    dry: bool,
    view: str | None,
    annotator: str | None,
    annotator_from: str | None,
    source_set: str | None,
    everything: bool,
    as_json: bool,
) -> int:
    """Add the answers of IN_FILE to DATASET. Answers that are there already are not added again.

    IN_FILE is any source that a loader reads (JSON lines as Prodigy exports them, CSV, ...), or a
    prodigy.db file: then DATASET is the one of the same name, `--from NAME` another one, and
    `db-in --all FILE` takes every dataset under its own name.

    Rows that do not say which view they come from are looked at: yes and no on single spans says
    nothing about the rest of a text. What was taken for what is told; `--view` decides it for all.

    Hashes, sessions and times are kept. Exit code 1 where a row was no answer; the others are in.
    """
    options = Options(
        answer,
        overwrite,
        rehash,
        view=_known_view(view),
        annotator=_name(annotator, annotator_from),
        annotator_from=annotator_from or "",
    )
    fields = Fields(
        text_field or None,
        id_field or None,
        encoding=encoding or "",
        tag_columns=split_columns(tag_column),
        offset_unit=offset_unit,
        label_fields=split_columns(label_field),
    )
    if everything and in_file is None:
        dataset, in_file = None, dataset  # `db-in --all FILE`: its only word is the file
    file = _named_file(dataset, in_file, source_set, everything=everything)
    if loader is None and is_sqlite(file):
        pairs = _prodigy_sets(file, dataset, source_set)
        results = [(name, *_from_prodigy(file, found, name, options, dry)) for name, found in pairs]
    else:
        name = _dataset_of_rows(file, loader, dataset, source_set)
        results = [(name, *_from_file(file, loader, fields, name, options, dry))]
    return _tell(results, dry, as_json)


def _named_file(
    dataset: str | None, in_file: str | None, source_set: str | None, *, everything: bool
) -> str:
    """Return the file that a command line names.

    Raises:
        UsageError: It names none, or too little or too much beside it.
    """
    if in_file is None or (dataset is None and not everything):
        raise UsageError("DATASET and IN_FILE are needed", where="db-in", hint="See db-in --help")
    if everything and (dataset is not None or source_set):
        named = "a DATASET" if dataset is not None else "--from"
        raise UsageError(
            f"--all takes every dataset under its own name, so {named} says nothing",
            where="db-in",
            hint="`db-in --all FILE`, or `db-in DATASET FILE --from NAME` for one",
        )
    return in_file


def _dataset_of_rows(
    file: str, loader: str | None, dataset: str | None, source_set: str | None
) -> str:
    """Return the dataset that the rows of a file go into.

    Raises:
        UsageError: There is no such file, or it has no datasets of its own, which were asked for.
    """
    asks_for_datasets = dataset is None or bool(source_set)
    if asks_for_datasets or (loader is None and file.endswith(".db")):
        _check_there(file)
    if dataset is None or source_set:
        raise UsageError("this is not a prodigy.db file", where=file)
    return dataset


def _known_view(view: str | None) -> str:
    """Return the view, checked.

    Raises:
        UsageError: There is none of that name.
    """
    # Reviews and old binary views have no editor of their own here, and say what was asked.
    if view and view != "review" and known_view(view) is None:
        known = [*all_names(), "review"]
        raise UsageError(f"there is no view {view!r}", where="--view", hint=nearest(view, known))
    return view or ""


def _name(annotator: str | None, annotator_from: str | None) -> str:
    if annotator and annotator_from:
        raise UsageError(
            "both say who answered", where="--as and --annotator-from", hint="Give one"
        )
    return annotator or ""


def _check_there(path: str) -> None:
    is_file = not path.startswith("sqlite:") and "://" not in path
    if is_file and not Path(path).expanduser().exists():
        raise UsageError("there is no such file", where=path, hint="Check the path")


def _prodigy_sets(
    path: str, dataset: str | None, source_set: str | None
) -> list[tuple[str, ProdigyDataset]]:
    """Return which datasets of a Prodigy database go into which of ours."""
    with ProdigyDatabase(path) as database:
        datasets = database.datasets()
        if dataset is None:
            return [(each.name, each) for each in datasets]
        wanted = source_set or dataset
        found = [each for each in datasets if each.name == wanted]
        if not found:
            raise UsageError(
                f"it has no dataset {wanted!r}",
                where=path,
                hint=nearest(wanted, [each.name for each in datasets])
                if datasets
                else "It has none",
            )
        return [(dataset, found[0])]


def _from_prodigy(
    path: str, found: ProdigyDataset, name: str, options: Options, dry: bool
) -> tuple[ImportReport, RowReading]:
    with receiving_store(dry=dry) as store:
        return copy_from_prodigy(store, path, found, name, options, dry=dry)


def copy_from_prodigy(
    store: Store,
    path: str | os.PathLike[str],
    found: ProdigyDataset,
    name: str,
    options: Options,
    *,
    dry: bool = False,
) -> tuple[ImportReport, RowReading]:
    """Add the answers of a dataset in a Prodigy database to one of ours.

    Args:
        store: The database.
        path: That of Prodigy.
        found: Its dataset.
        name: Ours.
        options: How its examples become answers.
        dry: Write nothing, but say what would be written.
    """
    reading = RowReading()
    importer = Importer(store, name, dry=dry, what=words(path, found.name), was=found.name)
    with (
        ProdigyDatabase(path) as database,
        watched(f"reading {name}") as waiting,
        waiting.on(f"reading {name}", of=found.examples, unit="answers"),
        saying_what_stands(importer),
    ):
        arrivals = from_prodigy(database, found, options, reading)
        return importer.add(arrivals, progress=waiting.at), reading


def _from_file(
    path: str, loader: str | None, fields: Fields, name: str, options: Options, dry: bool
) -> tuple[ImportReport, RowReading]:
    if path.startswith("dataset:"):
        merge = shell_command(("db-merge",), (path.removeprefix("dataset:"), name))
        hint = f"Write {merge or 'db-merge DATASET NEW'}"
        raise UsageError("a dataset is no file", where=path, hint=hint)
    reading = RowReading()
    with watched(f"opening {path}") as waiting:
        source = open_answers(path, loader, fields)
        if told := told_of(source):
            say(f"{path}: {told}")
        if not options.view:
            options = replace(options, guessed_view=guess_view(source))
    with receiving_store(dry=dry) as store:
        importer = Importer(store, name, dry=dry, what=words(path))
        if importer.dataset is not None:
            options = replace(options, settings=importer.dataset.settings)

        def progress(count: int) -> None:
            waiting.at(reading.offset, plural(count, "row"))

        what = f"reading {path}"
        with (
            watched(what, waiting),
            waiting.on(what, of=source.size(), unit="bytes"),
            saying_what_stands(importer),
        ):
            report = importer.add(from_source(source, options, reading), progress=progress)
    return report, reading


def words(path: str | os.PathLike[str], dataset: str = "") -> str:
    """Return an import in words, for the note that it was cut short.

    Args:
        path: The file.
        dataset: The dataset in it, where it has several.
    """
    place = Path(path).expanduser().absolute()
    return f"db-in from {place}{f' ({dataset})' if dataset else ''}"


@contextmanager
def saying_what_stands(importer: Importer) -> Iterator[None]:
    """Say what an import has written, if it is left or fails before its end."""
    try:
        yield
    except BaseException:
        if importer.report.added and not importer.dry:
            added = plural(importer.report.added, "answer")
            say(f"{added} had been added before; the same command adds the rest, and none twice")
        raise


def _tell(results: list[tuple[str, ImportReport, RowReading]], dry: bool, as_json: bool) -> int:
    for name, report, reading in results:
        verb = "would be added" if dry else "added"
        text = f"{plural(report.added, 'answer')} {verb} to {name}"
        text += f"; {report.known:,} there already" if report.known else ""
        text += f"; {report.repeated:,} equal to another row of it" if report.repeated else ""
        tell(text, reading)
    if as_json:
        print_json([_as_dict(*result, dry=dry) for result in results])
    return 1 if any(reading.bad_count for _, _, reading in results) else 0


def tell(done: str, reading: RowReading) -> None:
    """Say what was done with the rows that were read, and name those that were no answers."""
    bad = reading.bad_count
    for view, count in sorted(reading.taken.items()):
        rows = "1 row names" if count == 1 else f"{count:,} rows name"
        say(f"{rows} no view, taken as {MEANINGS.get(view, view)}; --view says it for all")
    if reading.people:
        who = reading.people
        say(f"several people seem to stand under `{who}`; --annotator-from {who} tells them apart")
    say(done + (f"; left out as no answers: {bad:,}" if bad else ""))
    for where, why in reading.bad[:_SHOWN]:
        say(f"  {where}: {why}")
    if bad > _SHOWN:
        say(f"  and {bad - _SHOWN:,} more")
    if reading.hint:
        say(f"  {reading.hint}")
    for where, what in reading.remarks[:_SHOWN]:
        say(f"  {where}: {what}")
    if reading.remark_count > _SHOWN:
        say(f"  and {reading.remark_count - _SHOWN:,} more remarks")


def _as_dict(
    name: str, report: ImportReport, reading: RowReading, *, dry: bool
) -> dict[str, object]:
    return {
        "dataset": name,
        "dry": dry,
        "read": report.read,
        "added": report.added,
        "known": report.known,
        "repeated": report.repeated,
        "sessions": sorted(report.sessions),
        "taken_as": dict(reading.taken),
        "remarks": reading.remark_count,
        "bad": reading.bad_count,
        "bad_rows": [{"where": where, "why": why} for where, why in reading.bad],
    }
