"""What `doctor` looks at in the answers and cursors: whether they fit their content and sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_annotate.errors import TaskError, TuiAnnotateError
from tui_annotate.session.place import fingerprint_of
from tui_annotate.sources.base import SourceChange
from tui_annotate.sources.compressed import open_file
from tui_annotate.task.hashing import identify
from tui_annotate.task.stored_tokens import loads_content
from tui_annotate.task.tokenize import Tokens

if TYPE_CHECKING:
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset, StoredAnswer
    from tui_annotate.task.schema import Task

SHOWN = 5
"""How many problems of one kind are listed."""


def answer_problems(store: Store, dataset: Dataset) -> Iterator[str]:
    """Yield what is wrong with the answers that stand; each is read, in constant memory."""
    for stored in store.answers.iterate(dataset.id):
        for problem in _problems(stored, dataset):
            yield f"answer {stored.id} in {dataset.name}: {problem}"


def _problems(stored: StoredAnswer, dataset: Dataset) -> Iterator[str]:
    try:
        task = loads_content(stored.record.content)
    except TaskError as error:
        yield f"its content is no JSON object ({error.what})"
        return
    yield from _offset_problems(task)
    try:
        found = identify(dict(task), replace(dataset.settings))
    except TaskError as error:
        yield f"it cannot be hashed ({error.what})"
        return
    if found.input_key != stored.record.identity.input_key:
        yield "its input is not the one it was asked with"


def _offset_problems(task: Task) -> Iterator[str]:
    text = task.get("text")
    if not isinstance(text, str):
        return
    tokens = [each for each in task.get("tokens") or () if isinstance(each, dict)]
    try:
        Tokens.from_dicts(text, task.get("tokens") or [])
    except TaskError as error:
        yield error.what
    for number, span in enumerate(task.get("spans") or ()):
        start, end = _int(span, "start"), _int(span, "end")
        if not 0 <= start < end <= len(text):
            yield f"span {number} ({start}-{end}) is not within the text"
        elif tokens and not _fits(span, tokens):
            yield f"span {number} ({start}-{end}) does not begin and end with its tokens"


def _fits(span: dict[str, Any], tokens: list[dict[str, Any]]) -> bool:
    first, last = span.get("token_start"), span.get("token_end")
    if not isinstance(first, int) or not isinstance(last, int):
        return True
    if not 0 <= first <= last < len(tokens):
        return False
    return (tokens[first]["start"], tokens[last]["end"]) == (span["start"], span["end"])


def _int(value: Any, key: str) -> int:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, int) else -1


def source_notes(store: Store) -> Iterator[str]:
    """Yield how every source compares with what the newest cursor in it remembers."""
    for dataset in store.admin.datasets():
        for session in store.admin.sessions(dataset.id):
            for cursor in store.progress.cursors(session.id):
                source = store.admin.get_source(cursor.key.source_id)
                if source is not None and cursor.version:
                    told = _compared(source.identity, cursor)
                    yield f"{source.identity} ({session.name}): {told}"


def _compared(path: str, cursor: Any) -> str:
    if not Path(path).is_file():
        return "is not there; a moved file is found again when a session opens it"
    try:
        change = open_file(path).compare(fingerprint_of(cursor.state))
    except TuiAnnotateError as error:
        return error.what
    told = {
        SourceChange.SAME: "as it was",
        SourceChange.GROWN: "has grown",
        SourceChange.CHANGED: "has changed; the next session reads it again from the start",
        SourceChange.UNKNOWN: "cannot be compared; the next session reads it again from the start",
    }
    return told[change]
