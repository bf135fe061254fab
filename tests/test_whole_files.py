"""Files that are read whole are plain ones and have a largest size; a pipe is never waited for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tui_annotate.cli.guidelines import read_guidelines
from tui_annotate.commands.keymap_file import load_keymap
from tui_annotate.errors import ConfigError, TuiAnnotateError, UsageError
from tui_annotate.sources.label_lists import read_labels
from tui_annotate.suggest.patterns import read_patterns
from tui_annotate.whole_files import LARGEST, read_whole, read_whole_text

pytestmark = pytest.mark.quick

READERS: dict[str, Callable[[Path], object]] = {
    "labels": lambda path: read_labels(str(path)),
    "guidelines": lambda path: read_guidelines(path, "test"),
    "keymap": lambda path: load_keymap(str(path), {}),
    "patterns": lambda path: list(read_patterns(path)),
}


@pytest.mark.parametrize("name", READERS)
def test_a_pipe_and_a_huge_file_are_refused_at_once(name: str, tmp_path: Path) -> None:
    pipe, huge = tmp_path / "pipe", tmp_path / "huge"
    os.mkfifo(pipe)
    huge.touch()
    os.truncate(huge, LARGEST + 1)
    with pytest.raises(TuiAnnotateError, match="no plain file"):
        READERS[name](pipe)
    with pytest.raises(TuiAnnotateError, match="more than 16,000,000 bytes"):
        READERS[name](huge)


def test_what_is_allowed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_bytes(b"\xef\xbb\xbfPERSON\r\nORG\n")
    assert read_whole_text(path) == "PERSON\nORG\n"
    os.truncate(path, LARGEST)
    assert len(read_whole(path)) == LARGEST


def test_many_labels_are_read_in_no_time_and_a_double_is_still_found(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    names = [f"LABEL_{number}" for number in range(20_000)]
    path.write_text("\n".join(names))
    assert read_labels(str(path)) == names
    path.write_text("\n".join([*names, "LABEL_7"]))
    with pytest.raises(UsageError, match="LABEL_7"):
        read_labels(str(path))


def test_the_message_names_who_wanted_the_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "guide.md")
    with pytest.raises(ConfigError, match="who"):
        read_guidelines(tmp_path / "guide.md", "who")
