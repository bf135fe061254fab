"""How the tokens of a long text are stored: not one by one, which takes fifteen times the text.

In the place of `tokens` stands `_stored_tokens`. For ASCII text that the built-in tokenizer has
cut it holds the tokenizer's name and version, and the tokens are made anew; else it holds what
they say column by column, compressed. Text beyond ASCII is always stored by columns, because what
counts as a letter there changes with the version of Unicode. Reading gives exactly the tokens that
were there, in their place among the keys.

A program that does not know of this keeps the key, as it keeps every key it does not know, and
makes the tokens anew. What cannot be stored so stays as it is.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate, chain, islice
from operator import sub
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.task.jsonio import dumps, dumps_with, loads_stored, loads_strict
from tui_annotate.task.schema import Task
from tui_annotate.task.tokenize import Tokens, tokenize

STORED_TOKENS = "_stored_tokens"
"""The key that stands for `tokens` in what is stored of a long text."""

TOKEN_KEYS = ("tokens", STORED_TOKENS, "spans")
"""What an editor's content says of tokens and spans: one of the first two, and the third."""

LONG_TEXT = 1 << 14
"""Code points from which on the tokens of a text are stored in short."""

TOKENIZER = ("tui_annotate", 1)
"""Name and version of the built-in tokenizer. Whoever changes what it makes of ASCII text counts
the version up, and keeps the old one for the answers that name it."""

_KEYS = ("text", "start", "end", "id", "ws")
_LEVEL = 2
"""How hard zlib tries: more takes eight times as long and saves a sixth."""

_ROOM = 200
"""Bytes of columns for each code point of a text at the most: no small row grows without end."""


def dumps_content(task: Mapping[str, Any]) -> str:
    """Return a task as JSON text in the form in which it is stored.

    Raises:
        TaskError: `not-json` where it has no JSON form.
    """
    return dumps_with(without_tokens(dict(task)))


def loads_content(text: str) -> Task:
    """Return a task from the JSON text that is stored, with its tokens.

    Raises:
        TaskError: It is no JSON object.
    """
    return with_tokens(loads_strict(text))


def loads_checked(text: str) -> Task:
    """Return what `loads_content` does, of text that was checked when it was stored."""
    return with_tokens(loads_stored(text))


def loads_unfolded(text: str) -> Task:
    """Return a task from the JSON text that is stored, for whoever reads tokens in short.

    Millions of tokens take a gigabyte as objects. Who edits spans reads those that say no more
    than where they are by `tokens_as_stored`; only others are written out.

    Raises:
        TaskError: It is no JSON object.
    """
    task = loads_strict(text)
    return task if tokens_as_stored(task) is not None else with_tokens(task)


def tokens_as_stored(task: Mapping[str, Any]) -> Tokens | None:
    """Return the tokens of a task that are stored in short and say no more than where they are;
    None where there are none, or where they say more."""
    short, text = task.get(STORED_TOKENS), task.get("text")
    if not isinstance(short, dict) or not isinstance(text, str) or "tokens" in task:
        return None
    try:
        found = _read_short(text, short)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, IndexError):
        return None
    return found if isinstance(found, Tokens) else None


def laid_over(task: Task, edits: Task) -> Task:
    """Return a task with what an editor has changed of it: its tokens are those of the edits where
    they have any, in whatever form."""
    whole = {**task, **edits}
    if "tokens" in edits:
        whole.pop(STORED_TOKENS, None)
    elif STORED_TOKENS in edits:
        whole.pop("tokens", None)
    return whole


def content_as_stored(text: str) -> str:
    """Return a task's JSON text in the form in which it is stored; most stays as it is."""
    if len(text) <= 2 * LONG_TEXT or '"tokens":[' not in text or STORED_TOKENS in text:
        return text
    task = loads_stored(text)
    short = without_tokens(task)
    return text if short is task else dumps(short)


def without_tokens(task: Task) -> Task:
    """Return a task as it is stored: the same one, or a copy where its tokens are shortened, or
    those of its pages."""
    return _everywhere(task, _without_tokens)


def _without_tokens(task: Task) -> Task:
    text, tokens = task.get("text"), task.get("tokens")
    if not isinstance(text, str) or len(text) < LONG_TEXT or not isinstance(tokens, list):
        return task
    if STORED_TOKENS in task or not tokens:
        return task
    try:
        short = _shortened(text, tokens)
    except (TypeError, ValueError, OverflowError, AttributeError, TaskError):
        return task  # not tokens of this text, whatever else they are
    if short is None:
        return task
    return _exchanged(task, "tokens", STORED_TOKENS, short)


def with_tokens(task: Task) -> Task:
    """Return a task with its tokens; the same one where they were not stored in short.

    A key of that name that holds something else stays as it is. The tasks of `pages` get their
    tokens too.
    """
    return _everywhere(task, _with_tokens)


