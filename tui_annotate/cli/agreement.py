"""`tui-annotate agreement` and Prodigy's `metric.iaa.*`: how far people agree."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.agreement.accuracy import LIMIT, accuracy
from tui_annotate.agreement.answers import Preannotations, kind_of, read
from tui_annotate.agreement.coefficients import ROUNDS
from tui_annotate.agreement.ratings import KINDS
from tui_annotate.agreement.report import WORST, make_report
from tui_annotate.agreement.span_scores import MATCHES
from tui_annotate.cli.agreement_report import (
    csv_rows,
    offer_tasks,
    print_accuracy,
    print_reasons,
    print_report,
    print_task,
)
from tui_annotate.cli.console import Bar, say
from tui_annotate.cli.export_filters import named_by, session_names
from tui_annotate.cli.find_datasets import existing_store, find_dataset
from tui_annotate.cli.output import print_json, write_file
from tui_annotate.cli.stream_options import with_params
from tui_annotate.errors import UsageError
from tui_annotate.recipes.common import names as split
from tui_annotate.sources.base import Row
from tui_annotate.sources.registry import open_source
from tui_annotate.task.review import REASONS, read_reason, version_lines
from tui_annotate.task.schema import REASON
from tui_annotate.task.stored_tokens import loads_content
from tui_annotate.text.amounts import plural

if TYPE_CHECKING:
    from tui_annotate.agreement.accuracy import Accuracy
    from tui_annotate.agreement.answers import JudgedInput, ReadAnswers
    from tui_annotate.agreement.ratings import Kind
    from tui_annotate.agreement.report import AgreementReport
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset

_NUMBER = re.compile(r"[0-9a-f]{32}|-?[0-9]+")


def _bare_name(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Take a dataset by its name alone, too, where it is written as a source is."""
    return None if value is None else value.removeprefix("dataset:")


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that all four commands have."""
    options = (
        click.option("-l", "--labels", "--label", metavar="A,B", help="Only these labels"),
        click.option("-a", "--annotators", "--annotator", metavar="A,B",
                     help="Only these annotators or sessions"),
        click.option("--without", metavar="A,B",
                     help="Not these annotators, such as models that answer under their own names"),
        click.option("--against", metavar="DATASET|FILE", callback=_bare_name,
                     help="A dataset of right answers, or the file that was annotated with what it"
                     " brought along: one more annotator, called by its name; also says how often"
                     " everybody is right, and what was said instead"),
        click.option("--text-field", metavar="FIELD",
                     help="With --against FILE: the field of the text, as the job was given it"),
        click.option("--limit", type=click.IntRange(0, 100), default=LIMIT, metavar="PERCENT",
                     help=f"With --against: who is right less often is named ({LIMIT})"),
        click.option("--open", "opened", type=click.IntRange(1, WORST), metavar="N",
                     help="Instead: the N-th of the tasks most worth discussing, in full"),
        click.option("--intervals", is_flag=True,
                     help="With 95 % intervals (1,000 times resampled)"),
        click.option("--json", "as_json", is_flag=True, help="Print JSON"),
        click.option("--csv", "as_csv", is_flag=True, help="Print a table with commas"),
    )  # fmt: skip
    return with_params(options)(function)


@click.command("agreement")
@click.argument("datasets")
@click.option(
    "--reasons",
    is_flag=True,
    help="Instead: why people differed, as reviews in DATASETS say, with the tasks",
)
@click.option("--kind", type=click.Choice(KINDS), help="What is compared, instead of what fits")
@_options
def command(datasets: str, kind: Kind | None, reasons: bool, **given: Any) -> None:
    """Say how far the annotators of DATASETS (names with commas) agree, and where they do not.

    Spans are compared as pairs of annotators (F1) and by Krippendorff's alpha of units; classes and
    yes/no answers by percent agreement, Krippendorff's alpha, Gwet's AC1 and kappas. What fits is
    found by looking at the answers.
    """
    if reasons:
        _show_reasons(datasets, given)
    else:
        _show(datasets, kind, given)


@click.command("metric.iaa.binary")
@click.argument("datasets")
@_options
def binary(datasets: str, **given: Any) -> None:
    """Say how far annotators agree on yes/no questions: accept and reject."""
    _show(datasets, "binary", given)


@click.command("metric.iaa.doc")
@click.argument("datasets")
@click.argument("annotation_type", type=click.Choice(("multiclass", "multilabel")))
@_options
def doc(datasets: str, annotation_type: Kind, **given: Any) -> None:
    """Say how far annotators agree on classes of texts: one of them, or several."""
    _show(datasets, annotation_type, given)


@click.command("metric.iaa.span")
@click.argument("datasets")
@click.option("-P", "--partial", is_flag=True, help="Put spans that overlap before equal ones")
@_options
def span(datasets: str, partial: bool, **given: Any) -> None:
    """Say how far annotators agree on spans, pair by pair, with a table of confusions."""
    _show(datasets, "span", given, partial=partial)


def _show(names: str, kind: Kind | None, given: dict[str, Any], *, partial: bool = False) -> None:
    with existing_store() as store:
        taken = _read(store, names, given)
    _check(taken.inputs, names, given)
    chosen = kind or kind_of(taken.inputs)
    labels = named_by("--labels", given["labels"])
    rounds = ROUNDS if given["intervals"] else 0
    done = [0]
    bar = Bar("resampling", rounds * (len(MATCHES) if chosen == "span" else 1), lambda: done[0])

    def tick(count: int) -> None:
        done[0] = count
        bar.step(count)

    report = make_report(taken.inputs, chosen, labels=labels, rounds=rounds, tick=tick)
    bar.end()
    if partial:
        report.measures.sort(key=lambda line: "partial" not in line.name)
    _check_report(report, labels, names)
    for reason, count in sorted(taken.left_out.items()):
        say(f"{plural(count, 'answer')} left out: {reason}")
    _say_unknown(taken.inputs, labels)
    known = _accuracies(taken.inputs, chosen, given["against"], labels)
    if given["opened"]:
        print_task(report, given["opened"])
    elif given["as_json"]:
        against = {who: own.to_dict() for who, own in known.items()}
        print_json({**report.to_dict(), **({"against": against} if given["against"] else {})})
    elif given["as_csv"]:
        table = io.StringIO(newline="")
        csv.writer(table, lineterminator="\n").writerows(csv_rows(report, known))
        write_file(io.BytesIO(table.getvalue().encode()), is_json=False)
    else:
        print_report(report)
        print_accuracy(known, given["against"], given["limit"])
        offer_tasks(report)


def _accuracies(
    inputs: list[JudgedInput], kind: Kind, right: str | None, labels: list[str]
) -> dict[str, Accuracy]:
    """Return how far each person gave the answers of the one who is right, if one is named."""
    if not right:
        return {}
    known = accuracy(inputs, kind, right, labels)
    if not known:
        with_labels = f" with the label {', '.join(labels)}" if labels else ""
        say(f"nobody answered anything{with_labels} that {right} says is right")
    return known


def _show_reasons(names: str, given: dict[str, Any]) -> None:
    """Print the tasks of which a review says why people differed, by reason."""
    found: list[dict[str, Any]] = []
    with existing_store() as store:
        for dataset in _datasets(store, names):
            for stored in store.answers.iterate(dataset.id):
                content = loads_content(stored.record.content)
                reason = read_reason(str(content.get(REASON) or ""))
                if reason is not None:
                    code, _, note = reason.partition(": ")
                    found.append({
                        "reason": code,
                        "note": note,
                        "comment": stored.record.comment or "",
                        "dataset": dataset.name,
                        "answer": stored.id,
                        "text": str(content.get("text") or ""),
                        "versions": version_lines(content),
                    })  # fmt: skip
    if not found:
        hint = "In a review R gives the reason; name the dataset that the review is saved in"
        raise UsageError("no answer says why people differed", where=names, hint=hint)
    found.sort(key=lambda each: REASONS.index(each["reason"]))
    if given["as_json"]:
        print_json(found)
    elif given["as_csv"]:
        rows: list[list[Any]] = [[*found[0]]]
        for each in found:
            rows.append([*{**each, "versions": "; ".join(each["versions"])}.values()])
        table = io.StringIO(newline="")
        csv.writer(table, lineterminator="\n").writerows(rows)
        write_file(io.BytesIO(table.getvalue().encode()), is_json=False)
    else:
        print_reasons(found)


def _datasets(store: Store, names: str) -> list[Dataset]:
    found = [find_dataset(store, name.removeprefix("dataset:")) for name in _listed(names)]
    if not found:
        raise UsageError("the dataset is missing", hint="Name one, or several with commas")
    return found


def _listed(names: str | None) -> list[str]:
    return list(dict.fromkeys(split(names)))


def _read(store: Store, names: str, given: dict[str, Any]) -> ReadAnswers:
    datasets = _datasets(store, names)
    gold, brought = _against(store, datasets, given)
    bar = Bar("reading answers", None, lambda: 0)
    wanted = session_names(
        store, datasets, named_by("--annotators", given["annotators"]), "--annotators"
    )
    without = session_names(store, datasets, named_by("--without", given["without"]), "--without")
    taken = read(
        store,
        datasets,
        annotators=wanted,
        without=without,
        gold=gold,
        brought=brought,
        tick=bar.step,
    )
    bar.end()
    return taken


def _against(
    store: Store, datasets: list[Dataset], given: dict[str, Any]
) -> tuple[Dataset | None, Preannotations | None]:
    """Return the dataset that people are held against, or what a file brought along."""
    name = given["against"]
    if name is None:
        return None, None
    # Without a name the path would be the folder at hand.
    if name and store.admin.find_dataset(name) is None and Path(name).expanduser().exists():
        source = open_source(Path(name).expanduser(), text_field=given["text_field"])
        rows = (row.data for row in source.rows() if isinstance(row, Row))
        return None, Preannotations.of(name, rows, datasets)
    return find_dataset(store, name), None


def _check(inputs: list[JudgedInput], names: str, given: dict[str, Any]) -> None:
    against = given["against"]
    if inputs and against and all(against not in each.said for each in inputs):
        if Path(against).expanduser().exists():
            what = "it marks nothing on the texts that were answered"
            hint = "Give the file that was annotated, with the --text-field of the job"
            raise UsageError(what, where=against, hint=hint)
        raise UsageError("it has no answer that says something", where=against)
    people = {who for each in inputs for who in each.said}
    if len(people) < 2:
        who = f"only {people.pop()}" if people else "nobody"
        raise UsageError(
            f"agreement takes two annotators, and {who} answered",
            where=names,
            hint="Name several datasets with commas, or --against a dataset of right answers",
        )


def _check_report(report: AgreementReport, labels: list[str], names: str) -> None:
    if not report.counts["units"]:
        what = "with these labels" if labels else f"of the kind {report.kind}"
        raise UsageError(
            f"there are no answers {what}", where=names, hint="Leave --kind and --labels out"
        )


def _say_unknown(inputs: list[JudgedInput], labels: list[str]) -> None:
    """Say which labels were asked for that no answer has: most often they are misspelt."""
    known: set[str] = set()
    for each in inputs if labels else ():
        for said in each.said.values():
            known.update(said.classes, said.verdicts, (span[2] for span in said.spans or ()))
            known.update(relation[2] for relation in said.relations or ())
    missing = [label for label in labels if label not in known]
    if missing:
        # Questions that have no label go by their numbers.
        named = sorted(each for each in known if not _NUMBER.fullmatch(each))
        hint = f"; there are: {', '.join(named)}" if named else ""
        say(f"no answer has the label {', '.join(missing)}{hint}")
