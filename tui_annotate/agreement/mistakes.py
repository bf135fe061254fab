"""Answers that are worth a second look: what is marked unlike all the rest, cut, or too quick.

Nothing here knows what is right. It looks for what people rarely do on purpose; what a label or a
dataset does often is its convention, and is passed over.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui_annotate.agreement.answers import Judgement, disagree, said_of
from tui_annotate.agreement.span_scores import NO_LABEL
from tui_annotate.errors import TaskError
from tui_annotate.exchange.annotation_layers import read_layers
from tui_annotate.exchange.document import Answer, has_text
from tui_annotate.exchange.documents import parsed
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.spans import Span, pieces_of, surface_of
from tui_annotate.text.amounts import seconds_of
from tui_annotate.text.characters import NO_SPACES
from tui_annotate.text.safe import shell_command

if TYPE_CHECKING:
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset, StoredSession
    from tui_annotate.waiting import Waiting

KINDS = {
    "labels": "the same text marked with different labels",
    "edges": "blanks or punctuation at the edge of what is marked",
    "cut": "words that are marked in part",
    "once": "labels that were used once",
    "fast": "answers that were given faster than their text can be read",
    "own": "answers that contradict an earlier one of the same person",
}
"""What is looked for, by the name of its kind."""

_RARE = 1 / 2
"""A label that a text has at most so often as its usual one is the one that is looked at again."""
_RARE_MOST = 5
_RARE_PART = 0.1
"""Of a label that a text has more often than that, and in more than this part of its marks, not
every mark is a slip: the text has two meanings, and is named once."""

_CONVENTION = 0.25
"""From this part of a label's marks on, an edge or a cut word is how the label is used."""
_CONVENTION_LEAST = 4
"""So many of them are needed for that."""

_NAME_LEAST = 3
"""So often is a text marked with a sign at its edge before that counts as part of the name."""

_LABELS_LEAST = 20
"""Labels that were used once are no news before so many were given."""

_READ_PER_SECOND = 80
"""Code points that nobody reads in a second (the quickest readers take in 50)."""
_READ_LEAST_MS = 300
_READ_MOST = 2_000
"""Of longer texts only so much is taken to have been read."""

_BRACKETS = ("()", "[]", "{}", "「」", "『』", "【】", "（）", "〈〉", "《》")
_SINGLE = frozenset("'‘’‚")
_PAIRED = frozenset("".join(_BRACKETS)) | _SINGLE | frozenset('"“”„«»')
_NEVER_AT_EDGE = frozenset(",;:.!?…、。，：；！？،؛؟।-–—/|")
_ABBREVIATIONS = re.compile(
    r"inc|corp|ltd|co|bros|cie|ste?|mt|ft|[js]r|mrs?|ms|dr|prof|gen|col|sgt|capt|lt|rev|hon|gov|sen"
    r"|rep|pres|ave|blvd|rd|dept|univ|no|nr|vs|etc|al|vol|fig|eds?|esq|messrs|mme|mlle|jan|feb|mar"
    r"|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|approx|est",
    re.IGNORECASE,
)
_EDGE_SIGNS = "".join(_NEVER_AT_EDGE | _PAIRED)
_UNSPACED = re.compile(f"[{NO_SPACES}]")


class Finding(NamedTuple):
    """Something that is worth a second look.

    Attributes:
        kind: A key of `KINDS`.
        answer: The number of the answer.
        session: Whose answer it is.
        what: What is odd about it, as a sentence without its full stop.
        advice: What can be done, as a sentence without its full stop.
        surface: What is marked, where it is about a mark.
        start, end: Where that is, in code points of the text; None where it is about no mark.
        label: The label that it is about; empty for none.
        other: The number of the answer that it contradicts; None for none.
        usual: The label that the text has elsewhere, where that is the advice; empty for none.
    """

    kind: str
    answer: int
    session: str
    what: str
    advice: str
    surface: str = ""
    start: int | None = None
    end: int | None = None
    label: str = ""
    other: int | None = None
    usual: str = ""


class _Mark(NamedTuple):
    answer: int
    session: str
    start: int
    end: int


