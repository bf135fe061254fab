"""JSON as it comes in (strictly) and as it goes out (always writable).

Reading refuses what cannot be stored, hashed or shown later: invalid UTF-8, NaN and infinities,
integers of thousands of digits, nesting without end. Duplicate keys are allowed, as every parser
allows them, and can be listed.

Where many records are read or written, msgspec does it: it reads what the standard library reads,
three times as fast, and refuses a little more, lone surrogates for one. What it refuses is left to
the standard library, so the outcome never depends on who has read. Loading it takes as long as it
saves in some ten thousand records, so that is done only once a parser has been asked often.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, time
from decimal import Decimal
from enum import Enum
from json.encoder import (  # type: ignore[attr-defined]
    c_make_encoder,
    encode_basestring,
    encode_basestring_ascii,
)
from pathlib import PurePath
from typing import Any, Final, NoReturn
from uuid import UUID

from tui_annotate.errors import TaskError

WORTH_LOADING = 1000
"""Records after which more are to be expected."""

UNREAD: Final = object()
"""Stands for a value that somebody else must read."""


class BulkParser:
    """Parses JSON values once there are many of them; until then it reads nothing.

    Args:
        after: Values that it leaves to the standard library before it loads msgspec.
    """

    def __init__(self, after: int = WORTH_LOADING) -> None:
        self._left = after
        self._decode: Callable[[bytes | str], Any] | None = None
        self._decode_lines: Callable[[bytes], list[Any]] | None = None

    def __call__(self, data: bytes | str) -> Any:
        """Return the value, or `UNREAD` where the standard library must read it."""
        if self._decode is None:
            self._left -= 1
            if self._left >= 0:
                return UNREAD
            self._load()
            assert self._decode is not None
        try:
            return self._decode(data)
        except (ValueError, RecursionError):
            return UNREAD

    def lines(self, block: bytes) -> list[Any]:
        """Return the values in lines; none before it has loaded msgspec, and where the standard
        library must read one of them."""
        if self._decode_lines is None:
            return []
        try:
            return self._decode_lines(block)
        except (ValueError, RecursionError):
            return []

    def _load(self) -> None:
        from msgspec.json import Decoder  # it pays from a thousand rows on

        decoder = Decoder()
        self._decode, self._decode_lines = decoder.decode, decoder.decode_lines


def bulk_encoder(otherwise: Callable[[Any], str]) -> Callable[[Any], str]:
    """Return what writes values of JSON's own types as compact text.

    Args:
        otherwise: Writes what msgspec does not, such as lone surrogates, and refuses what it would
            write as null, such as NaN.
    """
    from msgspec.json import Encoder  # it pays from a thousand rows on

    encode = Encoder().encode

    def write(value: Any) -> str:
        try:
            written = encode(value)
        except (ValueError, RecursionError):
            return otherwise(value)
        return otherwise(value) if b"null" in written else written.decode()

    return write


MAX_DEPTH = 200
MAX_DIGITS = 300

_AS_TEXT = (PurePath, UUID)
_TIMES = (date, time)  # a `datetime` is a date


def _meant(value: Any) -> Any:
    """Return what Python code means as JSON by a value that has no JSON form of its own.

    Sets and other collections are lists, a set sorted by its items' JSON, so that hashes are the
    same in every process; times are ISO 8601, decimals numbers, paths and UUIDs text; numbers and
    arrays of numpy, known by their `tolist`, are those of Python.

    Raises:
        TypeError: It means nothing in JSON.
    """
    if isinstance(value, AbstractSet):
        return sorted(value, key=dumps)
    if isinstance(value, _TIMES):
        return value.isoformat()
    if isinstance(value, _AS_TEXT):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Enum):
        return value.value
    if callable(getattr(value, "tolist", None)):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Collection) and not isinstance(value, (bytes, bytearray, memoryview)):
        return list(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def plain(value: Any) -> Any:
    """Return a value with JSON's own types for all that Python code means by others (`_meant`).

    Raises:
        TaskError: `not-json` where a part of it means nothing in JSON.
    """
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, dict):
        return {_plain_key(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    try:
        return plain(_meant(value))
    except (TypeError, ValueError, RecursionError) as error:
        raise TaskError(f"a value that JSON cannot hold ({error})", reason="not-json") from None


def _plain_key(key: Any) -> Any:
    return key if key is None or isinstance(key, (str, int, float)) else str(plain(key))


def is_json(value: Any) -> bool:
    """Return whether a value consists of JSON's own types, tuples for lists among them."""
    try:
        _strict(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def encoder(
    *,
    ensure_ascii: bool,
    sort_keys: bool = False,
    separators: tuple[str, str] = (",", ":"),
    otherwise: Callable[[Any], Any] | None = _meant,
) -> Callable[[Any], str]:
    """Return what encodes values as `json.JSONEncoder` does, without its set-up for each of them.

    Args:
        ensure_ascii: Write everything beyond ASCII as escapes.
        sort_keys: Sort the keys of objects.
        separators: Between items, and behind keys.
        otherwise: Gives the JSON form of what has none of its own; None to refuse such values.
    """
    made = json.JSONEncoder(
        ensure_ascii=ensure_ascii,
        allow_nan=False,
        sort_keys=sort_keys,
        separators=separators,
        default=otherwise,
    )
    if c_make_encoder is None:
        return made.encode
    strings = encode_basestring_ascii if ensure_ascii else encode_basestring
    # Without markers nothing is kept from one value to the next, and what contains itself ends as
    # a `RecursionError`.
    item, key = separators
    run = c_make_encoder(None, made.default, strings, None, key, item, sort_keys, False, False)

    def encode(value: Any) -> str:
        return strings(value) if isinstance(value, str) else "".join(run(value, 0))

    return encode


_encode = encoder(ensure_ascii=False)
_encode_ascii = encoder(ensure_ascii=True)
_strict = encoder(ensure_ascii=True, otherwise=None)


def dumps(value: Any) -> str:
    """Return compact JSON of `value` that any UTF-8 file or database can hold.

    Lone surrogates are written as escapes, so that they come back as they were.

    Raises:
        TaskError: `not-json` where the value has no JSON form.
    """
    try:
        text = _encode(value)
        if text.isascii():
            return text
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return _encode_ascii(value)
        return text
    except (TypeError, ValueError, RecursionError) as error:
        raise TaskError(f"a value that JSON cannot hold ({error})", reason="not-json") from None


def loads_strict(
    data: bytes | str, *, on_duplicate: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """Parse one JSON object.

    Args:
        data: The record, UTF-8 when bytes.
        on_duplicate: Called with each key that occurs twice in one object; the last one counts.

    Raises:
        TaskError: With reason `not-utf8`, `not-json`, `not-object`, `not-finite`,
            `too-big-number` or `too-deep`.
    """
    value = loads_value(data, on_duplicate=on_duplicate)
    if not isinstance(value, dict):
        kind = {list: "a list", str: "a string", type(None): "null"}.get(type(value), "a value")
        raise TaskError(f"{kind}, not an object", reason="not-object")
    return value


def loads_lines(block: bytes) -> list[dict[str, Any]] | None:
    """Parse whole lines with one object each at once.

    Args:
        block: The lines, with their newlines.

    Returns:
        The objects; None where a line must be read by itself: it may be no object, may hold what
        `loads_strict` refuses, or may have a key twice. So it is before many values were read.
    """
    count = block.count(b"\n")
    # Where each line begins and ends with a brace, no object goes on in the next line, because `{`
    # never follows `}` within one. So as many objects as lines are one in each.
    ends = block.count(b"}\n{") + block.endswith((b"}\n", b"}\r\n"))
    if ends != count and ends + block.count(b"}\r\n{") != count:
        return None
    if not block.startswith(b"{") or _MANY_DIGITS in block[::30].translate(_DIGITS):
        return None
    found = _bulk.lines(block)
    if len(found) != count:
        return None
    try:
        keys = sum(map(_count_keys, found))
    except TaskError:
        return None
    return None if _may_have_duplicates(block, keys) else found


def loads_value(data: bytes | str, *, on_duplicate: Callable[[str], None] | None = None) -> Any:
    """Parse one JSON value of any type, as strictly as `loads_strict`.

    Raises:
        TaskError: With reason `not-utf8`, `not-json`, `not-finite`, `too-big-number` or `too-deep`.
    """
    try:
        value = _parsed(data)
        if value.__class__ not in _CONTAINERS:
            return value
        if on_duplicate is None:
            # Walking a value to see how deep it is costs as much as parsing it; one with fewer
            # brackets than levels, as most have, cannot be too deep.
            if len(data) > 2 * MAX_DEPTH and sum(map(data.count, _OPENING[type(data)])) > MAX_DEPTH:
                _count_keys(value)
        elif _may_have_duplicates(data, _count_keys(value)):
            text = data if isinstance(data, str) else data.decode("utf-8")
            json.loads(text, object_pairs_hook=_pairs(on_duplicate))
        return value
    except UnicodeDecodeError as error:
        raise TaskError(f"not valid UTF-8 at byte {error.start}", reason="not-utf8") from None
    except RecursionError:
        raise TaskError("nested too deeply", reason="too-deep") from None
    except ValueError as error:
        raise TaskError(f"not valid JSON ({_brief(error)})", reason="not-json") from None


def loads_stored(text: str) -> dict[str, Any]:
    """Parse an object that was checked when it was stored."""
    value = _bulk(text)
    if value is UNREAD:
        value = _stored.decode(text)
    assert isinstance(value, dict)
    return value


def _parsed(data: bytes | str) -> Any:
    """Parse a value with the quickest parser that is strict enough for it."""
    if len(data) > MAX_DIGITS:
        some = data[::100] if isinstance(data, bytes) else data[::100].encode("ascii", "replace")
        if _HUNDREDS in some.translate(_DIGITS):
            return _decoder.decode(data if isinstance(data, str) else data.decode("utf-8"))
    value = _bulk(data)
    if value is not UNREAD:
        return value
    text = data if isinstance(data, str) else data.decode("utf-8")
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        end = -1
    # What stands around the value, and what is wrong, the whole decoder knows.
    return value if end == len(text) else _quick.decode(text)


def _count_keys(value: Any, levels: int = MAX_DEPTH) -> int:
    """Return how many keys all objects of parsed JSON have.

    Args:
        value: An object or a list.
        levels: How many objects and lists may lie within each other.

    Raises:
        TaskError: `too-deep` where more do.
    """
    if not levels:
        raise TaskError(f"nested deeper than {MAX_DEPTH} levels", reason="too-deep")
    keys = 0
    if value.__class__ is dict:
        keys = len(value)
        value = value.values()
    # Most objects hold no others, which is told without a loop.
    if _CONTAINERS.isdisjoint(map(type, value)):
        return keys
    for item in value:
        if item.__class__ in _CONTAINERS:
            keys += _count_keys(item, levels - 1)
    return keys


def _may_have_duplicates(data: bytes | str, keys: int) -> bool:
    """Tell whether JSON has another number of `"key":` than its objects have keys."""
    colon, behind_key = _COLONS[type(data)]
    # Every key has a colon of its own, so as many colons as keys leave none for a second time. Most
    # keys have it right behind them, and texts seldom do.
    return data.count(behind_key) != keys and data.count(colon) != keys


def _brief(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.lower()} at character {error.pos}"
    return "a number that cannot be read"


def _refuse_constant(name: str) -> NoReturn:
    raise TaskError(f"{name} is not a JSON number", reason="not-finite")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise TaskError("a number too large for a float", reason="not-finite")
    return value


def _bounded(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise TaskError(f"an integer of {len(text)} digits", reason="too-big-number")
    return int(text)


def _pairs(on_duplicate: Callable[[str], None]) -> Callable[[list[tuple[str, Any]]], Any]:
    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                on_duplicate(key)
            found[key] = value
        return found

    return build


_decoder = json.JSONDecoder(
    parse_constant=_refuse_constant, parse_float=_finite, parse_int=_bounded
)

_quick = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
_scan: Callable[[str, int], tuple[Any, int]] = _quick.scan_once  # type: ignore[attr-defined]
_stored = json.JSONDecoder(parse_constant=_refuse_constant)

_bulk = BulkParser()

_OPENING: dict[type, tuple[Any, Any]] = {bytes: (b"[", b"{"), str: ("[", "{")}
_COLONS: dict[type, tuple[Any, Any]] = {bytes: (b":", b'":'), str: (":", '":')}
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_HUNDREDS = b"0" * (MAX_DIGITS // 100)
"""What the longest number allowed leaves at least of every hundredth character."""
_MANY_DIGITS = b"0" * (MAX_DIGITS // 30)
"""The same of every thirtieth one. In many lines digits may meet three times by chance, not ten."""

_CONTAINERS = frozenset((dict, list))


class Encoded(list[Any]):
    """A list with its JSON text. Who holds it must not change it: the text would not follow.

    Attributes:
        text: What `dumps` gives for the items.
    """

    def __init__(self, items: Iterable[Any]) -> None:
        super().__init__(items)
        self.text = dumps(self)


_MANY = 5_000
"""Items of a list above which it is encoded in pieces of so many."""


def _text_of(value: Any) -> str | None:
    """Return the text that a value brings along; that of a list with very many items is made in
    pieces, because other threads, such as that of keys, stand still while one is encoded."""
    if type(value) is Encoded:
        return value.text
    if type(value) is not list or len(value) <= _MANY:
        return None
    pieces = (dumps(value[at : at + _MANY])[1:-1] for at in range(0, len(value), _MANY))
    return f"[{','.join(pieces)}]"


def dumps_with(value: dict[str, Any]) -> str:
    """Return what `dumps` gives for an object, with the texts that its values bring along.

    Raises:
        TaskError: `not-json` where the value has no JSON form.
    """
    ready = {key: text for key, each in value.items() if (text := _text_of(each)) is not None}
    if not ready or not all(type(key) is str for key in value):
        return dumps(value)
    parts: list[str] = []
    plain: dict[str, Any] = {}
    for key, each in value.items():
        if key not in ready:
            plain[key] = each
            continue
        if plain:
            parts.append(dumps(plain)[1:-1])
            plain = {}
        parts.append(f"{dumps(key)}:{ready[key]}")
    if plain:
        parts.append(dumps(plain)[1:-1])
    return f"{{{','.join(parts)}}}"
