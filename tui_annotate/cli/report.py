"""`tui-annotate report`: the figures of a dataset as one page for a browser."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui_annotate.cli.console import say
from tui_annotate.cli.find_datasets import dataset_argument, existing_answers
from tui_annotate.cli.stats import take_figures
from tui_annotate.commands.statistics_page import time_sentence
from tui_annotate.errors import UsageError
from tui_annotate.exchange.atomic_files import whole_file
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.amounts import duration
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.agreement.dataset_statistics import Person, Statistics

_BAR, _HIGH = 300, 14
"""Width and height of a bar, in the units of its picture."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --ground: #fff; --bar: #0b62a4; --rest: #d8dde3; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eee; --ground: #16181b; --bar: #6db3f2; --rest: #3a4048; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 0 0 1.5rem; }
caption { text-align: left; font-weight: bold; padding: .5rem 0; }
th { text-align: left; font-weight: normal; padding: .1rem 1rem .1rem 0; }
thead th { font-size: .85rem; }
td { text-align: right; padding: .1rem 1rem .1rem 0; font-variant-numeric: tabular-nums; }
svg { vertical-align: middle; } .bar { fill: var(--bar); } .rest { fill: var(--rest); }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class _Row(NamedTuple):
    """A row of a table: its name, the figure of the bar with its place in `stats --json`, and what
    stands behind the bar."""

    name: str
    figure: str
    n: int
    more: tuple[str, ...] = ()


@click.command("report")
@dataset_argument
@click.option("-o", "--output", "target", required=True, metavar="FILE.html",
              type=click.Path(path_type=Path, dir_okay=False), help="What to write")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a file that is there")
def command(dataset: str, target: Path, overwrite: bool) -> None:
    """Write the figures of DATASET, or of a session, as one page for a browser.

    The file holds its pictures and needs neither a network nor scripts. It names annotators and
    labels, and marked texts that have several labels; it has no texts of tasks.
    """
    if target.suffix.lower() not in (".html", ".htm"):
        raise UsageError(
            f"{target.name} is no name of a page", where="--output", hint="Let it end in .html"
        )
    with existing_answers(dataset) as (store, found):
        figures = take_figures(store, found)
    with whole_file(target, overwrite=overwrite) as staged:
        staged.write_text(html_page(figures), "utf-8", "backslashreplace")
    say(f"written: {target}")


def html_page(found: Statistics) -> str:
    """Return figures as a page of HTML with pictures in SVG.

    Each number that `stats --json` has too stands in an element whose `data-figure` says where, as
    `answers.accept` or `labels.0.n`, and whose `data-value` is that number.
    """
    name = _text(found.session or found.dataset)
    at = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.at))
    parts = [
        "<!doctype html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{name}</title>", f"<style>{_STYLE}</style>", "</head>", "<body>",
        f"<h1>{name}</h1>", f"<p>Figures of {at}</p>",
        *_summary(found), *_worth(found), *_tables(found),
        f"<p>{_text(time_sentence(found))}</p>", "</body>", "</html>",
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _summary(found: Statistics) -> Iterable[str]:
    if found.rows is not None:
        done, rows = _figure("rows_done", found.rows_done), _figure("rows", found.rows)
        yield f"<p>{done} of {rows} rows are done. {_bar(found.rows_done, found.rows)}</p>"
    facts = f"Waiting {_figure('waiting', found.waiting)}, flagged"
    facts += f" {_figure('flagged', found.flagged)}, dropped"
    facts += f" {sum(found.dropped.values()):,}, faster than reading"
    yield f"<p>{facts} {_figure('quick', found.quick)}.</p>"
    if found.end_day:
        yield f"<p>At the pace of the last days the rows end on {_text(found.end_day)}.</p>"


def _worth(found: Statistics) -> Iterable[str]:
    if found.worth:
        yield "<h2>Worth a look</h2>"
        yield "<ul>" + "".join(f"<li>{_text(each)}</li>" for each in found.worth) + "</ul>"


def _tables(found: Statistics) -> Iterable[str]:
    given = sum(each.n for each in found.labels)
    decisions = [
        _Row(name, f"answers.{name}", n, (_percent(n, found.total),))
        for name, n in found.answers.items()
    ]
    labels = [
        _Row(each.label, f"labels.{at}.n", each.n, (_percent(each.n, given), f"{each.answers:,}"))
        for at, each in enumerate(found.labels)
    ]
    days = [_Row(day, f"days.{at}.answers", n) for at, (day, n) in enumerate(found.days)]
    people = [_person(each, at) for at, each in enumerate(found.people)]
    pairs = [
        _Row(f"{each.one} and {each.other}", f"together.{at}.same", each.same, (f"{each.tasks:,}",))
        for at, each in enumerate(found.together)
    ]
    yield from _table("Decisions", ("decision", "answers", ""), decisions)
    yield from _table("Labels", ("label", "given", "", "in answers"), labels)
    yield from _table("Answers a day", ("day", "answers"), days)
    heads = ("annotator", "answers", "seconds an answer", "time at work", "faster than reading")
    yield from _table("People", heads, people)
    yield from _table("The same answer", ("people", "the same", "of tasks of both"), pairs)


def _person(each: Person, at: int) -> _Row:
    seconds = "-" if each.seconds is None else f"{each.seconds:,.1f}"
    work = duration(each.working_ms) if each.timed else "-"
    more = (seconds, work, f"{each.quick:,}")
    return _Row(each.annotator, f"people.{at}.answers", each.answers, more)


def _table(title: str, heads: Sequence[str], rows: Sequence[_Row]) -> Iterable[str]:
    if not rows:
        return
    most = max(row.n for row in rows)
    shown = [heads[0], "", *heads[1:]]
    yield f"<table><caption>{title}</caption><thead><tr>"
    yield "".join(f'<th scope="col">{each}</th>' for each in shown) + "</tr></thead><tbody>"
    for row in rows:
        more = "".join(f"<td>{each}</td>" for each in row.more)
        yield (
            f'<tr><th scope="row">{_text(row.name)}</th><td>{_bar(row.n, most)}</td>'
            f"<td>{_figure(row.figure, row.n)}</td>{more}</tr>"
        )
    yield "</tbody></table>"


def _bar(n: int, most: int) -> str:
    filled = round(n * _BAR / most, 1) if most else 0
    if n:
        filled = max(1, filled)  # what is there is seen
    return (
        f'<svg width="{_BAR}" height="{_HIGH}" viewBox="0 0 {_BAR} {_HIGH}" aria-hidden="true">'
        f'<rect class="rest" width="{_BAR}" height="{_HIGH}"/>'
        f'<rect class="bar" width="{filled}" height="{_HIGH}"/></svg>'
    )


def _figure(place: str, n: int) -> str:
    return f'<span data-figure="{escape(place)}" data-value="{n}">{n:,}</span>'


def _text(text: str) -> str:
    return escape(safe_line(text))


def _percent(n: int, of: int) -> str:
    return f"{n * 100 // of} %" if of else "0 %"
