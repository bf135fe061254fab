"""JSON files: one list of objects, or objects after one another; read piece by piece.

The list may lie in an object around it, `{"data": [{"text": ...}]}`, with a part of the data in
each of its lists or an object for each of its names.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, BinaryIO

from tui_annotate.errors import TaskError, listed
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import START, BadRow, Position, Row
from tui_annotate.sources.encodings import explain
from tui_annotate.sources.files import skip_bom
from tui_annotate.sources.line_source import FileSource
from tui_annotate.sources.text_field import ANY_ROW, guess_text
from tui_annotate.task.jsonio import loads_strict
from tui_annotate.views import SHOWN_KEYS

_CHUNK = 64 * 1024
_BETWEEN = " \t\r\n,"
_raw = json.JSONDecoder().raw_decode
_WORD = re.compile(r"(?!(?:true|false|null|NaN|Infinity)\b)[A-Za-z_$]\w{0,30}")
# Texts as a whole, so that brackets in them count for nothing; the last one may be cut off.
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)|[\[\]{},]', re.DOTALL)
_CLOSING = {"[": "]", "{": "}"}
LISTS_OF_ROWS = frozenset((
    "data", "dataset", "documents", "docs", "examples", "rows", "items", "records", "samples",
    "sentence", "sentences", "texts", "instances", "entries", "tasks", "corpus", "articles",
    "train", "training", "train_data", "training_data", "test", "test_data", "dev", "eval",
    "valid", "validation", "val", "reviews", "tweets", "posts", "results", "questions", "comments",
))  # fmt: skip
"""Names that lists of rows have in an object around them."""
_KEYS_OF_ROWS = frozenset((
    "text", "full_text", "sentence", "content", "document", "source_text", "raw_text",
    "original_text", "query", "utterance", "passage", "abstract", "tokens", "words", "html",
    "form", "fields", "prompt", "messages", "conversations", "premise", "sentence1", "instruction",
    "data",
))  # fmt: skip
"""Keys of which a row has one, and an object around rows has none."""
_PARTS_OF_TASKS = frozenset(("A", "B", "meta"))
"""Keys of tasks that have objects with texts, beside those that views show."""


class Wrapping(NamedTuple):
    """An object around the rows of a file.

    Attributes:
        lists: The names in it whose lists hold the rows; none where each name has a row itself.
        beside: The names of everything else in it.
    """

    lists: tuple[str, ...]
    beside: tuple[str, ...] = ()

    def told(self) -> str:
        """Return what people should know of how its rows are found."""
        if not self.lists:
            return "each of its names has a row, which gets it as its `id`"
        inside = f"its rows are those of {listed([f'`{name}`' for name in self.lists])}"
        left = listed([f"`{name}`" for name in self.beside])
        verb = "is" if len(self.beside) == 1 else "are"
        return f"{inside}; {left} beside them {verb} left out" if left else inside


def wrapping_of(first: Mapping[str, Any]) -> Wrapping | None:
    """Return in what way an object holds the rows of its file; None for one that is a row itself.

    Args:
        first: The first object of the file, as far as it is known.
    """
    if not first or any(isinstance(first.get(key), str) for key in _KEYS_OF_ROWS):
        return None
    lists = tuple(
        key for key, value in first.items()
        if isinstance(value, list) and value and _is_row(value[0])
        and (key in LISTS_OF_ROWS or (key == "annotations" and "entities" in value[0]))
    )  # fmt: skip
    if lists:
        return Wrapping(lists, tuple(key for key in first if key not in lists))
    named = len(first) > 1 and all(map(_is_row, first.values())) and _KEYS_OF_ROWS.isdisjoint(first)
    # A view may show an object, such as `llm`: then this is a row, and its key no name of one.
    parts = named and any(key in SHOWN_KEYS or key in _PARTS_OF_TASKS for key in first)
    return Wrapping(()) if named and not parts else None


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and not _KEYS_OF_ROWS.isdisjoint(value)


def rows_within(first: Mapping[str, Any], found: Wrapping) -> list[dict[str, Any]]:
    """Return the rows that an object holds in this way."""
    if not found.lists:
        return list(first.values())
    return [each for key in found.lists for each in first[key] if isinstance(each, dict)]


def closed(start: str) -> str:
    """Return the beginning of a JSON value with what is open closed, without what was cut off."""
    opened: list[str] = []
    kept = 0
    for mark in _MARKS.finditer(start):
        character = mark[0]
        if character == ",":
            kept = mark.start()
        elif character in _CLOSING:
            opened.append(_CLOSING[character])
            kept = mark.end()
        elif character in "]}":
            if opened[-1:] != [character]:
                break
            opened.pop()
            kept = mark.end()
            if not opened:
                break
    return start[:kept] + _ending(start[:kept])


def _ending(kept: str) -> str:
    """Return what closes all that is open at the end of a piece of JSON."""
    opened: list[str] = []
    for mark in _MARKS.finditer(kept):
        if mark[0] in _CLOSING:
            opened.append(_CLOSING[mark[0]])
        elif mark[0] in ("]", "}"):
            opened.pop()
    return "".join(reversed(opened))


def first_object(start: str) -> dict[str, Any]:
    """Return the first object of a file by its first characters, as far as they go; an empty one
    for none."""
    try:
        value = _raw(start)[0]
    except (ValueError, RecursionError):
        try:
            value = _raw(closed(start))[0]
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def rows_in_wrapping(start: str) -> list[dict[str, Any]]:
    """Return the first rows of a file that is an object around them, by its first characters; none
    for any other file, as for JSON lines, of which each object is a row."""
    first = first_object(start)
    around = wrapping_of(first)
    if around is None or _has_another(start):
        return []
    return rows_within(first, around)


def _has_another(start: str) -> bool:
    """Return whether there is another object behind the first one."""
    try:
        end = _raw(start)[1]
    except (ValueError, RecursionError):
        return False
    return start[end:].lstrip().startswith("{")


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
        for piece in self._pieces(start):
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

    def _pieces(self, start: Position) -> Iterator[JsonElement]:
        with self.file.reader(start.offset) as reader:
            offset = start.offset + (0 if start.offset else skip_bom(reader))
            window = _Window(reader, Position(start.row, start.line, offset))
            try:
                if not start.offset:
                    window.skip_any(" \t\r\n")
                in_list = not start.offset and self.opens_list(window.text)
                if in_list:
                    window.skip(1)
                wrapped = self._wrapped
                # A place to go on from lies behind a row, and so in the list of it.
                outside = wrapped is not None and not (start.offset and wrapped.lists)
                inside = bool(start.offset)
                is_known = not start.offset  # else only what ends says what had begun before
                while True:
                    window.skip_any(_BETWEEN)
                    if window.text.startswith("]"):
                        # What stands behind the end of the list is read as well, or is bad.
                        window.skip(1)
                        in_list, outside = False, wrapped is not None
                        is_known = is_known or wrapped is None
                        continue
                    if not window.text:
                        is_within = in_list or (inside and wrapped is not None)
                        if is_within if is_known else self._ends_within(start):
                            yield JsonElement("", window.at, self._rest(window), _CUT_SHORT)
                        return
                    if outside and window.text[0] == "}":
                        window.skip(1)
                        inside, is_known = False, True
                        continue
                    if outside and (not inside or window.text[0] == "{"):
                        # Another object around rows may stand behind the first one, or rows.
                        wrapped = self._around(window)
                        inside = outside = wrapped is not None
                        if inside:
                            window.skip(1)
                        continue
                    if wrapped is not None and outside:
                        named = self._named(window, wrapped)
                        outside = not isinstance(named, str)
                        if not isinstance(named, JsonElement):
                            continue
                        piece = named
                    else:
                        piece = self._piece(window)
                    yield piece
                    if piece.problem is not None:
                        return
            except UnicodeDecodeError:
                problem = TaskError("not valid UTF-8 from here on", reason="not-utf8")
                yield JsonElement("", window.at, self._rest(window), problem)

    def _ends_within(self, start: Position) -> bool:
        """Read the file, and return whether it ends, behind `start`, before what holds its rows."""
        is_held = self._wrapped is not None or self.opens_list(self._beginning())
        if not is_held or start.offset > (self.file.size() or 0):
            return False
        last = deque(self._pieces(START), maxlen=1)
        return bool(last) and last[0].problem is _CUT_SHORT

    def _around(self, window: _Window) -> Wrapping | None:
        """Return in what way the object that begins here holds rows; None for a row itself."""
        while len(window.text) < _CHUNK and window.grow():
            pass
        return self.wrapping(first_object(window.text)) if window.text[0] == "{" else None

    def _named(self, window: _Window, wrapped: Wrapping) -> JsonElement | str | None:
        """Go on in the object around the rows.

        Returns:
            The name of a list of rows that begins here; a row that stands under a name, or what is
            wrong; None for anything else, which is passed.
        """
        name = self._piece(window)
        window.skip_any(" \t\r\n:")
        key = _raw(name.text)[0] if name.problem is None else ""
        if name.problem is None and key in wrapped.lists and window.text.startswith("["):
            window.skip(1)
            return str(key)
        if name.problem is not None or not window.text:
            return name if name.problem is not None else None
        value = self._piece(window)
        is_row = not wrapped.lists and value.text.startswith("{") and isinstance(key, str)
        if value.problem is not None or is_row:
            # Its name belongs to it, so that reading can begin at it.
            return replace(value, name=str(key), start=name.start)
        return None

    def _piece(self, window: _Window) -> JsonElement:
        while True:
            try:
                length = _raw(window.text)[1]
            except (ValueError, RecursionError) as error:
                more = not isinstance(error, RecursionError) and window.grow()
                if more and len(window.text) <= self.limits.max_line + _CHUNK:
                    continue
                return JsonElement("", window.at, self._rest(window), self._problem(window))
            # A number or word at the end of what was read may go on.
            if length == len(window.text) and window.grow():
                continue
            start = window.at
            return JsonElement(window.skip(length), start, window.at)

    def _problem(self, window: _Window) -> TaskError:
        if len(window.text) > self.limits.max_line:
            what = f"longer than {self.limits.max_line:,} bytes, or no JSON from here on"
            return TaskError(what, reason="too-long")
        found = foreign_part(window.text)
        if found is not None:
            at, what = found
            line = window.at.line + window.text.count("\n", 0, at) + 1
            what = (
                f"line {line} has {what}, which JSON does not have; nothing from there on is read"
            )
            return TaskError(what, reason="json5")
        return TaskError("not valid JSON from here on; nothing after it is read", reason="not-json")

    def _rest(self, window: _Window) -> Position:
        """Return the end of the file: what is broken swallows the rest."""
        return Position(0, window.at.line, max(self.file.size() or 0, window.at.offset + 1))
