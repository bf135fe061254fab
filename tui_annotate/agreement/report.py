"""The figures of agreement of some answers, as plain values for tables, JSON and CSV."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import Any

from tui_annotate.agreement.answers import (
    JudgedInput,
    day_of,
    values_of,
)
from tui_annotate.agreement.coefficients import (
    Interval,
    are_numbers,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    intervals,
    krippendorff_alpha,
    percent,
)
from tui_annotate.agreement.ratings import Figure, Kind, Pattern, Ratings, undefined
from tui_annotate.agreement.span_scores import (
    MATCHES,
    Marked,
    Match,
    MatchCounts,
    SpanPairings,
    total,
)
from tui_annotate.agreement.unitizing import (
    MarkedText,
    alpha_of,
    by_annotators,
    disagreement,
    labels_of,
)

BOTH = "both answered"
"""The name of the figure that says how many units two people have in common."""

DETAILS = frozenset(f"{of} {match}" for of in ("precision", "recall") for match in MATCHES)
"""Figures of two people that are for programs: a table has no room for them."""

WORST = 10
"""How many tasks are named that are most worth discussing."""

_NO_TEXT_OF_TWO = "no text was marked by two people"

Measure = Callable[[Ratings], Figure]


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure with its name, and how sure it is where that was asked for."""

    name: str
    figure: Figure
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class DisputedTask:
    """A task on which people differ: where it is, and what each said."""

    text: str
    answer_id: int
    agreement: float
    said: dict[str, str]


