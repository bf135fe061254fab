"""Tokens of a text: the units that the cursor moves by and that spans begin and end with."""

from __future__ import annotations

import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from threading import Lock
from typing import Any, cast

from tui_annotate.errors import TaskError
from tui_annotate.task import token_cutter
from tui_annotate.task.schema import TokenDict

REASON = "bad-tokens"

_LONG = 1 << 12
"""Characters from which on a text is cut piece by piece: below, that has no use."""

_CUT_AS_NEEDED = 1 << 17
"""Characters from which on all tokens are not cut before somebody asks for them."""


class Tokens:
    """Ranges of a text in order: token `i` is the characters `starts[i]` to `ends[i]` (exclusive).

    They do not overlap and none is empty. White space between them belongs to none. A task may
    list more: those that stand for no characters, such as BERT's `[CLS]`, are not among them, but
    keep their places in the list and so in the numbers that `token_start`, `head` and others are.

    Attributes:
        built_in: They are what `tokenize` makes of the text.
    """

    __slots__ = (
        "_cut_to",
        "_cutting",
        "_dicts",
        "_ends",
        "_lock",
        "_numbers",
        "_starts",
        "built_in",
    )

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        # A tuple for each token of a long document at once would take a hundred megabytes.
        offsets = array("q", chain.from_iterable(ranges))
        self._starts, self._ends = offsets[::2], offsets[1::2]
        self._cutting: token_cutter.TokenCutter | None = None
        # Up to where tokens are in the lists, for every thread: another one may be adding some.
        self._cut_to = 0
        self._lock: Lock | None = None
        self._dicts: tuple[Mapping[str, Any], ...] | None = None
        self._numbers: Sequence[int] | None = None
        self.built_in = False

    @classmethod
    def of_offsets(cls, offsets: array[int]) -> Tokens:
        """Make tokens of their offsets in one array: start, end, start, end, and so on."""
        tokens = cls()
        tokens._starts, tokens._ends = offsets[::2], offsets[1::2]
        return tokens

    @classmethod
    def as_needed(cls, text: str) -> Tokens:
        """Make the tokens that `tokenize` makes, those of a long text only when they are asked for.

        Who asks for a place in the text or in the list has the text cut as far as that, who asks
        for more, such as how many there are, has all of it cut. Any thread may ask.
        """
        if len(text) < _CUT_AS_NEEDED:
            return tokenize(text)
        tokens = cls()
        tokens._cutting, tokens._lock = token_cutter.TokenCutter(text), Lock()
        tokens.built_in = True
        return tokens

    @property
    def starts(self) -> Sequence[int]:
        """Where each token begins."""
        self.finish()
        return self._starts

    @property
    def ends(self) -> Sequence[int]:
        """Where each token ends, exclusive."""
        self.finish()
        return self._ends

    @property
    def finished(self) -> bool:
        """Whether all of them are there, so that nothing that is asked takes long."""
        return self._cutting is None

    def finish(self) -> None:
        """Have all of them there.

        Raises:
            Abandoned: Nobody waits for them any more. What was cut stays, and can be gone on with.
        """
        while self._cutting is not None:
            self._cut_more()

    def _cut_more(self) -> None:
        lock = self._lock
        assert lock is not None
        with lock:
            cutting = self._cutting
            if cutting is None:
                return
            found = cutting.more()
            # In this order: whoever sees a start finds its end.
            self._ends.extend(found[1::2])
            self._starts.extend(found[::2])
            self._cut_to = cutting.position
            if not cutting.goes_on:
                self._cutting = None

    def _cut_behind(self, offset: int) -> None:
        """Have all tokens there that begin at an offset or before it."""
        while self._cutting is not None and self._cut_to <= offset:
            self._cut_more()

    def __len__(self) -> int:
        return len(self.starts)

    def __bool__(self) -> bool:
        return self.has(0)

    def has(self, index: int) -> bool:
        """Tell whether there is a token of a number, 0 being the first."""
        while index >= len(self._starts) and self._cutting is not None:
            self._cut_more()
        return 0 <= index < len(self._starts)

    def __getitem__(self, index: int) -> tuple[int, int]:
        if index < 0:
            self.finish()
        elif self._cutting is not None:
            self.has(index)
        return self._starts[index], self._ends[index]

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
        given = self._dicts
        if given is None:
            return frozenset()
        everyone = range(len(self))
        return frozenset(i for i in everyone if given[self.number(i)].get("disabled") is True)

    @property
    def listed(self) -> int:
        """How many tokens the task lists: these, and those that stand for no characters."""
        return len(self) if self._dicts is None else len(self._dicts)

    def number(self, index: int) -> int:
        """Return the place of token `index` in the task's list."""
        return index if self._numbers is None else self._numbers[index]

    def index(self, number: int) -> int | None:
        """Return which token has a place in the task's list; None where that one stands for no
        characters, or where the list has no such place."""
        if self._numbers is None:
            return number if self.has(number) else None
        found = bisect_left(self._numbers, number)
        return found if found < len(self) and self._numbers[found] == number else None

    def numbers(self, start: int, end: int) -> tuple[int, int] | None:
        """Return what `covering` does, as places in the task's list."""
        covered = self.covering(start, end)
        return None if covered is None else (self.number(covered[0]), self.number(covered[1]))

    def at(self, offset: int) -> int:
        """Return the token that holds the character at `offset`, else the nearest one before it.

        Before the first token, and where there are none, it is 0.
        """
        self._cut_behind(offset)
        return max(0, bisect_right(self._starts, offset) - 1)

    def first_from(self, offset: int) -> int:
        """Return the first token that begins at `offset` or behind it; behind the last one, the
        number of tokens."""
        self._cut_behind(offset)
        return bisect_left(self._starts, offset)

    def covering(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the first and the last token (inclusive) of `start` to `end`, if the range begins
        where a token begins and ends where a token ends; None otherwise."""
        self._cut_behind(end)
        first = bisect_left(self._starts, start)
        last = bisect_left(self._ends, end)
        if first > last or last >= len(self._starts):
            return None
        aligned = self._starts[first] == start and self._ends[last] == end
        return (first, last) if aligned else None

    def snap(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the first and the last token (inclusive) that share a character with the range
        `start` to `end`; None where no token does."""
        self._cut_behind(end)
        first = bisect_right(self._ends, start)
        last = bisect_left(self._starts, end) - 1
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
            dicts: A list of token dicts, in order. `text` and `id` may be left out. Those that
                stand for no characters of their own keep their places and are passed over:
                empty ones, wherever they say they are, and those within the one before. The
                `text` of a word piece may be spelled as its model spells it.

        Raises:
            TaskError: With reason `bad-tokens`: not a list of objects, offsets that are no
                integers, out of order, overlapping or outside the text, an `id` that is not the
                token's place in the list, texts that the task's text does not have there, or no
                token with any characters.
        """
        if not isinstance(dicts, list):
            raise _error(f"tokens are of type {type(dicts).__name__}, not a list")
        ranges: list[tuple[int, int]] = []
        numbers: list[int] = []
        strange: list[int] = []
        last = (0, 0)
        for number, each in enumerate(dicts):
            found = _read(text, number, each, last)
            if found is None:
                continue
            start, end = last = found
            ranges.append(found)
            numbers.append(number)
            own = text[start:end]
            if each.get("text", own) != own and not _is_spelled(each["text"], own):
                strange.append(number)
        if dicts and not ranges:
            raise _error("no token has any characters of the text")
        # One odd token is a model's; where they are many, the offsets count something else.
        if len(strange) * 3 > len(ranges):
            start, end = ranges[bisect_left(numbers, strange[0])]
            what = f"the text of token {strange[0]} is not what the task has from {start} to {end}"
            raise _error(what)
        tokens = cls(ranges)
        tokens._dicts = tuple(dict(each) for each in dicts)
        if len(numbers) < len(dicts):
            tokens._numbers = array("q", numbers)
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
        tokens = Tokens.of_offsets(token_cutter.offsets(text))
    else:
        pattern = token_cutter.ascii_tokens() if text.isascii() else token_cutter.unicode_tokens()
        tokens = Tokens(match.span() for match in pattern.finditer(text))
    tokens.built_in = True
    return tokens


def characters(text: str) -> Tokens:
    """Cut a text into its graphemes, spaces included; only line breaks are not tokens."""
    if text.isascii():
        kept = text.replace("\r\n", "\n\n")
        tokens = Tokens()
        tokens._starts = array("q", [at for at, each in enumerate(kept) if each != "\n"])
        tokens._ends = array("q", [start + 1 for start in tokens._starts])
        return tokens
    return Tokens(
        match.span()
        for match in token_cutter.graphemes().finditer(text)
        if match[0] not in {"\n", "\r\n"}
    )


def _read(text: str, number: int, data: Any, last: tuple[int, int]) -> tuple[int, int] | None:
    """Check one token dict against the text and the token before it.

    Returns:
        Its range; None where it stands for no characters of its own.
    """
    if type(data) is not dict and not isinstance(data, Mapping):
        raise _error(f"token {number} is of type {type(data).__name__}, not an object")
    start, end = data.get("start"), data.get("end")
    if type(start) is not int or type(end) is not int:
        raise _error(f"the start and end of token {number} are not both integers")
    if data.get("id", number) != number:
        raise _error(f"token {number} has another id")
    # As tokenizers of models have them: special tokens, and the pieces of one character.
    if start == end or last[0] <= start < end <= last[1]:
        return None
    if last[1] <= start < end <= len(text):
        return start, end
    if data.get("disabled") is True:
        return None  # it cannot be chosen, wherever it is
    raise _error(
        f"token {number} goes from {start} to {end}, after a token that ends at {last[1]} "
        f"in a text of {len(text)} characters"
    )


_PIECE_MARKS = ("##", "\N{LOWER ONE EIGHTH BLOCK}", "\N{LATIN CAPITAL LETTER G WITH DOT ABOVE}")
"""What word pieces of BERT, SentencePiece and byte-level models begin with."""


def _is_spelled(given: object, piece: str) -> bool:
    """Tell whether a token's text is a model's spelling of a piece: with its mark for word pieces
    or word ends, in lower case, without accents; or a sign of its own, such as `[UNK]`."""
    if not isinstance(given, str):
        return False
    if given[:1] + given[-1:] in ("[]", "<>") and len(given) > 2:
        return True
    for mark in _PIECE_MARKS:
        given = given.removeprefix(mark)
    return _bare(given.removesuffix("</w>")) == _bare(piece)


def _bare(piece: str) -> str:
    letters = unicodedata.normalize("NFKD", piece.strip()).casefold()
    return "".join(each for each in letters if not unicodedata.combining(each))


def _error(what: str) -> TaskError:
    hint = "Leave `tokens` out of the task to have it tokenized anew"
    return TaskError(what, reason=REASON, hint=hint)
