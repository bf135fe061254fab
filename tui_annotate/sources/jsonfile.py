"""JSON files: one list of objects, or objects after one another; read piece by piece.

The list may lie in an object around it, `{"data": [{"text": ...}]}`, with a part of the data in
each of its lists or an object for each of its names.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, BinaryIO, Literal

from tui_annotate.errors import TaskError
from tui_annotate.sources.base import START, BadRow, Limits, Position, Row
from tui_annotate.sources.encodings import explain
from tui_annotate.sources.files import SourceFile, skip_bom
from tui_annotate.sources.json_wrapping import Wrapping, first_object, wrapping_of
from tui_annotate.sources.line_source import FileSource
from tui_annotate.sources.text_field import ANY_ROW, guess_text
from tui_annotate.task.jsonio import loads_strict

_CHUNK = 64 * 1024
_BETWEEN = " \t\r\n,"
_raw = json.JSONDecoder().raw_decode
_WORD = re.compile(r"(?!(?:true|false|null|NaN|Infinity)\b)[A-Za-z_$]\w{0,30}")


def foreign_part(text: str) -> tuple[int, str] | None:
    """Return where a text stops to be JSON, and what stands there that other notations have.

    Such are comments, single quotes, names without quotes and commas before a closing bracket. For
    anything else that is no JSON, and for what is only cut off, None is returned.
    """
    try:
        _raw(text)
    except json.JSONDecodeError as error:
        at = error.pos
    except (ValueError, RecursionError):
        # It is nested too deep, or a number in it has too many digits.
        return None
    else:
        return None
    before, after = text[:at].rstrip(), text[at:].lstrip()
    # The parser may stop at a comma, although what is wrong stands behind it.
    if after.startswith(","):
        before, after = f"{before},", after[1:].lstrip()
    if after.startswith(("//", "/*", "#")):
        return at, "a comment"
    if before.endswith(",") and after[:1] in ("}", "]"):
        return at, "a comma before a closing bracket"
    if after.startswith("'"):
        return at, "a single quote"
    unquoted = _WORD.match(after) if before.endswith(("{", ",")) else None
    return (at, f"{unquoted[0]!r} without quotes") if unquoted else None


@dataclass(frozen=True, slots=True)
class JsonElement:
    """The text of one element and the positions around it; `problem` where it cannot be found, and
    `name` where it stands under one."""

    text: str
    start: Position
    end: Position
    problem: TaskError | None = None
    name: str = ""


_CUT_SHORT = TaskError("the file ends before its list does; rows may be missing", reason="not-json")

_Level = Literal["rows", "list", "objects", "names", "list under a name"]
"""What comes next in a file, by what it lies in.

- `rows`: a row that lies in nothing; where reading begins behind a row, also one that lies in the
  list that the file is, as nothing is known of that list then;
