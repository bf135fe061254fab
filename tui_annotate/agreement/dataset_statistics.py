"""The figures of a dataset: decisions, labels, days, people, time, and what is odd about them.

The figures come from the kept counts of the store and from the index for searches, so that no call
looks at all answers anew. The page, the sentences and the report
are all made of one `Statistics`.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tui_annotate.agreement.answer_search import all_marked
from tui_annotate.agreement.index_update import update_for
from tui_annotate.agreement.span_scores import NO_LABEL
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.answer_index import AnswerIndex, IndexQuery, PeriodCounts
from tui_annotate.text.amounts import seconds_of, times
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset, StoredSession
    from tui_annotate.store.row_outcomes import Account
    from tui_annotate.waiting import Waiting

_DAY = 86_400
PACE_DAYS = 14
"""So many days, today included, are taken for the pace."""

_LEAST_ANSWERS = 20
"""Before so many answers nothing is rare, slow or unlike the rest."""
_RARE = 0.1
"""A label with less than this part of an even share is worth a look."""
_QUICK_PART = 1 / 3
"""Who takes less than this part of the others' time is worth a look."""
_LEAST_TOGETHER, _LOW_AGREEMENT = 10, 0.7
_IGNORED = 0.25
_MOST_FORMS = 50_000
"""Of more marked texts than this `check` looks for those with several labels, and no count does."""
_NAMED, _LONGEST = 3, 40


class LabelCount(NamedTuple):
    """How often a label was given (spans, or classes), and in how many answers."""

    label: str
    n: int
    answers: int


class Person(NamedTuple):
    """One annotator.

    Attributes:
        annotator: The name.
        answers, accepted, rejected, ignored, flagged: Answers that stand.
        timed: Of how many the time is known.
        working_ms: How much it is, without pauses.
        read: Of how many it is known when they were seen on the screen.
        reading_ms: The time of those from then on.
        quick: Answers that were given faster than their text can be read.
        last_day: The day of the newest answer, as 2026-01-31.
    """

    annotator: str
    answers: int = 0
    accepted: int = 0
    rejected: int = 0
    ignored: int = 0
    flagged: int = 0
    timed: int = 0
    working_ms: int = 0
    read: int = 0
    reading_ms: int = 0
    quick: int = 0
    last_day: str = ""

    @property
    def seconds(self) -> float | None:
        """Seconds for an answer, without pauses; None where no time is known."""
        return self.working_ms / self.timed / 1000 if self.timed else None


class AnnotatorPair(NamedTuple):
    """Two annotators, how many questions both answered, and how many of them alike."""

    one: str
    other: str
    tasks: int
    same: int


