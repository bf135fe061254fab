"""Every row of the table in docs/bad-tasks.md does what stands there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.session.annotator import Annotator
from tests.support.environment import ROOT
from tui_annotate.editors.registry import open_task
from tui_annotate.store.database import open_store
from tui_annotate.text.safe import safe

SENTINEL = "this row is good"
MEGABYTE = 1_000_000

LARGE = {
    "a text of 10 MB": lambda: json.dumps({"text": ("x" * 999 + " ") * 10_000}),
    "a text of 100,000 tokens": lambda: json.dumps({"text": "Anna " * 100_000}),
    "a line of 17 MB": lambda: json.dumps({"text": "A" * 17 * MEGABYTE}),
    "150 levels of nesting": lambda: '{"text": "Anna", "deep": ' + "[" * 150 + "]" * 150 + "}",
    "300 levels of nesting": lambda: '{"text": "Anna", "deep": ' + "[" * 300 + "]" * 300 + "}",
    "an integer of 5,000 digits": lambda: '{"text": "Anna", "big": ' + "9" * 5000 + "}",
}


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    row: str
    outcome: str
    told: str

    @property
    def data(self) -> bytes:
        if self.row in LARGE:
            return LARGE[self.row]().encode()
        written = self.row.strip("`").encode()
        return re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]), written)


def cases() -> list[Case]:
    page = (ROOT / "docs" / "bad-tasks.md").read_text("utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| ")][1:]
    return [Case(*(cell.strip() for cell in line.strip("|").split(" | "))) for line in lines]


CASES = cases()


def marked(case: Case) -> Any:
    marks = [] if case.row.endswith(" MB") or "100,000" in case.row else [pytest.mark.quick]
    return pytest.param(case, id=f"{case.outcome}-{case.row[:40]}", marks=marks)


@pytest.mark.quick
def test_the_table_was_read() -> None:
    assert len(CASES) > 30
    assert {case.outcome for case in CASES} == {"asked", "dropped"}
    assert set(LARGE) <= {case.row for case in CASES}


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_a_bad_task_does_what_the_table_says(tmp_path: Path, case: Case) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_bytes(case.data + b"\n" + json.dumps({"text": SENTINEL}).encode() + b"\n")
    notes: list[str] = []
    with Annotator(tmp_path, source) as anna:
        item = anna.session.item
        asked = anna.text != SENTINEL
        if asked and item is not None:
            editor, found = open_task(item.task, "ner_manual", {"labels": ["PER", "ORG"]})
            notes += found
            content = editor.content()
            assert content["text"] == item.task["text"]
            assert_within(content)
            assert not re.search(r"[\x00-\x08\x1b\ud800-\udfff\u202e]", safe(content["text"]))
            anna.session.decide("accept", content)
            anna.session.advance()
        assert anna.answer_all() == [SENTINEL]
    drops, stored = kept(tmp_path)
    assert asked is (case.outcome == "asked")
    if not asked:
        assert [reason for kind, reason, _ in drops if kind == "bad"] == [case.told]
        return
    assert not [reason for kind, reason, _ in drops if kind != "notice"]
    told = [*notes, *(detail for _, _, detail in drops)]
    assert any(case.told in each for each in told) if case.told else not told
    assert_given_back(case, stored)


def kept(folder: Path) -> tuple[list[tuple[str, str, str]], dict[str, Any]]:
    """Return the drops of the dataset, and its first answer."""
    with open_store(folder / "a.db") as store:
        drops = [each.drop for each in store.progress.dataset_drops(1)]
        first = next(store.answers.iterate(1))
    return [(d.kind, d.reason, d.detail) for d in drops], json.loads(first.record.content)


def assert_within(content: dict[str, Any]) -> None:
    for span in content.get("spans") or ():
        assert 0 <= span["start"] < span["end"] <= len(content["text"])


def assert_given_back(case: Case, stored: dict[str, Any]) -> None:
    """What the program has no use for comes back as it was."""
    given = json.loads(case.data.removeprefix(b"\xef\xbb\xbf"))
    for key, value in given.items():
        if key not in ("spans", "tokens", "_input_hash", "_task_hash"):
            assert stored[key] == value
