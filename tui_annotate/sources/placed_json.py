"""JSON rows of a text and entities that say where they lie, under names that vary by program.

Objects with start, end and label, as displaCy, pipelines and many others write them; lists of such
triples; and lists of places by label, or by label and words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tui_annotate.sources.base import left_out
from tui_annotate.sources.json_helpers import (
    LABELS,
    Row,
    as_offset,
    first,
    objects,
    place_span,
    remark,
    table,
    text_task,
)
from tui_annotate.sources.relation_links import RelationLink, add_relations
from tui_annotate.sources.standoff_marks import Mark, put_spans, scalars, spans_of_marks
from tui_annotate.sources.surface_json import COVERED, LISTS, RELATIONS, TEXTS, ends_of
from tui_annotate.sources.token_tasks import NO_LABEL
from tui_annotate.task.foreign_spans import PLACED, FileRegion, fit_spans
from tui_annotate.task.schema import Task

_STARTS = (
    *("start", "start_offset", "startOffset", "start_char", "begin", "offset", "start_position"),
    *("start_index", "startIndex", "start_idx", "char_start", "begin_offset", "beginOffset"),
    *("BeginOffset", "start_pos", "startPos", "startPosition", "from"),
)
_ENDS = (
    *("end", "end_offset", "endOffset", "end_char", "end_position", "end_index", "endIndex"),
    *("end_idx", "char_end", "EndOffset", "stop", "end_pos", "endPos", "endPosition", "to"),
)
_PAIRS = ("span", "offsets", "pos", "position", "char_span", "indices", "location", "range")
"""Keys of a place that is a list of start and end."""
_WORD = re.compile(r"\w+|[^\w\s]")
_START = re.compile(r"(?:^|_)start_?(?:index|idx|offset|char|pos)$", re.IGNORECASE)
"""The end of a key that says where something starts, whatever it is."""
_NUMBER = "_number"
_HALF = 0.5
_PAIR = 2
_ABOUT = frozenset({"id", "score", "kb_id", "kb_url", "pos"})
PLACES = frozenset({*_STARTS, *_ENDS, *_PAIRS, "points"})


# Rows of a text and objects with start, end and label: displaCy, pipelines, many others


def _entity_list(row: Row) -> tuple[str, list[Row]]:
    """Return the key of the entities of a row, and them; no key for none.

    They are a list, or lists by label. One with several labels is as many entities.
    """
    text = first(row, TEXTS)
    for key in LISTS:
        value = row.get(key)
        found = _of_groups(value) if isinstance(value, dict) else _of_list(value)
        if found and all(_is_entity(each, text) for each in found):
            return key, found
    return "", []


def _of_groups(groups: dict[str, Any]) -> list[Row]:
    """Return the entities of lists by label, each with its label; none where it is something else.

    {"PER": [{"start": 0, "end": 3}], "LOC": []}
    {"entities": [{"start": 0, "end": 3, "label": "PER"}], "events": []}
    """
    if not all(isinstance(group, list) for group in groups.values()):
        return []
    listed = [(each, name) for name, group in groups.items() for each in group]
    if not all(isinstance(each, dict) for each, _ in listed):
        return []
    # In the second form the name of a list is no label, and each entity says its label itself.
    return [
        each if name in LISTS and first(each, LABELS) is not None else {**each, "label": name}
        for each, name in listed
    ]


def _of_list(value: Any) -> list[Row]:
    """Return the entities of a list; none where it is no list of objects alone."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return []
    return [one for each in value for one in _for_each_label(each)]


def _for_each_label(each: Row) -> list[Row]:
    """Return an entity once for each of its `labels`, if it has several and no other label."""
    labels = each.get("labels")
    several = isinstance(labels, list) and bool(labels) and first(each, LABELS) is None
    if not several or not all(isinstance(label, str) for label in labels or ()):
        return [each]
    rest = {key: value for key, value in each.items() if key != "labels"}
    return [{**rest, "label": label} for label in labels or ()]


def _is_entity(each: Row, text: Any) -> bool:
    place, label = _place_of(each), first(each, LABELS)
    if place is None:
        return False
    if label is None:
        # Without a label it has to lie in the text, so that nothing else is taken for an entity.
        return isinstance(text, str) and 0 <= place[0] < place[1] <= len(text)
    return isinstance(label, str) or type(label) is int


def is_placed(each: Row) -> bool:
    """Return whether an object says where something starts, and where it ends or what it is."""
    if _place_of(each) is not None:
        return True
    starts = any(_START.search(key) and type(value) is int for key, value in each.items())
    return starts and any(isinstance(value, str) for value in each.values())


