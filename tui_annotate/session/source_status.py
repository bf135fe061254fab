"""Sentences about a session: how it was found, how it goes on, how it ended, and how many rows
its source has."""

from __future__ import annotations

import time
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from tui_annotate.session.context import Opened
from tui_annotate.session.queue import TaskQueue
from tui_annotate.session.sharing import Sharing
from tui_annotate.session.types import Ending, Item
from tui_annotate.sources.base import NOTHING, START, told_of
from tui_annotate.stream.resume import sentence
from tui_annotate.task.jsonio import loads_value

if TYPE_CHECKING:
    from tui_annotate.session.guideline_changes import GuidelineChange


def opening_sentence(opened: Opened, *, in_task: bool) -> str:
    """Return what is to be said at the start, empty where all is as it was.

    Args:
        opened: The session.
        in_task: Whether the task at hand is surely the one that was at hand before: something
            was begun on it.
    """
    parts = [_shared(opened), _unclean(opened, in_task=in_task), source_sentence(opened)]
    if opened.moved_from:
        parts.insert(
            2, f"{_short(opened.source.name)} was {_short(opened.moved_from)} in the last session"
        )
    if told := told_of(opened.ledger.source):
        parts.append(f"{_short(opened.source.name)}: {told}")
    return ". ".join(part for part in (*opened.job.notices, *parts) if part)


def ending(opened: Opened, elsewhere: int = 0, quota: int | None = None) -> Ending:
    """Return what is said where nothing is left for this annotator.

    Args:
        opened: The session.
        elsewhere: How many tasks others have in their hands.
        quota: How many answers are wanted of the annotator, where all of them are given.
    """
    follows = opened.reading.follow
    return Ending(opened.source.name, source_sentence(opened), follows, elsewhere, quota)


ALIVE = 90
"""Seconds after its last sign of life for which a session is taken to be at work."""


def company(opened: Opened) -> str:
    """Return who else works on the dataset now and what each of them gets; empty for nobody."""
    since = opened.store.time() - ALIVE
    names = opened.store.visits.at_work(opened.dataset.id, opened.session.id, since)
    if not names:
        return ""
    who = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    if len(names) > 3:
        who = f"{len(names)} others"
    verb = "works" if len(names) == 1 else "work"
    return f"{who} {verb} on {opened.dataset.name} too: {Sharing(opened.job).sentence}"


def source_sentence(opened: Opened) -> str:
    """Return how the source compares with the last session, with the counts so far."""
    ledger = opened.ledger
    counts = ledger.counts
    return sentence(
        ledger.resume,
        _short(ledger.source.name),
        found=counts.found,
        gone=ledger.gone,
        fresh=None if ledger.gone is None else counts.settled - counts.found,
    )


def saved_up_to(opened: Opened) -> int | None:
    """Return when the session last wrote an answer or a draft; None where it never has."""
    newest = next(
        opened.store.answers.current(opened.dataset.id, session_id=opened.session.id, limit=1), None
    )
    drafts = opened.store.progress.drafts(opened.session.id, opened.job_id, opened.pass_)
    times = [draft.updated_at for draft in drafts[:1]]
    times += [newest.record.answered_at] if newest is not None else []
    return max(times, default=None)


def known_rows(opened: Opened) -> int | None:
    """Return how many rows the source has, if they were counted when it was as it is now."""
    ledger = opened.ledger
    if ledger.source_ended:
        return ledger.resume.start.row + ledger.counts.read + (ledger.incomplete is not None)
    stored, now = opened.source, opened.ledger.source.fingerprint(START)
    as_then = (stored.counted_size, stored.counted_mtime_ns) == (now.size, now.mtime_ns)
    return stored.rows if as_then and now != NOTHING else None


def keep_rows(opened: Opened, rows: int) -> None:
    """Keep the number of rows with size and time of the source, unless it has changed meanwhile."""
    source = opened.ledger.source
    now, size = source.fingerprint(START), source.size()
    if now == NOTHING or size not in (None, now.size) or opened.store.readonly:
        return
    stored = opened.source
    if (stored.rows, stored.counted_size, stored.counted_mtime_ns) == (
        rows,
        now.size,
        now.mtime_ns,
    ):
        return
    with opened.store.write_txn():
        opened.store.admin.set_source_rows(opened.source.id, rows, now.size, now.mtime_ns)


