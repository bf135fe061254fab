from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tui_annotate.errors import SourceError
from tui_annotate.sources.base import NOTHING, Position, SourceChange
from tui_annotate.sources.registry import LOADERS, find_loader, open_source

pytestmark = pytest.mark.quick

LINE = b"0123456789abcde\n"
ROWS = 10_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "data.txt"
    found.write_bytes(LINE * ROWS)
    os.utime(found, ns=(1, 1_000_000_000))
    return found


def edit(path: Path, change: Callable[[bytearray], object], *, touch: bool = True) -> None:
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)
    os.utime(path, ns=(1, 2_000_000_000 if touch else 1_000_000_000))


def at(row: int) -> Position:
    return Position(row, row, row * len(LINE))


@pytest.mark.parametrize("row", [0, 1, 4_096, 9_000, ROWS])
def test_same_and_grown(path: Path, row: int) -> None:
    stored = open_source(path).fingerprint(at(row))
    assert open_source(path).compare(stored) is SourceChange.SAME
    moved = path.rename(path.with_name("moved.txt"))
    assert open_source(moved).compare(stored) is SourceChange.SAME
    edit(moved, lambda data: data.extend(b"more\n"))
    assert open_source(moved).compare(stored) is SourceChange.GROWN


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.__setitem__(3, 65),
        lambda data: data.__setitem__(9_000 * 16 - 2, 65),
        lambda data: data.__setitem__(-2, 65),
        lambda data: data.insert(0, 10),
        lambda data: data.__delitem__(slice(0, 16)),
        lambda data: data.__delitem__(slice(-16, None)),
        lambda data: data.__delitem__(slice(100, None)),
        lambda data: (data.__setitem__(3, 65), data.extend(LINE)),
    ],
)
def test_changed(path: Path, change: Callable[[bytearray], object]) -> None:
    stored = open_source(path).fingerprint(at(9_000))
    edit(path, change)
    assert open_source(path).compare(stored) is SourceChange.CHANGED


def test_a_change_of_the_same_length_far_from_the_windows_shows_by_its_time(path: Path) -> None:
    stored = open_source(path).fingerprint(at(9_000))
    edit(path, lambda data: data.__setitem__(70_000, 65))
    assert open_source(path).compare(stored) is SourceChange.CHANGED


def test_a_file_replaced_under_its_name_is_still_the_one_that_was_opened(path: Path) -> None:
    source = open_source(path)
    replacement = path.with_name("new")
    replacement.write_bytes(b"other line here\n" * (ROWS + 5))
    replacement.replace(path)
    stored = source.fingerprint(at(9_000))
    assert open_source(path).compare(stored) is SourceChange.CHANGED
    assert next(iter(source.rows(at(9_000)))).start == at(9_000)


@pytest.mark.parametrize("size", [ROWS - 1, ROWS, ROWS + 1])
def test_a_file_written_over_while_it_was_read_is_not_trusted(path: Path, size: int) -> None:
    source = open_source(path)
    source.fingerprint(at(10))
    edit(path, lambda data: data.__setitem__(slice(None), b"other line here\n" * size))
    stored = source.fingerprint(at(20))
    assert open_source(path).compare(stored) in (SourceChange.CHANGED, SourceChange.UNKNOWN)


def test_a_file_that_grows_while_it_is_read_is_trusted(path: Path) -> None:
    source = open_source(path)
    source.fingerprint(at(10))
    edit(path, lambda data: data.extend(LINE))
    assert open_source(path).compare(source.fingerprint(at(20))) is SourceChange.GROWN


def test_nothing_is_never_trusted(path: Path) -> None:
    assert open_source(path).compare(NOTHING) is SourceChange.UNKNOWN


@pytest.mark.parametrize("name", ["data.jsonl", "data.csv", "data.txt"])
def test_what_cannot_be_read_is_one_clear_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(SourceError, match="no such file"):
        open_source(path)
    path.touch()
    with pytest.raises(SourceError, match="is empty"):
        open_source(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(SourceError, match="a directory"):
        open_source(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(path: Path) -> None:
    path.chmod(0)
    with pytest.raises(SourceError, match="no permission"):
        open_source(path)


def test_loaders_are_found_by_ending_or_by_name(path: Path) -> None:
    assert find_loader("A.JSONL").name == "jsonl"
    assert find_loader("a.dat", "txt").name == "txt"
    assert find_loader("-").name == "jsonl"
    assert all(loader.help for loader in LOADERS.values())
    with pytest.raises(SourceError, match=r"'\.dat'.*--loader"):
        find_loader("a.dat")
    with pytest.raises(SourceError, match="Did you mean 'jsonl'"):
        open_source(path, loader="jsnol")
