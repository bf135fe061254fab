"""Cuts long texts into tokens fast: by patterns, and each different piece of text once.

A piece is white space and what stands behind it up to the next white space. No token goes from one
piece to the next, and nothing in one changes how another is cut; so what was found for a piece
holds wherever the same piece stands again, and most of a long text is made of pieces that it has
many times. In scripts that put no spaces between words a piece begins at each letter too.
"""

from __future__ import annotations

import re
from array import array
from functools import cache
from itertools import accumulate, chain
from typing import Any

from tui_annotate.waiting import here

_CLINGING = r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]"
# Thai, Lao, Myanmar, Khmer and Tai, Han and Kana and Yi, the other scripts of East Asia. Digits of
# these scripts are left out: a number is one token everywhere.
NO_SPACES = (
    r"[[\p{Thai}\p{Lao}\p{Myanmar}\p{Khmer}\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}\p{Tai_Viet}"
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Yi}\p{Nushu}\p{Tangut}\p{Khitan_Small_Script}"
    r"\u0e3f\u30fc\uff70\u3031-\u3035\u303c]--\p{Nd}]"
)
"""A class, in the syntax of `regex`: letters of scripts that put no spaces between words."""

_ENDINGS = "(?:s|ll|re|ve|d|m|S|LL|RE|VE|D|M)"
_ELIDED = (
    "(?i:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu"
    "|all|dall|dell|nell|sull|coll|un|quell|quest|bell|sant|gl)"
)
_ADDRESS = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]"
_ADDRESS_END = r"[A-Za-z0-9/_=&#~+\-]"


def _tokens(*, atom: str, letter: str, apostrophe: str, joined: str, clean: str, sign: str) -> str:
    """Put a pattern together.

    Args:
        atom: Matches one unit of a word.
        letter: A lookahead's inside: a letter begins here.
        apostrophe: A character class.
        joined: Further alternatives for what may stand between the parts of a word.
        clean: Matches, in no width, where no clinging mark follows.
        sign: Matches a token of one character or grapheme.
    """
    ending = rf"{apostrophe}{_ENDINGS}(?!{atom}){clean}"
    joint = "|".join(
        [
            rf"(?<=[^\W\d_])(?!{ending}){apostrophe}(?={letter})",
            rf"(?<=\d)[.,:]{clean}(?=\d)",
            r"(?<=[A-Za-z])-(?=\d)",
            *([joined] if joined else []),
        ]
    )
    return "|".join(
        [
            rf"(?:https?://|www\.){_ADDRESS}*{_ADDRESS_END}{clean}",
            rf"[A-Za-z0-9][A-Za-z0-9._%+-]{{0,63}}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+{clean}",
            rf"(?:[A-Za-z]\.){{2,10}}(?!{atom}){clean}",
            rf"(?<=\w){ending}",
            rf"(?<!\w){_ELIDED}{apostrophe}(?={letter})",
            rf"{atom}+(?:(?:{joint}){atom}+)*",
            sign,
        ]
    )


@cache
def ascii_tokens() -> re.Pattern[str]:
    """Return the compiled pattern for a text in ASCII."""
    pattern = _tokens(
        atom=r"[A-Za-z0-9_]",
        letter=r"[A-Za-z]",
        apostrophe="'",
        joined="",
        clean="",
        sign=r"[^\w\s]",
    )
    # Only letters, digits and the apostrophe begin anything longer: other signs are found at once.
    return re.compile(rf"[^\w\s']|{pattern}")


@cache
def unicode_tokens() -> Any:
    """Return the compiled pattern for any text."""
    word_start = (
        rf"\p{{GCB=Prepend}}*[[\w\u00b2\u00b3\u00b9\u2070-\u209c]--{_CLINGING}--{NO_SPACES}"
        r"--\p{Extended_Pictographic}--\p{GCB=Prepend}]"
    )
    blank = rf"[\t-\r\x1c-\x1f\x85\u2028\u2029]|\s(?!{_CLINGING})"
    pattern = _tokens(
        atom=rf"(?:(?![0-9]\ufe0f?\u20e3)(?={word_start})\X)",
        letter=rf"(?!{_CLINGING})\p{{L}}(?<!{NO_SPACES})",
        apostrophe="['’ʼ＇]",
        joined=(
            rf"(?<=\p{{Hebrew}})[\"״׳](?=(?!{_CLINGING})\p{{Hebrew}})|(?<=[lL])·(?=[lL])"
            rf"|(?<=\d)[\u066b\u066c](?!{_CLINGING})(?=\d)"
        ),
        clean=f"(?!{_CLINGING})",
        # Vowel signs that are graphemes of their own, as in Burmese, stay with their letter.
        sign=rf"(?={NO_SPACES})\X(?:(?=\p{{Mc}})\X)*|(?!{blank})\X",
    )
    return _compiled(pattern)


@cache
def graphemes() -> Any:
    """Return the compiled pattern of one grapheme."""
    return _compiled(r"\X")


def _compiled(pattern: str) -> Any:
    import regex  # texts of ASCII alone do without

    return regex.compile(pattern, regex.VERSION1)


_BATCH = 1 << 17
"""Characters that are cut at a time: lists of pieces take fifty times the text."""

_KEPT = 1 << 16
"""Different pieces that are remembered at the most."""

_LONGEST_KEPT = 64
"""Characters of the longest piece that is remembered: longer ones hardly come twice."""

