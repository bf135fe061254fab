"""Recipes for tags, dependencies and sentences that a spaCy pipeline proposes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain
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
    check_known,
    components,
    labels_of,
    texts,
    without_hashes,
)
from tui_annotate.recipes.registry import recipe
from tui_annotate.stream.sorters import most_uncertain
from tui_annotate.stream.stream import Stream
from tui_annotate.suggest import spacy_docs
from tui_annotate.suggest.model_thread import ModelThread
from tui_annotate.suggest.models import lacks_component, load_pipeline
from tui_annotate.task.schema import Task, meta_of

Annotate = Callable[[Any], dict[str, Any]]

Scored = tuple[float, Task]
Guess = tuple[float, dict[str, Any]]
"""How likely something is, and what it adds to a task."""

UNLIKELY = 0.02
"""Below this probability a tag or an arc is no question."""

FINE = Arg("--fine-grained", "-FG", help="The tags of the tagger, not the universal")

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
    fine_grained=FINE,
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
        known = answer.get("relations") or answer.get("arcs") or ()
        arcs |= {each["child"]: (each["head"], each["label"]) for each in known}
        if answer.get("arcs") and not _is_tree(arcs):
            # The one arc in question is right, so what makes a circle with it is wrong.
            head = answer["arcs"][0]["head"]
            arcs[head] = (head, "ROOT")
        if answer.get("answer") != "accept" or not _is_tree(arcs):
            return False
        spacy_docs.set_parse(doc, arcs)
        return True

    return spacy_docs.update_component(
        nlp, spacy_docs.training_examples(nlp, answers, fill), "parser"
    )


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
    stream.apply(chain.from_iterable)
    return thread


def _read(nlp: Any, annotate: Annotate, whole: bool, tasks: list[Task]) -> list[list[Task]]:
    found = []
    for task, doc in zip(tasks, nlp.pipe(map(spacy_docs.text_of, tasks)), strict=True):
        parts = spacy_docs.parts_of(task, doc, whole=whole)
        found.append(
            [
                {**made, "tokens": spacy_docs.tokens_of(part), **annotate(part)}
                for made, part in parts
            ]
        )
    return found


def _token_span(token: Any, part: Any, label: str) -> dict[str, Any]:
    span = spacy_docs.span_of(token.doc[token.i : token.i + 1], part)
    return {**span, "label": label}


@recipe(
    "pos.teach",
    contained=True,
    cosmetic=(),
    dataset=DATASET,
    model=MODEL,
    source=SOURCE,
    label=LABEL,
    unsegmented=UNSEGMENTED,
    fine_grained=FINE,
    **SHARED,
)
def pos_teach(
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
    """Say yes or no to the tags that the pipeline is least sure of; it learns meanwhile."""
    nlp = load_pipeline(model, needs="tagger" if fine_grained else None)
    component = "tagger" if fine_grained else _first(nlp, ("morphologizer", "tagger"), model)
    known = nlp.get_pipe("tagger").labels if fine_grained else UNIVERSAL
    labels = labels_of(label, known)
    check_known(labels, known, model)

    def guesses(part: Any) -> list[Guess]:
        (tokens,) = spacy_docs.label_scores(nlp, [part], component)
        return [
            (
                score,
                {
                    "spans": [_token_span(token, part, tag) | {"score": round(score, 4)}],
                    "meta": {"tag": tag},  # a word may be shorter than its tag
                },
            )
            for token, scores in zip(part, tokens, strict=True)
            for tag, score in sorted(_tags(token, scores, component, fine_grained).items())
            if tag in labels
        ]

    learn = partial(_learn_tag, nlp, component, fine_grained)
    stream = texts(source, loader, text_field, id_field)
    thread = _ask(stream, nlp, guesses, whole=unsegmented)
    config = {"labels": labels, "exclude_by": "task", "scattered": True}
    return {**components(dataset, "pos", stream, exclude, **config), **thread.learning(learn)}


def _tags(token: Any, scores: dict[str, float], component: str, fine: bool) -> dict[str, float]:
    """Return the tags that a token may have, with their probabilities."""
    if fine:
        return scores
    if component == "tagger":  # rules make a universal tag of the best of its own tags
        return {token.pos_: scores.get(token.tag_, 0.0)}
    found: dict[str, float] = {}
    for features, score in scores.items():
        parts = dict(part.split("=", 1) for part in features.split("|") if "=" in part)
        found[parts.get("POS", "")] = found.get(parts.get("POS", ""), 0.0) + score
    return found


def _learn_tag(nlp: Any, component: str, fine: bool, answers: list[Task]) -> float:
    """Update with single tags; nothing is known about the other words.

    A tagger learns from a refusal as well: a tag with `!` before it is a wrong one.
    """

    def fill(answer: Task, doc: Any) -> bool:
        at, right = _token_at(answer, doc), answer["answer"] == "accept"
        label = str(answer["spans"][0]["label"])
        if at is None:
            return False
        guess = nlp(doc.text)[at]
        if component == "tagger":
            if not fine and guess.pos_ != label:
                return False  # it is not known which of the tagger's own tags that would be
            tag = label if fine else guess.tag_
            doc[at].tag_ = tag if right else f"!{tag}"
            return True
        if not right or guess.pos_ != label:
            return False
        doc[at].pos_ = label
        doc[at].set_morph(str(guess.morph))
        return True

    return spacy_docs.update_component(
        nlp, spacy_docs.training_examples(nlp, answers, fill), component
    )


@recipe(
    "sent.teach",
    contained=True,
    cosmetic=(),
    dataset=DATASET,
    model=MODEL,
    source=SOURCE,
    **SHARED,
)
def sent_teach(
    dataset: str,
    model: str,
    source: str,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Say yes or no to beginnings of sentences that the pipeline is least sure of.

    The label S stands on the first token. A `senter` learns meanwhile, a parser does not.
    """
    nlp = load_pipeline(model)
    component = _first(nlp, ("senter", "parser"), model)

    def guesses(part: Any) -> list[Guess]:
        if component == "senter":
            (tokens,) = spacy_docs.label_scores(nlp, [part], component)
            scores = [each.get("S", 0.0) for each in tokens]
        else:
            scores = _starts(len(part), *spacy_docs.arc_scores(nlp, [part]))
        # That a text begins with a sentence is no question.
        return [
            (score, {"spans": [_token_span(token, part, "S") | {"score": round(score, 4)}]})
            for token, score in list(zip(part, scores, strict=True))[1:]
        ]

    stream = texts(source, loader, text_field, id_field)
    thread = _ask(stream, nlp, guesses, whole=True)
    config = {"labels": ["S"], "exclude_by": "task", "scattered": True}
    found = components(dataset, "pos", stream, exclude, **config)
    learns = component == "senter"
    return {**found, **thread.learning(partial(_learn_start, nlp))} if learns else found


