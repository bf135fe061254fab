"""Rows of language models: conversations, prompts with answers, and pairs of two answers.

{"messages": [{"role": "user", "content": "..."}, ...]}        also `conversations` (from, value)
{"prompt": "...", "completion": "..."}                         also `response`, `output`
{"instruction": "...", "input": "...", "output": "..."}        also `context`, `category`
{"question": "...", "answer": "..."}                           the answer is kept as `response`
{"prompt": ..., "chosen": ..., "rejected": ...}                texts, or lists of messages
{"instruction": "...", "completions": [{"model": ..., "response": ...}, ...]}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.schema import DECISIONS

CONVERSATIONS = ("messages", "conversations", "conversation", "contents", "dialogue", "dialog")
QUESTIONS = ("system", "instruction", "prompt", "question", "input")
ANSWERS = ("output", "completion", "response")
PAIR = ("chosen", "rejected")

_PAIRS = (*PAIR, "chosen-response", "rejected-response", "preferred_output", "non_preferred_output")
_ASKED = ("instruction", "prompt", "question")
_BESIDE_QUESTIONS = ("context", "passage", "history", "choices")
_MORE_ANSWERS = (
    *("given_answer", "completions", "responses", "generations", "outputs", "answers"),
    *("answer_0", "answer_1", "human_ref_A", "human_ref_B", "best_answer"),
    *(
        "correct_answers",
        "incorrect_answers",
        "canonical_solution",
        "answerKey",
        "explanation",
        "rationale",
        "category",
    ),
)

LLM_KEYS = (
    *("system", "system_prompt", *CONVERSATIONS, "instruction", "prompt", "question"),
    *(*_BESIDE_QUESTIONS, "input", *ANSWERS, *_MORE_ANSWERS, *_PAIRS),
)
"""The keys of such rows that hold what is read, in the order in which they are shown: a `system`
beside a conversation stands before it."""

_ROLES = ("role", "from", "speaker", "author", "model")
_CONTENTS = ("content", "value", "text", "parts", "response", "completion")
_OF_TASKS = ("_view_id", "_input_hash", "_task_hash", "spans", "options", "accept")
_LIKE_DECISIONS = frozenset(
    [
        "accepted",
        "rejected",
        "ignored",
        "skip",
        "skipped",
        "yes",
        "no",
        "y",
        "n",
        "true",
        "false",
        "1",
        "0",
        "good",
        "bad",
        "ok",
        "maybe",
        "unsure",
        "unclear",
        "undecided",
        "pending",
        "flag",
    ]
)


class Turn(NamedTuple):
    """A piece of a row: whose or what it is (`user`, `chosen: assistant`), and its text."""

    name: str
    text: str


def turns_of(row: Mapping[str, Any]) -> list[Turn]:
    """Return what a row of a language model says, from first to last.

    Args:
        row: Any task. One that has a `text`, or none of the shapes above, gives nothing.
    """
    return [] if isinstance(row.get("text"), str) or not _is_llm_row(row) else parts_of(row)


def parts_of(row: Mapping[str, Any]) -> list[Turn]:
    """Return the same of any row, such as one that has a question alone."""
    found: list[Turn] = []
    for key in LLM_KEYS:
        value = row.get(key)
        if not value and not isinstance(value, int):
            continue
        turns = turns_in(value)
        if turns is None:
            found.append(Turn(key, text_in(value)))
        elif key in _PAIRS:
            found += [Turn(f"{key}: {turn.name}", turn.text) for turn in turns]
        else:
            found += turns
    return found


def readable(row: Mapping[str, Any]) -> str:
    """Return the same as one text, a paragraph for each turn under its name; may be empty."""
    return "\n\n".join(f"{turn.name}:\n{turn.text}" for turn in turns_of(row))


def keep_answer(row: dict[str, Any], is_file_of_answers: bool = False) -> None:
    """Keep what a row has under `answer` as `response`, where it is no decision but data.

    A task's `answer` is what its annotator decides, which would overwrite it.

    Args:
        row: A row of a file; changed.
        is_file_of_answers: Whether the file is to be read as answers. Then a value that may be
            meant as a decision stays where it is, to be refused, unless the row asks a question of
            its own; and so does any of a row that was a task.
    """
    value = row.get("answer")
    if value is None or (isinstance(value, str) and value.lower() in DECISIONS):
        return
    is_like_one = not _asks(row) and str(value).lower() in _LIKE_DECISIONS
    if is_file_of_answers and (is_like_one or not row.keys().isdisjoint(_OF_TASKS)):
        return
    row[name_of_answer(row)] = row.pop("answer")


def name_of_answer(row: Mapping[str, Any]) -> str:
    """Return the key under which what a row has as `answer` is kept: one that it does not have."""
    names = ("response", "given_answer", "the_answer", *(f"answer_{n}" for n in range(2, 1000)))
    return next(name for name in names if name not in row)


def _asks(row: Mapping[str, Any]) -> bool:
    return any(key in row for key in (*QUESTIONS, *CONVERSATIONS, *_BESIDE_QUESTIONS))


def turns_in(value: Any) -> list[Turn] | None:
    """Return the turns of a conversation: a list of messages, a table of their columns, or an
    object with such a list under `messages`.

    Returns:
        None where the value is no conversation.
    """
    if isinstance(value, Mapping) and isinstance(value.get("messages"), list):
        value = value["messages"]
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
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _is_llm_row(row: Mapping[str, Any]) -> bool:
    if any(turns_in(row.get(key)) is not None for key in (*CONVERSATIONS, *_PAIRS, "prompt")):
        return True
    if all(key in row for key in PAIR):
        return True
    if any(isinstance(row.get(key), str) for key in QUESTIONS) and _has_any(row, ANSWERS):
        return True
    # These names mean something beside a question only; `input` may be all that a task has.
    return _has_any(row, _ASKED) and _has_any(row, (*_BESIDE_QUESTIONS, *_MORE_ANSWERS, *_PAIRS))


def _has_any(row: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    return any(row.get(key) not in (None, "", [], {}) for key in keys)


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
