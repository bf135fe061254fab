"""Answers on their way in, where more than one process brings them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.exchange import importer
from tui_annotate.exchange.import_sources import (
    Options,
    RowReading,
    from_source,
    open_answers,
)
from tui_annotate.exchange.imported_answer import ImportedAnswer, arrival
from tui_annotate.exchange.importer import Importer
from tui_annotate.store.database import Store, open_store


def arrivals(count: int) -> Iterator[ImportedAnswer]:
    """Yield answers of one person; every third has no time of its own."""
    for number in range(count):
        when = {} if number % 3 == 0 else {"_timestamp": 1_700_000_000 + number}
        yield arrival({"text": f"Text {number}", "answer": "accept", "_session_id": "s-a", **when})


@pytest.mark.parametrize("ahead", [0, 30, 70])
@pytest.mark.parametrize("piece", [50, 10_000])
def test_the_same_answers_brought_twice_at_once_are_added_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int, ahead: int
) -> None:
    monkeypatch.setattr(importer, "PIECE", piece)
    path, count = tmp_path / "a.db", 105
    with open_store(path) as one, open_store(path) as other:
        first, second = Importer(one, "news"), Importer(other, "news")
        second.add(list(arrivals(ahead)))
        assert first.add(arrivals(count)).added == count - ahead
        report = second.add(arrivals(count))
        assert (report.added, report.known) == (ahead, count)
        assert report.read == count + ahead
        dataset = one.admin.find_dataset("news")
        assert dataset is not None
        assert sum(1 for _ in one.answers.iterate(dataset.id, revisions=True)) == count


def bring(store: Store, path: Path) -> tuple[int, int]:
    """Bring a file or folder into a dataset; return how many were added, and were there."""
    found = from_source(open_answers(path), Options(), RowReading())
    report = Importer(store, "news").add(found)
    return report.added, report.known


@pytest.mark.parametrize("meta", [None, {"topic": "x"}])
@pytest.mark.parametrize("timed", [False, True])
def test_a_file_that_came_with_its_folder_is_known_by_itself(
    tmp_path: Path, meta: dict[str, str] | None, *, timed: bool
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, words in (("a", "Ada left"), ("b", "Bo left")):
        row: dict[str, Any] = {"text": words, "spans": [], "_session_id": "s-a"}
        row |= {"meta": meta} if meta else {}
        row |= {"_timestamp": 1_700_000_000} if timed else {}
        (folder / f"{name}.jsonl").write_text(json.dumps(row) + "\n")
    with open_store(tmp_path / "a.db") as store:
        assert bring(store, folder) == (2, 0)
        assert bring(store, folder / "a.jsonl") == (0, 1)
        assert bring(store, folder) == (0, 2)
    with open_store(tmp_path / "b.db") as store:
        assert bring(store, folder / "b.jsonl") == (1, 0)
        assert bring(store, folder) == (1, 1)
