"""What SLATE's published keys cost, counted without running it, in its favour where in doubt.

Published are: a token left or right and a line up or down, each repeated by a number typed before;
start and end of the line, first and last line; extending the selection by a token to either side,
with a number; a search that is typed, confirmed and repeated; and two keys for a label. "Line" is
taken to be a row of the screen, which makes for shorter ways than lines of a file.

SLATE is started for tokens or for characters. Its tokens are what stands between blanks, so that a
comma behind a name belongs to the name: a corpus with such spans can only be made exactly as it is
with characters. Both are counted; with tokens the spans that cannot be right count as if they were.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tui_annotate.text.wrap import Layout

COLUMNS = 80


@dataclass
class SlateSum:
    """What was counted over a corpus; `inexact` spans do not begin and end with tokens."""

    spans: int = 0
    keys: int = 0
    answers: int = 0
    inexact: int = 0

    @property
    def per_span(self) -> float:
        """Keys for a span, without those that go to the next file."""
        return (self.keys - self.answers) / max(self.spans, 1)


def slate_keys(rows: Iterable[dict[str, Any]], *, by_character: bool) -> SlateSum:
    """Count a corpus.

    Args:
        rows: Each with `text`, and `gold` as sorted (start, end, label).
        by_character: Whether SLATE was started for characters and not for tokens.
    """
    total = SlateSum()
    for row in rows:
        total.keys += 1
        total.answers += 1
        page = _Page(row["text"], by_character=by_character)
        at: tuple[int, ...] = (0,)
        for start, end, _ in row["gold"]:
            first, last = page.token_at(start), page.token_at(end - 1)
            total.spans += 1
            total.inexact += page.tokens[first][0] != start or page.tokens[last][1] != end
            wanted = row["text"][start:end]
            # Where the selection stands after a label is not published: where it is nearer.
            ways = [page.cost(here, first, wanted) for here in at]
            ways += [page.cost(here, last, row["text"][page.tokens[last][0] : end]) for here in at]
            total.keys += min(ways) + _counted(last - first) + 2
            at = (first, last)
    return total


def _counted(times: int) -> int:
    """Keys to do something so many times: the number and the key, or just the keys."""
    return 0 if times == 0 else min(times, len(str(times)) + 1)


class _Page:
    """A text as rows of tokens."""

    def __init__(self, text: str, *, by_character: bool) -> None:
        self._text = text
        unit = r"(?s)." if by_character else r"\S+"
        self.tokens = [match.span() for match in re.finditer(unit, text)] or [(0, 0)]
        self._starts = [start for start, _ in self.tokens]
        layout = Layout(text, COLUMNS)
        self._row_of = [layout.row_of(start) for start in self._starts]
        self._column = [layout.column_of(start) for start in self._starts]
        self._rows: dict[int, list[int]] = {}
        for token, row in enumerate(self._row_of):
            self._rows.setdefault(row, []).append(token)

    def token_at(self, offset: int) -> int:
        """The token at a code point."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def cost(self, here: int, there: int, wanted: str) -> int:
        """The fewest keys from one token to another."""
        return min(self._by_moves(here, there), self._by_search(here, there, wanted))

    def _by_moves(self, here: int, there: int) -> int:
        best = _counted(abs(here - there))
        rows = sorted(self._rows)
        source = rows.index(self._row_of[here])
        for number, row in enumerate(rows):
            ways = [_counted(abs(number - source))]
            ways += [1] if number in (0, len(rows) - 1) else []
            for at, more in self._entered(row, here, number == source):
                best = min(best, min(ways) + more + _counted(abs(at - there)))
        return best

    def _entered(self, row: int, here: int, same: bool) -> Sequence[tuple[int, int]]:
        """Tokens of a row that moving to it, and to its start or end, leads to, with the keys."""
        tokens = self._rows[row]
        column = self._column[here]
        near = here if same else min(tokens, key=lambda each: abs(self._column[each] - column))
        return (near, 0), (tokens[0], 1), (tokens[-1], 1)

    def _by_search(self, here: int, there: int, wanted: str) -> int:
        best = 10**9
        for length in range(1, len(wanted) + 1):
            hits = self._hits(wanted[:length])
            if there in hits:
                ahead = [hit for hit in hits if hit > here]
                order = ahead + [hit for hit in hits if hit <= here]
                best = min(best, 2 + length + order.index(there) + 1)
        return best

    def _hits(self, query: str) -> list[int]:
        """The tokens in which a text is found."""
        places = [m.start() for m in re.finditer(f"(?={re.escape(query)})", self._text)]
        found = dict.fromkeys(map(self.token_at, places))
        return [t for t in found if t < len(self.tokens)]
