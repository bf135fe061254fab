"""What shall be proposed wherever it stands: strings with labels, asked for by the annotator."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tui_annotate.task.spans import Span


class SpreadMemory:
    """Strings that are proposed in the tasks to come.

    Args:
        labels: Their labels, as they were asked for before; what is added is added there.
        keep: Told of each string and label that is new, to be kept for the next session; the label
            is empty where the string is withdrawn.
    """

    def __init__(self, labels: dict[str, str], keep: Callable[[str, str], None]) -> None:
        self._labels = labels
        self._keep = keep

    def add(self, text: str, label: str) -> str:
        """Take a string; it is proposed with its newest label only. Returns what to say."""
        if self._labels.get(text) == label:
            return "this is proposed already"
        self._keep(text, label)
        self._labels[text] = label
        return f"{label} is proposed in the tasks to come"

    def withdraw(self, text: str, label: str) -> str:
        """Propose a string no longer. Returns what to say."""
        if self._labels.pop(text, None) is not None:
            self._keep(text, "")
        return f"{label} is no longer proposed in the tasks to come"

    def spans(self, text: str) -> Iterator[Span]:
        """Yield a span for each place of a text where one of the strings stands as a whole word."""
        for wanted, label in self._labels.items():
            at = text.find(wanted)
            while at >= 0:
                end = at + len(wanted)
                if _whole(text, at, end):
                    yield Span(at, end, label)
                at = text.find(wanted, end)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether no word of a script with spaces is cut at either end."""
    return not (_cut(text, start) or _cut(text, end))


def _cut(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    return all((c.isalnum() and not "\u0e00" <= c <= "\u0eff" and c < "\u1000") or _cased(c)
               for c in text[at - 1 : at + 1])  # fmt: skip


def _cased(character: str) -> bool:
    return character.lower() != character.upper()