@dataclass(slots=True)
class AgreementReport:
    """What a set of answers says about agreement.

    Attributes:
        kind: What was compared.
        counts: Name -> number: inputs, those that two people answered, ratings, missing ones.
        annotators: Whose answers were compared, with how many inputs each answered.
        measures: Figures over all annotators.
        labels: Label -> figures.
        pairs: Two annotators who answered something in common -> how many units that was, and
            figures.
        days: Day -> percent agreement or mean F1 of the inputs finished on it.
        confusions: One value, another one -> how often two people gave them to the same thing.
        worst: The tasks on which people differ most.
    """

    kind: Kind
    counts: dict[str, int] = field(default_factory=dict)
    annotators: dict[str, int] = field(default_factory=dict)
    measures: list[FigureLine] = field(default_factory=list)
    labels: dict[str, list[FigureLine]] = field(default_factory=dict)
    pairs: dict[tuple[str, str], list[FigureLine]] = field(default_factory=dict)
    days: dict[str, Figure] = field(default_factory=dict)
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    worst: list[DisputedTask] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values; an undefined figure is null beside its reason."""
        return {
            "kind": self.kind,
            **self.counts,
            "annotators": self.annotators,
            "measures": _lines(self.measures),
            "labels": {label: _lines(lines) for label, lines in self.labels.items()},
            "pairs": [
                {"annotators": list(pair), **_lines(lines)} for pair, lines in self.pairs.items()
            ],
            "days": {day: figure.value for day, figure in self.days.items()},
            "confusions": [
                {"one": one, "other": other, "count": count}
                for (one, other), count in self.confusions.most_common()
            ],
            "worst": [
                {
                    "text": each.text,
                    "answer": each.answer_id,
                    "agreement": each.agreement,
                    "said": each.said,
                }
                for each in self.worst
            ],
        }


def _lines(lines: Iterable[FigureLine]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in lines:
        found[line.name] = line.figure.value
        if line.figure.reason:
            found[f"{line.name} undefined"] = line.figure.reason
        if line.interval is not None:
            found[f"{line.name} interval"] = list(line.interval)
    return found


def make_report(
    inputs: Sequence[JudgedInput],
    kind: Kind,
    *,
    labels: Collection[str] = (),
    rounds: int = 0,
    tick: Callable[[int], None] = lambda _: None,
) -> AgreementReport:
    """Return the report on some inputs.

    Args:
        inputs: What was said about them.
        kind: What of it is compared.
        labels: Only these labels; empty for all.
        rounds: How many sets are drawn for intervals; 0 for none, 1,000 is usual.
        tick: Is told how many rounds are done; it may raise to leave.
    """
    if kind == "span":
        return _of_spans(inputs, labels, rounds, tick)
    return _of_values(inputs, kind, labels, rounds, tick)


# Values


def _measures_for(ratings: Ratings) -> list[tuple[str, Measure]]:
    found: list[tuple[str, Measure]] = [
        ("percent agreement", percent),
        ("Krippendorff's alpha", krippendorff_alpha),
        ("Gwet's AC1", gwet_ac1),
        ("Fleiss' kappa", fleiss_kappa),
    ]
    if len(ratings.annotators) == 2:
        found.insert(3, ("Cohen's kappa", cohen_kappa))
    if len(ratings.values) > 2 and are_numbers(ratings):
        found += [
            ("alpha, ordinal", lambda each: krippendorff_alpha(each, "ordinal")),
            ("alpha, interval", lambda each: krippendorff_alpha(each, "interval")),
            ("Gwet's AC2", gwet_ac2),
        ]
    return found


def _of_values(
    inputs: Sequence[JudgedInput],
    kind: Kind,
    labels: Collection[str],
    rounds: int,
    tick: Callable[[int], None],
) -> AgreementReport:
    units = [(each, unit) for each in inputs for unit in values_of(each, kind, labels)]
    ratings = Ratings.of(unit for _, unit in units)
    measures = _measures_for(ratings)
    report = AgreementReport(kind, _counts(ratings), _answered(unit for _, unit in units))
    # Where more than two people are compared nobody's name matters to these measures.
    patterns = ratings.patterns if len(ratings.annotators) == 2 else _nameless(ratings)
    sure = _intervals(patterns, [measure for _, measure in measures], rounds, tick)
    for (name, measure), interval in zip(measures, sure, strict=True):
        report.measures.append(FigureLine(name, measure(ratings), interval))
    if kind == "multilabel":
        for label in sorted(
            {key for each in inputs for s in each.said.values() for key in s.classes}
        ):
            if not labels or label in labels:
                own = Ratings.of(_label_units(inputs, label))
                report.labels[label] = [FigureLine(name, of(own)) for name, of in _LABEL_MEASURES]
    elif len(ratings.values) > 2:
        for value in ratings.values:
            own = ratings.one_against_rest(value)
            report.labels[value] = [FigureLine(name, of(own)) for name, of in _LABEL_MEASURES]
    for pair, two in ratings.of_pairs().items():
        report.pairs[pair] = [
            FigureLine(BOTH, Figure(two.shared)),
            FigureLine("percent agreement", percent(two)),
            FigureLine("Cohen's kappa", cohen_kappa(two)),
        ]
    for (left, right), count in ratings.confusions().items():
        report.confusions[min(left, right), max(left, right)] += count
    report.days = _days(units)
    report.worst = _worst(units)
    return report


_LABEL_MEASURES: tuple[tuple[str, Measure], ...] = (
    ("percent agreement", percent),
    ("Krippendorff's alpha", krippendorff_alpha),
    ("Gwet's AC1", gwet_ac1),
)


def _label_units(inputs: Iterable[JudgedInput], label: str) -> Iterable[dict[str, str]]:
    for each in inputs:
        yield {
            who: "yes" if said.classes[label] else "no"
            for who, said in each.said.items()
            if label in said.classes
        }


def _counts(ratings: Ratings) -> dict[str, int]:
    return {
        "units": ratings.units,
        "units with two answers or more": ratings.shared,
        "answers": ratings.ratings,
        "answers missing": ratings.missing(),
    }


def _answered(units: Iterable[Mapping[str, object]]) -> dict[str, int]:
    found: Counter[str] = Counter(who for unit in units for who in unit)
    return dict(sorted(found.items()))


def _nameless(ratings: Ratings) -> dict[Pattern, int]:
    """Return the patterns with numbers for names, so that equal votes are one pattern."""
    found: Counter[Pattern] = Counter()
    for votes, count in ratings.votes.items():
        given = [value for value, number in votes for _ in range(number)]
        found[tuple((str(n), value) for n, value in enumerate(given))] += count
    return dict(found)


def _intervals(
    patterns: Mapping[Pattern, int],
    measures: Sequence[Measure],
    rounds: int,
    tick: Callable[[int], None],
) -> list[Interval | None]:
    if not rounds:
        return [None] * len(measures)

    def value_of(measure: Measure) -> Callable[[Mapping[Pattern, int]], float | None]:
        return lambda counts: measure(Ratings(counts)).value

    return intervals(patterns, [value_of(each) for each in measures], rounds=rounds, tick=tick)


def _days(units: Iterable[tuple[JudgedInput, Mapping[str, str]]]) -> dict[str, Figure]:
    by_day: defaultdict[str, list[Mapping[str, str]]] = defaultdict(list)
    for each, unit in units:
        if len(unit) > 1:
            by_day[day_of(each)].append(unit)
    return {day: percent(Ratings.of(of_day)) for day, of_day in sorted(by_day.items())}


def _worst(units: Iterable[tuple[JudgedInput, Mapping[str, str]]]) -> list[DisputedTask]:
    found = []
    for each, unit in units:
        agreed = percent(Ratings.of([unit])).value
        if agreed is not None and agreed < 1:
            found.append(DisputedTask(each.text, each.answer_id, agreed, dict(unit)))
    return sorted(found, key=lambda each: (each.agreement, each.answer_id))[:WORST]


# Spans


def _of_spans(
    inputs: Sequence[JudgedInput],
    labels: Collection[str],
    rounds: int,
    tick: Callable[[int], None],
) -> AgreementReport:
    marked = [(each, _marked(each, labels)) for each in inputs]
    marked = [(each, spans) for each, spans in marked if spans]
    people = sorted({who for _, spans in marked for who in spans})
    shared = [(each, spans) for each, spans in marked if len(spans) > 1]
    answers = sum(len(spans) for _, spans in marked)
    report = AgreementReport(
        "span",
        {
            "units": len(marked),
            "units with two answers or more": len(shared),
            "answers": answers,
            "answers missing": len(marked) * len(people) - answers,
        },
        _answered(spans for _, spans in marked),
    )
    met = _compare_texts(report, shared)
    of_relations = _relation_hits(shared)
    everything = {match: MatchCounts() for match in MATCHES}
    of_label: defaultdict[str, MatchCounts] = defaultdict(MatchCounts)
    for pair, meetings in met.items():
        own = {match: total(meetings.hits(match).values()) for match in MATCHES}
        report.pairs[pair] = [FigureLine(BOTH, Figure(meetings.texts)), *_scores(own)]
        if of_relations:
            relations = of_relations.get(pair, MatchCounts())
            report.pairs[pair].append(FigureLine("F1 relations", relations.f1))
        for match in MATCHES:
            everything[match] = everything[match].plus(own[match])
        for label, hits in meetings.hits().items():
            of_label[label] = of_label[label].plus(hits)
    sure = _span_intervals(shared, rounds, tick)
    for match in MATCHES:
        figure = everything[match].f1 if shared else undefined(_NO_TEXT_OF_TWO)
        report.measures.append(FigureLine(f"F1 {match}", figure, sure.get(match)))
    # Alpha compares lengths; an input without a text, such as a picture, has none.
    texts = [_continuum(each, spans) for each, spans in shared if each.length]
    alphas = _alphas(texts)
    report.measures.append(FigureLine("Krippendorff's alpha of units", alphas[None]))
    for label in sorted(of_label):
        alpha = alphas.get(label, alphas[None])
        report.labels[label] = [
            FigureLine("F1 exact", of_label[label].f1),
            FigureLine("Krippendorff's alpha of units", alpha),
        ]
    if of_relations:
        report.measures.append(FigureLine("F1 of relations", total(of_relations.values()).f1))
    return report


def _scores(own: Mapping[Match, MatchCounts]) -> Iterator[FigureLine]:
    """Yield two people's scores, those that tables show first."""
    yield FigureLine("precision", own["exact"].precision)
    yield FigureLine("recall", own["exact"].recall)
    for match in MATCHES:
        yield FigureLine(f"F1 {match}", own[match].f1)
    for match in MATCHES[1:]:
        yield FigureLine(f"precision {match}", own[match].precision)
        yield FigureLine(f"recall {match}", own[match].recall)


