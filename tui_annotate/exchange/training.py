"""A corpus for `spacy train`: documents with the layers of several datasets, and a config."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tui_annotate.errors import ExportError, TaskError
from tui_annotate.exchange.atomic_files import whole_file, whole_folder
from tui_annotate.exchange.document import Answer, Document
from tui_annotate.exchange.documents import DocumentAssembler, InvalidAnswer
from tui_annotate.exchange.export_job import ExportReport, counting, refuse_failed
from tui_annotate.exchange.jsonl import InvalidAnswersFile
from tui_annotate.exchange.spacy import SpacyWriter, make_training_doc
from tui_annotate.exchange.split import Split
from tui_annotate.exchange.training_config import (
    BASE,
    BaseConfig,
    CorpusFacts,
    rename_values,
    set_base,
    set_corpus,
)
from tui_annotate.exchange.writers import FormatSettings, need
from tui_annotate.store.database import Store
from tui_annotate.store.records import Dataset

COMPONENTS: dict[str, str] = {
    "tagger": "spans",
    "parser": "relations",
    "senter": "spans",
    "ner": "spans",
    "spancat": "spans",
    "textcat": "labels",
    "textcat_multilabel": "labels",
}
"""spaCy's components in the order of a pipeline, and the layer that each learns from."""


@dataclass(frozen=True, slots=True)
class ComponentData:
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
class TrainingPlan:
    """What is to be learned from what.

    Attributes:
        lessons: One for each component.
        target: The folder that is written.
        assembler: Which answers are taken, and how they come together.
        basis: What the config begins with.
        eval_split: The share of the inputs to evaluate on, from 0 to below 1.
        invalid: The side file for what cannot be written; None to refuse then.
    """

    lessons: tuple[ComponentData, ...]
    target: Path
    assembler: DocumentAssembler = field(default_factory=DocumentAssembler)
    basis: BaseConfig = field(default_factory=BaseConfig)
    eval_split: float = 0.2
    invalid: Path | None = None

    @property
    def datasets(self) -> list[Dataset]:
        """All datasets, each once."""
        every = [each for lesson in self.lessons for each in (*lesson.train, *lesson.held_out)]
        return list({each.id: each for each in every}.values())

    def part(self, documents: Mapping[str, Document]) -> str:
        """Return `train` or `dev`: held-out inputs are never learned from.

        A component without held-out datasets has a share of its inputs held out.

        Args:
            documents: What is known about one input, by component.
        """
        for lesson in self.lessons:
            document = documents.get(lesson.component)
            if document is None:
                continue
            held_out = {each.id for each in lesson.held_out}
            used = {answer.stored.record.dataset_id for answer in document.answers}
            if used & held_out or (not held_out and self._held_out(document)):
                return "dev"
        return "train"

    def _held_out(self, document: Document) -> bool:
        split = Split((1 - self.eval_split, self.eval_split)) if self.eval_split else None
        return split is not None and split.of(document.key) == "dev"


