"""`--label-field`: which field or column holds the class of a text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless
from tui_annotate.errors import SourceError
from tui_annotate.exchange.import_sources import (
    Options,
    RowReading,
    from_source,
    open_answers,
)
from tui_annotate.sources.base import Row, told_of
from tui_annotate.sources.registry import open_source
from tui_annotate.sources.text_field import Fields, guess_text

pytestmark = pytest.mark.quick

OLID = (
    "id\ttweet\tsubtask_a\tsubtask_b\tsubtask_c\n86426\tWhat is \"this\" 😂\tOFF\tUNT\tNULL\n"
    "16820\tAmazon is investigating\tNOT\tNULL\tNULL\n"
)  # fmt: skip
HATE = "id\ttext\tHS\tTR\n201\tHurray, all\t1\t0\n203\tx y\t0\t0\n"


def chosen(path: Path, *fields: str) -> tuple[list[Any], RowReading, str]:
    """Return the classes of each answer of a file, how it was read, and what is told of it."""
    reading = RowReading()
    source = open_answers(path, None, Fields(label_fields=fields))
    found = [json.loads(each.body) for each in from_source(source, Options(), reading)]
    return [each.get("accept") for each in found], reading, told_of(source)


@pytest.mark.parametrize(
    ("content", "fields", "expected"),
    [
        (OLID, ("subtask_b",), [["UNT"], ["NULL"]]),
        (OLID, ("SUBTASK_A", "subtask_b"), [["OFF", "UNT"], ["NOT", "NULL"]]),
        (OLID, (), [["OFF"], ["NOT"]]),
        (HATE, ("HS", "TR"), [["HS"], []]),
        (HATE, ("HS",), [["1"], ["0"]]),
    ],
)
def test_columns_that_are_named_hold_the_classes(
    tmp_path: Path, content: str, fields: tuple[str, ...], expected: list[Any]
) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(content)
    assert chosen(path, *fields)[0] == expected


def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(OLID)
    with pytest.raises(SourceError, match=r"no column `task`; columns: id, tweet, subtask_a") as it:
        chosen(path, "task")
    assert it.value.hint == "Name one with `--label-field`"


def test_a_table_says_which_columns_it_takes_for_no_class(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "text,tone,date\n" + "".join(f"text {n},{'ab'[n % 2]},2024\n" for n in range(8))
    )
    found, _, told = chosen(path)
    assert found == [None] * 8
    assert told == "`tone` is not taken for the class (--label-field names it)"
    assert chosen(path, "tone")[0] == [["a"], ["b"]] * 4


def test_fields_of_json_lines_hold_the_classes(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows: list[dict[str, Any]] = [
        {"text": "a", "kind": "x"}, {"text": "b", "kind": ["x", 2]}, {"text": "c"},
        {"text": "d", "kind": None}, {"text": "e", "kind": {"x": 1}}, {"text": "f", "kind": True},
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found, reading, _ = chosen(path, "kind")
    assert found == [["x"], ["x", "2"], None, ["True"]]
    assert [why for _, why in reading.bad] == [
        "no `kind`, which should hold its class",
        "`kind` holds \"{'x': 1}\", which is no name of a class",
    ]


def test_a_source_begins_with_the_classes_chosen(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(OLID)
    rows = list(open_source(path, label_field="subtask_b").rows())
    assert all(isinstance(each, Row) for each in rows)
    first = rows[0].data if isinstance(rows[0], Row) else {}
    assert first["accept"] == ["UNT"]
    assert first["meta"] == {"id": "86426", "subtask_a": "OFF", "subtask_c": "NULL"}


def test_the_command_takes_it(tmp_path: Path, in_process: RunsHeadless) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(OLID)
    done = in_process("db-in", "set", str(path), "--label-field", "subtask_b")
    assert done.returncode == 0, done.stderr
    out = in_process("db-out", "set")
    assert [json.loads(line)["accept"] for line in out.stdout.splitlines()] == [["UNT"], ["NULL"]]


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("a.csv", ("good|travel", "bad"), [["good", "travel"], ["bad"]]),
        ("a.tsv", ("27", "2,14"), [["27"], ["2", "14"]]),
    ],
)
def test_several_classes_in_a_cell_of_a_table_without_a_header(
    tmp_path: Path, name: str, cells: tuple[str, str], expected: list[list[str]]
) -> None:
    between = "," if name.endswith("csv") else "\t"
    rows = [(cells[0], "I love it so"), (cells[1], "I hate it so"), (cells[0], "I love it too")]
    content = "".join(between.join(row) + "\n" for row in rows)
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    source = open_answers(path)
    answers = from_source(source, Options(), RowReading())
    found = [json.loads(each.body)["accept"] for each in answers]
    assert found == [*expected, expected[0]]


def test_no_address_or_name_of_a_file_is_proposed_as_the_text() -> None:
    row = {"link": "https://x.org/a-long-address-of-a-page", "headline": "Ada wins"}
    assert guess_text(row) == "headline"
    assert guess_text({"filename": "a.wav", "label": ["x"]}) == ""
