"""Decisions count only when the annotator can have seen what they decide.

A pure state machine. The face tells it when a task's frame was written, when the terminal
answered, and which key was pressed; it says whether a decision counts.

    if guard.frame_written(now):
        write ESC[6n
    on a cursor position report: guard.replied(now)
    on any other action: guard.other_action(now)
    verdict = guard.judge("accept", now, TaskView(rows_below=31, edited=False))
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from tui_annotate.fast_namedtuple import NamedTuple

Link: TypeAlias = Literal["terminal", "multiplexer", "none"]
"""Who answers a query: the terminal itself, a multiplexer in front of it (tmux, screen, mosh), or
nobody because there is no terminal."""

Proof: TypeAlias = Literal["terminal", "unproven", "none"]
"""How it is known that the task was on screen: the terminal said so; only a multiplexer or the
clock of this machine does; or there is no terminal."""

DWELL = 0.15
"""Seconds behind a multiplexer before the same decision key counts again."""

LOST = 3.0
"""Seconds after which a missing reply is asked for again when somebody waits for it."""


class TaskView(NamedTuple):
    """What the guards must know of the task on screen.

    Attributes:
        rows_above: Rows of the text above that were never on screen.
        rows_below: Rows of the text below that were never on screen.
        parts: Pages that were never on screen.
        edited: Whether it has edits of this annotator's own.
        short: Whether it is a binary or choice task, which stays single-press.
        turns: The key that goes to the next page, as it is shown to people.
    """

    rows_above: int = 0
    rows_below: int = 0
    parts: int = 0
    edited: bool = False
    short: bool = False
    turns: str = "tab"


class Verdict(NamedTuple):
    """Whether a decision counts.

    Attributes:
        allowed: True if it does.
        message: One sentence for the status line where it does not.
        proof: How it is known that the task was seen.
        reading_ms: Milliseconds from the proof, or else from the frame, to the decision.
        probe: Whether the face shall write `ESC[6n` behind the message: the reply seems to be
            lost, or it tells when the message has been on screen.
    """

    allowed: bool
    message: str = ""
    proof: Proof = "none"
    reading_ms: int = 0
    probe: bool = False


class Guard:
    """The guards of one session.

    Args:
        link: Who answers queries.
        confirm: False lets unseen rows and own edits pass without a second press.
        replies: The terminal is known to answer, so the first task waits for its answer too.
        owed: Answers to earlier queries that may come late; they prove nothing.
    """

    def __init__(
        self, link: Link, *, confirm: bool = True, replies: bool = False, owed: int = 0
    ) -> None:
        self.link = link
        self.confirm = confirm
        self._frame_at = float("-inf")
        self._seen_at: float | None = None
        self._sent = 0
        self._received = 0
        self._first_probe = 0
        self._probe_at = float("-inf")
        self._slowest = 0.0
        self._ever_replied = replies
        self._owed = owed
        self._asked = ""
        self._last_decision = ""
        self._last_undo = float("-inf")
        self._refusal, self._refused_at = 0, float("-inf")

    def frame_written(self, now: float) -> bool:
        """A new task's frame has been written.

        Args:
            now: Seconds on a clock that only goes forward, the same for all methods.

        Returns:
            Whether the face shall write `ESC[6n` behind it.
        """
        self._frame_at, self._seen_at, self._asked, self._refusal = now, None, "", 0
        self._first_probe = self._sent + 1
        return self._probe(now)

    def replied(self, now: float) -> bool:
        """A cursor position report has arrived.

        Returns:
            Whether it answers a probe; otherwise it is a key (shift+F3 looks the same).
        """
        if self._owed:
            self._owed -= 1
            self._ever_replied = True
            return False
        if self._received >= self._sent:
            return False
        self._received += 1
        self._ever_replied = True
        if self._seen_at is None and self._received >= self._first_probe:
            self._seen_at = now
            self._slowest = max(self._slowest, now - self._probe_at)
        return True

    @property
    def seen(self) -> bool:
        """Whether decisions count as far as the frame is concerned (without the dwell)."""
        return self.link != "terminal" or not self._ever_replied or self._seen_at is not None

    def is_blind(self, now: float) -> bool:
        """Tell whether keys that come now were pressed before it could be seen that a decision did
        not count. They were meant for the next task, so none of them may touch this one.

        On the link, what the terminal answers behind a message is in one line with the keys.
        """
        return self._refusal > self._received and now - self._refused_at < self._patience

    def other_action(self, now: float, *, undo: bool = False) -> None:
        """Any action but a decision or going back: a second press is asked for anew.

        Args:
            now: Seconds.
            undo: Whether it was an undo, which a held key must not carry on into older tasks.
        """
        self._asked = ""
        if undo:
            self._last_undo = now

    def judge(self, decision: str, now: float, view: TaskView, *, key: str = "") -> Verdict:
        """Judge a decision.

        Args:
            decision: `accept`, `reject` or `ignore`.
            now: Seconds.
            view: What is on screen.
            key: The key as it is shown to people; asks for a second press by this name.
        """
        if not self.seen:
            self._asked = ""
            return self._not_yet(now)
        if self._too_soon(decision, now):
            return Verdict(False, "this task has only just come up, press again")
        question = self._question(decision, view, key or _KEYS[decision])
        if question and self._asked != decision:
            self._asked = decision
            return Verdict(False, question)
        self._asked, self._last_decision = "", decision
        since = self._frame_at if self._seen_at is None else self._seen_at
        return Verdict(True, "", self._proof(), max(0, round((now - since) * 1000)))

    def back(self, now: float, *, touched: bool, earlier: str = "", key: str = "u") -> Verdict:
        """Judge an undo that would leave the task for the answer before.

        Args:
            now: Seconds.
            touched: Whether the task had edits of this annotator's own, undone by now.
            earlier: The answer that would be reopened, such as `task 36`.
            key: The undo key as it is shown to people.
        """
        held = now - self._last_undo < DWELL
        self._last_undo = now
        question = f"{key} again reopens {earlier or 'the answer before'}"
        if held:
            return Verdict(False, question if touched else "")
        if touched and self._asked != "back":
            self._asked = "back"
            return Verdict(False, question)
        self._asked = ""
        return Verdict(True, "", self._proof())

    @property
    def _patience(self) -> float:
        """Seconds after which an answer of the terminal counts as lost."""
        return max(LOST, 4 * self._slowest)

    def _probe(self, now: float) -> bool:
        if self.link != "terminal":
            return False
        self._sent += 1
        self._probe_at = now
        return True

    def _not_yet(self, now: float) -> Verdict:
        """Replies come in order, so one that is long overdue is written off before asking again."""
        if now - self._probe_at > self._patience:
            self._ever_replied = self._slowest > 0  # a terminal of the same name may be another one
            self._received = self._sent
            self._refusal = 0
            self._first_probe = self._sent + 1
            self._probe(now)
            return Verdict(False, _ON_ITS_WAY, probe=True)
        is_first = not self._refusal
        if is_first:
            # Its answer tells nothing of the frame, so `_probe_at` stays that of the frame's probe.
            self._sent += 1
            self._refusal, self._refused_at = self._sent, now
        return Verdict(False, _ON_ITS_WAY, probe=is_first)

    def _too_soon(self, decision: str, now: float) -> bool:
        return (
            self.link == "multiplexer"
            and decision == self._last_decision
            and now - self._frame_at < DWELL
        )

    def _question(self, decision: str, view: TaskView, key: str) -> str:
        if not self.confirm:
            return ""
        if decision == "accept":
            return _unseen(view, key)
        if view.edited and not view.short:
            return f"you have edited this task, {key} again {_VERBS[decision]}"
        return ""

    def _proof(self) -> Proof:
        if self.link == "none":
            return "none"
        return "unproven" if self._seen_at is None else "terminal"


_ON_ITS_WAY = "this task is still on its way to your screen"
_KEYS = {"accept": "a", "reject": "x", "ignore": "space"}
_VERBS = {"accept": "accepts", "reject": "rejects", "ignore": "ignores it"}
_PAST = {"accept": "accepted", "reject": "rejected", "ignore": "ignored"}


def _unseen(view: TaskView, key: str) -> str:
    total = view.rows_above + view.rows_below
    if not total and view.parts:
        pages = "1 page was" if view.parts == 1 else f"{view.parts} pages were"
        return f"{pages} never shown ({view.turns}), {key} again accepts"
    if not total:
        return ""
    lines = "line" if (view.rows_above or total) == 1 else "lines"
    if not view.rows_above:
        where = f"{total} {lines} below"
    elif not view.rows_below:
        where = f"{total} {lines} above"
    else:
        where = f"{view.rows_above} {lines} above and {view.rows_below} below"
    return f"{where}, {key} again accepts"


def receipt(decision: str, excerpt: str, *, key: str = "u") -> str:
    """What stays on screen after a decision until the next key.

    Args:
        decision: `accept`, `reject` or `ignore`.
        excerpt: The start of the task's text, safe to be shown.
        key: The undo key as it is shown to people.
    """
    return f'{_PAST[decision]} "{excerpt}", {key} brings it back'