class Corpus:
    """Collects the documents of a course, and what the config must know of them.

    Args:
        course: What is to be learned.
        folder: Where `train.spacy` and `dev.spacy` go.
        aside: Where what cannot be written goes.
    """

    def __init__(
        self, course: TrainingPlan, folder: Path, aside: InvalidAnswersFile | None = None
    ) -> None:
        self.report, self.seen = ExportReport(), CorpusFacts()
        self._components = [lesson.component for lesson in course.lessons]
        self.nlp = course.basis.pipeline(self._components)
        self._course, self._aside = course, aside
        settings = FormatSettings(lang=self.nlp.lang)
        self._writers = {
            part: SpacyWriter(folder / f"{part}.spacy", settings) for part, _ in _PARTS
        }

    def collect(self, store: Store) -> None:
        """Take the answers of all datasets.

        Raises:
            Abandoned: Nobody waits for it any more.
            ExportError: Some cannot be written, and there is no side file for them.
        """
        course = self._course
        names = {each.id: each.name for each in course.datasets}
        groups = store.grouped.inputs(store.grouped.ids(list(names)))
        with counting() as waiting:
            for number, group in enumerate(groups, 1):
                self._one(list(course.assembler.take(group, names, self.report.counts)))
                waiting.at(number)
        refuse_failed(self.report, "spacy", course.assembler, self._aside is not None)

    def close(self) -> None:
        """Write the two files.

        Raises:
            ExportError: One of them would be empty, or a component has no label to learn.
        """
        for part, hint in _PARTS:
            if not self.report.documents[part] and not self._unwanted(part):
                raise ExportError(f"no document is left for {part}.spacy", hint=hint)
        self.check_labels()
        for part, writer in self._writers.items():
            if self.report.documents[part] or not self._unwanted(part):
                writer.close()

    def _unwanted(self, part: str) -> bool:
        """Return whether nothing need be in a part: everything is wanted for training."""
        return part == "dev" and self._course.eval_split == 0

    def check_labels(self) -> None:
        """Check that every component has something to learn.

        Raises:
            ExportError: One has no label.
        """
        for component in self._components:
            if component != "senter" and not self.seen.labels.get(component):
                hint = "Leave its option out, or name a dataset whose answers have some"
                raise ExportError(f"no answer has a label for {component}", hint=hint)

    def config(self, folder: Path) -> Any:
        """Return the config, as `Basis.make` does."""
        return self._course.basis.make(self.nlp, self._components, self.seen, folder)

    def _one(self, taken: Sequence[Answer]) -> None:
        self.report.counts.answers += len(taken)
        found = _learned(taken, self._course, self.report) if taken else {}
        if not isinstance(found, InvalidAnswer):
            try:
                self._add(found)
                return
            except TaskError as error:
                found = InvalidAnswer(taken[0], error.reason, error.what)
        self.report.refuse(found)
        if self._aside is not None:
            self._aside.write(found)

    def _add(self, found: Mapping[str, Document]) -> None:
        if not found:
            return
        part = self._course.part(found)
        doc = make_training_doc(self.nlp.vocab, found)
        plain = self.nlp.make_doc(doc.text)
        for component, document in found.items():
            _see(component, document, plain, self.seen)
        self._writers[part].add(doc)
        self.report.documents[part] += 1
        self.seen.documents += part == "train"


_PARTS = (
    ("train", "Add answers on texts that no `eval:` dataset has: those are held out"),
    ("dev", "Add answers, or a larger --eval-split"),
)


def write_corpus(store: Store, course: TrainingPlan) -> tuple[ExportReport, CorpusFacts]:
    """Write `train.spacy`, `dev.spacy` and `config.cfg` into a new folder.

    Raises:
        ExportError: As `run.export`, or one of the two parts has no documents.
        MissingExtra: spaCy is not installed.
    """
    with ExitStack() as files:
        folder = files.enter_context(whole_folder(course.target))
        corpus = Corpus(course, folder, _open_aside(course, files))
        corpus.collect(store)
        corpus.close()
        config = corpus.config(folder)
        final = course.target.absolute()
        set_corpus(
            config, final, [part for part, count in corpus.report.documents.items() if count]
        )
        set_base(config, folder, final)
        config.to_disk(folder / "config.cfg")
    return corpus.report, corpus.seen


def collect_docs(store: Store, course: TrainingPlan, nlp: Any) -> dict[str, list[Any]]:
    """Return the documents of `train` and `dev` as spaCy holds them; nothing is written.

    Args:
        store: The store.
        course: What is to be learned; its target, basis and side file do not matter.
        nlp: The pipeline whose vocabulary they have.

    Raises:
        ExportError: Some cannot be held, or people differ and nothing says what counts.
    """
    report = ExportReport()
    found: dict[str, list[Any]] = {part: [] for part, _ in _PARTS}
    names = {each.id: each.name for each in course.datasets}
    for group in store.grouped.inputs(store.grouped.ids(list(names))):
        taken = list(course.assembler.take(group, names, report.counts))
        learned = _learned(taken, course, report) if taken else {}
        if not isinstance(learned, InvalidAnswer):
            try:
                if learned:
                    found[course.part(learned)].append(make_training_doc(nlp.vocab, learned))
                    report.documents[course.part(learned)] += 1
                continue
            except TaskError as error:
                learned = InvalidAnswer(taken[0], error.reason, error.what)
        report.refuse(learned)
    refuse_failed(report, "spacy", course.assembler, aside=False)
    return found


