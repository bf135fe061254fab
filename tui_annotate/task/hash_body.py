"""What the hashes of a task are taken of, as text; module `hashing` says what that is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from json.encoder import encode_basestring_ascii
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.jsonio import encoder
from tui_annotate.task.schema import INPUT_HASH, TASK_HASH, Task
from tui_annotate.waiting import TOLD, checked

if TYPE_CHECKING:
    from tui_annotate.task.hashing import HashSettings

SEPARATORS: dict[str, tuple[str, str]] = {"v1": (", ", ": "), "v2": (",", ":")}
ENCODERS = {
    scheme: encoder(ensure_ascii=True, sort_keys=True, separators=separators)
    for scheme, separators in SEPARATORS.items()
}
_CONTAINERS = (dict, list, tuple)
_STRINGS = frozenset((str,))
_SCALARS = frozenset((str, int, float, bool, type(None)))
_HASHES = frozenset((INPUT_HASH, TASK_HASH))
_TASK_HASH = frozenset((TASK_HASH,))
_NOTHING: frozenset[str] = frozenset()
_MOST_SHAPES = 256


def input_body(task: Task, settings: HashSettings, written: dict[str, str]) -> str:
    """Return what the input hash is taken of.

    Args:
        task: The task; it is not changed.
        settings: The keys of the input.
        written: The JSON of values that was written already; gets that of the input's.

    Raises:
        TaskError: `not-json` for values without a JSON form.
    """
    # The whole task stands for a missing input, but never hashes of an earlier time.
    parts = _parts(task, settings.input_keys, settings, written)
    return parts or _whole(task, _HASHES, settings, written)


class HashedKeys(NamedTuple):
    """What the hashes of tasks with the same keys are taken of; most rows of a source are alike.

    Attributes:
        input: The keys of the input and what stands before their JSON; none where it is the whole.
        question: The same for the question.
        whole_input, whole_question: The same where the whole task stands for what is missing.
    """

    input: tuple[tuple[str, str], ...]
    question: tuple[tuple[str, str], ...]
    whole_input: tuple[tuple[str, str], ...]
    whole_question: tuple[tuple[str, str], ...]


def shape_of(task: Task, settings: HashSettings) -> HashedKeys | None:
    """Return the shape of a task without hashes; None where one of its keys is no string."""
    keys = tuple(task)
    found = settings.shapes.get(keys)
    if found is None:
        if not _are_strings(keys):
            return None
        if len(settings.shapes) >= _MOST_SHAPES:
            settings.shapes.clear()
        found = settings.shapes[keys] = HashedKeys(
            _named(keys, settings.input_keys),
            # The input hash is set by then.
            _named((*keys, INPUT_HASH), settings.task_keys),
            _sorted(keys, settings, _HASHES),
            _sorted({*keys, INPUT_HASH}, settings, _TASK_HASH),
        )
    return found


def _named(keys: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((key, f"{_name(key)}=") for key in wanted if key in keys)


def _sorted(
    keys: Iterable[str], settings: HashSettings, without: frozenset[str]
) -> tuple[tuple[str, str], ...]:
    behind = SEPARATORS[settings.scheme][1]
    left_out = settings.ignored | without
    kept = (key for key in sorted(keys) if key not in left_out)
    return tuple((key, f"{encode_basestring_ascii(key)}{behind}") for key in kept)


def shaped_body(
    task: Task,
    parts: tuple[tuple[str, str], ...],
    whole: tuple[tuple[str, str], ...],
    settings: HashSettings,
    written: dict[str, str],
) -> str:
    """Return what `input_body` and `body_of` do, for a task whose shape is known.

    Args:
        task: The task; it is not changed.
        parts: The keys that are hashed, of its shape.
        whole: What is hashed where there are none.
        settings: What is left out at every depth.
        written: The JSON of values that was written already; gets that of these.

    Raises:
        TaskError: `not-json` for values without a JSON form.
    """
    found = []
    for key, before in parts or whole:
        value = written.get(key)
        if value is None:
            value = written[key] = _dumps(task[key], settings)
        found.append(before + value)
    if parts:
        return "".join(found)
    return f"{{{SEPARATORS[settings.scheme][0].join(found)}}}"


def body_of(
    task: Task, keys: tuple[str, ...], settings: HashSettings, written: dict[str, str]
) -> str:
    """Return what is hashed of a task for some of its keys; all of it where it has none of them.

    Raises:
        TaskError: `not-json` for values without a JSON form.
    """
    return _parts(task, keys, settings, written) or _whole(task, _TASK_HASH, settings, written)


def _parts(task: Task, keys: Iterable[str], settings: HashSettings, written: dict[str, str]) -> str:
    """Return the parts of those keys that the task has; `written` has, and gets, their JSON."""
    parts = ""
    for key in keys:
        if key in task:
            value = written.get(key)
            if value is None:
                value = written[key] = _dumps(task[key], settings)
            parts += f"{_name(key)}={value}"
    return parts


def _whole(
    task: Task, without: frozenset[str], settings: HashSettings, written: dict[str, str]
) -> str:
    """Return a task's JSON without some of its keys; what is `written` is not written again."""
    try:
        return _object(task, settings, without, written)
    except TypeError:
        return _dumps({k: v for k, v in task.items() if k not in without}, settings)


