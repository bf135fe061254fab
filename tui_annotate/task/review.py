"""What several people said about one question, side by side: the versions of a review.

A version is a distinct answer with who gave it. Everything here is plain data without a store and
without a screen: what two answers have in common, which version stands first, what a version says
in words, and what the answer of a reviewer comes to (`provenance_of`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import mmh3

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import (
    ANNOTATOR_ID,
    INPUT_HASH,
    SESSION_ID,
    TASK_HASH,
    TIMESTAMP,
    VIEW_ID,
    Task,
)
from tui_annotate.task.stored_tokens import STORED_TOKENS

Provenance: TypeAlias = Literal["unanimous", "majority", "adjudicated"]
"""What an answer of a review rests on: everybody said it, more than half did, or the reviewer
decided."""

REVIEW = "review"
"""The view that answers of a review name, and the setting of jobs that review."""

VERSIONS = "versions"
"""Key of a review's task: its versions, the one with most votes among them `default`."""

PROVENANCE = "provenance"
"""Key of a review's answer: a `Provenance`."""

REASONS = ("slip", "ambiguous", "guideline gap", "other")
"""Codes for why people differed: somebody slipped, the text can be read in several ways, the
guidelines say nothing about it, or what a note says."""

SOURCES = "_sources"
"""Private key of a review's task: the numbers of the answers that it settles. Never stored in an
answer's content: the store links them."""

SETTLED = "_settled"
"""Private key of a review's task: the number of the earlier review that this one takes the place
of, because what it rests on has changed."""

_NO_CONTENT = frozenset(
    {TIMESTAMP, ANNOTATOR_ID, SESSION_ID, INPUT_HASH, TASK_HASH, "tokens", STORED_TOKENS}
)
_NO_MEANING = frozenset({"token_start", "token_end", "text", "score", "source", "pattern", "model"})
"""Keys of spans that say how one was found or counted, and not what it is."""


class Vote(NamedTuple):
    """What one session said.

    Attributes:
        id: The number of its answer.
        session: Its name.
        annotator: Who it was, as the screen names them.
        view_id: The view that it was given in.
        content: The answer's content, with its `answer`.
    """

    id: int
    session: str
    annotator: str
    view_id: str
    content: Task


class ReviewRecord(NamedTuple):
    """What the answer to a review's task has beside its content.

    Attributes:
        provenance: What it rests on; None for other answers, and where it was ignored.
        sources: The numbers of the answers that it settles.
        before: The number of the earlier review that it takes the place of; None for none.
    """

    provenance: Provenance | None = None
    sources: tuple[int, ...] = ()
    before: int | None = None


def said(content: Mapping[str, Any], keys: Iterable[str]) -> str:
    """Return what an answer says as text: equal for two answers if and only if they agree.

    Args:
        content: The answer's content, with its `answer`.
        keys: The keys that the view writes; none for questions that take yes or no.
    """
    own = {key: meaning(key, content.get(key)) for key in keys if key != "tokens"}
    return dumps({"answer": content.get("answer"), **own})


def meaning(key: str, value: Any) -> Any:
    """Return the part of a value that two people can differ in, in one order."""
    if not value:
        return None
    if key == "spans" and isinstance(value, list):
        return sorted(dumps(_bare(each)) for each in value)
    if key == "relations" and isinstance(value, list):
        return sorted(dumps(_relation(each)) for each in value)
    if key == "accept" and isinstance(value, list):
        return sorted(str(each) for each in value)
    if key == "pages" and isinstance(value, list):
        return [_page(each) for each in value]
    return value.strip() if isinstance(value, str) else in_order(value)


def in_order(value: Any) -> Any:
    """Return a value with the keys of all objects in it in one order, which says nothing."""
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}
    return [in_order(each) for each in value] if isinstance(value, list) else value


def _page(page: Any) -> Any:
    if not isinstance(page, dict):
        return page
    return {key: meaning(key, page[key]) for key in sorted(page) if key not in _NO_CONTENT}


def _bare(span: Any) -> Any:
    return bare_span(span) if isinstance(span, dict) else span


