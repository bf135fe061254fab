from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from copy import copy, deepcopy
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.stream.model import Recipe, Store
from tui_annotate.errors import RecipeError, SourceError
from tui_annotate.sources.base import START, SourceChange
from tui_annotate.sources.registry import open_source
from tui_annotate.store.records import Drop
from tui_annotate.stream.drops import LISTED
from tui_annotate.stream.ledger import Ledger
from tui_annotate.stream.records import Asked, Exclusion, Policy
from tui_annotate.stream.resume import Resume, plan_resume, sentence
from tui_annotate.stream.stream import get_stream
from tui_annotate.task.hashing import Identity, identify, set_hashes
from tui_annotate.task.schema import INPUT_HASH, ROW_KEY, TASK_HASH, Task

pytestmark = pytest.mark.quick


def write(folder: Path, rows: Iterable[Any]) -> Path:
    path = folder / "data.jsonl"
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("".join(line + "\n" for line in lines))
    return path


def texts(*names: str) -> list[dict[str, str]]:
    return [{"text": name} for name in names]


def plain(ledger: Ledger) -> Iterator[Asked]:
    return ledger.outgoing(ledger.incoming())


def settle_all(ledger: Ledger, stream: Iterator[Asked]) -> list[str]:
    asked = []
    for item in stream:
        asked.append(item.task["text"])
        ledger.settle(item)
    return asked


def test_a_recipe_that_reads_256_rows_ahead_and_is_killed_after_one_answer(tmp_path: Path) -> None:
    path = write(tmp_path, texts(*(f"row {n}" for n in range(1, 1001))))
    recipe = Recipe(window=256)

    def unchanged(rows: Iterable[Task]) -> Iterator[Task]:
        window = []
        for row in rows:
            window.append(row)
            if len(window) == 256:
                yield from window
                window.clear()
        yield from window

    for policy in (Policy(), recipe.policy):
        store = Store()
        ledger = store.ledger(open_source(path), policy)
        stream = ledger.outgoing(unchanged(ledger.incoming()))
        first, second = next(stream), next(stream)
        assert (first.row, second.row) == (1, 2)
        assert ledger.counts.read == 256
        store.commit(ledger, first)
        assert store.cursor.row == 1
        ledger = store.ledger(open_source(path), policy)
        stream = ledger.outgoing(unchanged(ledger.incoming()))
        rest = settle_all(ledger, stream)
        assert rest == [f"row {n}" for n in range(2, 1001)]
        assert ledger.cursor().row == 1000
        assert ledger.counts.found == 0


def test_a_row_half_way_through_its_tasks_holds_the_cursor(tmp_path: Path) -> None:
    path = write(tmp_path, texts("a2", "b2"))
    recipe = Recipe()
    store = Store()
    ledger = store.ledger(open_source(path), recipe.policy)
    stream = ledger.outgoing(recipe(ledger.incoming()))
    store.commit(ledger, next(stream))
    assert store.cursor == START
    ledger = store.ledger(open_source(path), recipe.policy)
    left = [item.task["label"] for item in ledger.outgoing(recipe(ledger.incoming()))]
    assert left == ["1", "0", "1"]


def test_drops_are_ranges_and_listed_once_the_cursor_has_passed(tmp_path: Path) -> None:
    rows = ["{", "{", *texts("a", "x", "x", "x"), '{"n": 1}', *texts("b", "y", "c")]
    known = {identify({"text": name}).input_key for name in "xy"}
    ledger = Ledger(
        open_source(write(tmp_path, rows)),
        policy=Policy(ordered=True),
        known=lambda i, _: Exclusion("excluded", "by old_set") if i.input_key in known else None,
    )
    stream = plain(ledger)
    first, second = next(stream), next(stream)
    assert [drop.first_row for drop in ledger.take_drops()] == [1, 2]
    assert ledger.take_drops() == []
    ledger.settle(second)
    assert ledger.take_drops() == []
    ledger.settle(first)
    assert next(stream).task["text"] == "c"
    taken = ledger.take_drops()
    assert [(d.kind, d.reason, d.first_row, d.last_row, d.count) for d in taken] == [
        ("policy", "excluded", 4, 6, 3),
        ("bad", "no-input", 7, 7, 1),
        ("policy", "excluded", 9, 9, 1),
    ]
    assert (taken[0].first_line, taken[0].last_line) == (4, 6)
    ledger.give_back_drops(taken)
    assert ledger.take_drops() == taken
    assert ledger.counts.reasons == {"not-json": 2, "excluded": 4, "no-input": 1}


