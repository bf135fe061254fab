"""Patterns as a model: the scores of matches follow what was accepted and rejected before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from tui_annotate.suggest.patterns import (
    Match,
    PatternMatcher,
    longest,
    patterns_of,
    read_patterns,
    with_note,
)
from tui_annotate.task.hashing import identify
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import INPUT_HASH, TASK_HASH, Task, meta_of
from tui_annotate.task.task_tokens import with_words


class ScoringMatcher:
    """Yields what patterns match as questions; a pattern's score is its rate of accepted ones.

    Args:
        nlp: A spaCy pipeline for token patterns; strings need none.
        prior_correct, prior_incorrect: How many answers a pattern seems to have had before the
            first one; 2 and 2 make a score of 0.5.
        label_span: Spans carry the pattern's label.
        label_task: The task carries it.
        combine_matches: One task with all matches of a text that do not overlap.
        filter_empty: Leave out tasks without a match, but those that patterns took too long on,
            which have a note.
        all_examples: Yield those too, whatever `filter_empty` says, with an empty list of spans.
    """

    def __init__(
        self,
        nlp: Any = None,
        prior_correct: float = 2.0,
        prior_incorrect: float = 2.0,
        label_span: bool = True,
        label_task: bool = False,
        combine_matches: bool = False,
        filter_empty: bool = True,
        all_examples: bool = False,
        **_settings: Any,
    ) -> None:
        self._nlp = nlp
        self._prior = (prior_correct, prior_incorrect)
        self._label_span, self._label_task = label_span, label_task
        self._combine = combine_matches
        self._filter_empty = filter_empty and not all_examples
        self._patterns: list[Mapping[str, Any]] = []
        self._matcher = PatternMatcher([], nlp)
        self._right: Counter[str] = Counter()
        self._wrong: Counter[str] = Counter()

    def add_patterns(self, patterns: Iterable[Mapping[str, Any]]) -> None:
        """Add patterns: objects with `label` and `pattern`; `UsageError` where one is wrong."""
        self._patterns += patterns
        self._matcher = PatternMatcher(self._patterns, self._nlp)

    def from_disk(self, path: str | Path, **_settings: Any) -> Self:
        """Add the patterns of a file of JSON lines, and return the matcher.

        Raises:
            UsageError: It cannot be read, or a line is wrong.
        """
        self.add_patterns(read_patterns(Path(path).expanduser()))
        return self

    def from_bytes(self, data: bytes, **_settings: Any) -> Self:
        """Add patterns that `to_bytes` has given, and return the matcher.

        Raises:
            UsageError: A line is wrong.
        """
        self.add_patterns(patterns_of(data, "patterns"))
        return self

    def to_bytes(self, **_settings: Any) -> bytes:
        """Return the patterns as JSON lines. What was learned of them is in the answers: `update`
        with these counts them again."""
        return "".join(f"{dumps(dict(each))}\n" for each in self._patterns).encode("utf-8")

    def to_disk(self, path: str | Path, **_settings: Any) -> None:
        """Write the patterns to a file of JSON lines, as `from_disk` reads it."""
        Path(path).expanduser().write_bytes(self.to_bytes())

    def __call__(
        self, stream: Iterable[Task], *_args: Any, **_settings: Any
    ) -> Iterator[tuple[float, Task]]:
        """Yield scores, 0 to 1, with hashed questions; it says how far a pattern is trusted."""
        for task in stream:
            found = self._matcher.matches(str(task.get("text") or ""))
            groups = [longest(found)] if self._combine else [[each] for each in found]
            if self._matcher.too_slow:
                task = with_note(task)
            # Nobody knows what is in a text that took too long, so it is no text without matches.
            if not found and self._matcher.too_slow:
                yield self._worded(*self._unsearched(task))
            elif not found and not self._filter_empty:
                yield self._worded(0.0, {"spans": [], **task})
            for group in groups if found else ():
                score, made = self._question(task, group)
                identify(made)
                yield self._worded(score, made)

    def _worded(self, score: float, made: Task) -> tuple[float, Task]:
        """Return a question with tokens, after its hashes: what is shown of it asks nothing new."""
        return score, with_words(made, self._nlp)

    def _unsearched(self, task: Task) -> tuple[float, Task]:
        """Return a text that patterns took too long on: unknown, so that it is not left out."""
        made = {"spans": [], **{k: v for k, v in task.items() if k not in (INPUT_HASH, TASK_HASH)}}
        identify(made)
        return 0.5, made

    def _question(self, task: Task, group: list[Match]) -> tuple[float, Task]:
        score = sum(map(self._score, (each.pattern for each in group))) / len(group)
        made = {k: v for k, v in task.items() if k not in (INPUT_HASH, TASK_HASH)}
        spans = [each.to_dict() for each in group]
        if not self._label_span:
            spans = [{k: v for k, v in span.items() if k != "label"} for span in spans]
        made["spans"] = spans
        if self._label_task:
            made["label"] = group[0].label
        names = ", ".join(each.pattern for each in group)
        made["meta"] = {**meta_of(task), "score": round(score, 2), "pattern": names}
        return score, made

    def _score(self, pattern: str) -> float:
        right = self._prior[0] + self._right[pattern]
        return right / (right + self._prior[1] + self._wrong[pattern] or 1.0)

    def update(self, answers: Iterable[Task], **_settings: Any) -> float:
        """Count accepted and rejected questions for their patterns."""
        for answer in answers:
            counts = {"accept": self._right, "reject": self._wrong}.get(str(answer.get("answer")))
            for span in answer.get("spans") or ():
                if counts is not None and "pattern" in span:
                    counts[str(span["pattern"])] += 1
        return 0.0
