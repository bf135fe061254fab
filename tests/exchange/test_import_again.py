"""What is exported is read again as a source: the same texts, the same spans."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.support import document, marks, tasks
from tui_annotate.exchange.registry import FORMATS
from tui_annotate.exchange.writers import Settings
from tui_annotate.sources.base import Row
from tui_annotate.sources.registry import LOADERS, open_source
from tui_annotate.task.schema import Task

EXACT = ("jsonl", "conllu", "brat", "label-studio", "doccano", "parquet", "spacy", "hf")
WORDS = ("conll2003", "iob2", "bilou")
"""Formats of words and tags: white space between words is lost, all else is not."""


def again(name: str, contents: list[Task]) -> list[Task]:
    """Export tasks and read them again, by the loader that has the format's name."""
    if name not in LOADERS:
        pytest.skip(f"there is no loader {name!r}")
    if FORMATS[name].extra:
        pytest.importorskip({"hf": "datasets", "parquet": "pyarrow", "spacy": "spacy"}[name])
    with TemporaryDirectory() as folder:
        path = Path(folder, f"out{FORMATS[name].ending}")
        if FORMATS[name].folder:
            path.mkdir()
        writer = FORMATS[name].open(path, Settings())
        for number, each in enumerate(contents):
            writer.write(document(each, number=number + 1))
        writer.close()
        found = list(open_source(path, loader=name).rows())
    assert [row for row in found if not isinstance(row, Row)] == []
    return [row.data for row in found if isinstance(row, Row)]


def words(content: Task) -> list[tuple[str, list[str]]]:
    """Return each span as its label and its words."""
    text = content["text"]
    tokens = [(each["start"], each["end"]) for each in content["tokens"]]
    return [
        (label, [text[s:e] for s, e in tokens if start <= s and e <= end])
        for start, end, label in marks(content)
    ]


@pytest.mark.filterwarnings("default")
@settings(max_examples=15)
@given(st.lists(tasks(), min_size=1, max_size=3, unique_by=lambda task: str(task["text"])))
@pytest.mark.parametrize("name", EXACT)
def test_texts_and_spans_come_back(name: str, contents: list[Task]) -> None:
    found = {
        each["text"]: marks({"spans": each.get("spans") or []}) for each in again(name, contents)
    }
    assert found == {each["text"]: marks(each) for each in contents}


@settings(max_examples=15)
@given(st.lists(tasks(), min_size=1, max_size=3, unique_by=lambda task: str(task["text"])))
@pytest.mark.parametrize("name", WORDS)
def test_words_and_spans_come_back(name: str, contents: list[Task]) -> None:
    found = again(name, contents)
    assert [[t["text"] for t in each["tokens"]] for each in found] == [
        [t["text"] for t in each["tokens"]] for each in contents
    ]
    assert [words({**each, "spans": each.get("spans") or []}) for each in found] == [
        words(each) for each in contents
    ]
