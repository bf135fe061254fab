"""Halves of characters, as JSON may hold them, stop no command that reads answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_blindness import READS
from tui_annotate.cli.main import run
from tui_annotate.exchange.registry import FORMATS

ROWS = [
    {
        "text": "half \ud83d of it",
        "spans": [{"start": 0, "end": 6, "label": label}, {"start": 7, "end": 9, "label": "B"}],
        "comment": "c\ud800",
        "meta": {"k\udfff": "v\ud83d"},
        "answer": "accept",
    }
    for label in ("A\udc00", "B")
]
CHOICE = {
    "text": "choose \udead",
    "options": [{"id": "x\ud83d", "text": "x\ud83d"}],
    "accept": ["x\ud83d"],
    "answer": "accept",
    "_view_id": "choice",
}


@pytest.fixture(autouse=True)
def _answers(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people who differ in a label, and one choice."""
    monkeypatch.chdir(home)
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(home / "halves.db"))
    for person, row in zip(("anna", "ben"), ROWS, strict=True):
        Path("rows.jsonl").write_text(f"{json.dumps(row)}\n{json.dumps(CHOICE)}\n")
        assert run(["db-in", "halves", "rows.jsonl", "--as", person]) == 0


def test_every_command_reads_them(capsys: pytest.CaptureFixture[str]) -> None:
    more = ["find halves half", "find halves --surface", "report halves -o page.html"]
    more += [f"{each} halves --json" for each in ("stats", "team", "agreement", "progress")]
    usual = [f"{each} halves" for each in READS.split() if each not in ("backup", "export")]
    for words in (*usual, *more):
        assert "internal error" not in capsys.readouterr().err
        assert run(words.split()) in (0, 1, 2), words
    assert "internal error" not in capsys.readouterr().err


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_holds_them_or_says_so(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--resolve", "annotator=anna", "--skip-invalid", "aside.jsonl"]
    code = run(["export", "halves", "out", "--to", name, *words])
    said = capsys.readouterr().err
    assert "internal error" not in said
    assert code == 0 or "pip install" in said or "no documents" in said, said
