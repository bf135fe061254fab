from __future__ import annotations

import pytest

from tui_annotate.text.width import is_unsteady, widest

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("glyph", "cells"),
    [
        ("हि", 2),
        ("क्ष", 2),
        ("မ\u102c"[1], 1),
        ("❤️", 2),
        ("1️⃣", 2),
        ("👩‍👩‍👧‍👦", 8),
        ("🇩🇪", 4),
        ("🇩", 2),
        ("👍🏽", 4),
        ("ශ්\u200d", 1),
        ("\ue000", 1),
        ("\U000fffff", 1),
    ],
)
def test_terminals_disagree_about(glyph: str, cells: int) -> None:
    assert is_unsteady(glyph)
    assert widest(glyph) == cells


@pytest.mark.parametrize("glyph", ["a", "e\u0301", "中", "한", "ש\u05b8\u05c1", "น้", "👩", "─"])
def test_terminals_agree_about(glyph: str) -> None:
    assert not is_unsteady(glyph)


def test_what_is_newer_than_terminals_is_unsteady() -> None:
    assert is_unsteady("\U000323b0")
