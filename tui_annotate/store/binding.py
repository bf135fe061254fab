"""How values are bound: what SQLite or its binding would refuse or change."""

from __future__ import annotations

from tui_annotate.task.hashing import Identity

_SIGN = 1 << 63
_WRAP = 1 << 64


def text(value: str) -> str:
    """Return `value` with lone surrogates, which cannot be stored, written as escapes."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def optional_text(value: str | None) -> str | None:
    """Return `text(value)`, or None."""
    return None if value is None else text(value)


def signed(value: int) -> int:
    """Return an unsigned 64-bit value, such as an inode, as SQLite's signed one."""
    return value - _WRAP if value >= _SIGN else value


def unsigned(value: int) -> int:
    """Undo `signed`."""
    return value + _WRAP if value < 0 else value


def columns(identity: Identity) -> tuple[int, int, bytes, bytes | None]:
    """Return an identity as the four columns input_hash, task_hash, input_key, question_key."""
    return identity.input_hash, identity.task_hash, identity.input_key, identity.question_key


def task_key(identity: Identity) -> bytes:
    """Return one unique key for a task: of the input and the question, or of the task hash."""
    if identity.question_key is not None:
        return identity.input_key + identity.question_key
    return identity.input_key + identity.task_hash.to_bytes(4, "big", signed=True)
