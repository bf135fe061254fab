"""A source in which no row is a task: that is said with a count, and can be left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_annotate.errors import Abandoned
from tui_annotate.exchange.import_sources import (
    Options,
    RowReading,
    from_source,
    guess_view,
    open_answers,
)
from tui_annotate.sources.base import START
from tui_annotate.sources.csv import CsvSource
from tui_annotate.stream.records import Policy
from tui_annotate.stream.row_reader import RowReader
from tui_annotate.task.hash_body import DEFAULT_SETTINGS
from tui_annotate.waiting import Waiting, use

pytestmark = pytest.mark.quick


@pytest.fixture
def waiting() -> Iterator[Leaves]:
    """Whoever waits; it leaves when it has heard the first count."""
    found = Leaves()
    use(found)
    yield found
    use(Waiting())


class Leaves(Waiting):
    """Somebody who leaves at the first note of what is read."""

    heard = ""

    def at(self, done: int, note: str = "") -> None:
        """Remember what was said, and leave."""
        self.heard = note
        self.abandon()
        super().at(done, note)


def write(path: Path) -> Path:
    """Write a table whose first quote is never closed, so that no later row fits its columns."""
    path.write_text('text,meta\ngood,x\n"open,x\n' + "one,two,three\n" * 2000)
    return path


def test_a_session_hears_of_rows_that_are_no_tasks(tmp_path: Path, waiting: Leaves) -> None:
    source = CsvSource(write(tmp_path / "a.csv"))
    rows = RowReader(source, START, Policy(), DEFAULT_SETTINGS).rows()
    assert next(rows)["text"] == "good"
    with pytest.raises(Abandoned):
        next(rows)
    assert waiting.heard == "500 of them no tasks"


def test_an_import_hears_of_rows_that_are_no_answers(tmp_path: Path, waiting: Leaves) -> None:
    source, reading = open_answers(str(write(tmp_path / "a.csv"))), RowReading()
    with pytest.raises(Abandoned):
        list(from_source(source, Options(), reading))
    assert waiting.heard == "500 rows are no answers"
    assert reading.bad_count == 500


def test_looking_for_the_view_can_be_left(tmp_path: Path, waiting: Leaves) -> None:
    rows = tmp_path / "a.csv"
    rows.write_text("text,meta\n" + "one,two,three\n" * 2000)
    with pytest.raises(Abandoned):
        guess_view(open_answers(str(rows)))
    assert waiting.abandoned