@dataclass(slots=True)
class Checker:
    """Looks at answers one by one, and says at the end what is odd about some of them.

    Attributes:
        dataset: What the commands in advice call the dataset.
        answers: How many were looked at.
    """

    dataset: str = "SET"
    answers: int = 0
    _texts: dict[str, dict[str, list[_Mark]]] = field(default_factory=lambda: defaultdict(dict))
    _marks: Counter[str] = field(default_factory=Counter)
    _forms: Counter[str] = field(default_factory=Counter)
    _edges: list[tuple[tuple[str, str], Finding]] = field(default_factory=list)
    _wrapped: list[tuple[tuple[str, str], Finding]] = field(default_factory=list)
    _labels: dict[str, tuple[int, Finding]] = field(default_factory=dict)
    _rest: list[Finding] = field(default_factory=list)

    def take(self, group: Iterable[Answer]) -> None:
        """Look at the answers to one input, oldest first."""
        earlier: dict[str, list[tuple[int, Judgement]]] = defaultdict(list)
        for answer in group:
            self.answers += 1
            self._take_speed(answer)
            try:
                layers = read_layers(answer)
            except TaskError:
                continue
            said = said_of(answer, layers)
            if not isinstance(said, str):
                self._take_own(answer, said, earlier[answer.stored.annotator])
            if isinstance(layers, str):
                continue
            for label, chosen in layers.cats.items():
                if chosen:
                    self._take_label(label, answer, "")
            if layers.spans and has_text(answer.content):
                self._take_spans(answer, str(answer.content["text"]), layers.spans)

    def _take_speed(self, answer: Answer) -> None:
        record = answer.stored.record
        spent = record.elapsed_ms
        text = answer.content.get("text")
        if spent is None or not isinstance(text, str) or record.provenance:
            return
        if is_too_quick(spent, len(text)):
            what = f"{len(text):,} characters were answered in {seconds_of(spent)}"
            advice = "Read the text again and correct the answer if need be"
            self._rest.append(_finding("fast", answer, what, advice))

    def _take_own(
        self, answer: Answer, said: Judgement, earlier: list[tuple[int, Judgement]]
    ) -> None:
        against = next((number for number, each in earlier if disagree(each, said)), None)
        earlier.append((answer.stored.id, said))
        if against is not None:
            what = f"{answer.stored.annotator} said something else in answer {against}"
            advice = "Decide which of the two is right, and correct the other one"
            self._rest.append(_finding("own", answer, what, advice)._replace(other=against))

    def _take_label(self, label: str, answer: Answer, surface: str) -> None:
        count, first = self._labels.get(label, (0, None))
        if first is None:
            what = f"the label {label} was used only here"
            advice = "If it is a slip, give the right label, or rename it: tui-annotate labels"
            first = _finding("once", answer, what, advice)._replace(surface=surface, label=label)
        self._labels[label] = (count + 1, first)

    def _take_spans(self, answer: Answer, text: str, spans: tuple[Span, ...]) -> None:
        bounds = _token_bounds(answer)
        places: dict[tuple[tuple[int, int], ...], list[str]] = defaultdict(list)
        surfaces: dict[tuple[tuple[int, int], ...], str] = {}
        for span in spans:
            pieces = tuple(pieces_of(span))
            places[pieces].append(span.label)
            surface = surfaces[pieces] = surface_of(text, span)
            self._take_label(span.label, answer, surface)
            self._marks[span.label] += 1
            self._forms[surface] += 1
            for start, end in pieces:
                self._take_piece(answer, text, span, (start, end), bounds)
        for pieces, labels in places.items():
            # Two labels on one place are two layers, and no contradiction.
            mark = _Mark(answer.stored.id, answer.stored.session, pieces[0][0], pieces[-1][1])
            found = self._texts[surfaces[pieces].strip()]
            found.setdefault(" and ".join(sorted(set(labels))), []).append(mark)

    def _take_piece(
        self,
        answer: Answer,
        text: str,
        span: Span,
        piece: tuple[int, int],
        bounds: frozenset[int],
    ) -> None:
        start, end = piece
        inside = text[start:end]

        def finding(kind: str, what: str, advice: str) -> Finding:
            found = _finding(kind, answer, what, advice)
            return found._replace(surface=inside, start=start, end=end, label=span.label)

        for edge, sign in _edges(text, start, end):
            shown = "a blank" if sign.isspace() else sign
            what = f"{inside!r} {edge} with {shown}"
            advice = "Take it out of what is marked, unless it belongs to the name"
            key = (span.label, edge + sign)
            self._edges.append((key, finding("edges", what, advice)))
        if is_wrapped(inside):
            what = f"{inside!r} is marked with its {inside[0]} and {inside[-1]}, unlike elsewhere"
            advice = "Take them out of what is marked, unless they belong to the name"
            key = (span.label, inside[0] + inside[-1])
            self._wrapped.append((key, finding("edges", what, advice)))
        for edge, at in (("begins", start), ("ends", end)):
            if at not in bounds and is_inside_word(text, at):
                what = f"{inside!r} {edge} inside the word {_word_at(text, at)!r}"
                advice = "Mark the whole word"
                key = (span.label, f"cut {edge}")
                self._edges.append((key, finding("cut", what, advice)))
                break

    def findings(self) -> list[Finding]:
        """Return what is odd: by kind, in the order of `KINDS`, then by the answers' numbers."""
        found = [*self._rest, *self._different_labels(), *self._unusual_edges()]
        if sum(count for count, _ in self._labels.values()) >= _LABELS_LEAST:
            found += [first for count, first in self._labels.values() if count == 1]
        order = list(KINDS)
        return sorted(
            found, key=lambda each: (order.index(each.kind), each.answer, each.start or 0)
        )

    def _different_labels(self) -> Iterator[Finding]:
        for surface, labels in self._texts.items():
            if len(labels) < 2:
                continue
            total = sum(map(len, labels.values()))
            ranked = sorted(labels.items(), key=lambda item: (-len(item[1]), item[1][0].answer))
            usual = ranked[0][0]
            shown = ", ".join(f"{len(marks):,} {label or NO_LABEL}" for label, marks in ranked)
            what = f"{surface!r} is marked as {shown}"
            # An exception is rare in itself, and beside the usual label.
            most = min(max(_RARE_MOST, total * _RARE_PART), len(ranked[0][1]) * _RARE)
            rare = [each for each in ranked[1:] if len(each[1]) <= most]
            for label, marks in rare:
                advice = f"Give it the label {usual}, unless {label} is meant here"
                for mark in marks:
                    found = _mark_finding(mark, what, advice, surface, label)
                    yield found._replace(usual=usual)
            if not rare:  # nobody knows which of them is the exception, so it is said once
                label, marks = ranked[-1]
                advice = "Decide which label is right"
                if command := self._search_for(surface):
                    advice += f": {command}"
                yield _mark_finding(marks[-1], what, advice, surface, label)

    def _search_for(self, surface: str) -> str:
        """Return the command that lists where something is marked; empty if none can be shown."""
        words = ("tui-annotate", "find", self.dataset)
        if surface.startswith("-"):
            return shell_command((*words, "--surface"), (surface,))
        return shell_command((*words, surface, "--surface"))

    def _unusual_edges(self) -> Iterator[Finding]:
        # What stands in brackets or quotes as a whole is odd where it is marked without them.
        bare = [
            each for each in self._wrapped
            if self._forms[each[1].surface[1:-1]] > self._forms[each[1].surface]
        ]  # fmt: skip
        found = [*self._edges, *bare]
        often = Counter(key for key, _ in found)
        for key, finding in found:
            count = often[key]
            usual = count >= _CONVENTION_LEAST and count >= self._marks[key[0]] * _CONVENTION
            if not usual and not (finding.kind == "edges" and self._is_name(finding.surface)):
                yield finding

    def _is_name(self, surface: str) -> bool:
        """Tell whether something is mostly marked with its edge, as `Yahoo!` is."""
        edged = self._forms[surface]
        bare = surface.strip().strip(_EDGE_SIGNS).strip()
        return edged >= _NAME_LEAST and edged > self._forms[bare]


