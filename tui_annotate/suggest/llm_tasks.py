"""Makes prompts of tasks by templates, and spans or classes of a language model's answers.

A model quotes what it marks; where the quotes lie is found here, so no offset is ever the model's.
What does not fit, such as a quote that is not in the text, is counted and left out.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from tui_annotate.errors import TaskError, UsageError
from tui_annotate.task.schema import Task
from tui_annotate.task.tokenize import tokenize
from tui_annotate.whole_files import read_whole_text

SPANS_PROMPT = """\
Mark spans of a text with labels.

Labels: $labels

Answer with JSON and nothing else: {"spans": [{"label": LABEL, "text": QUOTE}, ...]}
Each QUOTE is copied from the text letter by letter. Where there is none, the list is empty.

$examples
Text:
$text

Answer:
"""

CLASSES_PROMPT = """\
Classify a text.

Labels: $labels
How many are right: $how_many

Answer with JSON and nothing else: {"labels": [LABEL, ...], "reason": REASON}
REASON is one short sentence. Where no label is right, the list is empty.

$examples
Text:
$text

Answer:
"""

TERMS_PROMPT = """\
List $count terms: $topic

Answer with JSON and nothing else: {"terms": [TERM, ...]}
Terms that are known already, which you do not repeat: $known
"""

Problems = Counter[str]
"""What was left out of an answer -> how often."""

NO_JSON = "answer that is no JSON of the kind that was asked for"
NO_LABEL = "label that does not exist"
NOT_THERE = "quote that is not in the text"
OVERLAP = "overlapping span"
TOO_MANY = "further class"

_SEVERAL = {
    NO_JSON: "answers that are no JSON of the kind that was asked for",
    NO_LABEL: "labels that do not exist",
    NOT_THERE: "quotes that are not in the text",
    OVERLAP: "overlapping spans",
    TOO_MANY: "further classes",
}

_SHORT = {
    NO_JSON: ("unreadable answer", "unreadable answers"),
    NO_LABEL: ("unknown label", "unknown labels"),
    NOT_THERE: ("absent quote", "absent quotes"),
    OVERLAP: ("overlap", "overlaps"),
    TOO_MANY: ("further class", "further classes"),
}

_OPENING = re.compile(r"[{\[]")
_TRIES = 1_000
"""Brackets that are tried as the beginning of the JSON of an answer."""

_MANY = 2_000
"""Spans that one answer may make: a model that quotes `e` marks no more."""


class PromptTemplate:
    """A prompt with places for `$text` and the like, as `string.Template` has them.

    What stands in their places is never looked at for further places.

    Args:
        text: The template.
        names: The places that there are; the first one is needed.
        where: The file that it comes from.

    Raises:
        UsageError: It has another place, or lacks the needed one.
    """

    def __init__(self, text: str, names: Sequence[str], where: str = "prompt") -> None:
        self._template = Template(text)
        found = set()
        for match in self._template.pattern.finditer(text):
            name = match.group("named") or match.group("braced")
            if match.group("invalid") is not None or (name and name not in names):
                line = text.count("\n", 0, match.start()) + 1
                what = f"there is no ${name}" if name else "a $ stands alone, which is written $$"
                places = ", ".join(f"${each}" for each in names)
                raise UsageError(what, where=f"{where}:{line}", hint=f"There are: {places}")
            found.add(name)
        if names[0] not in found:
            raise UsageError(
                f"it has no ${names[0]}", where=where, hint="Write it where it belongs"
            )

    @classmethod
    def read(cls, path: str | None, default: str, names: Sequence[str]) -> PromptTemplate:
        """Return the template of a file, or the default one where no file is named.

        Raises:
            UsageError: It cannot be read, or is none.
        """
        if path is None:
            return cls(default, names)
        return cls(read_prompt(path, names[0]), names, path)

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the prompt with values in its places."""
        return self._template.substitute(values)


def read_prompt(path: str, place: str) -> str:
    """Return the text of a prompt's file.

    Args:
        path: The file.
        place: A place that prompts have, for the message to those who bring a template of jinja2.

    Raises:
        UsageError: It cannot be read, or is such a template.
    """
    try:
        text = read_whole_text(Path(path).expanduser())
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8"
        raise UsageError(f"the prompt cannot be read ({reason.lower()})", where=path) from None
    if re.search(r"\{\{.*?\}\}|\{%", text):
        hint = f"Write ${place} in place of {{{{{place}}}}}; there are no loops"
        raise UsageError("this is a template of jinja2", where=path, hint=hint)
    return text


def examples_text(examples: Iterable[tuple[str, Any]]) -> str:
    """Return texts with their right answers, as a part of a prompt; empty where there is none."""
    return "".join(
        f"Text:\n{text}\n\nAnswer:\n{json.dumps(answer, ensure_ascii=False)}\n\n"
        for text, answer in examples
    )


def answer_json(answer: str) -> Any:
    """Return the JSON value of an answer, also where words or a fence of Markdown stand around it.

    Raises:
        TaskError: There is none.
    """
    # What a model has thought aloud is no answer.
    text = re.sub(r"(?s)<think>.*?</think>", "", answer)
    decoder, best, at, tries = json.JSONDecoder(), (0, None), 0, 0
    while (match := _OPENING.search(text, at)) and tries < _TRIES:
        tries += 1
        try:
            value, at = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            at = match.end()
            continue
        # A number in brackets, such as of a footnote, is JSON too: the longest is meant.
        best = max(best, (at - match.start(), value), key=lambda pair: pair[0])
    if best[0] == 0:
        raise TaskError("the answer is no JSON", reason="not-json")
    return best[1]


