"""One export from the answers to the files, with an account of every answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tui_annotate.errors import ExportError, TaskError
from tui_annotate.exchange.atomic_files import whole_file, whole_folder
from tui_annotate.exchange.document import Document
from tui_annotate.exchange.documents import AnswerCounts, DocumentAssembler, InvalidAnswer
from tui_annotate.exchange.jsonl import InvalidAnswersFile
from tui_annotate.exchange.registry import Format, find_format
from tui_annotate.exchange.split import Split
from tui_annotate.exchange.writers import FormatSettings, Writer
from tui_annotate.store.database import Store
from tui_annotate.store.records import Dataset
from tui_annotate.task.spans import attributes_of, pieces_of
from tui_annotate.waiting import Waiting, here

SHOWN = 10
"""How many invalid documents are named one by one."""


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What is exported where.

    Attributes:
        format: The format.
        target: A file or folder that is not there yet; with `split` a folder.
        settings: What the format is told.
        assembler: Which answers are taken, and how they come together.
        split: Train, dev and test; None for one file.
        invalid: The side file for what cannot be written; None to refuse the export then.
        overwrite: Whether a file that is there may be replaced.
    """

    format: Format
    target: Path
    settings: FormatSettings = field(default_factory=FormatSettings)
    assembler: DocumentAssembler = field(default_factory=DocumentAssembler)
    split: Split | None = None
    invalid: Path | None = None
    overwrite: bool = False


@dataclass(slots=True)
class ExportReport:
    """What became of the answers.

    Attributes:
        counts: Of the answers.
        documents: How many were written, by part of the split; the part is empty without one.
        invalid: Reason -> how many could not be written.
        not_held: Layers that the format has no place for, with the number of documents.
        shown: The first of the invalid ones, in words.
        newest: The highest number of an answer that was written; 0 where none was.
    """

    counts: AnswerCounts = field(default_factory=AnswerCounts)
    documents: Counter[str] = field(default_factory=Counter)
    invalid: Counter[str] = field(default_factory=Counter)
    not_held: Counter[str] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)
    newest: int = 0

    @property
    def written(self) -> int:
        """How many documents were written."""
        return sum(self.documents.values())

    def refuse(self, each: InvalidAnswer) -> None:
        """Count what cannot be written."""
        self.invalid[each.reason] += 1
        if len(self.shown) < SHOWN:
            self.shown.append(f"{each.answer.where}: {each.what}")

    def as_dict(self) -> dict[str, Any]:
        """Return the account for programs."""
        counts = self.counts
        return {
            "documents": self.written,
            "parts": {name: count for name, count in self.documents.items() if name},
            "answers": counts.answers,
            "newest_answer": self.newest or None,
            "left_out": dict(counts.left_out),
            "merged": counts.merged,
            "adjudicated": counts.adjudicated,
            "conflicts": counts.inputs_in_conflict,
            "conflicts_by_layer": dict(counts.conflicts),
            "invalid": dict(self.invalid),
            "not_held": dict(self.not_held),
        }


def export(
    store: Store,
    datasets: Sequence[Dataset],
    plan: ExportPlan,
) -> ExportReport:
    """Write the answers of one or more datasets, and tell this thread's `Waiting` how far it is.

    Args:
        store: Where they are.
        datasets: Whose.
        plan: What is written where.

    Raises:
        Abandoned: Nobody waits for it any more; then nothing is there.
        ExportError: People differ and nothing says what counts, something cannot be written, there
            is nothing to write, or the file cannot be. Then nothing is there.
    """
    report = ExportReport()
    documents = plan.assembler.documents(store, datasets, report.counts)
    with ExitStack() as files:
        aside = None
        if plan.invalid is not None:
            aside = InvalidAnswersFile(
                files.enter_context(whole_file(plan.invalid, overwrite=plan.overwrite))
            )
            files.callback(aside.close)
        waiting = files.enter_context(counting())
        with _targets(plan, files) as writers:
            for number, each in enumerate(documents, 1):
                _one(each, plan, writers, report, aside)
                waiting.at(number)
        refuse_failed(report, plan.format.name, plan.assembler, aside is not None)
    return report


@contextmanager
def counting() -> Iterator[Waiting]:
    """Give whom this thread tells how many documents are written."""
    waiting = here()
    with waiting.on("writing documents", unit="documents"):
        yield waiting


def _one(
    each: Document | InvalidAnswer,
    plan: ExportPlan,
    writers: dict[str, Writer],
    report: ExportReport,
    aside: InvalidAnswersFile | None,
) -> None:
    if isinstance(each, Document):
        try:
            _refuse_what_misleads(each, plan.format)
            part = plan.split.of(each.key) if plan.split is not None else ""
            writers[part].write(each)
        except TaskError as error:
            each = InvalidAnswer(each.answers[0], error.reason, error.what)
        else:
            report.documents[part] += 1
            report.newest = max(report.newest, each.id, each.newest)
            _note_lost(each, plan, report)
            return
    report.refuse(each)
    if aside is not None:
        aside.write(each)


