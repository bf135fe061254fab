"""Patterns that propose spans: strings, found by our own tokens, and spaCy's token patterns.

A file has one JSON object a line: `{"label": "FRUIT", "pattern": "blood orange"}` or
`{"label": "FRUIT", "pattern": [{"lower": "blood"}, {"lower": "orange"}]}`, and optionally an `id`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from math import comb
from pathlib import Path
from typing import Any

from tui_annotate.errors import TaskError, UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.suggest.models import load_pipeline
from tui_annotate.task.jsonio import loads_strict
from tui_annotate.task.schema import Task
from tui_annotate.task.tokenize import tokenize
from tui_annotate.text.timed_pattern import TimedPattern, TimeLimit
from tui_annotate.waiting import here
from tui_annotate.whole_files import read_whole

SECONDS = 0.5
"""How long the regular expressions of all patterns may take on one text together."""

TOO_SLOW = f"patterns took longer than {SECONDS} s here and are left out"
"""The note on a task whose text the expressions or repeats of its patterns took too long on."""

_LONGEST = 1_000
"""Tokens of a pattern at most, with its repeats."""
_WAYS = 3_000_000
"""Ways to distribute repeats over a text that are followed: spaCy takes half a second for them."""

_COUNTS = re.compile(r"\{\s*(\d{0,9})\s*(,?)\s*(\d{0,9})\s*\}")


class Match(NamedTuple):
    """Characters `start` to `end` (exclusive), the label, and the number or id of the pattern."""

    start: int
    end: int
    label: str
    pattern: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as a span of a task."""
        return {
            "start": self.start,
            "end": self.end,
            "label": self.label,
            "pattern": self.pattern,
        }


class PatternMatcher:
    """Finds what patterns describe.

    Args:
        patterns: Objects with `label` and `pattern`, and optionally `id`.
        nlp: A spaCy pipeline; a blank English one is made where token patterns need one.
        labels: Only patterns with these labels count; None for all.
        unlabelled: The label of patterns that have none; without it they are refused.

    Attributes:
        too_slow: Whether regular expressions or repeats took too long on the last text, so that
            only strings were looked for in it.
        token_labels: The labels of token patterns, which such texts are not searched for.

    Raises:
        UsageError: A pattern is wrong.
        MissingExtra: There are token patterns, and spaCy is not installed.
    """

    def __init__(
        self,
        patterns: Iterable[Mapping[str, Any]],
        nlp: Any = None,
        labels: Iterable[str] | None = None,
        unlabelled: str = "",
    ) -> None:
        wanted = None if labels is None else frozenset(labels)
        self._phrases: dict[str, dict[tuple[str, ...], list[tuple[str, str]]]] = {}
        self._names: dict[str, tuple[str, str]] = {}
        self.token_labels: list[str] = []
        self._nlp = nlp
        self._matcher: Any = None
        self._effort: Any = None
        self._limit = TimeLimit(SECONDS)
        self.too_slow = False
        for number, entry in enumerate(patterns):
            label, pattern = entry.get("label") or unlabelled, entry.get("pattern")
            if not isinstance(label, str) or not label:
                raise UsageError("it has no label", where=f"pattern {number + 1}")
            if wanted is None or label in wanted:
                self._add(label, pattern, str(entry.get("id", number)), number)

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        nlp: Any = None,
        labels: Iterable[str] | None = None,
        unlabelled: str = "",
    ) -> PatternMatcher:
        """Read a file of patterns.

        Raises:
            UsageError: It cannot be read, or a line is wrong.
        """
        return cls(read_patterns(Path(path).expanduser()), nlp, labels, unlabelled)

    def _add(self, label: str, pattern: object, name: str, number: int) -> None:
        if isinstance(pattern, str) and pattern.strip():
            words = _words(pattern)
            places = self._phrases.setdefault(words[0], {})
            places.setdefault(words, []).append((label, name))
        elif isinstance(pattern, list) and pattern:
            self._add_tokens(label, pattern, name, number)
        else:
            what = "its pattern is neither a text nor a list of tokens"
            raise UsageError(what, where=f"pattern {number + 1}")

    def _add_tokens(self, label: str, pattern: list[Any], name: str, number: int) -> None:
        if self._nlp is None:
            self._nlp = load_pipeline("blank:en")
        if self._matcher is None:
            matchers = import_module("spacy.matcher")
            self._matcher = matchers.Matcher(self._nlp.vocab, validate=True)
            self._effort = _Effort(matchers.Matcher(self._nlp.vocab), self._limit)
        key = f"{number}"
        self._names[key] = (label, name)
        steps = _steps(pattern)
        if len(steps) > _LONGEST:
            what = f"with its repeats it has more than {_LONGEST:,} tokens"
            raise UsageError(what, where=f"pattern {number + 1}")
        if label not in self.token_labels:
            self.token_labels.append(label)
        try:
            self._matcher.add(key, [pattern])
            limit_time(self._matcher, self._limit)
            self._effort.add(key, steps)
        except Exception as error:
            first = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UsageError(f"spaCy refuses it ({first})", where=f"pattern {number + 1}") from None

    def matches(self, text: str) -> list[Match]:
        """Return all matches from left to right, longer ones first, overlapping ones too.

        Where regular expressions take too long on the text, `too_slow` says so and only strings
        are found.
        """
        found = list(self._phrase_matches(text))
        self._limit.begin()
        try:
            found += self._token_matches(text)
            self.too_slow = False
        except TimeoutError:
            self.too_slow = True
        return sorted(set(found), key=lambda m: (m.start, -m.end, m.label, m.pattern))

    def _phrase_matches(self, text: str) -> Iterator[Match]:
        if not self._phrases:
            return
        tokens = tokenize(text)
        words = [text[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True)]
        waiting = here()
        for place, word in enumerate(words):
            waiting.check()
            for phrase, owners in self._phrases.get(word, {}).items():
                last = place + len(phrase)
                if tuple(words[place:last]) == phrase:
                    for label, name in owners:
                        yield Match(tokens.starts[place], tokens.ends[last - 1], label, name)

    def _token_matches(self, text: str) -> Iterator[Match]:
        if self._matcher is None:
            return
        doc = self._nlp(text)
        try:
            self._effort.check(doc)
            found = self._matcher(doc)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            first = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UsageError(f"spaCy cannot search for them ({first})", where="patterns") from None
        for key, first, last in found:
            label, name = self._names[self._nlp.vocab.strings[key]]
            span = doc[first:last]
            yield Match(span.start_char, span.end_char, label, name)


