"""File systems whose locks are not shared: two hosts on one folder, each with locks of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.attack.test_taken_away import answers
from tests.conftest import RunsHeadless, StartsTerminal
from tests.proof.torture import COMMAND, write_source
from tests.store.support import identity, make_world, new_world
from tests.support.environment import annotate_argv
from tests.support.fuse import missing, mounted, other_host
from tui_annotate.errors import StoreElsewhere
from tui_annotate.store import write_lock as gates
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.gate_record import SIZE, FileMark, GateRecord, read_record
from tui_annotate.store.write_lock import STALE

needs_mounts = pytest.mark.skipif(bool(missing()), reason=missing() or "folders can be mounted")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


def answer(store: Store, number: int) -> None:
    world = make_world(store)
    with store.write_txn():
        store.answers.record(world.answer(identity(number)))


def stay(path: Path) -> None:
    """Write, and be killed: the record is left as of a program that is still there."""
    store = open_store(path)
    world = make_world(store)
    with store.write_txn():
        store.visits.enter(world.session.id, "somebody")
    store.close()


def on(patch: pytest.MonkeyPatch, name: str) -> None:
    """Be another host from now on."""
    patch.setattr(gates, "boot_id", lambda: f"boot-of-{name}")
    patch.setattr(gates, "host_name", lambda: name)


def grow_old(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(f"{path}-gate", (then, then))


@pytest.mark.quick
def test_a_host_that_was_at_work_just_now_keeps_others_out(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, "anna")
    stay(path)
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        on(patch, "ben")
        for seconds in (0, STALE - 5):
            grow_old(path, seconds)
            with pytest.raises(StoreElsewhere, match=r"in use by host anna.*one host at a time"):
                open_store(path)
        assert path.read_bytes() == before
        grow_old(path, STALE + 5)
        open_store(path).close()
    grow_old(path, 0)
    with pytest.raises(StoreElsewhere, match="host ben"):
        open_store(path)


@pytest.mark.quick
def test_who_left_in_order_lets_others_in_at_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("anna", "ben", "anna"):
        on(monkeypatch, name)
        with open_store(path) as store:
            answer(store, 1 if name == "anna" else 2)


@pytest.mark.quick
def test_one_who_comes_back_from_a_long_sleep_writes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, "anna")
    with new_world(path) as world:
        with world.store.write_txn():
            world.store.visits.enter(world.session.id, "anna")
        with monkeypatch.context() as patch:
            on(patch, "ben")
            grow_old(path, STALE + 5)
            other = open_store(path)
            answer(other, 1)
        with pytest.raises(StoreElsewhere, match="host ben"), world.store.write_txn():
            world.store.answers.record(world.answer(identity(2)))
        answer(other, 3)
        other.close()
    assert answers(path) == 2


@pytest.mark.quick
def test_another_host_that_writes_at_the_same_time_is_found_out_after_the_commit(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, "anna")
    world = make_world(store := open_store(path))
    record = read_record(Path(f"{path}-gate").read_bytes())
    assert record is not None
    with pytest.raises(StoreElsewhere, match=r"host ben.*All that was saved is"), store.write_txn():
        store.answers.record(world.answer(identity(1)))
        with Path(f"{path}-gate").open("r+b") as file:  # its lock does not reach here
            file.seek(240)
            file.write(record._replace(host="ben", boot="boot-of-ben").to_bytes())
    (copy,) = path.parent.glob("a.db.rescued-*")
    assert answers(copy) == 1
    store.close()


@pytest.mark.quick
def test_clocks_do_not_count(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "anna")
    for wrong in (-86_400, 86_400):
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda wrong=wrong: 1_700_000_000 + wrong)
            stay(path)
        with monkeypatch.context() as patch:
            on(patch, "ben")
            with pytest.raises(StoreElsewhere):
                open_store(path)


@pytest.mark.quick
def test_containers_of_one_machine_are_one_host(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stay(path)
    monkeypatch.setattr(gates, "host_name", lambda: "another-container")
    with open_store(path) as store:
        answer(store, 1)


@pytest.mark.quick
@pytest.mark.parametrize(
    "record", [b"", b"\xff" * 2000, b"host-1 " * 200, b" " * SIZE, b"1" * 5000]
)
def test_a_gate_file_that_says_nothing_keeps_nobody_out(path: Path, record: bytes) -> None:
    Path(f"{path}-gate").write_bytes(record)
    with open_store(path) as store:
        answer(store, 1)


@pytest.mark.quick
def test_a_record_is_read_as_it_was_written() -> None:
    record = GateRecord(
        "a host\tof ours", "boot", 3, 5.5, True, False, 7, FileMark(1, 2, 3), 4, True
    )
    assert read_record(bytes(240) + record.to_bytes()) == record._replace(host="a host\tof ours")
    empty = record._replace(database=None, journal=None, host="h" * 5000)
    found = read_record(bytes(240) + empty.to_bytes())
    assert found is not None and found[1:] == empty[1:]
    assert len(record.to_bytes()) == len(empty.to_bytes()) == SIZE - 240


@needs_mounts
def test_locks_of_the_mount_are_its_own(tmp_path: Path) -> None:
    """What the tests below stand on: two locks are held at once."""
    (tmp_path / "shared").mkdir()
    hold = (
        "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX | 4);"
        "print('held', flush=True); sys.stdin.read()"
    )
    with mounted(tmp_path / "shared", tmp_path / "remote") as remote:
        held = []
        for folder in (tmp_path / "shared", remote):
            argv = [sys.executable, "-c", hold, str(folder / "lock")]
            pipe = subprocess.PIPE
            held.append(subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True))
        for each in held:
            assert each.communicate("")[0] == "held\n"


@needs_mounts
@pytest.mark.terminal
def test_the_second_host_is_told_whose_it_is(
    tmp_path: Path, home: Path, annotate: StartsTerminal, terminal: StartsTerminal
) -> None:
    (tmp_path / "shared").mkdir()
    write_source(tmp_path, 20)
    database = tmp_path / "shared" / "a.db"
    with (
        mounted(tmp_path / "shared", tmp_path / "remote") as remote,
        annotate(*COMMAND, cwd=tmp_path, env={"TUI_ANNOTATE_DB": str(database)}) as first,
    ):
        first.wait_for("row000001")
        first.type("a a a")
        theirs = {"TUI_ANNOTATE_DB": str(remote / "a.db")}
        argv = other_host(tmp_path, annotate_argv(*COMMAND))
        with terminal(*argv, cwd=tmp_path, env=theirs) as second:
            assert second.wait_exit() == 1
            text = "".join(second.screen_text().split())  # folded anywhere, as the path is long
            assert f"inusebyhost{os.uname().nodename}" in text
            assert "Onlyonehostatatime" in text
        first.type("a a")
        first.wait_for("5 done")  # a `q` that comes before says that something is not saved yet
        first.type("q q")
        assert first.wait_exit() == 0
        with terminal(*argv, cwd=tmp_path, env=theirs) as second:
            second.wait_for("row000006")  # nobody is left there, so nobody waits
            second.type("a a")
            second.wait_for("7 done")
            second.type("q q")
            assert second.wait_exit() == 0
    assert answers(database) == 7


@needs_mounts
@pytest.mark.terminal
def test_the_first_start_on_such_a_file_system_says_so_and_so_does_doctor(
    tmp_path: Path, home: Path, annotate: StartsTerminal, headless: RunsHeadless
) -> None:
    (tmp_path / "shared").mkdir()
    write_source(tmp_path, 20)
    with mounted(tmp_path / "shared", tmp_path / "remote") as remote:
        env = {"TUI_ANNOTATE_DB": str(remote / "a.db")}
        for said in (True, False):
            with annotate(*COMMAND, cwd=tmp_path, env=env) as first:
                first.wait_for("row000001")
                first.settle()
                shown = "is on fuse.remote" in first.screen_text()
                assert shown is said, first.screen_text()
                first.type("q q")
                assert first.wait_exit() == 0
        told = headless("doctor", env=env).stdout
    assert "fuse.remote" in told
    assert "use it from one host at a time" in told
