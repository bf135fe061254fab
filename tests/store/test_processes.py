"""Several processes on one store: the gate, compare-and-set, death, a full disk."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.store.support import identity, make_world, new_world
from tests.support.engines import is_on_files, open_store, place
from tui_annotate.errors import StoreLocked, StoreReadOnly, StoreUnavailable
from tui_annotate.store.write_lock import Gate

ROOT = Path(__file__).parents[2]


def worker(task: str, path: Path, *numbers: int) -> subprocess.Popen[str]:
    """Start another process at work on the store."""
    command = [
        sys.executable,
        "-m",
        "tests.store.worker",
        task,
        str(place(path)),
        *map(str, numbers),
    ]
    return subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_wait_is_told_for_whom_and_goes_on_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with new_world(path) as world, worker("hold", path) as other:
        assert line(other) == "held"
        told: list[str] = []

        def wait(whom: str) -> None:
            told.append(whom)
            if len(told) == 3 and other.stdin is not None:
                other.stdin.close()

        with world.store.write_txn(wait):
            world.store.answers.record(world.answer(identity(1)))
        assert len(told) >= 3
        rival = f"process {other.pid} (worker.py hold" if is_on_files() else "another session that"
        assert told[0].startswith(rival)
        assert world.store.answers.counts(world.dataset.id)["accept"] == 1


def test_a_wait_ends_after_the_time_out_and_can_be_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with new_world(path), worker("hold", path) as other:
        assert line(other) == "held"
        rival = f"process {other.pid}" if is_on_files() else "another session that writes"
        with pytest.raises(StoreLocked, match=f"locked by {rival}"):
            store = open_store(path, timeout=0.3)
            with closing(store), store.write_txn():  # on a server opening needs no lock
                pass
        assert other.stdin is not None
        other.stdin.close()
        with new_world(path) as world:
            assert world.dataset.id == 1


def test_a_wait_can_be_given_up(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def wait(_: str) -> None:
        raise Enough

    path = tmp_path / "a.db"
    with new_world(path) as world:
        with worker("hold", path) as other:
            assert line(other) == "held"
            with pytest.raises(Enough), world.store.write_txn(wait):
                pass
            assert other.stdin is not None
            other.stdin.close()
        with world.store.write_txn():
            world.store.answers.record(world.answer(identity(1)))


def test_a_stopped_owner_keeps_the_gate(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with new_world(path) as world, worker("hold", path) as other:
        assert line(other) == "held"
        other.send_signal(signal.SIGSTOP)
        world.store._connection.timeout = 0.3
        try:
            with pytest.raises(StoreLocked), world.store.write_txn():
                pass
        finally:
            other.kill()


@pytest.mark.files_only
def test_a_program_that_knows_no_gate_is_waited_for_too(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with new_world(path) as world:
        foreign = sqlite3.connect(path, isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        told: list[str] = []

        def wait(whom: str) -> None:
            told.append(whom)
            if foreign.in_transaction:
                foreign.execute("ROLLBACK")

        with world.store.write_txn(wait):
            world.store.answers.record(world.answer(identity(1)))
        assert told == ["another program"]
        foreign.execute("BEGIN IMMEDIATE")
        world.store._connection.timeout = 0.3
        with pytest.raises(StoreLocked, match="another program"), world.store.write_txn():
            pass
        foreign.close()


def test_a_kill_inside_a_transaction_leaves_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with worker("die", path) as other:
        assert line(other) == "saved 1"
        assert line(other) == ""
    assert other.returncode == -signal.SIGKILL
    with open_store(path, timeout=5) as store:
        world = make_world(store)
        assert store.answers.counts(world.dataset.id)["accept"] == 1
        assert (world.cursor.version, world.cursor.state.row) == (1, 1)
        assert store.admin.check(full=True) == []


@pytest.mark.files_only
def test_a_kill_inside_an_upgrade_leaves_the_old_schema(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with new_world(path):
        pass
    with worker("upgrade", path) as other:
        pass
    assert other.returncode == -signal.SIGKILL
    assert (tmp_path / "a.db.before-m901_more").exists()
    with open_store(path) as store:
        assert not store.too_new
        assert ("more",) not in store._connection.db.execute(
            "SELECT name FROM sqlite_master"
        ).fetchall()
        assert store.admin.find_dataset("set") is not None


def test_two_sessions_of_one_annotator_never_answer_a_task_twice(tmp_path: Path) -> None:
    path, times = tmp_path / "a.db", 60
    with new_world(path) as world:
        with worker("race", path, times) as one, worker("race", path, times) as two:
            for process in (one, two):
                assert line(process) == "ready"
            for process in (one, two):
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            results = [[int(word) for word in line(each).split()] for each in (one, two)]
        won, lost = (sum(column) for column in zip(*results, strict=True))
        rows = [stored.record.row for stored in world.store.answers.iterate(world.dataset.id)]
        assert rows == list(range(1, won + 1))
        assert lost > 0, "they never met"


@pytest.mark.files_only
def test_a_full_disk_loses_nothing_and_can_be_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with worker("fill", path, 400_000) as other:
        failure, acknowledged = line(other).split()
        assert (failure, line(other), line(other)) == ("StoreFull", acknowledged, "saved")
    with open_store(path, readonly=True) as store:
        assert store.answers.counts(1)["accept"] == int(acknowledged) + 1 > 1
        assert store.admin.check(full=True) == []


def refuse(number: int) -> Any:
    def flock(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return flock


@pytest.mark.files_only
def test_a_file_system_without_flock_has_the_engine_s_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "flock", refuse(errno.ENOLCK))
    with new_world(tmp_path / "a.db") as world:
        assert world.store.gate_refused
        assert world.dataset.id == 1


@pytest.mark.files_only
def test_a_stale_handle_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with new_world(tmp_path / "a.db") as world:
        with monkeypatch.context() as patch:
            patch.setattr(fcntl, "flock", refuse(errno.ESTALE))
            with pytest.raises(StoreUnavailable, match="stale"), world.store.write_txn():
                pass
        assert not world.store.gate_refused


@pytest.mark.files_only
def test_a_lock_file_is_no_way_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("keep")
    (tmp_path / "a.db-gate").symlink_to(tmp_path / "target")
    with pytest.raises((StoreUnavailable, StoreReadOnly)):
        open_store(tmp_path / "a.db")
    assert (tmp_path / "target").read_text() == "keep"


@pytest.mark.files_only
def test_everybody_in_a_queue_that_moves_comes_in(tmp_path: Path) -> None:
    """A queue takes longer than one holder may; whoever keeps the gate is given up all the same."""
    came: list[str] = []
    told: list[str] = []
    errors: list[BaseException] = []
    begin = threading.Barrier(14)

    def work() -> None:
        begin.wait()
        try:
            with Gate(tmp_path / "gate").hold(told.append, timeout=0.5):
                time.sleep(0.1)
                came.append("in")
        except BaseException as error:
            errors.append(error)

    people = [threading.Thread(target=work) for _ in range(14)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(came) == 14 and not errors and told


@pytest.mark.files_only
def test_who_waits_for_all_together_gives_up_although_the_queue_moves(tmp_path: Path) -> None:
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            with Gate(tmp_path / "gate").hold():
                stop.wait(0.25)

    people = [threading.Thread(target=work) for _ in range(6)]
    for person in people:
        person.start()
    try:
        while not (tmp_path / "gate").exists():
            time.sleep(0.01)
        with pytest.raises(StoreLocked):
            for _ in range(40):
                with Gate(tmp_path / "gate").hold(timeout=0.1, in_all=True):
                    pass
    finally:
        stop.set()
        for person in people:
            person.join()


@pytest.mark.files_only
def test_one_who_gave_up_leaves_the_gate_free(tmp_path: Path) -> None:
    """The place in the queue goes with its owner; the lock that comes for it is let go."""
    first, second = Gate(tmp_path / "gate"), Gate(tmp_path / "gate")
    with first.hold():
        assert second.owner().startswith(f"process {os.getpid()} (")
        with pytest.raises(StoreLocked), second.hold(timeout=0.1):
            pass
    with second.hold(timeout=5):
        pass
    deadline = time.monotonic() + 60
    while any(each.name == "write gate" for each in threading.enumerate()):
        assert time.monotonic() < deadline, "its thread still waits"
        time.sleep(0.01)
