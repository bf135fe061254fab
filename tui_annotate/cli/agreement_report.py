"""How a report of `tui-annotate agreement` is written: to people, and as CSV."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.agreement.accuracy import below
from tui_annotate.agreement.report import BOTH, DETAILS, WORST
from tui_annotate.cli.console import print_rows
from tui_annotate.errors import UsageError
from tui_annotate.task.review import REASONS
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.agreement.accuracy import Accuracy
    from tui_annotate.agreement.report import AgreementReport, FigureLine

_PAIRS = 30
"""How many pairs of annotators stand in a table; thirty annotators have hundreds."""

_PEOPLE = 20
"""Of how many people a table says in detail what was right."""

_SHOWN_TEXT = 60
"""How many characters of a text stand in a line about it."""


def print_report(report: AgreementReport) -> None:
    """Print how far people agree, where they differ, and what is worth discussing."""
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


def print_task(report: AgreementReport, number: int) -> None:
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


def offer_tasks(report: AgreementReport) -> None:
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
        print_task(report, number)


def print_accuracy(known: dict[str, Accuracy], gold: str | None, limit: int) -> None:
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


def csv_rows(report: AgreementReport, known: dict[str, Accuracy]) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a report as CSV, one figure each."""
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


def print_reasons(found: list[dict[str, Any]]) -> None:
    """Print the tasks of which a review says why people differed, under each reason."""
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
