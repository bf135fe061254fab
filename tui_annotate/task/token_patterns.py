"""The regular expressions that cut tokens: one for ASCII, one for the rest of Unicode.

Both are made from the same parts, so that a text in ASCII is cut the same whether or not something
beyond ASCII stands elsewhere in it. The parts that differ are the *atom* of a word (a letter, or a
whole grapheme that begins with one), and what must not follow a token (marks that cling to its last
character).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

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
    """Return the compiled pattern for any text; the `regex` package is imported here only."""
    import regex  # texts of ASCII alone do without

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
    return regex.compile(pattern, regex.VERSION1)


@cache
def graphemes() -> Any:
    """Return the compiled pattern of one grapheme."""
    import regex  # texts of ASCII alone do without

    return regex.compile(r"\X")
