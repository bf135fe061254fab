"""Twenty thousand labels: what a key costs grows with what is on screen, not with their square."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.commands.name_finder import NameFinder
from tui_annotate.text.folding import fold as fold_name
from tui_annotate.text.folding import fold_names
from tui_annotate.text.short_labels import ShortLabels
from tui_annotate.text.width import cell_width
from tui_annotate.tui.widgets.folded_line import LinePiece, fold

pytestmark = pytest.mark.quick

LABELS = tuple(f"LABEL_{number:05d}_of_a_kind" for number in range(20_000))


def counted(calls: Counter[str], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **more: Any) -> Any:
        calls[name] += 1
        return function(*args, **more)

    return run


def test_a_line_measures_each_piece_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    measuring = "tui_annotate.tui.widgets.folded_line.cell_width"
    monkeypatch.setattr(measuring, counted(calls, "width", cell_width))
    pieces = [LinePiece(name, weight=-at) for at, name in enumerate(LABELS)]
    strip = fold(pieces, [], 60)
    assert calls["width"] < 2 * len(LABELS)
    assert "".join(run.text for run in strip.runs).split() == list(LABELS[:2])


def test_the_lightest_of_a_line_go_first_and_of_equals_the_last() -> None:
    pieces = [LinePiece("aaaa", weight=1), LinePiece("bbbb", weight=2), LinePiece("cccc", weight=1)]
    shown = ["".join(run.text for run in fold(pieces, [], width).runs) for width in (16, 15, 9, 3)]
    assert [each.split() for each in shown] == [
        ["aaaa", "bbbb", "cccc"],
        ["aaaa", "bbbb"],
        ["bbbb"],
        ["bb…"],
    ]


def test_names_are_folded_once_for_all_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    folding = "tui_annotate.commands.name_finder.fold"
    monkeypatch.setattr(folding, counted(calls, "fold", fold_name))
    names = tuple(f"{name}!" for name in LABELS)
    for _ in range(2):
        found = NameFinder(names)
        for letter in "label_12345":
            found.type(letter)
        assert found.sure == found.choice == names[12_345]
    assert calls["fold"] < len(names) + 100


@given(st.lists(st.text(), max_size=5))
def test_many_names_are_folded_as_each_of_them(names: list[str]) -> None:
    assert fold_names(names) == tuple(fold_name(name).text for name in names)


def test_short_forms_of_many_labels_tell_them_apart() -> None:
    short = ShortLabels(LABELS)
    forms = [short.fit(name, 7) for name in (LABELS[0], LABELS[7], LABELS[19_999])]
    assert forms == ["1", "8", "20000"]
    assert short.fit("OTHER_LABEL", 7) == "OTHER_…"