def check_answers(
    store: Store, dataset: Dataset, session: StoredSession | None, waiting: Waiting
) -> Checker:
    """Return a checker that has looked at all answers of a dataset that stand.

    Args:
        store: Where they are.
        dataset: Which.
        session: Only the answers of this session; None for all.
        waiting: Is told how far it is.

    Raises:
        Abandoned: Somebody has left.
    """
    checker = Checker(dataset.name)
    ids = store.grouped.ids([dataset.id])
    done = 0
    with waiting.on(f"checking {dataset.name}", of=len(ids), unit="answers"):
        for group in store.grouped.inputs(ids):
            checker.take(
                Answer(stored, parsed(stored.record.content), dataset.name)
                for stored in group
                if session is None or stored.session == session.name
            )
            done += len(group)
            waiting.at(done)
    return checker


def trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the range of a mark without what is odd at its edges; None where nothing is left."""
    if is_wrapped(text[start:end]):
        return start + 1, end - 1
    while start < end:
        found = next(_edges(text, start, end), None)
        if found is None:
            return start, end
        if found[0] == "begins":
            start += 1
        else:
            end -= 1
    return None


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range of a mark with the rest of the words that it cuts."""
    while is_inside_word(text, start):
        start -= 1
    while is_inside_word(text, end):
        end += 1
    return start, end


