"""JSON as it comes in (strictly) and as it goes out (always writable).

Reading refuses what cannot be stored, hashed or shown later: invalid UTF-8, NaN and infinities,
integers of thousands of digits, nesting without end. Duplicate keys are allowed, as every parser
allows them, and can be listed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn

from tui_annotate.errors import TaskError

MAX_DEPTH = 200
MAX_DIGITS = 300

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_encode_ascii = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode


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


def loads_value(data: bytes | str, *, on_duplicate: Callable[[str], None] | None = None) -> Any:
    """Parse one JSON value of any type, as strictly as `loads_strict`.

    Raises:
        TaskError: With reason `not-utf8`, `not-json`, `not-finite`, `too-big-number` or `too-deep`.
    """
    text = _decode(data)
    if text.count("[") + text.count("{") > MAX_DEPTH:
        check_depth(text)
    try:
        if on_duplicate is None:
            return _decoder.decode(text)
        return json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
            object_pairs_hook=_pairs(on_duplicate),
        )
    except TaskError:
        raise
    except RecursionError:
        raise TaskError("nested too deeply", reason="too-deep") from None
    except ValueError as error:
        raise TaskError(f"not valid JSON ({_brief(error)})", reason="not-json") from None


def check_depth(text: str) -> None:
    """Raise `TaskError` (`too-deep`) where JSON text nests deeper than `MAX_DEPTH`.

    Parsers recurse; this does not, so it is safe on any text.
    """
    depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise TaskError(f"nested deeper than {MAX_DEPTH} levels", reason="too-deep")
        elif character in "]}":
            depth -= 1


def _decode(data: bytes | str) -> str:
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TaskError(f"not valid UTF-8 at byte {error.start}", reason="not-utf8") from None


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
