"""Recipe files run in a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.compat.support import ROWS
from tests.conftest import RunsHeadless, StartsTerminal
from tests.recipes.support import write_jsonl
from tui_annotate import compat


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The alias, and two files to read, in the folder that a test works in."""
    monkeypatch.chdir(tmp_path)
    write_jsonl(tmp_path / "data.jsonl", ROWS)
    write_jsonl(tmp_path / "patterns.jsonl", [{"label": "FRUIT", "pattern": "fig"}])
    compat.install()
    yield
    compat.uninstall()


class Runs:
    """Runs a recipe file in a terminal: keys in, screens and answers out."""

    def __init__(self, annotate: StartsTerminal, headless: RunsHeadless, home: Path) -> None:
        self._annotate, self._headless = annotate, headless
        self._file = home / "recipe.py"

    def __call__(self, code: str, *words: str, keys: str, shows: str) -> str:
        """Return the screens, one below the other; the first one is waited for."""
        self._file.write_text(code)
        screen = self._annotate("-F", "recipe.py", *words, columns=110)
        screens = [screen.wait_for(shows)]
        for key in keys.split():
            screen.settle()
            screen.press(key)
            screen.settle()
            screens.append(screen.screen_text())
        for _ in range(2):
            if screen.running:
                screen.press("q")
                screen.settle()
        assert screen.wait_exit() == 0, screen.screen_text()
        return "\n".join([*screens, screen.screen_text()])

    def answers(self) -> list[dict[str, Any]]:
        """Return the answers of `my_set`."""
        return [json.loads(line) for line in self._headless("db-out", "my_set").stdout.splitlines()]


@pytest.fixture
def runs(annotate: StartsTerminal, headless: RunsHeadless, home: Path) -> Runs:
    texts = ("Ann saw one oak.", "Bob saw two figs.", "Ann saw one oak.", "Cid saw it.")
    write_jsonl(home / "data.jsonl", [{"text": text} for text in texts])
    write_jsonl(home / "patterns.jsonl", [{"label": "TREE", "pattern": [{"lower": "oak"}]}])
    return Runs(annotate, headless, home)
