"""How often each person says what known answers say: against gold, or against a review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tui_annotate.agreement.answers import JudgedInput, Judgement, day_of_answer, values_of
from tui_annotate.agreement.ratings import Kind
from tui_annotate.agreement.span_scores import NONE, Marked, SpanPairings
from tui_annotate.fast_namedtuple import NamedTuple

AGAIN = 10
"""How many tasks of a person are named that are to be looked at again."""

LIMIT = 80
"""Below how many per cent of right answers a person is named to the lead."""


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """A task that somebody answered otherwise than is right.

    Attributes:
        answer_id: The number of the answer.
        text: What the task is about; raw.
        said: What the answer says, in words.
        right: What would be right.
        agreement: How much of it is right, from 0 to 1.
    """

    answer_id: int
    text: str
    said: str
    right: str
    agreement: float


@dataclass(slots=True)
class Accuracy:
    """How somebody's answers compare with known ones.

    Attributes:
        right: How many say the same.
        answered: How many there are.
        days: Day -> how many of how many were right on it.
        confusions: What is right, what was said instead -> how often.
        again: The tasks that are furthest from right.
    """

    right: int = 0
    answered: int = 0
    days: dict[str, tuple[int, int]] = field(default_factory=dict)
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    again: list[WrongAnswer] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of right answers, from 0 to 1; 0 where there are none."""
        return self.right / self.answered if self.answered else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "right": self.right,
            "answered": self.answered,
            "days": {day: {"right": r, "answered": n} for day, (r, n) in self.days.items()},
            "confusions": [
                {"right": right, "said": given, "count": count}
                for (right, given), count in self.confusions.most_common()
            ],
            "again": [
                {
                    "answer": each.answer_id,
                    "text": each.text,
                    "said": each.said,
                    "right": each.right,
                    "agreement": each.agreement,
                }
                for each in self.again
            ],
        }


def accuracy(
    inputs: Sequence[JudgedInput], kind: Kind, gold: str, labels: Collection[str] = ()
) -> dict[str, Accuracy]:
    """Return how everybody's answers compare with the known ones, by annotator.

    Args:
        inputs: What was said about them, the known answers among it.
        kind: What of it is compared; spans compare as a whole, classes label by label.
        gold: The name that the known answers go by.
        labels: Only these labels; empty for all.
    """
    found: dict[str, Accuracy] = {}
    met: dict[str, SpanPairings] = {}
    for each in inputs:
        for who in each.said:
            if who == gold or gold not in each.said:
                continue
            if kind == "span":
                compared = _compare_spans(each, gold, who, labels, met)
            else:
                compared = _compare_values(each, kind, gold, who, labels)
            if compared is not None:
                own = found.setdefault(who, Accuracy())
                own.confusions.update(compared.confusions)
                _count(own, each, each.said[who], compared.share, compared.words)
    for who, meeting in met.items():
        crossed = meeting.confusions()
        found[who].confusions = Counter({p: n for p, n in crossed.items() if p[0] != p[1]})
    for own in found.values():
        own.days = dict(sorted(own.days.items()))
        own.again = sorted(own.again, key=lambda a: (a.agreement, a.answer_id))[:AGAIN]
    return dict(sorted(found.items()))


class _Comparison(NamedTuple):
    """How one answer compares with the known one.

    Attributes:
        share: How much of it is right, from 0 to 1.
        words: What was said, and what is right.
        confusions: Each pair of what is right and what was said that differs.
    """

    share: float
    words: tuple[str, str]
    confusions: Sequence[tuple[str, str]] = ()


def _compare_spans(
    each: JudgedInput,
    gold: str,
    who: str,
    labels: Collection[str],
    met: dict[str, SpanPairings],
) -> _Comparison | None:
    """Compare somebody's spans as a whole; None where they were not asked for.

    `met` gets which spans met by annotator, from which the confusions are taken at the end.
    """
    known, said = each.said[gold], each.said[who]
    if known.spans is None:
        return None
    right = _only(known.spans, labels)
    if said.spans is None:
        # Where no span has the labels in question, a rejection says nothing of them.
        says_it = bool(right) or not labels
        if not says_it or "reject" not in said.verdicts.values():
            return None
        return _Comparison(0.0, ("rejected", _in_words(each.text, right)))
    mine = _only(said.spans, labels)
    same = met.setdefault(who, SpanPairings()).add(right, mine)
    marked = len(right) + len(mine)
    share = 2 * same / marked if marked else 1.0
    return _Comparison(share, (_in_words(each.text, mine), _in_words(each.text, right)))


def _compare_values(
    each: JudgedInput, kind: Kind, gold: str, who: str, labels: Collection[str]
) -> _Comparison | None:
    """Compare somebody's classes or verdicts one by one; None where both were asked nothing."""
    pairs = _pairs(each, kind, labels, gold, who)
    if not pairs:
        return None
    wrong = [pair for pair in pairs if pair[0] != pair[1]]
    words = ", ".join(pair[1] for pair in pairs), ", ".join(pair[0] for pair in pairs)
    return _Comparison((len(pairs) - len(wrong)) / len(pairs), words, wrong)


def _count(
    own: Accuracy, each: JudgedInput, said: Judgement, share: float, words: tuple[str, str]
) -> None:
    right = share == 1
    own.right += right
    own.answered += 1
    day = day_of_answer(said)
    before, answered = own.days.get(day, (0, 0))
    own.days[day] = before + right, answered + 1
    if not right:
        own.again.append(WrongAnswer(said.answer_id, each.text, words[0], words[1], share))


def _pairs(
    each: JudgedInput, kind: Kind, labels: Collection[str], gold: str, who: str
) -> list[tuple[str, str]]:
    """Return what is right and what was said, for everything that both were asked."""
    # A class that excludes the others counts where either of the two chose it; what is asked of
    # each label by itself counts by its label.
    is_one_of_many = kind == "multiclass"
    units = values_of(each, kind, () if is_one_of_many else labels, named=True)
    pairs = [(unit[gold], unit[who]) for unit in units if gold in unit and who in unit]
    if labels and is_one_of_many:
        return [pair for pair in pairs if pair[0] in labels or pair[1] in labels]
    return pairs


def _only(spans: Sequence[Marked], labels: Collection[str]) -> list[Marked]:
    return [span for span in spans if not labels or span[2] in labels]


def _in_words(text: str, spans: Sequence[Marked]) -> str:
    return ", ".join(f"{text[s:e]} {label}" for s, e, label in spans) or NONE


def below(found: Mapping[str, Accuracy], limit: int = LIMIT) -> list[str]:
    """Return a sentence about each person whose answers are right less often than they should be.

    Args:
        found: By annotator.
        limit: In per cent.
    """
    return [
        f"{who}: {own.right:,} of {own.answered:,} right ({100 * own.share:.0f} %), below {limit} %"
        for who, own in found.items()
        if own.answered and 100 * own.share < limit
    ]
