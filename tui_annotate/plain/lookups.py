"""Answers of the plain face about all answers of a session: figures, searches, what to look at
again.

Each answer is said with its number, by which `open` and `mend` take it.
"""

from __future__ import annotations

from collections.abc import Iterable

from tui_annotate.agreement.answer_search import (
    Hit,
    all_marked,
    find_hits,
    marked_line,
    snippet,
    wanted_for,
)
from tui_annotate.agreement.dataset_statistics import figures_of
from tui_annotate.agreement.index_update import update_for
from tui_annotate.agreement.mending import propose_mend
from tui_annotate.agreement.mistakes import Finding, check_answers
from tui_annotate.commands.statistics_page import sentences
from tui_annotate.session.answer_list import AnswerList
from tui_annotate.session.session import Session
from tui_annotate.store.answer_index import AnswerIndex
from tui_annotate.waiting import here

_MOST = 20
"""Answers, marked texts or findings that are said at a time."""
_ROOM = 200
"""Cells of the text that is said around what was found."""


class Lookups:
    """Answers questions about a session's answers, as lines.

    Args:
        session: Whose answers.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._opened = session.opened
        self._findings: list[Finding] = []

    def figures(self) -> Iterable[str]:
        """Return the session's figures."""
        opened = self._opened
        return sentences(figures_of(opened.store, opened.dataset, opened.session, here()))

    def answers(self, words: str) -> Iterable[str]:
        """Return the answers with some words, the newest first; without words, what is marked."""
        opened = self._opened
        name = opened.session.name
        try:
            wanted = wanted_for(words, sessions=(name,))
        except ValueError as error:
            return [f"Nothing was looked for: {error}."]

        def look(index: AnswerIndex) -> list[str]:
            if not words:
                return _marked_lines([marked_line(each) for each in all_marked(index, wanted)])
            hits, more, marked = find_hits(opened.store, index, wanted, words, _MOST, here())
            told = [f"{marked_line(marked)}."] if marked is not None else []
            return [*told, *_hit_lines(hits, more)]

        return update_for(opened.store, opened.dataset, here(), look)

    def check(self) -> Iterable[str]:
        """Return what is worth a second look, with numbers for `mend`."""
        opened = self._opened
        checker = check_answers(opened.store, opened.dataset, opened.session, here())
        self._findings = checker.findings()
        lines = [
            f"{number}. Answer {each.answer}: {each.what}. {each.advice}."
            for number, each in enumerate(self._findings[:_MOST], 1)
        ]
        if len(self._findings) > _MOST:
            lines.append(f"There are {len(self._findings) - _MOST:,} more; these come first.")
        if not lines:
            return [f"Nothing is worth a second look in {checker.answers:,} answers."]
        return [*lines, "Write open and the number of an answer, or mend and that of a line."]

    def mend(self, number: int | None) -> Iterable[str]:
        """Do what the advice of a line of `check` says, and return what was done."""
        if number is None or not 0 < number <= len(self._findings):
            return ["Write check first, then mend and the number of a line."]
        finding = self._findings[number - 1]
        proposed = propose_mend(self._opened.store, finding)
        if proposed is None:
            return ["Nothing was mended: this answer is gone."]
        _, mended = proposed
        if isinstance(mended, str):
            return [f"Nothing was mended: {mended}."]
        if AnswerList(self._session).amend(finding.answer, mended.content) is None:
            return ["Nothing was mended: this answer stands no longer. Write check again."]
        # Other lines may be about the same answer, which has another number now.
        self._findings = []
        return [f"Mended: {mended.what}. Write check for what is left."]


def _hit_lines(hits: list[Hit], more: bool) -> list[str]:
    if not hits:
        return ["No answer was found."]
    lines = []
    for hit in hits:
        flagged = ", flagged" if hit.stored.record.flagged else ""
        said = f"{hit.stored.record.answer}{flagged}"
        lines.append(f"Answer {hit.stored.id}, {said}: {snippet(hit, _ROOM)}")
    if more:
        lines.append("There are more; these are the newest.")
    return [*lines, "Write open and the number of an answer."]


def _marked_lines(lines: list[str]) -> list[str]:
    if not lines:
        return ["Nothing is marked yet."]
    rest = len(lines) - _MOST
    more = [f"{rest:,} more are marked less often."] if rest > 0 else []
    return [*(f"{each}." for each in lines[:_MOST]), *more]
