"""Makes documents, one for each input, from the answers to it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tui_annotate.errors import TaskError
from tui_annotate.exchange.annotation_layers import (
    asks_for_all,
    is_open_choice,
    read_layers,
    view_of,
    with_others_choices,
)
from tui_annotate.exchange.answer_filter import ExportFilter
from tui_annotate.exchange.document import (
    Answer,
    Document,
    Layers,
    Version,
    text_of,
    tokens_of,
)
from tui_annotate.exchange.resolve import (
    AnsweredText,
    Layer,
    ResolutionRule,
    join_layers,
    settle,
    without,
)
from tui_annotate.store.database import Store
from tui_annotate.store.records import Dataset, StoredAnswer
from tui_annotate.task.jsonio import loads_strict
from tui_annotate.task.schema import Task
from tui_annotate.task.stored_tokens import with_tokens

Pair = tuple[Answer, Layers]


@dataclass(frozen=True, slots=True)
class InvalidAnswer:
    """What cannot be written.

    Attributes:
        answer: The answer, or the first of those about the input.
        reason: A short stable code.
        what: One sentence without a full stop at its end.
    """

    answer: Answer
    reason: str
    what: str


@dataclass(slots=True)
class AnswerCounts:
    """What became of the answers.

    Attributes:
        answers: How many were taken.
        left_out: Why others were not, with how many.
        adjudicated: Inputs on which an adjudicated answer has the last word.
        merged: Inputs for which several answers were put together.
        conflicts: Layers in which people differ, with the number of inputs.
    """

    answers: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    adjudicated: int = 0
    merged: int = 0
    conflicts: Counter[Layer] = field(default_factory=Counter)
    inputs_in_conflict: int = 0


@dataclass(frozen=True, slots=True)
class DocumentAssembler:
    """Makes documents of the answers of some datasets.

    Attributes:
        choice: Which answers are taken.
        resolve: What counts where people differ; None leaves that open.
        several: Whether several people's answers may stand side by side.
    """

    choice: ExportFilter = field(default_factory=ExportFilter)
    resolve: ResolutionRule | None = None
    several: bool = False

    def documents(
        self, store: Store, datasets: Sequence[Dataset], counts: AnswerCounts
    ) -> Iterator[Document | InvalidAnswer]:
        """Yield what the answers of `datasets` come to, in the order of the inputs' first answers.

        Args:
            store: Where the answers are.
            datasets: Whose.
            counts: Is counted on.
        """
        names = {dataset.id: dataset.name for dataset in datasets}
        ids = store.grouped.ids(list(names), revisions=self.choice.revisions)
        for group in store.grouped.inputs(ids):
            taken = list(self.take(group, names, counts))
            counts.answers += len(taken)
            if self.choice.each:
                yield from map(_alone, taken)
            elif taken:
                found = self.document(taken, counts)
                if found is not None:
                    yield found

    def take(
        self, group: Sequence[StoredAnswer], names: Mapping[int, str], counts: AnswerCounts
    ) -> Iterator[Answer]:
        """Yield those of some answers that are taken; the others are counted."""
        for stored in group:
            reason = self.choice.left_out(stored)
            content = {} if reason else parsed(stored.record.content)
            if reason is None and not self.choice.each:
                reason = self.choice.left_out_content(stored, content)
            if reason is None:
                yield Answer(stored, content, names[stored.record.dataset_id])
            else:
                counts.left_out[reason] += 1

    def document(
        self, answers: Sequence[Answer], counts: AnswerCounts
    ) -> Document | InvalidAnswer | None:
        """Return what answers about one input come to; None where they say nothing."""
        answer = answers[0]
        try:
            text = text_of(answer.content)
            pairs = []
            for answer in answers:
                found = read_layers(answer)
                if isinstance(found, str):
                    counts.left_out[found] += 1
                    counts.answers -= 1
                else:
                    pairs.append((answer, found))
        except TaskError as error:
            return InvalidAnswer(answer, error.reason, error.what)
        return self._merge(text, pairs, counts) if pairs else None

    def _merge(
        self, text: str, pairs: Sequence[Pair], counts: AnswerCounts
    ) -> Document | InvalidAnswer:
        """Return the document of the answers about one input.

        - One answer is a document with one version.
        - Several answers are put together to one version, if people agree or `resolve` decides
          every layer in which they differ.
        - If something stays open, or `several` was asked for without `resolve`, each person's
          answers are a version, side by side.
        - If something stays open and `several` was not asked for, the result is `InvalidAnswer`.

        Args:
            text: The text of the input.
            pairs: The answers with what they say; not empty.
            counts: Is counted on.
        """
        answers = tuple(answer for answer, _ in pairs)
        if len(pairs) == 1:
            layers = pairs[0][1]
            return Document(text, layers, answers, (Version(_who(answers[0]), layers),))
        counts.merged += 1
        # A review has the last word; people can differ only in what it leaves open.
        decided, open_pairs = _adjudicated(pairs, counts)
        answered = AnsweredText(text, lambda: list(tokens_of(text, answers)))
        parts, conflicts, unresolved = self._settle(_people(open_pairs), answered)
        _count(conflicts, counts)
        if unresolved and not self.several:
            what = f"people differ in its {' and '.join(dict.fromkeys(unresolved))}"
            return InvalidAnswer(answers[0], "conflict", what)
        newest = max(each.stored.id for each in answers)
        # Nobody said how to make one version of several, so each person's answers stay apart.
        stay_apart = self.several and self.resolve is None and len(open_pairs) > 1
        if unresolved or stay_apart:
            side_by_side = _side_by_side(open_pairs, decided)
            joined = join_layers(version.layers for version in side_by_side)
            return Document(text, joined, answers, side_by_side, newest)
        counting = answers
        if self.resolve is not None and self.resolve.way == "annotator" and conflicts:
            # What one person decided for all is that person's, not of those who were overruled.
            counting = _counting(open_pairs, conflicts, self.resolve.annotator) or answers
        layers = join_layers([*parts, *decided])
        together = Version(", ".join(sorted({_who(each) for each in counting})), layers)
        return Document(text, layers, counting, (together,), newest)

    def _settle(
        self, datasets: Mapping[int, Mapping[str, Layers]], answered: AnsweredText
    ) -> tuple[list[Layers], list[Layer], list[Layer]]:
        """Settle each dataset by itself, as datasets may ask different things.

        Args:
            datasets: By dataset and annotator, what each says.
            answered: The text that they answered about.

        Returns:
            What each dataset comes to, the layers in which people differ, and those of them that
            stay open.
        """
        parts: list[Layers] = []
        conflicts: list[Layer] = []
        unresolved: list[Layer] = []
        for people in datasets.values():
            settled = settle(people, self.resolve, answered)
            parts.append(settled.layers)
            conflicts += settled.conflicts
            unresolved += settled.unresolved
        return parts, conflicts, unresolved


def parsed(content: str) -> Task:
    """Return an answer's content. It was checked when it was stored, so this is the fast way."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    return with_tokens(found if isinstance(found, dict) else loads_strict(content))


