"""Tokens of a text: the units that the cursor moves by and that spans begin and end with."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, cast

from tui_annotate.errors import TaskError
from tui_annotate.task import token_patterns, token_pieces
from tui_annotate.task.schema import TokenDict

REASON = "bad-tokens"

_LONG = 1 << 12
"""Characters from which on a text is cut piece by piece: below, that has no use."""


class Tokens:
    """Ranges of a text in order: token `i` is the characters `starts[i]` to `ends[i]` (exclusive).

    They do not overlap and none is empty. White space between them belongs to none.

    Attributes:
        built_in: They are what `tokenize` makes of the text.
    """

    __slots__ = ("_dicts", "built_in", "ends", "starts")

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        # A tuple for each token of a long document at once would take a hundred megabytes.
        offsets = array("q", chain.from_iterable(ranges))
        self.starts: Sequence[int] = offsets[::2]
        self.ends: Sequence[int] = offsets[1::2]
        self._dicts: tuple[Mapping[str, Any], ...] | None = None
        self.built_in = False

    @classmethod
    def of_offsets(cls, offsets: array[int]) -> Tokens:
        """Make tokens of their offsets in one array: start, end, start, end, and so on."""
        tokens = cls()
        tokens.starts, tokens.ends = offsets[::2], offsets[1::2]
        return tokens

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, index: int) -> tuple[int, int]:
        return self.starts[index], self.ends[index]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self.starts, self.ends, strict=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tokens):
            return NotImplemented
        return self.starts == other.starts and self.ends == other.ends

    __hash__ = None  # type: ignore[assignment]

    @property
    def given(self) -> bool:
        """Whether they were read from a task, which may say more of them than where they are."""
        return self._dicts is not None

    @property
    def disabled(self) -> frozenset[int]:
        """The numbers of the tokens that the task marks as `disabled`."""
        given = enumerate(self._dicts or ())
        return frozenset(index for index, each in given if each.get("disabled") is True)

    def at(self, offset: int) -> int:
        """Return the token that holds the character at `offset`, else the nearest one before it.

        Before the first token, and where there are none, it is 0.
        """
        return max(0, bisect_right(self.starts, offset) - 1)

    def covering(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the first and the last token (inclusive) of `start` to `end`, if the range begins
        where a token begins and ends where a token ends; None otherwise."""
        first = bisect_left(self.starts, start)
        last = bisect_left(self.ends, end)
        if first > last or last >= len(self):
            return None
        aligned = self.starts[first] == start and self.ends[last] == end
        return (first, last) if aligned else None

    def snap(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the first and the last token (inclusive) that share a character with the range
        `start` to `end`; None where no token does."""
        first = bisect_right(self.ends, start)
        last = bisect_left(self.starts, end) - 1
        return (first, last) if start < end and first <= last else None

    def to_dicts(self, text: str) -> list[TokenDict]:
        """Return the tokens as tasks hold them.

        Tokens that were read from a task are given back as they were, unknown keys included.

        Args:
            text: The text that the tokens are of.
        """
        if self._dicts is not None:
            return [cast(TokenDict, dict(each)) for each in self._dicts]
        following = [*self.starts[1:], len(text)]
        return [
            {"text": text[start:end], "start": start, "end": end, "id": index, "ws": next_ > end}
            for index, (start, end, next_) in enumerate(
                zip(self.starts, self.ends, following, strict=False)
            )
        ]

    @classmethod
    def from_dicts(cls, text: str, dicts: Any) -> Tokens:
        """Read the `tokens` of a task.

        Args:
            text: The task's text.
            dicts: A list of token dicts, in order. `text` and `id` may be left out.

        Raises:
            TaskError: With reason `bad-tokens`: not a list of objects, offsets that are no
                integers, empty, out of order, overlapping or outside the text, an `id` that is not
                the token's place in the list, or a `text` that the task's text does not have there.
        """
        if not isinstance(dicts, list):
            raise _error(f"tokens are of type {type(dicts).__name__}, not a list")
        ranges: list[tuple[int, int]] = []
        before = 0
        for index, each in enumerate(dicts):
            ranges.append(_read(text, index, each, before))
            before = ranges[-1][1]
        tokens = cls(ranges)
        tokens._dicts = tuple(dict(each) for each in dicts)
        return tokens


def tokenize(text: str) -> Tokens:
    """Cut a text into words, numbers and signs.

    Words keep inner apostrophes (`O'Brien`), but endings (`'s`, `'ll`) and elided articles (`l'`)
    are tokens of their own; numbers keep their separators; addresses, and abbreviations such as
    `U.S.`, stay whole; every other sign is a token. In scripts that put no spaces between words
    each grapheme is one, with its vowel signs. No grapheme is ever cut, and everything but white
    space is in some token.
    """
    if len(text) >= _LONG:
        tokens = Tokens.of_offsets(token_pieces.offsets(text))
    else:
        pattern = (
            token_patterns.ascii_tokens() if text.isascii() else token_patterns.unicode_tokens()
        )
        tokens = Tokens(match.span() for match in pattern.finditer(text))
    tokens.built_in = True
    return tokens


def characters(text: str) -> Tokens:
    """Cut a text into its graphemes, spaces included; only line breaks are not tokens."""
    if text.isascii():
        kept = text.replace("\r\n", "\n\n")
        tokens = Tokens()
        tokens.starts = array("q", [at for at, each in enumerate(kept) if each != "\n"])
        tokens.ends = array("q", [start + 1 for start in tokens.starts])
        return tokens
    return Tokens(
        match.span()
        for match in token_patterns.graphemes().finditer(text)
        if match[0] not in {"\n", "\r\n"}
    )


def _read(text: str, index: int, data: Any, before: int) -> tuple[int, int]:
    """Check one token dict against the text and the end of the token before it."""
    if type(data) is not dict and not isinstance(data, Mapping):
        raise _error(f"token {index} is of type {type(data).__name__}, not an object")
    start, end = data.get("start"), data.get("end")
    if type(start) is not int or type(end) is not int:
        raise _error(f"the start and end of token {index} are not both integers")
    if not before <= start < end <= len(text):
        raise _error(
            f"token {index} goes from {start} to {end}, after a token that ends at {before} "
            f"in a text of {len(text)} characters"
        )
    if data.get("id", index) != index:
        raise _error(f"token {index} has another id")
    if data.get("text", text[start:end]) != text[start:end]:
        raise _error(f"the text of token {index} is not what the task has from {start} to {end}")
    return start, end


def _error(what: str) -> TaskError:
    hint = "Leave `tokens` out of the task to have it tokenized anew"
    return TaskError(what, reason=REASON, hint=hint)
