"""`tui-annotate agreement` and Prodigy's `metric.iaa.*`: how far people agree."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.agreement.accuracy import LIMIT, accuracy, below
from tui_annotate.agreement.answers import BroughtAlong, kind_of, read
from tui_annotate.agreement.coefficients import ROUNDS
from tui_annotate.agreement.ratings import KINDS
from tui_annotate.agreement.report import BOTH, DETAILS, WORST, make_report
from tui_annotate.agreement.span_scores import MATCHES
from tui_annotate.cli.console import Bar, print_rows, say
from tui_annotate.cli.datasets import existing_store, find_dataset
from tui_annotate.cli.export_filters import named_by, session_names
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
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.agreement.accuracy import Accuracy
    from tui_annotate.agreement.answers import JudgedInput, ReadAnswers
    from tui_annotate.agreement.ratings import Kind
    from tui_annotate.agreement.report import AgreementReport, FigureLine
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset

_NUMBER = re.compile(r"[0-9a-f]{32}|-?[0-9]+")

_PAIRS = 30
"""How many pairs of annotators stand in a table; thirty annotators have hundreds."""

_PEOPLE = 20
"""Of how many people a table says in detail what was right."""

_SHOWN_TEXT = 60
"""How many characters of a text stand in a line about it."""


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
        _open(report, given["opened"])
    elif given["as_json"]:
        against = {who: own.to_dict() for who, own in known.items()}
        print_json({**report.to_dict(), **({"against": against} if given["against"] else {})})
    elif given["as_csv"]:
        table = io.StringIO(newline="")
        csv.writer(table, lineterminator="\n").writerows(_csv_rows(report, known))
        write_file(io.BytesIO(table.getvalue().encode()), is_json=False)
    else:
        _print(report)
        _print_accuracy(known, given["against"], given["limit"])
        _offer(report)


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
        _print_reasons(found)


def _print_reasons(found: list[dict[str, Any]]) -> None:
    for code in REASONS:
        own = [each for each in found if each["reason"] == code]
        if own:
            click.echo(f"{code}: {len(own):,}")
        for each in own:
            print_rows([(f"   answer {each['answer']} of {each['dataset']}", _cut(each["text"]))])
            for line in (each["note"], each["comment"], *each["versions"]):
                if line:
                    print_rows([(f"      {line}",)])


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_TEXT else f"{text[:_SHOWN_TEXT]}..."


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
) -> tuple[Dataset | None, BroughtAlong | None]:
    """Return the dataset that people are held against, or what a file brought along."""
    name = given["against"]
    if name is None:
        return None, None
    # Without a name the path would be the folder at hand.
    if name and store.admin.find_dataset(name) is None and Path(name).expanduser().exists():
        source = open_source(Path(name).expanduser(), text_field=given["text_field"])
        rows = (row.data for row in source.rows() if isinstance(row, Row))
        return None, BroughtAlong.of(name, rows, datasets)
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


def _print(report: AgreementReport) -> None:
    kinds = {
        "binary": "yes/no answers",
        "multiclass": "classes, one for a text",
        "multilabel": "classes, several for a text",
        "span": "spans",
    }
    click.echo(f"Compared: {kinds[report.kind]}")
    print_rows(report.counts.items())
    print_rows([("annotator", "answered"), *report.annotators.items()])
    click.echo()
    print_rows(_measure_rows(report.measures))
    pairs = _most_in_common(report)
    for title, table in (("label", report.labels), ("annotators", pairs)):
        if table:
            click.echo()
            print_rows(_table(title, table))
            reasons = {line.figure.reason for lines in table.values() for line in lines}
            for reason in sorted(reasons - {""}):
                click.echo(f"-  {reason}")
    if len(pairs) < len(report.pairs):
        click.echo(
            f"These are the {len(pairs)} of {len(report.pairs):,} pairs with most in common;"
            " --json and --csv have all."
        )
    crossed = [(pair, n) for pair, n in report.confusions.most_common() if pair[0] != pair[1]]
    if crossed:
        click.echo("\nConfused most often")
        print_rows((one, other, count) for (one, other), count in crossed[:10])
    if len(report.days) > 1:
        click.echo("\nOver time")
        print_rows((day, _number(figure.value)) for day, figure in report.days.items())
    if report.worst:
        click.echo("\nMost worth discussing")
    for number, each in enumerate(report.worst, 1):
        print_rows([(f"{number}  answer {each.answer_id}", _cut(each.text))])
        print_rows((f"   {who}", said) for who, said in each.said.items())


def _open(report: AgreementReport, number: int) -> None:
    """Print one of the tasks most worth discussing in full."""
    if number > len(report.worst):
        there = len(report.worst)
        what = f"people differ on {there or 'no'} task{'' if there == 1 else 's'}"
        raise UsageError(what, where=f"--open {number}", hint="Leave it out to see all of them")
    each = report.worst[number - 1]
    click.echo(f"answer {each.answer_id}, {100 * each.agreement:.0f} % agree")
    print_rows([(line,) for line in each.text.splitlines() or [""]])
    click.echo()
    print_rows(each.said.items())


def _offer(report: AgreementReport) -> None:
    """In a terminal, open tasks by their number for as long as somebody asks for one."""
    if not report.worst or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    last = len(report.worst)
    keys = {str(number % 10): number for number in range(1, last + 1)}
    names = "1" if last == 1 else f"1 to {last}" if last < WORST else "1 to 9, 0 for the tenth"
    while True:
        click.echo(f"\n{names} opens a task, any other key leaves: ", nl=False)
        number = keys.get(click.getchar(), 0)
        click.echo(number or "")
        if not number:
            return
        _open(report, number)


def _print_accuracy(known: dict[str, Accuracy], gold: str | None, limit: int) -> None:
    """Print how often everybody is right, what was said instead, and what to look at again."""
    if not known:
        return
    click.echo(f"\nRight, as {gold} has it")
    print_rows(
        [
            ("annotator", "right", "of", "share"),
            *(
                (who, own.right, own.answered, f"{100 * own.share:.0f} %")
                for who, own in known.items()
            ),
        ]
    )
    for line in below(known, limit):
        click.echo(f"Note: {safe_line(line)}")
    if len(known) > _PEOPLE:
        click.echo(
            "\nDays, what was said instead and what to look at again are said of at most"
            f" {_PEOPLE} people: name some with --annotator; --json has all."
        )
        return
    if any(len(own.days) > 1 for own in known.values()):
        click.echo("\nRight, day by day")
        print_rows(
            (who, day, f"{right:,} of {of:,}")
            for who, own in known.items()
            for day, (right, of) in own.days.items()
        )
    crossed = [
        (who, right, said, count)
        for who, own in known.items()
        for (right, said), count in own.confusions.most_common(10)
    ]
    if crossed:
        click.echo("\nRight, and what was said instead")
        print_rows([("annotator", "right", "said", "times"), *crossed])
    for who, own in known.items():
        if own.again:
            click.echo(f"\nTo look at again: {safe_line(who)}")
        for each in own.again:
            print_rows([(f"answer {each.answer_id}", _cut(each.text))])
            print_rows([("   said", each.said), ("   right", each.right)])


def _named_pairs(report: AgreementReport) -> dict[str, list[FigureLine]]:
    return {f"{one}, {other}": lines for (one, other), lines in report.pairs.items()}


def _most_in_common(report: AgreementReport) -> dict[str, list[FigureLine]]:
    """Return the pairs that stand in a table: of very many those with most in common."""
    found = _named_pairs(report)
    if len(found) <= _PAIRS:
        return found
    by_size = sorted(found, key=lambda name: -_in_common(found[name]))
    return {name: found[name] for name in by_size[:_PAIRS]}


def _in_common(lines: list[FigureLine]) -> float:
    return next(line.figure.value or 0 for line in lines if line.name == BOTH)


def _measure_rows(lines: list[FigureLine]) -> Iterator[tuple[str, str]]:
    for line in lines:
        shown = str(line.figure)
        if line.interval is not None:
            shown += f"  ({line.interval.low:.3f} to {line.interval.high:.3f})"
        yield line.name, shown


def _table(title: str, table: dict[str, list[FigureLine]]) -> Iterator[tuple[str, ...]]:
    yield (title, *(line.name for line in next(iter(table.values())) if line.name not in DETAILS))
    for name, lines in table.items():
        yield (name, *(_number(line.figure.value) for line in lines if line.name not in DETAILS))


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def _csv_rows(report: AgreementReport, known: dict[str, Accuracy]) -> Iterator[tuple[object, ...]]:
    yield ("scope", "of", "measure", "value", "low", "high", "undefined")
    for name, count in report.counts.items():
        yield ("all", "", name, count, "", "", "")
    scopes = [("all", "", report.measures)]
    scopes += [("label", label, lines) for label, lines in report.labels.items()]
    scopes += [("pair", name, lines) for name, lines in _named_pairs(report).items()]
    for scope, of, lines in scopes:
        for line in lines:
            low, high = line.interval or ("", "")
            value = "" if line.figure.value is None else line.figure.value
            yield (scope, of, line.name, value, low, high, line.figure.reason)
    for day, figure in report.days.items():
        value = "" if figure.value is None else figure.value
        yield ("day", day, "agreement", value, "", "", figure.reason)
    for (one, other), count in report.confusions.most_common():
        yield ("confusion", f"{one}, {other}", "count", count, "", "", "")
    for who, own in known.items():
        yield ("against", who, "right", own.right, "", "", "")
        yield ("against", who, "answered", own.answered, "", "", "")
        for (right, said), count in own.confusions.most_common():
            yield ("against", who, f"{right} said as {said}", count, "", "", "")