def spans_of(
    answer: Any, task: Task, labels: Sequence[str], *, overlap: bool
) -> tuple[list[dict[str, Any]], Problems]:
    """Return the spans that an answer means, in the order of the text, and what was left out.

    Every occurrence of a quote that begins and ends with a token is marked, however often the
    answer names it. White space in a quote stands for any white space.

    Args:
        answer: The JSON value; `{"spans": [{"label": ..., "text": ...}]}`, the list alone, or
            `{LABEL: [QUOTE, ...]}`.
        task: The task, with `text` and perhaps `tokens`.
        labels: The labels that there are.
        overlap: Spans may overlap. If not, the longer of two stands, of equally long ones the one
            that is named first.
    """
    problems: Problems = Counter()
    pairs = _pairs(answer)
    if pairs is None:
        return [], Counter({NO_JSON: 1})
    text = str(task["text"])
    starts, ends = _edges(task, text)
    found: dict[tuple[int, int, str], None] = {}
    for label, quote in dict.fromkeys(pairs):
        known = known_label(label, labels)
        if known is None:
            problems[NO_LABEL] += 1
            continue
        places = [(a, b) for a, b in _occurrences(text, quote) if a in starts and b in ends]
        if not places:
            problems[NOT_THERE] += 1
        for start, end in places[: max(0, _MANY - len(found))]:
            found[start, end, known] = None
    kept = list(found) if overlap else _apart(list(found), problems)
    return [{"start": a, "end": b, "label": name} for a, b, name in sorted(kept)], problems


def classes_of(
    answer: Any, labels: Sequence[str], *, exclusive: bool
) -> tuple[list[str], str, Problems]:
    """Return the classes that an answer gives, its reason, and what was left out.

    Args:
        answer: The JSON value; `{"labels": [...], "reason": ...}`, `{"label": ...}`, or the list.
        labels: The labels that there are.
        exclusive: One class at the most: the first that is named.
    """
    given = answer
    reason = ""
    if isinstance(answer, dict):
        given = next(
            (answer[key] for key in ("labels", "label", "classes", "class") if key in answer), None
        )
        reason = answer["reason"] if isinstance(answer.get("reason"), str) else ""
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        return [], "", Counter({NO_JSON: 1})
    problems: Problems = Counter()
    found: dict[str, None] = {}
    for name in given:
        known = known_label(name, labels)
        if known is None:
            problems[NO_LABEL] += 1
        elif exclusive and found and known not in found:
            problems[TOO_MANY] += 1
        else:
            found[known] = None
    return list(found), reason, problems


def terms_of(answer: Any) -> list[str] | None:
    """Return the terms of an answer, `{"terms": [...]}` or the list; None where it is neither."""
    given = answer.get("terms") if isinstance(answer, dict) else answer
    if not isinstance(given, list):
        return None
    return [each.strip() for each in given if isinstance(each, str) and each.strip()]


def known_label(name: str, labels: Sequence[str]) -> str | None:
    """Return the label that a model means: of that name, or the only one that differs in case."""
    if name in labels:
        return name
    same = [each for each in labels if each.casefold() == name.strip().casefold()]
    return same[0] if len(same) == 1 else None


def said_of(problems: Problems) -> str:
    """Return what was left out of answers, for people; empty where nothing was."""
    if not problems:
        return ""
    shown = ", ".join(
        f"{n:,} {what if n == 1 else _SEVERAL[what]}" for what, n in sorted(problems.items())
    )
    return f"left out of the model's answers: {shown}"


def note_of(problems: Problems) -> str:
    """Return the same for the line below one text, where there is room for a few words only."""
    shown = ", ".join(f"{n:,} {_SHORT[what][n > 1]}" for what, n in sorted(problems.items()))
    return f"left out: {shown}" if shown else ""


def _pairs(answer: Any) -> list[tuple[str, str]] | None:
    """Return label and quote of each span of an answer; None where it has another shape.

    {"spans": [{"label": "PER", "text": "Ada"}]}
    {"entities": [{"label": "PER", "text": "Ada"}]}
    [{"label": "PER", "text": "Ada"}]
    {"PER": ["Ada"], "LOC": []}
    """
    given = answer
    if isinstance(answer, dict):
        given = next((answer[key] for key in ("spans", "entities") if key in answer), None)
        if given is None:
            columns = [(name, quotes) for name, quotes in answer.items()]
            if not all(_is_texts(quotes) for _, quotes in columns):
                return None
            return [(name, quote) for name, quotes in columns for quote in quotes]
    if not isinstance(given, list):
        return None
    found = []
    for each in given:
        label, quote = (each.get("label"), each.get("text")) if isinstance(each, dict) else (0, 0)
        if not isinstance(label, str) or not isinstance(quote, str):
            return None
        found.append((label, quote))
    return found


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _edges(task: Task, text: str) -> tuple[set[int], set[int]]:
    """Return where tokens begin and end; those that the task brings, else our own."""
    given = task.get("tokens")
    if isinstance(given, list) and given:
        whole = [each for each in given if isinstance(each, dict) and "start" in each]
        return {each["start"] for each in whole}, {int(each.get("end", -1)) for each in whole}
    tokens = tokenize(text)
    return set(tokens.starts), set(tokens.ends)


def _occurrences(text: str, quote: str) -> list[tuple[int, int]]:
    words = quote.split()
    if not words:
        return []
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    found, at = [], 0
    while match := pattern.search(text, at):
        found.append(match.span())
        at = match.start() + 1  # one may begin within another
    return found


def _apart(spans: list[tuple[int, int, str]], problems: Problems) -> list[tuple[int, int, str]]:
    kept: list[tuple[int, int, str]] = []
    for start, end, label in sorted(spans, key=lambda span: span[0] - span[1]):
        if all(end <= a or b <= start for a, b, _ in kept):
            kept.append((start, end, label))
        else:
            problems[OVERLAP] += 1
    return kept
