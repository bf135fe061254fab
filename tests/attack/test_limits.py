"""Names, links, limits and kills around the store: a clear line, and nothing left behind."""

from __future__ import annotations

import io
import os
import resource
import signal
import stat
import subprocess
import sys
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from tests.store.support import identity, new_world
from tui_annotate.cli.main import _ending_in_order, run
from tui_annotate.cli.settings import load_settings
from tui_annotate.commands.keymap_file import load_keymap
from tui_annotate.editors.registry import open_task
from tui_annotate.errors import ConfigError, StoreError, StoreUnavailable
from tui_annotate.sources.json_wrapping import closed
from tui_annotate.sources.label_lists import read_labels
from tui_annotate.store.database import open_store
from tui_annotate.store.recover import recover
from tui_annotate.store.restore import restore
from tui_annotate.whole_files import loads_toml

pytestmark = pytest.mark.quick


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with an answer, in a folder of its own."""
    path = tmp_path / "store" / "a.db"
    with new_world(path) as world, world.store.write_txn():
        world.store.answers.record(world.answer(identity(1)))
    return path


@pytest.mark.parametrize(
    "content", [b"root:x:0:0:root:/root:/bin/sh\n" * 20, b"short", b"\0" * 300]
)
def test_nothing_is_left_beside_a_file_that_was_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "passwd").write_bytes(content)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("passwd", "folder", "pipe"):
        for create in (True, False):
            with pytest.raises(StoreError):
                open_store(tmp_path / name, create=create)
    assert {each.name for each in tmp_path.iterdir()} == {"passwd", "folder", "pipe"}
    assert (tmp_path / "passwd").read_bytes() == content


@pytest.mark.parametrize("what", ["file", "folder", "chain", "itself"])
def test_a_link_to_nothing_makes_no_database_behind_it(tmp_path: Path, what: str) -> None:
    """The disk on which it lies is not mounted: answers must not go elsewhere."""
    link = tmp_path / "link"
    path = link / "a.db" if what == "folder" else link
    leads_to = tmp_path / "disk" / "a.db"
    if what == "chain":
        (tmp_path / "second").symlink_to(leads_to)
        leads_to = tmp_path / "second"
    elif what == "itself":
        leads_to = link
    link.symlink_to(leads_to)
    before = sorted(tmp_path.rglob("*"))
    for create, readonly in ((True, False), (False, False), (False, True)):
        with pytest.raises(StoreError, match="it is a link to") as refused:
            open_store(path, create=create, readonly=readonly)
        assert refused.value.where == str(link)
    with new_world(tmp_path.parent / f"{tmp_path.name}-backup.db"):
        pass
    with pytest.raises(StoreError, match="it is a link to"):
        restore(tmp_path.parent / f"{tmp_path.name}-backup.db", path)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "nothing", "device"])
def test_what_cannot_be_recovered_is_named_at_once(tmp_path: Path, kind: str) -> None:
    damaged = tmp_path / "a.db"
    if kind == "pipe":  # opening one would wait for ever
        os.mkfifo(damaged)
    elif kind == "folder":
        damaged.mkdir()
    elif kind == "link":
        damaged.symlink_to(tmp_path / "gone")
    elif kind == "device":
        damaged = Path("/dev/zero")
    before = sorted(tmp_path.iterdir())
    said = {"link": "it is a link to", "nothing": "there is no such database"}
    with pytest.raises(StoreError, match=said.get(kind, "it is no plain file")):
        recover(damaged, tmp_path / "new.db")
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_recovered_does_not_go_behind_a_link_or_a_file(tmp_path: Path, path: Path) -> None:
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file").write_text("mine")
    for folder, said in (("gone", "it is a link to"), ("file", "it is no folder")):
        with pytest.raises(StoreError, match=said):
            recover(path, tmp_path / folder / "new.db")
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "linked.db").symlink_to(path)
    assert recover(tmp_path / "linked.db", tmp_path / "new.db").rows["answers"] == 1


def test_a_link_to_a_database_is_followed(tmp_path: Path, path: Path) -> None:
    (tmp_path / "folder").symlink_to(path.parent)
    (tmp_path / "file").symlink_to(path)
    for name in (tmp_path / "folder" / "a.db", tmp_path / "file"):
        with open_store(name) as store, store.write_txn():
            pass
    with open_store(tmp_path / "folder" / "new" / "b.db"):
        assert (path.parent / "new" / "b.db").exists()


def test_a_backup_has_a_name_of_its_own_or_is_refused(tmp_path: Path, path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with open_store(path) as store:
        longest = store.admin.backup(tmp_path / ("n" * 255))
        assert stat.S_IMODE(longest.stat().st_mode) == 0o600
        longest.unlink()
        with pytest.raises(StoreError, match=r"too long. Name a shorter one"):
            store.admin.backup(tmp_path / ("n" * 300))
        with pytest.raises(StoreError, match="it is a link"):
            store.admin.backup(tmp_path / "link")
    assert {each.name for each in tmp_path.iterdir()} == {"store", "link"}


def test_a_killed_backup_leaves_nothing_once_another_is_made(tmp_path: Path, path: Path) -> None:
    script = (
        "import fcntl, os, sys; f = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR, 0o600);"
        "fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"
    )
    part = tmp_path / ".b.db.part-4711"
    pipe = subprocess.PIPE
    argv = [sys.executable, "-c", script, str(part)]
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with open_store(path) as store:
            store.admin.backup(tmp_path / "b.db").unlink()
            assert part.exists(), "it is still being written"
            other.send_signal(signal.SIGKILL)
            other.wait()
            store.admin.backup(tmp_path / "b.db")
    assert {each.name for each in tmp_path.iterdir()} == {"store", "b.db"}


def test_too_few_files_are_named_as_such(tmp_path: Path, path: Path) -> None:
    with open_store(path) as store:
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        free = os.open(path.parent, os.O_RDONLY)
        os.close(free)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, before[1]))
            with pytest.raises(StoreUnavailable, match=r"too many files.*ulimit -n"):
                store.admin.backup(tmp_path / "b.db")
            resource.setrlimit(resource.RLIMIT_NOFILE, (free, before[1]))
            with pytest.raises(StoreUnavailable, match=r"too many files"), store.write_txn():
                pass
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        store.admin.backup(tmp_path / "b.db")
    assert {each.name for each in tmp_path.iterdir()} == {"store", "b.db"}


@pytest.mark.parametrize("limit", range(3, 13))
def test_a_low_limit_of_files_costs_one_clear_line_and_nothing_else(path: Path, limit: int) -> None:
    script = (
        "import resource, sys; from pathlib import Path;"
        "from tui_annotate.errors import StoreUnavailable;"
        "from tui_annotate.store.database import open_store; import tempfile, sqlite3, random;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[2]), 4096))\n"
        "try:\n"
        "    with open_store(Path(sys.argv[1])) as store, store.write_txn(): print('open')\n"
        "except StoreUnavailable as error: print(error)"
    )
    argv = [sys.executable, "-c", script, str(path), str(limit)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "open\n" or "too many files are open" in done.stdout
    assert done.stdout.count("\n") == 1
    with open_store(path) as store, store.write_txn():  # this machine is not taken for another
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_command_as_ctrl_c_does(number: signal.Signals) -> None:
    cleaned: list[bool] = []
    with pytest.raises(SystemExit) as ended, _ending_in_order(["backup", "b.db"]):
        try:
            signal.raise_signal(number)
        finally:
            cleaned.append(True)
    assert (ended.value.code, cleaned) == (128 + number, [True])
    assert signal.getsignal(number) is signal.SIG_DFL
    with _ending_in_order(["ner.manual"]):  # sessions handle signals themselves
        assert signal.getsignal(number) is signal.SIG_DFL


@pytest.mark.parametrize("name", ["tui-annotate.toml", "prodigy.json"])
def test_an_integer_without_end_is_named_in_plain_words(tmp_path: Path, name: str) -> None:
    value = "9" * 5000
    text = f'{{"batch_size": {value}}}' if name.endswith(".json") else f"batch_size = {value}"
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=r"\(an integer has too many digits\)"):
        load_settings(tmp_path, {"HOME": str(tmp_path)})


def test_a_task_with_more_options_than_anybody_can_use_says_so() -> None:
    task = {"text": "a", "options": [{"id": each} for each in range(20_001)]}
    editor, notes = open_task(task, "choice", {})
    said = "the task has 20,001 options, and 20,000 are the most, so it cannot be shown as choice"
    assert said in notes[0]
    assert len(editor.sheet()) < 10
    assert editor.content() == task


def test_the_start_of_a_file_that_is_nested_without_end_is_closed_at_once() -> None:
    depth = 100_000
    assert closed("[" * depth) == "[" * depth + "]" * depth
    assert (
        closed(
            '{"a": [1, {"b": "]',
        )
        == '{"a": [1, {}]}'
    )


_LONG_NAME = "n" * 300


@pytest.mark.parametrize("name", [_LONG_NAME, f"{_LONG_NAME}.jsonl", f"{_LONG_NAME}.txt", "loop"])
def test_names_that_are_too_long_and_links_in_a_circle_cost_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("other")
    (tmp_path / "other").symlink_to("loop")
    (tmp_path / "ok.jsonl").write_text('{"text": "a"}\n')
    for argv in (
        ("mark", "s", name, "--plain"),
        ("mark", "s", f"sqlite:{name}", "--plain"),
        ("mark", "s", f"{name}/x.jsonl", "--plain"),
        ("ner.correct", "s", f"{name}:x", "ok.jsonl", "--label", "A", "--plain"),
        ("mark", "s", "ok.jsonl", "--plain", "-F", name),
        ("trust", name),
    ):
        error = io.StringIO()
        with redirect_stderr(error):
            assert run(list(argv)) in (1, 2), argv
        said = error.getvalue()
        assert said.count("\n") == 1 and said.startswith("tui-annotate: "), (argv, said)
        assert "failed with" not in said and "internal error" not in said, (argv, said)


def test_a_label_may_be_longer_than_the_name_of_a_file() -> None:
    assert read_labels(_LONG_NAME) == [_LONG_NAME]


@pytest.mark.parametrize("line", ["a." * 50_000 + "b = 1", "[" + "a." * 50_000 + "b]"])
def test_a_key_of_toml_with_thousands_of_parts_is_refused_at_once(
    tmp_path: Path, line: str
) -> None:
    (tmp_path / "tui-annotate.toml").write_text(f"{line}\n")
    with pytest.raises(ConfigError, match="nested too deeply"):
        load_settings(tmp_path, {"HOME": str(tmp_path)})
    with pytest.raises(ConfigError, match="nested too deeply"):
        load_keymap(str(tmp_path / "tui-annotate.toml"))
    assert loads_toml(f'text = "{"." * 5000}"') == {"text": "." * 5000}
