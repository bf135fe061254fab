"""What mends a finding, and what is left to the person."""

from __future__ import annotations

from typing import Any

import pytest

from tui_annotate.agreement.mending import ProposedMend, mend
from tui_annotate.agreement.mistakes import Finding

pytestmark = pytest.mark.quick

TEXT = "He met Ada Lovelace, in Lon don."


def finding(kind: str, start: int | None, end: int | None, **more: Any) -> Finding:
    return Finding(kind, 1, "s", "odd", "look", start=start, end=end, label="PER", **more)


def content(*spans: tuple[int, int, str], **more: Any) -> dict[str, Any]:
    marks = [{"start": start, "end": end, "label": label} for start, end, label in spans]
    return {"text": TEXT, "spans": marks, **more}


TOKENS: list[dict[str, Any]] = [
    {"text": TEXT[start:end], "start": start, "end": end, "id": n}
    for n, (start, end) in enumerate(
        [(0, 2), (3, 6), (7, 10), (11, 19), (19, 20), (21, 23), (24, 27), (28, 31), (31, 32)]
    )
]


@pytest.mark.parametrize(
    ("found", "task", "spans"),
    [
        (finding("edges", 7, 20), content((7, 20, "PER")), [(7, 19, "PER")]),
        (finding("edges", 6, 21), content((6, 21, "PER")), [(7, 19, "PER")]),
        (finding("cut", 8, 15), content((8, 15, "PER")), [(7, 19, "PER")]),
        (finding("labels", 7, 19, usual="ORG"), content((7, 19, "PER")), [(7, 19, "ORG")]),
        (
            finding("labels", 7, 19, usual="ORG"),
            content((7, 19, "PER"), (7, 19, "ORG")),
            [(7, 19, "ORG")],
        ),
        (
            finding("edges", 7, 20),
            content((0, 2, "X"), (7, 20, "PER"), (24, 27, "Y")),
            [(0, 2, "X"), (7, 19, "PER"), (24, 27, "Y")],
        ),
    ],
)
def test_mended(found: Finding, task: dict[str, Any], spans: list[tuple[int, int, str]]) -> None:
    before = {**task, "spans": [dict(each) for each in task["spans"]]}
    mended = mend(found, "spans_manual", task)
    assert isinstance(mended, ProposedMend), mended
    assert [(s["start"], s["end"], s["label"]) for s in mended.content["spans"]] == spans
    assert task == before


def test_tokens_are_kept_to() -> None:
    task = content((7, 20, "PER"), tokens=TOKENS)
    mended = mend(finding("edges", 7, 20), "ner_manual", task)
    assert isinstance(mended, ProposedMend)
    assert mended.content["spans"] == [
        {"start": 7, "end": 19, "token_start": 2, "token_end": 3, "label": "PER"}
    ]
    whole = [{**TOKENS[3], "text": "Lovelace,", "end": 20}]
    rest = [{**each, "id": each["id"] - 1} for each in TOKENS[5:]]
    glued = content((7, 20, "PER"), tokens=[*TOKENS[:3], *whole, *rest])
    assert "tokens" in str(mend(finding("edges", 7, 20), "ner_manual", glued))


@pytest.mark.parametrize(
    ("found", "task", "view", "why"),
    [
        (finding("fast", None, None), content(), "ner_manual", "only you"),
        (finding("once", 7, 19), content((7, 19, "PER")), "ner_manual", "only you"),
        (finding("edges", 7, 20), content((7, 19, "PER")), "ner_manual", "not there"),
        (finding("edges", 7, 20), content((7, 20, "PER")), "ner", "shown, not made"),
        (
            finding("edges", 7, 20),
            content((7, 20, "PER"), relations=[{"head": 1, "child": 2, "label": "R"}]),
            "relations",
            "open it",
        ),
        (finding("edges", 19, 20), content((19, 20, "PER")), "ner_manual", "nothing else"),
        (finding("cut", 7, 15), content((7, 15, "PER"), (15, 18, "X")), "ner_manual", "run into"),
        (finding("labels", 7, 19, usual="A and B"), content((7, 19, "PER")), "ner_manual", "only"),
    ],
)
def test_left_to_the_person(found: Finding, task: dict[str, Any], view: str, why: str) -> None:
    assert why in str(mend(found, view, task))
