"""What a lead asks and changes about people: their pace, the tasks they leave behind, their
names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.answer_identity import By
from tui_annotate.store.answers import Answers
from tui_annotate.store.claims import Claims
from tui_annotate.store.connection import Connection, text
from tui_annotate.store.progress import Drops, WaitingTasks
from tui_annotate.store.records import Drop, NewWaiting, WaitingQueue
from tui_annotate.task.hashing import Identity
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.review import VERSIONS
from tui_annotate.task.schema import ANNOTATIONS, wanted_of

_NAMED = ("_annotator_id", "_session_id")
"""Keys of stored answers that hold names of people or of their sessions."""

_LISTED = ("sessions", "annotators")
"""Keys of reviews and their versions that list such names; elsewhere they are the task's own."""


_ANSWERED_TASKS = {
    "task": """
SELECT c.input_key, c.task_hash, count(DISTINCT s.annotator), max(c.cursor_id)
FROM current c JOIN sessions s ON s.id = c.session_id
WHERE c.dataset_id = ?1 AND (c.input_key, c.task_hash) > (?2, ?3)
GROUP BY c.input_key, c.task_hash ORDER BY c.input_key, c.task_hash LIMIT 5000""",
    "input": """
SELECT c.input_key, min(c.task_hash), count(DISTINCT s.annotator), max(c.cursor_id)
FROM current c JOIN sessions s ON s.id = c.session_id
WHERE c.dataset_id = ?1 AND c.input_key > ?2 AND ?3 IS NOT NULL
GROUP BY c.input_key ORDER BY c.input_key LIMIT 5000""",
}
_NAMED_BY_ROW = f"""
SELECT c.answer_id, c.input_key, a.content FROM current c JOIN answers a ON a.id = c.answer_id
WHERE c.dataset_id = ?1 AND c.answer_id > ?2 AND a.content LIKE '%"{ANNOTATIONS}":%'
ORDER BY c.answer_id LIMIT 500"""  # noqa: S608
_LONGEST_CLAIM = "SELECT max(length(key)) FROM claims WHERE dataset_id = ?"
_ASKED_SEVERAL = """
SELECT 1 FROM current WHERE dataset_id = ?
GROUP BY input_key, session_id, pass HAVING count(*) > 1 LIMIT 1"""
_INPUT_KEY = 16
"""Bytes of an input's key; that of a question about it has more."""


class Day(NamedTuple):
    """What one session did on one day.

    Attributes:
        session_id: Whose.
        day: As `2026-01-31`, in local time.
        answers: How many of its answers of that day stand.
        late: How many of them came after their task had gone on to somebody else.
    """

    session_id: int
    day: str
    answers: int
    late: int


class AnsweredTask(NamedTuple):
    """A task that somebody has answered.

    Attributes:
        input_key: The key of its input.
        task_hash: Its `_task_hash`; of several questions about the input the lowest.
        people: How many have answered it.
        has_row: Whether one of the answers names the row of a source; imported ones do not.
    """

    input_key: bytes
    task_hash: int
    people: int
    has_row: bool


class HandedOver(NamedTuple):
    """What went from one session to another.

    Attributes:
        waiting: Waiting tasks.
        drafts: Drafts.
        kept: Waiting tasks and drafts that stay, because the taker has answered or begun them.
        claims: Tasks in hand that went back to everybody.
    """

    waiting: int
    drafts: int
    kept: int
    claims: int


