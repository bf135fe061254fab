"""How many rows are to go, where tasks do not tell of which rows they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.session.support import Place, answer
from tui_annotate.task.schema import Task

pytestmark = pytest.mark.quick


def made_anew(tasks: Iterable[Task]) -> Iterator[Task]:
    return iter([{"text": task["text"], "label": "A"} for task in tasks])


def test_counts_are_an_estimate_where_tasks_do_not_name_their_rows(tmp_path: Path) -> None:
    place = Place(tmp_path, [f"Text {number}." for number in range(6)])
    with place.session(made_anew) as session:
        session.keep_count(6)
        counts = session.counts()
        assert (counts.to_go, counts.to_go_about) == (None, 6)
        for _ in range(2):
            answer(session)
            session.prefetch()
        assert session.counts().to_go_words == "about 4 to go"
    with place.session(made_anew) as session:
        session.keep_count(6)
        assert session.counts().to_go_words == "about 4 to go"
        for _ in range(4):
            answer(session)
            session.prefetch()
        assert session.counts().to_go_words == "0 to go"
