"""One answer of an import: its content, its identity, who gave it and when."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.exchange.annotation_layers import asks_for_all, is_open_choice
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.records import NewAnswer, StoredAnswer
from tui_annotate.task.hash_body import DEFAULT_SETTINGS, HashSettings
from tui_annotate.task.hashing import Identity, identify, whole_question
from tui_annotate.task.jsonio import bulk_encoder, dumps, loads_strict
from tui_annotate.task.schema import (
    ANNOTATOR_ID,
    COMMENT,
    DECISIONS,
    FLAG,
    INPUT_HASH,
    ORIGINAL_TEXT,
    SESSION_ID,
    TASK_HASH,
    TIMESTAMP,
    VIEW_ID,
    Decision,
    Task,
    without_export_keys,
)
from tui_annotate.task.stored_tokens import STORED_TOKENS, loads_checked, with_tokens

_OWN = (INPUT_HASH, TASK_HASH, VIEW_ID, "answer", TIMESTAMP, ANNOTATOR_ID, SESSION_ID)
_LONGEST_TIME = 1 << 62
_write = bulk_encoder(otherwise=dumps)


class ImportedAnswer(NamedTuple):
    """One answer that is imported.

    Attributes:
        body: Its content as JSON text, without what the store keeps in columns.
        tail: What the store keeps in columns, as far as the row had it.
        identity: Who the task is.
        decision: The answer.
        session, annotator: Who gave it; None where the row does not say.
        at: When, in seconds since 1970; None where the row does not say.
        record: The stored answer that it is a copy of, if it is one.
        flagged, label, comment: What the store keeps in columns as well.
        file: The name of the file that it stands in; empty where that is not known.
    """

    body: str
    tail: Task
    identity: Identity
    decision: Decision
    session: str | None
    annotator: str | None
    at: int | None
    record: NewAnswer | None = None
    flagged: bool = False
    label: str | None = None
    comment: str | None = None
    file: str = ""


def arrival(
    task: Task,
    *,
    answer: Decision = "accept",
    overwrite: bool = False,
    rehash: bool = False,
    settings: HashSettings | None = None,
    session: str | None = None,
    annotator: str = "",
    at: int | None = None,
    file: str = "",
) -> ImportedAnswer:
    """Return a row of a file, or of Prodigy's database, as an answer to import.

    Args:
        task: The row; changed.
        answer: The decision of rows that have none.
        overwrite: That of all rows.
        rehash: Take the hashes anew.
        settings: What they are taken of.
        session: The session of rows that do not name one.
        annotator: Who answered, whatever the row says; empty for whom it names.
        at: The time of rows without one.
        file: The name of the file that the row stands in, if it is known.

    Raises:
        TaskError: `bad-answer` for another decision than the three, or what cannot be hashed.
    """
    _write_out_tokens(task)
    if rehash:
        task.pop(INPUT_HASH, None)
        task.pop(TASK_HASH, None)
    without_export_keys(task)
    # Before the hashes are taken: what was decided is no part of what was asked.
    tail = {key: task.pop(key) for key in _OWN if key in task}
    identity = _question(task, tail, _identity(task, tail, settings or DEFAULT_SETTINGS))
    decision = _decision(answer if overwrite or tail.get("answer") is None else tail["answer"])
    # Whoever is said to have answered has not done so in the session that the row names.
    found = None if annotator else _name(tail, SESSION_ID) or session
    when = _time(tail.get(TIMESTAMP))
    label, comment = task.get("label"), task.get(COMMENT)
    return ImportedAnswer(
        body=_write(task),
        tail=tail,
        identity=identity,
        decision=decision,
        session=found,
        annotator=annotator or _name(tail, ANNOTATOR_ID),
        at=at if when is None else when,
        flagged=task.get(FLAG) is True,
        label=label if isinstance(label, str) else None,
        comment=comment if isinstance(comment, str) and comment else None,
        file=file,
    )


def _write_out_tokens(task: Task) -> None:
    """Give a row its tokens, in place, if an older program has exported them as it stores them."""
    if STORED_TOKENS in task:
        whole = with_tokens(task)
        task.clear()
        task.update(whole)


def _decision(said: Any) -> Decision:
    """Return a decision.

    Raises:
        TaskError: `bad-answer` for anything else.
    """
    if said not in DECISIONS:
        shown = ", ".join(DECISIONS)
        raise TaskError(f"the answer is {said!r}, none of {shown}", reason="bad-answer")
    decision: Decision = said
    return decision


def copy_of(stored: StoredAnswer) -> ImportedAnswer:
    """Return a stored answer as one that is imported into another dataset."""
    body, tail = parts(stored.record.content)
    record = stored.record
    assert record.answer is not None
    return ImportedAnswer(
        body,
        tail,
        record.identity,
        record.answer,
        stored.session,
        stored.annotator,
        record.answered_at,
        record,
        record.flagged,
        record.label,
        record.comment,
    )


def rehashed(each: ImportedAnswer, settings: HashSettings) -> ImportedAnswer:
    """Return an imported answer with its hashes taken anew, of what it holds now."""
    return each._replace(identity=identify(loads_strict(each.body), settings))


def keys(
    body: str, decision: str, session: str, task_hash: int, at: int | None
) -> tuple[bytes, bytes]:
    """Return the digests that identify an imported answer: without its time, and with it."""
    state = blake2b(body.encode("utf-8", "surrogatepass"), digest_size=12)
    state.update(f"\n{decision}\n{task_hash}\n{session}".encode("utf-8", "surrogatepass"))
    whole = state.digest()
    state.update(b"\n%d" % (at or 0))
    return whole, state.digest()


def names_file(body: str, file: str) -> bool:
    """Return whether content may name its file, as that of a folder's files does in `meta.file`."""
    return f'"file":{dumps(file)}' in body