def keep_if_read(opened: Opened) -> None:
    """Keep the number of rows of a source that was read to its end."""
    rows = known_rows(opened) if opened.ledger.source_ended else None
    if rows is not None:
        keep_rows(opened, rows)


def _short(name: str) -> str:
    """Return a file's name without its folder: a line has not much room."""
    return PurePath(name).name or name


def earlier_spans(opened: Opened, item: Item | None, text: str) -> list[dict[str, Any]] | None:
    """Return the spans of this annotator's newest other answer on the input, if there is one whose
    text was not changed to another one than `text`."""
    if item is None:
        return None
    found = opened.store.answers.newest_on_input(
        item.identity,
        opened.session.annotator,
        but=None if item.answer is None else item.answer.id,
    )
    content = {} if found is None else loads_value(found.record.content)
    spans = content.get("spans") if content.get("text") == text else None
    return spans if isinstance(spans, list) else None


def _shared(opened: Opened) -> str:
    """Return what is said at the first start in a session on a file system of several hosts."""
    if opened.visit is not None or not opened.store.several_hosts:
        return ""
    return (
        f"The database is on {opened.store.filesystem}, where locks may not reach other hosts: "
        "use it from one host at a time"
    )


def _unclean(opened: Opened, *, in_task: bool) -> str:
    """Return what is said after an end that was not in order."""
    if opened.looking_on:
        return f"Looking on: {opened.looking_on}"
    if opened.visit is None or opened.visit.closed_at is not None:
        return ""
    saved = saved_up_to(opened)
    if saved is None:
        return ""
    when, today = time.localtime(saved), time.localtime()
    shape = "%H:%M" if when[:3] == today[:3] else "%Y-%m-%d %H:%M"
    text = f"All saved up to {time.strftime(shape, when)}"
    return f"{text}. You are back in this task" if in_task else text


class SessionSentences:
    """The part of a session that only tells.

    Attributes:
        opened: Where the session stands.
        item: The task at hand.
    """

    opened: Opened
    item: Item | None
    _queue: TaskQueue
    _has_told_of_company = False

    def answers_elsewhere(self) -> int:
        """Return how many answers the annotator has given in other sessions of this store."""
        opened = self.opened
        given = opened.store.lookup.answers_of(opened.session.annotator)
        return max(0, given - self._queue.counts().done)

    def opening_sentence(self) -> str:
        """Return what is to be said at the start, empty where all is as it was."""
        item = self.item
        # Of a task that nobody has begun it is not known whether it was the one that was shown.
        begun = item is not None and (item.draft is not None or item.answer is not None)
        sentence = opening_sentence(self.opened, in_task=begun)
        return ". ".join(part for part in (sentence, self.company()) if part)

    def company(self) -> str:
        """Return who else works on the dataset, and what each of them gets; once in a session."""
        if self._has_told_of_company or self.opened.looking_on:
            return ""
        sentence = company(self.opened)
        self._has_told_of_company = bool(sentence)
        return sentence

    def unseen_guidelines(self) -> GuidelineChange | None:
        """Return the guidelines where the annotator has not seen them as they are, else None."""
        if self.opened.guideline_id is None:
            return None
        from tui_annotate.session.guideline_changes import unseen  # few jobs have them

        return unseen(self.opened)

    def ending(self) -> Ending:
        """Return what is said where nothing is left."""
        quota = self._queue.quota if self._queue.quota_reached else None
        return ending(self.opened, self.elsewhere, quota)

    @property
    def elsewhere(self) -> int:
        """How many tasks that are still to be answered are in other people's hands."""
        return self._queue.elsewhere

    def known_rows(self) -> int | None:
        """Return how many rows the source has, where they were counted as it is now."""
        return known_rows(self.opened)

    def count_rows(self) -> int | None:
        """Count the rows of the source by reading it; slow, and safe on any thread."""
        return self.opened.ledger.source.count()

    def keep_count(self, rows: int) -> None:
        """Take the number of rows of the source, and keep it for later sessions."""
        self._queue.known_rows(rows)
        keep_rows(self.opened, rows)
