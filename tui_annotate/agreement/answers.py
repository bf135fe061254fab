"""Reads stored answers as what each person said about each input."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from tui_annotate.agreement.ratings import Kind
from tui_annotate.agreement.span_scores import NONE, Marked
from tui_annotate.errors import TaskError
from tui_annotate.exchange.annotation_layers import read_layers, with_others_choices
from tui_annotate.exchange.document import Answer, Layers, span_identity
from tui_annotate.exchange.documents import parsed
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.database import Store
from tui_annotate.store.records import Dataset, StoredAnswer
from tui_annotate.task.hashing import identify
from tui_annotate.task.review import REVIEW
from tui_annotate.task.schema import Task

Relation: TypeAlias = tuple[str, str, str]
"""Head, child and label; head and child as the extents of their spans."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one annotator said about one input.

    Attributes:
        verdicts: Question -> accept or reject, for questions that take yes or no.
        classes: Label -> whether the text has it, for the labels that were asked about.
        spans: All spans; None where they were not asked for.
        relations: All relations; None where they were not asked for.
        content: Question -> what else was answered, where none of these was, such as a typed text.
        at: When, in seconds since 1970.
        answer_id: The number of the answer; of several, of the last.
    """

    verdicts: dict[str, str] = field(default_factory=dict)
    classes: dict[str, bool] = field(default_factory=dict)
    spans: tuple[Marked, ...] | None = None
    relations: tuple[Relation, ...] | None = None
    content: dict[str, str] = field(default_factory=dict)
    at: int = 0
    answer_id: int = 0


@dataclass(frozen=True, slots=True)
class JudgedInput:
    """An input with what everybody said about it.

    Attributes:
        text: What it is about, for people.
        length: Code points of its text.
        answer_id: The id of the first answer to it.
        said: By annotator.
    """

    text: str
    length: int
    answer_id: int
    said: dict[str, Judgement]


@dataclass(slots=True)
class ReadAnswers:
    """What was read.

    Attributes:
        inputs: All inputs with an answer that says something.
        left_out: Answers that say nothing here, by reason.
    """

    inputs: list[JudgedInput] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    def leave_out(self, reason: str) -> None:
        """Count an answer that says nothing."""
        self.left_out[reason] = self.left_out.get(reason, 0) + 1


class Preannotations(NamedTuple):
    """What a source says about its rows before anybody has answered, such as the spans of a model.

    Attributes:
        name: What it is called among the annotators.
        rows: Its rows by their inputs.
    """

    name: str
    rows: Mapping[bytes, Task]

    @classmethod
    def of(cls, name: str, rows: Iterable[Task], datasets: Iterable[Dataset]) -> Preannotations:
        """Read what rows say, by their inputs.

        Args:
            name: What their source is called.
            rows: The rows.
            datasets: Whose answers they are compared with: each tells inputs apart in its own way.
        """
        ways = {dataset.settings for dataset in datasets}
        found: dict[bytes, Task] = {}
        for row in rows:
            for settings in ways:
                # Nothing but the input is looked at, and a hash that a row carries is its own.
                found[identify({**row}, settings).input_key] = row
        return cls(name, found)

    def said(self, group: Sequence[StoredAnswer]) -> Judgement | None:
        """Return what the source says about an input; None where it says nothing about it.

        Args:
            group: The answers to the input, whose views say what can be said about it.
        """
        row = self.rows.get(group[0].record.identity.input_key)
        stored = next((each for each in group if each.record.view_id != REVIEW), None)
        if row is None or stored is None:
            return None
        content = parsed(stored.record.content)
        marks = _brought_marks(row, content)
        # Read as if somebody had accepted the row: its marks, in the view and with the settings of
        # an answer, which say what they are about.
        bare = {key: value for key, value in content.items() if key not in _MARKS}
        record = stored.record._replace(answer="accept")
        found = _said(Answer(stored._replace(record=record), {**bare, **marks}, self.name))
        if not marks or isinstance(found, str):
            return None
        return Judgement(
            {},
            found.classes if "accept" in marks else {},
            found.spans if "spans" in marks else None,
            found.relations if "relations" in marks else None,
        )


_MARKS = ("spans", "relations", "accept")


def _brought_marks(row: Task, content: Task) -> Task:
    """Return what a row says of what is asked; a class may stand in its label as well."""
    found = {key: row[key] for key in _MARKS if isinstance(row.get(key), list)}
    if "relations" in found and "tokens" in row:
        found["tokens"] = row["tokens"]
    options = content.get("options")
    offered = [each.get("id") for each in options or () if isinstance(each, dict)]
    label = row.get("label")
    if label is None and isinstance(row.get("meta"), dict):
        label = row["meta"].get("label")
    if "accept" not in found and label in offered:
        found["accept"] = [label]
    return found


def read(
    store: Store,
    datasets: Sequence[Dataset],
    *,
    annotators: Collection[str] = (),
    without: Collection[str] = (),
    gold: Dataset | None = None,
    brought: Preannotations | None = None,
    tick: Callable[[int], None] = lambda _: None,
) -> ReadAnswers:
    """Read what people said in some datasets.

    Args:
        store: Where the answers are.
        datasets: Whose. A name that answered in several of them counts as one person in each.
        annotators: Only these, by their names or sessions; empty for all.
        without: Not these, such as models that annotate under names of their own.
        gold: A dataset whose answers stand for one more annotator, called by its name.
        brought: What the source brought along stands for one more annotator.
        tick: Is told how many answers have been read; it may raise to leave.
    """
    asked = [*datasets, gold] if gold is not None else [*datasets]
    people = _People(
        {dataset.id: dataset.name for dataset in asked},
        annotators,
        without,
        gold.id if gold is not None else None,
        _in_several(store, datasets),
    )
    taken = ReadAnswers()
    done = 0
    for group in store.grouped.inputs(store.grouped.ids([dataset.id for dataset in asked])):
        done += len(group)
        tick(done)
        judged = _judged(group, people, brought, taken)
        if judged is not None:
            taken.inputs.append(judged)
    return taken


class _People(NamedTuple):
    """Whose answers are read, and how each of them is called.

    Attributes:
        datasets: The names of the datasets, by their ids.
        annotators: Only these, by their names or sessions; empty for all.
        without: Not these.
        gold: The id of the dataset whose answers stand for one more annotator.
        in_several: Names that answered in several datasets.
    """

    datasets: Mapping[int, str]
    annotators: Collection[str]
    without: Collection[str]
    gold: int | None
    in_several: Collection[str]

    def name_of(self, stored: StoredAnswer) -> str | None:
        """Return the name of whoever an answer counts for; None if it is not read."""
        dataset = self.datasets[stored.record.dataset_id]
        if stored.record.dataset_id == self.gold:
            return dataset
        if not self._are_wanted({stored.annotator, stored.session}):
            return None
        # One name in two datasets counts as two people.
        is_shared = stored.annotator in self.in_several
        return f"{dataset}/{stored.annotator}" if is_shared else stored.annotator

    def _are_wanted(self, names: set[str]) -> bool:
        if names & {*self.without}:
            return False
        return not self.annotators or bool(names & {*self.annotators})


def _judged(
    group: Sequence[StoredAnswer],
    people: _People,
    brought: Preannotations | None,
    taken: ReadAnswers,
) -> JudgedInput | None:
    """Return what people said about one input; None where nobody said anything.

    Args:
        group: The answers to it.
        people: Whose are read.
        brought: What the source brought along stands for one more annotator.
        taken: Counts the answers that say nothing.
    """
    said: dict[str, Judgement] = {}
    choices: dict[int, list[tuple[str, str, Task]]] = {}
    first: Task = {}
    for stored in group:
        who = people.name_of(stored)
        if who is None:
            continue
        record = stored.record
        content = parsed(record.content)
        found = _said(Answer(stored, content, people.datasets[record.dataset_id]))
        if isinstance(found, str):
            taken.leave_out(found)
            continue
        first = first or content
        said[who] = _joined(said[who], found) if who in said else found
        choices.setdefault(record.dataset_id, []).append((who, record.view_id, content))
    for given in choices.values():
        _complete(said, given)
    if not said:
        return None
    source = brought.said(group) if brought is not None else None
    if brought is not None and source is not None:
        said[brought.name] = source
    text = first.get("text")
    if isinstance(text, str):
        return JudgedInput(text, len(text), group[0].id, said)
    return JudgedInput(_first_string(first), 0, group[0].id, said)


def _complete(said: dict[str, Judgement], given: Sequence[tuple[str, str, Task]]) -> None:
    """Add to what people said the classes that others chose where no options were shown."""
    asked = [(view, content, said[who].classes) for who, view, content in given]
    for (who, _, _), classes in zip(given, with_others_choices(asked), strict=True):
        # Somebody may have answered in another view as well, which adds nothing.
        both = {**said[who].classes, **classes}
        if both != said[who].classes:
            said[who] = replace(said[who], classes=both)


def _in_several(store: Store, datasets: Sequence[Dataset]) -> set[str]:
    """Return who has sessions in more than one of the datasets."""
    seen: dict[str, set[int]] = {}
    for dataset in datasets:
        for session in store.admin.sessions(dataset.id):
            seen.setdefault(session.annotator, set()).add(dataset.id)
    return {who for who, where in seen.items() if len(where) > 1}


def _first_string(content: Task) -> str:
    shown = (value for key, value in content.items() if not key.startswith("_"))
    return next((value for value in shown if isinstance(value, str)), "")


def _said(answer: Answer) -> Judgement | str:
    """Return what an answer says, or in a word why it says nothing."""
    try:
        layers = read_layers(answer)
    except TaskError as error:
        return error.reason
    return said_of(answer, layers)


def said_of(answer: Answer, layers: Layers | str) -> Judgement | str:
    """Return what an answer says, or in a word why it says nothing.

    Args:
        answer: The answer.
        layers: What `read_layers` makes of it.
    """
    record = answer.stored.record
    if isinstance(layers, str) and layers != "rejected":
        return layers
    verdict = record.answer if record.answer in ("accept", "reject") else None
    label = answer.content.get("label")
    identity = record.identity
    question = question_name(label, identity.question_key, identity.task_hash)
    verdicts: dict[str, str] = {question: verdict} if verdict else {}
    if isinstance(layers, str):
        return Judgement(verdicts, at=record.answered_at, answer_id=answer.stored.id)
    spans = _spans(layers)
    return Judgement(
        verdicts,
        dict(layers.cats),
        spans,
        _relations(layers),
        {} if layers.content is None else {question: layers.content},
        at=record.answered_at,
        answer_id=answer.stored.id,
    )


def disagree(one: Judgement, other: Judgement) -> bool:
    """Tell whether two answers say different things about what both were asked.

    Classes and questions that only one of them was asked about are no disagreement.
    """
    pairs = (
        (one.verdicts, other.verdicts),
        (one.classes, other.classes),
        (one.content, other.content),
    )
    if any(left[key] != right[key] for left, right in pairs for key in left.keys() & right):
        return True
    return any(None not in pair and pair[0] != pair[1] for pair in _layers_of(one, other))


def compared(one: Judgement, other: Judgement) -> dict[str, bool]:
    """Return which questions two people were both asked about an input -> whether they said the
    same.

    Several questions with a yes or no are several: to each of them there is an answer. Everything
    else that is said of an input is one, under an empty name. Empty where both were asked other
    things.
    """
    judged = one.verdicts.keys() & other.verdicts
    marked = any(None not in pair for pair in _layers_of(one, other))
    chosen = (one.classes.keys() & other.classes) - one.verdicts.keys()
    if not (judged or marked or chosen):
        return {}
    if marked or chosen or max(len(one.verdicts), len(other.verdicts)) < 2:
        return {"": not disagree(one, other)}
    return {key: one.verdicts[key] == other.verdicts[key] for key in sorted(judged)}


def _layers_of(one: Judgement, other: Judgement) -> tuple[tuple[object, object], ...]:
    return (one.spans, other.spans), (one.relations, other.relations)


def question_name(label: object, question_key: bytes | None, task_hash: int) -> str:
    """Return what a question that takes yes or no is called: by its label, else by its hash."""
    if isinstance(label, str):
        return label
    return question_key.hex() if question_key else str(task_hash)


def _spans(layers: Layers) -> tuple[Marked, ...] | None:
    if layers.spans is None or not layers.complete:
        return None
    return tuple(sorted(map(span_identity, layers.spans)))


def _relations(layers: Layers) -> tuple[Relation, ...] | None:
    if layers.relations is None:
        return None
    return relation_marks(layers.relations)


def relation_marks(relations: Iterable[Mapping[str, object]]) -> tuple[Relation, ...]:
    """Return relations as they are compared, sorted."""
    return tuple(sorted(_relation(each) for each in relations))


def _relation(relation: Mapping[str, object]) -> Relation:
    def end(name: str) -> str:
        span = relation.get(f"{name}_span")
        if isinstance(span, dict):
            return f"{span.get('start')}-{span.get('end')}"
        return f"token {relation.get(name)}"

    return end("head"), end("child"), str(relation.get("label") or "")


def _joined(one: Judgement, more: Judgement) -> Judgement:
    """Return what two answers of one person come to; the later one decides."""
    return Judgement(
        {**one.verdicts, **more.verdicts},
        {**one.classes, **more.classes},
        one.spans if more.spans is None else more.spans,
        one.relations if more.relations is None else more.relations,
        {**one.content, **more.content},
        max(one.at, more.at),
        more.answer_id,
    )


def kind_of(inputs: Sequence[JudgedInput]) -> Kind:
    """Return what is compared best: spans before classes, and these before yes and no.

    Classes exclude each other (`multiclass`) where nobody ever chose two of them. Several labels
    to which everybody only ever said yes are classes as well: each person gave one of them.
    """
    everything = list(_all_said(inputs))
    if any(said.spans is not None for said in everything):
        return "span"
    asked = [said.classes for said in everything if len(said.classes) > 1]
    if not asked:
        labels = {label for said in everything for label in said.classes}
        is_refused = any("reject" in said.verdicts.values() for said in everything)
        return "binary" if is_refused or len(labels) < 2 else "multiclass"
    return "multilabel" if any(sum(each.values()) > 1 for each in asked) else "multiclass"


def _all_said(inputs: Sequence[JudgedInput]) -> Iterator[Judgement]:
    for each in inputs:
        yield from each.said.values()


def values_of(
    each: JudgedInput, kind: Kind, labels: Collection[str], *, named: bool = False
) -> list[dict[str, str]]:
    """Return the units of an input, each as annotator -> value, for kinds that are values.

    `binary` has a unit for each question, `multiclass` one with the class that was chosen,
    `multilabel` one for each label with yes or no.

    Args:
        each: The input.
        kind: What is compared.
        labels: Only these labels; empty for all.
        named: Of several labels, values name theirs: `NEWS` and `not NEWS`.
    """
    units: dict[str, dict[str, str]] = {}
    for who, said in each.said.items():
        given: dict[str, str] = {}
        if kind == "binary":
            given = {key: value for key, value in said.verdicts.items() if _asked(key, labels)}
        elif kind == "multilabel":
            given = {
                label: _yes(label, has, named=named)
                for label, has in said.classes.items()
                if _asked(label, labels)
            }
        elif said.classes:
            chosen = sorted(label for label, has in said.classes.items() if has)
            value = ", ".join(chosen) or NONE
            given = {"": value} if _asked(value, labels) else {}
        for unit, value in given.items():
            units.setdefault(unit, {})[who] = value
    return list(units.values())


def _yes(label: str, has: bool, *, named: bool) -> str:
    if named:
        return label if has else f"not {label}"
    return "yes" if has else "no"


def _asked(label: str, labels: Collection[str]) -> bool:
    return not labels or label in labels


def day_of(each: JudgedInput) -> str:
    """Return the day (local time) on which an input got its last answer, as 2026-01-31."""
    return _day(max(said.at for said in each.said.values()))


def day_of_answer(said: Judgement) -> str:
    """Return the day (local time) on which somebody answered, as 2026-01-31."""
    return _day(said.at)


def _day(at: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at))
