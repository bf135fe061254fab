"""Whatever is read ahead, settled and killed: nothing skipped, nothing asked twice."""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stream.model import Recipe, Store, keeping, question
from tui_annotate.sources.registry import open_source
from tui_annotate.stream import drops, row_reader
from tui_annotate.stream.ledger import Ledger
from tui_annotate.stream.records import Asked

pytestmark = pytest.mark.quick

BAD = "bad"
_clock = count(1_000_000_000, 1_000_000)


def write(path: Path, rows: list[str], newline: str = "\n") -> None:
    lines = ("{" if row == BAD else json.dumps({"text": row}) for row in rows)
    path.write_text("\n".join(lines) + newline)
    stamp = next(_clock)
    os.utime(path, ns=(stamp, stamp))


def law(ledger: Ledger) -> None:
    counts = ledger.counts
    assert counts.read == counts.settled + counts.dropped + counts.open + counts.untracked
    assert sum(counts.reasons.values()) == counts.dropped


def questions(recipe: Recipe, rows: list[str]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row != BAD:
            found.update(question(task) for task in recipe.tasks({"text": row}))
    return found


row_texts = st.one_of(
    st.just(BAD), st.builds("{}{}".format, st.sampled_from("abcdefgh"), st.integers(0, 3))
)
recipes = st.builds(
    Recipe,
    window=st.integers(1, 6),
    shuffle=st.booleans(),
    scatter=st.booleans(),
    seed=st.integers(0, 3),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(row_texts, min_size=1, max_size=14).map(lambda rows: ["z1", *rows]),
    recipes,
    st.booleans(),
    st.booleans(),
    st.integers(0, 2**32).map(random.Random),
)
def test_never_skips_and_never_asks_again(
    rows: list[str], recipe: Recipe, keep: bool, newline: bool, dice: random.Random
) -> None:
    store = Store()
    policy = keeping(recipe) if keep else recipe.policy
    asked_for: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.jsonl"
        write(path, rows, "\n" if newline else "")
        for _session in range(30):
            ledger = store.ledger(open_source(path), policy)
            stream = ledger.outgoing(recipe(ledger.incoming()))
            new, lived = session(ledger, stream, store, dice)
            asked_for += new
            if lived:
                break
        else:
            pytest.fail("the stream never ended")
    expected = questions(recipe, rows)
    if not keep:
        expected = Counter(dict.fromkeys(expected, 1))
    assert asked_for == expected
    listed = store.dropped_rows()
    assert not listed or max(listed.values()) == 1
    answered = {row for _, row in store.answers}
    last = len(rows) if newline or not answered else len(rows) - 1
    for number, row in enumerate(rows[:last], 1):
        made = questions(recipe, [row])
        if row == BAD or not made:
            assert number in listed
        elif number in listed:
            assert not keep
            assert all(asked_for[q] for q in made)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(row_texts, min_size=1, max_size=14).map(lambda rows: ["z1", *rows]),
    recipes,
    st.booleans(),
    st.integers(0, 2**32),
)
def test_drops_that_are_joined_list_as_many_rows_at_every_moment(
    rows: list[str], recipe: Recipe, keep: bool, seed: int
) -> None:
    policy = keeping(recipe) if keep else recipe.policy

    def listed(one_by_one: int) -> list[Counter[tuple[str, str]]]:
        store, dice, found = Store(), random.Random(seed), []
        with (
            patch.object(drops, "LISTED", one_by_one),
            patch.object(row_reader, "LISTED", one_by_one),
            tempfile.TemporaryDirectory() as folder,
        ):
            path = Path(folder) / "data.jsonl"
            write(path, rows)
            for _session in range(30):
                ledger = store.ledger(open_source(path), policy)
                stream = ledger.outgoing(recipe(ledger.incoming()))
                _, lived = session(ledger, stream, store, dice)
                counts: Counter[tuple[str, str]] = Counter()
                for drop in store.drops:
                    counts[drop.kind, drop.reason] += drop.count
                    assert drop.last_row <= store.cursor.row or drop.kind == "notice"
                    # Of one row there may be several remarks.
                    once = drop.kind != "notice" and not keep
                    assert not once or drop.count <= drop.last_row - drop.first_row + 1
                found.append(counts)
                if lived:
                    break
        return found

    assert listed(0) == listed(1_000)


