"""Brings the search index up to date with the answers, and says what of an answer it holds."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeVar

from tui_annotate.agreement.answers import Relation, question_name, relation_marks
from tui_annotate.agreement.mistakes import is_too_quick
from tui_annotate.errors import TaskError
from tui_annotate.exchange.annotation_layers import asks_for_all, asks_for_choice, layers_of
from tui_annotate.store.answer_index import AnswerIndex
from tui_annotate.store.answer_index_filling import IndexEntry, Surface
from tui_annotate.task.jsonio import loads_stored
from tui_annotate.task.spans import surface_of
from tui_annotate.text.characters import NO_SPACES
from tui_annotate.text.folding import fold_names
from tui_annotate.text.safe import without_surrogates

if TYPE_CHECKING:
    from tui_annotate.exchange.document import Layers, Mark
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset, GivenAnswer
    from tui_annotate.task.schema import Task
    from tui_annotate.waiting import Waiting

_T = TypeVar("_T")

_BATCH = 10_000
"""Rows of the store that are taken into the index at a time; who leaves loses no more."""
_COUNTED = 50

PAUSE_MS = 120_000
"""What an answer takes beyond this, and the time of its text, was a pause."""
_SLOW_PER_SECOND = 10
"""Code points that slow readers take in."""

_NOT_SEARCHED = frozenset(
    {"accept", "answer", "cohort", "config", "label", "meta", "options", "relations", "spans",
     "tokens", "versions", "view_id"}
)  # fmt: skip
_DEEP = 4


UNSPACED = re.compile(f"[{NO_SPACES}]")
"""Letters of scripts that have no blanks between words."""


def update(store: Store, dataset: Dataset, index: AnswerIndex, waiting: Waiting) -> AnswerIndex:
    """Take into an index what was answered since it was used last, and return it.

    Args:
        store: Where the answers are.
        dataset: Whose.
        index: The index of the dataset.
        waiting: Is told how far it is.

    Raises:
        Abandoned: Somebody has left; what was taken in by then is kept.
    """
    while True:
        last, digest = index.last
        if last:
            row = store.lookup.given(dataset.id, last)
            if row is None or _row_digest(row) != digest:
                index.clear()  # another database is in this place, or answers were removed
                last = 0
        with _no_cycles():
            if _fill(store, dataset, index, waiting, last):
                return index


def update_for(
    store: Store, dataset: Dataset, waiting: Waiting, use: Callable[[AnswerIndex], _T]
) -> _T:
    """Return what `use` finds in the index of a dataset, which is brought up to date before.

    Args:
        store: Where the answers are.
        dataset: Whose.
        waiting: Is told how far it is.
        use: Is given the open index, on this thread.

    Raises:
        Abandoned: Somebody has left.
    """
    with AnswerIndex(store.path, dataset.name) as index:
        return use(update(store, dataset, index, waiting))


@contextmanager
def _no_cycles() -> Iterator[None]:
    """What is taken in makes no cycles, and looking for them takes a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _fill(store: Store, dataset: Dataset, index: AnswerIndex, waiting: Waiting, last: int) -> bool:
    """Take in the rows after `last`; return False where another search takes them in as well."""
    counts = store.answers.counts(dataset.id)
    of = sum(counts.values()) if not last else None
    entries: list[IndexEntry] = []
    gone: list[int] = []
    done = 0
    newest = None
    with waiting.on(f"indexing {dataset.name}", of=of, unit="answers"):
        # What is superseded already need not be taken in first.
        revisions = last > 0
        for given in store.lookup.given_after(dataset.id, last):
            done += 1
            newest = given
            if revisions and given.supersedes is not None:
                gone.append(given.supersedes)
            if given.kind == "answer":
                entries.append(entry_of(given))
            if done % _BATCH == 0:
                if not index.add(entries, gone, given.id, _row_digest(given), after=last):
                    return False
                entries, gone, last = [], [], given.id
            if done % _COUNTED == 0:
                waiting.at(done)
        # `last` is that of the last full batch; what came behind it is still to be added.
        if newest is not None and newest.id != last:
            digest = _row_digest(newest)
            if not index.add(entries, gone, newest.id, digest, after=last):
                return False
        index.complete()
    return True


def _row_digest(given: GivenAnswer) -> bytes:
    """Return what tells a row of `answers` from one of the same number in another database."""
    told = (given.session, given.answered_at, given.kind, given.answer, given.content)
    return blake2b(repr(told).encode("utf-8", "backslashreplace"), digest_size=16).digest()