class People:
    """Reads and changes for leads. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def days(self, dataset_id: int) -> list[Day]:
        """Return what each session of a dataset did on each day, oldest day first."""
        day = self._connection.dialect.PERIODS["day"]
        rows = self._connection.read(
            f"SELECT c.session_id, {day} AS period, count(*), sum(a.late)"  # noqa: S608
            " FROM current c JOIN answers a ON a.id = c.answer_id WHERE c.dataset_id = ?"
            " GROUP BY c.session_id, period ORDER BY period, c.session_id",
            (dataset_id,),
        )
        return [Day(int(row[0]), str(row[1]), *(int(n) for n in row[2:])) for row in rows]

    def waiting_count(self, session_id: int) -> int:
        """Return how many tasks a session has put off, in all jobs and passes."""
        row = self._connection.first(
            "SELECT count(*) FROM waiting WHERE session_id = ?", (session_id,)
        )
        return int(row[0]) if row else 0

    def answered_tasks(self, dataset_id: int) -> Iterator[AnsweredTask]:
        """Yield the tasks of a dataset that are answered, by the keys of their inputs."""
        sql, after, hash_ = _ANSWERED_TASKS[self._asked_by(dataset_id)], b"", 0
        while rows := self._connection.read(sql, (dataset_id, after, hash_)):
            for row in rows:
                yield AnsweredTask(bytes(row[0]), int(row[1]), int(row[2]), row[3] is not None)
            after, hash_ = bytes(rows[-1][0]), int(rows[-1][1])

    def named_by_rows(self, dataset_id: int) -> dict[bytes, int]:
        """Return how many people the rows of answered tasks name for them, by the inputs' keys."""
        found: dict[bytes, int] = {}
        after = 0
        while rows := self._connection.read(_NAMED_BY_ROW, (dataset_id, after)):
            for _, input_key, content in rows:
                wanted = wanted_of(json.loads(content))
                if wanted is not None:
                    found[bytes(input_key)] = wanted
            after = int(rows[-1][0])
        return found

    def _asked_by(self, dataset_id: int) -> By:
        """Return what one task of a dataset is: an input, or each question about it.

        The jobs say so, and no table does. The claims of their tasks have keys of one kind or the
        other. Without any, inputs are what is asked where nobody has given two answers to one:
        what two people marked in a text that is imported makes no two tasks of it.
        """
        longest = self._connection.read(_LONGEST_CLAIM, (dataset_id,))[0][0]
        if longest is not None:
            return "input" if int(longest) <= _INPUT_KEY else "task"
        several = self._connection.first(_ASKED_SEVERAL, (dataset_id,))
        return "input" if several is None else "task"

    def hand_over(self, dataset_id: int, giver: int, taker: int) -> HandedOver:
        """Give the waiting tasks and drafts of a session to another one of the same dataset.

        What the taker has answered, or waits with, or has begun, stays. Tasks that the giver has in
        hand go back to everybody.
        """
        waiting, kept = 0, 0
        queues = self._connection.read(
            "SELECT DISTINCT job_id, pass FROM waiting WHERE dataset_id = ? AND session_id = ?",
            (dataset_id, giver),
        )
        for job_id, pass_ in queues:
            mine = WaitingQueue(dataset_id, job_id, giver, pass_)
            moved, left = self._move_waiting(mine, taker)
            waiting, kept = waiting + moved, kept + left
        drafts = self._connection.write(
            "UPDATE drafts SET session_id = ? WHERE session_id = ? AND answer_id IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM drafts other WHERE other.session_id = ?"
            " AND other.job_id = drafts.job_id AND other.pass = drafts.pass"
            " AND other.key = drafts.key)"
            " AND NOT EXISTS (SELECT 1 FROM current c WHERE c.session_id = ?"
            " AND c.input_key = drafts.input_key AND c.task_hash = drafts.task_hash)",
            (taker, giver, taker, taker),
        )
        left_drafts = self._connection.first(
            "SELECT count(*) FROM drafts WHERE session_id = ? AND answer_id IS NULL", (giver,)
        )
        kept += int(left_drafts[0]) if left_drafts else 0
        return HandedOver(waiting, drafts, kept, Claims(self._connection).release_all(giver))

    def _move_waiting(self, mine: WaitingQueue, taker: int) -> tuple[int, int]:
        tasks, moved, kept = WaitingTasks(self._connection), 0, 0
        theirs = mine._replace(session_id=taker)
        for stored in list(tasks.waiting_all(mine)):
            record = stored.record
            if self._has(theirs, record.identity):
                kept += 1
                continue
            tasks.waiting_remove(stored.id)
            tasks.waiting_add(
                NewWaiting(
                    queue=theirs,
                    kind="released",
                    identity=record.identity,
                    content=record.content,
                    digest=record.digest,
                )
            )
            if record.cursor_id is not None and record.row is not None:
                detail = "it waited, and was handed to somebody else"
                drop = Drop("policy", "handed-over", record.row, record.row, detail=detail)
                Drops(self._connection).add_drops(record.cursor_id, [drop])
            moved += 1
        return moved, kept

    def _has(self, queue: WaitingQueue, identity: Identity) -> bool:
        """Tell whether a session has answered a task, or has it waiting."""
        answers = Answers(self._connection)
        if answers.known([queue.dataset_id], identity, "task", queue.session_id):
            return True
        row = self._connection.first(
            "SELECT 1 FROM waiting WHERE dataset_id = ? AND job_id = ? AND session_id = ?"
            " AND pass = ? AND input_key = ? AND task_hash = ? LIMIT 1",
            (*queue, identity.input_key, identity.task_hash),
        )
        return row is not None

    def rename(self, annotator: str, other: str) -> int:
        """Give an annotator another name everywhere in the store; the answers stay.

        Names in the text of tasks, comments and labels are content and are left alone.

        Returns:
            How many sessions were renamed.
        """
        sessions = self._connection.read(
            "SELECT s.id, s.name, d.name FROM sessions s JOIN datasets d ON d.id = s.dataset_id"
            " WHERE s.annotator = ?",
            (text(annotator),),
        )
        names = {annotator: other}
        for number, (id_, name, dataset) in enumerate(sessions):
            usual = f"{dataset}-{annotator}"
            names[name] = f"{dataset}-{other}" if name == usual else f"{dataset}-{other}-{number}"
            self._connection.write(
                "UPDATE sessions SET annotator = ?, name = ? WHERE id = ?",
                (text(other), text(names[name]), id_),
            )
        for table in ("audit_log", "dataset_labels"):
            self._connection.write(
                f"UPDATE {table} SET annotator = ? WHERE annotator = ?",  # noqa: S608
                (text(other), text(annotator)),
            )
        for table in ("answers", "waiting", "drafts"):
            self._rename_in(table, names)
        return len(sessions)

    def _rename_in(self, table: str, names: dict[str, str]) -> None:
        """Replace names under the keys that hold them, in the content of a table's rows."""
        after = 0
        while rows := self._connection.read(
            f"SELECT id, content FROM {table} WHERE id > ? ORDER BY id LIMIT 500",  # noqa: S608
            (after,),
        ):
            after = rows[-1][0]
            for id_, content in rows:
                if not any(json.dumps(name)[1:-1] in content or name in content for name in names):
                    continue
                task = json.loads(content)
                if _renamed(task, names):
                    self._connection.write(
                        f"UPDATE {table} SET content = ? WHERE id = ?",  # noqa: S608
                        (dumps(task), id_),
                    )


def _renamed(value: Any, names: dict[str, str], *, of_review: bool = False) -> bool:
    """Replace names in a task, in place, also in the versions that a review compares.

    Args:
        value: The task, or what stands in it.
        names: The new names by the old ones.
        of_review: Whether it stands in what a review compares.

    Returns:
        Whether there was one.
    """
    if isinstance(value, list):
        changes = [_renamed(each, names, of_review=of_review) for each in value]
        return any(changes)
    if not isinstance(value, dict):
        return False
    in_review = of_review or VERSIONS in value
    changes = [_renamed_under(value, key, names, in_review=in_review) for key in value]
    return any(changes)


def _renamed_under(
    task: dict[str, Any], key: str, names: dict[str, str], *, in_review: bool
) -> bool:
    """Replace names under one key of an object, in place; return whether there was one."""
    inner = task[key]
    if key in _NAMED and isinstance(inner, str) and inner in names:
        task[key] = names[inner]
        return True
    if in_review and key in _LISTED and isinstance(inner, list):
        task[key] = [names.get(each, each) if type(each) is str else each for each in inner]
        return bool(task[key] != inner)
    return _renamed(inner, names, of_review=in_review and key == VERSIONS)