def session(
    ledger: Ledger, stream: Any, store: Store, dice: random.Random
) -> tuple[Counter[tuple[str, str]], bool]:
    """Pull, settle in any order and perhaps die; return what was answered, and if it lived."""
    flight: list[Asked] = []
    answered: Counter[tuple[str, str]] = Counter()
    life = dice.randrange(dice.choice((5, 20, 80, 200)))
    pulling = True
    while pulling or flight:
        law(ledger)
        if life == 0:
            return answered, False
        life -= 1
        if pulling and (not flight or dice.random() < 0.6):
            asked = next(stream, None)
            pulling = asked is not None
            if asked is not None:
                flight.append(asked)
            continue
        asked = flight.pop(dice.randrange(len(flight)))
        answered[question(asked.task)] += 1
        store.commit(ledger, asked)
        ledger.settle(asked)
    store.commit(ledger)
    assert ledger.counts.open == 0 or ledger.cursor().row < ledger.counts.read
    law(ledger)
    return answered, True


def change(rows: list[str], dice: random.Random) -> list[str]:
    rows = list(rows)
    at = dice.randrange(len(rows) + 1)
    new = f"{dice.choice('abcdefgh')}{dice.randrange(3)}"
    match dice.randrange(8):
        case 0:
            rows += [new, "y1"]
        case 1:
            rows.insert(0, new)
        case 2:
            rows.insert(at, new)
        case 3 if rows:
            rows[at % len(rows)] = new
        case 4 if len(rows) > 1:
            del rows[at % len(rows)]
        case 5:
            dice.shuffle(rows)
        case 6:
            rows.insert(at, rows[at % len(rows)])
        case 7:
            rows = rows[: max(1, at)]
    return rows


@settings(max_examples=200, deadline=None)
@given(
    st.lists(row_texts, min_size=1, max_size=10).map(lambda rows: ["z1", *rows]),
    recipes,
    st.booleans(),
    st.integers(0, 2**32).map(random.Random),
)
def test_edits_between_sessions(
    rows: list[str], recipe: Recipe, keep: bool, dice: random.Random
) -> None:
    store = Store()
    policy = keeping(recipe) if keep else recipe.policy
    done: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.jsonl"
        for _ in range(6):
            write(path, rows)
            wanted = questions(recipe, rows)
            for _session in range(1 + dice.randrange(3)):
                asked_and_checked(store, path, recipe, policy, wanted, done, dice)
            rows = ["z1", *change(rows, dice)] if "z1" not in rows else change(rows, dice)
            if all(row == BAD for row in rows):
                rows.append("z1")
        write(path, rows)
        wanted = questions(recipe, rows)
        while not asked_and_checked(store, path, recipe, policy, wanted, done, dice):
            pass
    assert all(done[q] >= (wanted[q] if keep else 1) for q in wanted)


def asked_and_checked(
    store: Store,
    path: Path,
    recipe: Recipe,
    policy: Any,
    wanted: Counter[tuple[str, str]],
    done: Counter[tuple[str, str]],
    dice: random.Random,
) -> bool:
    """Run one session; tell whether it came to the end."""
    ledger = store.ledger(open_source(path), policy)
    before = Counter(done)
    stream = ledger.outgoing(recipe(ledger.incoming()))
    new, lived = session(ledger, stream, store, dice)
    for name, times in new.items():
        limit = wanted[name] if policy.keep_duplicates else 1
        assert before[name] + times <= limit, f"{name} asked again"
    done.update(new)
    return lived


@settings(max_examples=60, deadline=None)
@given(
    st.lists(row_texts, min_size=1, max_size=12).map(lambda rows: ["z1", *rows]),
    st.integers(1, 5),
    st.integers(0, 2**32).map(random.Random),
)
def test_excluded_by_input_every_input_is_asked_once(
    rows: list[str], window: int, dice: random.Random
) -> None:
    rows = [row if row == BAD else f"{row[0]}1" for row in rows]
    recipe = Recipe(window)
    policy = recipe.policy._replace(exclude_by="input")
    store = Store()
    done: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.jsonl"
        write(path, rows)
        wanted = questions(recipe, rows)
        while not asked_and_checked(store, path, recipe, policy, wanted, done, dice):
            pass
    assert set(done) == set(wanted)