def _with_tokens(task: Task) -> Task:
    short = task.get(STORED_TOKENS)
    text = task.get("text")
    if not isinstance(short, dict) or not isinstance(text, str):
        return task
    if isinstance(task.get("tokens"), list):
        # An older program has made tokens for its answer; they are the newer ones.
        return {key: value for key, value in task.items() if key != STORED_TOKENS}
    try:
        tokens = _lengthened(text, short)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, TaskError, IndexError):
        tokens = None
    if tokens is None:
        return task
    return _exchanged(task, STORED_TOKENS, "tokens", tokens)


def short_of(text: str, tokens: Tokens) -> dict[str, Any] | None:
    """Return what stands for the tokens of a long text; None where they have to be written out.

    Args:
        text: The text that they are of.
        tokens: As an editor has them.
    """
    if len(text) < LONG_TEXT or tokens.given or not len(tokens):
        return None
    if tokens.built_in and text.isascii():
        return _made_anew(len(tokens))
    return {"count": len(tokens), "columns": _compressed(_offsets(tokens.starts, tokens.ends), b"")}


def _everywhere(task: Task, change: Callable[[Task], Task]) -> Task:
    """Return a task changed, and so are its pages; the very same one where nothing changes."""
    pages = task.get("pages")
    if isinstance(pages, list):
        changed = [change(each) if isinstance(each, dict) else each for each in pages]
        if any(new is not old for new, old in zip(changed, pages, strict=True)):
            task = {**task, "pages": changed}
    return change(task)


def _exchanged(task: Task, old: str, new: str, value: Any) -> Task:
    changed: Task = {}
    for key, each in task.items():
        if key == old:
            changed[new] = value
        else:
            changed[key] = each
    return changed


def _made_anew(count: int) -> dict[str, Any]:
    name, version = TOKENIZER
    return {"count": count, "tokenizer": name, "version": version}


def _shortened(text: str, dicts: list[Any]) -> dict[str, Any] | None:
    """Return what stands for tokens in what is stored; None if that is no shorter, or not they.

    Their offsets stand first, and behind them what else they say (`_beyond_offsets`).
    """
    shapes = list({tuple(each): None for each in dicts})
    starts = array("q", [each["start"] for each in dicts])
    ends = array("q", [each["end"] for each in dicts])
    if not _in_order(starts, ends, len(text)):
        return None
    columns = [
        (key, rest)
        for key in dict.fromkeys(chain.from_iterable(shapes))
        if (rest := _column(text, starts, ends, dicts, key)) is not None
    ]
    if not columns and shapes == [_KEYS] and text.isascii():
        # Only in ASCII: beyond it what the tokenizer makes changes with the version of Unicode.
        own = tokenize(text)
        if own.starts == starts and own.ends == ends:
            return _made_anew(len(dicts))
    extra = _beyond_offsets(dicts, shapes, columns)
    body = dumps(extra).encode() if extra else b""
    if len(body) > _ROOM * len(text):
        return None
    return {"count": len(dicts), "columns": _compressed(_offsets(starts, ends), body)}


def _beyond_offsets(
    dicts: list[Any], shapes: list[tuple[str, ...]], columns: list[tuple[str, list[Any]]]
) -> list[Any]:
    """Return what tokens say beside their offsets; an empty list if the offsets say all of it.

    First stand the shapes that tokens have (which keys, in which order), then the number of each
    token's shape, then key by key the values that text and offsets do not say:

        [[["text", "start", "end", "id", "ws"], ["text", "start", "end", "id", "ws", "pos"]],
         [0, 1], ["pos", ["VERB"]]]
    """
    if shapes != [_KEYS]:
        numbers = {shape: number for number, shape in enumerate(shapes)}
        return [list(map(list, shapes)), [numbers[tuple(each)] for each in dicts], *columns]
    # Of the one usual shape nobody has to say which token has it.
    return [[list(_KEYS)], [], *columns] if columns else []


def _in_order(starts: array[int], ends: array[int], length: int) -> bool:
    """Tell whether offsets go up and stay within the text, so that none runs back."""
    if starts[0] < 0 or ends[-1] > length:
        return False
    lengths = all(map(int.__le__, starts, ends))
    return lengths and all(map(int.__ge__, starts[1:], ends[:-1]))


def _column(
    text: str, starts: Sequence[int], ends: Sequence[int], dicts: list[Any], key: str
) -> list[Any] | None:
    """Return the values of a key; None where they follow from the offsets and the text."""
    found = [each[key] for each in dicts if key in each]
    if key in ("start", "end"):
        # JSON tells 3 from 3.0 and True from 1, and so do we.
        return None if all(type(each) is int for each in found) else found
    if len(found) == len(dicts) and key in ("text", "id", "ws"):
        kind = {"text": str, "id": int, "ws": bool}[key]
        same = all(map(_is_same, found, _derived(text, starts, ends, key)))
        if same and all(type(each) is kind for each in found):
            return None
    return found


