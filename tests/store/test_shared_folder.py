"""A store that a group shares: one account per person, a set-group-ID folder, any umask."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engines import open_store
from tests.support.environment import ROOT
from tui_annotate.private_file import is_shared, note_begun
from tui_annotate.store.diagnostics import loose_modes
from tui_annotate.store.recover import recover
from tui_annotate.store.rescue_deleted import rescue
from tui_annotate.store.restore import restore

pytestmark = pytest.mark.files_only

GROUP = 48_765
PEOPLE = {"anna": (48_001, 0o077), "ben": (48_002, 0o022), "cid": (48_003, 0o177)}
"""Names, and the numbers and umasks of their accounts."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody can reach, with a `store` in it that the group shares."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        place = Path(name)
        place.chmod(0o755)
        rows = "".join(json.dumps({"text": f"Acme {n}"}) + "\n" for n in range(6))
        (place / "rows.jsonl").write_text(rows)
        (place / "rows.jsonl").chmod(0o644)
        (place / "store").mkdir()
        yield place


def modes(folder: Path) -> dict[str, int]:
    return {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}


@pytest.mark.quick
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_the_group_can_write_whatever_the_umask(folder: Path, umask: int) -> None:
    (folder / "store").chmod(0o2770)
    before = os.umask(umask)
    try:
        with open_store(folder / "store" / "a.db") as store:
            with store.write_txn():
                store.admin.annotators()
            found = modes(folder / "store")
            assert loose_modes(store.path) == []
    finally:
        os.umask(before)
    assert {"a.db", "a.db-gate", "a.db-wal", "a.db-shm"} <= set(found)
    assert set(found.values()) == {0o660}


@pytest.mark.quick
@pytest.mark.parametrize("mode", [0o700, 0o770, 0o2750, 0o2700])
def test_elsewhere_it_is_its_owners_alone(folder: Path, mode: int) -> None:
    (folder / "store").chmod(mode)
    assert not is_shared(folder / "store")
    before = os.umask(0)
    try:
        with open_store(folder / "store" / "a.db"):
            found = modes(folder / "store")
    finally:
        os.umask(before)
    assert set(found.values()) == {0o600}


@pytest.mark.quick
def test_the_doctor_says_which_files_lock_a_member_out(folder: Path) -> None:
    database = folder / "store" / "a.db"
    open_store(database).close()
    (folder / "store").chmod(0o2770)
    assert "chmod 660 lets all of the group write" in loose_modes(database)[0]
    database.chmod(0o666)
    assert "chmod 660 keeps others out" in loose_modes(database)[0]


@pytest.mark.quick
@pytest.mark.parametrize("mode", [0o600, 0o660])
@pytest.mark.parametrize("folder_mode", [0o2770, 0o755])
def test_what_lies_beside_a_store_is_as_readable_as_it_is(
    folder: Path, folder_mode: int, mode: int
) -> None:
    """Notes, copies and the gate have the mode, owner and group of the database, whoever makes
    them: a note that a member cannot read would be written anew without what it says."""
    place, owner = folder / "store", os.geteuid()
    database = place / "a.db"
    open_store(database).close()
    (place / "a.db-gate").unlink()
    place.chmod(folder_mode)
    database.chmod(mode)
    if owner == 0:
        owner = PEOPLE["anna"][0]
        os.chown(database, owner, GROUP)
    group = database.stat().st_gid
    with open_store(database) as store:
        note_begun(database, "importing", "rows of anna")
        rescue(store._connection.db, database)
        backup = store.admin.backup(str(place / "backup.db"))
    recover(database, place / "recovered.db")
    restore(Path(backup), database)
    ours = {each.name: each.stat() for each in place.iterdir()}
    assert len(ours) == 7, sorted(ours)
    assert {stat.S_IMODE(each.st_mode) for each in ours.values()} == {mode}
    assert {(each.st_uid, each.st_gid) for each in ours.values()} == {(owner, group)}


@pytest.mark.quick
def test_a_note_that_cannot_be_read_is_not_written_anew(folder: Path) -> None:
    note = folder / "store" / "a.db.importing"
    note.symlink_to(note)  # what cannot be read by root either
    with pytest.raises(OSError, match="symbolic links"):
        note_begun(folder / "store" / "a.db", "importing", "rows of ben")
    assert note.is_symlink()


# The interpreter may lie where other accounts reach nothing: what a session needs is loaded before.
PROGRAM = """
import os, sys
from pathlib import Path
from tests.session.annotator import work
folder, name, uid, umask = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
work(folder / "warm", folder / "rows.jsonl", 1, dataset="people", name=name)
os.setgroups([int(sys.argv[5])])
os.setresgid(uid, uid, uid)
os.setresuid(uid, uid, uid)
os.umask(umask)
print(work(folder / "store", folder / "rows.jsonl", 1, dataset="people", name=name))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can work under the accounts of others")
def test_people_with_accounts_of_their_own_share_a_store(folder: Path) -> None:
    """Whoever comes first, with whatever umask, locks nobody out."""
    store = folder / "store"
    os.chown(store, 0, GROUP)
    store.chmod(0o2770)
    said = []
    for name in (*PEOPLE, *PEOPLE):
        (folder / "warm").mkdir()
        uid, umask = PEOPLE[name]
        words = [str(folder), name, str(uid), str(umask), str(GROUP)]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *words],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=ROOT,
        )
        shutil.rmtree(folder / "warm")
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.strip())
        assert set(modes(store).values()) == {0o660}
    assert said == [f"['Acme {n}']" for n in range(6)]
    owners = {each.stat().st_uid for each in store.iterdir()}
    assert owners <= {uid for uid, _ in PEOPLE.values()}
    assert {each.stat().st_gid for each in store.iterdir()} == {GROUP}
    with open_store(store / "a.db", readonly=True) as opened:
        dataset = opened.admin.find_dataset("people")
        assert dataset is not None
        given = [each.annotator for each in opened.answers.iterate(dataset.id)]
    assert given == [*PEOPLE, *PEOPLE]
