"""Rows of language models: conversations, prompts with answers, and pairs of two answers.

{"messages": [{"role": "user", "content": "..."}, ...]}        also `conversations` (from, value)
{"prompt": "...", "completion": "..."}                         also `response`, `output`
{"instruction": "...", "input": "...", "output": "..."}
{"prompt": ..., "chosen": ..., "rejected": ...}                texts, or lists of messages
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tui_annotate.fast_namedtuple import NamedTuple

CONVERSATIONS = ("messages", "conversations", "conversation")
QUESTIONS = ("system", "instruction", "prompt", "question", "input")
ANSWERS = ("output", "completion", "response")
PAIR = ("chosen", "rejected")

LLM_KEYS = ("system", *CONVERSATIONS, *QUESTIONS[1:], *ANSWERS, *PAIR)
"""The keys of such rows that hold what is read, in the order in which they are shown: a `system`
beside a conversation stands before it."""

_ROLES = ("role", "from", "speaker", "author")
_CONTENTS = ("content", "value", "text")


class Turn(NamedTuple):
    """A piece of a row: whose or what it is (`user`, `chosen: assistant`), and its text."""

    name: str
    text: str


def turns_of(row: Mapping[str, Any]) -> list[Turn]:
    """Return what a row of a language model says, from first to last.

    Args:
        row: Any task. One that has a `text`, or none of the shapes above, gives nothing.
    """
    if isinstance(row.get("text"), str) or not _is_llm_row(row):
        return []
    found: list[Turn] = []
    for key in LLM_KEYS:
        value = row.get(key)
        if value is None or value == "":
            continue
        turns = turns_in(value)
        if turns is None:
            found.append(Turn(key, text_in(value)))
        elif key in PAIR:
            found += [Turn(f"{key}: {turn.name}", turn.text) for turn in turns]
        else:
            found += turns
    return found


def readable(row: Mapping[str, Any]) -> str:
    """Return the same as one text, a paragraph for each turn under its name; may be empty."""
    return "\n\n".join(f"{turn.name}:\n{turn.text}" for turn in turns_of(row))


def turns_in(value: Any) -> list[Turn] | None:
    """Return the turns of a conversation: a list of messages, or a table of their columns.

    Returns:
        None where the value is no conversation.
    """
    if isinstance(value, Mapping) and all(isinstance(each, list) for each in value.values()):
        columns = value.values()
        value = [dict(zip(value, row, strict=False)) for row in zip(*columns, strict=False)]
    if not isinstance(value, list) or not value:
        return None
    if not all(isinstance(each, Mapping) and _named(each, _ROLES) for each in value):
        return None
    return [Turn(str(each[_named(each, _ROLES)]), _message(each)) for each in value]


def turn_of(message: Any) -> Turn:
    """Return one message, whatever it is; without a role it is a `message`."""
    if not isinstance(message, Mapping):
        return Turn("message", text_in(message))
    role = _named(message, _ROLES)
    name = str(message[role]) if role else "message"
    return Turn(name, _message(message) if _named(message, _CONTENTS) else text_in(message))


def text_in(value: Any) -> str:
    """Return any value of such a row as text; a list of messages under their roles."""
    turns = turns_in(value)
    if turns is not None:
        return "\n\n".join(f"{turn.name}:\n{turn.text}" for turn in turns)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _is_llm_row(row: Mapping[str, Any]) -> bool:
    if any(turns_in(row.get(key)) is not None for key in (*CONVERSATIONS, *PAIR, "prompt")):
        return True
    if all(key in row for key in PAIR):
        return True
    asked = any(isinstance(row.get(key), str) for key in QUESTIONS)
    return asked and any(isinstance(row.get(key), str) for key in ANSWERS)


def _message(message: Mapping[str, Any]) -> str:
    """Return the text of a message: its content, of parts those with a text, and calls of tools."""
    key = _named(message, _CONTENTS)
    content = message[key] if key else None
    parts = content if isinstance(content, list) else [content]
    found = [_part(each) for each in parts if each is not None]
    for name in ("tool_calls", "function_call"):
        if message.get(name):
            found.append(f"{name}: {json.dumps(message[name], ensure_ascii=False)}")
    return "\n".join(found)


def _part(part: Any) -> str:
    """Return a part of a content; of pictures and the like, which have no text, their kind."""
    if isinstance(part, str):
        return part
    if isinstance(part, Mapping):
        if isinstance(part.get("text"), str):
            return str(part["text"])
        kind = part.get("type")
        if isinstance(kind, str):
            return f"[{kind}]"
    return json.dumps(part, ensure_ascii=False)


def _named(message: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((name for name in names if name in message), "")