def _object(
    value: dict[str, Any],
    settings: HashSettings,
    without: frozenset[str] = _NOTHING,
    written: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the JSON of a dict; most are small, and this is the quickest way then.

    Args:
        value: The dict.
        settings: What is left out at every depth.
        without: What else is left out of this one.
        written: The JSON of values that was written already.

    Raises:
        TypeError: Where a key is no string.
        TaskError: `not-json` for values without a JSON form.
    """
    between, behind = SEPARATORS[settings.scheme]
    ignored = settings.ignored
    pairs = []
    for key in sorted(value):
        if key not in ignored and key not in without:
            json_ = written.get(key)
            if json_ is None:
                json_ = _dumps(value[key], settings)
            pairs.append(f"{encode_basestring_ascii(key)}{behind}{json_}")
    return f"{{{between.join(pairs)}}}"


@cache
def _name(key: str) -> str:
    return key if key.isascii() else encode_basestring_ascii(key)[1:-1]


def _dumps(value: Any, settings: HashSettings) -> str:
    kind = value.__class__
    if kind is str:
        return encode_basestring_ascii(value)
    try:
        if kind is int:
            return str(value)
        if kind is dict:
            return _of_dict(value, settings)
        return ENCODERS[settings.scheme](strip(value, settings.ignored))
    except (TypeError, ValueError, RecursionError) as error:
        raise TaskError(f"a value that cannot be hashed ({error})", reason="not-json") from None


def _of_dict(value: dict[Any, Any], settings: HashSettings) -> str:
    try:
        return _object(value, settings)
    except TypeError:
        return ENCODERS[settings.scheme](strip(value, settings.ignored))


def strip(value: Any, ignored: frozenset[str]) -> Any:
    """Leave out the ignored keys; name keys as JSON would, so that a round trip changes nothing."""
    if isinstance(value, dict):
        if value.__class__ is dict and _are_strings(value):
            if not ignored.isdisjoint(value):
                value = {key: item for key, item in value.items() if key not in ignored}
            return _strip_inside(value, ignored)
        return {
            _json_key(key): strip(item, ignored)
            for key, item in value.items()
            if key not in ignored
        }
    if isinstance(value, (list, tuple)):
        # Whoever leaves does not wait for a row of hundreds of thousands of spans.
        items = value if len(value) <= TOLD else checked(value)
        return [strip(item, ignored) if isinstance(item, _CONTAINERS) else item for item in items]
    return value


def _strip_inside(value: dict[str, Any], ignored: frozenset[str]) -> dict[str, Any]:
    """Strip what is inside a dict that has nothing to be left out itself."""
    if _SCALARS.issuperset(map(type, value.values())):
        return value
    inner = [key for key, item in value.items() if isinstance(item, _CONTAINERS)]
    if not inner:
        return value
    return value | {key: strip(value[key], ignored) for key in inner}


def _are_strings(keys: Iterable[Any]) -> bool:
    return _STRINGS.issuperset(map(type, keys))


def _json_key(key: Any) -> str:
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, (bool, int, float)):
        return json.dumps(key, allow_nan=False)
    raise TypeError(f"a {type(key).__name__} as a key")
