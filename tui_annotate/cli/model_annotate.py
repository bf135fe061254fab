"""`ner.model-annotate`, `spans.model-annotate`, `textcat.model-annotate`: a pipeline answers.

Its answers stand beside those of people, under a name of its own, for `review` and `agreement`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import compress, islice
from pathlib import Path
from typing import Any

import click

from tui_annotate.cli.annotator_name import checked_annotator
from tui_annotate.cli.console import BadRowReporter, Bar, say
from tui_annotate.cli.find_datasets import receiving_store
from tui_annotate.cli.stream_options import SOURCE_OPTIONS, read_as, with_params
from tui_annotate.data_paths import database_path
from tui_annotate.errors import UsageError
from tui_annotate.exchange.imported_answer import ImportedAnswer, arrival
from tui_annotate.exchange.importer import Importer
from tui_annotate.recipes.common import check_known, labels_of, options_of, texts, with_label
from tui_annotate.store.database import Store
from tui_annotate.stream.preprocess import add_hashes
from tui_annotate.stream.store_sources import use_store
from tui_annotate.stream.stream import Stream
from tui_annotate.suggest import spacy_docs
from tui_annotate.suggest.models import lacks_component, load_pipeline
from tui_annotate.task.hashing import Identity
from tui_annotate.task.schema import VIEW_ID
from tui_annotate.text.amounts import plural

_BATCH = 64
"""Texts that are read by the pipeline and then written, in one transaction: whoever leaves in the
midst loses the work on no more than these."""

Read = Callable[[Any], dict[str, Any]]
"""What a task gets of its `Doc`."""


def _share(_context: Any, _parameter: Any, value: float | None) -> float | None:
    if value is not None and not 0 <= value <= 1:
        raise click.BadParameter("it is a number from 0 to 1")
    return value


def _model_command(
    name: str, threshold: float | None, help_: str
) -> Callable[[Any], click.Command]:
    """Return a decorator that makes a command with the options that the three have in common.

    Args:
        name: The command.
        threshold: The score from which something is given, if none is said; None to leave that to
            the pipeline.
        help_: The help of `--threshold`.
    """
    options = [
        click.argument("dataset"),
        click.argument("spacy_model"),
        click.argument("source"),
        click.argument("model_alias", required=False),
        click.option(
            "--model-alias",
            "alias",
            metavar="NAME",
            help="The annotator's name, else the pipeline's",
        ),
        click.option(
            "-l", "--label", "--labels", "label", help="Only these labels (with commas, or a file)"
        ),
        click.option("-c", "--component", help="Component of the pipeline"),
        *SOURCE_OPTIONS,
        click.option(
            "-t",
            "--threshold",
            type=float,
            default=threshold,
            callback=_share,
            show_default=threshold is not None,
            help=help_,
        ),
    ]
    return lambda function: click.command(name)(with_params(options)(function))


@_model_command("ner.model-annotate", None, "Of the entities, only those of this score or more")
def ner(threshold: float | None, **given: Any) -> int:
    """Have SPACY_MODEL mark entities in SOURCE, as the annotator MODEL_ALIAS of DATASET.

    What this annotator has answered is not done again, so the same command goes on where it was
    left. A dataset that only models answer in leaves people asked about all; `review` and
    `agreement` take several. Exit code 1 where a row was no task; the others are in.
    """

    def prepare(nlp: Any, component: str, labels: list[str]) -> Read:
        if threshold is not None and nlp.get_pipe_meta(component).factory != "ner":
            what = f"the component {component!r} gives no scores"
            raise UsageError(what, where="--threshold", hint="Leave it out")

        def read(doc: Any) -> dict[str, Any]:
            found = [each for each in doc.ents if each.label_ in labels]
            if threshold is not None and found:
                (scores,) = spacy_docs.entity_scores(nlp, [doc], component=component)
                keys = ((each.start, each.end, each.label_) for each in found)
                likely = [scores.get(key, 0.0) >= threshold for key in keys]
                found = list(compress(found, likely))
            return {
                "tokens": spacy_docs.tokens_of(doc),
                "spans": [spacy_docs.span_of(each, doc) for each in found],
            }

        return read

    return _annotate("ner_manual", ("ner",), prepare, **given)


@_model_command("spans.model-annotate", 0.5, "Score from which a span is marked")
def spans(threshold: float, **given: Any) -> int:
    """Have SPACY_MODEL mark overlapping spans in SOURCE, as the annotator MODEL_ALIAS of DATASET.

    What this annotator has answered is not done again, so the same command goes on where it was
    left. A dataset that only models answer in leaves people asked about all; `review` and
    `agreement` take several. Exit code 1 where a row was no task; the others are in.
    """

    def prepare(nlp: Any, component: str, labels: list[str]) -> Read:
        pipe = nlp.get_pipe(component)
        key = getattr(pipe, "key", None) or "sc"
        settings = getattr(pipe, "cfg", None)
        if isinstance(settings, dict) and "threshold" in settings:
            settings["threshold"] = threshold  # which the component itself decides by

        def read(doc: Any) -> dict[str, Any]:
            found = [each for each in doc.spans.get(key, ()) if each.label_ in labels]
            return {
                "tokens": spacy_docs.tokens_of(doc),
                "spans": [spacy_docs.span_of(each, doc) for each in found],
            }

        return read

    return _annotate("spans_manual", ("spancat", "spancat_singlelabel"), prepare, **given)


@_model_command("textcat.model-annotate", 0.5, "Score from which a class is given")
def textcat(threshold: float, **given: Any) -> int:
    """Have SPACY_MODEL give classes to SOURCE, as the annotator MODEL_ALIAS of DATASET.

    One label is yes or no, several are a choice. What this annotator has answered is not done
    again, so the same command goes on where it was left. Exit code 1 where a row was no task; the
    others are in.
    """

    def prepare(nlp: Any, component: str, labels: list[str]) -> Read:
        single = nlp.get_pipe_meta(component).factory == "textcat"

        def read(doc: Any) -> dict[str, Any]:
            scores = {label: float(doc.cats.get(label, 0.0)) for label in labels}
            chosen = [label for label, score in scores.items() if score >= threshold]
            if len(labels) == 1:
                return {"label": labels[0], "answer": "accept" if chosen else "reject"}
            if single and chosen:
                chosen = [max(chosen, key=scores.__getitem__)]
            style = "single" if single else "multiple"
            return {
                "options": options_of(labels),
                "accept": chosen,
                "config": {"choice_style": style},
            }

        return read

    return _annotate("choice", ("textcat", "textcat_multilabel"), prepare, **given)


def _annotate(
    view_id: str,
    components: tuple[str, ...],
    prepare: Callable[[Any, str, list[str]], Read],
    *,
    dataset: str,
    spacy_model: str,
    source: str,
    model_alias: str | None,
    alias: str | None,
    label: str | None,
    component: str | None,
    loader: str | None,
    text_field: str | None,
    id_field: str | None,
    **given: Any,
) -> int:
    called = alias or model_alias or Path(spacy_model).name
    name = checked_annotator(called, "--model-alias", "MODEL_ALIAS")
    if alias and model_alias and alias != model_alias:
        raise UsageError(f"two names are given, {model_alias!r} and {alias!r}", where="MODEL_ALIAS")
    use_store(database_path())
    read_as(given)
    stream = texts(source, loader, text_field, id_field)
    stream.refused = refused = BadRowReporter(source)
    nlp, found = _pipeline(spacy_model, components, component)
    known = getattr(nlp.get_pipe(found), "labels", ())
    labels = labels_of(label, known, f" in {spacy_model!r}")
    if known:  # what a component of rules finds is not known beforehand
        check_known(labels, known, spacy_model)
    if view_id == "choice" and len(labels) == 1:
        view_id = "classification"
        stream.apply(with_label, label=labels[0])
    stream.apply(add_hashes)
    read = prepare(nlp, found, labels)
    with receiving_store() as store:
        work = _Work(store, dataset, name, view_id, stream)
        work.run(lambda texts_: (read(doc) for doc in nlp.pipe(texts_, batch_size=_BATCH)))
    return refused.tell()


def _pipeline(model: str, kinds: tuple[str, ...], component: str | None) -> tuple[Any, str]:
    """Return a pipeline and the name of its component of one of some kinds."""
    say(f"opening the pipeline {model}")
    nlp = load_pipeline(model, needs=component)
    if component:
        return nlp, component
    found = [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory in kinds]
    if not found and "ner" in kinds:  # rules write entities as well
        found = [n for n in nlp.pipe_names if "doc.ents" in nlp.get_pipe_meta(n).assigns]
    if not found:
        raise lacks_component(nlp, model, kinds)
    return nlp, found[0]


class _Work:
    """Writes a pipeline's answers, batch by batch; a batch is one transaction."""

    def __init__(
        self, store: Store, dataset: str, annotator: str, view_id: str, stream: Stream
    ) -> None:
        self._store, self._name, self._view = store, dataset, view_id
        self._annotator, self._session = annotator, f"{dataset}-{annotator}"
        self._stream = stream
        self._importer = Importer(store, dataset)
        self._dataset = self._importer.make_dataset()
        self._read = self._known = 0
        self._met: set[Identity] = set()

    def run(self, answer: Callable[[list[str]], Iterable[dict[str, Any]]]) -> None:
        """Answer what is not answered yet, and say how much that was, also where somebody leaves.

        Args:
            answer: Returns what a pipeline says about some texts, in their order.
        """
        bar = Bar(f"annotating {self._stream.source.name}", self._stream.source.count(), self._at)
        try:
            tasks = self._new()
            while batch := list(islice(tasks, _BATCH)):
                texts = [spacy_docs.text_of(task) for task in batch]
                made = zip(batch, answer(texts), strict=True)
                self._importer.add([self._arrival({**task, **found}) for task, found in made])
                bar.step(self._read)
        except (KeyboardInterrupt, SystemExit):
            bar.end()
            say(f"left after {plural(self._read, 'row')}: {self._said()}; the same command goes on")
            raise
        bar.end()
        say(self._said())

    def _at(self) -> int:
        return self._read

    def _said(self) -> str:
        report = self._importer.report
        known = self._known + report.known + report.repeated
        text = f"{plural(report.added, 'answer')} of {self._annotator} added to {self._name}"
        return f"{text}; {known:,} there already" if known else text

    def _new(self) -> Iterator[dict[str, Any]]:
        """Yield the tasks of the stream that the annotator has not answered."""
        dataset = self._dataset
        for task in self._stream:
            self._read += 1
            identity = self._arrival({**task}).identity
            there = self._store.lookup.answer_of(dataset.id, self._session, identity)
            if there is None and identity not in self._met:
                self._met.add(identity)
                yield task
            else:
                self._known += 1

    def _arrival(self, task: dict[str, Any]) -> ImportedAnswer:
        made = {**task, VIEW_ID: self._view}
        return arrival(made, annotator=self._annotator, settings=self._dataset.settings)
