"""Commands that are killed, or told to end, at each change that they make to a file's name."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.attack.killed import Forks, forks
from tests.store.support import identity, new_world
from tui_annotate.cli.db_in import saying_what_stands
from tui_annotate.commands.preferences import Preferences, recent_jobs
from tui_annotate.exchange.importer import Importer, cut_short
from tui_annotate.private_file import begun, write_private
from tui_annotate.store.database import open_store
from tui_annotate.store.recover import recover


def _answers(path: Path) -> list[str]:
    """Return the datasets of a sound database that have answers."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        names = "SELECT DISTINCT d.name FROM current c JOIN datasets d ON d.id = c.dataset_id"
        return sorted(str(row[0]) for row in db.execute(f"{names} ORDER BY 1"))


def _make(folder: Path) -> None:
    """Write a database with the datasets `set` and `more`, a backup with the first, and rows."""
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
    spans = [{"start": 0, "end": 2, "label": "A"}]
    rows = [{"text": f"T{each}", "spans": spans, "_timestamp": each} for each in range(7)]
    (folder / "in.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TUI_ANNOTATE_DB": str(folder / "store" / "a.db")}
    argv = [sys.executable, "-m", "tui_annotate", *arguments]
    return subprocess.run(
        argv, capture_output=True, text=True, check=False, cwd=folder, env=environment
    )


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """Run commands in forks of one process."""
    with forks(tmp_path_factory.mktemp("home")) as running:
        yield running


_COMMANDS = {
    "restore": (("restore", "b.db"), ["set"]),
    "purge": (("purge", "more", "--yes"), ["set"]),
    "db-out": (("db-out", "set", "out"), ["more", "set"]),
    "drop": (("drop", "more", "--yes"), ["set"]),
    "db-merge": (("db-merge", "set,more", "out"), ["more", "out", "set"]),
    "db-in": (("db-in", "new", "in.jsonl"), ["more", "new", "set"]),
}
_DONE_BEFORE = {"purge": "there is no dataset", "drop": "there is no dataset"}


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("restore", signal.SIGKILL),
        ("restore", signal.SIGTERM),
        ("purge", signal.SIGKILL),
        ("db-out", signal.SIGKILL),
        ("drop", signal.SIGKILL),
        ("db-merge", signal.SIGKILL),
        ("db-merge", signal.SIGINT),
        ("db-in", signal.SIGKILL),
        ("db-in", signal.SIGTERM),
    ],
)
def test_the_same_command_goes_on_and_nothing_partial_is_left(
    commands: Forks, tmp_path: Path, name: str, number: signal.Signals
) -> None:
    arguments, wanted = _COMMANDS[name]
    made = tmp_path / "made"
    _make(made)
    shutil.copytree(made, tmp_path / "whole")
    changes = commands.run(tmp_path / "whole", *arguments).changes
    assert changes > 2
    for step in range(1, changes + 1):
        folder = tmp_path / f"run-{step}"
        shutil.copytree(made, folder)
        done = commands.run(folder, *arguments, ended_by=number, at=step)
        assert done.code in (-number, 128 + number), done.stderr
        assert _answers(folder / "store" / "a.db") in (["more", "set"], wanted)
        again = commands.run(folder, *arguments)
        assert again.code == 0 or _DONE_BEFORE.get(name, "?") in again.stderr, again.stderr
        assert _answers(folder / "store" / "a.db") == wanted
        left = {each.name for each in folder.rglob("*")}
        assert not [each for each in left if "part-" in each or "restoring" in each], left
        assert not left & {"a.db.purging", "a.db.importing"}
        if name == "purge":
            held = b"".join(each.read_bytes() for each in (folder / "store").iterdir())
            assert b"Zwiebelfisch" not in held
        shutil.rmtree(folder)


def _of(path: Path, dataset: str) -> list[str]:
    """Return texts and labels of the answers that stand in a dataset, in order."""
    with open_store(path) as store:
        found = store.admin.find_dataset(dataset)
        answers = store.answers.iterate(found.id) if found is not None else iter(())
        return sorted(each.record.content for each in answers)


