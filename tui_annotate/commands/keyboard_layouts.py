"""What a key means when another keyboard layout or an input method is on.

Letters of other scripts are read by the physical key that they lie on, full-width forms as what
they are forms of, and the digit rows of AZERTY and Czech keyboards as digits. Where two layouts
put one letter on different keys, the letters seen before decide. A keymap asks for this reading
only where the character itself is not bound.
"""

from __future__ import annotations

import unicodedata

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