def _open_aside(course: TrainingPlan, files: ExitStack) -> InvalidAnswersFile | None:
    """Open the file for what is put aside, where one is named; `files` closes it."""
    if course.invalid is None:
        return None
    aside = InvalidAnswersFile(files.enter_context(whole_file(course.invalid, overwrite=None)))
    files.callback(aside.close)
    return aside


def write_config(store: Store, course: TrainingPlan) -> tuple[ExportReport, CorpusFacts]:
    """Write only the config that suits the answers, with no corpus named in it, to a new file.

    A base pipeline that had to be given labels is saved in a folder beside the file.

    Args:
        store: The store.
        course: What is to be learned; its target is the file.

    Raises:
        ExportError: As `write_corpus`, but for parts without documents.
        MissingExtra: spaCy is not installed.
    """
    with ExitStack() as files:
        staged = files.enter_context(whole_file(course.target, overwrite=None))
        folder = Path(files.enter_context(TemporaryDirectory(prefix="tui-annotate-config-")))
        corpus = Corpus(course, folder, _open_aside(course, files))
        corpus.collect(store)
        corpus.check_labels()
        config = corpus.config(folder)
        if (folder / BASE).is_dir():
            beside = course.target.absolute().with_name(f"{course.target.stem}-{BASE}")
            with whole_folder(beside) as made:
                shutil.copytree(folder / BASE, made, dirs_exist_ok=True)
            rename_values(config, str(folder / BASE), str(beside))
            corpus.seen.notes.append(f"{beside.name} has the base pipeline with the new labels")
        config.to_disk(staged)
    return corpus.report, corpus.seen


def share_corpus(corpus: Path, target: Path, share: float) -> int:
    """Write a share of a corpus's training documents, and return how many these are.

    A smaller share is part of each larger one, and the same corpus gives the same shares.

    Args:
        corpus: The folder that has `train.spacy`.
        target: The file to write.
        share: Above 0, up to 1.
    """
    doc_bin = need("spacy.tokens", "spacy", what="training").DocBin
    vocab = need("spacy", "spacy", what="training").blank("xx").vocab
    docs = list(doc_bin().from_disk(corpus / "train.spacy").get_docs(vocab))
    docs.sort(key=lambda doc: blake2b(doc.text.encode(), digest_size=8).digest())
    count = max(1, round(share * len(docs)))
    doc_bin(docs=docs[:count]).to_disk(target)
    return count


def _learned(
    taken: Sequence[Answer], course: TrainingPlan, report: ExportReport
) -> dict[str, Document] | InvalidAnswer:
    """Return, by component, what the answers to its datasets come to."""
    found: dict[str, Document] = {}
    for lesson in course.lessons:
        own = [each for each in taken if each.stored.record.dataset_id in lesson.ids]
        document = course.assembler.document(own, report.counts) if own else None
        if isinstance(document, InvalidAnswer):
            return document
        if document is None:
            continue
        layer = COMPONENTS[lesson.component]
        if _has(layer, document):
            found[lesson.component] = document
        else:
            report.counts.left_out[f"without {layer} for {lesson.component}"] += 1
    return found


def _has(layer: str, document: Document) -> bool:
    layers = document.layers
    if layer == "labels":
        return bool(layers.cats)
    return (layers.spans if layer == "spans" else layers.relations) is not None


def _see(component: str, document: Document, plain: Any, seen: CorpusFacts) -> None:
    counter = seen.labels.setdefault(component, Counter())
    if COMPONENTS[component] == "labels":
        counter.update(label for label, value in document.layers.cats.items() if value)
        return
    if COMPONENTS[component] == "relations":
        counter.update(relation["label"] for relation in document.layers.relations or ())
        return
    if component == "ner" and not document.layers.complete:
        seen.wrong += len(document.layers.refused)
    for span in document.layers.spans or ():
        counter[span.label] += 1
        # spaCy learns whole tokens; a span that cuts one is lost to the training, which is told.
        fitting = plain.char_span(span.start, span.end)
        if fitting is None:
            seen.off_tokens += 1
            seen.first_off = seen.first_off or plain.text[span.start : span.end]
        elif component == "spancat":
            seen.longest = max(seen.longest, len(fitting))
