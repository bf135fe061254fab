"""The answers of a session as a list: filtered, opened, commented on, taken back."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from tui_annotate.session.context import retried
from tui_annotate.session.session import Session
from tui_annotate.session.stored_work import reopened, summary
from tui_annotate.session.types import Draft
from tui_annotate.store.records import NewAnswer, NewWaiting, StoredAnswer, WaitingQueue
from tui_annotate.task.jsonio import loads_strict
from tui_annotate.task.review import said, versions_in
from tui_annotate.task.schema import ANNOTATOR_ID, COMMENT, DECISIONS, TIMESTAMP, Decision, Task
from tui_annotate.task.stored_tokens import dumps_content
from tui_annotate.views import find_view

LOOKED_AT = 5000
"""How many answers one page looks at, so that a rare word does not hold up the screen."""


@dataclass(frozen=True, slots=True)
class AnswerFilter:
    """Which answers to list; what is empty does not matter.

    Attributes:
        answer: This decision.
        label: A label that the task or one of its spans, choices or relations has.
        flagged: Only flagged ones.
        text: A part of the text or of the comment, in upper or lower case.
        annotator: Who gave it, or in a review one of those whose answers it settles.
        comment: A part of the comment; `*` for any comment.
        differs: Only those that somebody else has answered otherwise.
    """

    answer: Decision | None = None
    label: str = ""
    flagged: bool = False
    text: str = ""
    annotator: str = ""
    comment: str = ""
    differs: bool = False

    def fits(self, stored: StoredAnswer, task: Task) -> bool:
        """Tell whether an answer with this content is wanted, as far as that stands in it."""
        record = stored.record
        if self.answer is not None and record.answer != self.answer:
            return False
        if self.flagged and not record.flagged:
            return False
        if self.label and self.label not in labels_of(task):
            return False
        if self.annotator and self.annotator not in _annotators(task):
            return False
        comment = (record.comment or "").casefold()
        # Every comment has the empty text in it, so that no filter lets all through.
        has_comment = comment != "" if self.comment == "*" else self.comment.casefold() in comment
        text = str(task.get("text") or "").casefold()
        return has_comment and self.text.casefold() in f"{text}\n{comment}"

    @property
    def written(self) -> str:
        """The filter as `read_filter` reads it."""
        parts = [f"is:{self.answer}"] if self.answer else []
        pairs = (("label", self.label), ("by", self.annotator), ("comment", self.comment))
        parts += [f"{name}:{_quoted(value)}" for name, value in pairs if value]
        parts += ["is:flagged"] if self.flagged else []
        parts += ["is:different"] if self.differs else []
        return " ".join([*parts, *([self.text] if self.text else [])])


_WORD = re.compile(r'(label|by|comment|is):("[^"]*"|\S+)|\S+')
_IS = {"flagged": "flagged", "different": "differs"}


def read_filter(text: str) -> AnswerFilter:
    """Return the filter that somebody has written: `is:reject`, `is:flagged`, `is:different`,
    `label:ORG`, `by:ann2`, `comment:"two words"`; what is nothing of this is looked for in the
    text.

    Args:
        text: Such as `label:ORG is:flagged water board`.
    """
    found: dict[str, Any] = {}
    words: list[str] = []
    for match in _WORD.finditer(text):
        name, value = match[1], (match[2] or "").strip('"')
        if name == "is" and value in DECISIONS:
            found["answer"] = value
        elif name == "is" and value in _IS:
            found[_IS[value]] = True
        elif name in ("label", "comment"):
            found[name] = value
        elif name == "by":
            found["annotator"] = value
        else:
            words.append(match[0])
    return AnswerFilter(**found, text=" ".join(words))


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _annotators(task: Task) -> set[str]:
    """Return who gave an answer, and whose answers it settles."""
    found = {str(task.get(ANNOTATOR_ID) or "")}
    for version in versions_in(task):
        names = version.get("annotators")
        found.update(map(str, names if isinstance(names, list) else ()))
    return found


@dataclass(frozen=True, slots=True)
class ListedAnswer:
    """One answer in the list.

    Attributes:
        id: The store's.
        answer: The decision.
        answered_at: Seconds since 1970.
        summary: The beginning of the text.
        labels: Its labels, each once, in their order.
        flagged, comment: The annotator's.
        pass_: Which time over.
    """

    id: int
    answer: str
    answered_at: int
    summary: str
    labels: tuple[str, ...]
    flagged: bool
    comment: str
    pass_: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some answers, newest first, and the id from which to go on; None where there are no more."""

    answers: tuple[ListedAnswer, ...]
    after: int | None