def is_adjudicated(answer: Answer) -> bool:
    """Tell whether an answer decides between several people's: it was given in a review."""
    return answer.stored.record.view_id == "review" or isinstance(
        answer.content.get("versions"), list
    )


def _alone(answer: Answer) -> Document | InvalidAnswer:
    """Return one answer as a document of its own, whatever was decided in it."""
    try:
        found = read_layers(answer)
        text = text_of(answer.content)
    except TaskError as error:
        return InvalidAnswer(answer, error.reason, error.what)
    layers = Layers() if isinstance(found, str) else found
    return Document(text, layers, (answer,), (Version(_who(answer), layers),))


def _who(answer: Answer) -> str:
    return answer.stored.annotator


def _counting(pairs: Sequence[Pair], conflicts: Sequence[Layer], name: str) -> tuple[Answer, ...]:
    """Return the answers of which something counts where one person has the last word.

    Args:
        pairs: The answers with what they say.
        conflicts: The layers in which people differ.
        name: The person.
    """
    decided = {"spans": None, "relations": None, "content": None}
    gone = {layer: None for layer in conflicts if layer in decided}
    found = []
    for answer, layers in pairs:
        cats = {} if "labels" in conflicts else layers.cats
        rest = replace(layers, cats=cats, **gone)  # type: ignore[arg-type]
        if _who(answer) == name or is_adjudicated(answer) or not rest.empty:
            found.append(answer)
    return tuple(found)


def _adjudicated(pairs: Sequence[Pair], counts: AnswerCounts) -> tuple[list[Layers], list[Pair]]:
    """Return the last adjudicated layers, and the answers without what these decide."""
    reviews = [layers for answer, layers in pairs if is_adjudicated(answer)]
    if not reviews:
        return [], list(pairs)
    counts.adjudicated += 1
    decided = Layers()
    for layers in reviews:
        decided = join_layers([without(decided, layers), layers])
    rest = [
        (answer, without(layers, decided)) for answer, layers in pairs if not is_adjudicated(answer)
    ]
    return [decided], [(answer, layers) for answer, layers in rest if not layers.empty]


def _people(pairs: Sequence[Pair]) -> dict[int, dict[str, Layers]]:
    """Return, by dataset and annotator, what each says; of the same question the last answer."""
    asked: dict[int, dict[str, dict[bytes, Layers]]] = {}
    for answer, layers in _with_others_choices(pairs):
        own = asked.setdefault(answer.stored.record.dataset_id, {}).setdefault(_who(answer), {})
        own[_question(answer)] = layers
    return {
        dataset: {who: join_layers(own.values()) for who, own in people.items()}
        for dataset, people in asked.items()
    }


def _with_others_choices(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Yield answers with the classes that others chose, and they did not, in each dataset."""
    datasets: dict[int, list[Pair]] = {}
    for pair in pairs:
        datasets.setdefault(pair[0].stored.record.dataset_id, []).append(pair)
    for group in datasets.values():
        given = [(a.stored.record.view_id, a.content, layers.cats) for a, layers in group]
        for (answer, layers), cats in zip(group, with_others_choices(given), strict=True):
            yield answer, (layers if cats == layers.cats else replace(layers, cats=cats))


def _question(answer: Answer) -> bytes:
    """Return what names the question that an answer is to, among those about one input.

    Where everything of a kind was asked for the view names it: two answers to "all spans of this
    text" are to one question, whatever they hold.
    """
    record = answer.stored.record
    if asks_for_all(record.view_id, answer.content):
        return f"all:{view_of(record.view_id, answer.content) or 'ner_manual'}".encode()
    if is_open_choice(record.view_id, answer.content):
        return b"all:choice"
    return record.identity.question_key or str(record.identity.task_hash).encode()


def _side_by_side(pairs: Sequence[Pair], decided: Sequence[Layers]) -> tuple[Version, ...]:
    own: dict[str, list[Layers]] = {}
    for people in _people(pairs).values():
        for who, layers in people.items():
            own.setdefault(who, []).append(layers)
    return tuple(Version(who, join_layers([*layers, *decided])) for who, layers in own.items())


def _count(conflicts: Sequence[Layer], counts: AnswerCounts) -> None:
    if conflicts:
        counts.inputs_in_conflict += 1
        counts.conflicts.update(set(conflicts))
