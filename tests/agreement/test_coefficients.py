"""Coefficients of agreement, held to the values that the literature prints."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.agreement.answers import JudgedInput, Judgement
from tui_annotate.agreement.coefficients import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    percent,
)
from tui_annotate.agreement.ratings import Figure, Ratings
from tui_annotate.agreement.report import make_report

pytestmark = pytest.mark.quick


def columns(*lines: str) -> Ratings:
    """Read one line for each annotator, a value for each unit; `.` is a missing one."""
    rows = [line.split() for line in lines]
    units = zip(*rows, strict=True)
    return Ratings.of(
        {f"ann{n}": value for n, value in enumerate(unit) if value != "."} for unit in units
    )


def counted(*units: str) -> Ratings:
    """Read, for each unit, how many annotators gave the first, second ... value."""
    found = []
    for unit in units:
        votes = [str(v) for v, n in enumerate(map(int, unit.split())) for _ in range(n)]
        found.append({f"ann{n}": value for n, value in enumerate(votes)})
    return Ratings.of(found)


def crossed(cells: dict[tuple[str, str], int]) -> Ratings:
    """Read the table of two annotators."""
    return Ratings(
        Counter({(("one", left), ("two", right)): count for (left, right), count in cells.items()})
    )


def squared(rows: str) -> Ratings:
    """Read the table of two annotators, row by row."""
    return crossed({
        (str(left), str(right)): int(count)
        for left, row in enumerate(rows.split(", "))
        for right, count in enumerate(row.split())
    })  # fmt: skip


KRIPPENDORFF_2011 = columns(
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
"""Four observers and twelve units, with missing values: Krippendorff 2011, section D; the same
table is `raw4raters` of Gwet's handbook."""


HAYES_AND_KRIPPENDORFF_2007 = columns(
    "1 1 2 . 0 0 1 1 2 2 . 0 1 3 1 1 2 1 1 0 0 0 2 0 1 0 0 1 1 1 1 2 2 3 2 2 2 2 2 1",
    "1 1 3 0 0 0 0 . 2 1 1 0 2 3 1 1 1 2 1 0 0 0 3 0 2 1 0 2 1 1 1 1 2 2 2 2 2 2 2 1",
    "2 0 3 0 0 0 2 2 2 1 0 0 2 2 1 1 2 3 0 0 1 . 3 0 . 1 0 1 2 2 0 2 . 2 2 3 2 . 2 1",
    ". 1 3 . . . . 0 . 1 0 0 2 2 . . . 3 1 . 1 0 3 0 2 1 1 2 2 . . 1 2 2 . . . 1 2 .",
    "2 . . 0 0 0 1 . 2 . . . . 3 1 1 2 . . 0 . 0 . . 2 . 0 . . 2 0 . 2 . 2 2 2 2 . 1",
)
"""Five observers and forty articles, with missing values: Hayes and Krippendorff 2007, table 1."""