def test_rows_the_recipe_leaves_out_are_filtered(tmp_path: Path) -> None:
    path = write(tmp_path, texts("a", "b", "c", "d"))
    for ordered in (True, False):
        ledger = Ledger(open_source(path), policy=Policy(ordered=ordered))
        stream = ledger.outgoing(t for t in ledger.incoming() if t["text"] in "ac")
        for _ in range(2):
            ledger.settle(next(stream))
        assert ledger.cursor().row == (2 if ordered else 1)
        assert next(stream, None) is None
        assert ledger.cursor().row == 4
        drops = ledger.take_drops()
        assert [(d.reason, d.first_row) for d in drops] == [("filtered", 2), ("filtered", 4)]


def test_equal_rows_are_asked_once_or_kept(tmp_path: Path) -> None:
    path = write(tmp_path, texts("a", "b", "a"))
    ledger = Ledger(open_source(path))
    assert settle_all(ledger, plain(ledger)) == ["a", "b"]
    assert ledger.take_drops() == [Drop("policy", "same-task", 3, 3, 3, 3)]
    ledger = Ledger(open_source(path), policy=Policy(keep_duplicates=True))
    assert settle_all(ledger, plain(ledger)) == ["a", "b", "a"]


def test_excluded_by_input_another_question_about_it_is_not_asked(tmp_path: Path) -> None:
    rows = [{"text": "a", "label": "X"}, {"text": "a", "label": "Y"}]
    path = write(tmp_path, rows)
    assert len(list(plain(Ledger(open_source(path))))) == 2
    ledger = Ledger(open_source(path), policy=Policy(exclude_by="input"))
    assert len(list(plain(ledger))) == 1
    assert ledger.counts.reasons == {"same-input": 1}
    policy = Policy(exclude_by="input", auto_exclude=False)
    assert len(list(plain(Ledger(open_source(path), policy=policy)))) == 2


def test_excluded_by_input_the_tasks_of_one_row_do_not_exclude_each_other(tmp_path: Path) -> None:
    path = write(tmp_path, texts("a3"))
    recipe = Recipe()
    policy = recipe.policy._replace(exclude_by="input")
    store = Store()
    for expected in (3, 2, 1):
        ledger = store.ledger(open_source(path), policy)
        stream = list(ledger.outgoing(recipe(ledger.incoming())))
        assert len(stream) == expected
        store.answers.append((stream[0].identity, stream[0].row))


def test_two_inputs_with_one_hash_are_both_asked(tmp_path: Path) -> None:
    seen: dict[int, str] = {}
    pair: tuple[str, str] | None = None
    number = 0
    while pair is None:
        text = f"text {number}"
        value = set_hashes({"text": text})[INPUT_HASH] & 0xFFFFFFFF
        if value in seen:
            pair = seen[value], text
        seen[value] = text
        number += 1
    store = Store()
    ledger = store.ledger(open_source(write(tmp_path, texts(*pair))), Policy(exclude_by="input"))
    stream = plain(ledger)
    first = next(stream)
    store.commit(ledger, first)
    assert next(stream).identity.input_hash == first.identity.input_hash


def test_hashes_that_rows_carry(tmp_path: Path) -> None:
    own = set_hashes({"text": "a"})
    rows = [
        own,
        {"text": "b", INPUT_HASH: 1, TASK_HASH: 2},
        {**set_hashes({"text": "c"}), TASK_HASH: 5},
        {"text": "d", INPUT_HASH: "x"},
    ]
    path = write(tmp_path, rows)
    ledger = Ledger(open_source(path))
    a, b, c, d = list(plain(ledger))
    assert a.identity == identify({"text": "a"})
    assert b.identity == identify({"text": "b"})
    assert (c.identity.task_hash, c.identity.question_key) == (5, None)
    assert d.identity == identify({"text": "d"})
    for asked in (a, b, c, d):
        assert asked.task[TASK_HASH] == asked.identity.task_hash
        assert asked.task[INPUT_HASH] == asked.identity.input_hash
        assert ROW_KEY not in asked.task
        ledger.settle(asked)
    assert [(n.reason, n.first_row) for n in ledger.take_drops()] == [
        ("foreign-hash", 2),
        ("foreign-hash", 4),
    ]
    again = Ledger(open_source(path), policy=Policy(rehash=True))
    assert [asked.identity.question_key is None for asked in plain(again)] == [False] * 4