def test_labels_are_renamed_everywhere_or_nowhere(commands: Forks, tmp_path: Path) -> None:
    made = tmp_path / "made"
    _make(made)
    assert commands.run(made, "db-in", "new", "in.jsonl").code == 0
    arguments = ("labels", "rename", "new", "A", "B", "--yes")
    shutil.copytree(made, tmp_path / "whole")
    changes = commands.run(tmp_path / "whole", *arguments).changes
    before = _of(made / "store" / "a.db", "new")
    after = _of(tmp_path / "whole" / "store" / "a.db", "new")
    assert before != after
    assert changes > 2
    for step in range(1, changes + 1):
        folder = tmp_path / f"run-{step}"
        shutil.copytree(made, folder)
        assert commands.run(folder, *arguments, at=step).code == -9
        assert _of(folder / "store" / "a.db", "new") in (before, after)
        again = commands.run(folder, *arguments)
        assert again.code == 0 or "rename A B was done at" in again.stderr, again.stderr
        assert _of(folder / "store" / "a.db", "new") == after
        assert commands.run(folder, "labels", "undo", "new").code == 0
        assert _of(folder / "store" / "a.db", "new") == before
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["db-in", "db-merge"])
def test_a_long_import_that_is_cut_short_says_so_and_goes_on(
    commands: Forks, tmp_path: Path, name: str
) -> None:
    made = tmp_path / "made"
    _make(made)
    assert commands.run(made, "db-in", "other", "in.jsonl").code == 0
    arguments = {
        "db-in": ("db-in", "out", "in.jsonl"),
        "db-merge": ("db-merge", "set,other", "out"),
    }[name]
    shutil.copytree(made, tmp_path / "whole")
    done = commands.run(tmp_path / "whole", *arguments, answers_each=3)
    wanted = _of(tmp_path / "whole" / "store" / "a.db", "out")
    assert len(wanted) >= 7
    cut = 0
    for step in range(1, done.changes + 1, 1 if name == "db-in" else 3):
        folder = tmp_path / f"run-{step}"
        shutil.copytree(made, folder)
        path = folder / "store" / "a.db"
        left = commands.run(folder, *arguments, ended_by=signal.SIGTERM, at=step, answers_each=3)
        stands = len(_of(path, "out"))
        if 0 < stands < len(wanted):
            cut += 1
            assert f"{stands} answers had been added before; the same command" in left.stderr
            looked = commands.run(folder, "doctor")
            assert looked.code == 1
            assert cut_short(path)[0][0] == "out"
        assert commands.run(folder, *arguments, answers_each=3).code == 0
        assert _of(path, "out") == wanted
        assert cut_short(path) == []
        shutil.rmtree(folder)
    assert cut


@pytest.mark.quick
@pytest.mark.parametrize("dry", [True, False])
def test_an_import_that_only_looks_has_added_nothing_when_it_is_left(
    tmp_path: Path, dry: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(tmp_path / "a.db") as store:
        importer = Importer(store, "out", dry=dry)
        importer.report.added = 20
        with pytest.raises(KeyboardInterrupt), saying_what_stands(importer):
            raise KeyboardInterrupt
    assert ("had been added before" in capsys.readouterr().err) is not dry


def test_a_purge_that_is_killed_before_its_end_can_be_ended(home: Path, tmp_path: Path) -> None:
    _make(tmp_path)
    path = tmp_path / "store" / "a.db"
    script = (
        "import os, sys; from tui_annotate.cli import drop; from tui_annotate.cli.main import run;"
        "drop._wipe = lambda *_: os.kill(os.getpid(), 9); run(['purge', 'more', '--yes'])"
    )
    environment = {**os.environ, "TUI_ANNOTATE_DB": str(path)}
    killed = subprocess.run([sys.executable, "-c", script], env=environment, check=False)
    assert killed.returncode == -9
    assert begun(path, "purging") == ["more"]
    assert Path(f"{path}.purging").stat().st_mode & 0o077 == 0
    dry = _run(tmp_path, "purge", "more", "--dry")
    assert "cut short" in dry.stderr
    done = _run(tmp_path, "purge", "more", "--yes")
    assert (done.returncode, begun(path, "purging")) == (0, []), done.stderr
    assert not [each for each in path.parent.iterdir() if b"Zwiebelfisch" in each.read_bytes()]
    other = _run(tmp_path, "purge", "mare", "--yes")
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
    assert {each.name for each in tmp_path.iterdir()} == {
        "store",
        "b.db",
        "in.jsonl",
        "r.db",
    }
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
