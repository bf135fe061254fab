"""The far end of the line: a terminal's screen, and its answers to what programs ask it."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from typing import cast

import pyte
import regex
import wcwidth
from pyte.screens import Char, Cursor, StaticDefaultDict

# What pyte would draw as text, or what wants an answer. Everything else goes to pyte as it is.
_SPECIAL = re.compile(
    rb"(?P<position>\x1b\[\??6n)"
    rb"|(?P<status>\x1b\[5n)"
    rb"|(?P<attributes>\x1b\[0?c)"
    rb"|(?P<attributes2>\x1b\[>0?c)"
    rb"|(?P<mode>\x1b\[\?(?P<mode_number>\d+)\$p)"
    rb"|(?P<version>\x1b\[>0?q)"
    rb"|(?P<size>\x1b\[(?P<size_number>1[468])t)"
    rb"|(?P<colour>\x1b\](?P<colour_number>1[01]);\?(?:\x07|\x1b\\))"
    rb"|(?P<private>\x1b\[\?(?P<private_numbers>[0-9;]+)(?P<private_final>[hl]))"
    rb"|(?P<kitty>\x1b\[(?P<kitty_final>[<>=])[0-9;]*u)"
    rb"|(?P<dropped>\x1b\[[<>=][0-9;:]*[A-Za-z]|\x1b\[\?[0-9;]*u|\x1b\[[0-9;]*t"
    rb"|\x1b\[[0-9]* q|\x1b\[!p|\x1b[P_^X].*?\x1b\\)",
    re.DOTALL,
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;:?<>=!$ ]*|\][^\x07\x1b]*\x1b?|[P_^X][^\x1b]*\x1b?)?$")

_ALTERNATE = frozenset({47, 1047, 1049})
_KNOWN_MODES = frozenset({1, 7, 25, 1000, 1002, 1003, 1004, 1006, 1015, 1049, 2004})
_DEFAULT_MODES = frozenset({7, 25})
CURSOR_KEYS = 1
"""The mode in which arrows, home and end send other bytes."""

KITTY_KEYS = -1
"""Stands in `Screen.modes` for the kitty keyboard protocol, which is not a numbered mode."""


_Buffer = defaultdict[int, StaticDefaultDict[int, Char]]


class _Grid(pyte.Screen):
    """The cells. pyte drops the rest of a piece of text after a zero-width character; not so here.

    A cell holds a whole grapheme where `whole` is set, as in newer terminals. Else every code point
    takes its own cells, as in older ones, and those without width go to the cell before them.
    """

    whole = True

    def draw(self, data: str) -> None:
        """Draw text at the cursor."""
        if data.isascii():
            super().draw(data)
            return
        for piece in regex.findall(r"\X", data) if self.whole else data:
            width = wcwidth.wcswidth(piece)
            if len(piece) == 1 and width > 0:
                super().draw(piece)
            elif width > 0:
                for column in range(width):
                    super().draw("_")
                    self._put(self.cursor.x - 1, "" if column else piece)
            elif self.cursor.x:
                self._append(piece)

    def _append(self, piece: str) -> None:
        """Add something without width to the cell before the cursor, or to the wide one there."""
        cells = self.buffer[self.cursor.y]
        column = self.cursor.x - (1 if cells[self.cursor.x - 1].data or self.cursor.x == 1 else 2)
        self._put(column, cells[column].data + piece)

    def _put(self, column: int, data: str) -> None:
        cells = self.buffer[self.cursor.y]
        cells[column] = cells[column]._replace(data=data)


class Screen:
    """A terminal without a window.

    Args:
        columns, rows: Its size in cells.
        synchronized: Whether it knows synchronized output (mode 2026).
        graphemes: Whether a grapheme of several code points takes the cells of one character.

    Attributes:
        modes: The private modes (DECSET) that are switched on, such as 1049 or 2004.
    """

    def __init__(
        self, columns: int, rows: int, *, synchronized: bool = True, graphemes: bool = True
    ) -> None:
        self.modes = set(_DEFAULT_MODES)
        self._known = _KNOWN_MODES | ({2026} if synchronized else frozenset())
        self._pyte = _Grid(columns, rows)
        self._pyte.whole = graphemes
        self._stream = pyte.ByteStream(self._pyte)
        self._unfinished = b""
        self._behind: tuple[_Buffer, Cursor] | None = None

    @property
    def columns(self) -> int:
        """The width in cells."""
        return self._pyte.columns

    @property
    def rows(self) -> int:
        """The height in cells."""
        return self._pyte.lines

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column of the cursor, from 0."""
        return self._pyte.cursor.y, min(self._pyte.cursor.x, self.columns - 1)

    @property
    def left_on(self) -> set[int]:
        """The modes that differ from those of a fresh terminal; empty once a program has left."""
        return self.modes ^ _DEFAULT_MODES

    def cell(self, row: int, column: int) -> Char:
        """Return a cell with its `data`, `fg`, `bg`, `bold`, `reverse` and so on."""
        return self._pyte.buffer[row][column]

    def row(self, row: int) -> str:
        """Return the text of a row without the blanks at its end."""
        cells = self._pyte.buffer[row]
        return "".join(cells[column].data for column in range(self.columns)).rstrip()

    def text(self) -> str:
        """Return the text of all rows."""
        return "\n".join(self.row(row) for row in range(self.rows)).rstrip()

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as dragging a window's corner does."""
        self._pyte.resize(rows, columns)

    def feed(self, data: bytes) -> list[bytes]:
        """Draw what a program has written, and return the answers to its questions in order."""
        data = self._unfinished + data
        cut = _UNFINISHED.search(data)
        end = cut.start() if cut else len(data)
        data, self._unfinished = data[:end], data[end:]
        answers = []
        drawn = 0
        for found in _SPECIAL.finditer(data):
            self._stream.feed(data[drawn : found.start()])
            drawn = found.end()
            answer = self._special(found)
            if answer:
                answers.append(answer)
        self._stream.feed(data[drawn:])
        return answers

    def _special(self, found: re.Match[bytes]) -> bytes | None:
        """Act on one sequence; return the answer where it is a question."""
        kind = next(name for name in _KINDS if found[name] is not None)
        if kind == "private":
            numbers = found["private_numbers"].split(b";")
            for number in (int(part) for part in numbers if part):
                self._switch(number, on=found["private_final"] == b"h")
        elif kind == "kitty":
            self._mark(KITTY_KEYS, on=found["kitty_final"] != b"<")
        return self._answer(kind, found)

    def _answer(self, kind: str, found: re.Match[bytes]) -> bytes | None:
        """Return what a terminal answers to a question, None where it is not one."""
        if kind == "position":
            row, column = self.cursor
            mark = b"?" if b"?" in found["position"] else b""
            return b"\x1b[%s%d;%dR" % (mark, row + 1, column + 1)
        if kind == "mode":
            return b"\x1b[?%s;%d$y" % (found["mode_number"], self._mode(int(found["mode_number"])))
        if kind == "size":
            return self._size(found["size_number"])
        if kind == "colour":
            shade = b"dddd" if found["colour_number"] == b"10" else b"0000"
            return b"\x1b]%s;rgb:%s\x1b\\" % (found["colour_number"], b"/".join([shade] * 3))
        return _CONSTANT.get(kind)

    def _mode(self, number: int) -> int:
        """Return a mode's state as DECRPM says it: 0 unknown, 1 on, 2 off."""
        if number not in self._known:
            return 0
        return 1 if number in self.modes else 2

    def _size(self, number: bytes) -> bytes:
        """Return the size in pixels of the window, of a cell, or the size in cells."""
        kind, height, width = {
            b"14": (4, self.rows * 20, self.columns * 10),
            b"16": (6, 20, 10),
            b"18": (8, self.rows, self.columns),
        }[number]
        return b"\x1b[%d;%d;%dt" % (kind, height, width)

    def _switch(self, number: int, *, on: bool) -> None:
        """Switch a private mode; pyte has no second buffer, so that is done here."""
        if number in _ALTERNATE and on != bool(self._behind):
            self._change_buffer(on=on)
        elif number not in _ALTERNATE:
            (self._pyte.set_mode if on else self._pyte.reset_mode)(number, private=True)
        self._mark(number, on=on)

    def _mark(self, number: int, *, on: bool) -> None:
        (self.modes.add if on else self.modes.discard)(number)

    def _change_buffer(self, *, on: bool) -> None:
        """Go to the empty second buffer, or back to the first as it was left."""
        if on:
            self._behind = (cast(_Buffer, self._pyte.buffer), copy.copy(self._pyte.cursor))
            self._pyte.buffer = defaultdict(lambda: StaticDefaultDict(self._pyte.default_char))
        elif self._behind:
            self._pyte.buffer, self._pyte.cursor = self._behind
            self._behind = None


_CONSTANT = {
    "status": b"\x1b[0n",
    "attributes": b"\x1b[?62;22c",
    "attributes2": b"\x1b[>41;380;0c",
    "version": b"\x1bP>|XTerm(380)\x1b\\",
}
_KINDS = [
    *_CONSTANT,
    *("position", "mode", "size", "colour", "private", "kitty", "dropped"),
]