def test_the_identity_is_taken_before_the_recipe_adds_to_the_task(tmp_path: Path) -> None:
    path = write(tmp_path, texts("a", "b"))

    def enrich(rows: Iterable[Task]) -> Iterator[Task]:
        for row in rows:
            row["spans"] = [{"start": 0, "end": 1, "label": "X"}]
            yield row if row["text"] == "a" else set_hashes(row, overwrite=True)

    ledger = Ledger(open_source(path))
    a, b = list(ledger.outgoing(enrich(ledger.incoming())))
    assert a.identity == identify({"text": "a"})
    assert b.identity != identify({"text": "b"})
    assert b.identity.question_key is not None


def test_a_recipe_that_loses_the_references_resumes_by_key(tmp_path: Path) -> None:
    path = write(tmp_path, texts("a", "b", "c"))
    store = Store()
    for expected in (["a", "b", "c"], ["b", "c"]):
        ledger = store.ledger(open_source(path), Policy(ordered=True))
        stream = list(ledger.outgoing({"text": row["text"]} for row in ledger.incoming()))
        assert [asked.task["text"] for asked in stream] == expected
        assert all(asked.row is None for asked in stream)
        store.commit(ledger, stream[0])
        assert store.cursor == START
    for asked in stream:
        store.commit(ledger, asked)
    assert ledger.cursor().row == 3
    assert ledger.counts.untracked == 3
    assert [drop.reason for drop in store.drops].count("lost-reference") == 1


def test_a_recipe_that_comes_back_to_a_row_is_told_of(tmp_path: Path) -> None:
    def back(rows: Iterable[Task]) -> Iterator[Task]:
        first, second = rows
        yield {**first, "label": "1"}
        yield second
        yield {**first, "label": "2"}

    ledger = Ledger(open_source(write(tmp_path, texts("a", "b"))))
    labels = []
    for asked in ledger.outgoing(back(ledger.incoming())):
        labels.append(asked.task.get("label"))
        ledger.settle(asked)
    assert labels == ["1", None, "2"]
    assert "scattered" in [drop.reason for drop in ledger.take_drops()]
    assert ledger.counts.open == 0


def test_what_no_task_can_be_is_dropped_or_refused(tmp_path: Path) -> None:
    path = write(tmp_path, texts("a", "b"))
    ledger = Ledger(open_source(path))
    bad = ({**row, "spans": [object()]} for row in ledger.incoming())
    assert [asked.task["text"] for asked in ledger.outgoing(bad)] == []
    assert ledger.counts.reasons == {"not-json": 2}
    ledger = Ledger(open_source(path))
    with pytest.raises(RecipeError, match="str, not a task"):
        list(ledger.outgoing(row["text"] for row in ledger.incoming()))
    with pytest.raises(RecipeError, match="twice"):
        list(ledger.incoming())


class Offset:
    """A number of another library, such as those of numpy."""

    def __init__(self, value: int) -> None:
        self.value = value

    def tolist(self) -> int:
        return self.value


def test_what_a_recipe_means_as_json_is_asked_as_json(tmp_path: Path) -> None:
    def spans() -> list[Any]:
        return [{"start": Offset(0), "end": Offset(1), "label": "X"}]

    path = write(tmp_path, texts("a", "b"))
    ledger = Ledger(open_source(path), own_code=True)
    given = ({**row, "spans": spans(), "seen": {"x"}} for row in ledger.incoming())
    tasks = [asked.task for asked in ledger.outgoing(given)]
    assert [task["spans"] for task in tasks] == [[{"start": 0, "end": 1, "label": "X"}]] * 2
    assert [task["seen"] for task in tasks] == [["x"]] * 2


@pytest.mark.parametrize("rows", [100, 150, 3, 1])
def test_rows_that_all_fail_alike_stop_with_what_would_help(tmp_path: Path, rows: int) -> None:
    bad = [{"id": n, "content": "some text", "created": "2020"} for n in range(rows)]
    many = {1: "the only row", 3: "all 3 rows"}.get(rows, "100 rows")
    ledger = Ledger(open_source(write(tmp_path, bad)))
    with pytest.raises(SourceError) as caught:
        list(plain(ledger))
    assert caught.value.what == f"no `text` in {many}; keys: id, content, created"
    assert caught.value.hint == "Try `--text-field content`"


def test_one_good_row_or_another_reason_goes_on(tmp_path: Path) -> None:
    bad = [{"content": "x"}] * 120
    for rows in ([*texts("a"), *bad], [*bad[:50], "{", *bad, *texts("a")]):
        ledger = Ledger(open_source(write(tmp_path, rows)))
        assert settle_all(ledger, plain(ledger)) == ["a"]
        assert ledger.counts.dropped == len(rows) - 1


