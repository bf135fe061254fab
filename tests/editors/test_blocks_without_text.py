"""A block that marks a text shows its text, also where the recipe has taken the text away."""

from __future__ import annotations

import pytest

from tui_annotate.editors.registry import open_task

pytestmark = pytest.mark.quick

TOKENS = [
    {"text": "Ann", "start": 0, "end": 3, "id": 0, "ws": True},
    {"text": "left", "start": 4, "end": 8, "id": 1, "ws": False},
]
TASK = {"text": "Ann left", "tokens": TOKENS}


@pytest.mark.parametrize("view", ["ner_manual", "spans_manual", "relations"])
def test_a_block_whose_text_is_null_is_marked_by_its_tokens(view: str) -> None:
    blocks = [{"view_id": view, "text": None}, {"view_id": "html", "html_template": "<p>x</p>"}]
    config = {"labels": ["A"], "relations_span_labels": ["A"], "blocks": blocks}
    editor, notes = open_task(TASK, "blocks", config)
    assert notes == ()
    editor.apply("label", 0)
    assert [each["label"] for each in editor.content()["spans"]] == ["A"]


def test_without_tokens_a_block_whose_text_is_null_has_none() -> None:
    config = {"labels": ["A"], "blocks": [{"view_id": "ner_manual", "text": None}]}
    _, notes = open_task({"text": "Ann left"}, "blocks", config)
    assert notes == ("the task has no text, so it cannot be shown as ner_manual",)
