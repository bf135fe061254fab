"""What `train-curve` makes of scores; that it trains is tested beside `train`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_annotate.cli import train_curve
from tui_annotate.cli.train import cause_of
from tui_annotate.cli.train_curve import Step, plot, table, verdict
from tui_annotate.errors import ExportError

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
        ([step(0.5, ner=0.0), step(1, ner=0.0)], "Nothing has been learned yet"),
        ([step(0.5), step(1)], "Nothing has been learned yet"),
    ],
)
def test_the_last_line_says_whether_more_would_help(steps: list[Step], said: str) -> None:
    assert said in verdict(steps)


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ("i\nTraceback ...\n  at x\nValueError: [E143] Labels\n\n", "ValueError: [E143] Labels"),
        ("a\n\n✘ Config validation error\ntraining -> max_stepss   extra fields\n{'a': 1}",
         "Config validation error: training -> max_stepss"),
        ("spacy: command not found", "spacy: command not found"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_cause_of_a_failure_is_found_in_what_spacy_prints(told: str, cause: str) -> None:
    assert cause_of(told).startswith(cause)


def test_a_share_that_failed_says_why_before_what_it_may_mean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ExportError("spacy train failed with exit code 1 (No space left on device)")

    monkeypatch.setattr(train_curve, "share_corpus", lambda *_: 3)
    monkeypatch.setattr(train_curve, "run_spacy", fail)
    step = train_curve._step(tmp_path, 0.5, [], show=False, silent=True)
    assert step["scores"] == {}
    told = capsys.readouterr().err
    assert "(3): spacy train failed with exit code 1 (No space left on device); there may" in told
    with pytest.raises(ExportError, match="No space left"):
        train_curve._step(tmp_path, 1.0, [], show=False, silent=True)
