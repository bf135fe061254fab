"""A law of all views, at every size: no label that is given or taken moves a row of text."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.geometry import Size

from tests.editors.test_views import EXAMPLES
from tui_annotate.commands.keymap import Keymap, KeyPress
from tui_annotate.commands.table import Action
from tui_annotate.editors.form import OpenEditor
from tui_annotate.editors.registry import open_task
from tui_annotate.tui.screens.base import margins
from tui_annotate.tui.task_widget import colored
from tui_annotate.tui.theme import theme
from tui_annotate.tui.widgets.sheet_view import SheetView
from tui_annotate.tui.widgets.side_panel import columns_of
from tui_annotate.tui.widgets.text_view import TextView

pytestmark = pytest.mark.quick

SIZES = ((40, 12), (80, 24), (120, 40), (200, 60))
LOOK = theme("dark", colors=256)
KEYMAP = Keymap()
KEYS = (
    *"11112233dweyKJrvu",
    *("minus", "enter", "tab", "b", "right", "left", "l", "l", "l", "j", "k", "end", "home", "n"),
    *("r", "r", "1", "2", "l", "j"),
)
NEWS = "North Harbour Water Board chair Ana Ruiz said that it took an afternoon in May. "
TASKS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "overlapping": ({"text": NEWS * 3}, "spans_manual", {"labels": ["PERSON", "ORG", "ROLE"]}),
    "long": ({"text": NEWS * 60}, "spans_manual", {"labels": ["PERSON", "ORG", "ROLE"]}),
    "names": ({"text": NEWS * 8}, "ner_manual", {"labels": ["PERSON", "ORG", "A long name"]}),
}
LINKS = {"labels": ["WHO", "A longer name"], "relations_span_labels": ["PERSON", "ORG"]}
LINES = "Anna: We should buy it now.\nBen: That costs too much for us.\nCem: I agree with Anna."
SENTENCES = "It costs too much for us to buy it now, as Ben said. " * 3


def tokens_of(text: str, separator: str) -> list[dict[str, Any]]:
    """Return what stands between separators as tokens."""
    found, start = [], 0
    for number, piece in enumerate(text.split(separator)):
        found.append({"text": piece, "start": start, "end": start + len(piece), "id": number})
        start += len(piece) + 1
    return found


def chain(count: int, label: str) -> list[dict[str, Any]]:
    """Return relations from the first of so many tokens to each of the others."""
    return [{"head": 0, "child": child, "label": label} for child in range(1, count)]


def two_blocks(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {"blocks": [first, second]}


TASKS |= {
    "relations": ({"text": NEWS * 2}, "relations", LINKS),
    "relations of a long text": ({"text": NEWS * 30}, "relations", LINKS),
    "relations of turns": (
        {"text": LINES, "tokens": tokens_of(LINES, "\n")},
        "relations",
        {"labels": ["SUPPORT", "ATTACK"]},
    ),
    "relations of long spans": ({"text": SENTENCES}, "relations", LINKS),
    "a task with relations": (
        {"text": NEWS, "tokens": tokens_of(NEWS.strip(), " "), "relations": chain(9, "WHO")},
        "relations",
        LINKS,
    ),
    "chains": ({"text": NEWS * 3}, "coref", {"labels": ["SAME"]}),
    "relations over another text": (
        {"text": NEWS, "other": NEWS},
        "blocks",
        two_blocks(
            {"view_id": "relations", **LINKS},
            {"view_id": "ner_manual", "labels": ["PERSON"], "text": NEWS * 2},
        ),
    ),
    "relations below another text": (
        {"text": NEWS},
        "blocks",
        two_blocks({"view_id": "text", "text": NEWS * 2}, {"view_id": "relations", **LINKS}),
    ),
}
for title, example in EXAMPLES.items():
    TASKS[title] = (example["task"], title.split()[0], example.get("config", {}))

Places: TypeAlias = list[tuple[str, list[int]]]
"""Each text, with the lines that its rows stand on."""


class Still(TextView):
    """A text view that has a size without a terminal."""

    cells = Size(0, 0)
    size = property(lambda self: self.cells)

    def places(self) -> Places:
        """Return where the rows of the text stand."""
        rows = range(len(self._layout))
        return [(self._editor.text, [self._map.line_of(row) for row in rows])]

    @property
    def here(self) -> int:
        """The line that the cursor is on."""
        return self._map.line_of(self._cursor_rows[0])


class StillSheet(SheetView):
    """A sheet that has a size without a terminal."""

    cells = Size(0, 0)
    size = property(lambda self: self.cells)

    def places(self) -> Places:
        """Return where the rows of what is read stand."""
        found = []
        for block, start in zip(self._blocks, self._starts, strict=False):
            paragraph, laid = block.paragraph, block.laid_out
            if paragraph.content and not paragraph.listed:
                rows = range(len(laid.layout))
                found.append((paragraph.text, [start + laid.text_line(row) for row in rows]))
        return found

    @property
    def here(self) -> int | None:
        """The line that the cursor is on."""
        found = self._cursor_line()
        return None if found is None else found[0]


def shown(editor: OpenEditor, view_id: str, size: tuple[int, int]) -> Still | StillSheet:
    """Show a task on a screen of a size, as the program divides it."""
    columns, rows = size
    sides = margins(columns, wide=columns >= 120)
    block = columns - sides[1] - sides[3]
    beside = columns >= 120 and view_id not in ("blocks", "pages", "llm_io")
    width = columns_of(block).text if beside else block
    cells = Size(width, rows - (5 if rows >= 16 else 3))
    labels = tuple(colored((), editor))
    text = editor.whole_text
    view = Still(LOOK, labels) if text is not None else StillSheet(LOOK, labels)
    view.cells = view._drawn_size = cells
    if isinstance(view, Still):
        assert text is not None
        view.show(text)
    else:
        view.part = "main" if beside else "whole"
        view.show(editor)
    return view


def labels(action: Action) -> bool:
    """Tell whether an action gives or takes what an annotator says of the text."""
    return action.section == "label" or action.id in ("undo", "redo")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", TASKS)
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(keys=st.lists(st.sampled_from(KEYS), min_size=10, max_size=60))
def test_no_label_moves_a_row_of_text(name: str, size: tuple[int, int], keys: list[str]) -> None:
    task, view_id, config = TASKS[name]
    editor, _ = open_task(deepcopy(task), view_id, config)
    view = shown(editor, view_id, size)
    for key in keys:
        words = editor.context()
        action = KEYMAP.lookup(KeyPress(key, key if len(key) == 1 else None), words)
        if action is None or action.target != "editor" or "typing" in words:
            continue
        if action.id in ("begin", "fold"):
            continue
        before, here, top = view.places(), view.here, view._top
        change = editor.apply(action.name, action.argument, view.rows)
        view.changed(change)
        if labels(action) and before[0][0] == view.places()[0][0]:  # undo may turn a page
            assert view.places() == before, (action.id, change.message)
            if view.here == here:
                assert view._top == top, "the rows have been scrolled"