class Statistics(NamedTuple):
    """The figures of a dataset, or of one session of it.

    Attributes:
        dataset: Its name.
        session: The session that they are of; empty for all.
        at: When they were taken, in seconds since 1970.
        answers: Answers that stand, by decision.
        flagged: How many of them are flagged.
        waiting: Tasks that were put off, or taken back.
        dropped: Rows that were not asked, by reason.
        rows: Rows of the sources; None where they are not known, or there are none.
        rows_done: Rows that somebody has answered.
        labels: The most frequent first.
        days: Day (2026-01-31, local time) and answers, oldest first, days without any left out.
        people: Who has answered most comes first.
        together: Who answered the same; those with most tasks first.
        working_ms: Time of all answers, without pauses.
        timed: Of how many answers it is known.
        reading_ms: Time from the proof that a task was seen to its answer.
        read: Of how many answers it is known.
        quick: Answers that were given faster than their text can be read.
        last_at: When the newest answer was given; None without one.
        a_day: Answers a day in the last `PACE_DAYS` days, or since the first of them; None
            without one.
        end_day: The day on which the rows end at this pace; empty where that is not known.
        to_go_ms: The time that the rest takes at the time of an answer until now; None if unknown.
        worth: What is worth a look, each a sentence without its full stop.
        guidelines: Number of a version of the guidelines -> answers of the whole dataset that were
            given under it. The numbers are the store's own, so `to_dict` leaves them out.
        day_ms: Day -> the time of its answers, without pauses, in milliseconds.
        accounts: What became of the rows of its sources. Reports say it in words of their own, so
            `to_dict` leaves it out too.
    """

    dataset: str
    session: str
    at: int
    answers: dict[str, int]
    flagged: int
    waiting: int
    dropped: dict[str, int]
    rows: int | None
    rows_done: int
    labels: tuple[LabelCount, ...]
    days: tuple[tuple[str, int], ...]
    people: tuple[Person, ...]
    together: tuple[AnnotatorPair, ...]
    working_ms: int
    timed: int
    reading_ms: int
    read: int
    quick: int
    last_at: int | None
    a_day: float | None
    end_day: str
    to_go_ms: int | None
    worth: tuple[str, ...]
    guidelines: dict[int, int]
    day_ms: dict[str, int]
    accounts: Sequence[Account] = ()

    @property
    def total(self) -> int:
        """All answers that stand."""
        return sum(self.answers.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON values: times in milliseconds, moments since 1970."""
        found = self._asdict()
        del found["guidelines"], found["accounts"]
        found["labels"] = [each._asdict() for each in self.labels]
        hours = found.pop("day_ms")
        found["days"] = [
            {"day": day, "answers": n, "working_ms": hours.get(day, 0)} for day, n in self.days
        ]
        found["people"] = [each._asdict() for each in self.people]
        found["together"] = [each._asdict() for each in self.together]
        found["worth"] = list(self.worth)
        return found


def figures_of(
    store: Store, dataset: Dataset, session: StoredSession | None, waiting: Waiting
) -> Statistics:
    """Return the figures of a dataset, or of one session, its index brought up to date.

    Args:
        store: Where the answers are.
        dataset: Which.
        session: Only the answers of this session; None for all.
        waiting: Is told how far it is.

    Raises:
        Abandoned: Somebody has left.
    """
    accounts = store.accounts.of(dataset.id)
    return update_for(
        store,
        dataset,
        waiting,
        lambda index: take_statistics(store, dataset, index, accounts, session),
    )


def take_statistics(
    store: Store,
    dataset: Dataset,
    index: AnswerIndex,
    accounts: Sequence[Account],
    session: StoredSession | None = None,
) -> Statistics:
    """Return the figures of a dataset.

    Args:
        store: Where the answers are.
        dataset: Which.
        index: Its index, brought up to date.
        accounts: What became of the rows of its sources.
        session: Only the answers of this session.
    """
    now = int(time.time())
    counts = store.admin.stats(dataset, session)
    periods = [each for each in index.periods() if session is None or each.session == session.name]
    labels = _labels(index, session)
    people = _people(periods)
    together = tuple(AnnotatorPair(*each) for each in index.pairs()) if session is None else ()
    days, a_day = _days(periods, now)
    own = [each for each in accounts if session is None or each.session == session.name]
    count = store.accounts.asked if session is None else store.accounts.asked_of_session
    asked = count(dataset.id, own)
    rows, done = asked.rows, asked.answered + asked.known
    working, timed = (
        sum(getattr(each, key) for each in periods) for key in ("working_ms", "timed")
    )
    to_go = max(0, rows - done) if rows is not None else None
    if session is None:
        last = store.lookup.last_answer_at(dataset.id)
    else:
        _, last = store.lookup.answered_since(session.id, 0)
    found = Statistics(
        dataset=dataset.name,
        session=session.name if session else "",
        at=now,
        answers=counts.answers,
        flagged=sum(each.flagged for each in periods),
        waiting=counts.waiting,
        dropped=counts.drops,
        rows=rows,
        rows_done=done,
        labels=labels,
        days=days,
        people=people,
        together=together,
        working_ms=working,
        timed=timed,
        reading_ms=sum(each.reading_ms for each in periods),
        read=sum(each.read for each in periods),
        quick=sum(each.quick for each in periods),
        last_at=last,
        a_day=a_day,
        end_day=_end(to_go, a_day, now),
        to_go_ms=None if to_go is None or not timed else round(to_go * working / timed),
        worth=(),
        guidelines=index.guidelines(),
        day_ms=_day_ms(periods),
        accounts=own,
    )
    return found._replace(worth=tuple(_worth(found, index)))


def _labels(index: AnswerIndex, session: StoredSession | None) -> tuple[LabelCount, ...]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, label, n, answers in index.label_counts():
        if session is None or session.name == name:
            sums[label][0] += n
            sums[label][1] += answers
    found = [LabelCount(label, *each) for label, each in sums.items()]
    return tuple(sorted(found, key=lambda each: (-each.n, each.label)))


def _people(periods: Iterable[PeriodCounts]) -> tuple[Person, ...]:
    sums: dict[str, dict[str, int]] = {}
    last: dict[str, int] = {}
    for each in periods:
        one = sums.setdefault(each.annotator, defaultdict(int))
        one["answers"] += each.n
        one[f"{each.decision.removesuffix('e')}ed"] += each.n
        for key in ("flagged", "timed", "working_ms", "read", "reading_ms", "quick"):
            one[key] += getattr(each, key)
        last[each.annotator] = max(last.get(each.annotator, 0), each.begins)
    found = [Person(name, **one, last_day=_day(last[name])) for name, one in sums.items()]
    return tuple(sorted(found, key=lambda each: (-each.answers, each.annotator)))


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at))


def _days(
    periods: Iterable[PeriodCounts], now: int
) -> tuple[tuple[tuple[str, int], ...], float | None]:
    """Return the answers of each day, and how many a day there are of late."""
    days: dict[str, int] = defaultdict(int)
    begins: dict[int, int] = defaultdict(int)
    for each in periods:
        begins[each.begins] += each.n
    for at, n in begins.items():
        days[_day(at)] += n
    recent = {_day(now - back * _DAY): back for back in range(PACE_DAYS)}
    lately = [(recent[day], n) for day, n in days.items() if day in recent]
    a_day = None
    if lately:
        a_day = sum(n for _, n in lately) / (max(back for back, _ in lately) + 1)
    return tuple(sorted(days.items())), a_day


def _day_ms(periods: Iterable[PeriodCounts]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for each in periods:
        found[_day(each.begins)] += each.working_ms
    return dict(found)


def _end(to_go: int | None, a_day: float | None, now: int) -> str:
    if not to_go or not a_day:
        return ""
    days = to_go / a_day
    return _day(now + days * _DAY) if days < 3650 else ""


def _worth(found: Statistics, index: AnswerIndex) -> Iterable[str]:
    yield from _odd_labels(found, index)
    yield from _odd_people(found)
    for pair in found.together:
        if pair.tasks >= _LEAST_TOGETHER and pair.same < pair.tasks * _LOW_AGREEMENT:
            yield (
                f"{pair.one} and {pair.other} gave the same answer to {pair.same:,} of"
                f" {pair.tasks:,} tasks"
            )
    if found.flagged:
        one = found.flagged == 1
        yield f"{found.flagged:,} answer{' is' if one else 's are'} flagged"


def _odd_labels(found: Statistics, index: AnswerIndex) -> Iterable[str]:
    given = sum(each.n for each in found.labels)
    for label, n, _ in found.labels:
        if found.total >= _LEAST_ANSWERS and n < _RARE * given / len(found.labels):
            yield f"{label} was given {times(n)} in {found.total:,} answers"
    if found.session or index.most_forms() > _MOST_FORMS:
        return
    several = [each for each in all_marked(index, IndexQuery()) if len(each.labels) > 1]
    for each in several[:_NAMED]:
        told = ", ".join(f"{label or NO_LABEL} {times(n)}" for label, n in each.labels.items())
        yield f'"{safe_line(each.form, _LONGEST)}" is {told}'


def _odd_people(found: Statistics) -> Iterable[str]:
    for each in found.people:
        if each.quick:
            verb = "was" if each.quick == 1 else "were"
            answers = "answer" if each.quick == 1 else "answers"
            yield f"{each.quick:,} {answers} of {each.annotator} {verb} faster than reading"
        if each.answers >= _LEAST_ANSWERS and each.ignored > each.answers * _IGNORED:
            yield f"{each.annotator} ignored {each.ignored:,} of {each.answers:,} tasks"
        timed = found.timed - each.timed
        if each.seconds is None or each.timed < _LEAST_ANSWERS or timed < _LEAST_ANSWERS:
            continue
        others = (found.working_ms - each.working_ms) / timed / 1000
        if each.seconds < others * _QUICK_PART:
            yield (
                f"{each.annotator}'s answers take {seconds_of(1000 * each.seconds)},"
                f" those of the others {seconds_of(1000 * others)}"
            )
