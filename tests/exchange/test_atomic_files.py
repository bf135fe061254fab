"""Files and folders are whole or not there, and never somewhere else."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tui_annotate.errors import ExportError
from tui_annotate.exchange.atomic_files import MANY, whole_file, whole_folder

Opened = Callable[[Path], AbstractContextManager[Path]]


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_file_is_there_at_the_end_and_not_before(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with whole_file(target) as staged:
        staged.write_text("done")
        assert not target.exists()
    assert target.read_text() == "done"
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("folder", [False, True])
def test_after_an_error_nothing_is_left(tmp_path: Path, folder: bool) -> None:
    context = whole_folder(tmp_path / "out") if folder else whole_file(tmp_path / "out")
    with pytest.raises(KeyError), context as staged:
        (staged / "a" if folder else staged).write_text("half")
        raise KeyError
    assert names(tmp_path) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    link = tmp_path / "out"
    link.symlink_to(precious)
    for opened in (whole_file(link, overwrite=True), whole_folder(link)):
        with pytest.raises(ExportError, match="a link"), opened:
            pytest.fail("it was opened")
    assert precious.read_text() == "mine"


def test_a_link_that_appears_meanwhile_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with pytest.raises(ExportError, match="a link"), whole_file(target, overwrite=True) as staged:
        staged.write_text("new")
        target.symlink_to(tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()
    assert names(tmp_path) == ["out"]


def test_a_folder_that_is_reached_by_a_link_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with whole_file(tmp_path / "link" / "file") as staged:
        staged.write_text("done")
    with whole_folder(tmp_path / "link" / "folder") as staged:
        (staged / "a").write_text("done")
    assert names(tmp_path / "real") == ["file", "folder"]


@pytest.mark.parametrize("opened", [whole_file, whole_folder])
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, opened: Opened) -> None:
    said = pytest.raises(ExportError, match=r"out: .*no space left.*Make room")
    with said, opened(tmp_path / "out"):
        raise OSError(errno.ENOSPC, "full")
    with pytest.raises(FileNotFoundError), opened(tmp_path / "out"):
        raise FileNotFoundError
    assert names(tmp_path) == []


def test_what_is_there_is_replaced_only_when_told(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("old")
    with pytest.raises(ExportError, match="--overwrite"), whole_file(target):
        pytest.fail("it was opened")
    with whole_file(target, overwrite=True) as staged:
        staged.write_text("new")
    assert target.read_text() == "new"


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_only_plain_files_are_replaced(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "out"
    if kind == "folder":
        target.mkdir()
    else:
        os.mkfifo(target)
    with pytest.raises(ExportError, match=kind), whole_file(target, overwrite=True):
        pytest.fail("it was opened")


def test_a_folder_replaces_an_empty_one_only(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    with whole_folder(target) as staged:
        for number in range(MANY + 1):
            (staged / str(number)).write_text("x")
    assert len(names(target)) == MANY + 1
    with pytest.raises(ExportError, match="something in it"), whole_folder(target):
        pytest.fail("it was opened")


def test_a_missing_parent_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no such file"), whole_file(tmp_path / "no" / "out"):
        pytest.fail("it was opened")


def test_modes_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with whole_file(tmp_path / "file") as staged:
            staged.write_text("x")
        with whole_folder(tmp_path / "folder"):
            pass
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o750
