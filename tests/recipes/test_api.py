"""What scripts use: serve in the terminal at hand, connect, get_recipe."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import tui_annotate
from tests.conftest import StartsTerminal
from tests.recipes.support import asked, job_of, write_jsonl
from tui_annotate.errors import StoreError, UsageError

SCRIPT = """
import tui_annotate as ta
code = ta.serve("textcat.manual my_set data.jsonl --label GOOD", batch_size=3)
with ta.connect() as db:
    (answer,) = db.get_dataset_examples("my_set")
    print("script:", code, db.count_dataset("my_set"), answer["label"])
"""


@pytest.mark.terminal
def test_serve_runs_a_recipe_and_returns(terminal: StartsTerminal, home: Path) -> None:
    write_jsonl(home / "data.jsonl", [{"text": "Fine."}])
    (home / "script.py").write_text(SCRIPT)
    screen = terminal(sys.executable, home / "script.py")
    screen.wait_for("Fine.")
    screen.settle()
    screen.press("a")
    screen.wait_for("All done.")
    screen.settle()
    screen.press("q")
    assert screen.wait_exit() == 0
    assert "script: 0 1 GOOD" in screen.screen_text()


@pytest.mark.quick
def test_wrong_calls_are_errors_of_ours() -> None:
    with pytest.raises(UsageError, match=r"Did you mean 'ner\.manual'"):
        tui_annotate.serve("ner.manul my_set data.jsonl")
    with pytest.raises(UsageError, match="the recipe is missing"):
        tui_annotate.serve("")
    with pytest.raises(UsageError, match="--label"):
        tui_annotate.serve("ner.manual my_set data.jsonl")


@pytest.mark.quick
def test_a_built_in_recipe_is_a_plain_function(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "data.jsonl", [{"text": "x"}])
    made = tui_annotate.get_recipe("ner.manual")(dataset="a", source=str(source), label="A,B")
    assert made["view_id"] == "ner_manual"
    assert made["config"]["labels"] == ["A", "B"]


@pytest.mark.quick
def test_a_database_is_read_by_names(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "data.jsonl", [{"text": "x"}, {"text": "y"}])
    asked(job_of("ner.manual", dataset="one", source=str(source), label="A"), tmp_path / "a.db")
    with tui_annotate.connect(tmp_path / "a.db") as db:
        assert db.datasets == ["one"]
        assert "one" in db
        assert "two" not in db
        assert len(db) == 1
        assert db.get_dataset_sessions("one") == ["one-annotator-1"] == db.sessions
        assert [each["text"] for each in db.iter_dataset_examples("one")] == ["x", "y"]
        assert len(db.get_input_hashes("one")) == len(db.get_task_hashes("one")) == 2
        with pytest.raises(UsageError, match="There are: one"):
            db.get_dataset_examples("two")
    with pytest.raises(StoreError):
        tui_annotate.connect(tmp_path / "none.db")


@pytest.mark.quick
@pytest.mark.parametrize("name", tui_annotate.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(tui_annotate, name)
    assert isinstance(value, (str, dict)) or value.__doc__
