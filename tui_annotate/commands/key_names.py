"""Names of keys: the strings that a terminal face reports, and how people write them.

A letter or digit is its own name; any other character is named by its Unicode name in lower case
with underscores, with a few short forms. Special keys are `space`, `enter`, `left`, `pageup` ...,
and modifiers stand in front: `shift+left`, `ctrl+r`.
"""

from __future__ import annotations

import unicodedata

_SHORT = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}

SPECIAL_KEYS: frozenset[str] = frozenset(
    ("space", "enter", "tab", "escape", "backspace", "delete", "insert", "left", "right", "up",
     "down", "home", "end", "pageup", "pagedown")
) | frozenset(f"f{number}" for number in range(1, 25))  # fmt: skip
"""Keys without a character of their own (space, enter and tab counted among them)."""

_SPELLINGS = {
    "esc": "escape",
    "return": "enter",
    "page_up": "pageup",
    "page_down": "pagedown",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "del": "delete",
    "ins": "insert",
    "backtab": "shift+tab",
    "period": "full_stop",
    "dot": "full_stop",
    "hyphen": "minus",
}

_MODIFIERS = ("alt", "ctrl", "shift", "super", "hyper", "meta")
_MODIFIER_SPELLINGS = {"cmd": "super", "command": "super", "option": "alt", "control": "ctrl"}

_SAME_BYTE = {"i": "tab", "m": "enter", "h": "backspace", "left_square_bracket": "escape"}
"""Keys that arrive, held with ctrl, as others."""

_STRINGS = frozenset(
    f"alt+{base}"
    for base in ("right_square_bracket", "circumflex_accent", "underscore", "shift+p", "shift+x")
)
"""Alt sends an ESC, and these characters behind an ESC begin what a terminal answers."""

_SHOWN = {
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "pageup": "page up",
    "pagedown": "page down",
}


def key_of(character: str) -> str:
    """The name of the key that gives a character.

    Args:
        character: One code point.

    Returns:
        `a` for `a`, `slash` for `/`, `full_stop` for `.`; the character itself where it has no
        name.
    """
    if character.isalnum():
        return character
    name = unicodedata.name(character, "")
    if not name:
        return character
    key = name.lower().replace("-", "_").replace(" ", "_")
    return _SHORT.get(key, key)


def character_of(key: str) -> str | None:
    """The character that a key gives, or None for special and modified keys."""
    if len(key) == 1:
        return key
    if key == "space":
        return " "
    if key in SPECIAL_KEYS or "+" in key:
        return None
    return _CHARACTERS.get(key)


_CHARACTERS = {
    key_of(chr(code)): chr(code)
    for code in (*range(0x21, 0x7F), *range(0xA1, 0x100), 0x2C7, 0x2D8, 0x2D9, 0x2DA, 0x2DB, 0x2DD)
    if not chr(code).isalnum()
}


def normal_key(written: str) -> str | None:
    """The name of a key from how somebody wrote it in a file.

    Args:
        written: Such as `a`, `/`, `slash`, `Ctrl+R`, `page up`, `esc`.

    Returns:
        Its name, or None if there is no such key.
    """
    if written == " ":
        return "space"
    if len(written) == 1:
        return key_of(written) if written.isprintable() else None
    parts = [part.strip().replace(" ", "_").replace("-", "_") for part in written.split("+")]
    if parts[-2:] == ["", ""]:  # the key + itself, behind its modifiers
        parts[-2:] = ["plus"]
    *modifiers, base = parts
    if not base:
        return None
    base = _SPELLINGS.get(base.lower(), base if len(base) == 1 else base.lower())
    lowered = [_MODIFIER_SPELLINGS.get(each, each) for each in map(str.lower, modifiers)]
    if lowered == ["shift"] and len(base) == 1 and base.isalpha():
        return base.upper()
    # With a modifier terminals do not tell `ctrl+r` from `ctrl+R`.
    if len(base) == 1:
        base = key_of(base.lower() if lowered else base)
    if not set(lowered) <= set(_MODIFIERS) or not _known(base):
        return None
    return "+".join([*sorted(lowered), base])


def _known(base: str) -> bool:
    return len(base) == 1 or base in SPECIAL_KEYS or base == "shift+tab" or base in _CHARACTERS


def lost(key: str) -> str:
    """Why a key never arrives as itself; empty where it can."""
    modifiers, _, base = key.rpartition("+")
    if key == "ctrl+z":
        return "suspends the program"
    if modifiers == "ctrl" and base in _SAME_BYTE:
        return f"arrives as {_SAME_BYTE[base]}"
    typed = character_of(base)
    if modifiers == "ctrl" and typed is not None and typed.isdigit():
        return f"arrives as {base}"
    if key in _STRINGS:
        return "arrives as the beginning of a terminal's answer"
    if modifiers == "shift" and typed is not None and base != "space":
        return "arrives as what it types: write that character"
    return ""


def known_names() -> tuple[str, ...]:
    """Every name of more than one letter, for finding the nearest to a typing error."""
    return tuple(sorted(SPECIAL_KEYS | _CHARACTERS.keys()))


def shown_key(key: str) -> str:
    """A key as it is shown to people: `/` for `slash`, `←` for `left`."""
    *modifiers, base = key.split("+")
    character = character_of(base)
    shown = base if base == "space" else character or _SHOWN.get(base, base)
    return "+".join([*modifiers, shown])
