"""The hashes are those of published exports, and nothing but content changes them."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.errors import TaskError
from tui_annotate.task.hash_body import DEFAULT_SETTINGS, HashSettings
from tui_annotate.task.hashing import digest, get_hash, identify, set_hashes
from tui_annotate.task.schema import INPUT_HASH, ROW_KEY, TASK_HASH

pytestmark = pytest.mark.quick

CONCERN = "they only last for a few minutes but it still concerns me."
CONCERN_SPANS = [
    {
        "start": 5,
        "label": "TIME",
        "text": "only",
        "source": "core_web_sm",
        "input_hash": 861280820,
        "rank": 2,
        "end": 9,
        "score": 0.018179588478833608,
    }
]
SHARES = {
    "text": "These 3 shares are on sale.",
    "meta": {"source": "TechCrunch", "via": "News API"},
}
VECTORS = [
    ({"text": CONCERN}, "v1", 861280820, None),
    ({"text": CONCERN}, "v2", 861280820, None),
    ({"text": "Play alternative rock."}, "v1", 415108119, None),
    ({"text": "Play alternative rock."}, "v2", 415108119, None),
    ({"text": "We make our data available.", "label": "new-dataset"}, "v1", 1100355967, -361904337),
    ({"text": "We make our data available.", "label": "new-dataset"}, "v2", 1100355967, -361904337),
    ({"text": "RIP", "spans": []}, "v1", 1123044322, -1681904303),
    ({"text": "RIP", "spans": []}, "v2", 1123044322, -1681904303),
    (SHARES, "v1", -2076566857, 256690572),
    ({"text": "450", "meta": {"section": "opiates"}}, "v1", 2013421747, -79256725),
    ({"text": CONCERN, "spans": CONCERN_SPANS}, "v1", 861280820, 2050024794),
    ({"text": CONCERN, "spans": CONCERN_SPANS}, "v2", 861280820, -267870383),
]


@pytest.mark.parametrize(("task", "scheme", "input_hash", "task_hash"), VECTORS)
def test_published_vectors(task: Any, scheme: Any, input_hash: Any, task_hash: Any) -> None:
    hashed = set_hashes(dict(task), scheme=scheme)
    assert hashed[INPUT_HASH] == input_hash
    if task_hash is not None:
        assert hashed[TASK_HASH] == task_hash


def test_get_hash_is_what_set_hashes_sets() -> None:
    task = {"text": CONCERN, "spans": CONCERN_SPANS}
    input_hash = get_hash(task, ("text", "image", "html", "input"))
    assert input_hash == 861280820
    assert get_hash(task, ("spans", "label"), input_hash) == -267870383


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(), max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)
tasks = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(st.characters(), max_size=20),
        "html": json_values,
        "spans": st.lists(json_values, max_size=3),
        "label": json_values,
        "options": json_values,
        "meta": json_values,
    },
)


def reordered(value: Any, draw: Any) -> Any:
    if isinstance(value, dict):
        keys = draw(st.permutations(list(value)))
        return {key: reordered(value[key], draw) for key in keys}
    if isinstance(value, list):
        return [reordered(item, draw) for item in value]
    return value


@given(tasks, st.data(), st.sampled_from(["v1", "v2"]))
@settings(max_examples=150, deadline=None)
def test_key_order_and_json_round_trips_change_nothing(task: Any, data: Any, scheme: Any) -> None:
    chosen = HashSettings(scheme=scheme)
    before = identify(dict(task), chosen)
    assert identify(reordered(task, data.draw), chosen) == before
    assert identify(json.loads(json.dumps(task)), chosen) == before


@given(tasks)
@settings(max_examples=100, deadline=None)
def test_row_references_never_enter_a_hash(task: Any) -> None:
    assert identify({**task, ROW_KEY: 17}) == identify(dict(task))
    assert digest({**task, ROW_KEY: 17}) == digest(task)


@given(tasks)
@settings(max_examples=100, deadline=None)
def test_what_is_added_after_hashing_changes_nothing(task: Any) -> None:
    """Tokens and configuration come after the hashes, which are then kept."""
    first = identify(task)
    enriched = {**task, "tokens": [{"id": 0}], "config": {"labels": ["A"]}, "_view_id": "ner"}
    kept = set_hashes(enriched)
    assert (kept[INPUT_HASH], kept[TASK_HASH]) == (first.input_hash, first.task_hash)


@given(tasks)
@settings(max_examples=100, deadline=None)
def test_overwriting_is_idempotent(task: Any) -> None:
    once = dict(set_hashes(dict(task), overwrite=True))
    assert set_hashes(dict(once), overwrite=True) == once


@given(tasks, st.sampled_from(["v1", "v2"]))
@settings(deadline=None)
def test_rows_of_a_known_shape_get_the_hashes_that_are_set_on_any_task(
    task: Any, scheme: Any
) -> None:
    plan = HashSettings(scheme=scheme)
    for _ in range(2):  # the second time the shape is known
        found = identify(again := dict(task), plan)
        expected = set_hashes(dict(task), scheme=scheme)
        assert again == expected
        assert found[:2] == (expected[INPUT_HASH], expected[TASK_HASH])


@given(tasks, tasks)
@settings(max_examples=150, deadline=None)
def test_keys_are_equal_only_for_equal_inputs(one: Any, other: Any) -> None:
    same = identify(dict(one)).input_key == identify(dict(other)).input_key
    inputs = ("text", "image", "html", "input")
    if any(key in one or key in other for key in inputs):
        taken = [{k: t[k] for k in inputs if k in t} for t in (one, other)]
        hidden = DEFAULT_SETTINGS.ignored
        if not any(word in json.dumps(taken) for word in hidden):
            equal = json.dumps(taken[0], sort_keys=True) == json.dumps(taken[1], sort_keys=True)
            assert same == equal


def test_hashes_survive_a_restart_of_the_process() -> None:
    script = (
        "import json,sys; from tui_annotate import set_hashes;"
        "print(json.dumps(set_hashes(json.loads(sys.argv[1]), task_keys=('spans','label'))))"
    )
    spans = [dict(reversed(list(CONCERN_SPANS[0].items())))]
    results = []
    for seed, task in (
        ("1", {"text": CONCERN, "spans": CONCERN_SPANS}),
        ("2", {"spans": spans, "text": CONCERN}),
    ):
        done = subprocess.run(
            [sys.executable, "-c", script, json.dumps(task)],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            check=True,
        )
        hashed = json.loads(done.stdout)
        results.append((hashed[INPUT_HASH], hashed[TASK_HASH]))
    assert results[0] == results[1] == (861280820, -267870383)


def test_ignored_keys_are_left_out_at_every_depth() -> None:
    plain = {"text": "a", "spans": [{"start": 0, "end": 1, "label": "X"}]}
    scored = {"text": "a", "spans": [{"start": 0, "end": 1, "label": "X", "score": 0.5}]}
    assert identify(dict(plain)) == identify(dict(scored))
    v1 = HashSettings(scheme="v1")
    assert identify(plain, v1) != identify(scored, v1)


def test_present_counts_and_not_truth() -> None:
    with_key, without = {"text": "RIP", "spans": []}, {"text": "RIP"}
    assert identify(with_key).task_hash != identify(without).task_hash


@pytest.mark.parametrize("keys", ["text", "spans"])
def test_a_bare_string_of_keys_is_an_error(keys: Any) -> None:
    with pytest.raises(TaskError, match="not a sequence"):
        get_hash({"text": "a"}, keys)
    with pytest.raises(TaskError, match="not a sequence"):
        set_hashes({"text": "a"}, input_keys=keys)


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), b"bytes", 10**5000, object(), {(1, 2): 3}],
    ids=["nan", "infinity", "bytes", "huge", "object", "tuple-key"],
)
def test_what_json_cannot_hold_is_an_error(value: Any) -> None:
    with pytest.raises(TaskError, match="cannot be hashed"):
        identify({"text": "a", "label": [value]})
    with pytest.raises(TaskError):
        digest({"text": "a", "label": [value]})


def test_endless_nesting_is_an_error_and_a_surrogate_is_not() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(TaskError):
        identify({"text": "a", "label": deep})
    while deep:  # taken apart by hand: the interpreter's own clean-up recurses
        deep = deep[0]
    lone, other = identify({"text": "\ud800"}), identify({"text": "\udfff"})
    assert lone.input_key != other.input_key


@pytest.mark.parametrize("value", ["12", 2**31, True, 1.5])
def test_a_foreign_hash_that_is_none_is_an_error(value: Any) -> None:
    with pytest.raises(TaskError, match="32-bit"):
        identify({"text": "a", TASK_HASH: value})


def test_a_foreign_task_hash_has_no_question_key() -> None:
    found = identify({"text": "a", TASK_HASH: 5})
    assert found.task_hash == 5
    assert found.question_key is None
