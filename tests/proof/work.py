"""A session at work without a screen, and the ways in which one ends."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

from tests.support.engines import open_store, survives
from tui_annotate.job import Job
from tui_annotate.session.opening import open_session
from tui_annotate.session.session import Session
from tui_annotate.store.database import Store
from tui_annotate.stream.stream import collect_streams, get_stream

DATASET = "set"
ANNOTATOR = "anna"


def make_job(source: Path, *, keep: bool = False) -> Job:
    """Return a manual job on a file; with `keep` equal rows are asked as often as they occur."""
    with collect_streams() as streams:
        stream = get_stream(source, input_keys=("text",))
    config = {
        "labels": ["A", "B"],
        "ordered": True,
        "exclude_by": "task" if keep else "input",
        "keep_duplicates": keep,
    }
    components = {"dataset": DATASET, "view_id": "ner_manual", "stream": stream, "config": config}
    return Job.from_components("proof", components, {"keep": keep}, streams)


def open_work(database: Path, source: Path, *, keep: bool = False) -> Session:
    """Open the session of the annotator `anna` on a file; nothing is at hand before `start`."""
    job = make_job(source, keep=keep)
    store = open_store(database, timeout=5.0)
    try:
        return Session(open_session(store, job, ANNOTATOR))
    except BaseException:
        store.close()
        raise


def kill(session: Session, survivor: Path, database: Path | None = None) -> None:
    """Drop a session as SIGKILL does: only what is in its files at this moment is left.

    Args:
        session: It is of no use afterwards.
        survivor: Where the database goes on; a new name, as an orderly end would tidy the old one.
        database: The name by which it was opened; needed where that is a store on a server.
    """
    store = session.opened.store
    if store.engine == "sqlite":
        copy_files(store.path, survivor)
        store.close()
    else:
        assert database is not None
        # What was committed is on the server, to which nobody says goodbye.
        survives(database, survivor)
        store._connection.dialect.close()


def copy_files(database: Path, target: Path) -> None:
    """Copy a database with its log, byte for byte, while nobody writes."""
    for ending in ("", "-wal"):
        if Path(f"{database}{ending}").exists():
            shutil.copyfile(f"{database}{ending}", f"{target}{ending}")


def places(store: Store) -> Counter[int]:
    """Return how often each row of the only source is answered, waiting or dropped."""
    read = store._connection.read
    found = Counter(row for (row,) in read("SELECT row FROM waiting"))
    answered = "SELECT a.row FROM current c JOIN answers a ON a.id = c.answer_id"
    found.update(row for (row,) in read(answered))
    ranges = "SELECT first_row, last_row FROM drops WHERE kind <> 'notice'"
    for first, last in read(ranges):
        found.update(range(first, last + 1))
    return found


def sound(store: Store) -> None:
    """Assert that the database is whole and that its kept counts are those of its rows."""
    assert store.admin.check(full=True) == []
    read = store._connection.read
    kept: dict[str, int] = dict(
        read("SELECT what, sum(n) FROM tallies WHERE scope LIKE 'session:%' GROUP BY what")
    )
    counted: dict[str, int] = dict(read("SELECT answer, count(*) FROM current GROUP BY answer"))
    assert {what: n for what, n in kept.items() if n} == counted
