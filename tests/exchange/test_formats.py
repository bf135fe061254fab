"""The one table of formats says what is so: each is written and read again, kind by kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless
from tests.exchange.support import document, marks, task
from tests.exchange.test_import_again import EXTRAS, read
from tests.support.environment import ROOT
from tui_annotate.errors import TaskError
from tui_annotate.exchange.export_job import _refuse_what_misleads
from tui_annotate.exchange.format_table import FormatFacts, all_formats, markdown, rows
from tui_annotate.exchange.registry import FORMATS
from tui_annotate.sources.registry import KINDS, LOADERS
from tui_annotate.task.schema import Task

TEXT = "Ada met Bo in Bonn ."
ADA, BO = (0, 3, "PER"), (8, 10, "PER")


def related() -> Task:
    content = task(TEXT, ADA, BO)
    ends = [{**each, "label": "PER"} for each in content["spans"]]
    content["relations"] = [
        {"head": 0, "child": 2, "head_span": ends[0], "child_span": ends[1], "label": "knows"}
    ]
    return content


def of_pieces() -> Task:
    content = task(TEXT, (0, 10, "PER"))
    content["spans"][0]["pieces"] = [[0, 3], [8, 10]]
    return content


def with_attribute() -> Task:
    content = task(TEXT, ADA)
    content["spans"][0]["attributes"] = {"sure": "no"}
    return content


CHOICE = {"options": [{"id": "NEWS", "text": "NEWS"}, {"id": "B", "text": "B"}], "accept": ["NEWS"]}
PROBES: dict[str, tuple[Task, str]] = {
    "spans": (task(TEXT, ADA, BO), "ner_manual"),
    "nested": (task(TEXT, (0, 3, "PER"), (0, 10, "EVENT")), "ner_manual"),
    "discontinuous": (of_pieces(), "ner_manual"),
    "relations": (related(), "relations"),
    "attributes": (with_attribute(), "ner_manual"),
    "classes": ({"text": TEXT, **CHOICE}, "choice"),
    "people": (task(TEXT, ADA), "ner_manual"),
    "offsets": (task(TEXT, (1, 3, "PER")), "ner_manual"),
}


def seen(kind: str, found: Task) -> Any:
    """Return what a task says of a kind, in a form in which two tasks can be compared."""
    spans = found.get("spans") or []
    if kind in ("spans", "nested", "offsets"):
        return marks({"spans": sorted(spans, key=lambda each: (each["start"], -each["end"]))})
    if kind == "discontinuous":
        return [each.get("pieces") for each in spans]
    if kind == "attributes":
        return [each.get("attributes") for each in spans]
    if kind == "relations":
        links = found.get("relations") or []
        return [(each["label"], each["head_span"]["start"]) for each in links]
    if kind == "people":
        return found.get("_annotator_id")
    return found.get("accept")


def expected(kind: str, content: Task) -> Any:
    return "anna" if kind == "people" else seen(kind, content)


BOTH = [
    each for each in all_formats() if each.reads is not None and each.writes is not None
]  # fmt: skip


@pytest.mark.quick
@pytest.mark.parametrize("format_", BOTH, ids=lambda each: each.name)
def test_what_the_table_says_is_kept_comes_back(format_: FormatFacts) -> None:
    if format_.name in EXTRAS:
        pytest.importorskip(EXTRAS[format_.name])
    assert format_.reads is not None
    assert format_.writes is not None
    kept = set()
    for kind, (content, view) in PROBES.items():
        if kind == "classes" and FORMATS[format_.name].every_token:
            content, view = {**content, "spans": []}, ""
        try:
            written = document(content, view)
            _refuse_what_misleads(written, FORMATS[format_.name])
            found = read(format_.name, [written])
        except TaskError:
            continue
        if len(found) == 1 and seen(kind, found[0]) == expected(kind, content):
            kept.add(kind)
    assert kept == format_.reads & format_.writes


@pytest.mark.quick
def test_the_docs_have_the_table() -> None:
    assert markdown() in (ROOT / "docs" / "formats.md").read_text()


@pytest.mark.quick
def test_every_format_is_in_the_table() -> None:
    assert {each.name for each in all_formats()} == {*LOADERS, *FORMATS}
    assert all(set(each.reads or ()) | set(each.writes or ()) <= set(KINDS) for each in BOTH)


def test_the_command_prints_the_table(headless: RunsHeadless) -> None:
    lines = headless("formats").stdout.splitlines()
    assert [tuple(line.split("  ")[0:1]) for line in lines[1 : len(rows()) + 1]] == [
        (row[0],) for row in rows()
    ]
    found = json.loads(headless("formats", "--json").stdout)
    by_name = {each["name"]: each for each in found}
    assert by_name["brat"]["written"] == [
        "spans", "nested", "discontinuous", "relations", "attributes", "offsets",
    ]  # fmt: skip
    assert by_name["txt"]["to"] is None


def test_what_a_format_cannot_hold_of_spans_is_counted(
    tmp_path: Path, headless: RunsHeadless
) -> None:
    rows_ = [
        {**with_attribute(), "answer": "accept", "_view_id": "ner_manual"},
        {**of_pieces(), "answer": "accept", "_view_id": "ner_manual", "text": TEXT + " "},
    ]
    file = tmp_path / "in.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows_))
    assert headless("db-in", "set", str(file)).returncode == 0
    done = headless("export", "set", "OUT", "--to", "doccano")
    assert done.returncode == 0, done.stderr
    assert "attributes of spans 1" in done.stderr
    assert "pieces of spans 1" in done.stderr