def _place_of(each: Row) -> tuple[int, int] | None:
    """Return start and end (exclusive) of an entity; None where it has no place."""
    start, end = as_offset(first(each, _STARTS)), as_offset(first(each, _ENDS))
    if start is not None and end is None and type(each.get("length")) is int:
        return start, start + each["length"]
    if start is not None and end is not None:
        return start, end
    pair = next((each[key] for key in _PAIRS if _is_start_end(each.get(key))), None)
    return (int(pair[0]), int(pair[1])) if pair is not None else None


def is_text_with_entities(row: Row) -> bool:
    """Return whether an object has a text, and objects that say where they lie in it."""
    own = "_view_id" in row or ("tokens" in row and "ents" not in row and not _is_foreign(row))
    labelled = any("label" in each for each in objects(row.get("spans")))
    return (
        not own
        and not labelled
        and isinstance(first(row, TEXTS), str)
        and bool(_entity_list(row)[0])
    )


def _is_foreign(row: Row) -> bool:
    """Tell whether the spans of a row have a label each, and none under the name that ours have."""
    spans = objects(row.get("spans"))
    return bool(spans) and all("label" not in each and first(each, LABELS) is not None
                               for each in spans)  # fmt: skip


def text_with_entities(row: Row) -> Iterator[Task]:
    """Yield the text with its entities, and the relations between them."""
    text_key = next(key for key in TEXTS if key in row)
    text = row[text_key]
    list_key, found = _entity_list(row)
    spans = [_span_of(each, text) for each in found]
    beside = {"tokens", "tags"} & row.keys() if _is_foreign(row) else set()
    rest = _rest_of(row, {text_key, list_key, *beside})
    links = next((key for key in RELATIONS if objects(rest.get(key))), None)
    task = text_task(text, spans)
    if "ents" in row:
        _add_doc(task, rest)
    if beside:
        remark(task, f"{', '.join(f'`{key}`' for key in sorted(beside))} beside them are left out")
    if links is not None:
        _add_links(task, spans, found, objects(rest.pop(links)))
    if isinstance(rest.get("intent"), str) and rest["intent"] and "accept" not in task:
        task["accept"] = [rest.pop("intent")]
    yield {**task, "meta": rest} if rest else task


def _span_of(each: Row, text: str) -> dict[str, Any]:
    """Return an entity as a span: with the text that it says it covers, where that does not lie at
    its offsets."""
    # `_is_entity` has found a place in each of them: `(0, 0)` only satisfies the type checker.
    start, end = _place_of(each) or (0, 0)
    each = _without_words_as_label(each, text)
    known = {*_STARTS, *_ENDS, *_PAIRS, *LABELS, *COVERED, "length", *_ABOUT}
    span = place_span(start, end, _label_of(each), {k: each[k] for k in each.keys() - known})
    covered = next((each[k] for k in COVERED if _is_covered(each, k)), None)
    if covered is not None and text[start:end].casefold() != covered.casefold():
        by_words = _place_by_words(text, start, end, covered)
        # Its own text tells where it lies, whatever its offsets count, and whether its end is that
        # of its last character.
        if by_words is not None:
            span["start"], span["end"] = by_words
        elif text[start : end + 1].casefold() == covered.casefold():
            span["end"] = end + 1
        else:
            span["text"] = covered
    return span


def _place_by_words(text: str, first: int, last: int, covered: str) -> tuple[int, int] | None:
    """Return where an entity lies that counts words, of which the last one is its own; None where
    other words stand there than it says."""
    words = [*_WORD.finditer(text)]
    if not 0 <= first <= last < len(words):
        return None
    start, end = words[first].start(), words[last].end()
    return (start, end) if text[start:end].casefold() == covered.casefold() else None


def _rest_of(row: Row, taken: set[str]) -> dict[str, Any]:
    """Return what a row has besides the keys that are `taken`, without nulls, and without the
    tokens and sentences of spaCy's Doc."""
    parsed = {"tokens", "sents"} if "ents" in row else set()
    left_out = taken | parsed
    return {key: value for key, value in row.items() if value is not None and key not in left_out}


def _add_doc(task: Task, rest: dict[str, Any]) -> None:
    """Put what spaCy's Doc says of its text besides its entities into a task.

    Args:
        task: The task; changed.
        rest: What the row has besides; what is taken is taken out.
    """
    cats = rest.get("cats")
    if isinstance(cats, dict) and all(isinstance(each, int | float) for each in cats.values()):
        del rest["cats"]
        if cats:
            task["cats"] = {str(label): value >= _HALF for label, value in cats.items()}
            task["accept"] = [label for label, chosen in task["cats"].items() if chosen]
    groups = rest.get("spans")
    if isinstance(groups, dict):
        del rest["spans"]
        left = [str(name) for name, group in groups.items() if group]
        if left:
            remark(task, f"its groups of spans are left out: {', '.join(left)}")


