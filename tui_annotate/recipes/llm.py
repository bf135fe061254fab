"""Recipes for what a language model proposes: `ner.llm.correct`, `spans.llm.correct`,
`textcat.llm.correct`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from tui_annotate.errors import UsageError
from tui_annotate.job import Arg
from tui_annotate.recipes.common import (
    DATASET,
    LABEL,
    SHARED,
    SOURCE,
    components,
    texts,
    with_label,
    with_options,
)
from tui_annotate.recipes.llm_config import ENDING, LABELS_BY_PLACE, take_config
from tui_annotate.recipes.llm_suggester import LlmSuggester, class_suggester, span_suggester
from tui_annotate.recipes.registry import recipe
from tui_annotate.sources.label_lists import read_labels
from tui_annotate.stream.stream import Stream
from tui_annotate.suggest.model_thread import ModelThread

MODEL_OPTIONS: dict[str, Arg] = {
    "model": Arg("--model", "-m", help="The model's name at the endpoint"),
    "endpoint": Arg(
        "--endpoint", help="Address, as http://127.0.0.1:8000/v1; else $OPENAI_BASE_URL"
    ),
    "key_variable": Arg(
        "--key-variable", help="Variable that holds the key; else OPENAI_API_KEY, if it is set"
    ),
    "prompt_path": Arg("--prompt-path", "-p", help="File with the prompt, with $text and $labels"),
    "timeout": Arg("--timeout", help="Seconds for one answer", converter=float),
    "temperature": Arg(
        "--temperature", help="0 (the default): the likeliest answer", converter=float
    ),
    "max_tokens": Arg("--max-tokens", help="The longest answer, in tokens", converter=int),
}
"""How a model is asked; the same for all recipes and commands with one."""

EXAMPLE_OPTIONS: dict[str, Arg] = {
    "examples_path": Arg("--examples-path", help="File of answered tasks that the prompt shows"),
    "max_examples": Arg(
        "--max-examples", "-n", help="Examples in the prompt at the most", converter=int
    ),
}
"""Where the examples in the prompt come from, beside flagged answers."""

AHEAD = Arg("--batch-size", "-b", help="Texts that the model is asked about ahead", converter=int)
VERBOSE = Arg("--verbose", "-v", help="Show prompt and answer below each text")
SEGMENT = Arg("--segment", "-S", help="Split texts into sentences; needs spaCy")
LANG = Arg("--lang", help="Language of the texts, for --segment")
EXCLUSIVE = Arg("--exclusive-classes", "-E", help="Exactly one label is right")

COSMETIC = (
    *MODEL_OPTIONS,
    *EXAMPLE_OPTIONS,
    "batch_size",
    "verbose",
)
"""Another model, or another prompt, asks the annotator about the same tasks."""


def labels_given(label: str | None, placed: str | None, source: str) -> list[str]:
    """Return the labels, given by their option or by their place.

    Raises:
        UsageError: There are none, or a configuration of spacy-llm stands in their place.
    """
    if (placed or "").endswith(ENDING):
        hint = f"Write it first: {placed} {source}"
        raise UsageError("a configuration stands before the source", where=placed, hint=hint)
    given = label or placed
    if not given:
        raise UsageError("no labels", where="--label", hint="Write --label A,B,C")
    return read_labels(given)


def split(stream: Stream, lang: str) -> None:
    """Have the texts of a stream split into sentences by spaCy's rules for a language."""
    # Only rows that are cut into sentences.
    from tui_annotate.recipes.stream_helpers import split_sentences
    from tui_annotate.suggest import load_for_commands, models  # as above: it loads spaCy

    nlp = models.load_pipeline(f"blank:{lang}")
    load_for_commands.ensure_sentencizer(nlp)
    stream.apply(lambda tasks: split_sentences(nlp, tasks))


def _stream(given: Mapping[str, Any]) -> Stream:
    """Return the texts of a recipe's source, in sentences if that is wanted."""
    stream = texts(given["source"], given["loader"], given["text_field"], given["id_field"])
    if given["segment"]:
        split(stream, given["lang"])
    return stream


