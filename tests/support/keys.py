"""The bytes that a terminal sends for a key, by the names that keymaps use."""

from __future__ import annotations

_CONTROL = {f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"}

_ARROWS = {"up": "A", "down": "B", "right": "C", "left": "D"}

_MODIFIERS = {"shift": 2, "alt": 3, "ctrl": 5}

_SEQUENCES = {
    "space": " ",
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "escape": "\x1b",
    "backspace": "\x7f",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "insert": "\x1b[2~",
    "delete": "\x1b[3~",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    **{name: f"\x1b[{final}" for name, final in _ARROWS.items()},
    **{
        f"{modifier}+{name}": f"\x1b[1;{number}{final}"
        for modifier, number in _MODIFIERS.items()
        for name, final in _ARROWS.items()
    },
    **_CONTROL,
}

NAMES = frozenset(_SEQUENCES)
"""Every key that has a name; any single character is a key as well."""


_IN_APPLICATION_MODE = {
    **{name: f"\x1bO{final}" for name, final in _ARROWS.items()},
    "home": "\x1bOH",
    "end": "\x1bOF",
}


def key_bytes(key: str, *, application: bool = False) -> bytes:
    """Return what a terminal sends for one key.

    Args:
        key: One character, or a name such as `space`, `shift+tab` or `ctrl+r`.
        application: Whether the program has switched cursor keys to application mode.

    Raises:
        ValueError: There is no such key.
    """
    sequence = _SEQUENCES.get(key, key if len(key) == 1 else None)
    if application:
        sequence = _IN_APPLICATION_MODE.get(key, sequence)
    if sequence is None:
        raise ValueError(f"no such key: {key!r}")
    return sequence.encode()