def test_files_without_any_row(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no rows"):
        list(plain(Ledger(open_source(write(tmp_path, ["", " "])))))
    (tmp_path / "data.jsonl").write_text('{"text": "a')
    with pytest.raises(SourceError, match="no newline"):
        list(plain(Ledger(open_source(tmp_path / "data.jsonl"))))


def test_strict_stops_at_the_first_bad_row(tmp_path: Path) -> None:
    path = write(tmp_path, [*texts("a"), "", "{"])
    ledger = Ledger(open_source(path), policy=Policy(strict=True))
    stream = plain(ledger)
    assert next(stream).task["text"] == "a"
    with pytest.raises(SourceError, match=r"data\.jsonl:3: not valid JSON"):
        next(stream)


def test_an_incomplete_last_line_is_no_drop(tmp_path: Path) -> None:
    path = write(tmp_path, texts("a"))
    with path.open("a") as file:
        file.write('{"text": "b')
    store = Store()
    ledger = store.ledger(open_source(path), Policy())
    settle_all(ledger, plain(ledger))
    store.commit(ledger)
    assert ledger.incomplete is not None
    assert (ledger.counts.read, ledger.counts.dropped) == (1, 0)
    assert store.drops == []
    with path.open("a") as file:
        file.write('ig"}\n')
    ledger = store.ledger(open_source(path), Policy())
    assert ledger.resume.change is SourceChange.GROWN
    assert [asked.task["text"] for asked in plain(ledger)] == ["big"]


def test_a_changed_source_is_read_again_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path, texts("a", "b", "c"))
    store = Store()
    ledger = store.ledger(open_source(path), Policy())
    for asked in plain(ledger):
        store.commit(ledger, asked)
    write(tmp_path, texts("new", "c", "a"))
    ledger = store.ledger(open_source(path), Policy())
    assert ledger.resume[:2] == (START, SourceChange.CHANGED)
    before = ledger.gone
    assert before is None
    assert [asked.task["text"] for asked in plain(ledger)] == ["new"]
    assert (ledger.counts.found, ledger.gone) == (2, 1)
    told = sentence(ledger.resume, "data.jsonl", found=2, gone=1)
    assert told == (
        "data.jsonl has changed (edited); read again from the start: "
        "2 settled before, not asked again, 1 no longer there"
    )


def test_where_a_session_starts(tmp_path: Path) -> None:
    path = write(tmp_path, texts("a", "b"))
    source = open_source(path)
    first = next(iter(source.rows()))
    stored = source.fingerprint(first.end)
    assert plan_resume(open_source(path)) == Resume()
    assert plan_resume(open_source(path), first.end, stored) == Resume(first.end, SourceChange.SAME)
    write(tmp_path, texts("a", "b", "c"))
    grown = plan_resume(open_source(path), first.end, stored)
    assert grown == Resume(first.end, SourceChange.GROWN)
    assert "not verified in full" in sentence(grown, "data.jsonl")
    assert sentence(Resume(), "data.jsonl") == ""


def test_answers_given_elsewhere_are_not_taken_for_this_scopes_own(tmp_path: Path) -> None:
    path = write(tmp_path, texts("a"))
    own = identify({"text": "a"})
    stale = Identity(own.input_hash, own.task_hash, own.input_key[:8] + b"0" * 8, own.question_key)
    ledger = Ledger(open_source(path), settled=[(stale, 1)], answered=lambda _: False)
    assert [asked.task["text"] for asked in plain(ledger)] == ["a"]


def test_what_was_never_met_is_asked_without_further_questions(tmp_path: Path) -> None:
    path = write(tmp_path, texts("a", "b"))
    b = identify({"text": "b"})
    looked_up: list[Identity] = []

    def known(identity: Identity, wanted: int | None) -> Exclusion:
        looked_up.append(identity)
        return Exclusion("excluded", "by x")

    ledger = Ledger(open_source(path), met=lambda identity: identity == b, known=known)
    assert [asked.task["text"] for asked in plain(ledger)] == ["a"]
    assert looked_up == [b]


def test_memory_is_bounded_by_rows_in_flight(tmp_path: Path) -> None:
    path = write(tmp_path, texts(*(f"{n}" for n in range(3000))))
    ledger = Ledger(
        open_source(path),
        known=lambda i, _: None if i.input_hash % 1000 == 0 else Exclusion("excluded", "by x"),
    )
    held = 0
    for asked in plain(ledger):
        held = max(held, ledger.counts.open)
        ledger.settle(asked)
    assert ledger.counts.dropped > 2900
    assert held <= 2
    assert len(ledger.take_drops()) <= 2 * ledger.counts.settled + 1