class AnswerList:
    """What can be done with the answers that stand.

    Args:
        session: Whose answers.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._opened = session.opened
        self._store = session.opened.store

    def page(self, wanted: AnswerFilter, after: int | None = None, size: int = 50) -> Page:
        """Return the newest answers, or those older than `after`, that are wanted.

        Args:
            wanted: Which.
            after: The `after` of the page before.
            size: At most so many.
        """
        found: list[ListedAnswer] = []
        last, seen = after, 0
        for stored in self._store.answers.current(
            self._opened.dataset.id,
            session_id=self._opened.session.id,
            before_id=after,
            limit=LOOKED_AT,
        ):
            last, seen = stored.id, seen + 1
            task = loads_strict(stored.record.content)
            if wanted.fits(stored, task) and (not wanted.differs or self._differs(stored, task)):
                found.append(_listed(stored, task))
            if len(found) == size:
                return Page(tuple(found), last)
        return Page(tuple(found), last if seen == LOOKED_AT else None)

    def _differs(self, stored: StoredAnswer, task: Task) -> bool:
        """Whether somebody else has answered the same question otherwise."""
        others = self._store.answers.of_others(self._opened.session.id, stored.record)
        keys = find_view(self._opened.job.view_id).written(self._opened.job.config)
        mine = said({**task, "answer": stored.record.answer}, keys)
        return any(
            said({**loads_strict(each.record.content), "answer": each.record.answer}, keys) != mine
            for each in others
        )

    def open(self, answer_id: int, draft: Draft | None = None) -> bool:
        """Put an answer on the table; False if it stands no longer."""
        session = self._session
        answer = session._history.standing(answer_id)
        if answer is None:
            return False
        session._put_down(draft)
        session._show(session._history.open(answer))
        return True

    def go_to(self, number: int, draft: Draft | None = None) -> bool:
        """Put the task with this number on the table; the one behind the last answer is the next.

        Returns:
            False if there is no such task.
        """
        answers = self._store.answers
        answer_id = answers.nth(self._opened.session.id, number)
        if answer_id is not None:
            return self.open(answer_id, draft)
        done = sum(answers.counts(self._opened.dataset.id, self._opened.session.id).values())
        return number == done + 1 and self.next_unanswered(draft)

    def next_unanswered(self, draft: Draft | None = None) -> bool:
        """Go back from an old answer to the task that waits to be answered."""
        session = self._session
        if session.item is not None and session.item.kind != "answered":
            return True
        session._put_down(draft)
        session._history.reset()
        return session.advance() is not None

    def retract(self, answer_id: int) -> bool:
        """Take an answer back: it counts no longer, and its task waits to be answered again.

        Returns:
            False if it stands no longer.
        """
        session, opened = self._session, self._opened
        answer = session._history.standing(answer_id)
        session._history.reset()
        if answer is None:
            return False
        record = answer.record
        waiting = NewWaiting(
            queue=WaitingQueue(opened.dataset.id, opened.job_id, opened.session.id, record.pass_),
            kind="reopened",
            identity=record.identity,
            content=dumps_content(reopened(answer, opened.job.view_id)),
            cursor_id=record.cursor_id,
            row=record.row,
            digest=record.digest,
            answer_id=answer.id,
        )

        def write() -> None:
            with session.transaction():
                self._store.answers.record(_superseding(answer, kind="retraction", answer=None))
                self._store.progress.waiting_add(waiting)

        retried(write)
        at_hand = session.item
        if at_hand is not None and at_hand.answer is not None and at_hand.answer.id == answer_id:
            session.item = None
            session.advance()
        return True

    def comment(self, answer_id: int, text: str) -> bool:
        """Write a comment on an answer, or take it away; the decision stands.

        Returns:
            False if the answer stands no longer.
        """
        answer = self._store.answers.get(answer_id)
        if answer is None or self._session._history.standing(answer_id) is None:
            return False
        self._session._history.reset()
        content = loads_strict(answer.record.content)
        content.pop(COMMENT, None)
        if text:
            content[COMMENT] = text
        now = int(time.time())
        content[TIMESTAMP] = now
        changed = _superseding(
            answer,
            comment=text or None,
            content=dumps_content(content),
            answered_at=now,
            sources=self._store.answers.sources(answer_id),
        )

        def write() -> None:
            with self._session.transaction():
                self._store.answers.record(changed)

        retried(write)
        return True

    def amend(self, answer_id: int, content: Task) -> int | None:
        """Give an answer other content; the decision, and what it was asked as, stand.

        Args:
            answer_id: Which answer.
            content: What it holds from now on.

        Returns:
            The number of the answer that has taken its place; None if it stands no longer.
        """
        session = self._session
        answer = session._history.standing(answer_id)
        session._history.reset()
        if answer is None:
            return None
        now = int(time.time())
        changed = _superseding(
            answer,
            content=dumps_content({**content, TIMESTAMP: now}),
            answered_at=now,
            sources=self._store.answers.sources(answer_id),
        )

        def write() -> int:
            with session.transaction():
                return self._store.answers.record(changed)

        number = retried(write)
        at_hand = session.item
        if at_hand is not None and at_hand.answer is not None and at_hand.answer.id == answer_id:
            mended = session._history.standing(number)
            if mended is not None:
                session._show(session._history.open(mended))
        return number


def labels_of(task: Task) -> tuple[str, ...]:
    """Return the labels that a task carries, each once: its own, of spans, choices, relations."""
    found = [task.get("label"), *(task.get("accept") or ())]
    for key in ("spans", "relations"):
        found += [each.get("label") for each in task.get(key) or () if isinstance(each, dict)]
    return tuple(dict.fromkeys(label for label in found if isinstance(label, str)))


_LISTED_LENGTH = 90
"""Characters of a text in the list, which has more room for them than a receipt."""


def _superseding(old: StoredAnswer, **changes: Any) -> NewAnswer:
    now = {"answered_at": int(time.time())}
    return old.record._replace(supersedes=old.id, **{**now, **changes})


def _listed(stored: StoredAnswer, task: Task) -> ListedAnswer:
    record = stored.record
    return ListedAnswer(
        id=stored.id,
        answer=str(record.answer),
        answered_at=record.answered_at,
        summary=summary(task, record.view_id, _LISTED_LENGTH),
        labels=labels_of(task),
        flagged=record.flagged,
        comment=record.comment or "",
        pass_=record.pass_,
    )
