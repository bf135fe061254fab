"""The results of one of Label Studio's annotations, sorted by what they say and of what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tui_annotate.sources.json_helpers import dicts
from tui_annotate.sources.relation_links import RelationLink

ResultKind = Literal["relation", "region", "of region", "choice", "typed", "kept", "left out"]
"""What a result says.

- `relation`: how two regions belong together;
- `region`: where something lies, and its labels;
- `of region`: what else there is to say of a region with labels;
- `choice`: what was chosen for the whole text;
- `typed`: what was typed in for the whole text;
- `kept`: what no view has a place for, such as a ranking;
- `left out`: what has no place in a task, such as an area of a picture.
"""
_VALUES = ("choices", "taxonomy", "rating", "number", "datetime", "text")
"""What a result that is no region says of its region, or of the whole text; the text that a region
covers stands beside the others."""
_PLACES = frozenset({"start", "x", "points", "vertices", "rle", "sequence", "ranges"})
"""Keys of values that say where something lies."""


@dataclass(slots=True)
class Results:
    """The results of an annotation by what they are about.

    Attributes:
        regions: Name -> value of each region with labels.
        attributes: Name of a region -> field -> what was said of it.
        choices: Field -> choices about the whole text, paths of taxonomies and numbers as text too.
        typed: Field -> texts that were typed in for the whole text.
        kept: Field -> what no view has a place for, such as a ranking.
        links: Relations between regions.
        others: How many have no place in a task.
    """

    regions: list[tuple[Any, dict[str, Any]]] = field(default_factory=list)
    attributes: dict[Any, dict[str, Any]] = field(default_factory=dict)
    choices: dict[str, list[Any]] = field(default_factory=dict)
    typed: dict[str, list[str]] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    links: list[RelationLink] = field(default_factory=list)
    others: int = 0

    def only_spans(self) -> bool:
        """Return whether nothing was said of the whole text, nor anything without a place here."""
        return not (self.choices or self.typed or self.kept or self.others)

    def add(self, kind: ResultKind, result: dict[str, Any]) -> None:
        """Take a result in.

        Args:
            kind: What it says.
            result: The result.
        """
        value, region = value_of(result), _id(result, "id")
        asked = str(result.get("from_name") or "choice")
        match kind:
            case "relation":
                self.links += _links(result)
            case "region":
                self._add_region(region, value, result.get("meta"))
            case "of region":
                said = next((value[key] for key in _VALUES if key in value), None)
                self.attributes.setdefault(region, {})[asked] = _scalar(said)
            case "choice":
                self.choices.setdefault(asked, []).extend(about_whole(value))
            case "typed":
                texts = value["text"] if isinstance(value["text"], list) else [value["text"]]
                self.typed.setdefault(asked, []).extend(map(str, texts))
            case "kept":
                self.kept[asked] = value.get("ranker", value.get("selected"))
            case "left out":
                self.others += 1

    def _add_region(self, region: Any, value: dict[str, Any], meta: Any) -> None:
        if labels_of(value) is None:
            self.regions.append((region, {**value, "labels": value["choices"]}))
            return
        # A region without a name gets one, so that its note is its own.
        name = region if region is not None else f"\0{len(self.regions)}"
        self.regions.append((name, value))
        if isinstance(meta, dict) and meta.get("text"):
            self.attributes.setdefault(name, {})["note"] = _scalar(meta["text"])


def sort_results(given: Any) -> Results:
    """Return the results of an annotation by what they say; those with one id are of one region."""
    found = Results()
    results = dicts(given)
    labeled = _ids(results, lambda value: labels_of(value) is not None)
    placed = _ids(results, lambda value: not _PLACES.isdisjoint(value))
    for each in results:
        name = _id(each, "id")
        kind = _kind_of(each, of_labeled=name in labeled, of_placed=name in placed)
        found.add(kind, each)
    return found


def _kind_of(result: dict[str, Any], *, of_labeled: bool, of_placed: bool) -> ResultKind:
    """Return what a result says.

    Args:
        result: The result.
        of_labeled: Whether its id is that of a region with labels.
        of_placed: Whether its id is that of anything that lies somewhere.
    """
    value = value_of(result)
    if result.get("type") == "relation":
        return "relation"
    if labels_of(value) is not None:
        return "region"
    if of_labeled:
        return "of region"
    if isinstance(value.get("choices"), list) and "start" in value:
        # Of a region without a label of its own the choice is the label.
        return "region"
    if of_placed or not _PLACES.isdisjoint(value):
        return "left out"
    return _kind_of_whole(value)


def _kind_of_whole(value: Mapping[str, Any]) -> ResultKind:
    """Return what the value of a result says that is about the whole text."""
    # An empty list of choices was asked, and nothing was chosen.
    if about_whole(value) or isinstance(value.get("choices"), list):
        return "choice"
    if "text" in value:
        return "typed"
    return "kept" if "ranker" in value or "selected" in value else "left out"


def _ids(
    results: Sequence[dict[str, Any]], test: Callable[[Mapping[str, Any]], bool]
) -> frozenset[Any]:
    """Return the ids of the results whose value passes a test; without an id nothing is shared."""
    return frozenset(_id(each, "id") for each in results if test(value_of(each))) - {None}


def _id(result: Mapping[str, Any], key: str) -> Any:
    name = result.get(key)
    return name if isinstance(name, str | int) else None


def about_whole(value: Mapping[str, Any]) -> list[str]:
    """Return what was chosen for a whole text; of a taxonomy the paths, `/` between their steps."""
    if isinstance(value.get("choices"), list):
        return [str(each) for each in value["choices"]]
    if isinstance(value.get("taxonomy"), list):
        paths = [each if isinstance(each, list) else [each] for each in value["taxonomy"]]
        return ["/".join(map(str, path)) for path in paths]
    return [str(value[key]) for key in ("rating", "number", "datetime") if key in value]


def labels_of(value: Mapping[str, Any]) -> list[Any] | None:
    """Return the labels of a region, by whatever kind of region calls them; None for no region."""
    kinds = ("labels", "hypertextlabels", "paragraphlabels", "timelinelabels")
    return next((value[kind] for kind in kinds if isinstance(value.get(kind), list)), None)


def value_of(result: dict[str, Any]) -> dict[str, Any]:
    """Return the value of a result; an empty one where it is no object."""
    value = result.get("value")
    return value if isinstance(value, dict) else {}


def _scalar(value: Any) -> Any:
    """Return a value as one string or number; several stand behind one another."""
    if isinstance(value, list):
        parts = [_scalar(each) for each in value]
        return parts[0] if len(parts) == 1 else ", ".join(map(str, parts))
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


def _links(relation: dict[str, Any]) -> list[RelationLink]:
    """Return a relation in its direction, or in both, for each of its labels."""
    both = (_id(relation, "from_id"), _id(relation, "to_id"))
    ways = {"left": [both[::-1]], "bi": [both, both[::-1]]}.get(str(relation.get("direction")))
    labels = relation.get("labels")
    named = [str(each) for each in labels] if isinstance(labels, list) and labels else [""]
    return [RelationLink(*each, label) for each in ways or [both] for label in named]
