"""Labels by number and by name, and those that are added while people work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui_annotate.editors.base import Argument, Editor
from tui_annotate.new_labels import extended, has_own


class Labels:
    """The labels that can be given, in order, each once.

    Args:
        names: Their names.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(names))
        self._known = frozenset(self.names)

    def add(self, names: Iterable[str]) -> None:
        """Let more labels be given, behind those that can."""
        self.names = tuple(extended(self.names, names))
        self._known = frozenset(self.names)

    def resolve(self, argument: Argument) -> tuple[str | None, str]:
        """The label that is meant.

        Args:
            argument: Its number from 0, or its name.

        Returns:
            The label and an empty message, or None and why there is none.
        """
        if not self.names:
            return None, "this job has no labels"
        if isinstance(argument, str):
            known = argument in self._known
            return (argument, "") if known else (None, f"there is no label {argument}")
        if isinstance(argument, int) and 0 <= argument < len(self.names):
            return self.names[argument], ""
        number = str(argument + 1) if isinstance(argument, int) else "?"
        return None, f"there is no label {number}, the last is {len(self.names)}"


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
