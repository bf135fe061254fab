"""A corpus for `spacy train`: documents with the layers of several datasets, and a config."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tui_annotate.errors import ExportError, TaskError, UsageError
from tui_annotate.exchange.atomic_files import whole_file, whole_folder
from tui_annotate.exchange.document import Answer, Document
from tui_annotate.exchange.documents import Assembler, Invalid
from tui_annotate.exchange.export_job import ExportReport, judge
from tui_annotate.exchange.optional_packages import need
from tui_annotate.exchange.skipped_file import Aside
from tui_annotate.exchange.spacy import WRONG, SpacyWriter, blank, make_doc, merge_docs
from tui_annotate.exchange.split import Split
from tui_annotate.exchange.writers import FormatSettings
from tui_annotate.store.database import Store
from tui_annotate.store.records import Dataset

COMPONENTS: dict[str, str] = {
    "ner": "spans",
    "spancat": "spans",
    "textcat": "labels",
    "textcat_multilabel": "labels",
}
"""spaCy's components, and the layer that each learns from."""

GROUP = "sc"
LONGEST = 12
"""The longest span, in tokens, that a new `spancat` suggests."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """The datasets that one component learns from.

    Attributes:
        component: A name in `COMPONENTS`.
        train: Datasets to learn from.
        held_out: Datasets to evaluate on; where there are none, a share of the inputs.
    """

    component: str
    train: tuple[Dataset, ...]
    held_out: tuple[Dataset, ...] = ()

    @property
    def ids(self) -> frozenset[int]:
        """The ids of all of them."""
        return frozenset(each.id for each in (*self.train, *self.held_out))


@dataclass(frozen=True, slots=True)
class Course:
    """What is to be learned from what.

    Attributes:
        lessons: One for each component.
        target: The folder that is written.
        assembler: Which answers are taken, and how they come together.
        lang: The language of the pipeline.
        eval_split: The share of the inputs to evaluate on, between 0 and 1.
        invalid: The side file for what cannot be written; None to refuse then.
    """

    lessons: tuple[Lesson, ...]
    target: Path
    assembler: Assembler = field(default_factory=Assembler)
    lang: str = "en"
    eval_split: float = 0.2
    invalid: Path | None = None

    @property
    def datasets(self) -> list[Dataset]:
        """All datasets, each once."""
        every = [each for lesson in self.lessons for each in (*lesson.train, *lesson.held_out)]
        return list({each.id: each for each in every}.values())

    def part(self, document: Document) -> str:
        """Return `train` or `dev`: held-out inputs are never learned from."""
        held_out = {each.id for lesson in self.lessons for each in lesson.held_out}
        if held_out:
            used = {answer.stored.record.dataset_id for answer in document.answers}
            return "dev" if used & held_out else "train"
        return Split((1 - self.eval_split, self.eval_split)).of(document.key)


@dataclass(slots=True)
class Seen:
    """What was found on the way, for the config and for people.

    Attributes:
        labels: Component -> label -> how often.
        longest: The longest span of `spancat`, in tokens.
        off_tokens: Spans that do not fit the tokens of the pipeline's own tokenizer.
        wrong: Entities that were said to be wrong.
    """

    labels: dict[str, Counter[str]] = field(default_factory=dict)
    longest: int = 1
    off_tokens: int = 0
    wrong: int = 0


def write_corpus(
    store: Store, course: Course, progress: Callable[[int], None] | None = None
) -> tuple[ExportReport, Seen]:
    """Write `train.spacy`, `dev.spacy` and `config.cfg` into a new folder.

    Raises:
        ExportError: As `run.export`, or one of the two parts has no documents.
        MissingExtra: spaCy is not installed.
    """
    spacy = need("spacy", "spacy", what="training")
    report, seen = ExportReport(), Seen()
    nlp = blank(spacy, course.lang)
    with ExitStack() as files:
        folder = files.enter_context(whole_folder(course.target))
        aside = None
        if course.invalid is not None:
            aside = Aside(files.enter_context(whole_file(course.invalid)))
            files.callback(aside.close)
        settings = FormatSettings(lang=course.lang)
        writers = {
            each: SpacyWriter(folder / f"{each}.spacy", settings) for each in ("train", "dev")
        }
        names = {each.id: each.name for each in course.datasets}
        for number, group in enumerate(store.grouped.inputs(store.grouped.ids(list(names)))):
            if progress is not None and number % 256 == 0:
                progress(number)
            taken = list(course.assembler.take(group, names, report.counts))
            _one(taken, course, writers, nlp, report, seen, aside)
        judge(report, "spacy", course.assembler, aside is not None)
        _check_parts(report)
        for writer in writers.values():
            writer.close()
        _write_config(folder, course, seen)
    return report, seen


def _one(
    taken: Sequence[Answer],
    course: Course,
    writers: Mapping[str, SpacyWriter],
    nlp: Any,
    report: ExportReport,
    seen: Seen,
    aside: Aside | None,
) -> None:
    report.counts.answers += len(taken)
    found = _learned(taken, course, report) if taken else {}
    if not isinstance(found, Invalid):
        try:
            _add(found, course, writers, nlp, report, seen)
            return
        except TaskError as error:
            found = Invalid(taken[0], error.reason, error.what)
    report.refuse(found)
    if aside is not None:
        aside.write(found)


def _learned(
    taken: Sequence[Answer], course: Course, report: ExportReport
) -> dict[str, Document] | Invalid:
    """Return, by component, what the answers to its datasets come to."""
    found: dict[str, Document] = {}
    for lesson in course.lessons:
        own = [each for each in taken if each.stored.record.dataset_id in lesson.ids]
        document = course.assembler.document(own, report.counts) if own else None
        if isinstance(document, Invalid):
            return document
        if document is None:
            continue
        layers, layer = document.layers, COMPONENTS[lesson.component]
        if layers.spans is not None if layer == "spans" else bool(layers.cats):
            found[lesson.component] = document
        else:
            report.counts.left_out[f"without {layer} for {lesson.component}"] += 1
    return found


def _add(
    found: Mapping[str, Document],
    course: Course,
    writers: Mapping[str, SpacyWriter],
    nlp: Any,
    report: ExportReport,
    seen: Seen,
) -> None:
    if not found:
        return
    parts = {course.part(document) for document in found.values()}
    part = "dev" if "dev" in parts else "train"
    docs = {}
    for component, document in found.items():
        key = GROUP if component == "spancat" else None
        docs[component] = make_doc(writers[part].vocab, document, key)
    doc = merge_docs(docs)
    plain = nlp.make_doc(doc.text)
    for component, document in found.items():
        _see(component, document, plain, seen)
    writers[part].add(doc)
    report.documents[part] += 1


def _see(component: str, document: Document, plain: Any, seen: Seen) -> None:
    counter = seen.labels.setdefault(component, Counter())
    if COMPONENTS[component] == "labels":
        counter.update(label for label, value in document.layers.cats.items() if value)
        return
    if component == "ner" and not document.layers.complete:
        seen.wrong += len(document.layers.refused)
    for span in document.layers.spans or ():
        counter[span.label] += 1
        fitting = plain.char_span(span.start, span.end)
        if fitting is None:
            seen.off_tokens += 1
        elif component == "spancat":
            seen.longest = max(seen.longest, len(fitting))


def _check_parts(report: ExportReport) -> None:
    for part, hint in (("train", "Add answers"), ("dev", "Add answers, or a larger --eval-split")):
        if not report.documents[part]:
            raise ExportError(f"no document is left for {part}.spacy", hint=hint)


def _write_config(folder: Path, course: Course, seen: Seen) -> None:
    init_config = need("spacy.cli.init_config", "spacy", what="training").init_config
    pipeline = [lesson.component for lesson in course.lessons]
    try:
        config = init_config(lang=course.lang, pipeline=pipeline, optimize="efficiency", gpu=False)
    except (ValueError, SystemExit):
        what = f"spaCy makes no config for {course.lang!r} with {', '.join(pipeline)}"
        raise UsageError(what, where="--lang") from None
    final = course.target.absolute()
    config["paths"]["train"] = str(final / "train.spacy")
    config["paths"]["dev"] = str(final / "dev.spacy")
    if "spancat" in pipeline:
        # Without this spaCy forgets the scores of each label.
        weights = config["training"].setdefault("score_weights", {})
        weights[f"spans_{GROUP}_per_type"] = None
        suggester = config["components"]["spancat"]["suggester"]
        suggester["sizes"] = list(range(1, min(max(seen.longest, 3), LONGEST) + 1))
    if seen.wrong:
        config["components"]["ner"]["incorrect_spans_key"] = WRONG
    config.to_disk(folder / "config.cfg")