def bare_span(span: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a span says, in the order of its keys, without how it was found or counted."""
    return {key: in_order(span[key]) for key in sorted(span) if key not in _NO_MEANING}


def _relation(relation: Any) -> Any:
    if not isinstance(relation, dict):
        return relation
    ends = [_end(relation, name) for name in ("head", "child")]
    return [*ends, relation.get("label")]


def _end(relation: Mapping[str, Any], name: str) -> Any:
    span = relation.get(f"{name}_span")
    if isinstance(span, dict):
        return [span.get("start"), span.get("end")]
    return relation.get(name)


def versions_of(votes: Sequence[Vote], keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return the versions of some votes, the first one given first.

    Each is the content of its first answer without the tokens, with `sessions` and `annotators`
    (who chose it), and `default`: true for the one with most votes, of equals the first.

    Args:
        votes: At least one, in the order in which they were given.
        keys: The keys that the view writes.
    """
    groups: dict[str, list[Vote]] = {}
    for vote in votes:
        groups.setdefault(said(vote.content, keys), []).append(vote)
    most = max(len(group) for group in groups.values())
    first = next(key for key, group in groups.items() if len(group) == most)
    return [
        {
            **{k: v for k, v in group[0].content.items() if k not in _NO_CONTENT},
            VIEW_ID: group[0].view_id,
            "sessions": [vote.session for vote in group],
            "annotators": [vote.annotator for vote in group],
            "default": key == first,
        }
        for key, group in groups.items()
    ]


def versions_in(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the versions of a task; none where it is no task of a review."""
    found = task.get(VERSIONS)
    if not isinstance(found, list):
        return []
    return [each for each in found if isinstance(each, dict)]


def question_hash(sources: Iterable[int]) -> int:
    """Return the task hash of a review of these answers: another one where they are others."""
    return mmh3.hash(f"review {sorted(sources)}".encode("ascii"))


def provenance_of(answer: Mapping[str, Any], keys: Sequence[str]) -> Provenance | None:
    """Return what an answer to a review rests on; None where it was ignored.

    Args:
        answer: The content of the review's answer, with its `answer` and its `versions`.
        keys: The keys that the view writes.
    """
    if answer.get("answer") not in ("accept", "reject"):
        return None
    meant = said(answer, keys)
    votes: Counter[str] = Counter()
    for version in versions_in(answer):
        votes[said(version, keys)] += len(version.get("sessions") or ())
    mine, everybody = votes[meant], sum(votes.values())
    if mine and mine == everybody:
        return "unanimous"
    return "majority" if 2 * mine > everybody else "adjudicated"


def read_reason(text: str) -> str | None:
    """Return a reason as it is stored, `CODE` or `CODE: NOTE`; None where it has no code.

    Args:
        text: A code, and behind it a note where there is one.
    """
    words = text.strip()
    for code in REASONS:
        rest = words[len(code) :]
        if words[: len(code)].casefold() == code and rest[:1] in ("", " ", ":"):
            note = rest.lstrip(": ")
            return f"{code}: {note}" if note else code
    return None


def describe(version: Mapping[str, Any], text: str = "", keys: Iterable[str] = ()) -> str:
    """Return what a version says in words, such as `Ada Lovelace PER, London LOC`; raw.

    Args:
        version: The version.
        text: The text that its spans are on, where it has none of its own.
        keys: The keys that its view writes, beside those of the usual views.
    """
    found = [*span_words(version, text), *relation_words(version, text), *choice_words(version)]
    found += _field_words(version, keys)
    pages = version.get("pages")
    for number, page in enumerate(pages if isinstance(pages, list) else (), 1):
        if isinstance(page, dict) and not page.keys().isdisjoint(("spans", "accept", "user_input")):
            found.append(f"page {number}: {describe({'answer': 'accept', **page})}")
    # Whoever changed the text says so first: what follows is about that text.
    own = version.get("text")
    if isinstance(own, str) and text and own != text:
        found.insert(0, f"text “{own}”")
    decision = version.get("answer")
    if not found:
        written = version.get(field_of(version))
        if isinstance(written, str) and written.strip():
            found = [f"“{written}”"]
    if decision in ("reject", "ignore"):
        return f"{decision}: {', '.join(found)}" if found else str(decision)
    if found:
        return ", ".join(found)
    nothing = {
        "spans": "no spans",
        "accept": "nothing chosen",
        field_of(version): "nothing written",
    }
    return next((words for key, words in nothing.items() if key in version), str(decision))


def _field_words(version: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    """Return what the fields of a version say that have names of their own; raw."""
    usual = {"spans", "relations", "accept", "text", "tokens", "options", "pages"}
    found = []
    for key in dict.fromkeys(keys):
        value = version.get(key)
        if key in usual or key == field_of(version) or value in (None, "", []):
            continue
        if isinstance(value, str):
            found.append(f"{key} “{value}”")
        else:
            values = value if isinstance(value, list) else [value]
            found.append(f"{key} {', '.join(map(str, values))}")
    return found


def field_of(version: Mapping[str, Any]) -> str:
    """Return the key that a version's text is written under."""
    field = version.get("field_id")
    return field if isinstance(field, str) and field else "user_input"


def span_words(version: Mapping[str, Any], text: str) -> list[str]:
    """Return the spans of a version in words; raw."""
    spans = version.get("spans")
    if not isinstance(spans, list):
        return []
    placed = [each for each in spans if isinstance(each, dict) and type(each.get("start")) is int]
    own = version.get("text")
    text = own if isinstance(own, str) else text
    placed.sort(key=lambda span: (span["start"], str(span.get("end"))))
    return [f"{quoted(span, text)} {span.get('label', '')}".strip() for span in placed]


def quoted(span: Mapping[str, Any], text: str) -> str:
    """Return the words that a span is on; raw."""
    words = text[span["start"] : span["end"]] if type(span.get("end")) is int else ""
    return " ".join(words.split()) or f"{span['start']}-{span.get('end')}"


def relation_words(version: Mapping[str, Any], text: str) -> list[str]:
    """Return the relations of a version in words; raw."""
    relations = version.get("relations")
    if not isinstance(relations, list):
        return []
    own = version.get("text")
    text = own if isinstance(own, str) else text
    return [
        f"{end_words(each, 'head', text)} -> {end_words(each, 'child', text)} "
        f"{each.get('label', '')}".strip()
        for each in relations
        if isinstance(each, dict)
    ]


def end_words(relation: Mapping[str, Any], name: str, text: str) -> str:
    """Return the words that the `head` or the `child` of a relation is on; raw."""
    span = relation.get(f"{name}_span")
    if isinstance(span, dict) and type(span.get("start")) is int:
        return quoted(span, text)
    return f"token {relation.get(name)}"


def choice_words(version: Mapping[str, Any]) -> list[str]:
    """Return the options that a version chose, by their texts; raw."""
    accept = version.get("accept")
    if not isinstance(accept, list):
        return []
    options = version.get("options")
    names = {
        str(each.get("id")): each.get("text")
        for each in (options if isinstance(options, list) else [])
        if isinstance(each, dict)
    }
    return [str(names.get(str(each)) or each) for each in accept]


Way: TypeAlias = Literal["union", "shared", "most"]
"""How versions are put together: what any of them has, what all have, what more than half of the
people chose."""


def combined(
    versions: Sequence[Mapping[str, Any]], way: Way, keys: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the spans, relations and options chosen that versions come to; empty where they have
    none. Of written texts there is only what most people wrote.

    Args:
        versions: The versions.
        way: How they are put together.
        keys: The keys that their view writes, beside those of the usual views.
    """
    counted = [each for each in versions if each.get("answer") == "accept"]
    people = sum(map(_people_of, counted))
    least = {"union": 1, "shared": people, "most": people // 2 + 1}[way]
    found: dict[str, Any] = {}
    for key in dict.fromkeys(("spans", "relations", "accept", *keys)):
        is_list = any(isinstance(each.get(key), list) for each in counted)
        if is_list and key not in _NOT_PUT_TOGETHER:
            found[key] = _joined_lists(key, counted, least)
    if way == "most":
        # Written texts cannot be joined: one stands where more than half of the people wrote it.
        for key in dict.fromkeys((*map(field_of, counted), *keys)):
            text = _text_of_most(key, counted, people)
            if text is not None:
                found[key] = text
    return found


def _people_of(version: Mapping[str, Any]) -> int:
    return len(version.get("sessions") or ())


def _joined_lists(key: str, versions: Sequence[Mapping[str, Any]], least: int) -> list[Any]:
    """Return what at least so many people have in the lists of a key, each thing once."""
    values: dict[str, Any] = {}
    votes: Counter[str] = Counter()
    for version in versions:
        given = version.get(key)
        own = {_mark(key, value): value for value in given} if isinstance(given, list) else {}
        for mark, value in own.items():
            values.setdefault(mark, value)
            votes[mark] += _people_of(version)
    kept = [value for mark, value in values.items() if votes[mark] >= least]
    if key == "spans":
        kept.sort(key=lambda span: (span.get("start") or 0, span.get("end") or 0))
    return kept


def _text_of_most(key: str, versions: Sequence[Mapping[str, Any]], people: int) -> str | None:
    """Return what more than half of the people wrote; None where there is no such text."""
    if key in ("text", *_NOT_PUT_TOGETHER):
        return None
    written: Counter[str] = Counter()
    for version in versions:
        if isinstance(version.get(key), str):
            written[version[key]] += _people_of(version)
    return next((text for text, chosen in written.items() if 2 * chosen > people), None)


_NOT_PUT_TOGETHER = frozenset({"tokens", "options", "pages"})


def _mark(key: str, value: Any) -> str:
    return dumps(_relation(value) if key == "relations" else _bare(value))


class ShownVersion(NamedTuple):
    """A version as it is shown.

    Attributes:
        head: Its number and who chose it, such as `1 ann1, ann2`; raw.
        words: What it says in words; raw.
        spans: Start, end, label of its spans, and whether not all versions have it.
        remark: What is said in the place of how many of its spans are its own; empty for nothing.
        only: How many of its spans no other version has.
    """

    head: str
    words: str
    spans: tuple[tuple[int, int, str, bool], ...] = ()
    remark: str = ""
    only: int = 0


def versions_shown(
    task: Mapping[str, Any], *, blind: bool = False, keys: Iterable[str] = ()
) -> list[ShownVersion]:
    """Return the versions of a task with what each has that not all have.

    Args:
        task: The task of a review; of every other task there are none.
        blind: Names nobody.
        keys: The keys that its view writes, beside those of the usual views.
    """
    keys = tuple(keys)
    text = task.get("text")
    text = text if isinstance(text, str) else ""
    versions = versions_in(task)
    marks = [{_placed(span): span for span in _listed(each.get("spans"))} for each in versions]
    shared = set.intersection(*(set(each) - {None} for each in marks)) if marks else set()
    versions_with = Counter(mark for each in marks for mark in each)
    found = []
    for number, (version, own) in enumerate(zip(versions, marks, strict=True), 1):
        who = "" if blind else ", ".join(map(str, _names(version)))
        spans = tuple(sorted((*mark, mark not in shared) for mark in own if mark is not None))
        decision = version.get("answer")
        remark = decision if decision in ("reject", "ignore") else ""
        if isinstance(version.get("text"), str) and text and version["text"] != text:
            spans, remark = (), "on a changed text"
        only = sum(versions_with[span[:3]] == 1 for span in spans)
        head = f"{number} {who}".strip()
        found.append(ShownVersion(head, describe(version, text, keys), spans, remark, only))
    return found


def _listed(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _placed(span: Mapping[str, Any]) -> tuple[int, int, str] | None:
    start, end = span.get("start"), span.get("end")
    if type(start) is not int or type(end) is not int:
        return None
    return start, end, str(span.get("label") or "")


def version_lines(
    task: Mapping[str, Any], *, blind: bool = False, keys: Iterable[str] = ()
) -> list[str]:
    """Return the versions of a task, one a line: its number, who chose it, what it says; raw.

    Args:
        task: The task of a review; of every other task there are none.
        blind: Names nobody.
        keys: The keys that its view writes, beside those of the usual views.
    """
    shown = versions_shown(task, blind=blind, keys=keys)
    return [f"{each.head}: {each.words}" for each in shown]


def _names(version: Mapping[str, Any]) -> list[Any]:
    names = version.get("annotators") or version.get("sessions")
    return names if isinstance(names, list) else []
