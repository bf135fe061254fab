"""Answers as JSON lines: one object for each answer, as Prodigy's exports have them.

So is the side file: what an export could not write, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from tui_annotate.exchange.documents import InvalidAnswer
from tui_annotate.exchange.writers import utf8_bytes
from tui_annotate.store.records import NewAnswer, StoredAnswer
from tui_annotate.task.hashing import Identity
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import (
    ANNOTATOR_ID,
    COMMENT,
    FLAG,
    INPUT_HASH,
    SESSION_ID,
    TASK_HASH,
    TIMES_OVER,
    TIMESTAMP,
    VIEW_ID,
    Decision,
    Task,
)
from tui_annotate.task.stored_tokens import STORED_TOKENS, loads_checked


def known(record: NewAnswer, session: str, annotator: str, *, passes: bool = False) -> Task:
    """Return what the store knows of an answer beside its content, in the order of exports.

    Args:
        record: The answer.
        session: The session's name.
        annotator: Who answered.
        passes: Say which time over it was.
    """
    found = standing(
        record.identity, record.view_id, record.answer, record.answered_at, session, annotator
    )
    return found | {TIMES_OVER: record.pass_} if passes else found


def standing(
    identity: Identity,
    view_id: str,
    answer: Decision | None,
    answered_at: int,
    session: str,
    annotator: str,
) -> Task:
    """Return what `known` does, of an answer that is no record yet."""
    found: Task = {INPUT_HASH: identity.input_hash, TASK_HASH: identity.task_hash}
    if view_id:
        found[VIEW_ID] = view_id
    found["answer"] = answer
    found[TIMESTAMP] = answered_at
    found[ANNOTATOR_ID] = annotator
    found[SESSION_ID] = session
    return found


def answer_to_dict(stored: StoredAnswer, *, passes: bool = False) -> Task:
    """Return an answer as its exported object; with `passes` it says which time over it was.

    The content comes first, then what the store knows for certain: the decision, the hashes, who
    answered, in which view and when (whole seconds since 1970, UTC).
    """
    return with_record(loads_checked(stored.record.content), stored, passes=passes)


def with_record(content: Task, stored: StoredAnswer, *, passes: bool = False) -> Task:
    """Add to an answer's content, in place, what the store knows for certain, and return it."""
    record = stored.record
    content.update(known(record, stored.session, stored.annotator, passes=passes))
    if record.flagged:
        content[FLAG] = True
    if record.comment:
        content[COMMENT] = record.comment
    return content


def lines(answers: Iterable[StoredAnswer], *, passes: bool = False) -> Iterator[str]:
    """Yield one JSON line, with its newline, for each answer; in constant memory."""
    for stored in answers:
        record = stored.record
        end = dumps(known(record, stored.session, stored.annotator, passes=passes))[1:]
        content = record.content
        # Content that ends with all of this, as most does, is exported as it is: behind a comma
        # the end begins with a key, and it has no brace of its own but the one that closes it all.
        whole = content.endswith(end) and content[-len(end) - 1 : -len(end)] in (",", "{")
        if STORED_TOKENS in content:
            whole = False
        if whole and not record.flagged and not record.comment:
            yield content + "\n"
        else:
            yield dumps(answer_to_dict(stored, passes=passes)) + "\n"


class InvalidAnswersFile:
    """Writes JSON lines with `reason`, `what`, `where`, and the answer as `task`.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def write(self, each: InvalidAnswer) -> None:
        """Write one line."""
        answer = each.answer
        task = with_record(dict(answer.content), answer.stored)
        line = {"reason": each.reason, "what": each.what, "where": answer.where, "task": task}
        self._file.write(utf8_bytes(dumps(line) + "\n"))

    def close(self) -> None:
        """Close the file."""
        self._file.close()
