"""Searches answers for a text: where it stands in them, and under which labels it is marked.

The command, the screen and the checks look by the same functions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tui_annotate.agreement.index_update import (
    UNSPACED,
    searched,
    searched_text,
    surface_as_searched,
)
from tui_annotate.agreement.span_scores import NO_LABEL
from tui_annotate.errors import TaskError
from tui_annotate.exchange.annotation_layers import layers_of
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.answer_index import AnswerIndex, IndexQuery
from tui_annotate.task.jsonio import loads_stored
from tui_annotate.task.spans import surface_of
from tui_annotate.text.folding import fold
from tui_annotate.text.safe import safe_line
from tui_annotate.text.width import cell_width

if TYPE_CHECKING:
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import StoredAnswer
    from tui_annotate.task.schema import Task
    from tui_annotate.waiting import Waiting

_SHOWN_SURFACES = 5
"""Spellings of a marked text that the line above the hits names."""


class Hit(NamedTuple):
    """An answer that was found.

    Attributes:
        stored: The answer.
        text: What of it is searched.
        places: Where the text is found in `text`, and the label of a span that it was found by;
            empty where only other things were asked for.
    """

    stored: StoredAnswer
    text: str
    places: tuple[tuple[int, int, str], ...]


class FoundAnswers(NamedTuple):
    """What a search has found.

    Attributes:
        hits: The answers, the newest first.
        more: Whether there are more of them.
        marked: Under which labels the text is marked, in the answers that are looked through; None
            where it is not.
    """

    hits: list[Hit]
    more: bool
    marked: MarkedForms | None


def _hits(
    store: Store, index: AnswerIndex, wanted: IndexQuery, text: str, waiting: Waiting
) -> Iterator[Hit]:
    """Yield the answers that were found, newest first."""
    pattern = _pattern(text)
    looked = 0
    with waiting.on("looking at answers", unit="answers"):
        for number in index.search(wanted):
            looked += 1
            waiting.at(looked)
            stored = store.answers.get(number)
            if stored is None:
                continue  # it was deleted by another program since
            content = loads_stored(stored.record.content)
            shown = searched_text(content)
            if wanted.surface is not None:
                places = _span_places(stored, content, wanted)
            else:
                places = tuple(_places(shown, pattern)) if pattern else ()
            if places or not (pattern or wanted.surface):
                yield Hit(stored, shown, places)


def _pattern(text: str) -> re.Pattern[str] | None:
    words = fold(text).text.split()
    return re.compile(r"\s+".join(map(re.escape, words))) if words else None


def _places(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int, str]]:
    folded = fold(text)
    for match in pattern.finditer(folded.text):
        if _begins(folded.text, match.start()):
            start, end = folded.range_of(match.start(), match.end())
            yield start, end, ""


def _begins(text: str, at: int) -> bool:
    """Tell whether a word begins here, or something that is no word."""
    if at == 0 or not text[at].isalnum() or not text[at - 1].isalnum():
        return True
    return bool(UNSPACED.match(text[at]) or UNSPACED.match(text[at - 1]))


def _span_places(
    stored: StoredAnswer, content: Task, wanted: IndexQuery
) -> tuple[tuple[int, int, str], ...]:
    text = content.get("text")
    try:
        layers = layers_of(stored.record, content)
    except TaskError:
        return ()
    if isinstance(layers, str) or not layers.spans or not isinstance(text, str):
        return ()
    return tuple(
        (span.start, span.end, span.label)
        for span in layers.spans
        if surface_as_searched(surface_of(text, span), span.label).folded == wanted.surface
        and (not wanted.labels or span.label in wanted.labels)
    )


def find_hits(
    store: Store, index: AnswerIndex, wanted: IndexQuery, text: str, limit: int, waiting: Waiting
) -> FoundAnswers:
    """Return the newest answers that are meant, and how the text that was typed is marked.

    Args:
        store: Where the answers are.
        index: The index of their dataset, up to date.
        wanted: What is looked for.
        text: What was typed.
        limit: How many are returned at the most; 0 for all.
        waiting: Is told how many were looked at.

    Raises:
        Abandoned: Somebody has left.
    """
    found: list[Hit] = []
    for hit in _hits(store, index, wanted, text, waiting):
        if limit and len(found) == limit:
            return FoundAnswers(found, True, _marked_as(index, wanted, text))
        found.append(hit)
    return FoundAnswers(found, False, _marked_as(index, wanted, text))


def wanted_for(text: str, *, surface: bool = False, **others: Any) -> IndexQuery:
    """Return what is looked for by a text that was typed.

    Args:
        text: What was typed; empty for any text.
        surface: It is all that a span marks; else it begins a word anywhere.
        others: Other fields of `IndexQuery`.

    Raises:
        ValueError: The text has nothing that can be looked for, such as an accent alone.
    """
    folded = searched(text)
    if text.strip() and not folded:
        raise ValueError(f"{text!r} has nothing that can be looked for")
    return IndexQuery(
        text="" if surface else folded,
        words=any(each.isalnum() for each in folded),
        surface=folded if surface and folded else None,
        **others,
    )


class MarkedForms(NamedTuple):
    """Something that is marked, with how often under which label.

    Attributes:
        form: The spelling that is marked most often.
        forms: All spellings, the most frequent first.
        labels: Label -> how often; the most frequent first.
    """

    form: str
    forms: tuple[str, ...]
    labels: dict[str, int]


def _marked_text(rows: list[tuple[str, str, int]]) -> MarkedForms:
    forms: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    for form, label, count in rows:
        forms[form] += count
        labels[label] += count
    ordered = tuple(form for form, _ in forms.most_common())
    return MarkedForms(ordered[0], ordered, dict(labels.most_common()))


def _marked_as(index: AnswerIndex, wanted: IndexQuery, text: str) -> MarkedForms | None:
    if not text.strip():
        return None
    rows = [row[1:] for row in index.surfaces(wanted._replace(surface=searched(text)))]
    return _marked_text(rows) if rows else None


def all_marked(index: AnswerIndex, wanted: IndexQuery) -> list[MarkedForms]:
    """Return all that is marked: first what has several labels, then by how often it is marked."""
    found = []
    for _, rows in groupby(index.surfaces(wanted), key=lambda row: row[0]):
        each = _marked_text([row[1:] for row in rows])
        if not wanted.labels or each.labels.keys() & set(wanted.labels):
            found.append(each)
    return sorted(
        found, key=lambda each: (len(each.labels) == 1, -sum(each.labels.values()), each.form)
    )


def marked_line(found: MarkedForms) -> str:
    """Return how often something is marked under which label, such as `Paris: 40 LOC, 3 PERSON`."""
    labels = ", ".join(f"{n:,} {label or NO_LABEL}" for label, n in found.labels.items())
    others = found.forms[1:_SHOWN_SURFACES]
    also = f" (also as {', '.join(others)})" if others else ""
    return safe_line(f"{found.form}: {labels}{also}")


def snippet(hit: Hit, room: int) -> str:
    """Return the first place of a hit with the text around it, safe for a terminal.

    Args:
        hit: The hit.
        room: Cells that it may take.
    """
    if not hit.places:
        return safe_line(hit.text, room)
    start, end, label = hit.places[0]
    more = f" (+{len(hit.places) - 1})" if len(hit.places) > 1 else ""
    inside = safe_line(hit.text[start:end], max(4, room // 2))
    marked = f"[{inside}{' ' if label else ''}{safe_line(label)}]"
    left = room - cell_width(marked) - cell_width(more)
    before = _last_cells(hit.text[:start], max(0, left // 3))
    after_room = left - cell_width(before)
    after = safe_line(hit.text[end:], after_room) if after_room > 0 else ""
    return f"{before}{marked}{after}{more}"


def _last_cells(text: str, room: int) -> str:
    """Return the end of a text in so many cells, with `…` where something is left out."""
    if room <= 1 or not text:
        return ""
    tail = text[-room:]
    shown = safe_line(tail)
    cut = len(tail) < len(text)
    while shown and cell_width(shown) > room - cut:
        tail, cut = tail[1:], True
        shown = safe_line(tail)
    return f"…{shown}" if cut else shown
