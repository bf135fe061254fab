"""An annotator of steady habits, who goes on in one of three ways when something fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.proof.work import copy_files, open_work
from tui_annotate.errors import TuiAnnotateError
from tui_annotate.session.session import Session
from tui_annotate.session.types import Draft, Item
from tui_annotate.task.schema import Decision

Habit = Literal["retry", "leave", "kill"]
"""After a failure: try again, leave in order and come back, or be killed and come back."""

TEXTS = ("one", "two", "three", "four", "five")
"""What the source of the scripted session asks, one row each, beside bad and equal rows."""

LINES = (
    *('{"text": "one"}', '{"text": "two"}', "{", '{"text": "three"}', '{"text": "one"}'),
    *("", '{"text": "four"}', '{"text": "five"}'),
)


@dataclass
class Annotator:
    """Annotates a source to its end: one task put off, one begun and left, one answer changed.

    Attributes:
        database: The store; a kill goes on with a copy.
        source: The file.
        habit: What is done after a failure.
        opened: Called with each session that is opened, before it starts.
        acknowledged: Every decision that the session has confirmed: answer, text, decision.
        failures: What the session has said when something failed.
    """

    database: Path
    source: Path
    habit: Habit = "retry"
    opened: Callable[[Session], None] = lambda _: None
    acknowledged: list[tuple[int, str, Decision]] = field(default_factory=list)
    failures: list[TuiAnnotateError] = field(default_factory=list)

    def work(self) -> None:
        """Annotate until nothing is left, and leave in order.

        Raises:
            AssertionError: It never came to an end.
        """
        session = self._open()
        left_open = 0
        for _ in range(100):
            try:
                left_open = 0 if self._step(session) else left_open + 1
                if left_open >= 2:
                    session.close()
                    return
            except TuiAnnotateError as error:
                self.failures.append(error)
                session = self._go_on(session)
        raise AssertionError(f"no end, after {self.failures}")

    def _open(self) -> Session:
        for _ in range(3):
            try:
                session = open_work(self.database, self.source)
                self.opened(session)
                session.start()
                return session
            except TuiAnnotateError as error:
                self.failures.append(error)
        raise AssertionError(f"it cannot be opened: {self.failures}")

    def _go_on(self, session: Session) -> Session:
        store = session.opened.store
        if self.habit == "retry" and not _is_over(session):
            return session
        if self.habit == "kill":
            target = self.database.with_name(f"after-{self.database.name}")
            copy_files(self.database, target)
            self.database = target
            store.close()
        else:
            try:
                session.close()
            except TuiAnnotateError as error:
                self.failures.append(error)
        return self._open()

    def _step(self, session: Session) -> bool:
        """Do the next thing; False where there was nothing to do."""
        item = session.item
        if item is None:
            return session.advance() is not None
        session.prefetch()
        text = item.task["text"]
        if item.kind == "new" and text == "two":
            session.later(Draft(item.task, {"cursor": 1}))
        elif item.kind == "new" and text == "three" and item.draft is None:
            session.keep_draft(Draft({**item.task, "spans": []}, {"cursor": 2}, edited=True))
        elif item.kind == "new" and text == "four" and not self._has_changed_one():
            session.back(Draft(item.task, {"cursor": 3}))
        else:
            self._decide(session, item)
        return True

    def _decide(self, session: Session, item: Item) -> None:
        decision: Decision = "reject" if item.kind == "answered" else "accept"
        text = item.task["text"]
        receipt = session.decide(decision, dict(item.task))
        self.acknowledged.append((receipt.answer_id, text, decision))

    def _has_changed_one(self) -> bool:
        return any(decision == "reject" for _, _, decision in self.acknowledged)


def _is_over(session: Session) -> bool:
    """Tell whether nothing but opening again helps: the stream has failed, the store is closed."""
    return session._queue._broken is not None or session.opened.store._connection._dead
