"""Every prompt takes the full names of its entries, and no letter of them decides anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.prompts import KEYMAPS, PROMPTS, play
from tui_annotate.commands.keymap_file import load_keymap
from tui_annotate.commands.palette import Palette
from tui_annotate.editors.span.editor import SpanEditor


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("prompt", "keymap"), [(name, KEYMAPS[n % 3]) for n, name in enumerate(PROMPTS)]
)
def test_names_are_typed_to_their_end(prompt: str, keymap: str, home: Path) -> None:
    most = None if prompt == "go to task" else 3
    outcome = play(prompt, keymap, 0.04, home, most)
    assert outcome.typed
    assert (outcome.wrong, outcome.strays) == (0, 0), "\n".join(outcome.faults)


@pytest.mark.quick
@pytest.mark.parametrize("keymap", KEYMAPS)
def test_the_menu_finds_every_entry_by_its_full_name(keymap: str) -> None:
    editor = SpanEditor({"text": "one two"}, ["PERSON"], overlap=False)
    for line in Palette(load_keymap(keymap), editor.context()).lines:
        palette = Palette(load_keymap(keymap), editor.context())
        for character in line.label:
            palette.type(character)
        assert palette.lines[0].label == line.label
