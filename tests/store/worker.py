"""What other processes do in store tests: `python -m tests.store.worker TASK PATH ...`."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlite_utils import Database

from tests.store.support import identity, make_world
from tests.support.engines import open_store
from tui_annotate.data_paths import store_path
from tui_annotate.errors import StoreError, WriteConflict
from tui_annotate.store import schema
from tui_annotate.store.records import CursorState


def say(line: str) -> None:
    """Tell the test something."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def hold(path: Path) -> None:
    """Keep the gate until standard input ends."""
    with open_store(path) as store, store.write_txn():
        say("held")
        sys.stdin.read()


def die(path: Path) -> None:
    """Answer once, begin a second answer and be killed in the middle of its transaction."""
    store = open_store(path)
    world = make_world(store)
    for number in (1, 2):
        with store.write_txn():
            store.answers.record(world.answer(identity(number)))
            store.progress.move_cursor(world.cursor.id, CursorState(row=number), number - 1)
            if number == 2:
                os.kill(os.getpid(), signal.SIGKILL)
        say(f"saved {number}")


def race(path: Path, times: int) -> None:
    """Answer the task after the cursor again and again, as a second session of one annotator."""
    won = lost = 0
    with open_store(path) as store:
        world = make_world(store)
        say("ready")
        sys.stdin.readline()
        while won + lost < times:
            cursor = store.progress.cursor(world.cursor.key)
            assert cursor is not None
            number = cursor.state.row + 1
            time.sleep(0.001)
            try:
                with store.write_txn():
                    store.answers.record(world.answer(identity(number), row=number))
                    state = CursorState(row=number)
                    store.progress.move_cursor(cursor.id, state, cursor.version)
                won += 1
            except WriteConflict:
                lost += 1
    say(f"{won} {lost}")


def fill(path: Path, limit: int) -> None:
    """Answer until no file may grow further, lift the limit and answer once more."""
    acknowledged = 0
    with open_store(path) as store:
        world = make_world(store)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            while acknowledged < 10_000:
                with store.write_txn():
                    answer = world.answer(identity(acknowledged), content="x" * 2000)
                    store.answers.record(answer)
                acknowledged += 1
        except StoreError as error:
            say(f"{type(error).__name__} {acknowledged}")
        say(str(store.answers.counts(world.dataset.id)["accept"]))
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        with store.write_txn():
            store.answers.record(world.answer(identity(acknowledged)))
        say("saved")


def upgrade(path: Path) -> None:
    """Be killed in the middle of an upgrade of the schema."""

    def m901_more(db: Database) -> None:
        db.execute("CREATE TABLE more (id INTEGER PRIMARY KEY)")

    def m902_killed(db: Database) -> None:
        db.execute("ALTER TABLE datasets ADD COLUMN extra TEXT")
        os.kill(os.getpid(), signal.SIGKILL)

    schema.MIGRATIONS.update(m901_more=m901_more, m902_killed=m902_killed)
    open_store(path)


if __name__ == "__main__":
    task, file, *numbers = sys.argv[1:]
    tasks: dict[str, Callable[..., None]] = {
        "hold": hold,
        "die": die,
        "race": race,
        "fill": fill,
        "upgrade": upgrade,
    }
    tasks[task](store_path(file), *map(int, numbers))
