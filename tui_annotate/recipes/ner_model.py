"""Recipes for entities and spans that a spaCy pipeline proposes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import Any

from tui_annotate.recipes.common import (
    COMPONENT,
    DATASET,
    LABEL,
    MODEL,
    PATTERNS,
    SHARED,
    SOURCE,
    UNSEGMENTED,
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
from tui_annotate.suggest.models import load_pipeline
from tui_annotate.suggest.patterns import PatternMatcher, with_note
from tui_annotate.task.schema import Task, meta_of

Scored = tuple[float, Task]


@recipe(
    "ner.correct",
    contained=True,
    cosmetic=("update",),
    dataset=DATASET,
    model=MODEL,
    source=SOURCE,
    label=LABEL,
    update=UPDATE,
    unsegmented=UNSEGMENTED,
    component=COMPONENT,
    **SHARED,
)
def correct(
    dataset: str,
    model: str,
    source: str,
    label: str | None = None,
    update: bool = False,
    unsegmented: bool = False,
    component: str = "ner",
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Correct the entities that a pipeline finds."""
    nlp, thread = load_pipeline(model, needs=component), ModelThread()
    labels = labels_of(label, nlp.get_pipe(component).labels, f" in {model!r}")
    propose = partial(_proposed, nlp, labels, unsegmented, lambda part: part.ents)
    stream = texts(source, loader, text_field, id_field)
    stream.apply(thread.ahead, predict=propose)
    stream.apply(chain.from_iterable)
    config = {"labels": labels, "exclude_by": "input", "ordered": True}
    found = components(dataset, "ner_manual", stream, exclude, **config)
    learn = partial(_learn_all, nlp, component)
    return {**found, **thread.learning(learn)} if update else found


