"""Two inputs with one 32-bit hash are two inputs: both are asked, in every way to resume."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.proof.work import kill, open_work
from tui_annotate.session.session import Session
from tui_annotate.task.hash_body import DEFAULT_SETTINGS
from tui_annotate.task.hashing import identify
from tui_annotate.task.schema import INPUT_HASH, TASK_HASH

LOOKED_AT = 2_000_000
"""Among 200,000 there are four or five pairs; so many are never looked at."""


@pytest.fixture(scope="module")
def pair() -> tuple[str, str]:
    """Two texts with the same input hash."""
    seen: dict[int, str] = {}
    for number in range(LOOKED_AT):
        text = f"text {number}"
        found = identify({"text": text}, DEFAULT_SETTINGS).input_hash
        if found in seen:
            return seen[found], text
        seen[found] = text
    raise AssertionError("the hashes do not collide: they are no longer 32 bits wide")


@pytest.fixture
def source(tmp_path: Path, pair: tuple[str, str]) -> Path:
    path = tmp_path / "rows.jsonl"
    texts = (pair[0], "between", pair[1], "after")
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return path


def answer(session: Session, times: int) -> list[str]:
    """Answer so many tasks and return their texts."""
    texts = []
    for _ in range(times):
        item = session.item
        assert item is not None
        texts.append(item.task["text"])
        session.decide("accept", dict(item.task))
        session.advance()
    return texts


@pytest.mark.parametrize("keep", [False, True])
def test_both_are_asked(tmp_path: Path, source: Path, pair: tuple[str, str], keep: bool) -> None:
    session = open_work(tmp_path / "a.db", source, keep=keep)
    session.start()
    assert answer(session, 4) == [pair[0], "between", pair[1], "after"]
    assert session.advance() is None
    assert session.counts().dropped == {}
    dataset = session.opened.dataset.id
    hashes = [each.record.identity for each in session.opened.store.answers.iterate(dataset)]
    session.close()
    assert hashes[0].input_hash == hashes[2].input_hash
    assert hashes[0].input_key != hashes[2].input_key


def test_after_a_kill_and_an_edit_of_the_source(
    tmp_path: Path, source: Path, pair: tuple[str, str]
) -> None:
    """Resumed by key: one of the two was answered, and only that one is skipped."""
    session = open_work(tmp_path / "a.db", source)
    session.start()
    assert answer(session, 1) == [pair[0]]
    kill(session, tmp_path / "b.db")
    lines = source.read_text().splitlines(keepends=True)
    source.write_text("".join(reversed(lines)))
    session = open_work(tmp_path / "b.db", source)
    session.start()
    assert answer(session, 3) == ["after", pair[1], "between"]
    assert session.advance() is None
    session.close()


def test_rows_that_carry_their_hashes(tmp_path: Path, source: Path, pair: tuple[str, str]) -> None:
    """As in an export: the hashes fit their inputs, and are equal."""
    one = {"text": pair[0]}
    found = identify(one, DEFAULT_SETTINGS)
    carried = {INPUT_HASH: found.input_hash, TASK_HASH: found.task_hash}
    rows = [{"text": text, **carried} for text in pair]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    session = open_work(tmp_path / "a.db", source)
    session.start()
    assert answer(session, 2) == list(pair)
    session.close()
