"""Several people's answers on one input: where they differ, and what counts then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from tui_annotate.errors import UsageError
from tui_annotate.exchange.document import Layers, Mark, mark
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.spans import Span

Layer: TypeAlias = Literal["spans", "labels", "relations", "content"]
Way: TypeAlias = Literal["review", "majority", "annotator"]


@dataclass(frozen=True, slots=True)
class Resolve:
    """What counts where people differ.

    Attributes:
        way: `review`: only what was adjudicated; `majority`: what more than half of those who
            were asked say; `annotator`: what one person says.
        annotator: That person.
    """

    way: Way
    annotator: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What counts, and where people differ.

    Attributes:
        layers: What counts; without what is open.
        conflicts: The layers in which they differ.
        unresolved: Those of them for which nothing counts.
    """

    layers: Layers
    conflicts: tuple[Layer, ...] = ()
    unresolved: tuple[Layer, ...] = ()


def parse_resolve(value: str) -> Resolve:
    """Read `review`, `majority` or `annotator=NAME`.

    Raises:
        UsageError: It is none of them.
    """
    way, _, name = value.partition("=")
    if way == "annotator" and name:
        return Resolve("annotator", name)
    if value == "review":
        return Resolve("review")
    if value == "majority":
        return Resolve("majority")
    hint = "Write review, majority or annotator=NAME"
    raise UsageError(f"{value!r} is no way to resolve", where="--resolve", hint=hint)


def join(parts: Iterable[Layers]) -> Layers:
    """Return what several layers say together: of one person, or of datasets that ask apart.

    Spans are put together; of a label that was answered twice the later answer counts.
    """
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    asked = [part for part in parts if part.spans is not None]
    related = [part.relations for part in parts if part.relations is not None]
    found = {mark(span): span for part in asked for span in part.spans or ()}
    refused = frozenset[Mark]().union(*(part.refused for part in parts))
    return Layers(
        spans=tuple(sorted(found.values())) if asked else None,
        complete=not asked or any(part.complete for part in asked),
        refused=refused - found.keys(),
        cats={label: value for part in parts for label, value in part.cats.items()},
        relations=_distinct(related) if related else None,
        content=next((part.content for part in reversed(parts) if part.content), None),
    )


def settle(people: Mapping[str, Layers], resolve: Resolve | None) -> Resolved:
    """Return what several people's layers come to.

    Args:
        people: What each of them says, in a stable order; one at least.
        resolve: What counts where they differ; None leaves that open.
    """
    if len(people) == 1:
        return Resolved(next(iter(people.values())))
    conflicts = _conflicts(list(people.values()))
    together = join(people.values())
    if not conflicts:
        return Resolved(together)
    layers, unresolved = together, []
    for layer in conflicts:
        found = _decide(layer, people, resolve)
        if found is None:
            unresolved.append(layer)
            found = Layers()
        layers = _with_layer(layers, layer, found)
    return Resolved(layers, conflicts, tuple(unresolved))


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
    whole = {_marks(each) for each in asked if each.complete}
    if len(whole) > 1:
        return True
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


def _decide(layer: Layer, people: Mapping[str, Layers], resolve: Resolve | None) -> Layers | None:
    if resolve is None or resolve.way == "review":
        return None
    if resolve.way == "annotator":
        chosen = people.get(resolve.annotator)
        return chosen if chosen is not None and _has(chosen, layer) else None
    asked = [each for each in people.values() if _has(each, layer)]
    if layer == "spans":
        return _majority_spans(asked)
    if layer == "labels":
        return _majority_labels(asked)
    return _majority_whole(asked, layer)


def _has(layers: Layers, layer: Layer) -> bool:
    if layer == "spans":
        return layers.spans is not None
    if layer == "labels":
        return bool(layers.cats)
    return (layers.relations if layer == "relations" else layers.content) is not None


def _majority_spans(asked: Sequence[Layers]) -> Layers | None:
    """Return the spans that more than half say; None where half say yes and half no."""
    if not all(each.complete for each in asked):
        return None
    votes: Counter[Mark] = Counter()
    found: dict[Mark, Span] = {}
    for each in asked:
        marks = {mark(span): span for span in each.spans or ()}
        found = marks | found
        votes.update(marks.keys())
    if any(2 * count == len(asked) for count in votes.values()):
        return None
    kept = [found[each] for each, count in votes.items() if 2 * count > len(asked)]
    return Layers(spans=tuple(sorted(kept)))


def _majority_labels(asked: Sequence[Layers]) -> Layers | None:
    votes: dict[str, list[bool]] = {}
    for each in asked:
        for label, value in each.cats.items():
            votes.setdefault(label, []).append(value)
    if any(2 * sum(values) == len(values) for values in votes.values()):
        return None
    return Layers(cats={label: 2 * sum(given) > len(given) for label, given in votes.items()})


def _majority_whole(asked: Sequence[Layers], layer: Layer) -> Layers | None:
    """Return the layers of those who say the same and are more than half."""
    keys = [_relation_key(each) if layer == "relations" else each.content for each in asked]
    winner, count = Counter(keys).most_common(1)[0]
    return asked[keys.index(winner)] if 2 * count > len(asked) else None


def _with_layer(layers: Layers, layer: Layer, found: Layers) -> Layers:
    if layer == "spans":
        return replace(layers, spans=found.spans, complete=found.complete, refused=found.refused)
    if layer == "labels":
        return replace(layers, cats=found.cats)
    if layer == "content":
        return replace(layers, content=found.content)
    return replace(layers, relations=found.relations)


def _marks(layers: Layers) -> frozenset[Mark]:
    return frozenset(map(mark, layers.spans or ()))


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
