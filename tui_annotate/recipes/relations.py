"""Recipes for relations and coreference by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from tui_annotate.errors import UsageError
from tui_annotate.job import Arg
from tui_annotate.recipes.common import (
    DATASET,
    LABEL,
    PATTERNS,
    SHARED,
    SOURCE,
    TOKENIZER,
    components,
    labels_of,
    names,
    texts,
)
from tui_annotate.recipes.registry import recipe
from tui_annotate.sources.label_lists import read_labels
from tui_annotate.suggest import spacy_docs
from tui_annotate.suggest.model_thread import ModelThread
from tui_annotate.suggest.models import load_pipeline
from tui_annotate.suggest.patterns import PatternMatcher, add_matches, with_note
from tui_annotate.task.schema import Task
from tui_annotate.task.tokenize import tokenize


@recipe(
    "rel.manual",
    contained=True,
    cosmetic=("label", "wrap", "hide_arrow_heads"),
    dataset=DATASET,
    model=TOKENIZER,
    source=SOURCE,
    label=LABEL,
    span_label=Arg("--span-label", "-sl", help="Labels of spans, with commas or in a file"),
    patterns=PATTERNS,
    disable_patterns=Arg(
        "--disable-patterns", "-dpt", help="A file of patterns of tokens that are not annotated"
    ),
    add_ents=Arg("--add-ents", "-AE", help="Add the pipeline's entities as spans"),
    add_nps=Arg("--add-nps", "-AN", help="Add the pipeline's noun phrases as spans"),
    wrap=Arg("--wrap", "-W", help="Taken for Prodigy's sake: text always wraps here"),
    hide_arrow_heads=Arg("--hide-arrow-heads", "-HA", help="Draw arcs without tips"),
    **SHARED,
)
def rel_manual(
    dataset: str,
    source: str,
    label: str,
    model: str | None = None,
    span_label: str | None = None,
    patterns: str | None = None,
    disable_patterns: str | None = None,
    add_ents: bool = False,
    add_nps: bool = False,
    wrap: bool = False,
    hide_arrow_heads: bool = False,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Mark relations between words or spans by hand, and the spans too."""
    span_labels = read_labels(span_label) if span_label else []
    stream = texts(source, loader, text_field, id_field)
    _check_adding(model, add_ents=add_ents, add_nps=add_nps)
    nlp = load_pipeline(model) if model and (add_ents or add_nps or model != "blank:en") else None
    if nlp is not None:
        spans = partial(_spans, ents=add_ents, phrases=add_nps)
        stream.apply(ModelThread().ahead, predict=partial(_read, nlp, spans, lambda _: False))
    if patterns is not None:
        stream.apply(add_matches, matcher=PatternMatcher.from_file(patterns, nlp, None))
    if disable_patterns is not None:
        # They say where nothing is marked, so most files of them give no labels.
        matcher = PatternMatcher.from_file(disable_patterns, nlp, None, unlabelled="disabled")
        stream.apply(_disable, matcher=matcher)
    config = {
        "labels": read_labels(label),
        "relations_span_labels": span_labels,
        "wrap_relations": wrap,
        "hide_relations_arrow": hide_arrow_heads,
        "exclude_by": "input",
        "ordered": True,
    }
    return components(dataset, "relations", stream, exclude, **config)


def _check_adding(model: str | None, *, add_ents: bool, add_nps: bool) -> None:
    """Raise `UsageError` where spans are to be added, and there is no pipeline to find them."""
    for given, option in ((add_ents, "--add-ents"), (add_nps, "--add-nps")):
        if given and (model is None or model.startswith("blank:")):
            hint = "Write the name or folder of a pipeline before the file"
            raise UsageError("it needs a trained spaCy pipeline", where=option, hint=hint)


@recipe(
    "coref.manual",
    contained=True,
    cosmetic=("label", "show_arrow_heads"),
    dataset=DATASET,
    model=TOKENIZER,
    source=SOURCE,
    label=LABEL,
    pos_tags=Arg("--pos-tags", "-ps", help="Universal tags of what can corefer"),
    poss_pron_tags=Arg("--poss-pron-tags", "-pp", help="Fine-grained tags of possessive pronouns"),
    ner_labels=Arg("--ner-labels", "-nl", help="Labels of entities that are added as spans"),
    show_arrow_heads=Arg("--show-arrow-heads", "-AH", help="Draw arcs with tips"),
    **SHARED,
)
def coref_manual(
    dataset: str,
    source: str,
    model: str | None = None,
    label: str = "COREF",
    pos_tags: str = "NOUN,PROPN,PRON,DET",
    poss_pron_tags: str = "PRP$",
    ner_labels: str = "PERSON,ORG",
    show_arrow_heads: bool = False,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Mark what refers to the same thing by hand; the chains are listed below the text."""
    wanted, stream = set(names(ner_labels)), texts(source, loader, text_field, id_field)
    tags, possessive = set(names(pos_tags)), set(names(poss_pron_tags))
    if model is not None:
        nlp = load_pipeline(model)

        def entities(doc: Any) -> list[Any]:
            return [entity for entity in doc.ents if entity.label_ in wanted]

        def disabled(token: Any) -> bool:
            tagged = bool(token.pos_ or token.tag_)
            return tagged and token.pos_ not in tags and token.tag_ not in possessive

        stream.apply(ModelThread().ahead, predict=partial(_read, nlp, entities, disabled))
    config = {
        "labels": labels_of(label),
        "relations_chains": True,
        "hide_relations_arrow": not show_arrow_heads,
        "exclude_by": "input",
        "ordered": True,
    }
    return components(dataset, "relations", stream, exclude, **config)


def _read(
    nlp: Any,
    spans: Callable[[Any], list[Any]],
    disabled: Callable[[Any], bool],
    tasks: list[Task],
) -> list[Task]:
    """Return the tasks with tokens, and the spans of a pipeline beside those that they bring."""
    found = []
    for task, doc in zip(tasks, nlp.pipe(map(spacy_docs.text_of, tasks)), strict=True):
        tokens = spacy_docs.tokens_of(doc)
        for token, data in zip(doc, tokens, strict=True):
            if disabled(token):
                data["disabled"] = True
        proposed = [spacy_docs.span_of(span, doc) for span in spans(doc)]
        found.append({"tokens": tokens, **task, "spans": [*(task.get("spans") or ()), *proposed]})
    return found


def _spans(doc: Any, *, ents: bool, phrases: bool) -> list[Any]:
    found = list(doc.ents) if ents else []
    if phrases and doc.has_annotation("DEP"):
        taken = {token.i for span in found for token in span}
        chunks = (span for span in doc.noun_chunks if not taken & {t.i for t in span})
        found += [doc.char_span(s.start_char, s.end_char, label=s.label_ or "NP") for s in chunks]
    return found


def _disable(tasks: Iterable[Task], matcher: PatternMatcher) -> Iterator[Task]:
    """Yield the tasks with the tokens that patterns match marked as disabled."""
    for task in tasks:
        text = str(task["text"])
        tokens = task.get("tokens") or tokenize(text).to_dicts(text)
        matches = matcher.matches(text)
        if matcher.too_slow:
            task = with_note(task)
        for token in tokens:
            if any(m.start < token["end"] and token["start"] < m.end for m in matches):
                token["disabled"] = True
        yield {**task, "tokens": tokens}
