"""Converts tasks to spaCy's documents and back: tokens, spans, relations, sentences, examples."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from tui_annotate.task.schema import INPUT_HASH, TASK_HASH, Task
from tui_annotate.text.safe import without_surrogates


def text_of(task: Task) -> str:
    """Return the text of a task as spaCy can read it, of the same length.

    A lone surrogate, which JSON can hold, becomes U+FFFD.
    """
    return without_surrogates(str(task["text"]))


def tokens_of(part: Any) -> list[dict[str, Any]]:
    """Return the tokens of a `Doc` or `Span`, with offsets that count from its start."""
    first = part[0].idx if len(part) else 0
    return [
        {
            "text": token.text,
            "start": token.idx - first,
            "end": token.idx - first + len(token.text),
            "id": number,
            "ws": bool(token.whitespace_),
        }
        for number, token in enumerate(part)
    ]


def span_of(span: Any, part: Any, **extra: Any) -> dict[str, Any]:
    """Return a spaCy span as a task holds it, with offsets that count from the start of `part`."""
    first_character = part[0].idx if len(part) else 0
    first_token = part[0].i if len(part) else 0
    return {
        "start": span.start_char - first_character,
        "end": span.end_char - first_character,
        "token_start": span.start - first_token,
        "token_end": span.end - 1 - first_token,
        "label": span.label_,
        **extra,
    }


def parts_of(task: Task, doc: Any, *, whole: bool) -> list[tuple[Task, Any]]:
    """Return the sentences of a document as tasks, each with its part of the document.

    A text that is one sentence, or whose pipeline marks none, stays whole and keeps its hashes.

    Args:
        task: The task that the document was made of.
        doc: The document.
        whole: Leave it whole in any case.
    """
    known = not whole and doc.has_annotation("SENT_START")
    sentences = [s for s in doc.sents if s.text.strip()] if known else []
    if len(sentences) < 2:
        return [(dict(task), doc[:])]
    bare = {k: v for k, v in task.items() if k not in (INPUT_HASH, TASK_HASH, "tokens", "spans")}
    return [({**bare, "text": s.text}, s) for s in sentences]


def entity_scores(
    nlp: Any, docs: list[Any], width: int = 8, component: str = "ner"
) -> list[dict[tuple[int, int, str], float]]:
    """Return for each document its possible entities with their probabilities.

    Args:
        nlp: A pipeline with `ner`.
        docs: Documents.
        width: Analyses of a document that are compared.
        component: The name of its `ner`.

    Returns:
        (first token, token behind the last, label) -> 0 to 1.
    """
    ner = nlp.get_pipe(component)
    found = []
    for beam in ner.beam_parse(docs, beam_width=width):
        scores: dict[tuple[int, int, str], float] = {}
        for score, entities in ner.moves.get_beam_parses(beam):
            for first, last, label in entities:
                key = (first, last, label)
                scores[key] = scores.get(key, 0.0) + float(score)
        found.append({key: min(1.0, score) for key, score in scores.items()})
    return found


def arc_scores(
    nlp: Any, docs: list[Any], width: int = 8
) -> list[dict[tuple[int, int, str], float]]:
    """Return for each document its possible dependencies with their probabilities.

    Args:
        nlp: A pipeline with `parser`.
        docs: Documents.
        width: Analyses of a document that are compared.

    Returns:
        (head, child, label), numbers of tokens -> 0 to 1. A root is its own head, with the label
        `ROOT`.
    """
    parser = nlp.get_pipe("parser")
    found = []
    for doc, beam in zip(docs, parser.beam_parse(docs, beam_width=width), strict=True):
        scores: dict[tuple[int, int, str], float] = {}
        for score, arcs in parser.moves.get_beam_parses(beam):
            rest = set(range(len(doc))) - {child for _, child, _ in arcs}
            for key in [*arcs, *((root, root, "ROOT") for root in rest)]:
                scores[key] = scores.get(key, 0.0) + float(score)
        found.append({key: min(1.0, score) for key, score in scores.items()})
    return found


def label_scores(nlp: Any, docs: list[Any], component: str) -> list[list[dict[str, float]]]:
    """Return for each token of each document the probabilities of a component's labels.

    Args:
        nlp: A pipeline.
        docs: Documents that the pipeline has read.
        component: A component that gives every token one label: `tagger`, `morphologizer`,
            `senter`.
    """
    pipe, numpy = nlp.get_pipe(component), import_module("numpy")
    labels = list(pipe.labels)
    found = []
    for doc, rows in zip(docs, pipe.model.predict(docs), strict=True):
        values = rows.get() if hasattr(rows, "get") else rows
        if len(doc) and not (
            values.min() >= 0 and numpy.allclose(values.sum(axis=1), 1, atol=1e-3)
        ):
            # Most models leave out the last step, the softmax, where only the best is asked for.
            values = numpy.exp(values - values.max(axis=1, keepdims=True))
            values = values / values.sum(axis=1, keepdims=True)
        found.append([dict(zip(labels, map(float, row), strict=True)) for row in values])
    return found


def learn_from_refusals(nlp: Any, key: str) -> None:
    """Have `ner` take the spans under `key` of a training document as wrong ones.

    spaCy sets this when a component is made; a trained one keeps what it was trained with, so its
    transition system is given the key by way of its own serialisation.
    """
    srsly = import_module("srsly")
    moves = nlp.get_pipe("ner").moves
    data = srsly.msgpack_loads(moves.to_bytes())
    data["cfg"] = {**(data.get("cfg") or {}), "neg_key": key}
    moves.from_bytes(srsly.msgpack_dumps(data))


def training_examples(nlp: Any, answers: Iterable[Task], fill: Any) -> list[Any]:
    """Return spaCy's training examples of answers.

    Args:
        nlp: The pipeline.
        answers: Answers with `text`.
        fill: Called with an answer and its `Doc`; writes the annotation, or returns False where
            there is nothing to learn from it.
    """
    example = import_module("spacy.training").Example
    made = []
    for answer in answers:
        if answer.get("answer") == "ignore":
            continue
        reference = nlp.make_doc(text_of(answer))
        if fill(answer, reference) is not False:
            made.append(example(nlp.make_doc(reference.text), reference))
    return made


_LAYERS = ("tok2vec", "transformer", "curated_transformer")
"""Components that others read their vectors from."""


def update_component(nlp: Any, made: list[Any], component: str) -> float:
    """Update one component, and what it reads its vectors from, with examples; return its loss."""
    if not made:
        return 0.0
    losses: dict[str, float] = {}
    layers = [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory in _LAYERS]
    with nlp.select_pipes(enable=[*layers, component]):
        optimizer = nlp.resume_training()
        nlp.update(made, sgd=optimizer, losses=losses, drop=0.1)
    return float(losses.get(component, 0.0))


def set_parse(doc: Any, arcs: dict[int, tuple[int, str]]) -> None:
    """Write a tree into a document: head and label by the number of the child; others are roots."""
    numpy = import_module("numpy")
    arcs = {**{token.i: (token.i, "ROOT") for token in doc}, **arcs}
    rows = [(head - child, doc.vocab.strings.add(label)) for child, (head, label) in arcs.items()]
    values = numpy.array([(offset % 2**64, label) for offset, label in rows], dtype="uint64")
    doc.from_array(["HEAD", "DEP"], values)


def char_span(doc: Any, span: dict[str, Any]) -> Any:
    """Return a task's span in a document, None where it is not on its tokens."""
    return doc.char_span(int(span["start"]), int(span["end"]), label=str(span.get("label", "")))
