"""Tables by columns in one object of JSON, and other tables whose form the first rows tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.test_files_of_others import ADA, ONE, TRIPLES, TWO, classes, read

pytestmark = pytest.mark.quick

FILES: dict[str, tuple[str, str, list[dict[str, Any]]]] = {
    "columns by number, as pandas writes them": (
        "a.json",
        json.dumps({"text": {"0": ADA, "1": "none"}, "entities": {"0": TRIPLES, "1": []}}),
        TWO,
    ),
    "columns in lists": (
        "a.json",
        json.dumps({"text": [ADA, "none at all"], "entities": [TRIPLES, []]}),
        [*ONE, {"text": "none at all"}],
    ),
    "columns apart from their rows": (
        "a.json",
        json.dumps(
            {
                "columns": ["text", "entities"],
                "index": [0, 1],
                "data": [[ADA, TRIPLES], ["none", []]],
            }
        ),
        TWO,
    ),
    "columns with a bar between them": (
        "a.csv",
        "text|label\nI love it|good\n",
        classes(("I love it", ["good"])),
    ),
    "words of one text in a list": (
        "a.json",
        json.dumps({"sentence": ["Ada", "left"], "labels": ["B-PER", "O"]}),
        [{"text": "Ada left", "spans": ["Ada:PER"]}],
    ),
}


@pytest.mark.parametrize("form", FILES)
def test_a_table_by_columns_gives_a_row_each(tmp_path: Path, form: str) -> None:
    name, content, expected = FILES[form]
    found, reading, _ = read(tmp_path / name, content)
    assert (found, reading.bad) == (expected, [])


def test_columns_of_other_lengths_are_refused(tmp_path: Path) -> None:
    content = json.dumps({"text": {"0": "a b", "1": "c d"}, "label": {"0": "x"}})
    found, reading, _ = read(tmp_path / "a.json", content)
    assert found == []
    assert "not equally long" in reading.bad[0][1]
