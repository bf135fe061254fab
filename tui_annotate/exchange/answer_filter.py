"""Chooses the answers that an export takes."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import datetime

from tui_annotate.errors import UsageError
from tui_annotate.exchange.annotation_layers import is_question
from tui_annotate.store.records import StoredAnswer
from tui_annotate.task.schema import Decision, Task

_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Which answers are taken.

    Attributes:
        answers: These decisions only. Empty: what was accepted, and rejected yes/no questions.
        sessions: Of these sessions, or annotators, only; empty for all.
        since: Given at this time (seconds since 1970) or later; None for any.
        after: Stored after the answer with this number; None for any.
        revisions: All revisions, not only the answers that stand.
        each: One record for each answer, and not one for each input.
    """

    answers: frozenset[Decision] = frozenset()
    sessions: frozenset[str] = frozenset()
    since: int | None = None
    after: int | None = None
    revisions: bool = False
    each: bool = False

    def left_out(self, stored: StoredAnswer) -> str | None:
        """Return in a word why an answer is not taken, None where it is, its content apart."""
        record = stored.record
        if self.sessions and not self.sessions & {stored.session, stored.annotator}:
            return "of other sessions"
        if self.since is not None and record.answered_at < self.since:
            return "before that time"
        if self.after is not None and stored.id <= self.after:
            return "up to that answer"
        if record.kind == "retraction":
            return "retracted"
        if self.answers and record.answer not in self.answers:
            return "of other decisions"
        return None

    def left_out_content(self, stored: StoredAnswer, content: Task) -> str | None:
        """Return why an answer is not taken that has the right session and time, or None."""
        record = stored.record
        if self.answers or record.answer == "accept":
            return None
        if record.answer == "reject" and is_question(content, record.view_id):
            return None
        return "rejected" if record.answer == "reject" else "ignored"


def read_since(value: str) -> dict[str, int]:
    """Return from when on answers are taken, as arguments of `ExportFilter`: a time, or the
    answer, by its number, behind which they begin.

    Raises:
        UsageError: It is neither.
    """
    if value.isascii() and value.isdigit() and not _is_date(value):
        return {"after": min(int(value[:_DIGITS]), _HIGHEST)}
    return {"since": parse_since(value)}


_DIGITS = 19
_HIGHEST = (1 << 63) - 1


def _is_date(digits: str) -> bool:
    """Tell whether digits without anything between them are a date, such as 20260131."""
    try:
        datetime.fromisoformat(digits)
    except ValueError:
        return False
    return True


def parse_since(value: str, now: float | None = None) -> int:
    """Return a time in seconds since 1970: a date, a date and time (local), or `30m 12h 7d 2w` ago.

    Raises:
        UsageError: It is none of these.
    """
    ago = re.fullmatch(r"(\d{1,6})([mhdw])", value)
    if ago:
        return int((time.time() if now is None else now) - int(ago[1]) * _UNITS[ago[2]])
    try:
        return int(datetime.fromisoformat(value).timestamp())
    except (ValueError, OverflowError):
        hint = "Write 2026-01-31, 2026-01-31T15:00, 7d for seven days ago, or an answer's number"
        raise UsageError(
            f"{value!r} is no time and no number of an answer", where="--since", hint=hint
        ) from None
