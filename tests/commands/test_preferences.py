"""What is remembered of an annotator's choices, and what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_annotate.commands.preferences import Preferences
from tui_annotate.data_paths import state_folder

pytestmark = pytest.mark.quick


def test_each_annotator_has_choices_of_their_own(tmp_path: Path) -> None:
    Preferences("one", tmp_path).set("theme", "light")
    Preferences("two", tmp_path).set("theme", "dark")
    Preferences("one", tmp_path).set("view", "list")
    assert Preferences("one", tmp_path).get("theme", ("light", "dark")) == "light"
    assert Preferences("two", tmp_path).get("theme", ("light", "dark")) == "dark"
    assert Preferences("one", tmp_path).get("theme", ("dark",)) is None
    assert Preferences("two", tmp_path).get("view", ("list",)) is None
    assert [path.name for path in tmp_path.iterdir()] == ["preferences.json"]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"one": []}', '{"one": {"theme": 3}}', "\xff"])
def test_a_spoilt_file_is_passed_over_and_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / "preferences.json").write_bytes(content.encode("latin-1"))
    mine = Preferences("one", tmp_path)
    assert mine.get("theme", ("light",)) is None
    mine.set("theme", "light")
    assert mine.get("theme", ("light",)) == "light"


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    mine = Preferences("one", tmp_path / "file")
    mine.set("theme", "light")
    assert mine.get("theme", ("light",)) is None


def test_the_folder_is_the_users_state_folder() -> None:
    assert state_folder({"XDG_STATE_HOME": "/x"}) == Path("/x/tui-annotate")
    relative = state_folder({"XDG_STATE_HOME": "x"})
    assert relative.is_absolute()
    assert relative.parts[-3:] == (".local", "state", "tui-annotate")