def _add_links(
    task: Task, spans: list[dict[str, Any]], found: list[Row], relations: list[Row]
) -> None:
    """Put relations into a task, whose ends are entities by their ids, numbers or words.

    Args:
        task: The task, with its spans; changed.
        spans: Its spans, one for each entity.
        found: The entities as the file has them.
        relations: The relations as the file has them.
    """
    # Spans may be left out on the way, so each carries the number of the entity it is made of.
    for number, span in enumerate(spans):
        span[_NUMBER] = number
    remarks: list[str] = []
    # Where the spans lie has to be known before the tokens that the relations count are.
    fit_spans(task, remarks)
    placed: dict[Any, dict[str, Any]] = {}
    for span in task["spans"]:
        number = span.pop(_NUMBER)
        placed[_NUMBER, number] = span | {PLACED: True}
        for name in (found[number].get("id"), task["text"][span["start"] : span["end"]]):
            if isinstance(name, str | int):
                placed.setdefault(name, placed[_NUMBER, number])
    # Relations name ends by ids if entities have some; a number is one in the list only without.
    numbered = not any(isinstance(each.get("id"), str | int) for each in found)
    task["spans"] = [span for name, span in placed.items() if isinstance(name, tuple)]
    if numbered:
        placed |= {name[1]: span for name, span in [*placed.items()] if isinstance(name, tuple)}
    links = [RelationLink(_end(head), _end(child), str(kind or NO_LABEL))
             for head, child, kind in map(ends_of, relations)]  # fmt: skip
    lost = add_relations(task, task["text"], placed, links)
    if lost:
        remarks.append(left_out(lost, "relations without two entities"))
    remark(task, *remarks)


def _end(value: Any) -> Any:
    """Return what an end of a relation is called: its id, or its words."""
    if isinstance(value, dict):
        value = first(value, ("id", "text", "name", "word", "value"))
    return value if isinstance(value, str | int) else None


def _without_words_as_label(each: Row, text: str) -> Row:
    """Return an entity whose first label is what it covers, if it has another one, with that under
    the name of what is covered."""
    keys = [key for key in LABELS if key in each]
    words = str(each[keys[0]]) if keys else ""
    if len(keys) < _PAIR or not words or words not in text or str(each[keys[1]]) in text:
        return each
    rest = {key: value for key, value in each.items() if key != keys[0]}
    return {"text": words, **rest}


def _label_of(each: Row) -> str:
    label = first(each, LABELS)
    return NO_LABEL if label is None else str(label)


def _is_covered(each: Row, key: str) -> bool:
    """Tell whether a key of an entity holds what it covers, and not its label."""
    label = next((name for name in LABELS if name in each), None)
    return isinstance(each.get(key), str) and key != label


# CLUENER: by label and surface, lists of places whose ends are inclusive


def is_cluener(row: Row) -> bool:
    """Return whether an object has the form of CLUENER's."""
    said = row.get("label")
    if not isinstance(row.get("text"), str) or not isinstance(said, dict):
        return False
    surfaces = [group for held in said.values() for group in table(held).values()]
    groups = all(isinstance(held, dict) for held in said.values())
    return groups and all(isinstance(group, list) and all(map(_is_start_end, group))
                          for group in surfaces)  # fmt: skip


def _is_start_end(value: Any) -> bool:
    return isinstance(value, list) and len(value) == _PAIR and None not in map(as_offset, value)


def cluener(row: Row) -> Iterator[Task]:
    """Yield the text; ends are inclusive."""
    spans = [
        {**place_span(start, int(last) + 1, label), "text": surface}
        for label, held in row["label"].items()
        for surface, group in held.items()
        for start, last in group
    ]
    rest = {key: row[key] for key in row.keys() - {"text", "label"}}
    task = text_task(row["text"], spans)
    yield {**task, "meta": rest} if rest else task


# Triples, or lists by label of pairs


def is_ranges(row: Row) -> bool:
    """Return whether an object has a text, and triples of places, or places by label."""
    if not isinstance(first(row, TEXTS), str) or "_view_id" in row or "tokens" in row:
        return False
    if _triples_of_places(row):
        return True
    groups = [*table(row.get(_key_of_groups(row))).values()]
    if not all(isinstance(group, list) or group is None for group in groups):
        return False
    pairs = [each for group in groups for each in group or ()]
    return bool(pairs) and all(map(_is_start_end, pairs))


def _triples_of_places(row: Row) -> str | None:
    """Return the key of a list of start and end, with a label or not; None for no such list."""
    for key in ("span_labels", *LISTS):
        found = row.get(key)
        if not isinstance(found, list) or not found:
            continue
        if all(map(_is_start_end_label, found)) or all(map(_is_start_end, found)):
            return key
    return None


def _key_of_groups(row: Row) -> str:
    """Return the key of lists by label."""
    keys = ("entities", "labels", "label", "ner", "named_entities", "annotations", "ents")
    return next((key for key in keys if isinstance(row.get(key), dict)), "entities")


