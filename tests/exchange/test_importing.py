"""Answers on their way in, where more than one process brings them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_annotate.exchange import importing
from tui_annotate.exchange.import_rows import Arrival, arrival
from tui_annotate.exchange.importing import Importer
from tui_annotate.store.database import open_store


def arrivals(count: int) -> Iterator[Arrival]:
    """Yield answers of one person; every third has no time of its own."""
    for number in range(count):
        when = {} if number % 3 == 0 else {"_timestamp": 1_700_000_000 + number}
        yield arrival({"text": f"Text {number}", "answer": "accept", "_session_id": "s-a", **when})


@pytest.mark.parametrize("ahead", [0, 30, 70])
@pytest.mark.parametrize("piece", [50, 10_000])
def test_the_same_answers_brought_twice_at_once_are_added_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int, ahead: int
) -> None:
    monkeypatch.setattr(importing, "PIECE", piece)
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
