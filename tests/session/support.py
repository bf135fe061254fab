"""A session on a small file in a real store, opened again as often as a test wants."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.engines import open_store
from tui_annotate.job import Job
from tui_annotate.session.opening import open_session
from tui_annotate.session.session import Session
from tui_annotate.session.types import Draft, Item, Receipt
from tui_annotate.store.database import Store
from tui_annotate.stream.stream import collect_streams, get_stream
from tui_annotate.task.schema import Decision, Task

Change = Callable[[Iterable[Task]], Iterator[Task]]

SPAN = {"start": 0, "end": 4, "label": "ORG"}


def write_rows(path: Path, texts: Iterable[str]) -> Path:
    """Write a JSONL file with one text a line."""
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    return path


def make_job(source: Path, change: Change | None = None, **components: Any) -> Job:
    """Return a job of the source's tasks, changed by `change`, with more components."""
    with collect_streams() as streams:
        stream = get_stream(source, input_keys=("text",))
        if change is not None:
            stream.apply(change)
    found = {"dataset": "my_set", "view_id": "ner_manual", "stream": stream, **components}
    found["config"] = {"labels": ["ORG", "LOC"], **components.get("config", {})}
    return Job.from_components("test.recipe", found, {}, streams)


class Place:
    """A source and a database in a folder.

    Args:
        folder: An empty folder.
        texts: The texts of the source.
    """

    def __init__(self, folder: Path, texts: Iterable[str]) -> None:
        self.source = write_rows(folder / "rows.jsonl", texts)
        self.database = folder / "annotations.db"

    def open(
        self,
        change: Change | None = None,
        *,
        annotator: str = "anna",
        strict: bool = False,
        direct: bool = False,
        **components: Any,
    ) -> Session:
        """Open a session, as each start of the program does; `direct` as for built-in recipes."""
        job = make_job(self.source, change, **components)
        job.direct = direct
        store = open_store(self.database, timeout=5)
        try:
            opened = open_session(store, job, annotator, strict=strict)
        except BaseException:
            store.close()
            raise
        return Session(opened, clock=lambda: 1_700_000_000)

    @contextmanager
    def session(self, change: Change | None = None, **components: Any) -> Iterator[Session]:
        """Open a session with its first task on the table, and close it in order."""
        session = self.open(change, **components)
        session.start()
        yield session
        session.close()

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Look into the database."""
        with open_store(self.database, readonly=True) as store:
            yield store

    def answers(self) -> list[tuple[str, str]]:
        """Return text and decision of every answer that stands, oldest first."""
        with self.store() as store:
            dataset = store.admin.find_dataset("my_set")
            assert dataset is not None
            found = [json.loads(each.record.content) for each in store.answers.iterate(dataset.id)]
        return [(content["text"], content["answer"]) for content in found]


def text_of(item: Item | None) -> str | None:
    """Return the text of a task; None where there is none."""
    return None if item is None else str(item.task["text"])


def at_hand(session: Session) -> Item:
    """Return the task at hand, which has to be there."""
    assert session.item is not None
    return session.item


def answer(session: Session, decision: Decision = "accept", **changes: Any) -> Receipt:
    """Answer the task at hand and go on to the next."""
    receipt = session.decide(decision, {**at_hand(session).task, **changes})
    session.advance()
    return receipt


def answer_in_turns(people: Sequence[Session], rounds: int) -> None:
    """Let people who work at once look for tasks and answer them, one after another."""
    for _ in range(rounds):
        for session in people:
            session.look_again()
            if session.item is not None:
                answer(session)


def draft(*spans: dict[str, Any], cursor: int = 0, edited: bool = True) -> Draft:
    """Return what an editor would give."""
    return Draft({"spans": list(spans)}, {"cursor": cursor}, edited)


def die(session: Session) -> None:
    """End without a word, as a killed process does: nothing is written."""
    session.opened.store.close()
