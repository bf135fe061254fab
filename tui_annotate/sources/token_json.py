"""JSON whose entities and relations lie on words: DocRED, TACRED, SpERT, FewRel, SciERC, GLiNER.

What such rows have in common is a list of words, or of sentences of words, and numbers that count
them. They differ in names, in whether the last token is one of the entity, and in what a relation
names its ends by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import left_out
from tui_annotate.sources.json_helpers import (
    Row,
    all_objects,
    each_task,
    entries,
    name_of,
    objects,
    place_span,
    remark,
    table,
    text_task,
)
from tui_annotate.sources.relation_links import RelationLink, add_relations, relation_of
from tui_annotate.sources.standoff_marks import scalars
from tui_annotate.sources.token_tasks import join, place
from tui_annotate.task.schema import Task

_PIECE = 2


class Mention(NamedTuple):
    """An entity: what relations call it, its first and last token, its label, and what else.

    The tokens are as the file has them; `token_task` finds out whether they are numbers.
    """

    name: Any
    first: Any
    last: Any
    label: str
    attributes: Row = MappingProxyType({})


class Link(NamedTuple):
    """A relation: what its two entities are called, and its label."""

    head: Any
    child: Any
    label: str


def token_task(
    words: Iterable[Any], mentions: Iterable[Mention], links: Iterable[Link] | None = None
) -> Task:
    """Return a task of words with entities and relations on them; links to none are counted.

    Raises:
        TaskError: `bad-spans`: an entity lies on tokens that there are not; `bad-text`: a word is
            none.
    """
    listed_words = list(words)
    if not all(isinstance(word, str | int | float) for word in listed_words):
        raise TaskError("one of its words is no text", reason="bad-text")
    known = [str(word) for word in listed_words]
    tokens = place(known, None, [False] * len(known))
    spans: dict[Any, dict[str, Any]] = {}
    for each in mentions:
        if type(each.first) is not int or type(each.last) is not int:
            what = f"an entity goes from token {each.first!r} to {each.last!r}"
            raise TaskError(what[:120], reason="bad-spans")
        if not 0 <= each.first <= each.last < len(tokens):
            what = f"an entity goes from token {each.first} to {each.last} of {len(tokens)}"
            raise TaskError(what, reason="bad-spans")
        span = {
            "start": tokens[each.first]["start"], "end": tokens[each.last]["end"],
            "token_start": each.first, "token_end": each.last, "label": each.label,
        }  # fmt: skip
        attributes = scalars(each.attributes)
        spans[each.name] = {**span, "attributes": attributes} if attributes else span
    listed = sorted(spans.values(), key=lambda span: (span["start"], -span["end"]))
    task: Task = {"text": join(tokens), "spans": listed, "tokens": tokens}
    if links is not None:
        found = [(spans.get(each.head), spans.get(each.child), each.label) for each in links]
        ends = [(head, child, label) for head, child, label in found if head and child]
        task["relations"] = [relation_of(head, child, label) for head, child, label in ends]
        if len(ends) < len(found):
            remark(task, left_out(len(found) - len(ends), "relations without two entities"))
    return task


def _sentences(value: Any) -> tuple[list[Any], list[int]] | None:
    """Return the words of sentences, and where each begins; None for anything else."""
    if not isinstance(value, list) or not value or not all(isinstance(e, list) for e in value):
        return None
    starts: list[int] = []
    words: list[Any] = []
    for each in value:
        starts.append(len(words))
        words += each
    return words, starts


def _with_meta(task: Task, row: Row, taken: Iterable[str]) -> Task:
    """Return a task with what else its row says, lists for each token left aside."""
    size = len(task["tokens"])
    rest = {key: value for key, value in row.items() if key not in {*taken} and value is not None}
    aside = [key for key, each in rest.items() if isinstance(each, list) and len(each) == size]
    meta = {key: value for key, value in rest.items() if key not in aside}
    if aside:
        remark(task, f"{', '.join(aside)} are left out")
    return {**task, "meta": meta} if meta else task


# DocRED: entities are lists of mentions, and relations stand between entities


def is_docred(row: Row) -> bool:
    """Return whether an object has the form of DocRED's."""
    return isinstance(row.get("vertexSet"), list) and _sentences(row.get("sents")) is not None