def _marked(each: JudgedInput, labels: Collection[str]) -> dict[str, tuple[Marked, ...]]:
    return {
        who: tuple(span for span in said.spans if not labels or span[2] in labels)
        for who, said in each.said.items()
        if said.spans is not None
    }


SharedTexts = Sequence[tuple[JudgedInput, Mapping[str, tuple[Marked, ...]]]]


def _span_intervals(
    shared: SharedTexts, rounds: int, tick: Callable[[int], None]
) -> dict[str, Interval | None]:
    """Return intervals of F1: texts are resampled, each with what all pairs had in common in it."""
    if not rounds:
        return {}
    # Of a text only two sums matter, which many texts have in common.
    patterns: dict[str, Counter[tuple[int, int]]] = {match: Counter() for match in MATCHES}
    for _, spans in shared:
        met = SpanPairings()
        for one, other in combinations(sorted(spans), 2):
            met.add(spans[one], spans[other])
        for match in MATCHES:
            hits = total(met.hits(match).values())
            patterns[match][hits.both, hits.only_one + hits.only_other] += 1
    found: dict[str, Interval | None] = {}
    for number, match in enumerate(MATCHES):
        after = partial(_tick_after, tick, number * rounds)
        (found[match],) = intervals(patterns[match], [_f1_of], rounds=rounds, tick=after)
    return found


