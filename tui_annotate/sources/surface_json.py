"""JSON whose entities are named by their words alone: NYT, WebNLG, DuIE, and what language models
extract.

Where the words of an entity stand is found in its text. Of an entity that stands there several
times each mention that is listed takes the next place, and what is left over is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.json_helpers import LABELS, Row, entries, first, name_of, remark
from tui_annotate.sources.relation_links import RelationLink, add_relations
from tui_annotate.sources.standoff_marks import scalars
from tui_annotate.sources.token_tasks import NO_LABEL
from tui_annotate.task.foreign_spans import PLACED
from tui_annotate.task.schema import Task

TEXTS = (
    *("text", "full_text", "sentence", "content", "document", "source_text", "sourceText"),
    *("raw_text", "original_text", "query", "utterance", "passage", "abstract"),
)
"""Keys of the text of a row, the likeliest first."""
LISTS = (
    *("entities", "ents", "annotations", "labels", "label", "spans", "ner", "named_entities"),
    *("mentions", "entity_mentions", "privacy_mask", "ner_spans", "pii_entities"),
    *("extracted_entities", "entity_list", "concepts", "tags", "highlights", "annotation"),
    *("NE", "nes", "named_entity", "slots"),
)
"""Keys of the entities of a row."""
COVERED = (
    *("text", "word", "value", "mention", "surface", "surface_form", "entity_text", "span"),
    *("phrase", "term", "entity_name", "entity_value", "name", "entity", "form"),
)
"""Keys of what an entity covers."""
RELATIONS = (
    *("relations", "triple_list", "spo_list", "relation_list", "triples", "triplets", "links"),
)
"""Keys of the relations of a row."""
_HEADS = (
    *("subject", "head", "sub", "subj", "em1Text", "source", "h", "arg1", "from_id", "from"),
    *("head_id", "src", "from_entity", "entity1", "e1", "source_id"),
)
_CHILDREN = (
    *("object", "tail", "obj", "em2Text", "target", "t", "arg2", "to_id", "to", "child"),
    *("tail_id", "dst", "tgt", "to_entity", "entity2", "e2", "target_id"),
)
_KINDS = (
    *("predicate", "relation", "type", "label", "relation_type", "rel", "r", "name", "category"),
    *("relationType", "relation_label"),
)
_MAYBE = frozenset(
    {"annotations", "annotation", "labels", "label", "tags", "highlights", "concepts", "slots"}
)
"""Keys that may hold classes as well: there all words must be of the text."""
_WORD = re.compile(r"\w+")


class NamedMention(NamedTuple):
    """An entity as its words: what they are, its label, where it is said to lie, and what else."""

    words: str
    label: str
    start: int | None = None
    about: Mapping[str, Any] = {}


class MentionFinder:
    """Finds the places of words in a text: by themselves or, if nowhere so, within others.

    The words of the text are listed once, so many entities of a long text are found soon.

    Args:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: dict[str, list[int]] = {}
        self._found: dict[str, list[int]] = {}
        for word in _WORD.finditer(text):
            self._starts.setdefault(word[0], []).append(word.start())

    def places(self, words: str) -> list[int]:
        """Return where words begin; an empty list for nowhere."""
        found = self._found.get(words)
        if found is None:
            self._found[words] = found = self._search(words)
        return found

    def _search(self, words: str) -> list[int]:
        if not words:
            return []
        start = _WORD.match(words)
        pattern = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
        if start is None:
            alone = [at.start() for at in pattern.finditer(self._text)]
        else:
            known = self._starts.get(start[0], ())
            alone = [at for at in known if pattern.match(self._text, at)]
        return alone or [at.start() for at in re.finditer(re.escape(words), self._text)]


