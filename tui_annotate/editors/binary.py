"""Views that only show: the answer is the decision itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.sheet import BLANK, Sheet, heading
from tui_annotate.editors.showing import Shower, shown_input
from tui_annotate.task.schema import Decision, Task


class BinaryEditor(FormEditor):
    """Shows a task; nothing but flag and comment can be changed.

    Args:
        task: The task.
        config: The configuration.
        show: What the view shows.
    """

    answers = False

    def __init__(self, task: Task, config: Mapping[str, Any], show: Shower) -> None:
        super().__init__(task, config)
        self._sheet = show(task, config)

    def sheet(self) -> Sheet:
        """Return what is shown."""
        return self._sheet

    def own_words(self) -> set[str]:
        """`modes` where there is more than one way to show it."""
        return {"modes"} if any(each.arcs is not None for each in self._sheet) else set()


class CompareEditor(FormEditor):
    """`compare`: two versions, A and B, of which one is better.

    `mapping` says which of them is the task's `accept`. `a` says that A is better, `x` that B is;
    the answer `accept` always means that the version under `accept` was chosen.
    """

    def sheet(self) -> Sheet:
        """Return the common input, then A, then B."""
        found = list(shown_input(self.task, self.config))
        if found:
            found.append(BLANK)
        for name in ("A", "B"):
            version = self.task.get(self._mapping.get(name, ""))
            data = dict(version) if isinstance(version, Mapping) else {"text": str(version or "")}
            key = "a" if name == "A" else "x"
            found += [heading(f"{name} ({key} if this one is better)")]
            found += [*shown_input(data, self.config), BLANK]
        return tuple(found[:-1])

    def decided(self, decision: Decision) -> Decision:
        """Return `accept` where the version under `accept` was chosen."""
        name = {"accept": "A", "reject": "B"}.get(decision)
        if name is None:
            return decision
        return "accept" if self._mapping.get(name) == "accept" else "reject"

    def said(self, decision: Decision) -> str:
        """Return which version was chosen."""
        return {"accept": "A is better", "reject": "B is better"}.get(decision, "")

    @property
    def _mapping(self) -> Mapping[str, str]:
        given = self.task.get("mapping")
        return given if isinstance(given, Mapping) else {"A": "accept", "B": "reject"}
