"""Recipes for classes that a spaCy pipeline proposes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any

from tui_annotate.job import Arg
from tui_annotate.recipes.common import (
    COMPONENT,
    DATASET,
    LABEL,
    MODEL,
    PATTERNS,
    SHARED,
    SOURCE,
    UPDATE,
    check_known,
    components,
    labels_of,
    texts,
    without_hashes,
)
from tui_annotate.recipes.registry import recipe
from tui_annotate.stream.sorters import most_uncertain
from tui_annotate.suggest import spacy_docs
from tui_annotate.suggest.model_thread import ModelThread
from tui_annotate.suggest.models import lacks_component, load_pipeline
from tui_annotate.suggest.patterns import PatternMatcher, with_note
from tui_annotate.task.schema import Task, meta_of

Scored = tuple[float, Task]


def _share(text: str) -> float:
    """Return a number from 0 to 1; another one is a `ValueError`."""
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError("it is a number from 0 to 1")
    return value


KINDS = ("textcat", "textcat_multilabel")


@recipe(
    "textcat.correct",
    contained=True,
    cosmetic=("update",),
    dataset=DATASET,
    model=MODEL,
    source=SOURCE,
    label=LABEL,
    update=UPDATE,
    threshold=Arg("--threshold", "-t", help="Score from which a label is chosen", converter=_share),
    component=COMPONENT,
    **SHARED,
)
def correct(
    dataset: str,
    model: str,
    source: str,
    label: str | None = None,
    update: bool = False,
    threshold: float = 0.5,
    component: str | None = None,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Correct the classes that a pipeline gives."""
    nlp, thread = load_pipeline(model), ModelThread()
    name = find_textcat(nlp, component, model)
    labels = labels_of(label, nlp.get_pipe(name).labels, f" in {model!r}")
    stream = texts(source, loader, text_field, id_field)
    single = nlp.get_pipe_meta(name).factory == "textcat"
    stream.apply(thread.ahead, predict=partial(_chosen, nlp, labels, threshold, single))
    config = {
        "labels": labels,
        "choice_style": "single" if single else "multiple",
        "exclude_by": "input",
        "ordered": True,
    }
    found = components(dataset, "choice", stream, exclude, **config)
    learn = partial(_learn_all, nlp, name, labels)
    return {**found, **thread.learning(learn)} if update else found


def find_textcat(nlp: Any, component: str | None, model: str) -> str:
    """Return the name of the component that gives classes.

    Raises:
        UsageError: There is none, or none of that name.
    """
    wanted = (component,) if component else KINDS
    found = [name for name in nlp.pipe_names if name in wanted]
    if not found:
        raise lacks_component(nlp, model, wanted)
    return str(found[0])


def begin_textcat(nlp: Any, labels: Sequence[str]) -> bool:
    """Give a pipeline without classes a component that learns these labels; else return False.

    What it gives before it has learned is chance, the same at each start.
    """
    if not labels or any(kind in nlp.pipe_names for kind in KINDS):
        return False
    spacy, numpy = import_module("spacy"), import_module("numpy")
    states = random.getstate(), numpy.random.get_state()
    spacy.util.fix_random_seed(0)
    try:
        component = nlp.add_pipe("textcat_multilabel")
        classes = {"cats": dict.fromkeys(labels, 0.0)}
        first = spacy.training.Example.from_dict(nlp.make_doc("word"), classes)
        component.initialize(lambda: [first], nlp=nlp)
    finally:
        # A recipe's own chance goes on as if nothing had been drawn.
        random.setstate(states[0])
        numpy.random.set_state(states[1])
    return True


