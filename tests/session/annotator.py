"""One annotator at work without a screen, on files in a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from tests.support.engines import open_store
from tui_annotate.cli.recipe_command import build_job
from tui_annotate.cli.stream_options import Policies
from tui_annotate.job import Job
from tui_annotate.recipes.registry import get_recipe
from tui_annotate.session.opening import SourceReading, open_session
from tui_annotate.session.session import Session
from tui_annotate.task.schema import Decision


def write_rows(path: Path, texts: Iterable[str]) -> Path:
    """Write JSON lines with one text each."""
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    return path


def make_job(
    source: Path, dataset: str = "my_set", policies: Policies | None = None, **values: str
) -> Job:
    """Return a `ner.manual` job under policies, as its command makes it."""
    given = {"dataset": dataset, "source": str(source), "label": "PER,ORG", **values}

    def build() -> Job:
        return (policies or Policies()).apply(build_job(get_recipe("ner.manual"), given))

    return replace(build(), renew=build)


class Annotator:
    """A session that is open; a context manager that ends it in order, unless it was killed.

    Args:
        folder: The database is `a.db` in it.
        source: The file of rows.
        options: `dataset`, `name`, `policies`, `reading`, and arguments of the recipe.
    """

    def __init__(self, folder: Path, source: Path, **options: Any) -> None:
        name = options.pop("name", "anna")
        reading: SourceReading | None = options.pop("reading", None)
        self._ends = ExitStack()
        self.store = open_store(folder / "a.db", timeout=5.0)
        self._ends.callback(self.store.close)
        try:
            job = make_job(source, **options)
            self.opened = open_session(self.store, job, name, reading=reading)
        except BaseException:
            self.kill()
            raise
        self.session = Session(self.opened)
        self._ends.callback(self.session.close)
        self.first = self.session.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def kill(self) -> None:
        """End without a word, as SIGKILL does."""
        self._ends.pop_all()
        self.store.close()

    @property
    def text(self) -> str | None:
        """The text of the task at hand; None at the end."""
        item = self.session.item
        return None if item is None else str(item.task["text"])

    def answer(self, decision: Decision = "accept", **edits: Any) -> str:
        """Answer the task at hand, go on, and return its text."""
        item = self.session.item
        assert item is not None
        self.session.decide(decision, {**item.task, **edits})
        self.session.advance()
        return str(item.task["text"])

    def answer_all(self, limit: int = 1000) -> list[str]:
        """Answer what is left, at most `limit` tasks, and return the texts in their order."""
        texts: list[str] = []
        while self.session.item is not None and len(texts) < limit:
            texts.append(self.answer())
        return texts


def drops_of(folder: Path, dataset: str = "my_set") -> list[tuple[str, int, int, str]]:
    """Return reason, first and last row and detail of what a dataset's sessions dropped."""
    with open_store(folder / "a.db") as store:
        found = store.admin.find_dataset(dataset)
        assert found is not None
        drops = [each.drop for each in store.progress.dataset_drops(found.id)]
    return [(drop.reason, drop.first_row, drop.last_row, drop.detail) for drop in drops]


def work(folder: Path, source: Path, limit: int = 1000, **options: Any) -> list[str]:
    """Open a session, answer at most `limit` tasks, end it, and return their texts."""
    with Annotator(folder, source, **options) as annotator:
        return annotator.answer_all(limit)