def _steps(pattern: list[Any]) -> list[tuple[str, Any]]:
    """Return what a token pattern is to spaCy: tokens that are there once (`1`), at most once
    (`?`), as often as they come (`*`) or not at all (`!`); of more than `_LONGEST` only some."""
    found: list[tuple[str, Any]] = []
    for token in pattern:
        operator = token.get("OP", "1") if isinstance(token, Mapping) else "1"
        steps = _steps_of_operator(operator)
        one = {key: each for key, each in token.items() if key != "OP"} if steps else {}
        found += [(step, one) for step in steps]
        if len(found) > _LONGEST:
            break
    return found


def _steps_of_operator(operator: Any) -> list[str]:
    """Return the steps of one token, by how often spaCy's operator lets it come."""
    if operator in ("!", "?", "*"):
        return [operator]
    if operator == "+":
        return ["1", "*"]
    counts = _COUNTS.fullmatch(operator) if isinstance(operator, str) else None
    if counts is None:
        return ["1"]
    # `{2}` has no comma, `{2,}` no end, and `{,3}` no beginning.
    beginning, comma, end = counts[1], counts[2], counts[3]
    least = int(beginning or 0)
    steps = ["1"] * min(least, _LONGEST + 1)
    if comma and not end:
        return [*steps, "*"]
    further = int(end) - least if comma else 0
    return [*steps, *["?"] * min(further, _LONGEST + 1)]


class _Effort:
    """Tells of which texts the search for a token pattern with repeats would take for ever.

    spaCy follows every way in which the repeats can be distributed over the tokens, in C and with
    the interpreter's lock, so nothing can stop it: the ways are counted before.

    Args:
        singles: A `Matcher`, for the tokens of such patterns one by one.
        limit: What expressions of those may take.
    """

    def __init__(self, singles: Any, limit: TimeLimit) -> None:
        self._singles = singles
        self._limit = limit
        self._patterns: list[list[tuple[str, str]]] = []
        self._repeats = 0

    def add(self, key: str, steps: list[tuple[str, Any]]) -> None:
        """Take a pattern, if it has repeats."""
        repeats = sum(kind != "1" for kind, _ in steps)
        if not repeats:
            return
        self._repeats = max(self._repeats, repeats)
        names: dict[str, str] = {}
        for _, one in steps:
            told = repr(one)
            if told not in names:
                names[told] = f"{key}:{len(names)}"
                self._singles.add(names[told], [[one]])
        limit_time(self._singles, self._limit)
        self._patterns.append([(kind, names[repr(one)]) for kind, one in steps])

    def check(self, doc: Any) -> None:
        """Count the ways on a text.

        Raises:
            TimeoutError: There are too many.
        """
        if not self._patterns or len(doc) * comb(len(doc) + self._repeats, len(doc)) <= _WAYS:
            return
        strings = doc.vocab.strings
        found: dict[str, set[int]] = {}
        for key, first, _ in self._singles(doc):
            found.setdefault(strings[key], set()).add(first)
        ways = 0
        for pattern in self._patterns:
            steps = [(kind, found.get(name, set[int]())) for kind, name in pattern]
            for count in _ways(steps, len(doc)):
                ways += count
                if ways > _WAYS:
                    raise TimeoutError


