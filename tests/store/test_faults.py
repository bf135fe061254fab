"""Every way in which the engine fails, and every statement at which it can."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.store.support import Failing, World, identity, new_world
from tests.support.engines import is_on_files, open_store
from tui_annotate.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
    StoreUnavailable,
    WriteConflict,
)
from tui_annotate.store.error_mapping import engine_failure, is_busy, system_failure
from tui_annotate.store.records import CursorState, DraftKey, Drop, NewWaiting, StoredDraft


def engine_error(code: int, text: str = "failed") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_BUSY, StoreLocked),
        (sqlite3.SQLITE_BUSY_RECOVERY, StoreLocked),
        (sqlite3.SQLITE_LOCKED, StoreLocked),
        (sqlite3.SQLITE_PROTOCOL, StoreLocked),
        (sqlite3.SQLITE_READONLY_DIRECTORY, StoreReadOnly),
        (sqlite3.SQLITE_PERM, StoreReadOnly),
        (sqlite3.SQLITE_FULL, StoreFull),
        (sqlite3.SQLITE_CORRUPT_INDEX, StoreCorrupt),
        (sqlite3.SQLITE_NOTADB, StoreCorrupt),
        (sqlite3.SQLITE_IOERR_WRITE, StoreUnavailable),
        (sqlite3.SQLITE_CANTOPEN, StoreUnavailable),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, WriteConflict),
        (sqlite3.SQLITE_ERROR, StoreError),
    ],
)
@pytest.mark.files_only
def test_each_kind_has_its_error(tmp_path: Path, code: int, expected: type[StoreError]) -> None:
    (tmp_path / "a.db").touch()
    error = engine_failure(engine_error(code), tmp_path / "a.db")
    assert type(error) is expected
    assert error.where == str(tmp_path / "a.db")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("database is locked", StoreLocked),
        ("attempt to write a readonly database", StoreReadOnly),
        ("database or disk is full", StoreFull),
        ("database disk image is malformed", StoreCorrupt),
        ("file is not a database", StoreCorrupt),
        ("UNIQUE constraint failed: answers.supersedes", WriteConflict),
        ("no such table: x", StoreError),
    ],
)
@pytest.mark.files_only
def test_a_binding_without_codes_is_understood_by_its_words(
    tmp_path: Path, text: str, expected: type[StoreError]
) -> None:
    error = sqlite3.OperationalError(text)
    assert type(engine_failure(error, tmp_path / "a.db")) is expected
    assert is_busy(error) is (expected is StoreLocked)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.EFBIG, StoreFull),
        (errno.EACCES, StoreReadOnly),
        (errno.EROFS, StoreReadOnly),
        (errno.ESTALE, StoreUnavailable),
        (errno.EIO, StoreUnavailable),
    ],
)
@pytest.mark.files_only
def test_an_i_o_error_is_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[StoreError]
) -> None:
    """The engine says `I/O error` for a quota, too; a write of our own tells."""
    (tmp_path / "a.db").touch()

    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "pwrite", fail)
    error = engine_failure(engine_error(sqlite3.SQLITE_IOERR_WRITE), tmp_path / "a.db")
    assert type(error) is expected
    assert type(system_failure(OSError(number, "x"), tmp_path / "a.db")) is expected


def act(world: World, old: int) -> None:
    """Do in one transaction all that a session may do in one."""
    store, job = world.store, world.cursor.key.job_id
    key = DraftKey(world.session.id, job, identity(2))
    with store.write_txn():
        store.answers.record(world.answer(identity(1), answer="reject", supersedes=old))
        new = store.answers.record(world.answer(identity(2)))
        store.answers.record(
            world.answer(identity(2), kind="retraction", answer=None, supersedes=new)
        )
        left = store.progress.waiting_add(NewWaiting(world.queue, "later", identity(3), "{}"))
        store.progress.waiting_add(NewWaiting(world.queue, "later", identity(4), "{}"))
        store.progress.waiting_remove(left)
        store.progress.save_draft(StoredDraft(key, "{}", "{}"))
        store.progress.add_drops(world.cursor.id, [Drop("bad", "not-json", 9, 9)])
        store.progress.move_cursor(world.cursor.id, CursorState(row=9), 0)


def everything(world: World) -> list[object]:
    """Return the contents of all tables, leaving out times and counts that are zero."""
    connection = world.store._connection
    tables = ("answers", "current", "waiting", "drafts", "drops", "cursors")
    found: list[object] = []
    for table in tables:
        described = connection.execute(f"SELECT * FROM {table} LIMIT 0").description
        names = [column[0] for column in described]
        left_out = {name for name in names if name.endswith("_at")}
        if not is_on_files() and table != "answers":
            left_out.add("id")  # a server gives no number again that it gave to what was undone
        kept = ", ".join(f'"{name}"' for name in names if name not in left_out)
        order = "id" if "id" in names else "1"
        found.append(connection.read(f"SELECT {kept} FROM {table} ORDER BY {order}"))
    return [*found, connection.read("SELECT * FROM tallies WHERE n <> 0 ORDER BY 1, 2")]


@pytest.mark.server_on_request
def test_whichever_statement_fails_nothing_has_changed_and_a_retry_does_it_all(
    tmp_path: Path,
) -> None:
    """For every n: the n-th statement fails as on a full disk, then all is well again."""
    with new_world(tmp_path / "model.db") as model:
        with model.store.write_txn():
            old = model.store.answers.record(model.answer(identity(1)))
        before = everything(model)
        act(model, old)
        after = everything(model)
    seen: list[str] = []
    for nth in range(1, 200):
        with new_world(tmp_path / f"{nth}.db") as world:
            with world.store.write_txn():
                world.store.answers.record(world.answer(identity(1)))
            failing = Failing(world.store, nth)
            try:
                act(world, old)
            except StoreFull:
                failing.stop()
                assert everything(world) == before
                act(world, old)
            failing.stop()
            assert everything(world) == after
        if not failing.failed:
            break
        seen.append(failing.failed.split()[0])
    wanted = {"INSERT", "SELECT", "UPDATE", "DELETE"}
    if is_on_files():  # a server's dialect begins and commits by itself
        wanted |= {"BEGIN", "COMMIT"}
    assert wanted <= set(seen)
    assert 15 < len(seen) < 199


@pytest.mark.files_only
def test_a_rollback_that_fails_too_is_made_up_for(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        connection = world.store._connection
        execute = connection.execute

        def refuse(sql: str, parameters: Any = (), *, many: bool = False) -> Any:
            if sql in ("COMMIT", "ROLLBACK"):
                raise engine_error(sqlite3.SQLITE_FULL)
            return execute(sql, parameters, many=many)

        connection.execute = refuse  # type: ignore[method-assign]
        with pytest.raises(StoreFull), world.store.write_txn():
            world.store.answers.record(world.answer(identity(1)))
        connection.execute = execute  # type: ignore[method-assign]
        assert world.store.answers.counts(world.dataset.id)["accept"] == 0
        with world.store.write_txn():
            world.store.answers.record(world.answer(identity(1)))
        assert world.store.answers.counts(world.dataset.id)["accept"] == 1


@pytest.mark.files_only
def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="this is a folder"):
        open_store(tmp_path)


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        pass
    world.store.close()
    with pytest.raises(StoreUnavailable, match="is closed"):
        world.store.admin.datasets()


@pytest.mark.files_only
def test_a_file_that_turned_read_only_refuses_and_works_again(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        world.store._connection.db.execute("PRAGMA query_only = ON")
        with pytest.raises(StoreReadOnly, match="read-only"), world.store.write_txn():
            world.store.answers.record(world.answer(identity(1)))
        world.store._connection.db.execute("PRAGMA query_only = OFF")
        with world.store.write_txn():
            world.store.answers.record(world.answer(identity(1)))
        assert world.store.answers.counts(world.dataset.id)["accept"] == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.files_only
def test_a_read_only_folder_is_read_and_not_written(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    with new_world(folder / "a.db"):
        pass
    folder.chmod(0o500)
    try:
        with open_store(folder / "a.db", readonly=True) as store:
            assert store.admin.find_dataset("set") is not None
        (folder / "a.db").chmod(0o400)
        with pytest.raises(StoreReadOnly), open_store(folder / "a.db") as store, store.write_txn():
            store.admin.dataset("new")
    finally:
        folder.chmod(0o700)


def test_a_value_that_cannot_be_stored_is_an_error_of_ours(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        for bad in ({"content": "\ud800"}, {"answered_at": 1 << 63}):
            with pytest.raises(StoreError, match="cannot be stored"), world.store.write_txn():
                world.store.answers.record(world.answer(identity(1), **bad))
        assert world.store.answers.counts(world.dataset.id)["accept"] == 0
