"""The page of keys in the documentation is generated, and must not drift."""

from pathlib import Path

import pytest

from tui_annotate.commands.help import markdown
from tui_annotate.commands.keymap import Keymap

pytestmark = pytest.mark.quick


def test_the_page_of_keys_is_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "keys.md").read_text("utf-8")
    assert page.endswith(markdown(Keymap()))
