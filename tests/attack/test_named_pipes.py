"""Pipes that have a name as sources: nothing of them is lost, and no command waits for ever."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from tui_annotate.cli.db_out import _target
from tui_annotate.errors import Abandoned, ExportError, SourceError
from tui_annotate.exchange.import_sources import open_answers
from tui_annotate.exchange.prodigy_db import is_sqlite
from tui_annotate.sources import files
from tui_annotate.sources.files import SourceFile
from tui_annotate.sources.registry import find_loader
from tui_annotate.sources.text_field import Fields
from tui_annotate.waiting import Waiting, use

pytestmark = pytest.mark.quick

ROWS = b'{"text":"a"}\n{"text":"b"}\n'


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Have somebody write `ROWS` into the pipe meanwhile."""
    writer = Thread(target=path.write_bytes, args=(ROWS,), daemon=True)
    writer.start()
    yield
    writer.join(10)
    assert not writer.is_alive()


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe that nobody has opened."""
    path = tmp_path / "rows.jsonl"
    os.mkfifo(path)
    return path


def test_a_look_for_a_database_takes_nothing_from_a_pipe(pipe: Path) -> None:
    assert not is_sqlite(pipe)
    with written(pipe):
        source = SourceFile(pipe)
        assert source.reader().read() == ROWS
        source.close()


def test_a_pipe_is_opened_once_for_its_rows(pipe: Path) -> None:
    with written(pipe):
        rows = list(open_answers(str(pipe), None, Fields()).rows())
    assert len(rows) == 2


def test_a_look_for_a_database_takes_nothing_from_a_substituted_process() -> None:
    reading, writing = os.pipe()
    os.write(writing, ROWS)
    os.close(writing)
    name = f"/dev/fd/{reading}"
    assert not is_sqlite(name)
    source = SourceFile(name)
    assert source.reader().read() == ROWS
    source.close()
    os.close(reading)


def test_a_pipe_into_which_nobody_writes_is_refused(
    pipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WRITER_WAIT", 0.05)
    with pytest.raises(SourceError, match=r"nobody opened it for writing within 0\.05 seconds"):
        SourceFile(pipe)
    monkeypatch.undo()
    # Nobody is left behind that would take the rows of the next reader.
    with written(pipe):
        source = SourceFile(pipe)
        assert source.reader().read() == ROWS
        source.close()


def test_who_waits_for_a_writer_is_told_so_and_may_leave(pipe: Path) -> None:
    waiting = Waiting()
    failed: list[BaseException] = []

    def read() -> None:
        use(waiting)
        try:
            SourceFile(pipe)
        except (Abandoned, SourceError) as error:
            failed.append(error)

    reader = Thread(target=read, daemon=True)
    reader.start()
    while waiting.sentence() == "at work" and reader.is_alive():
        reader.join(0.01)
    assert waiting.sentence() == f"waiting for somebody to write into the pipe {pipe}"
    waiting.abandon()
    reader.join(10)
    assert [type(each) for each in failed] == [Abandoned]


def test_a_name_without_an_ending_is_refused_with_what_to_write() -> None:
    with pytest.raises(SourceError, match=r"the name has no ending. Say `--loader jsonl` where"):
        find_loader("/dev/fd/63")


@pytest.mark.parametrize("kind", ["pipe", "file", "link"])
def test_what_is_no_folder_is_refused_as_one(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "target"
    if kind == "pipe":
        os.mkfifo(target)
    elif kind == "file":
        target.write_text("mine")
    else:
        target.symlink_to(tmp_path / "gone")
    what = {"pipe": "a device or pipe", "file": "a file", "link": "a link to nothing"}[kind]
    with pytest.raises(ExportError, match=f"target: it is {what}, and no folder") as refused:
        _target("s1", target)
    assert refused.value.hint
