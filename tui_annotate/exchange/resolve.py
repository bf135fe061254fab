"""Several people's answers on one input: where they differ, and what counts then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from tui_annotate.errors import UsageError
from tui_annotate.exchange.document import Layers, Mark, shape, span_identity
from tui_annotate.exchange.votes import (
    MORE_THAN_HALF,
    Boundaries,
    Threshold,
    Unit,
    soft_spans,
    vote,
)
from tui_annotate.task.jsonio import dumps

Layer: TypeAlias = Literal["spans", "labels", "relations", "content"]
Way: TypeAlias = Literal["review", "majority", "soft", "annotator"]


@dataclass(frozen=True, slots=True)
class ResolutionRule:
    """What counts where people differ.

    Attributes:
        way: `review`: only what was adjudicated; `majority`: what enough of those who were asked
            say; `soft`: every extent of a span, with the share of the people who marked it, and
            the majority for everything else; `annotator`: what one person says.
        annotator: That person.
        threshold: How many votes are enough.
        boundaries: What is voted on where people mark spans.
    """

    way: Way
    annotator: str = ""
    threshold: Threshold = MORE_THAN_HALF
    boundaries: Boundaries = "token"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What counts, and where people differ.

    Attributes:
        layers: What counts; without what is open.
        conflicts: The layers in which they differ.
        unresolved: Those of them for which nothing counts.
    """

    layers: Layers
    conflicts: tuple[Layer, ...] = ()
    unresolved: tuple[Layer, ...] = ()


@dataclass(frozen=True, slots=True)
class AnsweredText:
    """The text that people answered about, for votes on its spans.

    Attributes:
        text: The text.
        tokens: Start and end of its tokens; called only if there is a vote.
    """

    text: str = ""
    tokens: Callable[[], Sequence[Unit]] = list


def parse_resolve(value: str, boundaries: Boundaries = "token") -> ResolutionRule:
    """Read `review`, `majority`, `majority:SHARE`, `soft` or `annotator=NAME`.

    Raises:
        UsageError: It is none of them.
    """
    way, _, name = value.partition("=")
    if way == "annotator" and name:
        return ResolutionRule("annotator", name)
    word, colon, share = value.partition(":")
    if word == "majority" and colon:
        return ResolutionRule("majority", threshold=_threshold(share), boundaries=boundaries)
    if value in ("review", "majority", "soft"):
        return ResolutionRule(value, boundaries=boundaries)  # type: ignore[arg-type]
    hint = "Write review, majority, majority:0.66, soft or annotator=NAME"
    raise UsageError(f"{value!r} is no way to resolve", where="--resolve", hint=hint)


def _threshold(value: str) -> Threshold:
    try:
        share = float(value)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        hint = "Write a share of the people, such as majority:0.66"
        raise UsageError(f"{value!r} is no share above 0 and up to 1", where="--resolve", hint=hint)
    return Threshold(share)


def join_layers(parts: Iterable[Layers]) -> Layers:
    """Return what several layers say together: of one person, or of datasets that ask apart.

    Spans are put together; of a label that was answered twice the later answer counts.
    """
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    asked = [part for part in parts if part.spans is not None]
    related = [part.relations for part in parts if part.relations is not None]
    found = {span_identity(span): span for part in asked for span in part.spans or ()}
    refused = frozenset[Mark]().union(*(part.refused for part in parts))
    return Layers(
        spans=tuple(sorted(found.values())) if asked else None,
        complete=not asked or any(part.complete for part in asked),
        refused=refused - found.keys(),
        cats={label: value for part in parts for label, value in part.cats.items()},
        relations=_distinct(related) if related else None,
        content=next((part.content for part in reversed(parts) if part.content), None),
    )


def settle(
    people: Mapping[str, Layers],
    resolve: ResolutionRule | None,
    place: AnsweredText = AnsweredText(),
) -> Resolution:
    """Return what several people's layers come to.

    Args:
        people: What each of them says, in a stable order; one at least.
        resolve: What counts where they differ; None leaves that open.
        place: The text that they answered about.
    """
    if len(people) == 1:
        return Resolution(next(iter(people.values())))
    conflicts = _conflicts(list(people.values()))
    together = join_layers(people.values())
    if not conflicts:
        return Resolution(together)
    layers, unresolved = together, []
    for layer in conflicts:
        found = _decide(layer, people, resolve, place)
        if found is None:
            unresolved.append(layer)
            found = Layers()
        layers = _with_layer(layers, layer, found)
    return Resolution(layers, conflicts, tuple(unresolved))


def without(layers: Layers, decided: Layers) -> Layers:
    """Return `layers` without what `decided`, an adjudicated answer, has the last word on."""
    if decided.spans is not None:
        layers = replace(layers, spans=None, complete=True, refused=frozenset())
    if decided.relations is not None:
        layers = replace(layers, relations=None)
    if decided.content is not None:
        layers = replace(layers, content=None)
    cats = {label: value for label, value in layers.cats.items() if label not in decided.cats}
    return replace(layers, cats=cats)


def _conflicts(people: Sequence[Layers]) -> tuple[Layer, ...]:
    checks: tuple[tuple[Layer, bool], ...] = (
        ("spans", _spans_differ(people)),
        ("labels", _labels_differ(people)),
        ("relations", len({_relation_key(p) for p in people if p.relations is not None}) > 1),
        ("content", len({p.content for p in people if p.content is not None}) > 1),
    )
    return tuple(layer for layer, differs in checks if differs)


