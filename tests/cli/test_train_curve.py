"""What `train-curve` makes of scores; that it trains is tested beside `train`."""

from __future__ import annotations

import pytest

from tui_annotate.cli.train_curve import Step, plot, table, verdict

pytestmark = pytest.mark.quick


def step(share: float, **found: float | None) -> Step:
    scores = {name: {"ALL": {"f": value}} for name, value in found.items()}
    return {"share": share, "documents": round(100 * share), "scores": scores}


STEPS = [
    step(0.25),
    step(0.5, ner=0.5, textcat=0.9),
    step(0.75, ner=0.4, textcat=0.9),
    step(1.0, ner=1.0, textcat=0.8),
]


def test_the_table_says_what_rose_and_fell() -> None:
    lines = [line.split() for line in table(STEPS)]
    assert lines[0] == ["share", "documents", "ner", "textcat"]
    assert lines[1] == ["25", "%", "25", "-", "-"]
    assert lines[2] == ["50", "%", "50", "50.0", "90.0"]
    assert lines[3] == ["75", "%", "75", "40.0", "-", "90.0"]
    assert lines[4] == ["100", "%", "100", "100.0", "+", "80.0", "-"]
    assert len({len(line.rstrip(" +-")) for line in table(STEPS)[2:3]}) == 1


def test_the_plot_is_ascii_with_a_bar_for_each_share() -> None:
    lines = plot(STEPS)
    assert all(line.isascii() for line in lines)
    bars = [line.count("#") for line in lines[lines.index("ner") + 1 : lines.index("textcat") - 1]]
    assert bars == [0, 20, 16, 40]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (STEPS, "gained for ner:"),
        ([step(0.5, ner=0.5), step(1, ner=0.5)], "gained nothing"),
        ([step(0.5), step(1, ner=0.5)], "gained for ner:"),
    ],
)
def test_the_last_line_says_whether_more_would_help(steps: list[Step], said: str) -> None:
    assert said in verdict(steps)
