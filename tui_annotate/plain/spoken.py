"""What the plain face says: short lines that a screen reader speaks well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui_annotate.commands.table import ACTIONS
from tui_annotate.job import Job
from tui_annotate.plain.grammar import WORDS
from tui_annotate.session.records import Counts, Item
from tui_annotate.task.spans import Span

_AROUND = 25


def task_lines(item: Item, text: str, spans: Sequence[Span], counts: Counts) -> Iterator[str]:
    """Yield a task: its number, what is to go, its text, its spans."""
    to_go = f", {counts.to_go:,} to go" if counts.to_go is not None else ""
    again = f", answered before: {item.answer.record.answer}" if item.answer else ""
    yield ""
    yield f"Task {item.number}{to_go}{again}."
    yield from text.splitlines() or ["(empty)"]
    if spans:
        yield from span_lines(text, spans)


def span_lines(text: str, spans: Sequence[Span]) -> Iterator[str]:
    """Yield the spans with their numbers."""
    yield f"{len(spans):,} span{'' if len(spans) == 1 else 's'}" + ("." if not spans else ":")
    for number, span in enumerate(spans, 1):
        yield f"{number}: {span.label}, {_one_line(text[span.start : span.end])}"


def place_lines(text: str, found: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Yield places with what stands around them, to choose one."""
    for number, (start, end) in enumerate(found, 1):
        left = ("..." if start > _AROUND else "") + text[max(0, start - _AROUND) : start]
        right = text[end : end + _AROUND] + ("..." if end + _AROUND < len(text) else "")
        yield f"{number}: " + _one_line(f"{left}{text[start:end]}{right}")


def count_line(counts: Counts) -> str:
    """Return where the session stands."""
    parts = [f"{counts.done:,} answered"]
    if counts.to_go is not None:
        parts.append(f"{counts.to_go:,} to go")
    if counts.waiting:
        parts.append(f"{counts.waiting:,} waiting")
    return ", ".join(parts) + ". Everything is saved."


def why_lines(item: Item, source: str, job: Job) -> Iterator[str]:
    """Yield where a task comes from, and the guidelines."""
    row = f", row {item.row}" if item.row is not None else ""
    yield f"From {source}{row}."
    meta = item.task.get("meta")
    if isinstance(meta, dict):
        for key, value in meta.items():
            yield f"{key}: {value}"
    yield from job.guidelines


def help_lines(labels: Sequence[str]) -> Iterator[str]:
    """Yield all that can be written."""
    if labels:
        yield f"{labels[0].lower()} WORDS: make a span, asks which if the words stand there twice"
    for word in WORDS:
        names = " or ".join(word.names[:2])
        yield f"{names}{' ' + word.usage if word.usage else ''}: {word.help}"
    ids = [action.id for action in ACTIONS if action.target == "editor" and not action.stands_for]
    named = {name for word in WORDS for name in word.actions}
    rest = [name for name in ids if name not in named and not name.startswith("label_")]
    yield f"Editing commands by name: {', '.join(rest)}"


def label_lines(job: Job) -> Iterator[str]:
    """Yield the labels with their numbers, and what they are for."""
    for number, label in enumerate(job.labels, 1):
        about = job.description(label)
        yield f"{number}: {label}" + (f", {about}" if about else "")


def _one_line(text: str) -> str:
    return " ".join(text.split())
