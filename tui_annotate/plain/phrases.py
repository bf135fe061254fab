"""What the plain face says: short lines that a screen reader speaks well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui_annotate.commands.end_page import next_commands
from tui_annotate.commands.table import ACTIONS
from tui_annotate.editors.sheet import Paragraph, Sheet
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.job import Job
from tui_annotate.plain.grammar import WORDS
from tui_annotate.restricted import is_login
from tui_annotate.session.types import Item, SessionCounts
from tui_annotate.task.spans import Span
from tui_annotate.views import find_view

_AROUND = 25
_SAID = 10
"""Labels that are said before the first task."""


def head_lines(item: Item, counts: SessionCounts) -> Iterator[str]:
    """Yield what stands above a task: its number, and what is to go."""
    to_go = f", {counts.to_go_words}" if counts.to_go_words else ""
    again = f", answered before: {item.answer.record.answer}" if item.answer else ""
    yield ""
    yield f"Task {item.number}{to_go}{again}."


def text_lines(text: str, spans: Sequence[Span]) -> list[str]:
    """Return a text, and its spans if there are any."""
    return [*(text.splitlines() or ["(empty)"]), *(span_lines(text, spans) if spans else ())]


def sheet_lines(sheet: Sheet) -> Iterator[str]:
    """Yield what a view shows that is no single text with spans."""
    for each in sheet:
        yield from _paragraph(each)


def answer_lines(sheet: Sheet) -> Iterator[str]:
    """Yield that part of it which is not there to be read before an answer, such as options."""
    return sheet_lines(tuple(each for each in sheet if not each.content))


def changed_lines(before: Sheet, after: Sheet) -> Iterator[str]:
    """Yield what is other than before; of a text only its spans."""
    heard, texts = set(map(_heard, before)), {each.text for each in before}
    for each in after:
        if _heard(each) in heard:
            continue
        if each.content and each.text in texts:
            yield from span_lines(each.text, each.spans)
        else:
            yield from _paragraph(each)


def _paragraph(paragraph: Paragraph) -> Iterator[str]:
    prefix, lines = _prefix(paragraph), paragraph.text.splitlines()
    if prefix or lines:
        yield " ".join(part for part in (prefix, *lines[:1]) if part)
    yield from lines[1:]
    if paragraph.spans:
        yield from span_lines(paragraph.text, paragraph.spans)


def _heard(paragraph: Paragraph) -> tuple[str, str, tuple[tuple[int, int, str], ...]]:
    spans = tuple((span.start, span.end, span.label) for span in paragraph.spans)
    return _prefix(paragraph), paragraph.text, spans


def _prefix(paragraph: Paragraph) -> str:
    """Return what stands before a paragraph without the mark of the cursor."""
    return " ".join(paragraph.prefix.replace(">", " ").split())


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


def place_line(editor: SpanEditor) -> str:
    """Return what the next command is about: a selection, a span, a point or a token."""
    span = editor.focus
    start, end = editor.selection or editor.reach or editor.cursor_range
    if editor.selection is None and span is not None:
        return f"At {span.label}, {_one_line(editor.text[span.start : span.end])}"
    words = _one_line(editor.text[start:end])
    return f"Selected: {words}" if editor.selection is not None else f"At {words}"


def count_line(counts: SessionCounts, job: Job) -> str:
    """Return where the session stands, by decision where the job shows that (`show_stats`)."""
    decisions = counts.decisions if job.config.get("show_stats") else ""
    parts = [f"{counts.done:,} answered" + (f" ({decisions})" if decisions else "")]
    if counts.to_go_words:
        parts.append(counts.to_go_words)
    if counts.not_asked:
        parts.append(f"{counts.not_asked:,} not asked")
    if counts.waiting:
        parts.append(f"{counts.waiting:,} waiting")
    return ", ".join(parts) + ". Everything is saved."


def why_lines(item: Item, source: str, job: Job) -> Iterator[str]:
    """Yield where a task comes from, and the guidelines."""
    # Beside tasks with known answers rows would tell: such a task has none of its own.
    row = f", row {item.row}" if item.row is not None and not job.silent else ""
    yield f"From {source}{row}."
    meta = item.task.get("meta")
    if isinstance(meta, dict):
        for key, value in meta.items():
            yield f"{key}: {value}"
    yield from job.guidelines


def help_lines(labels: Sequence[str], spans: bool, choices: bool) -> Iterator[str]:
    """Yield all that can be written.

    Args:
        labels: Labels or options.
        spans: Whether they are given to words.
        choices: Whether they are chosen.
    """
    if labels and spans:
        yield f"{labels[0].lower()} WORDS: make a span, asks which if the words stand there twice"
    if labels and choices:
        yield f"{labels[0].lower()}: choose it, where there are options or a relation is drawn"
    for word in WORDS:
        names = " or ".join(word.names[:2])
        yield f"{names}{' ' + word.usage if word.usage else ''}: {word.help}"
    ids = [action.id for action in ACTIONS if action.target == "editor" and not action.stands_for]
    named = {name for word in WORDS for name in word.actions}
    rest = [name for name in ids if name not in named and not name.startswith("label_")]
    yield f"Editing commands by name: {', '.join(rest)}"


def marking_lines(job: Job) -> Iterator[str]:
    """Yield, for a job in which words are marked, which labels there are and how one marks."""
    view, labels = find_view(job.view_id), job.labels
    if job.reviews:
        yield (
            "Write 1, 2 and so on to take that version, or version all, shared or most to put "
            "them together; versions says them again, reason says why people differ."
        )
    if not (labels and view.one_text and view.takes_labels):
        return
    numbers = ("" if job.reviews else f"{number} " for number in range(1, _SAID + 1))
    said = ", ".join(f"{number}{label}" for number, label in zip(numbers, labels, strict=False))
    more = f" and {len(labels) - _SAID:,} more" if len(labels) > _SAID else ""
    how = f"Write a label and the words to mark them: {labels[0].lower()} WORDS."
    yield f"Labels: {said}{more}. {how}"


def next_lines(job: Job, counts: SessionCounts) -> Iterator[str]:
    """Yield what can be done where nothing is left: commands for a shell only who has one."""
    yield "u goes back to the answers, q leaves."
    if counts.done and not is_login():
        yield "What next, in a shell:"
        for what, command in next_commands(job, counts):
            yield f"{what}: {command}"


def label_lines(names: Sequence[str], job: Job) -> Iterator[str]:
    """Yield labels or options with their numbers, and what they are for."""
    for number, label in enumerate(names, 1):
        about = job.description(label)
        yield f"{number}: {label}" + (f", {about}" if about else "")


def _one_line(text: str) -> str:
    return " ".join(text.split())
