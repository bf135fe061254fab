"""Short forms of labels for narrow places: no two labels of a job share one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from tui_annotate.text.characters import split
from tui_annotate.text.safe import ELLIPSIS, safe
from tui_annotate.text.width import USUAL, TerminalWidths, grapheme_width

_KEPT = 4096
"""Forms that are kept; tasks may bring along any number of labels."""


class ShortLabels:
    """Shortens the labels of a job to what tells them apart.

    A form that one label has is never a form of another one, at any width: `PROC` and `PROB` stand
    for PROCEDURE and PROBLEM, and `PRO` for neither.

    Args:
        labels: The labels in the job's order, which gives them their numbers.
        brought: Labels that only the task on screen has; they have no numbers.
    """

    def __init__(self, labels: Iterable[str] = (), brought: Iterable[str] = ()) -> None:
        self._numbers = {label: number for number, label in enumerate(dict.fromkeys(labels), 1)}
        self._brought = frozenset(brought) - self._numbers.keys()
        self._shown = {label: safe(label) for label in (*self._numbers, *self._brought)}
        self._sorted: list[str] = []
        self._found: dict[tuple[str, int, TerminalWidths, str, str], str] = {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ShortLabels):
            return NotImplemented
        if self is other:
            return True
        return self._brought == other._brought and [*self._numbers] == [*other._numbers]

    def __hash__(self) -> int:
        return hash((*self._numbers, self._brought))

    def with_brought(self, brought: Iterable[str]) -> ShortLabels:
        """Return short forms that tell these labels of a task apart as well, in the place of those
        of another task.

        Args:
            brought: Labels that the task has, those of the job among them or not.
        """
        found = frozenset(brought) - self._numbers.keys()
        return self if found == self._brought else ShortLabels(self._numbers, found)

    @property
    def brought(self) -> frozenset[str]:
        """The labels that only the task has."""
        return self._brought

    def fit(
        self,
        label: str,
        room: int,
        drawing: TerminalWidths = USUAL,
        *,
        end: str = ELLIPSIS,
        middle: str = ELLIPSIS,
    ) -> str:
        """Return what stands for a label in `room` cells, safe to draw; empty if nothing can.

        It is the label itself if that fits, else its beginning, else its beginning and its end,
        else its number in the job, whichever is the first that no other label can be read from.

        Args:
            label: One of the job's labels, or one that a task brings along, which has no number;
                one that is not known here is told from those that are.
            room: Cells that there are.
            drawing: How the terminal draws.
            end: One cell's sign for an end that is left out; empty for none.
            middle: One cell's sign for a middle that is left out.
        """
        asked = (label, room, drawing, end, middle)
        found = self._found.get(asked)
        if found is None:
            if len(self._found) >= _KEPT:
                self._found.clear()
            found = self._found[asked] = self._fit(label, room, drawing, end, middle)
        return found

    def _fit(self, label: str, room: int, drawing: TerminalWidths, end: str, middle: str) -> str:
        parts = split(safe(label))
        widths = [grapheme_width(part, drawing) for part in parts]
        if sum(widths) <= room:
            return "".join(parts)
        own = self._shown.get(label)
        others = self._without(own)
        # A label with a sign of its own could be read from one that is cut with the same sign.
        are_signs_free = not any(sign and sign in each for sign in (end, middle) for each in others)
        for sign in (end, "") if are_signs_free else ("",):
            kept = _fitting(widths, room - _cells(sign, drawing))
            if kept and not self._begins("".join(parts[:kept]), own):
                return "".join(parts[:kept]) + sign
        if are_signs_free and not any(sign and sign in "".join(parts) for sign in (end, middle)):
            found = _both_ends(parts, widths, room - _cells(middle, drawing), middle, others)
            if found:
                return found
        # A label may begin with a digit, and be taken for the number of another one.
        number = str(self._numbers.get(label, ""))
        if len(number) > room or self._begins(number, None):
            return ""
        return number

    def _in_order(self) -> list[str]:
        if len(self._sorted) != len(self._shown):
            self._sorted = sorted(self._shown.values())
        return self._sorted

    def _without(self, own: str | None) -> list[str]:
        """Return what is shown of all labels but one, in the order of their letters."""
        others = list(self._in_order())
        if own is not None:
            del others[bisect_left(others, own)]
        return others

    def _begins(self, head: str, own: str | None) -> bool:
        """Tell whether another label than `own` begins so: they stand beside each other."""
        shown = self._in_order()
        at = bisect_left(shown, head)
        begun = [each for each in shown[at : at + 2] if each.startswith(head)]
        if own is not None and own in begun:
            begun.remove(own)
        return bool(begun)


def _cells(sign: str, drawing: TerminalWidths) -> int:
    return grapheme_width(sign, drawing) if sign else 0


def _fitting(widths: Sequence[int], room: int) -> int:
    """Return how many graphemes fit, from the first on."""
    return sum(used <= room for used in accumulate(widths))


def _both_ends(
    parts: Sequence[str], widths: Sequence[int], room: int, sign: str, others: Sequence[str]
) -> str:
    """Return a label without its middle: of those that fit and can be read from no other label,
    the one whose two ends are the most equal; empty if there is none."""
    backwards = widths[::-1]
    tails = range(1, _fitting(backwards, room) + 1)
    for size in sorted(tails, key=lambda tail: abs(2 * sum(backwards[:tail]) - room)):
        head = "".join(parts[: _fitting(widths, room - sum(backwards[:size]))])
        tail = "".join(parts[len(parts) - size :])
        if not any(each.startswith(head) and each.endswith(tail) for each in others):
            return f"{head}{sign}{tail}"
    return ""
