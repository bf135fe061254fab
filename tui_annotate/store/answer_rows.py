"""The columns of an answer: how one is written to its tables and read from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tui_annotate.store.connection import Parameters, SqlRow, columns, optional_text, text
from tui_annotate.store.records import NewAnswer, StoredAnswer
from tui_annotate.task.hashing import WHOLE_MARK, Identity
from tui_annotate.task.stored_tokens import content_as_stored

By = Literal["task", "input"]

INSERT = """
INSERT INTO answers (id, dataset_id, session_id, cursor_id, row, pass, kind, supersedes, answer,
    view_id, label, flagged, comment, answered_at, elapsed_ms, reading_ms, seen, late,
    input_hash, task_hash, input_key, question_key, digest, content, provenance,
    guideline_id)
VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"""

INSERT_CURRENT = """
INSERT INTO current (answer_id, dataset_id, session_id, cursor_id, pass, answer,
    input_key, question_key, task_hash)
VALUES (?,?,?,?,?,?,?,?,?)"""

SELECT = """
SELECT a.id, a.dataset_id, a.session_id, a.cursor_id, a.row, a.pass, a.kind, a.supersedes,
    a.answer, a.view_id, a.label, a.flagged, a.comment, a.answered_at, a.elapsed_ms, a.late,
    a.input_hash, a.task_hash, a.input_key, a.question_key, a.digest, a.content,
    s.name, s.annotator, a.reading_ms, a.seen, a.provenance, a.guideline_id"""

SELECT_GIVEN = """
SELECT a.id, a.kind, a.supersedes, a.answer, a.view_id, a.flagged, a.answered_at, a.elapsed_ms,
    a.reading_ms, a.task_hash, a.input_key, a.question_key, a.content, a.provenance,
    a.guideline_id, s.name, s.annotator"""
"""The columns of a `GivenAnswer`: half of the time that all columns take."""

FROM_CURRENT = """
FROM current c JOIN answers a ON a.id = c.answer_id JOIN sessions s ON s.id = a.session_id"""

FROM_ALL = "FROM answers a JOIN sessions s ON s.id = a.session_id"

# One condition each, because the engine does not use the index for them joined by OR.
_RULES = {
    "input": ("input_key = ?2",),
    "foreign": ("input_key = ?2 AND task_hash = ?4",),
    "task": (
        "input_key = ?2 AND question_key = ?3",
        "input_key = ?2 AND question_key IS NULL AND task_hash = ?4",
        # Imported answers to "all spans of this text": the row that they were given on has the
        # same task hash, and its own question key.
        f"input_key = ?2 AND substr(question_key, 1, {len(WHOLE_MARK)}) = x'{WHOLE_MARK.hex()}'"
        " AND task_hash = ?4",
    ),
}
_SCOPE = (
    "dataset_id = ?1 AND (?5 IS NULL OR session_id = ?5) AND (?6 IS NULL OR pass = ?6)"
    " AND (?7 IS NULL OR cursor_id = ?7)"
)


def _each(rule: Sequence[str], pattern: str, joined: str) -> str:
    return "SELECT " + joined.join(pattern.format(f"{_SCOPE} AND {part}") for part in rule)


ANY = {
    name: _each(rule, "EXISTS (SELECT 1 FROM current WHERE {})", " OR ")
    for name, rule in _RULES.items()
}
"""Whether one of the answers in a scope is to a task, by rule."""

COUNT = {
    name: _each(rule, "(SELECT count(*) FROM current WHERE {})", " + ")
    for name, rule in _RULES.items()
}
"""How many are."""


def bind(id_: int, answer: NewAnswer) -> Parameters:
    """Return the values of `INSERT`."""
    return (
        id_,
        answer.dataset_id,
        answer.session_id,
        answer.cursor_id,
        answer.row,
        answer.pass_,
        answer.kind,
        answer.supersedes,
        answer.answer,
        text(answer.view_id),
        optional_text(answer.label),
        answer.flagged,
        optional_text(answer.comment),
        answer.answered_at,
        answer.elapsed_ms,
        answer.reading_ms,
        text(answer.seen),
        answer.late,
        *columns(answer.identity),
        answer.digest,
        content_as_stored(answer.content),
        optional_text(answer.provenance),
        answer.guideline_id,
    )


def bind_current(id_: int, answer: NewAnswer) -> Parameters:
    """Return the values of `INSERT_CURRENT`."""
    return (
        id_,
        answer.dataset_id,
        answer.session_id,
        answer.cursor_id,
        answer.pass_,
        answer.answer,
        answer.identity.input_key,
        answer.identity.question_key,
        answer.identity.task_hash,
    )


def stored_answer(row: SqlRow) -> StoredAnswer:
    """Read the columns of `SELECT`."""
    record = NewAnswer(
        dataset_id=row[1],
        session_id=row[2],
        cursor_id=row[3],
        row=row[4],
        pass_=row[5],
        kind=row[6],
        supersedes=row[7],
        answer=row[8],
        view_id=row[9],
        label=row[10],
        flagged=bool(row[11]),
        comment=row[12],
        answered_at=row[13],
        elapsed_ms=row[14],
        reading_ms=row[24],
        seen=row[25],
        late=bool(row[15]),
        identity=Identity(row[16], row[17], row[18], row[19]),
        digest=row[20],
        content=row[21],
        provenance=row[26],
        guideline_id=row[27],
    )
    return StoredAnswer(row[0], record, row[22], row[23])


def rule_of(identity: Identity, by: By) -> str:
    """Return which of the rules tells whether an answer is to this task, or input."""
    return "foreign" if by == "task" and identity.question_key is None else by
