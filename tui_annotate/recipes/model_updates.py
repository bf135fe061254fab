"""Pipelines that score a stream and learn from answers, as recipe files combine them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Self

from tui_annotate.errors import UsageError
from tui_annotate.recipes import ner_model, textcat_model
from tui_annotate.recipes.silver import CompletedTexts
from tui_annotate.stream.preprocess import hashed
from tui_annotate.suggest import spacy_docs
from tui_annotate.task.schema import Task
from tui_annotate.task.task_tokens import with_words

Scored = tuple[float, Task]
_BATCH = 32


class _Kept:
    """A pipeline that a model of a recipe file is written to and read from as."""

    nlp: Any

    def to_disk(self, path: str | Path, **settings: Any) -> None:
        """Write the pipeline, with what it has learned, to a folder."""
        self.nlp.to_disk(path, **settings)

    def from_disk(self, path: str | Path, **settings: Any) -> Self:
        """Read the pipeline from a folder, and return the model."""
        self.nlp.from_disk(path, **settings)
        return self

    def to_bytes(self, **settings: Any) -> bytes:
        """Return the pipeline, with what it has learned, as bytes."""
        found: bytes = self.nlp.to_bytes(**settings)
        return found

    def from_bytes(self, data: bytes, **settings: Any) -> Self:
        """Read the pipeline from what `to_bytes` gave, and return the model."""
        self.nlp.from_bytes(data, **settings)
        return self


class EntityRecognizer(_Kept):
    """Scores the entities that a spaCy pipeline may find; each is one question.

    Args:
        nlp: A pipeline with `ner`.
        label: The labels that are asked about; all of the pipeline's by default.

    Raises:
        UsageError: The pipeline has no `ner`.
    """

    def __init__(self, nlp: Any, label: Iterable[str] | str | None = None) -> None:
        if "ner" not in nlp.pipe_names:
            raise UsageError("the pipeline has no component 'ner'", where="EntityRecognizer")
        self.nlp = nlp
        self.labels = _labels(label) or list(nlp.get_pipe("ner").labels)
        spacy_docs.learn_from_refusals(nlp, ner_model.WRONG)

    def __call__(self, stream: Iterable[Task], batch_size: int = _BATCH) -> Iterator[Scored]:
        """Yield scores, 0 to 1, with questions: hashed tasks with one span and their tokens."""
        for tasks in _batches(stream, batch_size):
            for made in ner_model.questions(self.nlp, self.labels, None, True, tasks):
                for score, task in hashed(made):
                    yield score, with_words(task, self.nlp)

    def make_best(self, answers: Iterable[Task], **_settings: Any) -> Iterator[Task]:
        """Yield each text of yes-and-no answers once: what was accepted stands, and of what the
        pipeline finds beside it what was not rejected."""
        return iter(CompletedTexts(list(answers), self.nlp, self.labels))

    def update(self, answers: list[Task], **_settings: Any) -> float:
        """Update the pipeline, in memory, with accepted and rejected questions; return the loss."""
        return ner_model.learn_one(self.nlp, answers)


class TextClassifier(_Kept):
    """Scores the classes that a spaCy pipeline gives; each label is one question.

    Args:
        nlp: A pipeline; one without `textcat` and `textcat_multilabel` gets the latter.
        labels: The labels that are asked about; all of the component's by default.
        component: The component's name.

    Raises:
        UsageError: The pipeline has no such component, and there are no labels for a new one.
    """

    def __init__(
        self,
        nlp: Any,
        labels: Iterable[str] | str | None = None,
        component: str | None = None,
        **_settings: Any,
    ) -> None:
        self.nlp = nlp
        if component in (None, *textcat_model.KINDS):
            textcat_model.begin_textcat(nlp, _labels(labels))
        self.component = textcat_model.find_textcat(nlp, component, "given")
        self.labels = _labels(labels) or list(nlp.get_pipe(self.component).labels)

    def __call__(self, stream: Iterable[Task], batch_size: int = _BATCH) -> Iterator[Scored]:
        """Yield scores, 0 to 1, with questions: hashed tasks with one label."""
        for tasks in _batches(stream, batch_size):
            for made in textcat_model.questions(self.nlp, self.labels, None, tasks):
                yield from hashed(made)

    def update(self, answers: list[Task], **_settings: Any) -> float:
        """Update the pipeline, in memory, with accepted and rejected questions; return the loss."""
        return textcat_model.learn_one(self.nlp, self.component, answers)


def _labels(given: Iterable[str] | str | None) -> list[str]:
    return given.split(",") if isinstance(given, str) else list(given or ())


def _batches(stream: Iterable[Task], size: int) -> Iterator[list[Task]]:
    source = iter(stream)
    while batch := list(islice(source, max(1, size))):
        yield batch
