"""Commands that are killed, or told to end, at each change that they make to a file's name."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.support import identity, new_world
from tui_annotate.commands.preferences import Preferences
from tui_annotate.commands.recent import recent_jobs
from tui_annotate.private_file import write_private
from tui_annotate.store.database import open_store
from tui_annotate.store.purge import begun
from tui_annotate.store.recover import recover

_AT_EACH = """
import os, signal, sys
from tui_annotate.cli.main import run
number, step, arguments = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
left = step

def hook(event, _):
    global left
    if event in ("os.rename", "os.link", "os.remove", "os.rmdir"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), number)

sys.addaudithook(hook)
code = run(arguments)
print("reached the end" if left > 0 else "")
sys.exit(code)
"""


def _answers(path: Path) -> list[str]:
    """Return the datasets of a sound database that have answers."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        names = "SELECT DISTINCT d.name FROM current c JOIN datasets d ON d.id = c.dataset_id"
        return sorted(str(row[0]) for row in db.execute(f"{names} ORDER BY 1"))


def _make(folder: Path) -> None:
    """Write a database with the datasets `set` and `more`, and a backup with the first alone."""
    path = folder / "store" / "a.db"
    with new_world(path) as world:
        with world.store.write_txn():
            world.store.answers.record(world.answer(identity(1)))
        world.store.admin.backup(folder / "b.db")
        with world.store.write_txn():
            other = world.store.admin.dataset("more")
            session = world.store.admin.session(other.id, "more-anna", "anna")
            made = world.answer(identity(2), content=json.dumps({"text": "Zwiebelfisch"}))
            world.store.answers.record(
                made._replace(dataset_id=other.id, session_id=session.id, cursor_id=None, row=None)
            )


def _run(folder: Path, number: int, step: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TUI_ANNOTATE_DB": str(folder / "store" / "a.db")}
    argv = [sys.executable, "-c", _AT_EACH, str(number), str(step), *arguments]
    return subprocess.run(
        argv, capture_output=True, text=True, check=False, cwd=folder, env=environment
    )


_COMMANDS = {
    "restore": (("restore", "b.db"), ["set"]),
    "purge": (("purge", "more", "--yes"), ["set"]),
    "db-out": (("db-out", "set", "out"), ["more", "set"]),
}


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("restore", signal.SIGKILL),
        ("restore", signal.SIGTERM),
        ("purge", signal.SIGKILL),
        ("db-out", signal.SIGKILL),
    ],
)
def test_the_same_command_goes_on_and_nothing_partial_is_left(
    home: Path, tmp_path: Path, name: str, number: signal.Signals
) -> None:
    arguments, wanted = _COMMANDS[name]
    ended = False
    for step in range(1, 20):
        folder = tmp_path / f"run-{step}"
        _make(folder)
        done = _run(folder, number, step, *arguments)
        ended = "reached the end" in done.stdout
        if ended:
            break
        assert done.returncode in (-number, 128 + number), done.stderr
        assert _answers(folder / "store" / "a.db") in (["more", "set"], wanted)
        again = _run(folder, number, 999, *arguments)
        done_before = name == "purge" and "there is no dataset" in again.stderr
        assert again.returncode == 0 or done_before, again.stderr
        assert _answers(folder / "store" / "a.db") == wanted
        left = {each.name for each in folder.rglob("*")}
        assert not [each for each in left if "part-" in each or "restoring" in each], left
        assert "a.db.purging" not in left
        if name == "purge":
            held = b"".join(each.read_bytes() for each in (folder / "store").iterdir())
            assert b"Zwiebelfisch" not in held
        shutil.rmtree(folder)
    assert ended
    assert step > 1


def test_a_purge_that_is_killed_before_its_end_can_be_ended(home: Path, tmp_path: Path) -> None:
    _make(tmp_path)
    path = tmp_path / "store" / "a.db"
    script = (
        "import os, sys; from tui_annotate.cli import purge; from tui_annotate.cli.main import run;"
        "purge._wipe = lambda *_: os.kill(os.getpid(), 9); run(['purge', 'more', '--yes'])"
    )
    environment = {**os.environ, "TUI_ANNOTATE_DB": str(path)}
    killed = subprocess.run([sys.executable, "-c", script], env=environment, check=False)
    assert killed.returncode == -9
    assert begun(path) == ["more"]
    assert Path(f"{path}.purging").stat().st_mode & 0o077 == 0
    dry = _run(tmp_path, 9, 999, "purge", "more", "--dry")
    assert "cut short" in dry.stderr
    done = _run(tmp_path, 9, 999, "purge", "more", "--yes")
    assert (done.returncode, begun(path)) == (0, []), done.stderr
    assert not [each for each in path.parent.iterdir() if b"Zwiebelfisch" in each.read_bytes()]
    other = _run(tmp_path, 9, 999, "purge", "mare", "--yes")
    assert "there is no dataset 'mare'" in other.stderr


def test_what_is_recovered_has_its_name_only_as_a_whole(tmp_path: Path) -> None:
    _make(tmp_path)
    path = tmp_path / "store" / "a.db"
    script = (
        "import os, sys; from pathlib import Path; from tui_annotate.store import recover;"
        "recover._drop_orphans = lambda *_: os.kill(os.getpid(), 9);"
        "recover.recover(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    target = tmp_path / "r.db"
    argv = [sys.executable, "-c", script, str(path), str(target)]
    assert subprocess.run(argv, check=False).returncode == -9
    assert not target.exists()
    recover(path, target)
    assert {each.name for each in tmp_path.iterdir()} == {"store", "b.db", "r.db"}
    assert _answers(target) == ["more", "set"]
    with open_store(target) as store, store.write_txn():
        pass


@pytest.mark.quick
def test_a_private_file_is_whole_its_owners_and_no_link(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        (tmp_path / "other").write_text("of somebody else")
        (tmp_path / "file").symlink_to(tmp_path / "other")
        (tmp_path / ".file.part-1").write_text("of one that was killed")
        write_private(tmp_path / "file", "text \ud800")
    finally:
        os.umask(before)
    assert (tmp_path / "other").read_text() == "of somebody else"
    assert (tmp_path / "file").lstat().st_mode & 0o7777 == 0o600
    assert {each.name for each in tmp_path.iterdir()} == {"other", "file"}


@pytest.mark.quick
def test_files_of_the_program_that_are_nested_without_end_are_passed_over(tmp_path: Path) -> None:
    for name in ("preferences.json", "recent.json"):
        (tmp_path / name).write_text("[" * 100_000)
    assert Preferences("anna", tmp_path).get("theme") is None
    assert recent_jobs(tmp_path) == []