def surface_task(
    text: str, surfaces: Iterable[NamedMention], links: Sequence[RelationLink] | None = None
) -> Task:
    """Return a text with entities that are named by their words, and relations between them.

    Args:
        text: The text.
        surfaces: The entities.
        links: The relations, whose ends are called by their words too; None for none.
    """
    finder = MentionFinder(text)
    spans: dict[Any, dict[str, Any]] = {}
    used: dict[str, int] = {}
    unfound = 0
    for each in surfaces:
        places = finder.places(each.words)
        end = None if each.start is None else each.start + len(each.words)
        if each.start is not None and text[each.start : end] == each.words:
            start = each.start
        elif used.get(each.words, 0) < len(places):
            start = places[used.get(each.words, 0)]
            used[each.words] = used.get(each.words, 0) + 1
        else:
            unfound += 1
            continue
        span = {"start": start, "end": start + len(each.words), "label": each.label, PLACED: True}
        about = scalars(each.about)
        name = each.words if each.words not in spans else (each.words, start, each.label)
        spans[name] = {**span, "attributes": about} if about else span
    several = sum(len(finder.places(name)) > count for name, count in used.items())
    listed = sorted(spans.values(), key=lambda span: (span["start"], -span["end"]))
    task: Task = {"text": text, "spans": listed}
    lost = add_relations(task, text, spans, links) if links is not None else 0
    left = (
        (unfound, "entities that are not in their text"),
        (several, "further places of entities that stand in it several times"),
        (lost, "relations without two entities"),
    )
    remark(task, *(f"{count} {what} are left out" for count, what in left if count))
    return task


# NYT and WebNLG as CoType has them


def is_nyt(row: Row) -> bool:
    """Return whether an object has the form of a sentence of NYT's."""
    said = row.get("relationMentions", row.get("entityMentions"))
    return isinstance(row.get("sentText"), str) and isinstance(said, list)


def nyt(row: Row) -> Iterator[Task]:
    """Yield the sentence; of an entity that stands in it several times the first place is marked.

    Places in characters, as some of these files have them, are taken where they fit.
    """
    text = row["sentText"]
    links = entries(row, "relationMentions")
    surfaces: list[NamedMention] = []
    named: set[str] = set()
    for each in entries(row, "entityMentions"):
        name = name_of(each.get("text"), "an entity")
        start: Any = each.get("start")
        placed = type(start) is type(each.get("end")) is int
        placed = placed and text[start : each["end"]] == name
        if placed or name not in named:
            label = str(each.get("label") or NO_LABEL)
            surfaces.append(NamedMention(name, label, start if placed else None))
        named.add(name)
    ends = [each.get(key) for each in links for key in ("em1Text", "em2Text")]
    surfaces += _of_ends([name_of(end, "an entity") for end in ends], named)
    related = [
        RelationLink(str(each.get("em1Text")), str(each.get("em2Text")), str(each.get("label")))
        for each in links
        if each.get("label") not in (None, "None")
    ]
    meta = {key: row[key] for key in ("articleId", "sentId") if key in row}
    task = surface_task(text, surfaces, related)
    yield {**task, "meta": meta} if meta else task


def _of_ends(ends: Iterable[str], known: set[str]) -> list[NamedMention]:
    """Return the ends of relations that are no entities of the row, each once."""
    return [NamedMention(name, NO_LABEL) for name in dict.fromkeys(ends) if name not in known]


# Triples of words, as CasRel, DuIE and language models have them


def is_triples(row: Row) -> bool:
    """Return whether an object has a text, and triples of words of it."""
    text = first(row, TEXTS)
    if not isinstance(text, str):
        return False
    found = next((row[key] for key in RELATIONS if row.get(key)), None)
    if not isinstance(found, list):
        return False
    triples = [_triple(each) for each in found]
    inside = [each for each in triples if each is not None and each[0] in text and each[1] in text]
    return None not in triples and bool(inside)


def _triple(value: Any) -> tuple[str, str, str] | None:
    """Return head, child and label of a triple of words; None for anything else."""
    if isinstance(value, list):
        fits = len(value) == len(("head", "relation", "child"))
        texts = fits and all(isinstance(each, str) for each in value)
        return (value[0], value[2], value[1]) if texts else None
    head, child, relation = (_word(each) for each in ends_of(value))
    return (head, child, relation) if head and child and relation else None


def ends_of(value: Any) -> tuple[Any, Any, Any]:
    """Return what a relation calls its head, its child and itself; None for what it does not."""
    if not isinstance(value, dict):
        return None, None, None
    keys = [next((key for key in names if key in value), None) for names in (_HEADS, _CHILDREN)]
    label = next((key for key in _KINDS if key in value and key not in keys), None)
    head, child, kind = (None if key is None else value[key] for key in (*keys, label))
    return head, child, kind


def _word(value: Any) -> str | None:
    """Return the words of a value, which may be an object that holds them."""
    if isinstance(value, dict):
        value = first(value, ("@value", "text", "name", "word", "value", "mention"))
    return value if isinstance(value, str) else None