def _spans_differ(people: Sequence[Layers]) -> bool:
    """Complete answers have to be equal; others must not contradict them or each other."""
    asked = [each for each in people if each.spans is not None]
    if len({frozenset(map(shape, each.spans or ())) for each in asked if each.complete}) > 1:
        return True
    whole = {_marks(each) for each in asked if each.complete}
    claimed = frozenset[Mark]().union(*(_marks(each) for each in asked))
    refused = frozenset[Mark]().union(*(each.refused for each in asked))
    return bool(claimed & refused) or any(not claimed <= marks for marks in whole)


def _labels_differ(people: Sequence[Layers]) -> bool:
    said: dict[str, bool] = {}
    return any(
        said.setdefault(label, value) != value
        for each in people
        for label, value in each.cats.items()
    )


def _decide(
    layer: Layer, people: Mapping[str, Layers], resolve: ResolutionRule | None, place: AnsweredText
) -> Layers | None:
    if resolve is None or resolve.way == "review":
        return None
    if resolve.way == "annotator":
        chosen = people.get(resolve.annotator)
        return chosen if chosen is not None and _has(chosen, layer) else None
    asked = [each for each in people.values() if _has(each, layer)]
    if layer == "spans":
        return _voted_spans(asked, resolve, place)
    if layer == "labels":
        return _voted_labels(asked, resolve.threshold)
    return _voted_whole(asked, layer, resolve.threshold)


def _has(layers: Layers, layer: Layer) -> bool:
    if layer == "spans":
        return layers.spans is not None
    if layer == "labels":
        return bool(layers.cats)
    return (layers.relations if layer == "relations" else layers.content) is not None


def _voted_spans(
    asked: Sequence[Layers], resolve: ResolutionRule, place: AnsweredText
) -> Layers | None:
    """Return the spans that have enough votes; None where the votes decide nothing."""
    if not any(each.complete for each in asked):
        return _voted_questions(asked, resolve.threshold)
    if not all(each.complete for each in asked):
        return None
    marked = [each.spans or () for each in asked]
    if resolve.way == "soft":
        return Layers(spans=soft_spans(marked))
    spans = vote(marked, place.text, place.tokens(), resolve.boundaries, resolve.threshold)
    return None if spans is None else Layers(spans=spans)


def _voted_questions(asked: Sequence[Layers], threshold: Threshold) -> Layers | None:
    """Return what counts of yes and no on single spans; None where half say yes and half no."""
    accepted = {span_identity(span): span for each in asked for span in each.spans or ()}
    refused: set[Mark] = set()
    for each in accepted.keys() | frozenset[Mark]().union(*(one.refused for one in asked)):
        yes = sum(each in _marks(one) for one in asked)
        people = yes + sum(each in one.refused for one in asked)
        if threshold.is_tie(yes, people):
            return None
        if not threshold.accepts(yes, people):
            refused.add(each)
    spans = [span for key, span in accepted.items() if key not in refused]
    return Layers(spans=tuple(sorted(spans)), complete=False, refused=frozenset(refused))


def _voted_labels(asked: Sequence[Layers], threshold: Threshold) -> Layers | None:
    votes: dict[str, list[bool]] = {}
    for each in asked:
        for label, value in each.cats.items():
            votes.setdefault(label, []).append(value)
    if any(threshold.is_tie(sum(given), len(given)) for given in votes.values()):
        return None
    return Layers(
        cats={label: threshold.accepts(sum(given), len(given)) for label, given in votes.items()}
    )


def _voted_whole(asked: Sequence[Layers], layer: Layer, threshold: Threshold) -> Layers | None:
    """Return the layers of those who say the same and are enough."""
    keys = [_relation_key(each) if layer == "relations" else each.content for each in asked]
    (winner, count), *others = Counter(keys).most_common()
    is_first = not others or others[0][1] < count
    return asked[keys.index(winner)] if is_first and threshold.accepts(count, len(asked)) else None


def _with_layer(layers: Layers, layer: Layer, found: Layers) -> Layers:
    if layer == "spans":
        return replace(layers, spans=found.spans, complete=found.complete, refused=found.refused)
    if layer == "labels":
        return replace(layers, cats=found.cats)
    if layer == "content":
        return replace(layers, content=found.content)
    return replace(layers, relations=found.relations)


def _marks(layers: Layers) -> frozenset[Mark]:
    return frozenset(map(span_identity, layers.spans or ()))


def _relation_key(layers: Layers) -> frozenset[tuple[Any, ...]]:
    return frozenset(
        (each.get("head"), each.get("child"), each.get("label"), _end(each, "head"),
         _end(each, "child"))
        for each in layers.relations or ()
    )  # fmt: skip


def _end(relation: dict[str, Any], name: str) -> Any:
    span = relation.get(f"{name}_span")
    return (span.get("start"), span.get("end")) if isinstance(span, dict) else None


def _distinct(related: Sequence[tuple[dict[str, Any], ...]]) -> tuple[dict[str, Any], ...]:
    return tuple({dumps(each): each for part in related for each in part}.values())