class TestPublishedValues:
    @pytest.mark.parametrize(
        ("level", "value"), [("nominal", 0.477), ("ordinal", 0.7598), ("interval", 0.757)]
    )
    def test_hayes_and_krippendorff_2007(self, level: str, value: float) -> None:
        # The paper prints the ordinal one; the others are those of another program on its table.
        found = krippendorff_alpha(HAYES_AND_KRIPPENDORFF_2007, level).value  # type: ignore[arg-type]
        assert found == pytest.approx(value, abs=0.0005 if level != "ordinal" else 0.00005)

    @pytest.mark.parametrize(
        ("level", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
    )
    def test_krippendorff_2011_d(self, level: str, value: float) -> None:
        found = krippendorff_alpha(KRIPPENDORFF_2011, level).value  # type: ignore[arg-type]
        assert found == pytest.approx(value, abs=0.0005)

    def test_krippendorff_2011_a_and_b(self) -> None:
        binary = columns("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")
        assert krippendorff_alpha(binary).value == pytest.approx(0.095, abs=0.0005)
        nominal = columns("a a b b d c c c e d d a", "b a b b b c c c e d d d")
        assert krippendorff_alpha(nominal).value == pytest.approx(0.692, abs=0.0005)

    def test_krippendorff_1980(self) -> None:
        # Page 133, two observers and ten units; page 139, three observers and nine units.
        binary = columns("0 1 0 0 0 0 0 0 1 0", "0 1 1 0 0 1 0 1 0 0")
        assert percent(binary).value == pytest.approx(0.6)
        assert krippendorff_alpha(binary).value == pytest.approx(0.095, abs=0.0005)
        three = columns("1 1 2 4 1 2 1 3 2", "1 2 2 4 4 2 2 3 2", "1 2 2 4 4 2 3 3 2")
        assert percent(three).value == pytest.approx(0.7407, abs=0.0001)
        assert krippendorff_alpha(three).value == pytest.approx(0.642, abs=0.0005)
        assert krippendorff_alpha(three, "interval").value == pytest.approx(0.547, abs=0.0005)
        for value, alpha in (("1", 0.381), ("2", 0.711), ("3", 0.717), ("4", 0.764)):
            found = krippendorff_alpha(three.one_against_rest(value)).value
            assert found == pytest.approx(alpha, abs=0.0015), value

    def test_krippendorff_2004(self) -> None:
        # Page 246: two tables of equal percent agreement, of which only kappa rises where the
        # observers use the values differently.
        same = "12 9 9, 9 14 9, 9 9 20"
        apart = "12 18 18, 0 14 18, 0 0 20"
        for rows, kappa in ((same, 0.186), (apart, 0.258)):
            table = squared(rows)
            assert percent(table).value == pytest.approx(0.46, abs=0.005)
            assert cohen_kappa(table).value == pytest.approx(kappa, abs=0.0005)
            assert fleiss_kappa(table).value == pytest.approx(0.186, abs=0.0005)

    def test_gwet_on_four_raters(self) -> None:
        assert gwet_ac1(KRIPPENDORFF_2011).value == pytest.approx(0.77544, abs=0.00001)
        assert percent(KRIPPENDORFF_2011).value == pytest.approx(0.81818, abs=0.00001)

    def test_fleiss_on_fourteen_raters(self) -> None:
        # The worked example of ten subjects and five categories that textbooks carry.
        found = counted(
            *("0 0 0 0 14", "0 2 6 4 2", "0 0 3 5 6", "0 3 9 2 0", "2 2 8 1 1"),
            *("7 7 0 0 0", "3 2 6 3 0", "2 5 3 2 2", "6 5 2 1 0", "0 2 2 3 7"),
        )
        assert fleiss_kappa(found).value == pytest.approx(0.210, abs=0.0005)

    def test_fleiss_1971(self) -> None:
        # Six psychiatrists, thirty patients, five diagnoses.
        found = counted(
            *("0 0 0 6 0", "0 3 0 0 3", "0 1 4 0 1", "0 0 0 0 6", "0 3 0 3 0", "2 0 4 0 0"),
            *("0 0 4 0 2", "2 0 3 1 0", "2 0 0 4 0", "0 0 0 0 6", "1 0 0 5 0", "1 1 0 4 0"),
            *("0 3 3 0 0", "1 0 0 5 0", "0 2 0 3 1", "0 0 5 0 1", "3 0 0 1 2", "5 1 0 0 0"),
            *("0 2 0 4 0", "1 0 2 0 3", "0 0 0 0 6", "0 1 0 5 0", "0 2 0 1 3", "2 0 0 4 0"),
            *("1 0 0 4 1", "0 5 0 1 0", "4 0 0 0 2", "0 2 0 4 0", "1 0 5 0 0", "0 0 0 0 6"),
        )
        assert fleiss_kappa(found).value == pytest.approx(0.430, abs=0.0005)
        assert percent(found).value == pytest.approx(0.5556, abs=0.0001)

    @pytest.mark.parametrize(
        ("rows", "observed", "kappa"),
        [
            ("25 13 12, 12 2 16, 3 15 2", 0.29, -0.092),
            ("88 14 18, 10 40 10, 2 6 12", 0.70, 0.492),
        ],
    )
    def test_cohen_1960(self, rows: str, observed: float, kappa: float) -> None:
        table = squared(rows)
        assert percent(table).value == pytest.approx(observed)
        assert cohen_kappa(table).value == pytest.approx(kappa, abs=0.0005)

    def test_cohen_on_two_by_two(self) -> None:
        # Two readers of fifty proposals: 20 and 15 agreed, 5 and 10 not.
        table = crossed({("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15})
        assert cohen_kappa(table).value == pytest.approx(0.4)

    def test_artstein_and_poesio_2008(self) -> None:
        # Their Table 1: two coders, 100 utterances as statement or request.
        table = crossed({("S", "S"): 20, ("S", "R"): 20, ("R", "S"): 10, ("R", "R"): 50})
        assert percent(table).value == pytest.approx(0.7)
        assert cohen_kappa(table).value == pytest.approx(0.348, abs=0.0005)
        # Scott's pi on it is 0.341; alpha is pi with a correction for the size of the sample.
        pi = fleiss_kappa(table).value
        assert pi == pytest.approx(0.341, abs=0.0005)
        assert pi is not None
        assert krippendorff_alpha(table).value == pytest.approx(1 - (1 - pi) * 199 / 200)

    def test_artstein_and_poesio_2008_with_three_labels(self) -> None:
        # Statements, requests for information and checks.
        table = crossed({
            ("S", "S"): 46, ("S", "I"): 6, ("I", "I"): 32, ("C", "I"): 6, ("C", "C"): 10,
        })  # fmt: skip
        assert percent(table).value == pytest.approx(0.88)
        assert cohen_kappa(table).value == pytest.approx(0.8013, abs=0.0001)
        assert fleiss_kappa(table).value == pytest.approx(0.7995, abs=0.0001)

    def test_kappa_comes_to_f1_where_nearly_all_is_in_no_span(self) -> None:
        # Hripcsak and Rothschild 2005: with more and more negatives kappa goes to F1.
        both, only_one, only_other = 40, 10, 20
        f1 = 2 * both / (2 * both + only_one + only_other)
        away = []
        for neither in (100, 10_000, 10_000_000):
            table = crossed({
                ("+", "+"): both, ("+", "-"): only_one, ("-", "+"): only_other, ("-", "-"): neither,
            })  # fmt: skip
            kappa = cohen_kappa(table).value
            assert kappa is not None
            away.append(f1 - kappa)
        assert away[0] > away[1] > away[2] >= 0
        assert away[2] < 0.00001

    def test_the_paradox_of_kappa_and_its_answer(self) -> None:
        # 118 of 125 times yes by both: kappa falls below nothing, AC1 says what one sees.
        table = crossed({("+", "+"): 118, ("+", "-"): 5, ("-", "+"): 2, ("-", "-"): 0})
        kappa, ac1 = cohen_kappa(table).value, gwet_ac1(table).value
        assert kappa == pytest.approx(-0.0234, abs=0.0001)
        assert ac1 == pytest.approx(0.9409, abs=0.0005)

    def test_ac2_is_ac1_where_there_are_two_values(self) -> None:
        table = crossed({("0", "0"): 8, ("0", "1"): 3, ("1", "1"): 9})
        ac2 = gwet_ac2(table).value
        assert ac2 == pytest.approx(gwet_ac1(table).value)

    def test_ac2_forgives_what_is_near(self) -> None:
        near = crossed({("1", "1"): 5, ("2", "2"): 5, ("3", "3"): 5, ("1", "2"): 5})
        far = crossed({("1", "1"): 5, ("2", "2"): 5, ("3", "3"): 5, ("1", "3"): 5})
        both = [gwet_ac2(near).value, gwet_ac2(far).value]
        assert None not in both and both[0] > both[1]  # type: ignore[operator]


MEASURES: list[Callable[[Ratings], Figure]] = [
    percent,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    gwet_ac1,
]


@pytest.mark.parametrize("seed", range(5))
def test_ac2_is_what_its_definition_says(seed: int) -> None:
    """Gwet's formula unit by unit, with missing ratings, instead of by patterns."""
    chance = random.Random(seed)
    units = [
        {who: chance.choice("1223") for who in "abcd" if chance.random() < 0.8} for _ in range(40)
    ]
    ranks = sorted({value for unit in units for value in unit.values()})
    most = math.comb(len(ranks), 2)

    def weight(one: str, other: str) -> float:
        apart = abs(ranks.index(one) - ranks.index(other))
        return 1 - math.comb(apart + 1, 2) / most if apart else 1.0

    rated = [list(unit.values()) for unit in units if unit]
    pairs = [
        sum(weight(*pair) for pair in permutations(each, 2)) / (len(each) * (len(each) - 1))
        for each in rated
        if len(each) > 1
    ]
    observed = sum(pairs) / len(pairs)
    shares = [sum(each.count(v) / len(each) for each in rated) / len(rated) for v in ranks]
    all_weights = sum(weight(one, other) for one in ranks for other in ranks)
    expected = all_weights / (len(ranks) * (len(ranks) - 1)) * sum(p * (1 - p) for p in shares)
    value = gwet_ac2(Ratings.of(units)).value
    assert value == pytest.approx((observed - expected) / (1 - expected))


class TestUndefined:
    @pytest.mark.parametrize("measure", MEASURES)
    def test_without_two_ratings_of_a_unit(self, measure: Callable[[Ratings], Figure]) -> None:
        for ratings in (Ratings.of([]), Ratings.of([{"a": "x"}, {"b": "y"}])):
            found = measure(ratings)
            assert found.value is None and found.reason

    @pytest.mark.parametrize("measure", MEASURES[1:])
    def test_where_only_one_value_was_given(self, measure: Callable[[Ratings], Figure]) -> None:
        found = measure(columns("x x x", "x x x"))
        assert found.value is None and "same value" in found.reason
        assert "undefined" in str(found)

    def test_why_is_said_of_what_was_compared(self) -> None:
        one = [
            JudgedInput("Ada", 3, n, {"a": Judgement(spans=((0, 3, "PER"),), at=1)}) for n in (1, 2)
        ]
        for inputs in ([], one):
            told = {line.figure.reason for line in make_report(inputs, "span").measures}
            assert told == {"no text was marked by two people"}
        alone = [JudgedInput("Ada", 3, 1, {"a": Judgement(classes={"x": True}, at=1)})]
        for some in ([], alone):
            told = {line.figure.reason for line in make_report(some, "multiclass").measures}
            assert told == {"no unit was rated by two people"}

    def test_fleiss_with_missing_ratings(self) -> None:
        assert "numbers of ratings" in fleiss_kappa(KRIPPENDORFF_2011).reason


UNITS = st.lists(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["1", "2", "3"]), max_size=4),
    min_size=1,
    max_size=30,
)


@given(UNITS)
def test_names_and_order_do_not_matter(units: list[dict[str, str]]) -> None:
    renamed = [{who.upper(): value for who, value in unit.items()} for unit in reversed(units)]
    for measure in (*MEASURES, gwet_ac2):
        one, other = measure(Ratings.of(units)).value, measure(Ratings.of(renamed)).value
        assert (one is None) == (other is None)
        assert one is None or other is None or math.isclose(one, other, abs_tol=1e-9)


@given(UNITS)
def test_no_coefficient_is_above_one(units: list[dict[str, str]]) -> None:
    ratings = Ratings.of(units)
    for measure in (*MEASURES, gwet_ac2):
        value = measure(ratings).value
        assert value is None or value <= 1 + 1e-9
    assert ratings.ratings + ratings.missing() == ratings.units * len(ratings.annotators)


@given(UNITS)
def test_percent_is_that_of_all_pairs(units: list[dict[str, str]]) -> None:
    shares = []
    for unit in units:
        pairs = list(combinations(unit.values(), 2))
        if pairs:
            shares.append(sum(a == b for a, b in pairs) / len(pairs))
    value = percent(Ratings.of(units)).value
    assert value == (pytest.approx(sum(shares) / len(shares)) if shares else None)
