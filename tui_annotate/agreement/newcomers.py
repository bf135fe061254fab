"""Tasks with known answers (gold): a training for newcomers, and gold mixed in with other tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tui_annotate.errors import UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Job, job_digest
from tui_annotate.session.sharing import Sharing
from tui_annotate.sources.iterable_source import IterableSource
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import Dataset
from tui_annotate.stream.store_sources import check_answers_open
from tui_annotate.stream.stream import Stream
from tui_annotate.task.answer_differences import differences
from tui_annotate.task.hashing import Identity, identify
from tui_annotate.task.review import PROVENANCE, VERSIONS, describe, said
from tui_annotate.task.schema import (
    ANNOTATOR_ID,
    COMMENT,
    DECISIONS,
    FLAG,
    INPUT_HASH,
    REASON,
    ROW_KEY,
    SESSION_ID,
    TASK_HASH,
    TIMES_OVER,
    TIMESTAMP,
    VIEW_ID,
    Task,
)
from tui_annotate.task.stored_tokens import loads_content
from tui_annotate.views import find_view

EXPLANATION = "explanation"
"""Key of a task, or of its `meta`: why the known answer is right."""

_OF_THE_ANSWER = frozenset(
    {
        *(
            "answer",
            "sessions",
            "view_id",
            VERSIONS,
            PROVENANCE,
            EXPLANATION,
            FLAG,
            COMMENT,
            REASON,
        ),
        *(TIMESTAMP, ANNOTATOR_ID, SESSION_ID, VIEW_ID, TIMES_OVER, INPUT_HASH, TASK_HASH),
    }
)
"""What a known answer says about itself, which is no part of the task."""

SILENT_NOTE = (
    "Some tasks of this job have known answers. They show how well the guidelines are understood; "
    "nothing tells them from the others."
)
"""What the guidelines of a job with silent gold say."""


class Gold(NamedTuple):
    """A task with a known answer.

    Attributes:
        answer_id: The number of the answer.
        identity: Who the task is.
        content: The answer.
    """

    answer_id: int
    identity: Identity
    content: Task

    @property
    def explanation(self) -> str:
        """Why the answer is right: its `explanation`, else the comment on it; raw, may be empty."""
        meta = self.content.get("meta")
        inner = meta.get(EXPLANATION) if isinstance(meta, Mapping) else None
        for found in (self.content.get(EXPLANATION), inner, self.content.get(COMMENT)):
            if isinstance(found, str) and found.strip():
                return found.strip()
        return ""


class GoldSet:
    """The known answers of a dataset, as a job asks for them.

    Args:
        name: The dataset's name.
        gold: The answers.
        keys: The keys that the job's view writes; none for questions that take yes or no.
    """

    def __init__(self, name: str, gold: Sequence[Gold], keys: Sequence[str]) -> None:
        self.name = name
        self.keys = tuple(keys)
        self._gold = {self._key(each.identity): each for each in gold}

    def __len__(self) -> int:
        return len(self._gold)

    def __iter__(self) -> Iterator[Gold]:
        return iter(self._gold.values())

    def of(self, identity: Identity) -> Gold | None:
        """Return the known answer to a task; None where there is none."""
        return self._gold.get(self._key(identity))

    def is_right(self, gold: Gold, answer: Mapping[str, Any]) -> bool:
        """Tell whether an answer says what the known one says."""
        return said(answer, self.keys) == said(gold.content, self.keys)

    def task(self, gold: Gold) -> Task:
        """Return the task without its answer, as it is asked."""
        hidden = {*_OF_THE_ANSWER, *(key for key in self.keys if key != "tokens")}
        task = {key: value for key, value in gold.content.items() if key not in hidden}
        meta = task.get("meta")
        if isinstance(meta, dict) and EXPLANATION in meta:
            task["meta"] = {key: value for key, value in meta.items() if key != EXPLANATION}
        return task

    def _key(self, identity: Identity) -> tuple[bytes, bytes]:
        if self.keys:
            return identity.input_key, b""
        return identity.input_key, identity.question_key or b"%d" % identity.task_hash


def read_gold(store: Store, name: str, job: Job, option: str) -> GoldSet:
    """Read the known answers of a dataset; of several to one task the last one counts.

    Args:
        store: Where it is.
        name: The dataset's name; `dataset:` in front of it may be written.
        job: The job that they are for.
        option: The option that names it, for messages.

    Raises:
        UsageError: There is no such dataset, it is the job's own, it has no known answers, or
            annotators may not see them.
    """
    name = name.removeprefix("dataset:")
    check_answers_open(f"{option} {name}", known_answers=name)
    if name == job.dataset:
        what = f"the job saves its answers in {name!r}, which cannot hold the right ones as well"
        raise UsageError(what, where=option, hint="Name the dataset of the known answers")
    dataset = store.admin.dataset_named(name, option)
    keys = find_view(job.view_id).written(job.config)
    found: list[Gold] = []
    made = GoldSet(name, (), keys)
    for stored in store.answers.iterate(dataset.id):
        decision = stored.record.answer
        if decision == "accept" or (decision == "reject" and not keys):
            content = loads_content(stored.record.content)
            bare = made.task(Gold(stored.id, stored.record.identity, content))
            found.append(Gold(stored.id, identify(bare, job.hash_settings), content))
    if not found:
        hint = "Answer some tasks there, or save what all agree on with `review --auto-accept`"
        raise UsageError("the dataset has no known answers", where=f"{option} {name}", hint=hint)
    return GoldSet(name, found, keys)


# Training


class Attempt(NamedTuple):
    """How one time through a training went.

    Attributes:
        right: How many first answers were right.
        answered: How many tasks were answered.
        finished: Whether all tasks were, that there were then.
    """

    right: int
    answered: int
    finished: bool

    def passes(self, mark: int) -> bool:
        """Tell whether it reaches a pass mark, in per cent."""
        return self.finished and self.right >= needed(self.answered, mark)


def needed(tasks: int, mark: int) -> int:
    """Return how many of some tasks must be right for a pass mark in per cent."""
    return -(-tasks * mark // 100)


def training_set(dataset: str) -> str:
    """Return the name of the dataset that keeps the answers of a training."""
    return f"{dataset}-training"


def first_answers(
    store: Store, dataset: Dataset | None, annotator: str, gold: GoldSet
) -> dict[int, dict[int, tuple[int, bool]]]:
    """Return what somebody answered first in a training: attempt -> number of the known answer ->
    number of the answer, and whether it was right. What was answered anew after the right answer
    had been shown does not count."""
    found: dict[int, dict[int, tuple[int, bool]]] = {}
    if dataset is None:
        return found
    for stored in store.answers.iterate(dataset.id, revisions=True):
        record = stored.record
        known = gold.of(record.identity)
        if stored.annotator != annotator or known is None or record.answer not in DECISIONS:
            continue
        content = {**loads_content(record.content), "answer": record.answer}
        right = gold.is_right(known, content)
        found.setdefault(record.pass_, {}).setdefault(known.answer_id, (stored.id, right))
    return found


def attempts(store: Store, dataset: str, annotator: str, gold: GoldSet) -> list[Attempt]:
    """Return how often somebody has been through the training of a dataset, and how it went."""
    kept = store.admin.find_dataset(training_set(dataset))
    found = []
    for _, answers in sorted(first_answers(store, kept, annotator, gold).items()):
        last = max(number for number, _ in answers.values())
        # Known answers that are all newer have been brought in anew; then each of them counts.
        there = [each for each in gold if each.answer_id < last] or list(gold)
        finished = all(each.answer_id in answers for each in there)
        found.append(Attempt(sum(right for _, right in answers.values()), len(answers), finished))
    return found


class Training:
    """One time through a training: says after each answer what would have been right.

    Args:
        gold: The known answers.
        mark: The pass mark, in per cent.
        answered: What was answered in this attempt before: known answer -> whether it was right.
    """

    def __init__(self, gold: GoldSet, mark: int, answered: Mapping[int, bool]) -> None:
        self._gold = gold
        self._mark = mark
        self._answered = dict(answered)

    def teach(self, identity: Identity, answer: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what is shown after an answer: whether it is right, what differs, and why."""
        gold = self._gold.of(identity)
        if gold is None:
            return ()
        right = self._gold.is_right(gold, answer)
        again = gold.answer_id in self._answered
        self._answered.setdefault(gold.answer_id, right)
        text = gold.content.get("text")
        text = text if isinstance(text, str) else ""
        lines = ["Right." if right else "Not right."]
        if not right:
            wrong = differences(answer, gold.content, self._gold.keys, text)
            lines += ["", *text.splitlines(), "", f"You said: {describe(answer, text)}"]
            lines += [f"Right is: {describe(gold.content, text)}", ""]
            lines += [f"- {each.sentence}" for each in wrong]
        if gold.explanation:
            lines += ["", f"Why: {gold.explanation}"]
        lines += ["", self._sentence()]
        if again:
            lines.append("Your first answer to this task counts.")
        return tuple(lines)

    def _sentence(self) -> str:
        total, right = len(self._gold), sum(self._answered.values())
        wanted = needed(total, self._mark)
        if len(self._answered) < total:
            given = len(self._answered)
            return f"{right} of {given} right so far; {wanted} of {total} are needed."
        over = f"The training is over: {right} of {total} right"
        if right >= wanted:
            return f"{over}. You have passed, and the job begins."
        return f"{over}, and {wanted} are needed. It begins once more."