def _starts(count: int, arcs: dict[tuple[int, int, str], float]) -> list[float]:
    """Return how likely each token begins a sentence.

    An arc over the place between two tokens says that no sentence begins there. The arcs of one
    child exclude each other, so their probabilities add up.
    """
    found = [1.0] * count
    for at in range(1, count):
        over = dict.fromkeys(range(count), 0.0)
        for (head, child, _), score in arcs.items():
            if (head < at) != (child < at):
                over[child] += score
        found[at] = max(0.0, 1.0 - max(over.values()))
    return found


def _learn_start(nlp: Any, answers: list[Task]) -> float:
    """Update with single beginnings; the other tokens are as the pipeline finds them itself."""

    def fill(answer: Task, doc: Any) -> bool:
        at = _token_at(answer, doc)
        if at is None:
            return False
        for token in nlp(doc.text):
            doc[token.i].is_sent_start = bool(token.is_sent_start)
        doc[at].is_sent_start = answer["answer"] == "accept"
        return True

    return spacy_docs.update_component(
        nlp, spacy_docs.training_examples(nlp, answers, fill), "senter"
    )


@recipe(
    "dep.teach",
    contained=True,
    cosmetic=(),
    dataset=DATASET,
    model=MODEL,
    source=SOURCE,
    label=LABEL,
    unsegmented=UNSEGMENTED,
    **SHARED,
)
def dep_teach(
    dataset: str,
    model: str,
    source: str,
    label: str | None = None,
    unsegmented: bool = False,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Say yes or no to the dependencies that the pipeline is least sure of.

    The parser learns from accepted ones meanwhile.
    """
    nlp = load_pipeline(model, needs="parser")
    known = nlp.get_pipe("parser").labels
    labels = labels_of(label, known, f" in {model!r}")
    check_known(labels, known, model)

    def guesses(part: Any) -> list[Guess]:
        (scores,) = spacy_docs.arc_scores(nlp, [part])
        return [
            (score, {"arcs": [{"head": head, "child": child, "label": name}]})
            for (head, child, name), score in sorted(scores.items())
            if name in labels
        ]

    stream = texts(source, loader, text_field, id_field)
    thread = _ask(stream, nlp, guesses, whole=unsegmented)
    config = {"labels": labels, "exclude_by": "task", "scattered": True}
    found = components(dataset, "dep", stream, exclude, **config)
    return {**found, **thread.learning(partial(_learn_arcs, nlp))}


def _first(nlp: Any, wanted: tuple[str, ...], model: str) -> str:
    """Return the first of some components that a pipeline has.

    Raises:
        UsageError: It has none of them.
    """
    for name in wanted:
        if name in nlp.pipe_names:
            return name
    raise lacks_component(nlp, model, wanted)


def _ask(
    stream: Stream, nlp: Any, guesses: Callable[[Any], list[Guess]], *, whole: bool
) -> ModelThread:
    """Have a pipeline read the tasks ahead, and ask about single guesses, the least sure first."""
    thread = ModelThread()
    stream.apply(thread.ahead, predict=partial(_questions, nlp, guesses, whole))
    stream.apply(most_uncertain)
    return thread


def _questions(
    nlp: Any, guesses: Callable[[Any], list[Guess]], whole: bool, tasks: list[Task]
) -> list[list[Scored]]:
    found = []
    for task, doc in zip(tasks, nlp.pipe(map(spacy_docs.text_of, tasks)), strict=True):
        made: list[Scored] = []
        for part_task, span in spacy_docs.parts_of(task, doc, whole=whole):
            part = span.as_doc() if len(span) else doc
            for score, guess in guesses(part):
                if score < UNLIKELY:
                    continue
                question = {
                    **without_hashes(part_task),
                    "tokens": spacy_docs.tokens_of(part),
                    **guess,
                }
                meta = {**meta_of(task), **guess.get("meta", {})}
                question["meta"] = {**meta, "score": round(score, 2)}
                made.append((score, {**question, "_is_binary": True}))
        found.append(made)
    return found


def _token_at(answer: Task, doc: Any) -> int | None:
    """Return the number of the token in question; None where the text has no such token now."""
    span = spacy_docs.char_span(doc, answer["spans"][0])
    return int(span.start) if span is not None and len(span) == 1 else None
