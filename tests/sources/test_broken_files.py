"""Some hundred mutated files of every loader; `benchmarks/loaders.py` reads thousands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.loaders import fuzz
from tui_annotate.sources.base import BadRow, Row
from tui_annotate.sources.registry import LOADERS, open_source


@pytest.mark.filterwarnings("default")
def test_no_broken_file_crashes_hides_a_row_or_moves_a_span(tmp_path: Path) -> None:
    findings = fuzz(400, seed=7, folder=tmp_path)
    assert findings.examples == []
    assert sum(each.files for each in findings.accounts.values()) == 400
    assert sum(each.bad for each in findings.accounts.values()) > 50
    untried = {each.name for each in LOADERS.values() if each.extra} | {"hf"}
    assert set(LOADERS) - set(findings.accounts) <= untried


@pytest.mark.quick
def test_what_stands_behind_a_list_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"text": "a"}]) + '\n{"text": "b"}\n')
    rows = list(open_source(path).rows())
    assert [type(each) for each in rows] == [Row, Row]
    path.write_text(json.dumps([{"text": "a"}]) + "\n}]")
    assert [type(each) for each in open_source(path).rows()] == [Row, BadRow]
    path.write_text(json.dumps([{"text": "a"}]) + " \n\n")
    assert [type(each) for each in open_source(path).rows()] == [Row]


@pytest.mark.quick
def test_a_file_without_a_text_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"classes": ["A"], "annotations": [null]}')
    (row,) = open_source(path, loader="ner-annotator").rows()
    assert isinstance(row, BadRow)
    assert row.reason == "empty-input"
    (tmp_path / "b.xml").write_text("<doc><p> </p></doc>")
    (row,) = open_source(tmp_path / "b.xml").rows()
    assert isinstance(row, BadRow)