def docred(row: Row) -> Iterator[Task]:
    """Yield the document; mentions say of which entity they are, relations join the first."""
    words, starts = _sentences(row["sents"]) or ([], [])
    mentions = []
    for entity, group in enumerate(row["vertexSet"]):
        for number, each in enumerate(all_objects(group, "vertexSet")):
            first, end = _place_of_docred(each, starts)
            # The entity is called by its number, which is that of its first mention here.
            name = entity if number == 0 else (entity, number)
            label = name_of(each.get("type", "ENTITY"), "an entity")
            mentions.append(Mention(name, first, end - 1, label, {"entity": entity}))
    found = entries(row, "labels")
    links = [_link(each, "h", "t", "r") for each in found]
    task = token_task(words, mentions, None if row.get("labels") is None else links)
    if any(each.get("evidence") for each in found):
        remark(task, "`evidence` of relations is left out")
    yield _with_meta(task, row, ("sents", "vertexSet", "labels"))


def _place_of_docred(mention: Row, starts: list[int]) -> tuple[int, int]:
    """Return the first token of a mention and the one behind it, counted over all sentences."""
    at: Any = mention.get("pos")
    sentence = mention.get("sent_id")
    if not _is_pair_of_numbers(at) or type(sentence) is not int:
        raise TaskError("a mention has no `pos` or `sent_id`", reason="bad-spans")
    if not 0 <= sentence < len(starts) or at[0] < 0:
        what = f"a mention lies at {at} of sentence {sentence}"
        raise TaskError(what, reason="bad-spans")
    return starts[sentence] + at[0], starts[sentence] + at[1]


def _link(relation: Row, head: str, child: str, label: str) -> Link:
    """Return a relation whose ends are numbers of entities; one that is no number is none's."""
    one, other = (end if type(end) is int else None for end in map(relation.get, (head, child)))
    return Link(one, other, name_of(relation.get(label), "a relation"))


def _is_pair_of_numbers(value: Any) -> bool:
    return isinstance(value, list) and [type(each) for each in value] == [int, int]


# TACRED: one relation between two marked entities


def is_tacred(row: Row) -> bool:
    """Return whether an object has the form of TACRED's."""
    words = row.get("token", row.get("tokens"))
    return isinstance(words, list) and type(row.get("subj_start")) is int and "obj_start" in row


def tacred(row: Row) -> Iterator[Task]:
    """Yield the sentence with its subject and its object, and the relation between them."""
    words: list[Any] = row.get("token") or row.get("tokens") or []
    ends = []
    for role in ("subj", "obj"):
        first, last = row.get(f"{role}_start"), row.get(f"{role}_end")
        if type(first) is not int or type(last) is not int:
            raise TaskError(f"`{role}_start` or `{role}_end` is no number", reason="bad-spans")
        label = name_of(row.get(f"{role}_type", role), "an entity")
        ends.append(Mention(role, first, last, label, {"role": role}))
    relation = row.get("relation")
    links = [Link("subj", "obj", relation)] if isinstance(relation, str) else None
    taken = ["token", "tokens", "relation"]
    taken += [f"{role}_{part}" for role in ("subj", "obj") for part in ("start", "end", "type")]
    yield _with_meta(token_task(words, ends, links), row, taken)


# SpERT, as CoNLL04 has it: ends are exclusive, relations number their entities


def is_spert(row: Row) -> bool:
    """Return whether an object has the form of SpERT's data."""
    entities = row.get("entities")
    fits = isinstance(row.get("tokens"), list) and isinstance(entities, list)
    if not fits or not all(isinstance(each, str) for each in row["tokens"]):
        return False
    entities = list(entities or ())
    marked = [each for each in objects(entities) if "type" in each and type(each.get("end")) is int]
    return len(marked) == len(entities) and (bool(marked) or "relations" in row)


def spert(row: Row) -> Iterator[Task]:
    """Yield the sentence."""
    mentions = [
        Mention(number, each.get("start"), each["end"] - 1, name_of(each["type"], "an entity"))
        for number, each in enumerate(objects(row["entities"]))
    ]
    links = [_link(each, "head", "tail", "type") for each in entries(row, "relations")]
    task = token_task(row["tokens"], mentions, links if "relations" in row else None)
    yield _with_meta(task, row, ("tokens", "entities", "relations"))


# FewRel: two entities as lists of tokens, the relation as a key around its sentences or within