def training_job(
    job: Job, gold: GoldSet, mark: int, number: int, answered: Mapping[int, bool]
) -> Job:
    """Return the job that asks the tasks of a training, in a dataset of its own.

    Args:
        job: The real job, whose view and labels it has.
        gold: The known answers.
        mark: The pass mark, in per cent.
        number: Which attempt it is, from 1.
        answered: What was answered in this attempt before: number of the known answer -> whether
            it was right.
    """
    training = Training(gold, mark, answered)
    tasks = [gold.task(each) for each in gold]
    settings = {"training": gold.name}
    name = f"known answers of {gold.name}"
    sharing = {"feed_overlap": True, "annotations_per_task": None, "quota": None, "quotas": None}
    config = {**job.config, **sharing, "review": False}
    wanted = needed(len(gold), mark)
    said_first = f"Training with known answers: {wanted} of {len(gold)} must be right"
    if number > 1:
        said_first += f". This is attempt {number}"
    return replace(
        job,
        dataset=training_set(job.dataset),
        stream=Stream(IterableSource(tasks, name, f"training:{gold.name}")),
        streams=(),
        config=config,
        exclude=(),
        exclude_annotators=(),
        policy=job.policy._replace(auto_exclude=True, keep_duplicates=False, exclude_by="task"),
        repeat=number,
        digest=job_digest("training", settings),
        settings=settings,
        given={name: each for name, each in job.given.items() if name == "validate_answer"},
        components=None,
        notices=(*job.notices, said_first),
        teach=training.teach,
        silent=frozenset(),
    )


