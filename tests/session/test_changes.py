"""A source that changes between sessions, and while one is open: asked once each, and said."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.session.annotator import Annotator, work, write_rows
from tui_annotate.cli.stream_options import Policies
from tui_annotate.errors import UsageError
from tui_annotate.session.opening import SourceReading

pytestmark = pytest.mark.quick

TEXTS = [f"text number {n}" for n in range(12)]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A source of which the first five rows are answered."""
    path = write_rows(tmp_path / "rows.jsonl", TEXTS)
    assert work(tmp_path, path, 5) == TEXTS[:5]
    return path


def replaced(path: Path, texts: list[str]) -> None:
    write_rows(path.with_name("new"), texts).replace(path)


def same_size(path: Path) -> None:
    write_rows(path, TEXTS)
    os.utime(path, ns=(1, 1))


CHANGES: list[tuple[str, Callable[[Path], object], str, list[str]]] = [
    ("same", lambda path: None, "", TEXTS[5:]),
    (
        "grown",
        lambda path: write_rows(path, [*TEXTS, "new"]),
        "has grown since the last session; not verified in full",
        [*TEXTS[5:], "new"],
    ),
    (
        "edited",
        lambda path: write_rows(path, [*TEXTS[:4], "other", *TEXTS[5:], "and more"]),
        "has changed (edited); read again from the start: 4 settled before, not asked again",
        ["other", *TEXTS[5:], "and more"],
    ),
    (
        "reordered",
        lambda path: write_rows(path, TEXTS[::-1]),
        "(edited); read again from the start",
        TEXTS[:4:-1],
    ),
    (
        "cut",
        lambda path: write_rows(path, TEXTS[2:8]),
        "(shorter); read again from the start: 3 settled before",
        TEXTS[5:8],
    ),
    (
        "replaced",
        lambda path: replaced(path, ["x", "y", *TEXTS]),
        "(replaced or edited); read again",
        ["x", "y", *TEXTS[5:]],
    ),
    (
        "written again",
        same_size,
        "(written again, same size); read again from the start: 5 settled",
        TEXTS[5:],
    ),
]


@pytest.mark.parametrize(
    ("change", "told", "asked"), [each[1:] for each in CHANGES], ids=[each[0] for each in CHANGES]
)
def test_each_change_is_said_and_nothing_is_asked_twice(
    tmp_path: Path, rows: Path, change: Callable[[Path], object], told: str, asked: list[str]
) -> None:
    change(rows)
    with Annotator(tmp_path, rows) as anna:
        sentence = anna.session.opening_sentence()
        assert told in sentence
        assert bool(told) == bool(sentence)
        assert anna.answer_all() == asked


def test_at_the_end_it_is_known_what_is_gone_or_only_moved(tmp_path: Path, rows: Path) -> None:
    work(tmp_path, rows)
    shuffled = TEXTS[:]
    random.Random(3).shuffle(shuffled)
    write_rows(rows, shuffled)
    with Annotator(tmp_path, rows) as anna:
        assert anna.first is None
        assert anna.session.ending().remark.endswith("the same rows, perhaps in another order")
    write_rows(rows, TEXTS[3:])
    with Annotator(tmp_path, rows) as anna:
        assert "9 settled before, not asked again, 3 no longer there" in (
            anna.session.ending().remark
        )


def test_a_pipe_is_read_from_its_start_and_said(tmp_path: Path) -> None:
    path = tmp_path / "pipe.jsonl"
    asked: list[list[str]] = []
    told: list[str] = []
    for limit in (2, 100):
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with path.open("w") as writer:
            writer.write("".join(f'{{"text": "{text}"}}\n' for text in TEXTS[:4]))
            writer.flush()
            anna = Annotator(tmp_path, path)
        os.set_blocking(reader, True)
        with anna:
            told.append(anna.session.opening_sentence())
            asked.append(anna.answer_all(limit))
        os.close(reader)
        path.unlink()
    assert asked == [TEXTS[:2], TEXTS[2:4]]
    assert told[0] == ""
    assert (
        "cannot be compared with what the last session read; read again from the start: 2 settled"
        in told[1]
    )


