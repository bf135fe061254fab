"""Commands that go to a point: next and previous, find by letter, search, jump by hint, units.
Hints are the letters that stand for words while one of them is picked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from tui_annotate.editors.base import Argument, Rows
from tui_annotate.editors.span import text_units
from tui_annotate.editors.span.cursor import Command, move_to
from tui_annotate.editors.span.spanset import SpanEntry, proposal_at
from tui_annotate.editors.span.state import LETTERS, SpanState, Way
from tui_annotate.editors.span.text_units import word_at, word_starts
from tui_annotate.errors import ConfigError
from tui_annotate.task.spans import Range
from tui_annotate.task.tokenize import Tokens

if TYPE_CHECKING:
    from tui_annotate.text.folding import Folded

LOOKED_AT = 10_000
"""Tokens that one key looks at for a name or a number."""

_WRAPPED = {1: "from the start again", -1: "from the end again"}

HINTED = 2_000
"""Words that get a hint where the view does not say what is on screen."""

MOST = 10_000
"""Hits of a search that are kept."""

NEAR = 5_000
"""Code points before and behind the cursor in which words are found by a letter."""

SECONDS = 0.25
"""How long a regular expression may look at a text."""


def arrive(state: SpanState, over: tuple[int, int]) -> None:
    """Put the cursor on a point; the next label takes all of it. A selection grows to it."""
    if state.selection is not None:
        move_to(state, over[1] if over[1] > state.cursor else over[0])
        return
    state.cursor, state.focus = over[0], None
    state.points.reach = over


def _point(direction: int) -> Command:
    def go(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
        known = _known_points(state)
        if known is None:
            return _to_candidate(state, direction)
        found = _nearest(state, known, direction)
        arrive(state, found or known[0 if direction > 0 else -1])
        return "" if found else _WRAPPED[direction]

    return go


def _to_candidate(state: SpanState, direction: int) -> str:
    """Go to the next candidate; a long way without one is gone in parts, so that no key is slow."""
    # Loaded by the first key that goes to one.
    from tui_annotate.editors.span.likely_names import candidate_at

    here = state.cursor
    if direction > 0:
        first = here if _here_is_new(state) else here + 1
        # Tokens are made as far as they are asked for: their number would have all of them made.
        furthest = here + LOOKED_AT + 1
        end = furthest + 1 if state.tokens.has(furthest) else len(state.tokens)
        ahead, wrapped = range(first, end), range(here + 1)
    else:
        ahead, wrapped = range(here - 1, -1, -1), range(len(state.tokens) - 1, here - 1, -1)
    looked = 0
    for way in (ahead, wrapped):
        for token in way:
            looked += 1
            if looked > LOOKED_AT:
                move_to(state, token)
                return "nothing up to here; again goes on"
            hit = state.pattern_hits.get(token)
            found = hit or candidate_at(state.text, state.tokens, token)
            if found is not None and _is_open(state, found):
                arrive(state, found)
                return _WRAPPED[direction] if way is wrapped else ""
    return "there is nothing to go to"


def _is_open(state: SpanState, over: tuple[int, int]) -> bool:
    return not state.spans.touching(*state.range_of(over)) and not state.barred(over)


def _known_points(state: SpanState) -> list[tuple[int, int]] | None:
    """The hits, else the proposals; None where there are neither."""
    if state.points.hits:
        return list(state.points.hits)
    return [(each.first, each.last) for each in state.proposals] or None


def _nearest(
    state: SpanState, points: list[tuple[int, int]], direction: int
) -> tuple[int, int] | None:
    here = state.cursor
    if direction < 0:
        return next((each for each in reversed(points) if each[0] < here), None)
    first = here if _here_is_new(state) else here + 1
    return next((each for each in points if each[0] >= first), None)


def _here_is_new(state: SpanState) -> bool:
    """Whether a point under the cursor has not been arrived at yet."""
    return state.points.reach is None and state.focus is None and state.selection is None


def _find_word(state: SpanState, argument: Argument, _rows: Rows | None) -> str:
    """Go to the next word that begins with a letter; next and previous go through the others.

    With more letters of what was looked for just before, it stays at a word that goes on like this.
    """
    letters, points = str(argument or ""), state.points
    hits = find_hits(state, letters)
    if not hits:
        return f"no word begins with {letters}" if letters else ""
    is_longer = letters != points.letters and letters.startswith(points.letters)
    types_on = points.passing and is_longer
    here = state.cursor
    # Whoever types on may mean the word that the first letters have led to: it is looked for from
    # just before that word, unless the cursor has left it since.
    if types_on and points.reach is not None and points.reach[1] >= here:
        here = points.reach[0] - 1
    points.found(hits, state.tokens, passing=True)
    points.letters = letters
    ahead = next((each for each in hits if each[0] > here), hits[0])
    arrive(state, ahead)
    return _WRAPPED[1] if ahead[0] <= here and len(hits) > 1 else ""


def find_hits(state: SpanState, letters: str) -> list[tuple[int, int]]:
    """The words near the cursor, as their tokens, that begin like this and can be labelled."""
    words = words_from(state.text, state.tokens, letters, state.cursor_range[0])
    return [each for each in words if not state.barred(each)]


def _search(way: Way) -> Command:
    def look(state: SpanState, argument: Argument, _rows: Rows | None) -> str:
        wanted = str(argument or "")
        points = state.points
        # Each further letter searches anew from where the search was begun, not from the hit of
        # the letters before.
        origin = points.origin or state.place
        points.forget()
        points.reach = None
        if state.selection is None:
            state.go_to(origin)
        else:
            move_to(state, origin.cursor)  # what is being adjusted goes back with it
        points.origin = origin
        try:
            hits = search(state.text, state.tokens, wanted, way)
        except ConfigError as error:
            return error.what
        hits = [each for each in hits if not state.barred(each)]
        if not hits:
            return "not found" if wanted else ""
        points.found(hits, state.tokens, passing=False)
        points.query = (way, wanted)
        arrive(state, next((each for each in hits if each[1] >= origin.cursor), hits[0]))
        return f"{len(hits)} found" if len(hits) > 1 else ""

    return look


def _arrive_at(state: SpanState, argument: Argument, _rows: Rows | None) -> str:
    """Go to the tokens that a range of code points touches."""
    over = state.tokens.snap(*argument) if isinstance(argument, tuple) else None
    if over is None:
        return "there is no word at this place"
    arrive(state, over)
    return ""


def _go(state: SpanState, argument: Argument, _rows: Rows | None) -> str:
    """Give a hint to each word that begins on screen, but not to the one under the cursor."""
    tokens, text = state.tokens, state.text
    start, stop = argument if isinstance(argument, tuple) else (0, len(text))
    over = tokens.snap(start, max(stop, start + 1))
    if over is None:
        return "there is no word on screen"
    words = (t for t in range(over[0], over[1] + 1) if text_units.word_starts(text, tokens, t))
    hidden = {state.cursor, *state.disabled}
    places = [tokens[t][0] for t in islice(words, HINTED) if t not in hidden]
    state.points.hints = hints_for(places, state.letters)
    return "" if places else "there is no word to go to"


def _hint(state: SpanState, argument: Argument, _rows: Rows | None) -> str:
    points, letter = state.points, str(argument or "")
    if not letter:
        points.hints = {}
        return ""
    left = narrowed(points.hints, letter)
    if not left:
        return "no hint begins like this" if points.hints else ""
    points.hints = left
    place, rest = next(iter(left.items()))
    if not rest:
        points.hints = {}
        arrive(state, text_units.word_at(state.text, state.tokens, state.tokens.at(place)))
    return ""


def _unit(starts: text_units.Starts, direction: int, *, whole: bool = False) -> Command:
    def move(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
        to = text_units.step(starts, state.text, state.tokens, state.cursor, direction)
        if whole and state.selection is None and to != state.cursor:
            arrive(state, text_units.word_at(state.text, state.tokens, to))
        else:
            move_to(state, to)
        return ""

    return move


def proposal_here(state: SpanState) -> SpanEntry | None:
    """The proposal under the cursor; of several the shortest."""
    return proposal_at(state.proposals, state.cursor_range)


ARRIVING: dict[str, Command] = {
    "next_point": _point(1),
    "previous_point": _point(-1),
    "find": _find_word,
    "search": _search("folded"),
    "search_exact": _search("exact"),
    "search_regex": _search("regex"),
    "hint": _hint,
    "arrive": _arrive_at,
    "next_word": _unit(text_units.word_starts, 1, whole=True),
    "previous_word": _unit(text_units.word_starts, -1, whole=True),
}
"""Commands after which a label takes the whole point arrived at."""

POINT_COMMANDS: dict[str, Command] = {
    **ARRIVING,
    "go": _go,
    "next_sentence": _unit(text_units.sentence_starts, 1),
    "previous_sentence": _unit(text_units.sentence_starts, -1),
    "next_paragraph": _unit(text_units.paragraph_starts, 1),
    "previous_paragraph": _unit(text_units.paragraph_starts, -1),
}


def search(text: str, tokens: Tokens, wanted: str, way: Way) -> list[tuple[int, int]]:
    """Return the tokens, first and last, that each hit touches.

    Args:
        text: The text.
        tokens: Its tokens.
        wanted: What is looked for; nothing finds nothing.
        way: How to compare.

    Raises:
        ConfigError: A regular expression is wrong, or takes too long on this text.
    """
    if not wanted:
        return []
    ranges = {"folded": _folded, "exact": _exact, "regex": _by_pattern}[way](text, wanted)
    hits: list[tuple[int, int]] = []
    for start, end in ranges[:MOST]:
        over = tokens.snap(start, end)
        if over is not None and (not hits or over[0] > hits[-1][0]):
            hits.append(over)
    return hits


def words_from(text: str, tokens: Tokens, letter: str, near: int) -> list[tuple[int, int]]:
    """Return the words near a code point that begin with a letter, folded: their tokens."""
    begin = max(0, near - NEAR)
    folded, wanted = _fold(text[begin : near + NEAR]), _fold(letter).text
    hits: list[tuple[int, int]] = []
    at = folded.text.find(wanted) if wanted else -1
    while at >= 0:
        start = begin + (at if folded.starts is None else folded.starts[at])
        token = tokens.at(start)
        if tokens[token][0] == start and word_starts(text, tokens, token):
            hits.append(word_at(text, tokens, token))
        at = folded.text.find(wanted, at + 1)
    return hits


def _folded(text: str, wanted: str) -> list[Range]:
    return list(_fold(text).find(wanted))


def _fold(text: str) -> Folded:
    from tui_annotate.text.folding import fold  # only a search folds a text

    return fold(text)


def _exact(text: str, wanted: str) -> list[Range]:
    ranges = []
    at = text.find(wanted)
    while at >= 0:
        ranges.append((at, at + len(wanted)))
        at = text.find(wanted, at + len(wanted))
    return ranges


def _by_pattern(text: str, wanted: str) -> list[Range]:
    import regex  # only a search by pattern needs it

    try:
        pattern: Any = regex.compile(wanted, regex.VERSION1)
        found = pattern.finditer(text, timeout=SECONDS)
        return [match.span() for match, _ in zip(found, range(MOST), strict=False)]
    except regex.error as error:
        raise ConfigError(f"the pattern is wrong: {error}") from error
    except TimeoutError as error:
        raise ConfigError("the pattern takes too long on this text") from error


def hints_for(places: Sequence[int], letters: str = LETTERS) -> dict[int, str]:
    """Give every place a hint of the same length, as short as it can be.

    Args:
        places: Offsets.
        letters: What hints are made of; at least two.
    """
    length = 1
    while len(letters) ** length < len(places):
        length += 1
    words = map("".join, product(letters, repeat=length))
    return dict(zip(places, words, strict=False))


def letters_without(decisions: Iterable[str]) -> str:
    """The letters of hints where other keys decide.

    Args:
        decisions: Characters that answer a task in the keymap in force.
    """
    taken = frozenset(decisions)
    return "".join(letter for letter in LETTERS if letter not in taken)


def narrowed(hints: dict[int, str], letter: str) -> dict[int, str]:
    """The hints that go on with a letter, without it; empty strings where that was all."""
    return {place: word[1:] for place, word in hints.items() if word.startswith(letter)}