# Silent gold


def mixed(
    tasks: Iterable[Task],
    gold: Sequence[Task],
    every: int,
    is_asked: Callable[[Task], bool] = lambda _: True,
) -> Iterator[Task]:
    """Yield tasks with those of known answers between them, in places that the tasks' own hashes
    say, so that a restart finds the same ones.

    Args:
        tasks: The job's tasks.
        gold: The tasks of known answers, in their order; each is given once.
        every: On average every so-manieth task is one.
        is_asked: Tells whether the annotator gets, or got, a task: behind those that others have
            answered nothing is mixed in.
    """
    coming = iter(gold)
    for task in tasks:
        row, place = task.get(ROW_KEY), _place(task)
        yield task
        if place % (every - 1) or not is_asked(task):
            continue
        added = next(coming, None)
        if added is not None:
            # It counts as one more task of the row before, so that a resume finds both.
            yield dict(added) if row is None else {**added, ROW_KEY: row}


def unanswered(store: Store, job: Job, gold: GoldSet, annotator: str) -> list[Task]:
    """Return the tasks of the known answers that somebody has not answered in a job's dataset."""
    dataset = store.admin.find_dataset(job.dataset)
    sessions = [] if dataset is None else store.admin.sessions(dataset.id)
    own = [each for each in sessions if each.annotator == annotator]
    by = job.policy.exclude_by
    return [
        gold.task(each)
        for each in gold
        if not any(
            store.answers.known([session.dataset_id], each.identity, by, session.id)
            for session in own
        )
    ]


def _place(task: Task) -> int:
    """Return a number that is a task's own, whoever asks it and whenever."""
    carried = task.get(TASK_HASH, task.get(INPUT_HASH))
    return carried if isinstance(carried, int) else identify({**task}).task_hash


class _Asked:
    """Tells which tasks an annotator gets, or got, in a job; it reads the store on the thread that
    the tasks are read on.

    Args:
        job: The job.
        store: The database.
        annotator: Who annotates.
    """

    def __init__(self, job: Job, store: Path, annotator: str) -> None:
        self._job = job
        self._sharing = Sharing(job)
        self._path = store
        self._annotator = annotator
        self._store: Store | None = None

    def __call__(self, task: Task) -> bool:
        """Tell whether a task is asked, or was."""
        identity = identify({**task}, self._job.hash_settings)
        wanted = self._sharing.wanted(identity)
        if wanted is None:
            return True
        if self._store is None:
            self._store = open_store(self._path, create=False, readonly=True)
        store, by = self._store, self._job.policy.exclude_by
        dataset = store.admin.find_dataset(self._job.dataset)
        if dataset is None:
            return True
        own = [s.id for s in store.admin.sessions(dataset.id) if s.annotator == self._annotator]
        if any(store.answers.known([dataset.id], identity, by, session) for session in own):
            return True
        return store.answers.known_count([dataset.id], identity, by) < wanted

    def close(self) -> None:
        """Close the database, if it was needed."""
        if self._store is not None:
            self._store.close()
            self._store = None


def mix_in(
    job: Job, gold: GoldSet, every: int, left: Sequence[Task], store: Path, annotator: str
) -> Job:
    """Return the job with tasks of known answers among its own; its guidelines say so.

    Args:
        job: The job, whose stream has not been read.
        gold: The known answers.
        every: On average every so-manieth task is one; 2 or more.
        left: Those of their tasks that are still to be asked.
        store: The database.
        annotator: Who annotates.
    """
    settings = {**job.settings, "--silent-gold": gold.name, "--silent-every": every}
    told = job.instructions
    stream = job.stream

    def mix(tasks: Iterable[Task]) -> Iterator[Task]:
        is_asked = _Asked(job, store, annotator)
        try:
            yield from mixed(tasks, left, every, is_asked)
        finally:
            is_asked.close()

    return replace(
        job,
        stream=stream.apply(mix) if isinstance(stream, Stream) else mix(stream),
        config={**job.config, "instructions": f"{told}\n\n{SILENT_NOTE}" if told else SILENT_NOTE},
        settings=settings,
        digest=job_digest(job.recipe, settings),
        silent=frozenset(each.identity.input_key for each in gold),
    )
