"""The shape of tasks and answers: JSON objects with the keys that the field uses.

Tasks stay plain dictionaries, because recipes make and change them freely and unknown keys must
be given back untouched. The typed dictionaries here document the known keys.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from tui_annotate.errors import TaskError

Task: TypeAlias = dict[str, Any]
Decision: TypeAlias = Literal["accept", "reject", "ignore"]
DECISIONS: tuple[Decision, ...] = ("accept", "reject", "ignore")

INPUT_HASH = "_input_hash"
TASK_HASH = "_task_hash"
SESSION_ID = "_session_id"
ANNOTATOR_ID = "_annotator_id"
VIEW_ID = "_view_id"
ANSWER_ID = "_answer_id"
"""Key of an exported answer: its number in the store, which grows from answer to answer."""

SCHEMA = "_schema"
"""Key of an exported answer: the version of what its keys mean, `SCHEMA_VERSION`."""

SCHEMA_VERSION = 1
"""It grows when a key of an exported answer means something else than before."""

TIMESTAMP = "_timestamp"

TIMES_OVER = "_pass"
"""Which time over an answer was given, from 1; in exports of datasets with more than one pass."""

ANNOTATIONS = "annotations"
"""How many people are to annotate this row; other values than a whole number are data."""

MOST_WANTED = 1000
"""More people than could be meant: a greater number under that key is data."""

COHORT = "cohort"
"""The group of people that a row is for, or a list of groups, where the job has groups
(`cohorts`)."""

ROW_KEY = "_row"
"""Private: the entry in the ledger that a task was made from. Never hashed, stored or exported."""

WANTED_KEY = "_wanted"
"""Private: how many people a task is for, or why it is not for this one."""


ADDED_TO_SPANS = ("token_start", "token_end", "text")
"""Keys of a span that follow from its place and its text: they ask nothing new."""


class TokenDict(TypedDict):
    """One token: characters `start` to `end` (exclusive), `ws` when white space follows."""

    text: str
    start: int
    end: int
    id: int
    ws: bool
    disabled: NotRequired[bool]


FLAG = "flagged"
"""Key of an answer's flag: True, or absent."""

COMMENT = "_comment"
"""Key of the annotator's comment, apart from any `comment` that the source may have."""

REASON = "_reason"
"""Key of a review's answer: why people differed, as `CODE` or `CODE: NOTE`."""

ORIGINAL_TEXT = "_original_text"
"""Key of the text as the task came, in answers of which the annotator has changed the `text`."""

BINARY = "_is_binary"
"""Key of answers that say yes or no to one question, and nothing about the rest of the task."""


def without_export_keys(task: Task) -> Task:
    """Take what only an export adds, the answer's number and the schema's version, out of a row.

    Args:
        task: The row; changed, and returned. Keys of these names that no export wrote stay.
    """
    if type(task.get(ANSWER_ID)) is int and type(task.get(SCHEMA)) is int:
        del task[ANSWER_ID], task[SCHEMA]
    return task


def meta_of(task: Task) -> dict[str, Any]:
    """Return a copy of what a task's `meta` holds; a value that is no table becomes one of one key.

    Rows of files have texts, numbers and lists there too.
    """
    meta = task.get("meta")
    if isinstance(meta, dict):
        return dict(meta)
    return {} if meta is None or meta == "" else {"meta": meta}


def check_options(task: Task) -> None:
    """Refuse a task whose options cannot be told apart in the answer.

    Raises:
        TaskError: `duplicate-option` where two options have one id.
    """
    options = task.get("options")
    if not isinstance(options, list):
        return
    seen: set[tuple[str, str]] = set()
    for option in options:
        found = option.get("id") if isinstance(option, dict) else option
        key = (type(found).__name__, repr(found))
        if found is not None and key in seen:
            raise TaskError(f"two options have the id {found!r}", reason="duplicate-option")
        seen.add(key)


def wanted_of(task: Task) -> int | None:
    """Return how many people a task's row wants by its own `annotations`; None where it says
    nothing, as where other programs keep lists under this key."""
    found = task.get(ANNOTATIONS)
    return found if type(found) is int and 0 <= found <= MOST_WANTED else None
