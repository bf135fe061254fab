"""The view `chat`: a conversation, message by message, which is right or not."""

from __future__ import annotations

from typing import Any

from tui_annotate.editors.sheet import BLANK, Paragraph, Sheet, heading
from tui_annotate.editors.views.read_only import showing
from tui_annotate.editors.views.showing import Config
from tui_annotate.errors import TaskError
from tui_annotate.task.llm_rows import CONVERSATIONS, Turn, turn_of, turns_of
from tui_annotate.task.schema import Task
from tui_annotate.views import INPUTS, View


def show_chat(task: Task, config: Config) -> Sheet:
    """Return the messages, each under its role, below the task's label where it has one.

    Raises:
        TaskError: `no-messages`: the task holds no conversation.
    """
    del config
    turns = _turns(task)
    if not turns:
        raise TaskError("the task has no messages", reason="no-messages", where="messages")
    label = task.get("label")
    found = [heading(label), BLANK] if isinstance(label, str) and label else []
    for turn in turns:
        found += [heading(turn.name), Paragraph(turn.text), BLANK]
    return tuple(found[:-1])


def _turns(task: Task) -> list[Turn]:
    """Return the messages of a task, whatever text stands beside them.

    Messages that do not all name a role are shown as well, those without one as `message`.
    """
    turns = turns_of({key: value for key, value in task.items() if key != "text"})
    if turns:
        return turns
    for key in CONVERSATIONS:
        value: Any = task.get(key)
        if isinstance(value, list):
            turns += [turn_of(each) for each in value if each is not None]
        elif isinstance(value, str) and value:
            turns.append(Turn("message", value))
    return turns


_MESSAGES = {
    "anyOf": [
        {"type": "array", "items": {"type": "object"}},
        {"type": "object"},
        {"type": "string"},
    ]
}

CHAT = View(
    "chat",
    "whether a conversation, shown message by message, is right",
    showing(show_chat),
    inputs=(*CONVERSATIONS, *(key for key in INPUTS if key not in CONVERSATIONS)),
    needs=((*CONVERSATIONS, "prompt"),),
    rejects=True,
    reads=CONVERSATIONS,
    schema=dict.fromkeys(CONVERSATIONS, _MESSAGES),
)
