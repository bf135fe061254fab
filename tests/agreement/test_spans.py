"""Agreement on spans: the worked example of the literature, and the laws of the scores."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.agreement.coefficients import cohen_kappa, intervals, krippendorff_alpha
from tui_annotate.agreement.ratings import Figure, Ratings
from tui_annotate.agreement.span_scores import (
    MATCHES,
    NONE,
    MatchCounts,
    SpanPairings,
    compare,
    confusions,
    total,
)
from tui_annotate.agreement.unitizing import (
    MarkedText,
    alpha_of,
    by_annotators,
    disagreement,
    joined,
    labels_of,
)

pytestmark = pytest.mark.quick

KRIPPENDORFF_2004 = MarkedText(
    300,
    {
        "i": {"c": [(75, 145), (220, 250)], "k": [(30, 90), (150, 200)]},
        "j": {"c": [(70, 150), (205, 225), (250, 270)], "k": [(30, 90), (150, 200)]},
    },
)
"""Two observers of a continuum from 150 to 450: Krippendorff 2004, page 254."""


KRIPPENDORFF_1995: dict[str, tuple[str, str]] = {
    "A": ("..11111111....222222....", "....1111.......22......."),
    "B": ("111111111111111111......", "1123456667.............."),
    "C": ("..111111..22..3333..44..", "11..2222..3333..44..55.."),
    "D": ("112222222233334444445555", "111122223333333445555555"),
}
"""Four pairs of observers, a sign for each of 24 places, a digit for each unit: Krippendorff 1995,
page 57."""


def units_of(signs: str, stretch: int) -> list[tuple[int, int]]:
    """Return the units of one observer, each place so many code points long."""
    places = {sign: (signs.index(sign), signs.rindex(sign) + 1) for sign in set(signs) - {"."}}
    return [(start * stretch, end * stretch) for start, end in sorted(places.values())]


def _kind(sign: str) -> str:
    return "gap" if sign == "." else "unit"


def alpha_of_units(texts: list[MarkedText], labels: list[str] | None = None) -> Figure:
    """Return alpha for units of all labels, or of some."""
    return alpha_of([disagreement(texts, each) for each in labels or sorted(labels_of(texts))])


class TestUnits:
    def test_krippendorff_2004(self) -> None:
        texts = [KRIPPENDORFF_2004]
        found = disagreement(texts, "c")
        assert found.observed == pytest.approx(0.0144, abs=0.0001)
        assert found.expected == pytest.approx(0.0532, abs=0.0001)
        assert disagreement(texts, "k").expected == pytest.approx(0.0490, abs=0.0001)
        assert alpha_of_units(texts, ["c"]).value == pytest.approx(0.7286, abs=0.0001)
        assert alpha_of_units(texts, ["k"]).value == 1
        # The book rounds its parts first: 1 - 0.0144 / 0.1022.
        assert alpha_of_units(texts).value == pytest.approx(0.8591, abs=0.0005)

    @pytest.mark.parametrize(
        ("pair", "observed", "expected", "alpha"),
        [
            ("A", 0.03125, 0.06990, 0.553),
            ("B", 2.26736, 1.17731, -0.926),
            ("C", 0.02777, 0.08642, 0.679),
            ("D", 0.38715, 0.41445, 0.066),
        ],
    )
    def test_krippendorff_1995(
        self, pair: str, observed: float, expected: float, alpha: float
    ) -> None:
        stretch = 50_000  # the printed values are those of a continuum that is as good as endless
        one, other = (units_of(each, stretch) for each in KRIPPENDORFF_1995[pair])
        texts = [MarkedText(24 * stretch, {"i": {"x": one}, "j": {"x": other}})]
        found = disagreement(texts, "x")
        assert found.observed == pytest.approx(observed, abs=0.00001)
        assert found.expected == pytest.approx(expected, abs=0.005)
        # The paper's expected disagreement has an error that the book of 2004 mends.
        assert alpha_of_units(texts).value == pytest.approx(alpha, abs=0.02)

    def test_krippendorff_1995_place_by_place(self) -> None:
        """What coefficients for categories say of the same observers."""
        one, other = KRIPPENDORFF_1995["A"]
        rows = [{"i": _kind(a), "j": _kind(b)} for a, b in zip(one, other, strict=True)]
        ratings = Ratings.of(rows)
        assert krippendorff_alpha(ratings).value == pytest.approx(0.329, abs=0.001)
        assert cohen_kappa(ratings).value == pytest.approx(0.385, abs=0.001)

    def test_nothing_marked(self) -> None:
        found = alpha_of_units([MarkedText(10, {"a": {}, "b": {}})])
        assert found.value is None and found.reason
        assert alpha_of_units([]).value is None

    def test_other_annotators_are_another_group(self) -> None:
        texts = [MarkedText(9, {"a": {}, "b": {}}), MarkedText(9, {"b": {}, "c": {}})]
        with pytest.raises(ValueError, match="same annotators"):
            disagreement(texts, "x")
        assert sorted(by_annotators(texts)) == [("a", "b"), ("b", "c")]

    def test_spans_of_one_label_that_overlap_are_one(self) -> None:
        assert joined([(4, 6), (0, 3), (2, 5), (6, 8)]) == [(0, 6), (6, 8)]


EXTENT = st.tuples(st.integers(0, 20), st.integers(1, 8)).map(lambda e: (e[0], e[0] + e[1]))
SPANS = st.lists(st.builds(lambda e, label: (*e, label), EXTENT, st.sampled_from("AB")), max_size=6)


@given(SPANS, SPANS)
def test_two_texts_count_as_one_continuum(one: list[tuple[int, int, str]], other: object) -> None:
    def marked(shift: int) -> MarkedText:
        spans = {
            "a": {"A": [(s + shift, e + shift) for s, e, _ in one]},
            "b": {"A": [(s + shift, e + shift) for s, e, _ in other]},  # type: ignore[attr-defined]
        }
        return MarkedText(40 + shift, spans)

    once = disagreement([marked(0)], "A").observed
    twice = disagreement([marked(0), marked(0)], "A").observed
    assert twice == pytest.approx(once / 2)
    swapped = MarkedText(40, {"a": marked(0).spans["b"], "b": marked(0).spans["a"]})
    assert disagreement([swapped], "A") == pytest.approx(disagreement([marked(0)], "A"))
    assert (
        disagreement([MarkedText(40, {w: marked(0).spans["a"] for w in "ab"})], "A").observed == 0
    )


@given(SPANS, SPANS)
def test_scores_are_the_same_from_both_sides(
    one: list[tuple[int, int, str]], other: list[tuple[int, int, str]]
) -> None:
    for match in MATCHES:
        there = total(compare(one, other, match).values())
        back = total(compare(other, one, match).values())
        assert there == MatchCounts(back.both, back.only_other, back.only_one)
        assert there.both + there.only_one == len(one)
        assert there.f1 == back.f1 and there.precision == back.recall
        same = total(compare(one, one, match).values())
        assert same == MatchCounts(len(one)) or match == "partial"
    exact, partial, kind = (
        total(compare(set(one), set(other), match).values()).both for match in MATCHES
    )
    assert exact <= kind and partial <= kind
    crossed = confusions(one, other)
    assert sum(n for (left, _), n in crossed.items() if left != NONE) == len(one)
    assert sum(n for (_, right), n in crossed.items() if right != NONE) == len(other)


def test_ways_of_matching() -> None:
    one, other = [(0, 12, "ORG")], [(5, 12, "ORG"), (20, 24, "LOC")]
    assert compare(one, other)["ORG"] == MatchCounts(0, 1, 1)
    assert compare(one, other, "partial")["ORG"] == MatchCounts(1, 0, 0)
    assert compare(one, other, "type") == {"ORG": MatchCounts(1), "LOC": MatchCounts(0, 0, 1)}
    assert confusions([(0, 4, "ORG")], [(0, 4, "LOC")]) == Counter({("ORG", "LOC"): 1})
    assert str(MatchCounts().f1) == "undefined: neither marked anything"


class TestIntervals:
    def test_it_holds_the_figure_and_narrows_with_more_units(self) -> None:
        few = Ratings.of(
            [{"a": "x", "b": "x"}] * 8 + [{"a": "x", "b": "y"}] * 4 + [{"a": "y", "b": "y"}] * 8
        )
        many = Ratings({pattern: 50 * count for pattern, count in few.patterns.items()})
        widths = []
        for ratings in (few, many):
            value = krippendorff_alpha(ratings).value
            (found,) = intervals(
                ratings.patterns,
                [lambda counts: krippendorff_alpha(Ratings(counts)).value],
                rounds=200,
            )
            assert found is not None and value is not None and found.low <= value <= found.high
            widths.append(found.high - found.low)
        assert widths[1] < widths[0] / 3

    def test_the_same_seed_gives_the_same(self) -> None:
        patterns = {"a": 3, "b": 4}
        runs = [
            intervals(patterns, [lambda counts: counts.get("a", 0) / 7], rounds=50, seed=seed)
            for seed in (1, 1, 2)
        ]
        assert runs[0] == runs[1] != runs[2]

    def test_none_where_it_is_mostly_undefined(self) -> None:
        assert intervals({"a": 1}, [lambda _: None], rounds=10) == [None]
        assert intervals({}, [lambda _: 1.0], rounds=10) == [None]


def test_spans_marked_twice_count_each_for_itself() -> None:
    twice = [(0, 3, "PER"), (0, 3, "PER")]
    for match in MATCHES:
        assert compare(twice, twice, match) == {"PER": MatchCounts(2, 0, 0)}
        assert compare(twice, twice[:1], match) == {"PER": MatchCounts(1, 1, 0)}
    assert confusions(twice, twice[:1]) == {("PER", "PER"): 1, ("PER", NONE): 1}


def test_many_texts_come_to_the_sum_of_each() -> None:
    texts = [
        ([(0, 3, "PER"), (5, 9, "LOC")], [(0, 3, "PER"), (6, 9, "LOC")]),
        ([(0, 3, "PER")], [(0, 3, "LOC"), (4, 5, "PER")]),
        ([(0, 10, "PER"), (2, 4, "PER")], [(1, 10, "PER")]),
        ([], [(0, 1, "LOC")]),
        ([(0, 1, "LOC")], [(0, 1, "LOC")]),
    ]
    met = SpanPairings()
    same = [met.add(one, other) for one, other in texts]
    assert same == [1, 0, 0, 0, 1]
    for match in MATCHES:
        parts = [compare(one, other, match) for one, other in texts]
        for label, hits in met.hits(match).items():
            assert hits == total(part[label] for part in parts if label in part)
    assert met.hits("partial") == {"PER": MatchCounts(2, 2, 1), "LOC": MatchCounts(2, 0, 2)}
    assert met.hits("type") == {"PER": MatchCounts(3, 1, 0), "LOC": MatchCounts(2, 0, 2)}
    assert met.confusions() == sum((confusions(*text) for text in texts), Counter())


def test_an_empty_span_meets_nothing() -> None:
    for one, other in (((5, 5, "PER"), (3, 8, "PER")), ((3, 8, "PER"), (5, 5, "PER"))):
        assert compare([one], [other], "partial") == {"PER": MatchCounts(0, 1, 1)}
        assert confusions([one], [other]) == {("PER", NONE): 1, (NONE, "PER"): 1}
