"""Every command of "From texts to a trained model" is run in its order, and its Python too."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.support.environment import ROOT

pytest.importorskip("spacy", reason="spaCy is not installed")
pytestmark = pytest.mark.terminal

PAGE = ROOT / "docs" / "first-model.md"
TEXTS = 8
"""How many texts are marked here; the page has a person mark thirty."""


def blocks() -> list[tuple[str, str]]:
    """Return the blocks of the page: what stands behind the fence, and the text."""
    return re.findall(r"```(\w*)\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)


def test_every_command_of_the_page(
    annotate: StartsTerminal,
    in_process: RunsHeadless,
    home: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(ROOT / "demo_data", home / "demo_data")
    (code,) = [text for kind, text in blocks() if kind == "python"]
    commands = [line for kind, text in blocks() if not kind for line in text.splitlines()]
    calls = [shlex.split(line)[1:] for line in commands if line.startswith("tui-annotate ")]
    names = [call[0] for call in calls]
    assert names == ["ner.manual", "stats", "check", "train", "ner.correct"]
    manual, stats, check, train, correct = calls

    with annotate(*manual, columns=100) as screen:
        screen.wait_for("accept")
        for number in range(1, TEXTS + 1):
            screen.type("n 1 n 2 a")
            screen.wait_for(f"{number} done")
        screen.type("q q")
        screen.wait_exit()
        assert f"{TEXTS} answers saved to names" in screen.screen_text()

    assert f"{TEXTS} of 172 rows" in in_process(*stats).stdout
    assert in_process(*check).returncode == 0
    steps = train.index("--training.max_steps")
    short = [*train[:steps], "--training.max_steps", "20", "--training.eval_frequency", "10"]
    done = in_process(*short)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "PERSON" in done.stdout
    capfd.readouterr()
    exec(compile(code, str(PAGE), "exec"), {})
    assert capfd.readouterr().out.startswith("[")

    with annotate(*correct, columns=100) as screen:
        screen.wait_for("164 to go")
        screen.type("a q q")
        assert screen.wait_exit() == 0
