"""Recipes for tags, dependencies and sentences that a spaCy pipeline proposes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from tui_annotate.job import Arg
from tui_annotate.recipes.common import (
    DATASET,
    LABEL,
    MODEL,
    SHARED,
    SOURCE,
    UNSEGMENTED,
    UPDATE,
    components,
    labels_of,
    texts,
)
from tui_annotate.recipes.registry import recipe
from tui_annotate.stream.stream import Stream
from tui_annotate.suggest import docs
from tui_annotate.suggest.model_thread import ModelThread
from tui_annotate.suggest.models import load_pipeline
from tui_annotate.task.schema import Task

Annotate = Callable[[Any], dict[str, Any]]

UNIVERSAL = (
    "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split()  # noqa: SIM905
)
"""The universal part-of-speech tags."""


@recipe(
    "pos.correct",
    contained=True,
    cosmetic=(),
    dataset=DATASET,
    model=MODEL,
    source=SOURCE,
    label=LABEL,
    unsegmented=UNSEGMENTED,
    fine_grained=Arg("--fine-grained", "-FG", help="The tags of the tagger, not the universal"),
    **SHARED,
)
def pos_correct(
    dataset: str,
    model: str,
    source: str,
    label: str | None = None,
    unsegmented: bool = False,
    fine_grained: bool = False,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Correct the part-of-speech tags that a pipeline gives."""
    nlp = load_pipeline(model, needs="tagger" if fine_grained else None)
    known = nlp.get_pipe("tagger").labels if fine_grained else UNIVERSAL
    labels = labels_of(label, known)

    def tags(part: Any) -> dict[str, Any]:
        named = [(token, token.tag_ if fine_grained else token.pos_) for token in part]
        return {"spans": [_token_span(t, part, name) for t, name in named if name in labels]}

    stream = texts(source, loader, text_field, id_field)
    _propose(stream, nlp, tags, whole=unsegmented)
    config = {"labels": labels, "exclude_by": "input", "ordered": True}
    return components(dataset, "pos_manual", stream, exclude, **config)


@recipe(
    "sent.correct",
    contained=True,
    cosmetic=(),
    dataset=DATASET,
    model=MODEL,
    source=SOURCE,
    **SHARED,
)
def sent_correct(
    dataset: str,
    model: str,
    source: str,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Correct where sentences begin: the label S on their first tokens."""
    nlp = load_pipeline(model)

    def starts(part: Any) -> dict[str, Any]:
        return {"spans": [_token_span(t, part, "S") for t in part if t.is_sent_start]}

    stream = texts(source, loader, text_field, id_field)
    _propose(stream, nlp, starts, whole=True)
    config = {"labels": ["S"], "exclude_by": "input", "ordered": True}
    return components(dataset, "pos_manual", stream, exclude, **config)


@recipe(
    "dep.correct",
    contained=True,
    cosmetic=("wrap", "update"),
    dataset=DATASET,
    model=MODEL,
    source=SOURCE,
    label=LABEL,
    update=UPDATE,
    unsegmented=UNSEGMENTED,
    wrap=Arg("--wrap", "-W", help="Taken for Prodigy's sake: text always wraps here"),
    **SHARED,
)
def dep_correct(
    dataset: str,
    model: str,
    source: str,
    label: str | None = None,
    update: bool = False,
    unsegmented: bool = False,
    wrap: bool = False,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Correct the dependencies that a pipeline finds."""
    nlp = load_pipeline(model, needs="parser")
    labels = labels_of(label, nlp.get_pipe("parser").labels, f" in {model!r}")

    def arcs(part: Any) -> dict[str, Any]:
        first = part[0].i if len(part) else 0
        found = [
            {"head": token.head.i - first, "child": token.i - first, "label": token.dep_}
            for token in part
            if token.dep_ in labels and part.start <= token.head.i < part.end
        ]
        return {"relations": found}

    stream = texts(source, loader, text_field, id_field)
    thread = _propose(stream, nlp, arcs, whole=unsegmented)
    config = {"labels": labels, "exclude_by": "input", "ordered": True, "wrap_relations": wrap}
    found = components(dataset, "relations", stream, exclude, **config)
    return {**found, **thread.learning(partial(_learn_arcs, nlp))} if update else found


def _learn_arcs(nlp: Any, answers: list[Task]) -> float:
    """Update the parser with the arcs that were accepted; others are as it finds them itself."""

    def fill(answer: Task, doc: Any) -> bool:
        read = nlp(doc.text)
        arcs = {token.i: (token.head.i, token.dep_) for token in read}
        arcs |= {r["child"]: (r["head"], r["label"]) for r in answer.get("relations") or ()}
        if answer.get("answer") != "accept" or not _is_tree(arcs):
            return False
        docs.set_parse(doc, arcs)
        return True

    return docs.update(nlp, docs.examples(nlp, answers, fill), "parser")


def _is_tree(arcs: dict[int, tuple[int, str]]) -> bool:
    """Tell whether every token leads to a root."""
    for token in arcs:
        at, steps = token, 0
        while at in arcs and arcs[at][0] != at and steps <= len(arcs):
            at, steps = arcs[at][0], steps + 1
        if at not in arcs or steps > len(arcs):
            return False
    return True


def _propose(stream: Stream, nlp: Any, annotate: Annotate, *, whole: bool) -> ModelThread:
    """Have a pipeline read the tasks ahead, and annotate each part of each; return its thread."""
    thread = ModelThread()
    stream.apply(thread.ahead, predict=partial(_read, nlp, annotate, whole))
    stream.apply(_flat)
    return thread


def _read(nlp: Any, annotate: Annotate, whole: bool, tasks: list[Task]) -> list[list[Task]]:
    found = []
    for task, doc in zip(tasks, nlp.pipe(str(task["text"]) for task in tasks), strict=True):
        parts = docs.parts_of(task, doc, whole=whole)
        found.append(
            [{**made, "tokens": docs.tokens_of(part), **annotate(part)} for made, part in parts]
        )
    return found


def _flat(groups: Iterable[list[Task]]) -> Iterator[Task]:
    for group in groups:
        yield from group


def _token_span(token: Any, part: Any, label: str) -> dict[str, Any]:
    span = docs.span_of(token.doc[token.i : token.i + 1], part)
    return {**span, "label": label}
