"""What a format cannot hold is an error that names it: never a silent `O`."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.exchange.support import document, task
from tui_annotate.errors import TaskError
from tui_annotate.exchange.brat import notes
from tui_annotate.exchange.conll import columns
from tui_annotate.exchange.conllu import sentence
from tui_annotate.exchange.doccano import example
from tui_annotate.exchange.label_studio import task as label_studio_task
from tui_annotate.exchange.table import as_row
from tui_annotate.exchange.writers import FormatSettings
from tui_annotate.task.schema import Task

pytestmark = pytest.mark.quick


def with_tokens(text: str, *ranges: tuple[int, int], spans: list[Any]) -> Task:
    tokens = [
        {"text": text[s:e], "start": s, "end": e, "id": i, "ws": False}
        for i, (s, e) in enumerate(ranges)
    ]
    return {"text": text, "tokens": tokens, "spans": spans}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (task("Acme left", (0, 2, "ORG")), "misaligned"),
        (task("Acme left", (0, 5, "ORG")), "misaligned"),
        (task("Acme left", (0, 4, "ORG"), (0, 9, "X")), "overlap"),
        (task("Acme left", (0, 4, "ORG"), (0, 4, "X")), "overlap"),
        (task("Acme left", (0, 4, "A B")), "bad-label"),
        (task("Acme left", (0, 4, "")), "bad-label"),
        (task("   "), "no-tokens"),
        (with_tokens("a  b", (0, 4), spans=[]), "white-space"),
        (with_tokens("a\tb", (0, 3), spans=[]), "white-space"),
        (with_tokens("a\u2028b", (0, 3), spans=[]), "white-space"),
        (with_tokens("a b", (0, 1), (1, 2), (2, 3), spans=[{"start": 1, "end": 3, "label": "X"}]),
         "misaligned"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("write", [columns, sentence])
def test_columns_refuse(write: Any, content: Task, reason: str) -> None:
    with pytest.raises(TaskError) as caught:
        write(document(content))
    assert caught.value.reason == reason


def test_a_token_with_a_blank_is_written_between_tabs_only() -> None:
    content = with_tokens("New York", (0, 8), spans=[{"start": 0, "end": 8, "label": "LOC"}])
    assert columns(document(content)) == "New York\tB-LOC\n\n"
    for write in (partial(columns, between=" -X- _ "), sentence):
        with pytest.raises(TaskError, match="holds a space"):
            write(document(content))


def test_the_span_is_named() -> None:
    with pytest.raises(TaskError, match=r"from 0 to 2 \(ORG\)"):
        columns(document(task("Acme left", (0, 2, "ORG"))))


def test_tokens_of_white_space_are_left_out_and_the_spans_over_them_stay() -> None:
    span = {"start": 0, "end": 3, "label": "X"}
    content = with_tokens("a\nb", (0, 1), (1, 2), (2, 3), spans=[span])
    assert columns(document(content)) == "a\tB-X\nb\tI-X\n\n"


def test_a_token_that_begins_documents_is_refused() -> None:
    content = with_tokens("-DOCSTART- x", (0, 10), (11, 12), spans=[])
    with pytest.raises(TaskError, match="DOCSTART"):
        columns(document(content))


def test_brat_refuses_line_breaks_at_the_ends_of_spans() -> None:
    with pytest.raises(TaskError, match="line break"):
        notes(document(task("ab\ncd", (0, 3, "X"))), FormatSettings())


def test_brat_cuts_spans_at_line_breaks() -> None:
    assert (
        notes(document(task("ab\r\ncd", (0, 6, "X"))), FormatSettings()) == "T1\tX 0 2;4 6\tab cd\n"
    )


RELATED = task(
    "Anna knows Omar", (0, 4, "P"), (11, 15, "P"),
    relations=[{"head": 0, "child": 2, "label": "KNOWS"}],
)  # fmt: skip


def test_relations_go_where_there_is_a_place_for_them() -> None:
    related = document(RELATED, view="relations")
    assert notes(related, FormatSettings()).splitlines()[2] == "R1\tKNOWS Arg1:T1 Arg2:T2"
    result = label_studio_task(related, FormatSettings())["annotations"][0]["result"][-1]
    assert (result["from_id"], result["to_id"], result["labels"]) == ("s0", "s1", ["KNOWS"])
    plain = example(related, FormatSettings())["relations"]
    assert plain == [{"id": 0, "from_id": 0, "to_id": 1, "type": "KNOWS"}]


def test_a_relation_to_no_span_is_refused() -> None:
    content = {**RELATED, "relations": [{"head": 0, "child": 1, "label": "KNOWS"}]}
    with pytest.raises(TaskError) as caught:
        notes(document(content, view="relations"), FormatSettings())
    assert caught.value.reason == "bad-relations"


@pytest.mark.parametrize(
    "content",
    [
        task("ok", (0, 2, "X")) | {"spans": [{"start": 0, "end": 2, "label": "\ud800"}]},
        task("ok") | {"tokens": [{"start": 0, "end": 2, "id": "a"}]},
        task("ok") | {"tokens": [{"start": 0, "end": 2, "id": 1 << 70}]},
        task("\ud800"),
    ],
)
def test_columns_of_tables_hold_values_of_their_kind_only(content: Task) -> None:
    with pytest.raises(TaskError):
        as_row(document(content))
