"""The benchmark of keys plays by the rules: it reaches the gold, and counts SLATE as published."""

from __future__ import annotations

import pytest

from benchmarks._expert import Expert
from benchmarks._slate import slate_keys

pytestmark = pytest.mark.quick

TEXT = "Yesterday Acme Corporation met globex inc in Berlin. Later Acme Corporation left."
GOLD = [(10, 26, "ORG"), (31, 41, "ORG"), (45, 51, "LOC"), (59, 75, "ORG")]


def test_the_expert_makes_the_gold_and_every_key_is_counted() -> None:
    played = Expert(["LOC", "ORG"], candidates=True).play(TEXT, GOLD)
    assert (played.gold, played.right) == (4, 4)
    # n n 2 e, l l or ;g 2 2, n 1, a: the two equal names cost one more key together.
    assert played.kinds["label"] == 3
    assert played.kinds["equal strings"] == 1
    assert played.kinds["answer"] == 1
    assert sum(played.kinds.values()) <= 14


def test_without_candidates_it_reaches_the_gold_too() -> None:
    played = Expert(["LOC", "ORG"], candidates=False).play(TEXT.lower(), GOLD)
    assert played.right == 4
    assert played.kinds["next point"] == 0


def test_slate_is_counted_by_its_published_keys() -> None:
    rows = [{"text": "one two Acme Corp, four five", "gold": [(8, 17, "ORG")]}]
    total = slate_keys(rows, by_character=False)
    # right right, extend, space label; the comma belongs to the second token
    assert (total.keys - total.answers, total.inexact) == (5, 1)
    total = slate_keys(rows, by_character=True)
    # 8 right, 8 extend, space label
    assert (total.keys - total.answers, total.inexact) == (6, 0)


def test_names_beyond_ten_labels_parts_of_tokens_and_nested_spans_are_reached() -> None:
    labels = [f"{letter}X" for letter in "ABCDEFGHIJKL"]
    played = Expert(labels, candidates=True).play("met Acme Corp", [(4, 13, "LX")])
    assert played.right == 1
    nested = [(4, 8, "AX"), (4, 13, "BX")]
    assert Expert(labels, candidates=True).play("met Acme Corp", nested).right == 2
    assert Expert(labels, candidates=True).play("pre-Acmeish", [(4, 8, "AX")]).right == 1
