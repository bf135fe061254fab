"""Functions that prepare tasks before they are asked, by the names that recipe files use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tui_annotate.errors import SourceError
from tui_annotate.recipes.common import labels_of, with_label, with_options, without_hashes
from tui_annotate.recipes.file_helpers import file_to_b64
from tui_annotate.stream import preprocess
from tui_annotate.stream.preprocess import add_hashes
from tui_annotate.suggest import spacy_docs
from tui_annotate.task.schema import Task
from tui_annotate.task.tokenize import characters

_MEDIA = ("image", "audio", "video")


def add_tokens(
    nlp: Any,
    stream: Iterable[Task],
    skip: bool = False,
    overwrite: bool = False,
    use_chars: bool = False,
    **_settings: Any,
) -> Iterator[Task]:
    """Yield the tasks with the tokens of a spaCy pipeline.

    Args:
        nlp: A spaCy pipeline.
        stream: Tasks.
        skip: Accepted without effect: spans beside tokens are shown with a notice, none is dropped.
        overwrite: Take anew the tokens that tasks bring.
        use_chars: Every character, as readers see it, is a token; those that tasks bring go.
    """
    del skip
    if use_chars:
        return map(_by_character, stream)
    bare = ({k: v for k, v in task.items() if k != "tokens"} for task in stream)
    return preprocess.add_tokens(bare if overwrite else stream, nlp)


def _by_character(task: Task) -> Task:
    text = str(task.get("text") or "")
    found = [
        {"text": text[start:end], "start": start, "end": end, "id": number, "ws": False}
        for number, (start, end) in enumerate(characters(text))
    ]
    return {**task, "tokens": found}


def add_label_options_to_stream(stream: Iterable[Task], labels: Sequence[str]) -> Iterator[Task]:
    """Yield the tasks with the labels as options of a choice."""
    return with_options(stream, list(labels))


add_label_options = add_label_options_to_stream


def add_labels_to_stream(stream: Iterable[Task], labels: Sequence[str]) -> Iterator[Task]:
    """Yield each task once for each label, with that label in question."""
    for task in stream:
        for label in labels:
            yield from add_hashes(with_label([task], label))


def add_answer(stream: Iterable[Task], answer: str = "accept") -> Iterator[Task]:
    """Yield the tasks with an answer."""
    return ({**task, "answer": answer} for task in stream)


def resolve_labels(
    nlp: Any,
    component: str | None = "ner",
    recipe_labels: Sequence[str] | str | None = None,
    *_args: Any,
    **_settings: Any,
) -> list[str]:
    """Return the labels that are given, else those of a pipeline's component.

    Raises:
        UsageError: There are neither.
    """
    if recipe_labels:
        given = recipe_labels
        return labels_of(given) if isinstance(given, str) else list(given)
    known = nlp is not None and component in nlp.pipe_names
    return labels_of(None, nlp.get_pipe(component).labels if known else ())


def split_sentences(
    nlp: Any, stream: Iterable[Task], text_key: str = "text", min_length: int = 0, **_settings: Any
) -> Iterator[Task]:
    """Yield the sentences of longer texts as tasks of their own.

    Args:
        nlp: A spaCy pipeline that marks sentences.
        stream: Tasks.
        text_key: The field that is split.
        min_length: A text with fewer characters stays whole.
    """
    for task in stream:
        text = task.get(text_key)
        if not isinstance(text, str) or (min_length and len(text) < min_length):
            yield task
            continue
        for part, found in spacy_docs.parts_of(task, nlp(text), whole=False):
            split = found.start or found.end < len(found.doc)
            yield from add_hashes([{**part, text_key: found.text} if split else part])


def split_spans(stream: Iterable[Task], labels: Sequence[str] | None = None) -> Iterator[Task]:
    """Yield a task for each span, or each of some labels."""
    for task in stream:
        for span in task.get("spans") or ():
            if labels is None or span.get("label") in labels:
                yield from add_hashes([{**without_hashes(task), "spans": [span]}])


def make_ner_suggestions(
    stream: Iterable[Task],
    nlp: Any,
    component: str = "ner",
    labels: Sequence[str] | None = None,
    *_args: Any,
    **_settings: Any,
) -> Iterator[Task]:
    """Yield the tasks with tokens and the entities that a pipeline finds."""
    del component
    for task in stream:
        doc = nlp(str(task.get("text") or ""))
        spans = [spacy_docs.span_of(s, doc) for s in doc.ents if not labels or s.label_ in labels]
        yield {**task, "tokens": spacy_docs.tokens_of(doc), "spans": spans}


def make_spancat_suggestions(
    stream: Iterable[Task],
    nlp: Any,
    component: str = "spancat",
    labels: Sequence[str] | None = None,
    *_args: Any,
    **_settings: Any,
) -> Iterator[Task]:
    """Yield the tasks with tokens and the overlapping spans that a pipeline finds."""
    key = getattr(nlp.get_pipe(component), "key", None) or "sc"
    for task in stream:
        doc = nlp(str(task.get("text") or ""))
        found = [s for s in doc.spans.get(key, ()) if not labels or s.label_ in labels]
        spans = [spacy_docs.span_of(s, doc) for s in found]
        yield {**task, "tokens": spacy_docs.tokens_of(doc), "spans": spans}


def make_textcat_suggestions(
    stream: Iterable[Task],
    nlp: Any,
    component: str = "textcat",
    labels: Sequence[str] | None = None,
    threshold: float = 0.5,
    *_args: Any,
    **_settings: Any,
) -> Iterator[Task]:
    """Yield the tasks with options, those above the threshold chosen."""
    names = list(labels or nlp.get_pipe(component).labels)
    for task in with_options(stream, names):
        cats = nlp(str(task.get("text") or "")).cats
        yield {**task, "accept": [name for name in names if cats.get(name, 0.0) >= threshold]}


def fetch_media(
    stream: Iterable[Task], input_keys: Sequence[str] = _MEDIA, *, skip: bool = False
) -> Iterator[Task]:
    """Yield the tasks with the files that they name as data URIs; the path stays in `path`.

    Raises:
        SourceError: A file cannot be read; with `skip` its task is left out.
    """
    for task in stream:
        made = dict(task)
        try:
            for key in input_keys:
                value = task.get(key)
                if isinstance(value, str) and not value.startswith(("data:", "http:", "https:")):
                    made |= {key: file_to_b64(Path(value)), "path": task.get("path", value)}
        except SourceError:
            if not skip:
                raise
            continue
        yield made


def fetch_task_media(task: Task, input_keys: Sequence[str] = _MEDIA, **_settings: Any) -> Task:
    """Return a task with the files that it names as data URIs.

    Raises:
        SourceError: A file cannot be read.
    """
    return next(iter(fetch_media([task], input_keys)))


def fetch_images(stream: Iterable[Task], skip: bool = False) -> Iterator[Task]:
    """Yield the tasks with their pictures as data URIs, as `fetch_media` does."""
    return fetch_media(stream, ("image",), skip=skip)
