"""Finds what looks like a name or a number in a text, without any model.

A candidate is a run of capitalised words, a word in katakana between other Japanese, or a number;
what the job's patterns found and the annotator has not kept is one too (`point_commands`). Nothing
is read but the neighbourhood of where one looks.
"""

from __future__ import annotations

import unicodedata

from tui_annotate.editors.span.text_units import sentence_starts, word_at
from tui_annotate.task.tokenize import Tokens

_INNER = frozenset("-.'’&·")
_BETWEEN = frozenset(("&", "of", "de", "la", "du", "van", "von", "der", "den", "di"))
_BLANKS = frozenset(" \t\u00a0")
_LITTLE_WORDS = """
a about after all also always am an and any anyone are as at be because been before but by
can could did do does don each every for from get go got had has have he hello her here
hey hi his how however i i'd i'll i'm i've if in is it its just let like make maybe me
most my never no not now of oh ok okay on once one only or other our please she should
since so some sorry such than thank thanks that the their them then there these they this
those though to too try very was we well were what when where which while who why will
with would yeah yes yet you your
"""
_LITTLE = frozenset(_LITTLE_WORDS.split())
"""English words that are no names for all that they are capitalised."""


def candidate_at(text: str, tokens: Tokens, token: int) -> tuple[int, int] | None:
    """First and last token of the candidate that begins with a token; None if none does.

    Args:
        text: The text.
        tokens: Its tokens.
        token: Where it would begin.
    """
    character = text[tokens[token][0]]
    # Numbers and words in katakana have no capital that would tell where a name begins.
    if unicodedata.decimal(character, None) is not None or _katakana(character):
        first, last = word_at(text, tokens, token)
        return (first, last) if first == token and not _within_run(text, tokens, token) else None
    if not _named(text, tokens, token) or _within_run(text, tokens, token):
        return None
    last = word_at(text, tokens, token)[1]
    while (following := _joined_to(text, tokens, last)) is not None:
        last = word_at(text, tokens, following)[1]
    return token, last


def _katakana(character: str) -> bool:
    return "\u30a1" <= character <= "\u30fa" or "\uff66" <= character <= "\uff9d"


def _named(text: str, tokens: Tokens, token: int) -> bool:
    """Whether a word that is capitalised, and not a little one, begins with a token."""
    character = text[tokens[token][0]]
    if not (character.isupper() or character.istitle()):
        return False
    first, last = word_at(text, tokens, token)
    word = text[tokens[first][0] : tokens[last][1]].replace("’", "'").lower()
    return first == token and word not in _LITTLE


def _within_run(text: str, tokens: Tokens, token: int) -> bool:
    """Whether a run that began before goes on with the word that begins with a token."""
    at = token
    # Two words back: the one just before may join two names, as in `Bank of Ireland`.
    for _ in range(2):
        at = _before(text, tokens, at)
        if at < 0:
            return False
        first, last = word_at(text, tokens, at)
        if _named(text, tokens, first) and _joined_to(text, tokens, last) == token:
            return True
        at = first
    return False


def _joined_to(text: str, tokens: Tokens, last: int) -> int | None:
    """The first token of the name that continues the one that ends with a token, if one does."""
    at = _after(text, tokens, last)
    if at is None or _named(text, tokens, at):
        return at
    joint = word_at(text, tokens, at)
    tight = tokens[at][0] == tokens[last][1]
    word = text[tokens[at][0] : tokens[joint[1]][1]]
    if word not in (_INNER if tight else _BETWEEN):
        return None
    following = _after(text, tokens, joint[1])
    if following is None or not _named(text, tokens, following):
        return None
    # What joins names without a blank before it has none behind it either: `Saint-Denis`.
    close = tokens[following][0] == tokens[joint[1]][1]
    return following if close or not tight else None


def _after(text: str, tokens: Tokens, last: int) -> int | None:
    """The word or sign behind a token on the same line, in the same sentence."""
    at = last + 1
    while tokens.has(at) and text[tokens[at][0]] in _BLANKS:
        at += 1
    if not tokens.has(at) or "\n" in text[tokens[last][1] : tokens[at][0]]:
        return None
    return None if sentence_starts(text, tokens, at) else at


def _before(text: str, tokens: Tokens, token: int) -> int:
    at = token - 1
    while at >= 0 and text[tokens[at][0]] in _BLANKS:
        at -= 1
    return at
