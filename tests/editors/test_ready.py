"""What is encoded beforehand is what would be encoded later, after any commands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.task.jsonio import Encoded, dumps, dumps_with
from tui_annotate.task.schema import Task

pytestmark = pytest.mark.quick

TASK: Task = {
    "text": "Acme Corporation of Berlin said it would go to Zürich.",
    "spans": [{"start": 0, "end": 16, "label": "ORG", "score": 0.5}],
    "meta": {"id": 1},
}
COMMANDS = st.sampled_from(
    [
        *[("label", "LOC"), ("label", "ORG"), ("delete", None), ("undo", None), ("redo", None)],
        *[("right", None), ("left", None), ("next_span", None)],
    ]
)


@given(st.lists(COMMANDS, max_size=8))
@settings(max_examples=80, deadline=None)
def test_an_editor_made_ready_has_the_content_of_any_other(
    commands: list[tuple[str, str | None]],
) -> None:
    editors = [SpanEditor(TASK, ["ORG", "LOC"], overlap=False) for _ in range(2)]
    editors[0].make_ready()
    given_spans = editors[1].spans
    for command, argument in commands:
        for editor in editors:
            if editor.can(command):
                editor.apply(command, argument)
    found, wanted = editors[0].content(), editors[1].content()
    assert type(found["tokens"]) is Encoded
    assert (type(found["spans"]) is Encoded) == (editors[0].spans == given_spans)
    assert found == wanted
    assert dumps_with(found) == dumps(wanted)
    assert type(editors[0].content()["tokens"]) is list
