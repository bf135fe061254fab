"""Pipes that have a name as sources: nothing of them is lost, and no command waits for ever."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from tui_annotate.errors import SourceError
from tui_annotate.exchange.import_sources import open_answers
from tui_annotate.exchange.prodigy_db import is_sqlite
from tui_annotate.sources import files
from tui_annotate.sources.files import SourceFile
from tui_annotate.sources.text_field import Fields

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