def _chosen(
    nlp: Any, labels: list[str], threshold: float, single: bool, tasks: list[Task]
) -> list[Task]:
    """Return the tasks with options and their scores; those from the threshold up are chosen, of
    classes of which one is right only the best."""
    found = []
    for task, doc in zip(tasks, nlp.pipe(map(spacy_docs.text_of, tasks)), strict=True):
        scores = {label: float(doc.cats.get(label, 0.0)) for label in labels}
        options = [
            {"id": label, "text": label, "meta": {"score": f"{score:.2f}"}}
            for label, score in scores.items()
        ]
        chosen = [label for label, score in scores.items() if score >= threshold]
        if single and chosen:
            chosen = [max(chosen, key=scores.__getitem__)]
        found.append({**task, "options": options, "accept": chosen})
    return found


def _learn_all(nlp: Any, component: str, labels: list[str], answers: list[Task]) -> float:
    def fill(answer: Task, doc: Any) -> bool:
        if answer.get("answer") != "accept":
            return False
        chosen = answer.get("accept") or []
        doc.cats = {label: float(label in chosen) for label in labels}
        return True

    return spacy_docs.update_component(
        nlp, spacy_docs.training_examples(nlp, answers, fill), component
    )


@recipe(
    "textcat.teach",
    contained=True,
    cosmetic=(),
    dataset=DATASET,
    model=MODEL,
    source=SOURCE,
    label=LABEL,
    patterns=PATTERNS,
    component=COMPONENT,
    **SHARED,
)
def teach(
    dataset: str,
    model: str,
    source: str,
    label: str | None = None,
    patterns: str | None = None,
    component: str | None = None,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Say yes or no to classes that the pipeline is least sure of; it learns meanwhile."""
    nlp, thread = load_pipeline(model), ModelThread()
    begun = not component and begin_textcat(nlp, labels_of(label) if label else ())
    name = find_textcat(nlp, component, model)
    labels = labels_of(label, nlp.get_pipe(name).labels, f" in {model!r}")
    check_known(labels, nlp.get_pipe(name).labels, model)
    matcher = PatternMatcher.from_file(patterns, nlp, labels) if patterns else None
    stream = texts(source, loader, text_field, id_field)
    if begun:
        stream.notices.append(
            f"{model} gives no classes: what is learned from your answers begins with chance"
        )
    stream.apply(thread.ahead, predict=partial(questions, nlp, labels, matcher))
    stream.apply(most_uncertain)
    config = {"labels": labels, "exclude_by": "task", "scattered": True}
    found = components(dataset, "classification", stream, exclude, **config)
    learn = partial(learn_one, nlp, name)
    return {**found, **thread.learning(learn)}


def questions(
    nlp: Any, labels: list[str], matcher: PatternMatcher | None, tasks: list[Task]
) -> list[list[Scored]]:
    """Return for each task one question a label, with its score."""
    found = []
    for task, doc in zip(tasks, nlp.pipe(map(spacy_docs.text_of, tasks)), strict=True):
        matches = matcher.matches(doc.text) if matcher is not None else []
        if matcher is not None and matcher.too_slow:
            task = with_note(task)
        made: list[Scored] = []
        for label in labels:
            score = float(doc.cats.get(label, 0.0))
            mine = [each for each in matches if each.label == label]
            meta: dict[str, Any] = {"score": round(score, 2)}
            question = {**without_hashes(task), "label": label}
            if mine:
                meta |= {"pattern": ", ".join(each.pattern for each in mine)}
                question["spans"] = [each.to_dict() for each in mine]
            question["meta"] = {**meta_of(task), **meta}
            # What a pattern matches is worth asking, however sure the pipeline is.
            made.append((0.5 if mine else score, question))
        found.append(made)
    return found


def learn_one(nlp: Any, component: str, answers: list[Task]) -> float:
    """Update with single decisions: nothing is known about the other labels."""

    def fill(answer: Task, doc: Any) -> bool:
        doc.cats = {str(answer["label"]): float(answer["answer"] == "accept")}
        return True

    return spacy_docs.update_component(
        nlp, spacy_docs.training_examples(nlp, answers, fill), component
    )
