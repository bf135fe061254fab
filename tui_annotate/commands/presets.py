"""Keymaps that come with the program, in the form of a keymap file."""

from __future__ import annotations

from typing import Any

PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    "prodigy": {
        "label_first": True,
        "keys": {
            "undo": ["u", "backspace", "delete"],
            "delete": ["d"],
            "left": ["left"],
            "guidelines": ["h", "I"],
        },
    },
    "vim": {
        "counts": True,
        "keys": {
            "label_10": [],
            "row_start": ["0", "^", "home"],
            "row_end": ["$", "end"],
            "next_word": ["w", "W", "ctrl+right"],
            "previous_word": ["b", "B", "ctrl+left"],
            "previous_span": ["shift+tab"],
            "find": ["f"],
            "flag": ["E"],
            "next_point": ["n", ";"],
            "previous_point": ["N", ","],
            "redo": ["ctrl+r", "U"],
            "equal": ["*"],  # and not on e, which only moves there
            "copy_earlier": ["p", "="],
            "stretch": [">"],
            "delete": ["x", "d", "delete"],
            "reject": ["m x"],
        },
    },
}
"""By name: `keys`, `labels`, `counts` and `label_first` as in a keymap file."""
