"""Sessions without a screen: a job, a store, and decisions by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tui_annotate.job import Job
from tui_annotate.recipes.registry import get_recipe
from tui_annotate.session.opening import open_session
from tui_annotate.session.session import Session
from tui_annotate.store.database import open_store
from tui_annotate.task.schema import Task


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def job_of(name: str, **values: Any) -> Job:
    """Call a recipe as the command line does."""
    from tui_annotate.cli.recipe_command import build_job

    return build_job(get_recipe(name), values)


def own_job(components: Mapping[str, Any], recipe: str = "my.recipe") -> Job:
    """Make a job of components, with what they leave out."""
    complete = {"dataset": "my_set", "view_id": "text", "stream": [], **components}
    return Job.from_components(recipe, complete)


def opened(job: Job, store: Path, annotator: str = "annotator-1") -> Session:
    """Open a session on a job."""
    return Session(open_session(open_store(store), job, annotator))


def asked(job: Job, store: Path, limit: int = 100) -> list[Task]:
    """Answer everything that a job asks, and return the tasks."""
    session = opened(job, store)
    found: list[Task] = []
    try:
        item = session.start()
        while item is not None and len(found) < limit:
            found.append(item.task)
            session.decide("accept", item.task)
            session.prefetch()
            item = session.advance()
    finally:
        session.close()
    return found


def run_through(
    session: Session, decide: Callable[[Task], str] = lambda _: "accept", limit: int = 1000
) -> int:
    """Answer tasks until there are none, and return how many there were."""
    count = 0
    item = session.start()
    while item is not None and count < limit:
        session.decide(decide(item.task), item.task)  # type: ignore[arg-type]
        session.prefetch()
        count += 1
        item = session.advance()
    return count
