"""The figures of a dataset as a page of rows with bars, and as sentences.

The command prints the page, `dashboard` writes it again while people work, the screen shows it, and
who works line by line is told the sentences. No figure is said by a bar or a colour alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from tui_annotate.agreement.dataset_statistics import Person, Statistics, figures_of
from tui_annotate.agreement.index_update import PAUSE_MS
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.amounts import ago, bare_seconds, duration, plural, seconds_of
from tui_annotate.text.safe import safe_line
from tui_annotate.text.width import cell_width
from tui_annotate.waiting import here

if TYPE_CHECKING:
    from tui_annotate.session.session import Session

_WIDE = 120
_TWO = 76
"""From so many columns on two tables stand beside each other."""
_GAP = 2
_LEAST, _LEAST_BAR = 24, 5
_MOST_WORTH = 8


class BarSigns(NamedTuple):
    """What bars are drawn with, each one cell wide: a whole cell, and an empty one."""

    full: str
    empty: str


BLOCKS, ASCII = BarSigns("█", "·"), BarSigns("#", ".")


class _Line(NamedTuple):
    """A row of a table: a name, what its bar stands for, and what stands behind the bar."""

    name: str
    n: int
    more: str = ""


def page(
    found: Statistics, width: int, height: int | None = None, *, ascii_only: bool = False
) -> list[str]:
    """Return the figures as rows of at most so many cells, safe for a terminal.

    Args:
        found: The figures.
        width: Cells of a row; fewer than 24 count as 24.
        height: Rows that there are; longer tables are shortened, and say so. None for all rows.
        ascii_only: Draw bars in ASCII.
    """
    width = max(_LEAST, width)
    marks = ASCII if ascii_only else BLOCKS
    two = width >= _TWO
    half = (width - _GAP) // 2 if two else width
    room = None if height is None else max(3, (height - 10) // (2 if two else 4))
    tables = (
        _table("decision", _decisions(found), half, marks, room),
        _table(_labels_title(found), _labels(found), half, marks, room),
        _table("answers a day", _days(found, room or 14), half, marks, room),
        _people(found, half, marks, room),
    )
    rows = [_head(found, width), "", *_done(found, width, marks), *_facts(found, width), ""]
    if two:
        for left, right in (tables[:2], tables[2:]):
            rows += [*_beside(left, right, half), ""]
    else:
        for table in tables:
            if table:
                rows += [*table, ""]
    rows += _worth(found, width)
    rows += _wrapped(time_sentence(found), width)
    rows = [safe_line(row, width) for row in rows]
    return [row.replace("…", "~") for row in rows] if ascii_only else rows


def _head(found: Statistics, width: int) -> str:
    at = time.strftime("%d %b %H:%M", time.localtime(found.at))
    name = safe_line(found.session or found.dataset, max(4, width - len(at) - 2))
    return name + " " * (width - cell_width(name) - len(at)) + at


def _done(found: Statistics, width: int, marks: BarSigns) -> list[str]:
    if not found.rows:
        return [_cell(plural(found.total, "answer"), width).rstrip()]
    told = f"{found.rows_done:,} of {found.rows:,} rows  {_percent(found.rows_done, found.rows)}"
    cells = width - len(told) - 7
    if cells < _LEAST_BAR:
        return _wrapped(f"done  {told}", width, "  ")
    return [f"done  {bar(found.rows_done, found.rows, cells, marks)} {told}"]


def _facts(found: Statistics, width: int) -> list[str]:
    facts = [f"waiting {found.waiting:,}", f"flagged {found.flagged:,}"]
    reasons = _reasons(found)
    facts.append(f"dropped {sum(found.dropped.values()):,}{f' ({reasons})' if reasons else ''}")
    if found.last_at is not None:
        facts.append(f"last answer {ago(found.at - found.last_at)}")
    if found.end_day:
        facts.append(f"end at this pace {found.end_day}")
    return _wrapped("   ".join(facts), width, "   ")


def _reasons(found: Statistics) -> str:
    return ", ".join(f"{n:,} {why}" for why, n in sorted(found.dropped.items()))


def _decisions(found: Statistics) -> list[_Line]:
    return [_Line(decision, n, _percent(n, found.total)) for decision, n in found.answers.items()]


def _labels_title(found: Statistics) -> str:
    return "labels" if found.labels else ""


def _labels(found: Statistics) -> list[_Line]:
    given = sum(each.n for each in found.labels)
    return [_Line(each.label, each.n, _percent(each.n, given)) for each in found.labels]


def _days(found: Statistics, most: int) -> list[_Line]:
    """Return the last days, those without an answer too, up to the newest answer's."""
    if not found.days:
        return []
    counts = dict(found.days)
    at = time.mktime(time.strptime(found.days[-1][0], "%Y-%m-%d")) + 43_200  # noon: no clock change
    days = [time.localtime(at - back * 86_400) for back in reversed(range(most))]
    named = [(time.strftime("%Y-%m-%d", day), time.strftime("%d %b", day)) for day in days]
    first = found.days[0][0]
    return [
        _Line(shown, counts.get(day, 0), _hours(found, day)) for day, shown in named if day >= first
    ]


