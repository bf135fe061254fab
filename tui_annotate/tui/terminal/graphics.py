"""Asks a terminal whether it draws pictures. Imports no Textual.

Only where a job has pictures and the extra `[image]` is installed: other jobs never ask.
"""

from __future__ import annotations

import fcntl
import re
import struct
import termios
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from tui_annotate.tui.terminal.query import converse, patience_for

_KITTY = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
_CELL = "\x1b[16t"
_WHO = "\x1b[c"
_SIXEL = "4"
_KITTY_OK = b"\x1b_Gi=31;OK\x1b\\"
_CELL_IS = re.compile(rb"\x1b\[6;(\d+);(\d+)t")
_WHO_IS = re.compile(rb"\x1b\[\?([\d;]*)c")


@dataclass(frozen=True, slots=True)
class Graphics:
    """How a terminal draws pictures.

    Attributes:
        protocol: What it understands.
        cell: Width and height of a cell in pixels.
    """

    protocol: Literal["sixel", "kitty"]
    cell: tuple[int, int] = (10, 20)


def ask_graphics(
    keys: int,
    screen: int,
    environ: Mapping[str, str],
    *,
    multiplexer: str | None,
    truecolor: bool,
) -> Graphics | None:
    """Return how a terminal draws pictures; None where it does not, or the extra is missing.

    Args:
        keys: Descriptor to read the answer from.
        screen: Descriptor to ask on.
        environ: Tells whether the terminal is far away.
        multiplexer: Who answers in the terminal's place; then kitty's protocol is not asked for.
        truecolor: Colours go out unchanged. Kitty's protocol needs that: a colour names a picture.
    """
    if find_spec("textual_image") is None or find_spec("PIL") is None:
        return None
    kitty = truecolor and multiplexer is None
    question = (_KITTY if kitty else "") + _CELL + _WHO

    def complete(found: bytes) -> bool:
        return _WHO_IS.search(found) is not None

    said = converse(keys, screen, question, complete, patience_for(environ)) or b""
    features = _WHO_IS.search(said)
    if features is None:
        return None
    cell = _cell(screen, said)
    if _SIXEL in features[1].decode().split(";"):
        return Graphics("sixel", cell)
    return Graphics("kitty", cell) if _KITTY_OK in said else None


def _cell(screen: int, said: bytes) -> tuple[int, int]:
    answered = _CELL_IS.search(said)
    if answered is not None and int(answered[1]) and int(answered[2]):
        return int(answered[2]), int(answered[1])
    try:
        size = fcntl.ioctl(screen, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return Graphics("sixel").cell
    rows, columns, width, height = struct.unpack("HHHH", size)
    if not (rows and columns and width >= columns and height >= rows):
        return Graphics("sixel").cell
    return width // columns, height // rows
