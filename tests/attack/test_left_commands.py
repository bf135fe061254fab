"""Commands that take long count what they do, and whoever leaves them leaves nothing half done."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless
from tests.store.support import World, identity, new_world
from tests.support.environment import annotate_argv
from tests.support.terminal import Terminal
from tui_annotate.cli.doctor import answer_problems
from tui_annotate.cli.main import _ending_in_order
from tui_annotate.commands.wait_monitor import WaitMonitor
from tui_annotate.errors import Abandoned
from tui_annotate.private_file import begun
from tui_annotate.store import connect, removal, restore
from tui_annotate.store.recover import recover
from tui_annotate.store.removal import PURGING
from tui_annotate.store.sqlite_binding import sqlite3
from tui_annotate.waiting import Waiting, use

ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT count(*) FROM n WHERE i < 0"
)
COUNT = 2_500


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A store with answers, whose engine looks after each step whether anybody still waits."""
    with new_world(tmp_path / "store" / "a.db") as world:
        with world.store.write_txn():
            for number in range(1, COUNT + 1):
                world.store.answers.record(world.answer(identity(number)))
        monkeypatch.setattr(connect, "_STEPS", 10)
        monkeypatch.setattr(removal, "_PIECE", 100)
        yield world


class Leaving(Waiting):
    """Somebody who leaves as soon as a sentence is said, or the work has counted."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self._at = at

    def at(self, done: int, note: str = "") -> None:
        super().at(done, note)
        self.look()

    def look(self) -> None:
        self.seen.append(self.sentence(""))
        if self._at in self.seen[-1]:
            self.abandon()

    def stops(self) -> bool:
        self.look()
        return super().stops()


def _remove(world: World) -> None:
    with world.store.write_txn():
        world.store.purge.remove(world.dataset.id, world.dataset.name)


def _restore(world: World, folder: Path) -> None:
    world.store.admin.backup(folder / "backup.db")
    path = world.store.path
    world.store.close()
    restore.restore(folder / "backup.db", path)


WORK: dict[str, tuple[Callable[[World, Path], object], str]] = {
    "backup": (lambda world, to: world.store.admin.backup(to / "b.db"), "copying to b.db"),
    "check": (lambda world, _: world.store.admin.check(full=True), "sound"),
    "answers": (
        lambda world, _: list(answer_problems(world.store, world.dataset)),
        "reading answers",
    ),
    "derived": (lambda world, _: world.store.derived.problems(), "comparing"),
    "remove": (lambda world, _: _remove(world), "deleting answers"),
    "wipe": (lambda world, _: world.store.purge.wipe(), "writing a.db anew"),
    "recover": (lambda world, to: recover(world.store.path, to / "r.db"), "copying answers"),
}


@pytest.mark.parametrize("name", WORK)
def test_work_that_is_left_stops_and_leaves_all_as_it_was(
    world: World, tmp_path: Path, name: str
) -> None:
    work, said = WORK[name]
    (tmp_path / "to").mkdir()
    leaving = Leaving(said)
    use(leaving)
    try:
        with pytest.raises(Abandoned):
            work(world, tmp_path / "to")
    finally:
        use(Waiting())
    assert any(said in sentence for sentence in leaving.seen)
    assert list((tmp_path / "to").iterdir()) == []
    assert leaving.stopping
    assert world.store.answers.counts(world.dataset.id)["accept"] == COUNT
    assert world.store.admin.check(full=True) == world.store.derived.problems() == []
    with world.store.write_txn():  # and it can be written
        world.store.answers.record(world.answer(identity(COUNT + 1)))


def test_a_restore_that_is_left_has_exchanged_nothing(world: World, tmp_path: Path) -> None:
    path = world.store.path
    world.store.admin.backup(tmp_path / "backup.db")
    world.store.close()
    before = {each.name: each.stat().st_ino for each in path.parent.iterdir()}
    for said in ("whether backup.db is sound", "copying backup.db", "whether a.db is sound"):
        use(Leaving(said))
        try:
            with pytest.raises(Abandoned):
                restore.restore(tmp_path / "backup.db", path)
        finally:
            use(Waiting())
        after = {each.name: each.stat().st_ino for each in path.parent.iterdir()}
        assert {name: after.pop(name) for name in before} == before, said
        assert set(after) <= {"a.db-wal", "a.db-shm"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_engine_and_ends_the_command_as_such(number: signal.Signals) -> None:
    """What a handler raises within the engine's callback is dropped by the binding."""
    timer = threading.Timer(0.2, os.kill, (os.getpid(), number))
    timer.start()
    expected = KeyboardInterrupt if number is signal.SIGINT else SystemExit
    with (
        closing(sqlite3.connect(":memory:")) as db,
        pytest.raises(expected),
        _ending_in_order(["backup", "b.db"]),
        connect.stoppable(db),
    ):
        db.execute(ENDLESS).fetchall()
    timer.join()


def test_work_that_clears_up_by_itself_is_not_interrupted_in_that() -> None:
    waiting, cleared = Waiting(), []
    monitor = WaitMonitor(waiting, lambda _: waiting.abandon(), every=0.0)
    monitor._keys = None
    with pytest.raises(Abandoned), monitor.watch("at work"):
        try:
            while True:
                time.sleep(0.001)
                monitor.left = waiting.abandoned
                waiting.check()
        finally:
            time.sleep(5 * WaitMonitor.GRACE)
            cleared.append(True)
    assert cleared == [True]


@pytest.mark.parametrize("command", ["drop", "purge"])
def test_a_command_that_is_left_says_so_and_changes_nothing(
    world: World, tmp_path: Path, command: str, headless: RunsHeadless
) -> None:
    path = world.store.path
    name = world.dataset.name
    world.store.close()
    # Somebody else writes meanwhile, so that it takes long.
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        argv = annotate_argv(command, name, "--yes")
        with Terminal(argv, home=tmp_path / "home", env={"TUI_ANNOTATE_DB": str(path)}) as line:
            line.wait_for("q leaves")
            line.send("q")
            assert line.wait_exit() == 130
            line.wait_for("this was left before it was done")
        other.execute("ROLLBACK")
    assert begun(path, PURGING) == []
    done = headless("stats", "--json", name, env={"TUI_ANNOTATE_DB": str(path)})
    assert f'"accept": {COUNT}' in done.stdout or f'"accept":{COUNT}' in done.stdout, done