def body_elsewhere(body: str, file: str) -> str:
    """Return the content that a row would have if its file came with its folder, or the other way
    round: rows of a folder have the name of their file as `meta.file`.

    Args:
        body: Its content.
        file: The name of its file.
    """
    task = loads_strict(body)
    meta = task.setdefault("meta", {})
    if not isinstance(meta, dict):
        return body
    if meta.get("file") != file:
        meta.setdefault("file", file)
        return _write(task)
    del meta["file"]
    if not meta:
        del task["meta"]
    return _write(task)


def _identity(task: Task, tail: Task, settings: HashSettings) -> Identity:
    """Take the identity of a row, hashes that it carries kept. They are of the text as the task
    came, where the annotator has changed it, and so is then what else names the input."""
    carried = {key: tail[key] for key in (INPUT_HASH, TASK_HASH) if tail.get(key) is not None}
    original = task.get(ORIGINAL_TEXT)
    if INPUT_HASH in carried and isinstance(original, str):
        return identify({**task, "text": original, **carried}, settings)
    task.update(carried)
    found = identify(task, settings)
    del task[INPUT_HASH], task[TASK_HASH]
    return found


def _question(task: Task, tail: Task, identity: Identity) -> Identity:
    """Take the question key of the input and the view where all spans of a text were asked for.

    Then what an answer holds is no part of the question, so that two people's answers are to the
    same one. Rows that carry their hashes keep them, and the 32-bit hashes are never touched.
    """
    view = tail.get(VIEW_ID)
    view = view if isinstance(view, str) else ""
    if identity.question_key is None:
        return identity
    if asks_for_all(view, task):
        return identity._replace(question_key=whole_question(identity.input_key, view))
    if is_open_choice(view, task):
        return identity._replace(question_key=whole_question(identity.input_key, "choice"))
    return identity


def parts(content: str) -> tuple[str, Task]:
    """Split stored content into what the task holds and what the store keeps in columns."""
    task = loads_checked(content)
    tail = {key: task.pop(key) for key in _OWN if key in task}
    return _write(task), tail


def joined(body: str, own: Task) -> str:
    """Return content as the store has it: the task, and what it also keeps in columns."""
    return f"{body[:-1]}{',' if len(body) > 2 else ''}{dumps(own)[1:]}"


def _name(tail: Task, key: str) -> str | None:
    value = tail.get(key)
    return value if isinstance(value, str) and value else None


def _time(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if abs(value) < _LONGEST_TIME else None