def _components(
    suggester: LlmSuggester,
    view_id: str,
    stream: Stream,
    config: dict[str, Any],
    given: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the components of a recipe whose tasks a model looks at ahead of the annotator."""
    what = f"waiting for {suggester.client.endpoint.model}"
    thread = ModelThread(depth=max(0, given["batch_size"] - 1), largest=1, what=what)
    stream.apply(thread.ahead, predict=lambda tasks: [suggester.suggest(each) for each in tasks])
    if given["verbose"]:
        config = {**config, "blocks": [{"view_id": view_id}, {"view_id": "llm_io"}]}
        view_id = "blocks"
    found = components(given["dataset"], view_id, stream, given["exclude"], ordered=True, **config)
    return {**found, "update": suggester.learn, "on_exit": partial(_leave, suggester, thread)}


def _leave(suggester: LlmSuggester, thread: ModelThread, _ctrl: Any) -> str:
    suggester.client.close()
    thread.finish()
    return suggester.said()


def _spans(name: str, view_id: str, overlap: bool, summary: str) -> None:
    """Register the recipe of one view of spans."""

    @recipe(
        name,
        contained=False,
        cosmetic=("label", "labels", *COSMETIC),
        dataset=DATASET,
        source=SOURCE,
        labels=LABELS_BY_PLACE,
        label=LABEL,
        **MODEL_OPTIONS,
        **EXAMPLE_OPTIONS,
        segment=SEGMENT,
        lang=LANG,
        batch_size=AHEAD,
        verbose=VERBOSE,
        **SHARED,
    )
    def correct(
        dataset: str,
        source: str,
        labels: str | None = None,
        label: str | None = None,
        model: str | None = None,
        endpoint: str | None = None,
        key_variable: str | None = None,
        prompt_path: str | None = None,
        timeout: float = 60.0,
        temperature: float | None = None,
        max_tokens: int | None = None,
        examples_path: str | None = None,
        max_examples: int = 2,
        segment: bool = False,
        lang: str = "en",
        batch_size: int = 3,
        verbose: bool = False,
        loader: str | None = None,
        text_field: str | None = None,
        id_field: str | None = None,
        exclude: str | None = None,
    ) -> dict[str, Any]:
        given = take_config(locals(), name.partition(".")[0])
        names = labels_given(given["label"], given["labels"], given["source"])
        suggester = span_suggester(dataset, names, given, overlap=overlap)
        stream = _stream(given)
        config = {"labels": names, "exclude_by": "input"}
        return _components(suggester, view_id, stream, config, given)

    correct.__doc__ = summary


_spans("ner.llm.correct", "ner_manual", False, "Correct the entities that a language model finds.")
_spans("spans.llm.correct", "spans_manual", True, "Correct the spans that a language model finds.")


@recipe(
    "textcat.llm.correct",
    contained=False,
    cosmetic=COSMETIC,
    dataset=DATASET,
    source=SOURCE,
    labels=LABELS_BY_PLACE,
    label=LABEL,
    exclusive_classes=EXCLUSIVE,
    **MODEL_OPTIONS,
    **EXAMPLE_OPTIONS,
    segment=SEGMENT,
    lang=LANG,
    batch_size=AHEAD,
    verbose=VERBOSE,
    **SHARED,
)
def textcat_correct(
    dataset: str,
    source: str,
    labels: str | None = None,
    label: str | None = None,
    exclusive_classes: bool = False,
    model: str | None = None,
    endpoint: str | None = None,
    key_variable: str | None = None,
    prompt_path: str | None = None,
    timeout: float = 60.0,
    temperature: float | None = None,
    max_tokens: int | None = None,
    examples_path: str | None = None,
    max_examples: int = 2,
    segment: bool = False,
    lang: str = "en",
    batch_size: int = 3,
    verbose: bool = False,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Correct the classes that a language model gives."""
    given = take_config(locals(), "textcat")
    exclusive = given["exclusive_classes"]
    names = labels_given(given["label"], given["labels"], given["source"])
    suggester = class_suggester(dataset, names, given, exclusive=exclusive)
    stream = _stream(given)
    view_id, config = class_view(stream, names, exclusive=exclusive)
    return _components(suggester, view_id, stream, config, given)


def class_view(stream: Stream, labels: list[str], *, exclusive: bool) -> tuple[str, dict[str, Any]]:
    """Return the view and the settings that ask for classes; the tasks get what it needs."""
    if len(labels) == 1:
        stream.apply(with_label, label=labels[0])
        return "classification", {"labels": labels, "exclude_by": "task"}
    stream.apply(with_options, labels=labels)
    style = "single" if exclusive else "multiple"
    return "choice", {"labels": labels, "choice_style": style, "exclude_by": "input"}
