"""Exports that are killed: the next one to the same name removes what they have left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tui_annotate.exchange.atomic_files import whole_file, whole_folder

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
        path.unlink()
    assert path.read_text() == "first"
    path.unlink()
    with whole_folder(path) as one:
        with whole_folder(path) as two:
            (two / "a").write_text("two")
        assert one.is_dir()
        (path / "a").unlink()
    assert path.is_dir()