def _refuse_what_misleads(document: Document, format_: Format) -> None:
    """Refuse a document about which the format would say something that no annotator has said.

    Raises:
        TaskError: `no-text`: the format needs a text. `no-labels` and `no-spans`: nobody was asked
            for them, and a document without any would say that there are none. `incomplete`: only
            single spans were asked for, and the format would say that there are no others.
    """
    layers = document.layers
    if format_.rows:
        return
    if not document.has_text:
        raise TaskError(f"it has no text, which {format_.name} needs", reason="no-text")
    asked = layers.spans is not None
    has_typed_text = format_.typed and "user_input" in (layers.content or "")
    says_something_else = layers.cats or layers.relations or has_typed_text
    # A format that has a tag for every token says of each that it is outside of all spans.
    if not asked and (format_.every_token or not says_something_else):
        if "spans" not in format_.holds:
            raise TaskError("nobody was asked for labels of it", reason="no-labels")
        raise TaskError("nobody was asked for spans in it", reason="no-spans")
    if asked and not layers.complete and not format_.partial:
        what = "only single spans were asked for, so the rest of it is unknown"
        raise TaskError(what, reason="incomplete")


def _note_lost(document: Document, plan: ExportPlan, report: ExportReport) -> None:
    """Count in the report what a document has and the format cannot hold."""
    layers = document.layers
    held = plan.format.holds
    if layers.relations and "relations" not in held:
        report.not_held["relations"] += 1
    if layers.spans and "spans" not in held:
        report.not_held["spans"] += 1
    if layers.cats and "labels" not in held:
        report.not_held["labels"] += 1
    spans = layers.spans or () if "spans" in held else ()
    if "discontinuous" not in plan.format.keeps and any(len(pieces_of(each)) > 1 for each in spans):
        report.not_held["pieces of spans"] += 1
    if "attributes" not in plan.format.keeps and any(attributes_of(each) for each in spans):
        report.not_held["attributes of spans"] += 1


def refuse_failed(
    report: ExportReport, name: str, assembler: DocumentAssembler, aside: bool
) -> None:
    """Refuse an export that is not what was asked for.

    Args:
        report: The account of it.
        name: The format.
        assembler: What it was made with.
        aside: Whether what cannot be written was put aside.

    Raises:
        ExportError: People differ and nothing says what counts, something cannot be written, or
            there is nothing to write.
    """
    counts, invalid = report.counts, sum(report.invalid.values())
    first = f"and nothing was written; the first: {report.shown[0]}" if report.shown else ""
    if counts.inputs_in_conflict and assembler.resolve is None and not assembler.several:
        raise ExportError(
            f"several people's answers differ on {counts.inputs_in_conflict} of their inputs"
            f" ({_counted(counts.conflicts)}), {first}",
            hint="Say what counts: --resolve review, majority or annotator=NAME",
        )
    if invalid and not aside:
        raise ExportError(
            f"{invalid} of the documents cannot be written as {name} ({_counted(report.invalid)}),"
            f" {first}",
            hint="Correct them, or put them aside with --skip-invalid FILE",
        )
    if not report.written and not invalid:
        hint = f"Left out: {_counted(counts.left_out)}" if counts.left_out else None
        if hint and find_format(name).rows and counts.left_out.keys() & {"rejected", "ignored"}:
            hint += ". A document has what was accepted; --each writes every answer that is chosen"
        raise ExportError("there is nothing to export", hint=hint)


def _counted(counts: Counter[Any]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


@contextmanager
def _targets(plan: ExportPlan, files: ExitStack) -> Iterator[dict[str, Writer]]:
    """Give a writer for each part; they are closed at the end, before anything is renamed."""
    opened: dict[str, Writer] = {}
    try:
        for part, path in _paths(plan, files).items():
            parts = plan.split.names if plan.split is not None else ()
            opened[part] = plan.format.open(path, replace(plan.settings, parts=parts))
        yield opened
    except BaseException:
        for writer in opened.values():
            _close_quietly(writer)
        raise
    for writer in opened.values():
        writer.close()


def _paths(plan: ExportPlan, files: ExitStack) -> dict[str, Path]:
    if plan.split is not None:
        folder = files.enter_context(whole_folder(plan.target))
        paths = {name: folder / f"{name}{plan.format.ending}" for name in plan.split.names}
        if plan.format.folder:
            for path in paths.values():
                path.mkdir()
        return paths
    if plan.format.folder:
        return {"": files.enter_context(whole_folder(plan.target))}
    return {"": files.enter_context(whole_file(plan.target, overwrite=plan.overwrite))}


def _close_quietly(writer: Writer) -> None:
    """Close after an error, which is the one that counts."""
    try:
        writer.close()
    except Exception:  # noqa: BLE001, S110, RUF100
        return
