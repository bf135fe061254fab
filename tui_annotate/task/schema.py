"""The shape of tasks and answers: JSON objects with the keys that the field uses.

Tasks stay plain dictionaries, because recipes make and change them freely and unknown keys must
be given back untouched. The typed dictionaries here document the known keys.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

Task: TypeAlias = dict[str, Any]
Decision: TypeAlias = Literal["accept", "reject", "ignore"]
DECISIONS: tuple[Decision, ...] = ("accept", "reject", "ignore")

INPUT_HASH = "_input_hash"
TASK_HASH = "_task_hash"
SESSION_ID = "_session_id"
ANNOTATOR_ID = "_annotator_id"
VIEW_ID = "_view_id"
TIMESTAMP = "_timestamp"

TIMES_OVER = "_pass"
"""Which time over an answer was given, from 1; in exports of datasets with more than one pass."""

ROW_KEY = "_row"
WANTED_KEY = "_wanted"
"""Private: the entry in the ledger that a task was made from. Never hashed, stored or exported."""


class TokenDict(TypedDict):
    """One token: characters `start` to `end` (exclusive), `ws` when white space follows."""

    text: str
    start: int
    end: int
    id: int
    ws: bool
    disabled: NotRequired[bool]


class SpanDict(TypedDict):
    """One span: characters `start` to `end` (exclusive), tokens `token_start` to `token_end`
    (inclusive)."""

    start: int
    end: int
    label: str
    token_start: NotRequired[int]
    token_end: NotRequired[int]
    text: NotRequired[str]
    score: NotRequired[float]
    source: NotRequired[str]


FLAG = "flagged"
"""Key of an answer's flag: True, or absent."""

COMMENT = "_comment"
"""Key of the annotator's comment, apart from any `comment` that the source may have."""

ORIGINAL_TEXT = "_original_text"
"""Key of the text as the task came, in answers of which the annotator has changed the `text`."""

BINARY = "_is_binary"
"""Key of answers that say yes or no to one question, and nothing about the rest of the task."""