class TestMoved:
    def test_a_renamed_file_is_the_same(self, tmp_path: Path, rows: Path) -> None:
        new = rows.rename(tmp_path / "renamed.jsonl")
        with Annotator(tmp_path, new) as anna:
            assert (
                anna.session.opening_sentence()
                == "renamed.jsonl was rows.jsonl in the last session"
            )
            assert anna.opened.ledger.resume.start.row == 5
            assert anna.answer_all() == TEXTS[5:]

    def test_a_copy_in_its_place_is_read_again(self, tmp_path: Path, rows: Path) -> None:
        new = tmp_path / "copied.jsonl"
        shutil.copyfile(rows, new)
        rows.unlink()
        assert work(tmp_path, new) == TEXTS[5:]

    def test_a_copy_beside_it_is_another_source(self, tmp_path: Path, rows: Path) -> None:
        new = tmp_path / "copied.jsonl"
        shutil.copyfile(rows, new)
        with Annotator(tmp_path, new) as anna:
            assert not anna.opened.moved_from
            assert anna.answer_all() == TEXTS[5:]

    def test_another_file_is_not_taken_for_one_that_is_gone(
        self, tmp_path: Path, rows: Path
    ) -> None:
        rows.unlink()
        other = write_rows(tmp_path / "other.jsonl", ["p", *TEXTS])
        with Annotator(tmp_path, other) as anna:
            assert not anna.opened.moved_from
            assert anna.answer_all() == ["p", *TEXTS[5:]]


class TestVerify:
    def edit_deep_inside(self, path: Path) -> None:
        """Change one row beyond what windows and times can tell."""
        found = path.stat()
        data = path.read_bytes()
        place = data.index(b"row 1500 ")
        path.write_bytes(data[:place] + b"ROW" + data[place + 3 :])
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))

    def test_a_digest_of_all_finds_what_windows_do_not(self, tmp_path: Path) -> None:
        texts = [f"row {n} " + "x" * 100 for n in range(3000)]
        path = write_rows(tmp_path / "big.jsonl", texts)
        verify = SourceReading(verify=True)
        with Annotator(tmp_path, path, reading=verify) as anna:
            # The windows are 64 KiB: rows in the middle of what was read are in neither.
            for _ in range(2600):
                asked = anna.opened.asked.next()
                assert asked is not None
                anna.opened.ledger.settle(asked)
            with anna.store.write_txn():
                pass
        with Annotator(tmp_path, path, reading=verify) as anna:
            assert "verified in full" in anna.session.opening_sentence()
        self.edit_deep_inside(path)
        with Annotator(tmp_path, path) as anna:
            assert anna.session.opening_sentence() == ""
        with Annotator(tmp_path, path, reading=verify) as anna:
            assert "(edited); read again" in anna.session.opening_sentence()

    def test_without_a_digest_rows_are_compared(self, tmp_path: Path, rows: Path) -> None:
        with Annotator(tmp_path, rows, reading=SourceReading(verify=True)) as anna:
            told = anna.session.opening_sentence()
            assert "no digest from an earlier --verify; read again from the start: 5" in told
            assert anna.answer_all() == TEXTS[5:]


class TestFollow:
    def test_rows_that_are_added_are_asked(self, tmp_path: Path) -> None:
        path = write_rows(tmp_path / "rows.jsonl", ["a"])
        with Annotator(tmp_path, path, reading=SourceReading(follow=True)) as anna:
            assert anna.answer_all() == ["a"]
            assert anna.session.ending().waits
            assert anna.session.follow() is None
            with path.open("a") as file:
                file.write('{"text": "b"}\n{"te')
            assert anna.session.follow() is not None
            assert anna.answer_all() == ["b"]
            with path.open("a") as file:
                file.write('xt": "c"}\n')
            assert anna.session.follow() is not None
            assert anna.answer_all() == ["c"]

    def test_passes_begin_again_with_what_is_added(self, tmp_path: Path) -> None:
        path = write_rows(tmp_path / "rows.jsonl", ["a"])
        twice = Policies(repeat=2)
        with Annotator(tmp_path, path, reading=SourceReading(follow=True), policies=twice) as anna:
            assert anna.answer_all() == ["a", "a"]
            write_rows(path, ["a", "b"])
            assert anna.session.follow() is not None
            assert anna.answer_all() == ["b", "b"]

    def test_what_does_not_grow_is_refused(self, tmp_path: Path) -> None:
        import gzip

        path = tmp_path / "rows.jsonl.gz"
        path.write_bytes(gzip.compress(b'{"text": "a"}\n'))
        with pytest.raises(UsageError, match="only a plain file can be followed"):
            Annotator(tmp_path, path, reading=SourceReading(follow=True))