def _hours(found: Statistics, day: str) -> str:
    """Return how long somebody was at work on a day; nothing for a whole team, and where no time is
    known."""
    spent = found.day_ms.get(day, 0) if found.session else 0
    return f"{spent / 3_600_000:.1f} h" if spent else ""


def _people(found: Statistics, width: int, marks: BarSigns, room: int | None) -> list[str]:
    lines = [
        _Line(each.annotator, each.answers, _seconds_of(each).rjust(5)) for each in found.people
    ]
    rows = _table("people", lines, width, marks, room)
    if rows and any(each.timed for each in found.people):
        rows[0] = rows[0] + "seconds".rjust(width - len(rows[0]))
    for pair in found.together[: 2 if room else None]:
        told = f"{pair.one}, {pair.other}: same in {pair.same:,} of {pair.tasks:,} tasks"
        rows.append(safe_line(told, width))
    return rows


def _seconds_of(person: Person) -> str:
    return "-" if person.seconds is None else bare_seconds(person.seconds)


def _table(
    title: str, lines: Sequence[_Line], width: int, marks: BarSigns, room: int | None
) -> list[str]:
    if not lines:
        return []
    shown, rest = lines, 0
    if room is not None and len(lines) > room:
        shown, rest = lines[: room - 1], len(lines) - room + 1
    name = min(max(cell_width(safe_line(each.name)) for each in shown), max(7, width // 4))
    count = max(len(f"{each.n:,}") for each in shown)
    more = max(len(each.more) for each in shown)
    cells = width - name - count - 2 - (more + 2 if more else 0)
    most = max(each.n for each in shown)
    rows = [_cell(title, width).rstrip()]
    for each in shown:
        behind = f"  {each.more:>{more}}" if more else ""
        drawn = bar(each.n, most, cells, marks)
        rows.append(f"{_cell(each.name, name)} {drawn} {each.n:>{count},}{behind}")
    if rest:
        rows.append(_cell(f"and {rest:,} more: stats --json lists all", width).rstrip())
    return rows


def bar(n: int, most: int, cells: int, marks: BarSigns) -> str:
    """Return a bar of so many cells, filled as far as `n` is part of `most`; of fewer than 3, none.

    What is there fills one cell at least.
    """
    if cells < 3:
        return ""
    filled = min(cells, n * cells // most) if most else 0
    if n and not filled:
        filled = 1  # what is there is seen
    return marks.full * filled + marks.empty * (cells - filled)


def _beside(left: Sequence[str], right: Sequence[str], half: int) -> Iterator[str]:
    for one, other in zip_longest(left, right, fillvalue=""):
        yield (one + " " * (half - cell_width(one) + _GAP) + other).rstrip()


def _worth(found: Statistics, width: int) -> Iterator[str]:
    if not found.worth:
        return
    yield "worth a look"
    for told in found.worth[:_MOST_WORTH]:
        yield from _wrapped(f"- {told}", width)
    if len(found.worth) > _MOST_WORTH:
        yield _cell(f"- and {len(found.worth) - _MOST_WORTH:,} more", width).rstrip()
    yield ""


def _wrapped(text: str, width: int, between: str = " ") -> list[str]:
    """Return a text as rows that break between its parts, where one is longer between its words."""
    rows: list[str] = []
    parts = safe_line(text).split(between)
    if any(cell_width(part) > width for part in parts):
        between, parts = " ", safe_line(text).split()
    for part in parts:
        if rows and cell_width(rows[-1]) + len(between) + cell_width(part) <= width:
            rows[-1] += between + part
        else:
            rows.append(safe_line(part, width))
    return rows


_MOST_LABELS = 6
_LEAST_TIME_MS = 60_000
"""Time at work from which on the end of a job says it: it is of no use where it is hardly any."""


def own_figures(session: Session) -> Statistics:
    """Return the figures of an annotator's own answers; called on the session's thread.

    Raises:
        Abandoned: Somebody leaves meanwhile.
    """
    opened = session.opened
    return figures_of(opened.store, opened.dataset, opened.session, here())


def end_lines(session: Session) -> list[str]:
    """Return what the end of a job says beyond the number of answers: labels, and the time; called
    on the session's thread."""
    found, lines = own_figures(session), []
    if found.labels:
        shown = [f"{safe_line(each.label)} {each.n:,}" for each in found.labels[:_MOST_LABELS]]
        more = len(found.labels) - len(shown)
        shown += [plural(more, "more label")] if more else []
        lines.append(", ".join(shown))
    if found.timed and found.working_ms >= _LEAST_TIME_MS:
        each = seconds_of(found.working_ms / found.timed)
        lines.append(f"{duration(found.working_ms)} at work, {each} an answer")
    return lines


def time_sentence(found: Statistics) -> str:
    """Return the time at work in words."""
    if not found.timed:
        return "How long the answers took is not known."
    parts = [
        f"Time at work {duration(found.working_ms)} (what an answer takes beyond"
        f" {PAUSE_MS // 60_000} minutes and the time to read its text is left out as a pause),"
        f" {seconds_of(found.working_ms / found.timed)} an answer"
    ]
    if found.read:
        parts.append(f"{seconds_of(found.reading_ms / found.read)} from the sight of a task")
    if found.a_day is not None:
        parts.append(f"{found.a_day:,.0f} answers a day of late")
    if found.to_go_ms:
        parts.append(f"{duration(found.to_go_ms)} of work to go")
    return "; ".join(parts) + "."


def sentences(found: Statistics) -> list[str]:
    """Return the figures as sentences, the weightiest first; every name made safe for a line."""
    told = [_answers_sentence(found)]
    if found.last_at is not None:
        told.append(f"The last answer was given {ago(found.at - found.last_at)}.")
    if found.dropped:
        dropped = sum(found.dropped.values())
        were = "1 row was" if dropped == 1 else f"{dropped:,} rows were"
        told.append(f"{were} not asked: {_reasons(found)}.")
    if found.rows:
        part = _percent(found.rows_done, found.rows).replace("%", "per cent")
        told.insert(0, f"{found.rows_done:,} of {found.rows:,} rows done, {part}.")
    if found.labels:
        told.append(_joined(f"{each.label} {each.n:,}" for each in found.labels))
    told += [f"Worth a look: {each}." for each in found.worth]
    for each in found.people:
        pace = f", {_seconds_of(each)} s an answer" if each.seconds is not None else ""
        told.append(f"{each.annotator}: {plural(each.answers, 'answer')}{pace}.")
    for pair in found.together:
        told.append(
            f"{pair.one} and {pair.other} gave the same answer to {pair.same:,} of"
            f" {pair.tasks:,} tasks."
        )
    if found.days:
        told.append(_joined(_day_told(found, day, n) for day, n in found.days[-14:]))
    told.append(time_sentence(found))
    if found.end_day:
        told.append(f"At the pace of the last days the rows end on {found.end_day}.")
    return [safe_line(each) for each in told]


def _day_told(found: Statistics, day: str, answers: int) -> str:
    hours = _hours(found, day)
    return f"{day} {plural(answers, 'answer')}{f' in {hours}' if hours else ''}"


def _answers_sentence(found: Statistics) -> str:
    given = found.answers
    told = (
        f"{plural(found.total, 'answer')}: {given.get('accept', 0):,} accepted,"
        f" {given.get('reject', 0):,} rejected, {given.get('ignore', 0):,} ignored"
    )
    return f"{told}; {found.flagged:,} flagged, {found.waiting:,} waiting."


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts) + "."


def _cell(text: str, width: int) -> str:
    shown = safe_line(text, width)
    return shown + " " * (width - cell_width(shown))


def _percent(n: int, of: int) -> str:
    return f"{n * 100 // of} %" if of else "0 %"
