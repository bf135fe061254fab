"""The tasks of `review`: answers are read, compared, and those that all agree on are saved."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui_annotate.errors import SourceError
from tui_annotate.job import Controller
from tui_annotate.recipes.review_survey import ALIKE, find_datasets, view_of
from tui_annotate.store.answers import BATCH
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import Dataset, NewAnswer, StoredAnswer
from tui_annotate.task.hash_body import DEFAULT_SETTINGS
from tui_annotate.task.hashing import Identity, blake2b, identify
from tui_annotate.task.review import (
    PROVENANCE,
    SETTLED,
    SOURCES,
    VERSIONS,
    Vote,
    provenance_of,
    question_hash,
    said,
    versions_in,
    versions_of,
)
from tui_annotate.task.schema import (
    ANNOTATOR_ID,
    COMMENT,
    FLAG,
    INPUT_HASH,
    REASON,
    SESSION_ID,
    TASK_HASH,
    TIMESTAMP,
    VIEW_ID,
    Task,
)
from tui_annotate.task.stored_tokens import dumps_content, loads_content
from tui_annotate.waiting import here

_OF_ONE = (
    *("answer", TIMESTAMP, ANNOTATOR_ID, SESSION_ID, VIEW_ID),
    *(FLAG, COMMENT, REASON, PROVENANCE),
)
"""What an answer says about who gave it, which is no part of the task of a review."""

_SHOW_ALL = "--all shows what all agree on, and what one person alone has answered"


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """What is to be reviewed, and how.

    Attributes:
        path: The database.
        sets: The datasets that are compared.
        into: The dataset that the review is saved in.
        view: The view of the answers.
        keys: The keys that it writes; none for questions that take yes or no.
        automatic: What all agree on is saved without being shown.
        single: So is what one person alone said.
        skipped: Ignored answers count, and rejections in manual views.
        everything: What all agree on, or one alone said, is shown too.
        blind: The versions have an order that says nothing of who came first.
    """

    path: Path
    sets: tuple[str, ...]
    into: str
    view: str
    keys: tuple[str, ...]
    automatic: bool = False
    single: bool = False
    skipped: bool = False
    everything: bool = False
    blind: bool = False

    def question(self, identity: Identity) -> bytes:
        """Return what answers are compared by beside their input: nothing in manual views."""
        if self.keys:
            return b""
        return identity.question_key or str(identity.task_hash).encode("ascii")

    def counts(self, content: Task) -> bool:
        """Tell whether an answer is compared."""
        answer = content.get("answer")
        return self.skipped or answer == "accept" or (answer == "reject" and not self.keys)

    def fits(self, view: str) -> bool:
        """Tell whether an answer of a view is about what is reviewed."""
        return not view or view == self.view or {view, self.view} <= ALIKE


@dataclass(frozen=True, slots=True)
class ComparedQuestion:
    """One question, with what people said about it.

    Attributes:
        votes: What they said; of each session the last word.
        identity: Who the task of the review is.
        versions: The distinct answers.
        asked: Whether it has been reviewed, and nothing that counts has changed since.
        before: The review that it takes the place of, as what that rests on has changed.
    """

    votes: tuple[Vote, ...]
    identity: Identity
    versions: list[dict[str, Any]]
    asked: bool
    before: int | None

    @property
    def differ(self) -> bool:
        """Whether people differ."""
        return len(self.versions) > 1

    def task(self, view: str) -> Task:
        """Return the task of the review: the version of most people, and all versions."""
        number = next(i for i, each in enumerate(self.versions) if each["default"])
        sessions = self.versions[number]["sessions"]
        base = next(vote for vote in self.votes if vote.session == sessions[0])
        bare = {key: value for key, value in base.content.items() if key not in _OF_ONE}
        task: Task = {
            **{key: value for key, value in bare.items() if key != VERSIONS},
            VERSIONS: self.versions,
            "sessions": [vote.session for vote in self.votes],
            "view_id": view,
            SOURCES: [vote.id for vote in self.votes],
            INPUT_HASH: self.identity.input_hash,
            TASK_HASH: self.identity.task_hash,
        }
        return task if self.before is None else {**task, SETTLED: self.before}


class Reviewed:
    """The tasks of a review, in the order of the first answers. A reading goes through the inputs
    that had answers when it began, and each task has what people say about it by then; `has_news`
    tells whether another reading would give more.

    Args:
        wanted: What is to be reviewed.

    Attributes:
        view_id: The view that the answers were given in.
    """

    def __init__(self, wanted: ReviewSettings) -> None:
        self._wanted = wanted
        self.view_id = wanted.view
        self._newest: tuple[int, ...] | None = None

    def has_news(self) -> bool:
        """Tell whether somebody has answered, or taken an answer back, since this was read."""
        if self._newest is None:
            return False
        with open_store(self._wanted.path, create=False, readonly=True) as store:
            found = [store.admin.find_dataset(each) for each in dict.fromkeys(self._wanted.sets)]
            ids = [each.id for each in found if each is not None]
            return len(ids) == len(found) and store.grouped.newest(ids) != self._newest

    def row_count(self) -> int:
        """Return how many tasks there are with those that are reviewed; slow, on any thread."""
        with open_store(self._wanted.path, create=False, readonly=True) as store:
            found = compared(store, self._wanted)
            return sum(_is_shown(each, self._wanted) or each.asked for each in found)

    def __iter__(self) -> Iterator[Task]:
        wanted, any_found = self._wanted, False
        with open_store(wanted.path, create=False, readonly=True) as store:
            comparing = AnswerComparison(store, wanted)
            self._newest = comparing.newest
            for found in comparing.inputs():
                # What has been reviewed is counted as answered by whoever reads this. People may
                # have answered since the review began, so what is shown is compared again.
                if any(_is_shown(each, wanted) or each.asked for each in found):
                    any_found = True
                    found = comparing.as_it_stands(found)
                for each in found:
                    if _is_shown(each, wanted) or each.asked:
                        yield each.task(wanted.view)
        if not any_found:
            where = ", ".join(wanted.sets)
            what = "nobody differs" if not wanted.everything else "nothing can be compared"
            raise SourceError(what, where=where, hint=None if wanted.everything else _SHOW_ALL)


def _is_shown(each: ComparedQuestion, wanted: ReviewSettings) -> bool:
    if each.before is not None:
        return True  # somebody has changed an answer that was reviewed, even if all agree now
    if _is_automatic(each, wanted):
        return False
    return each.differ or wanted.everything


def _is_automatic(each: ComparedQuestion, wanted: ReviewSettings) -> bool:
    """Tell whether a question is settled without being shown."""
    if not wanted.automatic or each.differ or each.before is not None:
        return False
    return wanted.single or len(each.votes) > 1


class AnswerComparison:
    """Goes through the answers of datasets input by input, and compares them.

    Args:
        store: Where they are.
        wanted: What is to be reviewed.

    Attributes:
        newest: The newest answer of each dataset when this was made.
    """

    def __init__(self, store: Store, wanted: ReviewSettings) -> None:
        self._store = store
        self._wanted = wanted
        self._datasets = {each.id: each for each in find_datasets(store, wanted.sets)}
        self._ids = list(self._datasets)
        self.newest = store.grouped.newest(self._ids)

    def inputs(self) -> Iterator[list[ComparedQuestion]]:
        """Yield the questions about each input, in the order of the first answers."""
        waiting = here()
        for group in self._store.grouped.inputs(self._store.grouped.ids(self._ids)):
            waiting.check()
            yield self._compare_all(group)

    def as_it_stands(self, found: list[ComparedQuestion]) -> list[ComparedQuestion]:
        """Return the questions about an input anew, where anybody has answered since this began."""
        if self._store.grouped.newest(self._ids) == self.newest:
            return found
        stored = self._store.answers.get(found[0].votes[0].id)
        if stored is None:  # its dataset was dropped meanwhile
            return []
        key = stored.record.identity.input_key
        return self._compare_all(self._store.grouped.on_input(self._ids, key))

    def _compare_all(self, group: Sequence[StoredAnswer]) -> list[ComparedQuestion]:
        store, wanted = self._store, self._wanted
        into = store.admin.find_dataset(wanted.into)
        several = _in_several(store, self._datasets.values())
        found = _questions(group, wanted, self._datasets, several)
        return [_compare(store, wanted, into, votes, question) for votes, question in found]


def compared(store: Store, wanted: ReviewSettings) -> Iterator[ComparedQuestion]:
    """Yield the questions with what people said about them, in the order of the first answers."""
    for found in AnswerComparison(store, wanted).inputs():
        yield from found


def _questions(
    group: Sequence[StoredAnswer],
    wanted: ReviewSettings,
    datasets: dict[int, Dataset],
    several: set[str],
) -> Iterator[tuple[list[Vote], bytes]]:
    """Yield what people said about one input, question by question."""
    questions: dict[bytes, dict[str, Vote]] = {}
    for stored in group:
        content = loads_content(stored.record.content)
        view = view_of(stored, content)
        if not wanted.fits(view):
            continue
        name = datasets[stored.record.dataset_id].name
        who = f"{name}/{stored.annotator}" if stored.annotator in several else stored.annotator
        vote = Vote(stored.id, stored.session, who, view or wanted.view, content)
        votes = questions.setdefault(wanted.question(stored.record.identity), {})
        votes.pop(vote.session, None)  # the last word of a session counts, in its place
        votes[vote.session] = vote
    for question, votes in questions.items():
        counted = [vote for vote in votes.values() if wanted.counts(vote.content)]
        if counted:
            yield counted, question


def _compare(
    store: Store, wanted: ReviewSettings, into: Dataset | None, votes: list[Vote], question: bytes
) -> ComparedQuestion:
    settings = DEFAULT_SETTINGS if into is None else into.settings
    versions = versions_of(votes, wanted.keys)
    if wanted.blind:
        versions.sort(key=lambda each: blake2b(said(each, wanted.keys).encode()).digest())
    first = votes[0].content
    bare = {key: value for key, value in first.items() if key not in (INPUT_HASH, TASK_HASH)}
    own = identify(bare, settings)
    sources = [vote.id for vote in votes]
    made = Identity(own.input_hash, question_hash(sources), own.input_key, None)
    before = None
    for earlier in _earlier(store, wanted, into, own.input_key, question):
        settled = store.answers.sources(earlier.id)
        if set(settled) <= set(sources) and _knew(earlier, versions, wanted):
            return ComparedQuestion(tuple(votes), earlier.record.identity, versions, True, None)
        before = earlier.id
    return ComparedQuestion(tuple(votes), made, versions, False, before)


def _earlier(
    store: Store, wanted: ReviewSettings, into: Dataset | None, input_key: bytes, question: bytes
) -> Iterator[StoredAnswer]:
    """Yield the standing reviews of a question, oldest first."""
    for found in [] if into is None else store.answers.reviews(into.id, input_key):
        for source in store.answers.sources(found.id):
            stored = store.answers.get(source)
            if stored is not None and wanted.question(stored.record.identity) == question:
                yield found
                break


def _knew(earlier: StoredAnswer, versions: list[dict[str, Any]], wanted: ReviewSettings) -> bool:
    """Tell whether a review has seen all versions that there are."""
    seen = {said(each, wanted.keys) for each in versions_in(loads_content(earlier.record.content))}
    return all(said(each, wanted.keys) in seen for each in versions)


def _in_several(store: Store, datasets: Iterable[Dataset]) -> set[str]:
    """Return who has sessions in more than one of the datasets."""
    seen: dict[str, set[int]] = {}
    for dataset in datasets:
        for session in store.admin.sessions(dataset.id):
            seen.setdefault(session.annotator, set()).add(dataset.id)
    return {who for who, where in seen.items() if len(where) > 1}


def accept_automatic(wanted: ReviewSettings, ctrl: Controller) -> None:
    """Save what all agree on, before the first task; what was saved before is not saved again."""
    with open_store(wanted.path, create=False) as store:
        dataset = store.admin.find_dataset(wanted.into)
        if dataset is None or store.readonly:
            return
        annotator = ctrl.session_id.removeprefix(f"{dataset.name}-")
        session = next(
            each for each in store.admin.sessions(dataset.id) if each.name == ctrl.session_id
        )
        found = (
            _automatic(each, wanted, dataset, session.id, ctrl.session_id, annotator)
            for each in compared(store, wanted)
            if not each.asked and _is_automatic(each, wanted)
        )
        batch: list[NewAnswer] = []
        for answer in found:
            batch.append(answer)
            if len(batch) == BATCH:
                _write(store, dataset, batch)
                batch = []
        _write(store, dataset, batch)


def _write(store: Store, dataset: Dataset, answers: Sequence[NewAnswer]) -> None:
    if answers:
        with store.write_txn():
            # Two who begin at the same moment save it once.
            new = [
                each
                for each in answers
                if not any(
                    store.answers.sources(earlier.id) == each.sources
                    for earlier in store.answers.reviews(dataset.id, each.identity.input_key)
                )
            ]
            store.answers.import_(dataset.id, new)


def _automatic(
    each: ComparedQuestion,
    wanted: ReviewSettings,
    dataset: Dataset,
    session: int,
    name: str,
    annotator: str,
) -> NewAnswer:
    """Return the answer that is saved for what all agree on; it names the view of theirs."""
    decision = each.votes[0].content["answer"]
    at = int(time.time())
    task = {key: value for key, value in each.task(wanted.view).items() if key != SOURCES}
    provenance = provenance_of({**task, "answer": decision}, wanted.keys)
    content = {
        **task,
        PROVENANCE: provenance,
        VIEW_ID: wanted.view,
        "answer": decision,
        TIMESTAMP: at,
        ANNOTATOR_ID: annotator,
        SESSION_ID: name,
    }
    return NewAnswer(
        dataset_id=dataset.id,
        session_id=session,
        identity=each.identity,
        content=dumps_content(content),
        answer=decision,
        view_id=wanted.view,
        answered_at=at,
        label=task.get("label") if isinstance(task.get("label"), str) else None,
        provenance=provenance,
        sources=tuple(vote.id for vote in each.votes),
    )
