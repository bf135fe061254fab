"""Conditions of SQL that find the answers to a task, or to its input: the rules of identity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tui_annotate.task.hashing import WHOLE_MARK, Identity

By = Literal["task", "input"]

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


def rule_of(identity: Identity, by: By) -> str:
    """Return which of the rules tells whether an answer is to this task, or input."""
    return "foreign" if by == "task" and identity.question_key is None else by
