"""Labels that come while a task is open: where they belong, and giving them to its editors."""

from __future__ import annotations

from collections.abc import Sequence

from tui_annotate.editors.base import Editor
from tui_annotate.new_labels import has_own


def label_setting(editor: Editor) -> str | None:
    """Return the key of the configuration that the labels to be given now come from.

    None where a task brings them itself, or has none: the options of a choice, for instance.
    """
    leaf = editor.leaf
    setting = leaf.label_setting
    return None if setting is None or has_own(leaf.task, setting) else setting


def add_labels(editor: Editor, setting: str, labels: Sequence[str]) -> None:
    """Let labels be given in all parts of a task that have labels of this setting."""
    editor.take_labels(setting, labels)
