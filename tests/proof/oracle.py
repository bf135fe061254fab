"""What a source holds, told by a reader of the test's own, and the ways in which it is edited."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random

BAD = "{"
_clock = count(1_000_000_000, 1_000_000)


def line(text: str) -> str:
    """Return the line of a row."""
    return json.dumps({"text": text})


def texts_in(data: bytes) -> list[str]:
    """Return the texts of the good rows of a file in their order."""
    found = (_text(each) for each in data.split(b"\n"))
    return [text for text in found if text is not None]


def _text(data: bytes) -> str | None:
    try:
        record = json.loads(data)
    except ValueError:
        return None
    text = record.get("text") if isinstance(record, dict) else None
    return text if isinstance(text, str) else None


class File:
    """A file of rows as its owner edits it.

    Args:
        path: Where it lies.
        lines: Its lines; one good row at least is added where there is none.
    """

    def __init__(self, path: Path, lines: list[str]) -> None:
        self.path = path
        self.lines = lines
        self.newline = "\n"
        self.tail = ""
        self.replace()

    @property
    def data(self) -> bytes:
        """The whole file."""
        text = "".join(f"{each}{self.newline}" for each in self.lines) + self.tail
        return text.encode()

    def replace(self) -> None:
        """Write it anew under its name, as editors do; whoever has it open keeps the old one."""
        if not any(_text(each.encode()) for each in self.lines):
            self.lines.append(line("z"))
        part = self.path.with_suffix(".part")
        part.write_bytes(self.data)
        _stamp(part)
        part.replace(self.path)

    def append(self, texts: list[str]) -> None:
        """Write more rows behind its end, into the very file that others may have open."""
        before = self.data
        if self.tail:
            self.lines.append(self.tail)
            self.tail = ""
        self.lines += [line(text) for text in texts]
        with self.path.open("ab") as file:
            file.write(self.data[len(before) :])
        _stamp(self.path)

    def edit(self, name: str, dice: Random, new: Callable[[], str]) -> None:
        """Change it in one way of `EDITS` and replace it; the tail becomes a whole line."""
        if self.tail:
            self.lines.append(self.tail)
            self.tail = ""
        EDITS[name](self, dice, new)
        self.replace()


def _stamp(path: Path) -> None:
    """Give a file a time of its own: no two states of it share one."""
    stamp = next(_clock)
    os.utime(path, ns=(stamp, stamp))


def _at(file: File, dice: Random) -> int:
    return dice.randrange(len(file.lines))


def _append(file: File, dice: Random, new: Callable[[], str]) -> None:
    file.lines += [line(new()) for _ in range(dice.randint(1, 3))]


def _prepend(file: File, dice: Random, new: Callable[[], str]) -> None:
    file.lines[:0] = [line(new()) for _ in range(dice.randint(1, 2))]


def _edit(file: File, dice: Random, new: Callable[[], str]) -> None:
    file.lines[_at(file, dice)] = line(new())


def _delete(file: File, dice: Random, new: Callable[[], str]) -> None:
    del file.lines[_at(file, dice)]


def _shuffle(file: File, dice: Random, new: Callable[[], str]) -> None:
    dice.shuffle(file.lines)


def _duplicate(file: File, dice: Random, new: Callable[[], str]) -> None:
    file.lines.insert(_at(file, dice), file.lines[_at(file, dice)])


def _rotate(file: File, dice: Random, new: Callable[[], str]) -> None:
    file.lines = [line(new()) for _ in range(dice.randint(1, 5))]


def _truncate(file: File, dice: Random, new: Callable[[], str]) -> None:
    del file.lines[_at(file, dice) :]


def _crlf(file: File, dice: Random, new: Callable[[], str]) -> None:
    file.newline = "\n" if file.newline == "\r\n" else "\r\n"


def _swap(file: File, dice: Random, new: Callable[[], str]) -> None:
    one, two = _at(file, dice), _at(file, dice)
    file.lines[one], file.lines[two] = file.lines[two], file.lines[one]


def _break(file: File, dice: Random, new: Callable[[], str]) -> None:
    file.lines.insert(_at(file, dice), dice.choice((BAD, "[]", "", '{"text": 1}', "null")))


def _unfinished(file: File, dice: Random, new: Callable[[], str]) -> None:
    whole = line(new())
    file.tail = dice.choice((whole, whole[:-1]))


def _touch(file: File, dice: Random, new: Callable[[], str]) -> None:
    """The same bytes, written again."""


EDITS: dict[str, Callable[[File, Random, Callable[[], str]], None]] = {
    "append": _append,
    "prepend": _prepend,
    "edit": _edit,
    "delete": _delete,
    "shuffle": _shuffle,
    "duplicate": _duplicate,
    "rotate": _rotate,
    "truncate": _truncate,
    "crlf": _crlf,
    "swap": _swap,
    "break": _break,
    "unfinished": _unfinished,
    "touch": _touch,
}
"""Every way in which a source is edited, by name."""
