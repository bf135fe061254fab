"""Exports that are killed: the next one to the same name removes what they have left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui_annotate.cli.db_out import _target, write_lines
from tui_annotate.errors import ExportError
from tui_annotate.exchange.atomic_files import whole_file, whole_folder
from tui_annotate.unfinished_files import stale

_KILLED = """
import os, signal, sys
from pathlib import Path
from tui_annotate.exchange.atomic_files import whole_file, whole_folder
path = Path(sys.argv[2])
os.umask(0)
if sys.argv[1] == "file":
    with whole_file(path) as staged:
        staged.write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)
with whole_folder(path) as staged:
    (staged / "part").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_the_next_export_removes_what_a_killed_one_left(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "out.[x]"
    for name in (".out.[x].bak", ".out.[x]", ".other.part-1"):
        (tmp_path / name).write_text("not an export's")
    kept = set(tmp_path.iterdir())
    done = subprocess.run([sys.executable, "-c", _KILLED, kind, str(path)], check=False)
    assert done.returncode == -9
    left = set(tmp_path.iterdir()) - kept
    assert len(left) == 1
    assert set(stale(tmp_path)) == {*left, tmp_path / ".other.part-1"}
    assert left.pop().stat().st_mode & 0o077 == 0
    if kind == "file":
        with whole_file(path) as staged:
            staged.write_text("whole")
    else:
        with whole_folder(path) as staged:
            (staged / "one").write_text("whole")
    assert set(tmp_path.iterdir()) == {*kept, path}


def test_one_that_still_runs_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with whole_file(path) as first:
        first.write_text("first")
        with whole_file(path) as second:
            second.write_text("second")
        assert first.read_text() == "first"
        assert stale(tmp_path) == []
        path.unlink()
    assert path.read_text() == "first"
    path.unlink()
    with whole_folder(path) as one:
        with whole_folder(path) as two:
            (two / "a").write_text("two")
        assert one.is_dir()
        (path / "a").unlink()
    assert path.is_dir()


def test_db_out_writes_plain_files_alone(tmp_path: Path) -> None:
    """A path that ends as a file does is one; what is there, or is no file, is left alone."""
    rows = ['{"a":1}\n']
    assert _target("set", tmp_path / "new.jsonl") == tmp_path / "new.jsonl"
    assert _target("a/b", tmp_path) == tmp_path / "a%2Fb.jsonl"
    assert write_lines(tmp_path / "out" / "new.jsonl", iter(rows)) == 1
    (tmp_path / "folder.jsonl").mkdir()
    assert _target("set", tmp_path / "folder.jsonl") == tmp_path / "folder.jsonl" / "set.jsonl"
    with pytest.raises(ExportError, match="there is such a file already"):
        _target("set", tmp_path / "out" / "new.jsonl")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "dangling.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExportError, match="there is such a file already"):
        _target("set", tmp_path / "dangling.jsonl")
    for bad in (tmp_path / "pipe", tmp_path / "link", Path("/dev/full"), tmp_path):
        with pytest.raises(ExportError, match="it is a"):
            write_lines(bad, iter(rows))
    with pytest.raises(ExportError, match="too long"):
        write_lines(tmp_path / ("n" * 300), iter(rows))
    longest = tmp_path / ("\U0001f600" * 63)
    assert write_lines(longest, iter(rows)) == 1
    assert not (tmp_path / "elsewhere").exists()
    assert not list(tmp_path.glob(".*"))
