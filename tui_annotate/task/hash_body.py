"""The text that the hashes of a task are taken of.

Module `hashing` says how that text is made, and takes the hashes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from json.encoder import encode_basestring_ascii
from operator import itemgetter
from typing import Any, Literal, TypeVar

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.jsonio import encoder
from tui_annotate.task.schema import INPUT_HASH, ROW_KEY, TASK_HASH, Task
from tui_annotate.waiting import TOLD, checked

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
_MOST_KEPT = 256
_MOST_KEYS = 64
"""Of objects with more keys nothing is kept: few are alike, and each takes memory."""

_Kept = TypeVar("_Kept")

INPUT_KEYS: tuple[str, ...] = ("text", "image", "html", "input")
TASK_KEYS: tuple[str, ...] = ("spans", "label", "options", "arcs")
IGNORE: tuple[str, ...] = (
    "score",
    "rank",
    "model",
    "source",
    "pattern",
    "priority",
    "path",
    "_view_id",
    "_session_id",
    "_annotator_id",
    "answer",
)
Scheme = Literal["v1", "v2"]


def key_names(keys: Iterable[str], what: str = "keys") -> tuple[str, ...]:
    """Return `keys` as a tuple.

    Raises:
        TaskError: `bad-keys` for a bare string, as in `("text")` for `("text",)`.
    """
    if isinstance(keys, str):
        raise TaskError(
            f"{what} is the string {keys!r}, not a sequence of strings",
            reason="bad-keys",
            hint=f"Write ({keys!r},)",
        )
    return tuple(keys)


@dataclass(frozen=True, slots=True)
class HashSettings:
    """What a dataset's hashes are taken of.

    Attributes:
        input_keys: The keys that make the input.
        task_keys: The keys that make the question about it.
        ignore: Keys left out at every depth (scheme v2 only).
        scheme: `v2`, or `v1` as in exports from before about 2018.
        hashed_keys, objects: What is hashed of tasks, and of objects inside them, by their keys;
            filled here.
    """

    input_keys: tuple[str, ...] = INPUT_KEYS
    task_keys: tuple[str, ...] = TASK_KEYS
    ignore: tuple[str, ...] = IGNORE
    scheme: Scheme = "v2"
    ignored: frozenset[str] = field(init=False, repr=False, compare=False)
    hashed_keys: dict[tuple[str, ...], HashedKeys] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    objects: dict[tuple[str, ...], BodyForm] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        if self.scheme not in SEPARATORS:
            raise TaskError(f"there is no hash scheme {self.scheme!r}", reason="bad-keys")
        object.__setattr__(self, "input_keys", key_names(self.input_keys, "input_keys"))
        object.__setattr__(self, "task_keys", key_names(self.task_keys, "task_keys"))
        object.__setattr__(self, "ignore", key_names(self.ignore, "ignore"))
        ignored = {ROW_KEY} if self.scheme == "v1" else {*self.ignore, ROW_KEY}
        object.__setattr__(self, "ignored", frozenset(ignored))


DEFAULT_SETTINGS = HashSettings()


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


class BodyForm(NamedTuple):
    """What is hashed of objects with the same keys, without the JSON of their values.

    Attributes:
        template: The text, with `%s` where the JSON of a value stands.
        keys: Whose values those are, in this order.
        select: Gives the JSON of those values from a mapping with that of all, as `%` takes it.
    """

    template: str
    keys: tuple[str, ...]
    select: Callable[[Mapping[str, str]], str | tuple[str, ...]]

    def filled(self, written: Mapping[str, str]) -> str:
        """Return the text with the JSON of the values, of which there may be more than it needs."""
        return self.template % self.select(written)


def _form(template: str, keys: tuple[str, ...]) -> BodyForm:
    # `itemgetter` is much faster than a loop; of one key it gives no tuple, which suits `%` too.
    return BodyForm(template, keys, itemgetter(*keys) if keys else lambda _: ())


class HashedKeys(NamedTuple):
    """What the hashes of tasks with the same keys are taken of; most rows of a source are alike.

    Attributes:
        input, question: What `input_body` and `body_of` return.
        keys: The keys of the task that these two need.
    """

    input: BodyForm
    question: BodyForm
    keys: tuple[str, ...]


def hashed_keys_of(task: Task, settings: HashSettings) -> HashedKeys | None:
    """Return what a task without hashes is hashed of; None where one of its keys is no string."""
    keys = tuple(task)
    found = settings.hashed_keys.get(keys)
    if found is None:
        if not _are_strings(keys):
            return None
        with_hash = (*keys, INPUT_HASH)  # which is set once the question is hashed
        input_form = _parts_form(keys, settings.input_keys) or _whole_form(keys, settings, _HASHES)
        question_form = _parts_form(with_hash, settings.task_keys) or _whole_form(
            with_hash, settings, _TASK_HASH
        )
        needed = dict.fromkeys((*input_form.keys, *question_form.keys))
        needed.pop(INPUT_HASH, None)
        made = HashedKeys(input_form, question_form, tuple(needed))
        found = _remember(settings.hashed_keys, keys, made)
    return found


def _remember(kept: dict[tuple[str, ...], _Kept], keys: tuple[str, ...], made: _Kept) -> _Kept:
    """Keep what was made of a tuple of keys for the next object with the same ones; return it."""
    if len(keys) <= _MOST_KEYS:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[keys] = made
    return made


def _parts_form(keys: tuple[str, ...], wanted: tuple[str, ...]) -> BodyForm | None:
    """Return the parts of those wanted keys that there are; None where there are none."""
    found = tuple(key for key in wanted if key in keys)
    template = "".join(f"{_escaped(_name(key))}=%s" for key in found)
    return _form(template, found) if found else None


def _whole_form(keys: Iterable[str], settings: HashSettings, without: frozenset[str]) -> BodyForm:
    """Return all of an object but some of its keys.

    Raises:
        TypeError: A key is no string.
    """
    between, behind = SEPARATORS[settings.scheme]
    left_out = settings.ignored | without
    kept = tuple(key for key in sorted(keys) if key not in left_out)
    pairs = (f"{_escaped(encode_basestring_ascii(key))}{behind}%s" for key in kept)
    return _form(f"{{{between.join(pairs)}}}", kept)


def _escaped(name: str) -> str:
    return name.replace("%", "%%")


def written_values(task: Task, keys: Iterable[str], settings: HashSettings) -> dict[str, str]:
    """Return the JSON of what a task has under some of its keys.

    Raises:
        TaskError: `not-json` for values without a JSON form.
    """
    encode = encode_basestring_ascii
    return {
        # Most values are strings, and are spared a call.
        key: encode(value) if (value := task[key]).__class__ is str else _dumps(value, settings)
        for key in keys
    }


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
    found = [key for key in keys if key in task]
    written |= written_values(task, [key for key in found if key not in written], settings)
    return "".join([f"{_name(key)}={written[key]}" for key in found])


def _whole(
    task: Task, without: frozenset[str], settings: HashSettings, written: dict[str, str]
) -> str:
    """Return a task's JSON without some of its keys; what is `written` is not written again."""
    try:
        form = _whole_form(task, settings, without)
    except TypeError:
        return _dumps({k: v for k, v in task.items() if k not in without}, settings)
    written |= written_values(task, [key for key in form.keys if key not in written], settings)
    return form.filled(written)


def _object_json(value: dict[str, Any], settings: HashSettings) -> str:
    """Return the JSON of a dict inside a task, such as `meta`: mostly one with keys that were met
    before.

    Raises:
        TypeError: A key is no string.
        TaskError: `not-json` for values without a JSON form.
    """
    keys = tuple(value)
    form = settings.objects.get(keys)
    if form is None:
        form = _remember(settings.objects, keys, _whole_form(keys, settings, _NOTHING))
    return form.template % tuple([_dumps(value[key], settings) for key in form.keys])


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
            try:
                return _object_json(value, settings)
            except TypeError:  # a key is no string
                pass
        return ENCODERS[settings.scheme](strip(value, settings.ignored))
    except (TypeError, ValueError, RecursionError) as error:
        raise TaskError(f"a value that cannot be hashed ({error})", reason="not-json") from None


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
