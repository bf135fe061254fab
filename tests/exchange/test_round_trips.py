"""What is written says the same as what was annotated, read by the plainest reader there can be."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.support import document, marks, task, tasks
from tui_annotate.exchange.brat import notes
from tui_annotate.exchange.conll import columns
from tui_annotate.exchange.conllu import sentence
from tui_annotate.exchange.doccano import example
from tui_annotate.exchange.label_studio import task as label_studio_task
from tui_annotate.exchange.split import Split
from tui_annotate.exchange.table import open_csv
from tui_annotate.exchange.tasks import as_task
from tui_annotate.exchange.writers import FormatSettings
from tui_annotate.task.hashing import identify
from tui_annotate.task.offsets import Unit, converter
from tui_annotate.task.schema import Task

pytestmark = pytest.mark.quick

frugal = settings(max_examples=80)

Marks = list[tuple[int, int, str]]


def token_marks(rows: list[tuple[str, str]]) -> list[tuple[list[str], str]]:
    """Read IOB2 or BILOU tags: the words of each span and its label."""
    found: list[tuple[list[str], str]] = []
    inside = False
    for word, tag in rows:
        kind, _, label = tag.partition("-")
        if kind in ("B", "U"):
            found.append(([word], label))
        elif kind in ("I", "L"):
            assert inside and found[-1][1] == label, "a tag that continues nothing"
            found[-1][0].append(word)
        inside = kind in ("B", "I")
    return found


def expected(content: Task) -> list[tuple[list[str], str]]:
    words = [each["text"] for each in content["tokens"]]
    return [
        (words[each["token_start"] : each["token_end"] + 1], each["label"])
        for each in content["spans"]
    ]


@frugal
@given(tasks())
@pytest.mark.parametrize("scheme", ["iob2", "bilou"])
def test_columns_have_every_token_and_every_span(scheme: Any, content: Task) -> None:
    text = columns(document(content), scheme=scheme)
    assert text.endswith("\n\n")
    lines = text[:-2].split("\n")
    rows = [(word, tag) for word, tag in (line.split("\t") for line in lines)]
    assert [word for word, _ in rows] == [each["text"] for each in content["tokens"]]
    assert token_marks(rows) == expected(content)
    if scheme == "bilou":
        assert sum(tag[0] in "UL" for _, tag in rows) == len(content["spans"])


def read_conllu(text: str) -> tuple[str, Marks]:
    """Put the text together from the words and `SpacesAfter`, and the spans from `NE=`."""
    plain = {"s": " ", "t": "\t", "r": "\r", "n": "\n", "p": "|", "\\": "\\"}

    def unescaped(space: str) -> str:
        out, rest = "", iter(space)
        for each in rest:
            if each != "\\":
                out += each
                continue
            kind = next(rest)
            out += plain.get(kind) or chr(int("".join(next(rest) for _ in range(4)), 16))
        return out

    found, built = [], ""
    for line in text.splitlines():
        if not line or line.startswith("# "):
            continue
        cells = line.split("\t")
        assert len(cells) == 10
        misc = dict(each.split("=", 1) for each in cells[9].split("|")) if cells[9] != "_" else {}
        built += unescaped(misc.get("SpacesBefore", ""))
        start = len(built)
        built += cells[1]
        kind, _, label = misc.get("NE", "O").partition("-")
        if kind == "B":
            found.append((start, len(built), label))
        elif kind == "I":
            found[-1] = (found[-1][0], len(built), label)
        after = "" if misc.get("SpaceAfter") == "No" else " "
        built += unescaped(misc["SpacesAfter"]) if "SpacesAfter" in misc else after
    return built, found


@frugal
@given(tasks())
def test_conllu_gives_back_the_text_and_the_spans(content: Task) -> None:
    text, found = read_conllu(sentence(document(content)))
    # One space after the last word is what a line that says nothing means.
    assert text in (content["text"], content["text"] + " ")
    assert found == marks(content)


@frugal
@given(tasks())
def test_brat_gives_back_the_spans(content: Task) -> None:
    found = []
    for line in notes(document(content), FormatSettings()).split("\n")[:-1]:
        _, middle, covered = line.split("\t", 2)
        label, _, places = middle.partition(" ")
        pieces = [tuple(map(int, each.split(" "))) for each in places.split(";")]
        assert covered == " ".join(content["text"][start:end] for start, end in pieces)
        assert "\n" not in covered and "\r" not in covered
        found.append((pieces[0][0], pieces[-1][1], label))
    assert found == marks(content)


@frugal
@given(tasks())
def test_label_studio_and_doccano_give_back_the_spans(content: Task) -> None:
    written = label_studio_task(document(content), FormatSettings())
    assert written["data"]["text"] == content["text"]
    values = [each["value"] for each in written["annotations"][0]["result"]]
    assert [(v["start"], v["end"], *v["labels"]) for v in values] == marks(content)
    assert all(v["text"] == content["text"][v["start"] : v["end"]] for v in values)
    plain = example(document(content), FormatSettings())
    assert (plain["text"], plain["label"]) == (content["text"], marks(content))


@frugal
@given(tasks())
def test_json_lines_give_back_the_task(content: Task) -> None:
    found = as_task(document(content))
    assert {key: found[key] for key in content} == content


def test_csv_gives_back_text_and_spans(tmp_path: Path) -> None:
    content = task('a "quoted", \r\n text; 東京', (17, 21, "X"), meta={"id": 3})
    file = tmp_path / "out.csv"
    writer = open_csv(file, FormatSettings())
    writer.write(document(content))
    writer.close()
    (row,) = csv.DictReader(io.StringIO(file.read_bytes().decode(), newline=""))
    assert row["text"] == content["text"]
    assert marks({"spans": json.loads(row["spans"])}) == marks(content)
    assert (json.loads(row["meta"]), row["annotator"]) == ({"id": 3}, "anna")


@frugal
@given(tasks())
@pytest.mark.parametrize("unit", ["utf8", "utf16"])
def test_offsets_cut_the_same_text_in_every_unit(unit: Unit, content: Task) -> None:
    found = as_task(document(content), unit)
    encoding = {"utf8": "utf-8", "utf16": "utf-16-le"}[unit]
    width = {"utf8": 1, "utf16": 2}[unit]
    data = content["text"].encode(encoding)
    for each, original in zip(
        found["spans"] + found["tokens"], content["spans"] + content["tokens"], strict=True
    ):
        cut = data[each["start"] * width : each["end"] * width].decode(encoding)
        assert cut == content["text"][original["start"] : original["end"]]
    assert found["offset_unit"] == unit


@frugal
@given(tasks(), tasks(), st.lists(st.integers(1, 99), min_size=2, max_size=3))
def test_the_part_of_a_split_depends_on_the_input_alone(
    content: Task, other: Task, shares: list[int]
) -> None:
    split = Split(tuple(map(float, shares)))
    again = {**content, "spans": other["spans"], "meta": {"id": 1}, "answer": "reject"}
    assert split.of(document(content).key) == split.of(identify(again).input_key)
    # A share that grows takes inputs from the others, and gives none away.
    grown = Split((shares[0] + 10.0, *map(float, shares[1:])))
    if split.of(document(content).key) == "train":
        assert grown.of(document(content).key) == "train"


def test_the_ends_of_a_text_are_offsets_too() -> None:
    assert converter("👍é", "utf8")(2) == 6
    assert converter("👍é", "utf16")(2) == 3
    assert converter("👍é", "codepoints")(2) == 2