def _finding(kind: str, answer: Answer, what: str, advice: str) -> Finding:
    return Finding(kind, answer.stored.id, answer.stored.session, what, advice)


def _mark_finding(mark: _Mark, what: str, advice: str, surface: str, label: str) -> Finding:
    return Finding(
        "labels", mark.answer, mark.session, what, advice, surface, mark.start, mark.end, label
    )


def _token_bounds(answer: Answer) -> frozenset[int]:
    """Return where tokens of the answer's own begin and end: no word is cut there."""
    tokens = answer.content.get("tokens")
    if not isinstance(tokens, list):
        return frozenset()
    dicts = [each for each in tokens if isinstance(each, dict)]
    places = [each.get(key) for each in dicts for key in ("start", "end")]
    return frozenset(each for each in places if isinstance(each, int))


def is_too_quick(elapsed_ms: int | None, length: int) -> bool:
    """Tell whether an answer was given faster than anybody reads its text.

    Args:
        elapsed_ms: Milliseconds from the task's frame to the answer; None or 0 where nobody took
            the time.
        length: Code points of the text; of no text nothing is known.
    """
    if not elapsed_ms or elapsed_ms < 0 or not length:
        return False
    needed = max(_READ_LEAST_MS, min(length, _READ_MOST) * 1000 // _READ_PER_SECOND)
    return elapsed_ms < needed


def is_inside_word(text: str, at: int) -> bool:
    """Tell whether a place lies between two letters, or two digits, of one word.

    Scripts without blanks between words have no such place, and neither has `5kg` between the
    number and its unit.
    """
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if unicodedata.category(after).startswith("M"):  # an accent on the letter before
        return before.isalnum() and not _UNSPACED.match(after)
    if _UNSPACED.match(before) or _UNSPACED.match(after):
        return False
    letters = before.isalpha() and after.isalpha()
    return letters or (before.isdigit() and after.isdigit())


def _word_at(text: str, at: int) -> str:
    start = end = at
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[start:end]


def _edges(text: str, start: int, end: int) -> Iterator[tuple[str, str]]:
    """Yield how a mark begins and ends where that is odd, with the character there."""
    inside = text[start:end]
    first, last = inside[0], inside[-1]
    is_open = not _is_closed(inside)
    odd_first = first in _NEVER_AT_EDGE and not _is_signed(inside)
    if first.isspace() or odd_first or (is_open and first in _PAIRED):
        yield "begins", first
    odd_last = last in _NEVER_AT_EDGE and len(inside) > 1 and not _belongs(inside)
    if last.isspace() or odd_last or (is_open and last in _PAIRED and not _is_genitive(inside)):
        yield "ends", last


def _is_signed(inside: str) -> bool:
    """Tell whether a mark begins with the sign or point of a number or name: `-5`, `.NET`."""
    return len(inside) > 1 and inside[0] in "-–.:/" and not inside[1].isspace()


def _is_closed(inside: str) -> bool:
    """Tell whether all brackets and quotes of a mark have their partners in it."""
    if any(inside.count(pair[0]) != inside.count(pair[1]) for pair in _BRACKETS):
        return False
    # Which quote opens depends on the language, so that only their number is looked at.
    if any(sum(map(inside.count, quotes)) % 2 for quotes in ('"', "“”„", "«»")):
        return False
    begins, ends = inside[0] in _SINGLE, inside[-1] in _SINGLE
    is_left_out = len(inside) > 1 and inside[1].isdigit()  # '90s
    return begins == ends or (begins and is_left_out)


def is_wrapped(inside: str) -> bool:
    """Tell whether a mark is all in a pair of brackets or quotes."""
    both = len(inside) > 2 and inside[0] in _PAIRED and inside[-1] in _PAIRED
    return both and _is_closed(inside) and not inside[1].isspace()


def _is_genitive(inside: str) -> bool:
    """Tell whether a mark ends with the apostrophe of a plural, as in `the Joneses'`."""
    return len(inside) > 2 and inside[-1] in _SINGLE and inside[-2] in "sSxXzZ"


def _belongs(inside: str) -> bool:
    """Tell whether the point at the end of a mark is part of an abbreviation: `Inc.`, `U.S.`."""
    if inside[-1] != ".":
        return False
    word = re.split(r"[\s(]", inside[:-1])[-1]
    known = _ABBREVIATIONS.fullmatch(word.strip(","))
    return bool(known) or "." in word or (len(word) == 1 and word.isalpha())