NO_CUT_BEHIND = (
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\u200d"
    "\U000110bd\U000110cd\U000111c2\U000111c3\U000113d1\U0001193f\U00011941"
    "\U00011a3a\U00011a84-\U00011a89\U00011d46\U00011f02"
)
"""A class of characters to which the next one belongs: what a grapheme begins with, and joiners."""

CUT_BEFORE = (
    "\u0e01-\u0e30\u0e32\u0e40-\u0e46\u0e81\u0e82\u0e84\u0e87\u0e88\u0e8a\u0e8d"
    "\u0e94-\u0e97\u0e99-\u0e9f\u0ea1-\u0ea3\u0ea5\u0ea7\u0eaa\u0eab\u0ead-\u0eb0\u0eb2"
    "\u0ec0-\u0ec4\u0ec6"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3400-\u4db5\u4e00-\u9fa5"
    "\ua000-\ua48c\uf900-\ufa2d\uff66-\uff9d\U00020000-\U0002a6d6"
)
"""A class of letters of scripts without spaces. Each begins a grapheme and a token, whatever stands
before it but the class above, and no token before it asks what it is."""

# Letters and digits that are part of a word wherever they stand, and signs that are a token each
# before or behind a word.
_SIMPLE = (
    "0-9A-Z_a-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0386\u0388-\u038a"
    "\u038c\u038e-\u03a1\u03a3-\u03f5\u0400-\u0481\u048a-\u052f\u0531-\u0556\u0561-\u0586"
    "\u05d0-\u05ea\u0620-\u064a\u1e00-\u1eff"
)


_OPENING = '"(<\\[{\u00ab\u201c\u201e\u300c'

_SIGN = (
    "!-&(-/:-@\\[-\\^`{-~\u00ab\u00bb\u2013\u2014\u201c-\u201f\u2026"
    "\u3001\u3002\u3008-\u3011\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f"
)


def offsets(text: str) -> array[int]:
    """Return where the tokens of a text begin and end, in turn: start, end, start, end, ...

    They are those that the pattern of all tokens finds in the whole text.

    Raises:
        Abandoned: Nobody waits for them any more.
    """
    cutting = TokenCutter(text)
    found = array("q")
    while cutting.goes_on:
        found.extend(cutting.more())
    return found


class TokenCutter:
    """A text that is cut from its start on, some of it at a time.

    Args:
        text: The text.

    Attributes:
        position: Up to where it is cut: no token goes beyond it.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._known = _Known(text.isascii())
        self._find = (_ascii_pieces() if text.isascii() else _unicode_pieces()).findall
        self._size = _BATCH
        self.position = 0

    @property
    def goes_on(self) -> bool:
        """Whether there is more to be cut."""
        return self.position < len(self._text)

    def more(self) -> array[int]:
        """Cut some more, and return where those tokens begin and end, in turn.

        Raises:
            Abandoned: Nobody waits for them any more.
        """
        here().check()
        position, text = self.position, self._text
        while True:
            pieces = self._find(text, position, position + self._size)
            if position + self._size >= len(text):
                break
            if len(pieces) > 1:
                pieces.pop()  # it may go on behind the batch
                break
            self._size *= 2
        lengths = chain.from_iterable(map(self._known.__getitem__, pieces))
        found = array("q", accumulate(lengths, initial=position))
        self.position += sum(map(len, pieces))
        return found[1:]


class _Known(dict[str, tuple[int, ...]]):
    """What was found for pieces: for each token, how many blanks stand before it and its length.

    All of a piece is told but the blanks at its end, which only the last one of a text has.
    """

    def __init__(self, is_ascii: bool) -> None:
        super().__init__()
        self._is_ascii = is_ascii
        self._simple = _simple_body().fullmatch

    def __missing__(self, piece: str) -> tuple[int, ...]:
        found = self._cut(piece)
        if len(piece) <= _LONGEST_KEPT:
            if len(self) >= _KEPT:
                self.clear()
            self[piece] = found
        return found

    def _cut(self, piece: str) -> tuple[int, ...]:
        body = piece.lstrip()
        blanks = len(piece) - len(body)
        if self._is_ascii and body.isalnum():
            return blanks, len(body)
        simple = self._simple(body)
        if simple is not None:
            start, end = simple.span(1)
            opened = (blanks, 1, 0) if start else (blanks,)
            return (*opened, end - start) if end == len(body) else (*opened, end - start, 0, 1)
        if not body:
            return ()
        pattern = ascii_tokens() if self._is_ascii else unicode_tokens()
        lengths: list[int] = []
        before = 0
        for match in pattern.finditer(piece):
            start, end = match.span()
            lengths += (start - before, end - start)
            before = end
        return tuple(lengths)


@cache
def _ascii_pieces() -> re.Pattern[str]:
    return re.compile(r"\s+\S*|\S+")


@cache
def _unicode_pieces() -> re.Pattern[str]:
    body = rf"[^\s{CUT_BEFORE}]*"
    joined = rf"(?:(?<=[{NO_CUT_BEHIND}])(?:\s+[{CUT_BEFORE}]?|[{CUT_BEFORE}]){body})*"
    return re.compile(rf"(?:\s+[{CUT_BEFORE}]?|\S){body}{joined}")


@cache
def _simple_body() -> re.Pattern[str]:
    """Return the pattern of most pieces: one word, with a sign before and behind it or not."""
    return re.compile(rf"[{_OPENING}]?([{_SIMPLE}]+|[{CUT_BEFORE}])[{_SIGN}]?")