def _tick_after(tick: Callable[[int], None], done: int, count: int) -> None:
    tick(done + count)


def _f1_of(counts: Mapping[tuple[int, int], int]) -> float | None:
    both = sum(each[0] * count for each, count in counts.items())
    alone = sum(each[1] * count for each, count in counts.items())
    return MatchCounts(both, alone).f1.value


def _continuum(each: JudgedInput, spans: Mapping[str, tuple[Marked, ...]]) -> MarkedText:
    found: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for who, own in spans.items():
        by_label: dict[str, list[tuple[int, int]]] = {}
        for span in own:
            if span[2] in by_label:
                by_label[span[2]].append(span[:2])
            else:
                by_label[span[2]] = [span[:2]]
        found[who] = by_label
    return MarkedText(each.length, found)


def _alphas(texts: Sequence[MarkedText]) -> dict[str | None, Figure]:
    """Return alpha of units for all labels (None) and for each.

    Where not all texts have the same annotators, it is the mean of the groups that have, weighted
    by their code points.
    """
    weighted: defaultdict[str | None, list[tuple[float, int]]] = defaultdict(list)
    reasons: dict[str | None, str] = {None: _NO_TEXT_OF_TWO}
    for group in by_annotators(texts).values():
        parts = {label: disagreement(group, label) for label in labels_of(group)}
        size = sum(text.length for text in group)
        for label, chosen in ((None, [*parts.values()]), *((k, [v]) for k, v in parts.items())):
            figure = alpha_of(chosen)
            if figure.value is None:
                reasons[label] = figure.reason
            else:
                weighted[label].append((figure.value, size))
    found = {label: undefined(reason) for label, reason in reasons.items()}
    for label, figures in weighted.items():
        size = sum(weight for _, weight in figures)
        found[label] = Figure(sum(value * weight for value, weight in figures) / size)
    return found


def _relation_hits(shared: SharedTexts) -> dict[tuple[str, str], MatchCounts]:
    """Return how every two people's relations compare; nobody where none were asked for."""
    found: defaultdict[tuple[str, str], MatchCounts] = defaultdict(MatchCounts)
    for each, _ in shared:
        said = [(who, Counter(s.relations)) for who, s in sorted(each.said.items())
                if s.relations is not None]  # fmt: skip
        for (one, mine), (other, its) in combinations(said, 2):
            both = (mine & its).total()
            hits = MatchCounts(both, mine.total() - both, its.total() - both)
            found[one, other] = found[one, other].plus(hits)
    return found


def _compare_texts(
    report: AgreementReport, shared: SharedTexts
) -> dict[tuple[str, str], SpanPairings]:
    """Compare every pair of annotators; add confusions, days, and where people differ most."""
    met: defaultdict[tuple[str, str], SpanPairings] = defaultdict(SpanPairings)
    days: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    found: list[tuple[float, int, int]] = []
    for number, (each, spans) in enumerate(shared):
        same, marked = 0, 0
        for pair in combinations(sorted(spans), 2):
            one, other = spans[pair[0]], spans[pair[1]]
            same += met[pair].add(one, other)
            marked += len(one) + len(other)
        of_day = days[day_of(each)]
        of_day[0] += same
        of_day[1] += marked
        if 2 * same < marked:
            found.append((2 * same / marked, each.answer_id, number))
    for meetings in met.values():
        for (left, right), count in meetings.confusions().items():
            report.confusions[min(left, right), max(left, right)] += count
    report.days = {
        day: MatchCounts(same, marked - 2 * same).f1 for day, (same, marked) in sorted(days.items())
    }
    for agreed, answer_id, number in sorted(found)[:WORST]:
        each, spans = shared[number]
        said = {who: _in_words(each.text, own) for who, own in spans.items()}
        report.worst.append(DisputedTask(each.text, answer_id, agreed, said))
    return dict(sorted(met.items()))


def _in_words(text: str, spans: Sequence[Marked]) -> str:
    return ", ".join(f"{text[start:end]} {label}" for start, end, label in spans) or "nothing"