def triples(row: Row) -> Iterator[Task]:
    """Yield the text with its relations, and the entities that these and the row name."""
    key = next(key for key in RELATIONS if row.get(key))
    text_key = next(key for key in TEXTS if key in row)
    surfaces = [each for name in LISTS if name in row for each in surfaces_in(row[name]) or ()]
    known = {each.words for each in surfaces}
    links = []
    for value in row[key]:
        head, child, label = _triple(value) or ("", "", "")
        links.append(RelationLink(head, child, label))
        for end, role in ((head, "subject"), (child, "object")):
            kind = _word(value.get(f"{role}_type")) if isinstance(value, dict) else None
            if end not in known:
                surfaces.append(NamedMention(end, kind or NO_LABEL))
            known.add(end)
    rest = {name: row[name] for name in row if name not in (text_key, key, *LISTS)}
    task = surface_task(row[text_key], surfaces, links)
    yield {**task, "meta": rest} if rest else task


# Entities as words with labels, in four forms


def is_surfaces(row: Row) -> bool:
    """Return whether an object has a text, and entities that are words of it with their labels."""
    text = first(row, TEXTS)
    if not isinstance(text, str) or "_view_id" in row or "tokens" in row:
        return False
    return _key_of_surfaces(row, text) is not None


def _key_of_surfaces(row: Row, text: str) -> str | None:
    for key in LISTS:
        maybe = key in _MAYBE
        value = row.get(key)
        found = [] if maybe and isinstance(value, dict) else surfaces_in(value) or []
        inside = sum(each.words in text for each in found)
        if inside and (inside == len(found) or not maybe):
            return key
    return None


def surfaces_in(value: Any) -> list[NamedMention] | None:
    """Return the entities that a value holds as words with their labels.

    It may be:

    - an object with words, or a list of them, by label: `{"PER": ["Ada"], "LOC": "Bonn"}`;
    - a list of objects with their words and their label: `[{"text": "Ada", "label": "PER"}]`;
    - a list of pairs: `[["Ada", "PER"]]`, none of which has the label `O`;
    - a list of words without labels: `["Ada"]`.

    Returns:
        The entities; None for anything else.
    """
    if isinstance(value, dict):
        groups = {label: [held] if isinstance(held, str) else held for label, held in value.items()}
        if not all(isinstance(group, list) for group in groups.values()):
            return None
        listed = [(each, label) for label, group in groups.items() for each in group]
        words = [_by_label(each, label) for each, label in listed]
        kept = [each for each in words if each is not None]
        return kept if len(kept) == len(listed) else None
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(each, dict) for each in value):
        found = [_object(each) for each in value]
        return [each for each in found if each is not None] if None not in found else None
    # Words alone: what they are is said by the key that holds them, or by nothing.
    if all(isinstance(each, str) and each for each in value):
        return [NamedMention(each, NO_LABEL) for each in value]
    pairs = all(isinstance(each, list) and [*map(type, each)] == [str, str] for each in value)
    # Pairs of which some have O are words with tags.
    if not pairs or any(label == "O" for _, label in value):
        return None
    return [NamedMention(word, label) for word, label in value]


def _by_label(value: Any, label: str) -> NamedMention | None:
    """Return one entity of a list by label: its words, or an object that holds them."""
    if isinstance(value, str):
        return NamedMention(value, label)
    return _object({**value, "label": label}) if isinstance(value, dict) else None


def _object(value: Mapping[str, Any]) -> NamedMention | None:
    """Return an entity that is an object with its words and its label; None for any other."""
    covered = next((key for key in COVERED if isinstance(value.get(key), str)), None)
    label = next((k for k in LABELS if isinstance(value.get(k), str) and k != covered), None)
    if covered is None or label is None:
        return None
    start = value.get("start")
    rest = {key: each for key, each in value.items() if key not in (covered, label, "start")}
    return NamedMention(value[covered], value[label], start if type(start) is int else None, rest)


def surfaces(row: Row) -> Iterator[Task]:
    """Yield the text with its entities."""
    text_key = next(name for name in TEXTS if name in row)
    key = _key_of_surfaces(row, row[text_key])
    found = surfaces_in(row[key]) if key is not None else None
    rest = {name: each for name, each in row.items() if name not in (text_key, key)}
    task = surface_task(row[text_key], found or ())
    yield {**task, "meta": rest} if rest else task
