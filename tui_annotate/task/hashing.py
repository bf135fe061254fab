"""Identity: the 32-bit hashes that Prodigy exports carry, and 16-byte keys beside them.

    part(k)      = k + "=" + dumps(strip(task[k]))
    body(keys)   = the parts of the keys that the task has, in the order of `keys`;
                   where it has none of them, dumps(strip(task)), the whole task
    _input_hash  = mmh3(body(input_keys))
    _task_hash   = mmh3(str(_input_hash) + body(task_keys))

`strip` leaves out the ignored keys at every depth. `dumps` is JSON with sorted keys and escaped
non-ASCII, so no hash ever depends on the order of keys and none ever sees a lone surrogate. The
16-byte keys are BLAKE2b over the same strings: 32 bits collide among 100,000 inputs with
probability 0.69, and a collision would be a task that is silently never asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import mmh3

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.hash_body import (
    DEFAULT_SETTINGS,
    ENCODERS,
    IGNORE,
    INPUT_KEYS,
    TASK_KEYS,
    HashedKeys,
    HashSettings,
    Scheme,
    body_of,
    hashed_keys_of,
    input_body,
    key_names,
    strip,
    written_values,
)
from tui_annotate.task.schema import INPUT_HASH, TASK_HASH, Task

try:
    from _blake2 import blake2b
except ImportError:  # an interpreter that has it elsewhere
    from hashlib import blake2b

__all__ = ["blake2b"]


class Identity(NamedTuple):
    """Who a task is.

    Attributes:
        input_hash, task_hash: Signed 32 bit, shared with Prodigy.
        input_key: 16 bytes; two inputs are the same if and only if these are.
        question_key: 16 bytes, or None where only the foreign task hash is known. Imported answers
            to "all spans of this text" have one of `whole_question`.
    """

    input_hash: int
    task_hash: int
    input_key: bytes
    question_key: bytes | None


def get_hash(
    task: Task,
    keys: Sequence[str],
    prefix: str | int = "",
    ignore: Iterable[str] = IGNORE,
    scheme: Scheme = "v2",
) -> int:
    """Return the signed 32-bit hash of `task` over `keys`.

    Args:
        task: The task; it is not changed.
        keys: Names of the keys to hash. Where the task has none of them, all of it is hashed.
        prefix: Put in front of what is hashed: the input hash, for a task hash.
        ignore: Keys left out at every depth.
        scheme: `v2`, or `v1` for the spacing of exports from before about 2018.

    Raises:
        TaskError: `bad-keys` for a bare string, `not-json` for values without a JSON form.
    """
    settings = HashSettings(ignore=key_names(ignore, "ignore"), scheme=scheme)
    return mmh3.hash(f"{prefix}{body_of(task, key_names(keys), settings, {})}".encode("ascii"))


def set_hashes(
    task: Task,
    input_keys: Sequence[str] = INPUT_KEYS,
    task_keys: Sequence[str] = TASK_KEYS,
    ignore: Sequence[str] = IGNORE,
    overwrite: bool = False,
    scheme: Scheme = "v2",
) -> Task:
    """Set `_input_hash` and `_task_hash` on `task` and return it.

    Args:
        task: The task; changed in place.
        input_keys: The keys that make the input.
        task_keys: The keys that make the question.
        ignore: Keys left out at every depth.
        overwrite: Take both anew; otherwise hashes that are there already are kept.
        scheme: `v2`, or `v1` for exports from before about 2018.

    Raises:
        TaskError: `bad-keys` for a bare string, `not-json` for values without a JSON form.
    """
    settings = HashSettings(
        key_names(input_keys, "input_keys"),
        key_names(task_keys, "task_keys"),
        key_names(ignore, "ignore"),
        scheme,
    )
    if overwrite:
        task.pop(INPUT_HASH, None)
        task.pop(TASK_HASH, None)
    if INPUT_HASH not in task:
        task[INPUT_HASH] = mmh3.hash(input_body(task, settings, {}).encode("ascii"))
    if TASK_HASH not in task:
        body = f"{task[INPUT_HASH]}{body_of(task, settings.task_keys, settings, {})}"
        task[TASK_HASH] = mmh3.hash(body.encode("ascii"))
    return task


def has_input(task: Task, settings: HashSettings = DEFAULT_SETTINGS) -> bool:
    """Return whether a task has one of the keys that make its input."""
    return not task.keys().isdisjoint(settings.input_keys)


def identify(task: Task, settings: HashSettings = DEFAULT_SETTINGS) -> Identity:
    """Return the identity of a task, and set the hashes it lacks on it.

    Hashes that the task carries are kept. A carried task hash says nothing about what it was
    taken of, so such a task has no question key.

    Raises:
        TaskError: `bad-hash` for hashes that are not 32-bit integers, `not-json`.
    """
    written: dict[str, str] = {}
    if INPUT_HASH not in task and TASK_HASH not in task:
        keys = hashed_keys_of(task, settings)
        if keys is not None:
            return _identify_by(task, keys, settings)
    # The input's key is taken of it also where its hash is carried.
    body = input_body(task, settings, written).encode("ascii")
    input_hash = _carried(task, INPUT_HASH) if INPUT_HASH in task else None
    if input_hash is None:
        input_hash = task[INPUT_HASH] = mmh3.hash(body)
    input_key = blake2b(body, digest_size=16).digest()
    task_hash = _carried(task, TASK_HASH) if TASK_HASH in task else None
    if task_hash is not None:
        return Identity(input_hash, task_hash, input_key, None)
    question = b"%d%b" % (
        input_hash,
        body_of(task, settings.task_keys, settings, written).encode("ascii"),
    )
    task_hash = task[TASK_HASH] = mmh3.hash(question)
    question_key = blake2b(question, digest_size=16).digest()
    return Identity(input_hash, task_hash, input_key, question_key)


def _identify_by(task: Task, keys: HashedKeys, settings: HashSettings) -> Identity:
    """Return the identity of a task without hashes, and set its hashes.

    Args:
        task: The task.
        keys: What is hashed of it.
        settings: What is left out at every depth.
    """
    written = written_values(task, keys.keys, settings)
    body = keys.input.filled(written).encode("ascii")
    input_hash = task[INPUT_HASH] = mmh3.hash(body)
    written[INPUT_HASH] = prefix = str(input_hash)
    question = (prefix + keys.question.filled(written)).encode("ascii")
    task_hash = task[TASK_HASH] = mmh3.hash(question)
    input_key = blake2b(body, digest_size=16).digest()
    return Identity(input_hash, task_hash, input_key, blake2b(question, digest_size=16).digest())


def input_key_of(task: Task, settings: HashSettings) -> bytes:
    """Return the 16 bytes that name the input of a task, whatever hashes it carries.

    Raises:
        TaskError: `not-json` for values without a JSON form.
    """
    body = input_body(task, settings, {}).encode("ascii")
    return blake2b(body, digest_size=16).digest()


WHOLE_MARK = b"all\0"
"""The first bytes of the question keys that `whole_question` makes."""


def whole_question(input_key: bytes, view_id: str) -> bytes:
    """Return the 16 bytes that name the question for everything of a kind in an input.

    They begin with `WHOLE_MARK`, so that the store can tell them from those of other questions.

    Args:
        input_key: The 16 bytes that name the input.
        view_id: The view; empty for a file's rows that name none, which are taken as `ner_manual`.
    """
    state = blake2b(input_key, digest_size=16 - len(WHOLE_MARK))
    state.update((view_id or "ner_manual").encode("utf-8", "surrogatepass"))
    return WHOLE_MARK + state.digest()


def digest(task: Task, settings: HashSettings = DEFAULT_SETTINGS) -> bytes:
    """Return 16 bytes that name a whole question: equal if and only if all that is shown is.

    Raises:
        TaskError: `not-json` for values without a JSON form.
    """
    hidden = frozenset((*settings.ignored, INPUT_HASH, TASK_HASH))
    try:
        body = ENCODERS["v2"](strip(task, hidden))
    except (TypeError, ValueError, RecursionError) as error:
        raise TaskError(f"a value that cannot be hashed ({error})", reason="not-json") from None
    return blake2b(body.encode("ascii"), digest_size=16).digest()


def _carried(task: Task, key: str) -> int | None:
    value = task.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**31) <= value < 2**31:
        raise TaskError(f"`{key}` is not a signed 32-bit integer", reason="bad-hash")
    return value
