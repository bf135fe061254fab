"""`tui-annotate export`: a dataset's answers in the format of another program."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.cli.console import watched
from tui_annotate.cli.export_filters import choosing, make_choice, resolving, session_names
from tui_annotate.cli.find_datasets import existing_store, find_answers, sessions_of
from tui_annotate.cli.output import print_json, write_file
from tui_annotate.errors import UsageError
from tui_annotate.exchange.documents import DocumentAssembler
from tui_annotate.exchange.export_job import ExportPlan, export
from tui_annotate.exchange.registry import find_format, known_formats
from tui_annotate.exchange.split import parse_split
from tui_annotate.exchange.writers import FormatSettings
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.cli.find_datasets import AnswerSelection
    from tui_annotate.exchange.export_job import ExportPlan, ExportReport
    from tui_annotate.exchange.registry import Format
    from tui_annotate.exchange.resolve import ResolutionRule
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset

UNITS = ("codepoints", "utf8", "utf16")


@click.command("export")
@click.argument("datasets", metavar="DATASET[,DATASET...]")
@click.option("--to", "to", required=True, metavar="FORMAT", help="The format; see --formats")
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@choosing
@click.option("--revisions", is_flag=True, help="All revisions, a record for each answer")
@click.option("--each", is_flag=True, help="A record for each answer, not one for each input")
@click.option("--split", metavar="SHARES", help="train, dev and test in a folder: 80,10,10")
@click.option(
    "--offsets", type=click.Choice(UNITS), default="codepoints", help="What offsets count"
)
@click.option("--spans-key", metavar="KEY", help="spacy: spans go to doc.spans[KEY]")
@click.option("--lang", default="en", metavar="CODE", help="spacy: the language (default: en)")
@click.option(
    "--skip-invalid",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Put what the format cannot hold into FILE, and write the rest",
)
@click.option("--overwrite", is_flag=True, help="Replace a file that is there")
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON")
@click.option(
    "--formats",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, _, value: _list_formats(ctx, value),
    help="List the formats",
)
def command(datasets: str, to: str, out: Path, **given: Any) -> None:
    """Write the answers of DATASET to the file or folder OUT; `-` is stdout.

    One document for each input carries all that was said about it.
    """
    format_ = find_format(to)
    _check(format_, out, given)
    with existing_datasets(datasets) as (store, answered):
        found = list(dict.fromkeys(each.dataset for each in answered))
        sessions = session_names(store, found, (*given["sessions"], *sessions_of(store, answered)))
        plan = _plan(format_, out, given, sessions, resolving(store, found, given))
        report = _export(store, found, plan, out)
    place = "to stdout" if str(out) == "-" else f"to {out}"
    tell(report, f"{place} as {plan.format.name}")
    if given["as_json"]:
        print_json(report.as_dict(), indent=None)


def tell(report: ExportReport, where: str) -> None:
    """Say on stderr what became of the answers, which were written `where`."""
    counts = report.counts
    parts = ", ".join(f"{name} {count}" for name, count in report.documents.items() if name)
    lines = [
        f"{plural(report.written, 'document')} from {plural(counts.answers, 'answer')}"
        + (f" ({parts})" if parts else "") + f" written {where}"
    ]  # fmt: skip
    facts = (
        ("answers left out", counts.left_out),
        ("could not be written", report.invalid),
        ("documents with layers that the format has no place for", report.not_held),
        ("people differed on inputs, by layer", counts.conflicts),
    )
    for what, found in facts:
        if found:
            named = ", ".join(f"{name} {count}" for name, count in found.most_common())
            lines.append(f"{what}: {named}")
    if counts.adjudicated:
        lines.append(f"inputs decided by an adjudicated answer: {counts.adjudicated}")
    if report.newest:
        lines.append(f"newest answer: {report.newest} (--since {report.newest} takes later ones)")
    for line in lines:
        sys.stderr.write(safe_line(line) + "\n")


@contextmanager
def existing_datasets(names: str) -> Iterator[tuple[Store, list[AnswerSelection]]]:
    """Open the user's database and find datasets or sessions in it, by names with commas between.

    Raises:
        UsageError: There is no such dataset or session; the message has the nearest name.
        StoreError: The database cannot be opened.
    """
    wanted = list(dict.fromkeys(name for name in names.split(",") if name))
    if not wanted:
        raise UsageError("no dataset is named")
    with existing_store() as store:
        yield store, [find_answers(store, name) for name in wanted]


def _check(format_: Format, out: Path, given: dict[str, Any]) -> None:
    """Refuse options that do not go together."""
    name, piped = format_.name, str(out) == "-"
    whole = not format_.rows and (given["each"] or given["revisions"])
    spacy_only = given["spans_key"] and name != "spacy"
    wrong = (
        (whole, f"{name} has a document for each input, not a record for each answer", "--each"),
        (given["offsets"] != "codepoints" and not format_.offsets, f"{name} has no offsets",
         "--offsets"),
        (spacy_only, f"{name} has no span groups", "--spans-key"),
        (piped and (format_.folder or given["split"]), "a folder cannot go to stdout", "OUT"),
        (piped and given["as_json"], "stdout has the data already", "--json"),
        (piped and format_.binary and sys.stdout.isatty(), f"{name} is no text", "OUT"),
    )  # fmt: skip
    for is_wrong, what, where in wrong:
        if is_wrong:
            raise UsageError(what, where=where)


def _plan(
    format_: Format,
    out: Path,
    given: dict[str, Any],
    sessions: frozenset[str],
    resolve: ResolutionRule | None,
) -> ExportPlan:
    several = format_.several and resolve is None
    return ExportPlan(
        format_,
        out,
        FormatSettings(given["offsets"], given["spans_key"], given["lang"]),
        DocumentAssembler(make_choice(given, sessions), resolve, several),
        parse_split(given["split"]) if given["split"] else None,
        given["skip_invalid"],
        given["overwrite"],
    )


def _export(store: Store, found: list[Dataset], plan: ExportPlan, out: Path) -> ExportReport:
    """Write to the file; for stdout by way of one, so that nothing wrong gets into a pipe."""
    said = f"exporting {', '.join(each.name for each in found)}"
    if str(out) != "-":
        with watched(said):
            return export(store, found, plan)
    with tempfile.TemporaryDirectory(prefix="tui-annotate-") as folder:
        file = Path(folder, "export")
        with watched(said):
            report = export(store, found, replace(plan, target=file))
        with file.open("rb") as data:
            try:
                write_file(data, is_json=plan.format.ending in (".json", ".jsonl"))
            except BrokenPipeError:
                # The reader has gone; the interpreter would complain about it at exit.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return report


def _list_formats(context: click.Context, wanted: bool) -> None:
    if not wanted:
        return

    formats = known_formats()
    width = max(map(len, formats))
    for each in formats.values():
        needs = f" (needs [{each.extra}])" if each.extra else ""
        click.echo(f"{each.name:<{width}}  {each.help}{needs}")
    context.exit()