- `list`: a row of the list that the file is;
- `objects`: an object that lies in nothing, and that may have rows in it;
- `names`: a name of such an object, with what belongs to it;
- `list under a name`: a row of a list that belongs to such a name.
"""
_LEVELS_OF_ROWS: tuple[_Level, ...] = ("rows", "list", "list under a name")
_ENDED_BY_A_BRACKET: tuple[_Level, ...] = ("list", "names", "list under a name")
_BEHIND_LIST: dict[_Level, _Level] = {"list": "rows", "list under a name": "names"}


class _Window:
    """Decoded text from a place of a file on, of which the front is given up as it is read.

    Args:
        reader: Stands at `start`.
        start: Where the text begins.
    """

    def __init__(self, reader: BinaryIO, start: Position) -> None:
        self._reader = reader
        self._decode = codecs.getincrementaldecoder("utf-8")()
        self._ended = False
        self._bad_byte: UnicodeDecodeError | None = None
        self.text = ""
        self.at = start

    def grow(self) -> bool:
        """Read on, as much again as is held; tell whether there was more.

        Raises:
            UnicodeDecodeError: It is not UTF-8; what stands before the bad byte was given before.
        """
        if self._bad_byte is not None:
            raise self._bad_byte
        if self._ended:
            return False
        data = self._reader.read(max(_CHUNK, len(self.text)))
        self._ended = not data
        try:
            self.text += self._decode.decode(data, final=self._ended)
        except UnicodeDecodeError as error:
            self._bad_byte = error
            self.text += error.object[: error.start].decode("utf-8")
            return True
        return bool(data)

    def skip(self, length: int) -> str:
        """Give up the first characters and return them."""
        gone, self.text = self.text[:length], self.text[length:]
        size = len(gone) if gone.isascii() else len(gone.encode("utf-8"))
        self.at = Position(self.at.row, self.at.line + gone.count("\n"), self.at.offset + size)
        return gone

    def skip_any(self, characters: str) -> None:
        """Give up what stands between two elements."""
        while True:
            self.skip(len(self.text) - len(self.text.lstrip(characters)))
            if self.text or not self.grow():
                return


class _Walk:
    """Goes through a file of JSON from row to row, and knows in what each of them lies.

    Args:
        window: The text, from where the walk begins.
        file: The file it is of.
        limits: How long a row may be.
        find_wrapping: Returns in what way an object holds rows; None for a row itself.

    Attributes:
        level: What comes next.
        wrapping: How the object around the rows holds them, at the levels of such objects.
        is_certain: False while `level` is only what usually comes where reading goes on.
    """

    def __init__(
        self,
        window: _Window,
        file: SourceFile,
        limits: Limits,
        find_wrapping: Callable[[dict[str, Any]], Wrapping | None],
    ) -> None:
        self.window = window
        self._file = file
        self._limits = limits
        self._find_wrapping = find_wrapping
        self.level: _Level = "rows"
        self.wrapping: Wrapping | None = None
        self.is_certain = True

    def begin_file(self, wrapping: Wrapping | None, opens_list: Callable[[str], bool]) -> None:
        """Find out what comes first in the file.

        Args:
            wrapping: How its first object holds rows.
            opens_list: Tells by the beginning whether the file is one list.
        """
        self.wrapping = wrapping
        self.window.skip_any(" \t\r\n")
        if opens_list(self.window.text):
            self.window.skip(1)
            self.level = "list"
        elif wrapping is not None:
            self.level = "objects"

    def begin_behind_row(self, wrapping: Wrapping | None) -> None:
        """Take what usually comes behind a row: the file is not read up to it.

        At the level `rows` that it leaves to a file without such objects, rows may lie in the list
        that the file is: `_leave_list` takes its bracket there, too.

        Args:
            wrapping: How the first object of the file holds rows.
        """
        self.is_certain = False
        self.wrapping = wrapping
        if wrapping is not None:
            self.level = "list under a name" if wrapping.lists else "names"

    def rows(self) -> Iterator[JsonElement]:
        """Yield the rows up to the end of the file. One with a problem stands for all that follows.

        Raises:
            UnicodeDecodeError: What comes next is not UTF-8.
        """
        window = self.window
        while True:
            window.skip_any(_BETWEEN)
            mark = window.text[:1]
            if not mark:
                return
            if mark == "]":
                self._leave_list()
            elif self.level in _LEVELS_OF_ROWS:
                yield self._value()
            elif mark == "}":
                self._leave_object()
            # No name begins with `{`: reading began behind a row that lies in no object, and
            # `names` was only what usually comes there.
            elif self.level == "objects" or mark == "{":
                self._enter_object()
            else:
                named = self._pass_name()
                if named is not None:
                    yield named

    def _leave_list(self) -> None:
        """Go on behind a bracket; what stands behind the list that the file is, is a row or bad."""
        self.window.skip(1)
        self.level = _BEHIND_LIST.get(self.level, self.level)
        if self.level == "rows":
            self.is_certain = True

    def _leave_object(self) -> None:
        """Go on behind an object around rows, where another one may stand, or a row."""
        self.window.skip(1)
        self.level = "objects"
        self.is_certain = True

    def _enter_object(self) -> None:
        """Go on in the object that comes next, if it has rows in it; else it is a row, as all that
        follows."""
        window = self.window
        while len(window.text) < _CHUNK and window.grow():
            pass
        is_object = window.text[0] == "{"
        self.wrapping = self._find_wrapping(first_object(window.text)) if is_object else None
        if self.wrapping is None:
            self.level = "rows"
        else:
            window.skip(1)
            self.level = "names"

    def _pass_name(self) -> JsonElement | None:
        """Go on behind a name of the object around the rows.

        Returns:
            The row that belongs to the name, or what is wrong. None where a list of rows begins,
            and for anything else, which is passed.
        """
        name = self._value()
        if name.problem is not None:
            return name
        self.window.skip_any(" \t\r\n:")
        key = _raw(name.text)[0]
        lists = self.wrapping.lists if self.wrapping is not None else ()
        if key in lists and self.window.text.startswith("["):
            self.window.skip(1)
            self.level = "list under a name"
            return None
        if not self.window.text:
            return None
        value = self._value()
        is_row = not lists and value.text.startswith("{") and isinstance(key, str)
        if value.problem is None and not is_row:
            return None
        # Its name belongs to it, so that reading can begin at it.
        return replace(value, name=str(key), start=name.start)

    def _value(self) -> JsonElement:
        """Return the value that comes next, whatever it is."""
        window = self.window
        while True:
            try:
                length = _raw(window.text)[1]
            except (ValueError, RecursionError) as error:
                more = not isinstance(error, RecursionError) and window.grow()
                if more and len(window.text) <= self._limits.max_line + _CHUNK:
                    continue
                return self.last(self._problem())
            # A number or word at the end of what was read may go on.
            if length == len(window.text) and window.grow():
                continue
            start = window.at
            return JsonElement(window.skip(length), start, window.at)

    def last(self, problem: TaskError) -> JsonElement:
        """Return a problem in place of all that follows: what is broken swallows the rest."""
        at = self.window.at
        end = max(self._file.size() or 0, at.offset + 1)
        return JsonElement("", at, Position(0, at.line, end), problem)

    def _problem(self) -> TaskError:
        text, most = self.window.text, self._limits.max_line
        if len(text) > most:
            what = f"longer than {most:,} bytes, or no JSON from here on"
            return TaskError(what, reason="too-long")
        found = foreign_part(text)
        if found is not None:
            at, what = found
            line = self.window.at.line + text.count("\n", 0, at) + 1
            what = (
                f"line {line} has {what}, which JSON does not have; nothing from there on is read"
            )
            return TaskError(what, reason="json5")
        return TaskError("not valid JSON from here on; nothing after it is read", reason="not-json")


class JsonSource(FileSource):
    """Reads a JSON file whose elements are objects, in the memory of one of them.

    The place of every element is known, so reading can go on at any of them.
    """

    def opens_list(self, start: str) -> bool:
        """Return whether a file that begins like this is one list of all its elements."""
        return start.startswith("[")

    def wrapping(self, first: dict[str, Any]) -> Wrapping | None:
        """Return in what way the first object of the file holds its rows; None for a row itself."""
        return wrapping_of(first)

    @cached_property
    def _wrapped(self) -> Wrapping | None:
        # Code of a recipe knows its own rows, and a pipe cannot be looked at.
        if self.fields.input_keys == ANY_ROW or not self.file.seekable:
            return None
        start = self._beginning()
        return self.wrapping(first_object(start)) if start.startswith("{") else None

    def _beginning(self) -> str:
        with self.file.reader() as reader:
            return reader.read(_CHUNK).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")

    @property
    def told(self) -> str:
        """What people should know of how its rows are found; empty for nothing."""
        return "" if self._wrapped is None else self._wrapped.told()

    def load(self, text: str, notices: list[str]) -> dict[str, Any]:
        """Return one element, parsed.

        Raises:
            TaskError: It is no object, or holds what cannot be stored.
        """
        return loads_strict(
            text, on_duplicate=lambda key: notices.append(f"the key {key!r} occurs twice")
        )

    def expand(
        self,
        data: dict[str, Any],
        notices: list[str],  # noqa: ARG002
    ) -> Iterable[dict[str, Any] | TaskError]:
        """Return the tasks that one element holds, and in place of a bad one what is wrong with it.

        Whoever yields them one by one adds the remarks on each before it.
        """
        return [data]

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the records from `start` on."""
        row = start.row
        for piece in self._elements(start):
            before = Position(row, piece.start.line, piece.start.offset)
            for record in self._records(piece, before):
                row += 1
                yield record

    def count(self) -> int | None:
        """Count the records, bad ones included, by reading the file; None for a pipe."""
        return sum(1 for _ in self.rows()) if self.file.seekable else None

    def _records(self, piece: JsonElement, before: Position) -> Iterator[Row | BadRow]:
        after = Position(before.row + 1, piece.end.line, piece.end.offset)
        data: dict[str, Any] = {}
        notices: list[str] = []
        try:
            if piece.problem is not None:
                raise piece.problem
            data = self.load(piece.text, notices)
            if piece.name:
                data = {"id": piece.name, **data}
            keys = tuple(data)
            number = -1
            for number, found in enumerate(self.expand(data, notices)):
                start = Position(before.row + number, before.line, before.offset)
                end = Position(start.row + 1, after.line, after.offset)
                yield self._record(found, notices, keys, start, end)
                notices.clear()
            if number < 0:
                raise TaskError("there is no text in it", reason="empty-input")
        except TaskError as error:
            yield self._bad(error, tuple(data), data, before, after)

    def _record(
        self,
        found: dict[str, Any] | TaskError,
        notices: list[str],
        keys: tuple[str, ...],
        start: Position,
        end: Position,
    ) -> Row | BadRow:
        """Return one task of an element as a row; a bad one takes no other along."""
        try:
            if isinstance(found, TaskError):
                raise found
            return Row(self.fields.apply(found, notices), start, end, tuple(notices))
        except TaskError as error:
            shown = found if isinstance(found, dict) else {}
            return self._bad(error, keys, shown, start, end)

    def _bad(
        self,
        error: TaskError,
        keys: tuple[str, ...],
        data: dict[str, Any],
        start: Position,
        end: Position,
    ) -> BadRow:
        detail = explain(error, self.file)
        return BadRow(error.reason, detail, start, end, keys, guess_text(data))

    def _elements(self, start: Position) -> Iterator[JsonElement]:
        """Yield the rows from a place on; the last one may be what is wrong with the rest."""
        with self.file.reader(start.offset) as reader:
            offset = start.offset or skip_bom(reader)
            window = _Window(reader, Position(start.row, start.line, offset))
            walk = _Walk(window, self.file, self.limits, self.wrapping)
            try:
                if start.offset:
                    walk.begin_behind_row(self._wrapped)
                else:
                    walk.begin_file(self._wrapped, self.opens_list)
                for element in walk.rows():
                    yield element
                    if element.problem is not None:
                        return
                if self._is_cut_short(walk, start):
                    yield walk.last(_CUT_SHORT)
            except UnicodeDecodeError:
                yield walk.last(TaskError("not valid UTF-8 from here on", reason="not-utf8"))

    def _is_cut_short(self, walk: _Walk, start: Position) -> bool:
        """Return whether the file ends before what its rows lie in, after a walk from `start`."""
        if walk.is_certain:
            return walk.level in _ENDED_BY_A_BRACKET
        # The walk saw no bracket that tells it, so the file is read from its beginning.
        lies_in_something = self._wrapped is not None or self.opens_list(self._beginning())
        if not lies_in_something or start.offset > (self.file.size() or 0):
            return False
        last = deque(self._elements(START), maxlen=1)
        return bool(last) and last[0].problem is _CUT_SHORT