@recipe(
    "spans.correct",
    contained=True,
    cosmetic=("update",),
    dataset=DATASET,
    model=MODEL,
    source=SOURCE,
    label=LABEL,
    update=UPDATE,
    component=COMPONENT,
    **SHARED,
)
def spans_correct(
    dataset: str,
    model: str,
    source: str,
    label: str | None = None,
    update: bool = False,
    component: str = "spancat",
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Correct the overlapping spans that a pipeline finds."""
    nlp, thread = load_pipeline(model, needs=component), ModelThread()
    pipe = nlp.get_pipe(component)
    key = getattr(pipe, "key", None) or "sc"
    labels = labels_of(label, getattr(pipe, "labels", ()), f" in {model!r}")

    def spans(part: Any) -> list[Any]:
        group = part.doc.spans.get(key, ())
        return [span for span in group if part.start <= span.start and span.end <= part.end]

    stream = texts(source, loader, text_field, id_field)
    stream.apply(thread.ahead, predict=partial(_proposed, nlp, labels, True, spans))
    stream.apply(chain.from_iterable)
    config = {"labels": labels, "exclude_by": "input", "ordered": True}
    found = components(dataset, "spans_manual", stream, exclude, **config)
    learn = partial(_learn_spans, nlp, component, key)
    return {**found, **thread.learning(learn)} if update else found


def _learn_spans(nlp: Any, component: str, key: str, answers: list[Task]) -> float:
    """Update with complete annotations: what is not marked is no span."""

    def fill(answer: Task, doc: Any) -> bool:
        if answer.get("answer") != "accept":
            return False
        doc.spans[key] = [s for s in (spacy_docs.char_span(doc, d) for d in answer["spans"]) if s]
        return True

    return spacy_docs.update_component(
        nlp, spacy_docs.training_examples(nlp, answers, fill), component
    )


def _proposed(
    nlp: Any, labels: list[str], whole: bool, spans: Callable[[Any], Any], tasks: list[Task]
) -> list[list[Task]]:
    """Return for each task its parts, with tokens and the spans that were found."""
    found = []
    for task, doc in zip(tasks, nlp.pipe(map(spacy_docs.text_of, tasks)), strict=True):
        made = []
        for part_task, part in spacy_docs.parts_of(task, doc, whole=whole):
            proposed = [spacy_docs.span_of(s, part) for s in spans(part) if s.label_ in labels]
            made.append({**part_task, "tokens": spacy_docs.tokens_of(part), "spans": proposed})
        found.append(made)
    return found


def _learn_all(nlp: Any, component: str, answers: list[Task]) -> float:
    """Update with complete annotations: what is not marked is no entity."""

    def fill(answer: Task, doc: Any) -> bool:
        if answer.get("answer") != "accept":
            return False
        doc.set_ents([s for s in (spacy_docs.char_span(doc, d) for d in answer["spans"]) if s])
        return True

    return spacy_docs.update_component(
        nlp, spacy_docs.training_examples(nlp, answers, fill), component
    )


@recipe(
    "ner.teach",
    contained=True,
    cosmetic=(),
    dataset=DATASET,
    model=MODEL,
    source=SOURCE,
    label=LABEL,
    patterns=PATTERNS,
    unsegmented=UNSEGMENTED,
    **SHARED,
)
def teach(
    dataset: str,
    model: str,
    source: str,
    label: str | None = None,
    patterns: str | None = None,
    unsegmented: bool = False,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Say yes or no to entities that the pipeline is least sure of; it learns meanwhile."""
    nlp, thread = load_pipeline(model, needs="ner"), ModelThread()
    known = nlp.get_pipe("ner").labels
    labels = labels_of(label, known, f" in {model!r}")
    if patterns is None:
        check_known(labels, known, model, "; others begin with --patterns")
    spacy_docs.learn_from_refusals(nlp, WRONG)
    matcher = PatternMatcher.from_file(patterns, nlp, labels) if patterns else None
    stream = texts(source, loader, text_field, id_field)
    stream.apply(thread.ahead, predict=partial(questions, nlp, labels, matcher, unsegmented))
    stream.apply(most_uncertain)
    config = {"labels": labels, "exclude_by": "task", "scattered": True}
    found = components(dataset, "ner", stream, exclude, **config)
    learn = partial(learn_one, nlp)
    return {**found, **thread.learning(learn)}


WRONG = "incorrect_spans"

UNLIKELY = 0.02
"""Below this probability an entity is no question."""


def questions(
    nlp: Any,
    labels: list[str],
    matcher: PatternMatcher | None,
    whole: bool,
    tasks: list[Task],
) -> list[list[Scored]]:
    """Return for each task its possible entities as questions, with their scores."""
    found = []
    piped = list(nlp.pipe(map(spacy_docs.text_of, tasks)))
    for task, doc in zip(tasks, piped, strict=True):
        made: list[Scored] = []
        for part_task, part in spacy_docs.parts_of(task, doc, whole=whole):
            # Of an empty part spaCy makes no text; such a task has one part, which is all of it.
            text = part.as_doc() if len(part) else doc
            matches = matcher.matches(text.text) if matcher is not None else []
            if matcher is not None and matcher.too_slow:
                part_task = with_note(part_task)
            (found_scores,) = spacy_docs.entity_scores(nlp, [text])
            scores = {k: p for k, p in found_scores.items() if k[2] in labels and p >= UNLIKELY}
            for key, score in sorted(scores.items()):
                made.append(_question(part_task, text, key, score))
            for each in matches:
                span = text.char_span(each.start, each.end, label=each.label)
                if span is not None and (span.start, span.end, each.label) not in scores:
                    key = (span.start, span.end, each.label)
                    # The model says nothing of it, so it is as uncertain as can be.
                    made.append(_question(part_task, text, key, 0.5, pattern=each.pattern))
        found.append(made)
    return found


def _question(task: Task, doc: Any, key: tuple[int, int, str], score: float, **meta: Any) -> Scored:
    first, last, label = key
    span = spacy_docs.span_of(doc[first:last], doc) | {"label": label, "score": round(score, 4)}
    made = {**without_hashes(task), "tokens": spacy_docs.tokens_of(doc), "spans": [span]}
    made["meta"] = {**meta_of(task), "score": round(score, 2), **meta}
    return score, {**made, "_is_binary": True}


def learn_one(nlp: Any, answers: list[Task]) -> float:
    """Update with single decisions: nothing is known about the rest of the text."""

    def fill(answer: Task, doc: Any) -> bool:
        spans = [
            s for s in (spacy_docs.char_span(doc, d) for d in answer["spans"]) if s is not None
        ]
        right = answer["answer"] == "accept"
        doc.set_ents(spans if right else [], default="missing")
        doc.spans[WRONG] = [] if right else spans
        return bool(spans)

    return spacy_docs.update_component(nlp, spacy_docs.training_examples(nlp, answers, fill), "ner")
