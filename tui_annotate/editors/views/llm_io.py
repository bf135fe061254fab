"""The view `llm_io`: what a model was asked and what it said, in parts that can be folded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tui_annotate.editors.base import Argument, Labels, Rows
from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.sheet import BLANK, Paragraph, Sheet, faint, heading
from tui_annotate.task.schema import Task
from tui_annotate.views import INPUTS, View

LONG = 12
"""Rows from which a part is folded at first."""

_SHOWN = 3
_ROW = 76
"""Cells of a row, about; a view does not know its width."""

_FIRST = ("prompt", "response")


class LlmEditor(FormEditor):
    """Shows the parts of a task's `llm`; long ones are folded to their first lines.

    `label` opens or folds a part by its number or name, `fold` opens the next one that is folded,
    and folds all again when all are open.
    """

    answers = False

    def __init__(self, task: Task, config: Mapping[str, Any]) -> None:
        self._parts = _parts(task.get("llm"))
        self._long = [name for name, text in self._parts.items() if _rows(text) > LONG]
        self._open: list[str] = []
        self._at: str | None = None
        super().__init__(task, config)

    @property
    def names(self) -> tuple[str, ...]:
        """The parts that can be folded."""
        return tuple(self._long)

    @property
    def labels(self) -> tuple[str, ...]:
        """The same, for the label line."""
        return self.names

    def own_words(self) -> set[str]:
        """`labels` and `folds` where a part is long."""
        return {"labels", "folds"} if self._long else set()

    def command(self, command: str, argument: Argument, rows: Rows | None) -> str:
        """Open or fold a part."""
        if command == "fold":
            folded = [name for name in self._long if name not in self._open]
            self._open = [*self._open, folded[0]] if folded else []
            self._at = folded[0] if folded else self._long[0]
            return ""
        if command == "label":
            name, message = Labels(self._long).resolve(argument)
            if name is not None:
                opened = [name] if name not in self._open else []
                self._open = [each for each in self._open if each != name] + opened
                self._at = name
            return message
        return super().command(command, argument, rows)

    def sheet(self) -> Sheet:
        """Return the parts, each under its name."""
        found: list[Paragraph] = []
        for name, text in self._parts.items():
            shown = (heading(name), *self._shown(name, text))
            # What was opened or folded last is kept on the screen, from its name on.
            found += [each._replace(current=name == self._at) for each in shown]
            found.append(BLANK)
        return tuple(found[:-1])

    def _shown(self, name: str, text: str) -> Sheet:
        if name not in self._long or name in self._open:
            return (Paragraph(text),)
        begin = "\n".join(text[: _SHOWN * _ROW].splitlines()[:_SHOWN])
        number = self._long.index(name) + 1
        more = f"… {len(text) - len(begin):,} more characters: {number} opens it"
        return Paragraph(begin), faint(more)

    def place(self) -> dict[str, Any]:
        """Return which parts are open, and which of them was opened or folded last."""
        return {"open": list(self._open), "at": self._at}

    def go_to(self, place: Mapping[str, Any]) -> None:
        """Open the parts that were open."""
        self._open = [name for name in place["open"] if name in self._long]
        at = place.get("at")
        self._at = at if at in self._long else None


def _parts(llm: object) -> dict[str, str]:
    """Return the parts by name: prompt, response, then the others in their order."""
    if not isinstance(llm, Mapping):
        return {} if llm is None else {"response": _text(llm)}
    names = [*(name for name in _FIRST if name in llm), *(n for n in llm if n not in _FIRST)]
    return {str(name): _text(llm[name]) for name in names}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _rows(text: str) -> int:
    return sum(1 + len(line) // _ROW for line in text.splitlines())


LLM_IO = View(
    "llm_io",
    "what a language model was asked and what it said",
    lambda task, config, _: LlmEditor(task, config),
    inputs=(*INPUTS, "llm"),
    needs=(("llm",),),
    reads=("llm",),
    schema={"llm": {"type": "object"}},
)