@pytest.mark.parametrize("every", [1, 2], ids=["all", "every second one"])
def test_of_many_bad_rows_few_are_kept_in_memory(tmp_path: Path, every: int) -> None:
    bad = [f'{{"a": {n}' for n in range(6_000)]
    answered = [json.dumps({"text": f"{n}"}) for n in range(6_000)] if every == 2 else []
    rows = [each for pair in zip(bad, answered, strict=True) for each in pair] if answered else bad
    first, last = ({"text": "first"}, {"text": "last"})
    path = write(tmp_path, [first, *rows, last])
    wanted = [identify(first), identify(last)]
    ledger = Ledger(
        open_source(path),
        known=lambda identity, _: None if identity in wanted else Exclusion("excluded"),
    )
    stream = plain(ledger)
    begun = next(stream)
    assert next(stream).task["text"] == "last"
    ledger.settle(begun)
    listed = ledger.take_drops()
    assert len(listed) <= 2 * LISTED
    found = [drop for drop in listed if drop.kind == "bad"]
    assert sum(drop.count for drop in found) == 6_000
    assert found[0] == Drop("bad", "not-json", 2, 2, 2, 2, detail=found[0].detail)
    assert any(drop.detail.startswith("the first of them: ") for drop in found)


def test_of_kept_duplicates_an_answer_counts_for_its_own_row(tmp_path: Path) -> None:
    path = write(tmp_path, texts("a", "b", "a"))
    policy = Policy(keep_duplicates=True)
    store = Store()
    ledger = store.ledger(open_source(path), policy)
    store.commit(ledger, list(plain(ledger))[2])
    ledger = store.ledger(open_source(path), policy)
    assert [asked.row for asked in plain(ledger)] == [1, 2]
    assert ledger.counts.found == 1


def test_code_that_goes_through_a_row_sees_what_the_row_has(tmp_path: Path) -> None:
    path = write(tmp_path, [{"text": "a", "m1": "x"}])
    ledger = Ledger(open_source(path), own_code=True)
    (row,) = ledger.incoming()
    assert {key for key in row.keys() if not key.endswith("_hash")} == {"text", "m1"}  # noqa: SIM118
    copies = ({**row}, dict(row.items()), row | {}, row.copy(), copy(row), deepcopy(row))
    assert [each["_row"] for each in copies] == [1] * len(copies)


@pytest.mark.parametrize("exclude_by", ["task", "input"])
def test_hashes_that_code_sets_know_a_task_whose_content_changes(
    tmp_path: Path, exclude_by: Literal["task", "input"]
) -> None:
    """Without any usual key of an input, what the code has hashed is the task."""
    path = write(tmp_path, [{"src": "a"}, {"src": "b"}])
    answered: list[Identity] = []

    def session(at: str) -> list[str]:
        known = {"same": Exclusion("answered")}
        ledger = Ledger(
            get_stream(path).source,
            policy=Policy(exclude_by=exclude_by),
            known=lambda identity, _: known["same"] if identity in answered else None,
            met=lambda identity: any(each.input_key == identity.input_key for each in answered),
            own_code=True,
        )
        ledger.take_any(lambda _: None)
        given = (
            set_hashes({"src": row["src"], "loaded": at}, ("src",), ("src",))
            for row in ledger.incoming()
        )
        found = []
        for asked in ledger.outgoing(given):
            found.append(asked.task["src"])
            if at == "monday" and asked.task["src"] == "a":
                answered.append(asked.identity)
        return found

    assert session("monday") == ["a", "b"]
    assert session("tuesday") == ["b"]


def test_what_was_answered_under_the_key_of_earlier_versions_is_known(tmp_path: Path) -> None:
    path = write(tmp_path, [{"src": "a"}, {"src": "b"}])
    rows = [set_hashes({"src": each}, ("src",), ("src",)) for each in "ab"]
    former = identify({"src": "a"})._replace(
        input_hash=rows[0]["_input_hash"], task_hash=rows[0]["_task_hash"], question_key=None
    )
    ledger = Ledger(
        get_stream(path).source,
        known=lambda identity, _: Exclusion("answered") if identity == former else None,
        met=lambda identity: identity.input_key == former.input_key,
        own_code=True,
    )
    ledger.take_any(lambda _: None)
    given = ({**row, **made} for row, made in zip(ledger.incoming(), rows, strict=True))
    assert [asked.task["src"] for asked in ledger.outgoing(given)] == ["b"]