def entry_of(given: GivenAnswer) -> IndexEntry:
    """Return an answer as it is searched.

    Every step here is done for each of perhaps millions of answers, so it calls little.

    Args:
        given: A row of kind `answer`.
    """
    content = loads_stored(given.content)
    try:
        layers = layers_of(given, content)
    except TaskError as error:
        layers = error.reason
    text = content.get("text")
    length = len(text) if isinstance(text, str) else 0
    labels: dict[str, int] = {}
    surfaces: list[Surface] = []
    if not isinstance(layers, str):
        if layers.spans and isinstance(text, str):
            for span in layers.spans:
                surfaces.append(surface_as_searched(surface_of(text, span), span.label))
                if span.label:
                    label = without_surrogates(span.label)
                    labels[label] = labels.get(label, 0) + 1
        for label, chosen in layers.cats.items():
            if chosen:
                label = without_surrogates(label)
                labels[label] = labels.get(label, 0) + 1
    question, said = _judgement(given, content, layers)
    elapsed_ms = given.elapsed_ms
    # By their places, which takes half of the time that names take.
    return IndexEntry(
        given.id,
        given.input_key,
        question,
        said,
        given.session,
        given.annotator,
        given.answer or "",
        given.flagged,
        given.answered_at,
        working_ms(elapsed_ms, length),
        given.reading_ms,
        not given.provenance and is_too_quick(elapsed_ms, length),
        searched(searched_text(content)),
        labels,
        tuple(surfaces),
        given.guideline_id,
    )


def working_ms(elapsed_ms: int | None, length: int) -> int | None:
    """Return how much of the time between a task's frame and its answer counts as work.

    Of an answer that took longer than two minutes and the time of a slow reader only so much is
    counted: the rest was a pause.

    Args:
        elapsed_ms: Milliseconds from the frame to the answer; None or 0 where nobody took it.
        length: Code points of the text.
    """
    if not elapsed_ms or elapsed_ms < 0:
        return None
    return min(elapsed_ms, PAUSE_MS + length * 1000 // _SLOW_PER_SECOND)


@lru_cache(maxsize=4096)  # what is marked comes again and again
def surface_as_searched(form: str, label: str) -> Surface:
    """Return what a span marks, with its label, as the index has it."""
    return Surface(searched(form), without_surrogates(label), without_surrogates(form))


def _judgement(
    given: GivenAnswer, content: Task, layers: Layers | str
) -> tuple[bytes, bytes | None]:
    """Return which question an answer is to, and a digest of what it says, None for nothing.

    Two answers to one input contradict each other if the first is the same and the second is not.
    It says what `said_of` says.
    """
    classes: tuple[tuple[str, bool], ...] = ()
    spans: tuple[Mark, ...] | None = None
    relations: tuple[Relation, ...] | None = None
    typed = None
    if isinstance(layers, str):
        if layers != "rejected":
            return b"", None
    else:
        if layers.cats:
            classes = tuple(sorted(layers.cats.items()))
        if layers.spans is not None and layers.complete:
            spans = tuple([(span.start, span.end, span.label) for span in layers.spans])
        if layers.relations is not None:
            relations = relation_marks(layers.relations)
        typed = layers.content
    if asks_for_all(given.view_id, content):
        question = _digest("spans")
    elif asks_for_choice(given.view_id, content):
        question = _digest("classes")
        classes = tuple([each for each in classes if each[1]])  # others may have had more options
    else:
        name = question_name(content.get("label"), given.question_key, given.task_hash)
        question = _digest((tuple([label for label, _ in classes]), name))
    return question, _digest_of((given.answer, classes, spans, relations, typed))


@lru_cache(maxsize=1024)  # most questions of a dataset are the same
def _digest(question: Hashable) -> bytes:
    return _digest_of(question)


def _digest_of(value: object) -> bytes:
    return blake2b(repr(value).encode("utf-8", "backslashreplace"), digest_size=8).digest()


def searched(text: str) -> str:
    """Return a text as the index has it: folded, one blank between words, and blanks around each
    letter of a script that has none between words, so that each of them can begin what is found."""
    if text.isascii():
        return " ".join(text.lower().split())
    (folded,) = fold_names((text,))
    if not folded.isascii():
        folded = without_surrogates(UNSPACED.sub(lambda match: f" {match[0]} ", folded))
    return " ".join(folded.split())


def searched_text(content: Task) -> str:
    """Return what of an answer is searched: its text, and a line for each other text that was
    shown or typed in."""
    text = content.get("text")
    parts = [text] if isinstance(text, str) else []
    for key, value in content.items():
        if key != "text" and key not in _NOT_SEARCHED and not key.startswith("_"):
            parts += _strings(value, _DEEP)
    return "\n".join(parts)


def _strings(value: Any, deep: int) -> Iterator[str]:
    if isinstance(value, str):
        if value and not value.startswith("data:"):  # a picture is no text
            yield value
    elif deep and isinstance(value, dict):
        for key, each in value.items():
            if key not in _NOT_SEARCHED and not str(key).startswith("_"):
                yield from _strings(each, deep - 1)
    elif deep and isinstance(value, list):
        for each in value:
            yield from _strings(each, deep - 1)
