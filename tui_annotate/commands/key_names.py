"""Names of keys: the strings that a terminal face reports, and how people write them.

A letter or digit is its own name; any other character is named by its Unicode name in lower case
with underscores, with a few short forms. Special keys are `space`, `enter`, `left`, `pageup` ...,
and modifiers stand in front: `shift+left`, `ctrl+r`.

Where another keyboard layout or an input method is on, letters of other scripts are read by the
physical key that they lie on, full-width forms as what they are forms of, and the digit rows of
AZERTY and Czech keyboards as digits. Where two layouts put one letter on different keys, the
letters seen before decide. A keymap asks for this reading only where the character itself is not
bound.
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
    held = [_MODIFIER_SPELLINGS.get(each, each) for each in map(str.lower, modifiers)]
    if len(base) > 1:
        base = _SPELLINGS.get(base.lower(), base.lower())
    elif held == ["shift"] and base.isalpha():
        return base.upper()  # terminals send the capital, and no modifier
    else:
        # With a modifier terminals do not tell `ctrl+r` from `ctrl+R`. A letter such as `İ` becomes
        # two characters in lower case, which are no key.
        small = base.lower()
        base = key_of(small if held and len(small) == 1 else base)
    if not set(held) <= set(_MODIFIERS) or not _known(base):
        return None
    return "+".join([*sorted(set(held)), base])


def _known(base: str) -> bool:
    return len(base) == 1 or base in SPECIAL_KEYS or base == "shift+tab" or base in _CHARACTERS


def why_lost(key: str) -> str:
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


_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,./"
_LAYOUTS: dict[str, str] = {
    # one character a key of `_KEYS`; a blank where the layout has nothing to fold
    "cyrillic": "йцукенгшщзхъфывапролджэячсмитьбю ",
    "greek": " ςερτυθιοπ  ασδφγηξκλ  ζχψωβνμ   ",
    "hebrew": "  קראטוןםפ  שדגכעיחלךף זסבהנמצתץ ",
    "persian": "ضصثقفغعهخحجچشسیبلاتنمکگظطزرذدپو  ",
    "arabic": "ضصثقفغعهخحجدشسيبلاتنمكطئءؤرﻻىةوزظ",
}
_EXTRA = {
    "і": "s", "ї": "]", "є": "'", "ў": "o", "ј": "j", "ά": "a", "έ": "e", "ή": "h", "ί": "i",
    "ό": "o", "ύ": "y", "ώ": "v",
}  # fmt: skip
_DIGIT_ROWS = {"azerty": "&é\"'(-è_çà", "czech": "+ěščřžýáíé"}


def _table() -> dict[str, dict[str, str]]:
    """Letter -> layout -> key."""
    table: dict[str, dict[str, str]] = {}
    for name, letters in _LAYOUTS.items():
        for letter, key in zip(letters, _KEYS, strict=True):
            if letter != " ":
                table.setdefault(letter, {})[name] = key
    for name, row in _DIGIT_ROWS.items():
        for letter, key in zip(row, "1234567890", strict=True):
            table.setdefault(letter, {})[name] = key
    for letter, key in _EXTRA.items():
        table.setdefault(letter, {"": key})
    return table


_TABLE = _table()


_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def are_neighbours(one: str, other: str) -> bool:
    """Tell whether two characters lie on keys that touch each other on an English keyboard.

    Args:
        one: A character in lower case.
        other: Another one.
    """
    places = [(row, keys.find(each)) for each in (one, other) for row, keys in enumerate(_ROWS)]
    found = sorted(place for place in places if place[1] >= 0)
    if len(found) != 2 or not (one and other):
        return False
    (upper, left), (lower, right) = found
    if upper == lower:
        return abs(left - right) == 1
    return lower - upper == 1 and left - right in (0, 1)  # each row lies half a key to the right


class LayoutReader:
    """Reads characters by the key they come from, and remembers which layout that tells.

    Attributes:
        layout: The layout of which a letter has been seen that no other has; empty before.
    """

    def __init__(self) -> None:
        self.layout = ""

    def read(self, character: str) -> str:
        """The ASCII character of the same key.

        Args:
            character: One code point.

        Returns:
            An ASCII character, or the same character where nothing is known about it.
        """
        if character.isascii() and character not in _TABLE:
            return character
        folded = _folded(character)
        if folded.isascii() and folded != character:
            return folded
        places = _TABLE.get(character.lower())
        if not places:
            return character
        if len(places) == 1:
            self.layout = next(iter(places)) or self.layout
        key = places.get(self.layout) or next(iter(places.values()))
        return key.upper() if character.isupper() else key


def _folded(character: str) -> str:
    if character == "\u3000":
        return " "
    if "\uff01" <= character <= "\uff5e":
        return chr(ord(character) - 0xFEE0)
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def is_kana(character: str) -> bool:
    """Whether a character is Japanese hiragana or katakana, half-width forms included."""
    return "\u3041" <= character <= "\u30ff" or "\uff66" <= character <= "\uff9d"