def is_fewrel(row: Row) -> bool:
    """Return whether an object has the form of FewRel's file, or of one of its sentences."""
    if isinstance(row.get("tokens"), list):
        return all(_indices(row.get(each)) for each in _ends_of_fewrel(row))
    groups = [objects(value) for value in row.values()]
    return bool(groups) and all(
        group and isinstance(group[0].get("tokens"), list) and is_fewrel(group[0])
        for group in groups
    )


def _ends_of_fewrel(row: Row) -> tuple[str, str]:
    return ("h", "t") if "h" in row else ("head", "tail")


def _indices(end: Any) -> list[list[int]]:
    found: Any = table(end).get("indices")
    if isinstance(end, list) and len(end) > _PIECE:
        found = end[_PIECE]
    return found if isinstance(found, list) and all(map(_are_indices, found)) else []


def _are_indices(piece: Any) -> bool:
    return isinstance(piece, list) and bool(piece) and all(type(each) is int for each in piece)


def fewrel(row: Row) -> Iterator[Task | TaskError]:
    """Yield each sentence, with the relation between its two entities."""
    if isinstance(row.get("tokens"), list):
        yield _fewrel_task(row.get("relation"), row)
        return
    for relation, group in row.items():
        yield from each_task(partial(_fewrel_task, relation), group)


def _fewrel_task(relation: Any, row: Row) -> Task:
    mentions = []
    for key in _ends_of_fewrel(row):
        about = row.get(key)
        pieces = _indices(about)
        if not pieces:
            raise TaskError(f"`{key}` names no tokens", reason="bad-spans")
        known = about[1] if isinstance(about, list) else table(about).get("type")
        for number, piece in enumerate(pieces):
            name = key if number == 0 else (key, number)
            label = {"h": "head", "t": "tail"}.get(key, key)
            mentions.append(Mention(name, min(piece), max(piece), label, {"id": known}))
    head, child = _ends_of_fewrel(row)
    links = None
    if relation is not None:
        links = [Link(head, child, name_of(relation, "a relation"))]
    taken = ("tokens", "h", "t", "head", "tail", "relation")
    return _with_meta(token_task(row["tokens"], mentions, links), row, taken)


# OpenNRE: a text or its tokens, and two entities whose ends are exclusive


def is_opennre(row: Row) -> bool:
    """Return whether an object has the form of a line of OpenNRE's data."""
    ends = (table(row.get("h")).get("pos"), table(row.get("t")).get("pos"))
    words = row.get("token", row.get("text"))
    return isinstance(words, list | str) and all(map(_is_pair_of_numbers, ends))


def opennre(row: Row) -> Iterator[Task]:
    """Yield the sentence with its two entities, and the relation between them."""
    ends = {name: row[key] for name, key in (("head", "h"), ("tail", "t"))}
    relation = row.get("relation")
    named = None if relation is None else name_of(relation, "a relation")
    if isinstance(row.get("token"), list):
        mentions = [
            Mention(name, each["pos"][0], each["pos"][1] - 1, name, {"id": each.get("id")})
            for name, each in ends.items()
        ]
        links = None if named is None else [Link("head", "tail", named)]
        yield _with_meta(
            token_task(row["token"], mentions, links), row, ("token", "h", "t", "relation")
        )
        return
    spans = {
        name: place_span(each["pos"][0], each["pos"][1], name, {"id": each.get("id")})
        for name, each in ends.items()
    }
    task = text_task(row["text"], list(spans.values()))
    if named is not None:
        add_relations(task, row["text"], spans, [RelationLink("head", "tail", named)])
    for name, span in spans.items():
        if isinstance(ends[name].get("name"), str):
            span["text"] = ends[name]["name"]
    meta = {key: value for key, value in row.items() if key not in ("text", "h", "t", "relation")}
    yield {**task, "meta": meta} if meta else task


# SciREX: words of a whole document, and triples whose ends are exclusive


def is_scirex(row: Row) -> bool:
    """Return whether an object has the form of SciREX's."""
    ranges = row.get("ner")
    words = isinstance(row.get("words"), list) and isinstance(row.get("sentences"), list)
    return words and isinstance(ranges, list) and bool(ranges) and all(map(_is_entity, ranges))


def scirex(row: Row) -> Iterator[Task]:
    """Yield the document; a mention says of which entity of `coref` it is."""
    entities = _places_by_name(table(row.get("coref")), "coref")
    mentions = []
    for number, (first, end, label, *_) in enumerate(row["ner"]):
        about = {"entity": entities[first, end]} if (first, end) in entities else {}
        mentions.append(Mention(number, first, end - 1, label, about))
    task = token_task(row["words"], mentions)
    left = [key for key in ("n_ary_relations", "method_subrelations") if row.get(key)]
    if left:
        remark(task, f"{', '.join(left)} are left out")
    yield {**task, "meta": {"id": row["doc_id"]}} if "doc_id" in row else task


