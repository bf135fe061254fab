"""Marks in a form that is not read: a recipe's source says once that they are left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.sources.base import START
from tui_annotate.sources.registry import open_source
from tui_annotate.store.records import DropKind
from tui_annotate.stream.records import Policy
from tui_annotate.stream.row_accounts import RowAccounts
from tui_annotate.stream.row_reader import RowReader
from tui_annotate.task.hash_body import DEFAULT_SETTINGS

pytestmark = pytest.mark.quick

MARKS = {"inner": [{"begin": 0, "end": 3}]}


def noted(path: Path, rows: list[dict[str, Any]], **options: Any) -> list[tuple[DropKind, str]]:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    reader = RowReader(open_source(path, **options), START, Policy(), DEFAULT_SETTINGS)
    book = RowAccounts(START)
    assert len(list(reader.rows())) == len(rows)
    reader.enter_into(book)
    return [(each.kind, each.detail) for each in book.drops.take(100)]


def test_marks_under_a_key_that_nobody_knows_are_said_once(tmp_path: Path) -> None:
    plain = [{"text": f"Ada met {number}", "user": "x"} for number in range(5)]
    marked = [{"text": f"Ada met Bo {number}", "about": MARKS} for number in range(5)]
    ((kind, said),) = noted(tmp_path / "a.jsonl", [*plain, *marked, *plain])
    assert kind == "notice"
    assert said.startswith("a.jsonl:6: `about` seems to hold marks in a form that is not read")
    assert "write them as `spans`" in said


def test_marks_are_said_of_also_where_rows_before_have_none_under_their_key(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "Ada", "about": None},
        {"text": "Ada met Bo", "about": MARKS},
    ]
    ((_, said),) = noted(tmp_path / "a.jsonl", rows)
    assert said.startswith("a.jsonl:2: `about`")


@pytest.mark.parametrize(
    "row",
    [
        {"text": "Ada met Bo", "spans": [{"start": 0, "end": 3, "label": "PER"}], "about": MARKS},
        {"text": "Ada met Bo", "meta": MARKS},
        {"text": "Ada met Bo", "user": {"name": "x", "seen": [1, 2]}, "sizes": [3, 4]},
        {"text": "Ada met Bo", "about": MARKS, "_view_id": "text"},
    ],
)
def test_what_is_no_lost_mark_is_not_spoken_of(tmp_path: Path, row: dict[str, Any]) -> None:
    assert noted(tmp_path / "a.jsonl", [row]) == []


def test_marks_that_say_their_start_and_words_alone_are_said(tmp_path: Path) -> None:
    mark = {"type": "meeting", "word": "met", "word_start_index": 4}
    rows: list[dict[str, Any]] = [{"text": "Ada met Bo", "meetings": [mark]}]
    ((_, said),) = noted(tmp_path / "a.jsonl", rows)
    assert said.startswith("a.jsonl:1: `meetings`")
