"""Labels that come while a task is open: where they belong, and giving them to its editors."""

from __future__ import annotations

from collections.abc import Sequence

from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.editors.views.composite import CompositeEditor, Part
from tui_annotate.editors.views.relations import RelationsEditor
from tui_annotate.new_labels import has_own

_RELATIONS, _SPANS = "labels", "relations_span_labels"


def label_setting(editor: Part) -> str | None:
    """Return the key of the configuration that the labels to be given now come from.

    None where a task brings them itself, or has none: the options of a choice, for instance.
    """
    part = editor
    while isinstance(part, CompositeEditor):
        part = part.part
    if isinstance(part, RelationsEditor):
        setting = _RELATIONS if part.gives_relations else _SPANS
    elif isinstance(part, SpanEditor):
        setting = "labels"
    else:
        return None
    return None if has_own(editor.task, setting) else setting


def add_labels(editor: Part, setting: str, labels: Sequence[str]) -> None:
    """Let labels be given in all parts of a task that have labels of this setting."""
    if isinstance(editor, CompositeEditor):
        for part in editor.parts:
            add_labels(part, setting, labels)
    elif isinstance(editor, RelationsEditor):
        editor.add_labels(labels, relations=setting == _RELATIONS)
    elif isinstance(editor, SpanEditor) and setting == "labels":
        editor.add_labels(labels)