def _is_same(one: Any, other: Any) -> bool:
    return bool(one == other)


def _derived(text: str, starts: Sequence[int], ends: Sequence[int], key: str) -> Iterator[Any]:
    if key == "text":
        return (text[start:end] for start, end in zip(starts, ends, strict=True))
    if key == "id":
        return iter(range(len(starts)))
    return (next_ > end for end, next_ in zip(ends, [*starts[1:], len(text)], strict=True))


def _offsets(starts: Sequence[int], ends: Sequence[int]) -> bytes:
    """Return gaps and lengths, each a byte where it fits into one."""
    gaps = partial(_gaps, starts, ends)
    lengths = partial(map, sub, ends, starts)
    return _numbers(gaps) + _numbers(lengths)


def _gaps(starts: Sequence[int], ends: Sequence[int]) -> Iterator[int]:
    return chain(starts[:1], map(sub, islice(starts, 1, None), ends))


def _numbers(make: Callable[[], Iterable[int]]) -> bytes:
    try:
        return b"\x01" + bytes(make())
    except ValueError:
        values = list(make())
    # What does not fit stands behind, in order.
    large = array("q", [each for each in values if each >= 255])
    small = bytes(min(each, 255) for each in values)
    return b"\x02" + len(large).to_bytes(8, "little") + small + _little(large).tobytes()


def _read_numbers(data: bytes, at: int, count: int) -> tuple[Sequence[int], int]:
    kind = data[at]
    if kind == 1:
        return data[at + 1 : at + 1 + count], at + 1 + count
    large_count = int.from_bytes(data[at + 1 : at + 9], "little")
    small = data[at + 9 : at + 9 + count]
    end = at + 9 + count + 8 * large_count
    large = iter(_little(array("q", data[at + 9 + count : end])))
    return [next(large) if each == 255 else each for each in small], end


def _little(values: array[int]) -> array[int]:
    """Return numbers as machines of the usual order have them; the file may go to another one."""
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _compressed(offsets: bytes, rest: bytes) -> str:
    return b64encode(zlib.compress(offsets + rest, _LEVEL)).decode("ascii")


def _decompressed(columns: str, most: int) -> bytes:
    """Undo `_compressed`.

    Raises:
        ValueError: It is none of ours, or has more than so many bytes.
    """
    reader = zlib.decompressobj()
    try:
        data = reader.decompress(b64decode(columns, validate=True), most)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not reader.eof:
        raise ValueError("more than a text of that length has")
    return data


def _lengthened(text: str, short: dict[str, Any]) -> list[Any] | None:
    found = _read_short(text, short)
    if found is None or isinstance(found, list):
        return found
    return list(found.to_dicts(text)) if len(found) == short["count"] else None


def _read_short(text: str, short: dict[str, Any]) -> Tokens | list[Any] | None:
    """Return what is stored in short: as tokens that are cut or read when they are asked for, or
    as objects where these say more; None where it is none of ours."""
    count = short["count"]
    # The store may come from anywhere: no number in it makes us reserve more than a text can have.
    if type(count) is not int or not 0 < count <= 2 * len(text) + 1:
        return None
    if "tokenizer" in short:
        if (short["tokenizer"], short["version"]) != TOKENIZER or not text.isascii():
            return None
        return Tokens.as_needed(text)
    data = _decompressed(short["columns"], (_ROOM + 40) * len(text))
    gaps, at = _read_numbers(data, 0, count)
    lengths, at = _read_numbers(data, at, count)
    if len(gaps) != count or len(lengths) != count:
        return None
    bounds = array("q", accumulate(chain.from_iterable(zip(gaps, lengths, strict=True))))
    if bounds[-1] > len(text):
        return None
    if at == len(data):
        return Tokens.of_offsets(bounds)
    starts, ends = bounds[::2], bounds[1::2]
    shapes, which, *columns = json.loads(data[at:])
    return _rebuilt(text, starts, ends, shapes, which or [0] * count, dict(columns))


def _rebuilt(
    text: str,
    starts: Sequence[int],
    ends: Sequence[int],
    shapes: list[list[str]],
    which: list[int],
    columns: dict[str, list[Any]],
) -> list[Any]:
    values: dict[str, Iterator[Any]] = {key: iter(found) for key, found in columns.items()}
    known = {"start": starts, "end": ends}
    tokens: list[dict[str, Any]] = []
    for key in {each for shape in shapes for each in shape} - values.keys():
        values[key] = iter(known[key]) if key in known else _derived(text, starts, ends, key)
    for number in which:
        tokens.append({key: next(values[key]) for key in shapes[number]})
    if len(tokens) != len(starts):
        raise ValueError("more or fewer tokens than offsets")
    return tokens