def _ways(steps: Sequence[tuple[str, Collection[int]]], length: int) -> Iterator[int]:
    """Yield for each token of a text how many ways through a pattern end before it."""
    waiting = [0] * (len(steps) + 1)  # ways by the step that comes next
    for token in range(length):
        waiting[0] += 1
        after = [0] * (len(steps) + 1)
        for at, (kind, tokens) in enumerate(steps):
            count = waiting[at]
            if not count:
                continue
            if kind != "1":  # it need not be there
                waiting[at + 1] += count
            if token in tokens:
                after[at if kind == "*" else at + 1] += count
        yield sum(waiting[: len(steps)])
        after[len(steps)] = 0
        waiting = after


def limit_time(matcher: Any, limit: TimeLimit) -> None:
    """Let a spaCy `Matcher` search by expressions that have a time limit, instead of its own.

    Args:
        matcher: It has all its patterns by now.
        limit: What they may take on one text together; a search beyond it raises `TimeoutError`.
    """
    for predicate in getattr(matcher, "_extra_predicates", ()):
        value = getattr(predicate, "value", None)
        if isinstance(value, re.Pattern):
            predicate.value = TimedPattern(value.pattern, limit)
        elif isinstance(value, set) and getattr(predicate, "regex", False):
            predicate.value = {
                TimedPattern(each.pattern, limit) if isinstance(each, re.Pattern) else each
                for each in value
            }


def longest(matches: Iterable[Match]) -> list[Match]:
    """Return matches that do not overlap: the longest ones first, of equals the leftmost."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda m: (m.start - m.end, m.start)):
        if all(match.end <= other.start or other.end <= match.start for other in kept):
            kept.append(match)
    return sorted(kept, key=lambda m: m.start)


def add_matches(
    tasks: Iterable[Task], matcher: PatternMatcher, *, overlap: bool = False
) -> Iterator[Task]:
    """Yield the tasks with the matches as spans, beside those that they bring."""
    for task in tasks:
        given = [each for each in task.get("spans") or () if isinstance(each, dict)]
        found = matcher.matches(str(task.get("text", "")))
        kept = found if overlap else longest(found)
        spans = [*given, *(m.to_dict() for m in kept if overlap or _is_free(m, given))]
        if matcher.too_slow:
            task = with_note(task)
        yield {**task, "spans": spans} if spans else task


def with_note(task: Task) -> Task:
    """Return a task that says in its meta line that patterns took too long on its text.

    A note that the task brings stays.
    """
    given = task.get("meta")
    meta = given if isinstance(given, dict) else {}
    key = "note" if meta.get("note", TOO_SLOW) == TOO_SLOW else "patterns"
    return {**task, "meta": {**meta, key: TOO_SLOW}}


def _is_free(match: Match, spans: list[dict[str, Any]]) -> bool:
    return all(
        match.end <= span.get("start", 0) or span.get("end", 0) <= match.start for span in spans
    )


def _words(phrase: str) -> tuple[str, ...]:
    tokens = tokenize(phrase)
    return tuple(phrase[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True))


def read_patterns(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of patterns; `UsageError` where it cannot be read."""
    try:
        text = read_whole(path)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise UsageError(f"the patterns cannot be read ({reason})", where=str(path)) from None
    yield from patterns_of(text, str(path))


def patterns_of(text: bytes, where: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of patterns in JSON lines; `UsageError` where a line is wrong.

    Args:
        text: The lines.
        where: What messages call them.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield loads_strict(line)
            except TaskError as error:
                raise UsageError(error.what, where=f"{where}:{number}") from None