# GLiNER and SciERC: triples of first token, last token and label


def is_token_indices(row: Row) -> bool:
    """Return whether an object has the form of GLiNER's data, or of SciERC's."""
    ranges = row.get("ner")
    if not isinstance(ranges, list) or not all(isinstance(each, list) for each in ranges):
        return False
    if isinstance(row.get("tokenized_text"), list):
        return all(map(_is_entity, ranges))
    if _sentences(row.get("sentences")) is None:
        return False
    return all(_is_entity(each) for group in ranges for each in group)


def _is_entity(value: Any) -> bool:
    if not isinstance(value, list) or len(value) < _PIECE + 1:
        return False
    return type(value[0]) is type(value[1]) is int and isinstance(value[2], str)


def token_indices(row: Row) -> Iterator[Task]:
    """Yield the document; places are counted over all its sentences, last tokens included.

    {"tokenized_text": ["Ada", "met", "Bo"], "ner": [[0, 0, "PER"], [2, 2, "PER"]]}
    {"sentences": [["Ada", "met"], ["Bo"]], "ner": [[[0, 0, "PER"]], [[2, 2, "PER"]]],
     "relations": [[[0, 0, 2, 2, "MEETS"]], []], "clusters": [[[0, 0], [2, 2]]]}
    """
    if "tokenized_text" in row:
        words, ranges = row["tokenized_text"], row["ner"]
    else:
        words = [word for each in row["sentences"] for word in each]
        ranges = [each for group in row["ner"] for each in group]
    chains = _places_by_name(dict(enumerate(row.get("clusters") or ())), "clusters")
    mentions: list[Mention] = []
    taken: set[tuple[int, int]] = set()
    for each in ranges:
        at = (each[0], each[1])
        about = {"cluster": chains[at]} if at in chains else {}
        # Two entities of one place are called by their labels too.
        mentions.append(Mention((*at, each[2]) if at in taken else at, *at, each[2], about))
        taken.add(at)
    links = None
    if isinstance(row.get("relations"), list) and "sentences" in row:
        links = [_link_of_places(each) for group in row["relations"] for each in group]
    task = token_task(words, mentions, links)
    unmarked = len(chains.keys() - taken)
    if unmarked:
        remark(task, left_out(unmarked, "mentions in `clusters` beside the entities"))
    aside = ["events", "event_clusters", *(["relations"] if links is None else [])]
    left = [key for key in aside if row.get(key)]
    if left:
        remark(task, f"{', '.join(left)} are left out")
    known = ("tokenized_text", "sentences", "ner", "relations", "clusters", *aside)
    names = {"doc_key": "id"} if "id" not in row else {}
    rest = {names.get(key, key): value for key, value in row.items()}
    yield _with_meta(task, rest, known)


def _places_by_name(groups: Mapping[Any, Any], key: str) -> dict[tuple[int, int], Any]:
    """Return by its two numbers the name of each place that stands in a group.

    Args:
        groups: Name -> the places of one entity, each a list of two numbers.
        key: What the file calls them.

    Raises:
        TaskError: They are no lists of places.
    """
    found: dict[tuple[int, int], Any] = {}
    for name, group in groups.items():
        if not isinstance(group, list) or not all(map(_is_pair_of_numbers, group)):
            what = f"`{key}` holds something else than lists of `[first, last]`"
            raise TaskError(what, reason="bad-spans")
        found |= dict.fromkeys(map(tuple, group), name)
    return found


def _link_of_places(relation: Any) -> Link:
    if not isinstance(relation, list) or len(relation) <= 2 * _PIECE:
        what = f"{str(relation)[:40]!r} is no relation of two places with its label"
        raise TaskError(what, reason="bad-relations")
    heads, children, label = relation[:_PIECE], relation[_PIECE : 2 * _PIECE], relation[2 * _PIECE]
    if not _is_pair_of_numbers(heads) or not _is_pair_of_numbers(children):
        raise TaskError("the places of a relation are no numbers", reason="bad-relations")
    return Link(tuple(heads), tuple(children), name_of(label, "a relation"))