def _is_start_end_label(value: Any) -> bool:
    """Tell whether a value is start, end and label, whose label may stand before them, and which
    may have what it covers or something else behind it."""
    if not isinstance(value, list) or len(value) not in (_PAIR + 1, _PAIR + 2):
        return False
    first_is_label = isinstance(value[0], str) and as_offset(value[0]) is None
    places = value[1:3] if first_is_label else value[:2]
    label = value[0] if first_is_label else value[2]
    return isinstance(label, str) and None not in map(as_offset, places)


def _in_order(value: list[Any], text: str) -> tuple[Any, Any, str]:
    """Return start, end and label of such a value."""
    if isinstance(value[0], str) and as_offset(value[0]) is None:
        return value[1], value[2], value[0]
    start, end, *names = value
    covered = text[as_offset(start) or 0 : as_offset(end)]
    label = next((each for each in names if isinstance(each, str) and each != covered), None)
    return start, end, NO_LABEL if label is None and not names else str(label or names[0])


def ranges(row: Row) -> Iterator[Task]:
    """Yield the text with its entities."""
    key = _triples_of_places(row) or _key_of_groups(row)
    by_label = table(row[key])
    places = [(*pair, label) for label, group in by_label.items() for pair in group or ()]
    text_key = next(each for each in TEXTS if each in row)
    rest = {each: row[each] for each in row if each not in (text_key, key)}
    found = places or [_in_order(each, row[text_key]) for each in row[key]]
    task = text_task(row[text_key], [place_span(*each) for each in found])
    yield {**task, "meta": rest} if rest else task


# brat's documents as JSON, as its server gives them and its display takes them


def is_brat(row: Row) -> bool:
    """Return whether an object has the form of a document of brat's: its entities have ids."""
    found = row.get("entities")
    return isinstance(row.get("text"), str) and (
        isinstance(found, list) and bool(found) and all(map(_is_brat_entity, found))
    )


def _is_brat_entity(value: Any) -> bool:
    if not isinstance(value, list) or [*map(type, value)] != [str, str, list]:
        return False
    return bool(value[2]) and all(map(_is_start_end, value[2]))


def brat(row: Row) -> Iterator[Task]:
    """Yield the document; arguments of its events are relations, as those of brat's files are."""
    notices: list[str] = []
    task: Task = {"text": row["text"]}
    rest = {key: row[key] for key in row if key not in _OF_BRAT}
    if rest:
        task["meta"] = rest
    about: dict[str, dict[str, Any]] = {}
    for each in _lists(row, "attributes", 3):
        about.setdefault(str(each[2]), {})[str(each[1])] = each[3] if len(each) > 3 else True
    # An event is called by its trigger, which is listed beside the entities.
    triggers = {str(each[0]): each for each in _lists(row, "triggers", 3)}
    named: dict[str, str] = {}
    links = []
    for each in _lists(row, "events", 3):
        named[str(each[0])] = str(each[1])
    for each in _lists(row, "events", 3):
        for role, end in _pairs(each[2]):
            links.append(RelationLink(str(each[1]), named.get(end, end), role))
    for each in _lists(row, "relations", 3):
        ends = [named.get(end, end) for _, end in _pairs(each[2])]
        if len(ends) == 2:
            links.append(RelationLink(ends[0], ends[1], str(each[1])))
    for event, trigger in named.items():
        about.setdefault(trigger, {}).update(about.pop(event, {}))
    marks = []
    for name, label, pieces in [*row["entities"], *(each[:3] for each in triggers.values())]:
        places = tuple(sorted((start, end) for start, end in pieces))
        marks.append(Mark(name, label, FileRegion(places), scalars(about.get(name, {}))))
    put_spans(task, spans_of_marks(row["text"], marks, notices), links, notices)
    remark(task, *notices)
    yield task


_OF_BRAT = frozenset({"text", "entities", "relations", "attributes", "events", "triggers"})


def _lists(row: Row, key: str, size: int) -> list[list[Any]]:
    """Return the lists under a key that have so many parts at least."""
    found = row.get(key)
    listed = found if isinstance(found, list) else []
    return [each for each in listed if isinstance(each, list) and len(each) >= size]


def _pairs(value: Any) -> list[tuple[str, str]]:
    """Return the roles of a relation or event, each with what it names."""
    listed = value if isinstance(value, list) else []
    return [(str(each[0]), str(each[1])) for each in listed
            if isinstance(each, list) and len(each) == 2]  # fmt: skip


def lacks_labels(row: Row) -> bool:
    """Return whether a row has entities that have places and no labels."""
    key = _triples_of_places(row)
    if key is not None:
        return len(row[key][0]) == _PAIR
    return any(first(each, LABELS) is None for each in _entity_list(row)[1])
