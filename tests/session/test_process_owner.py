"""Who is at work in a session: after an unclean end, and two at once."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.session.annotator import Annotator, work, write_rows
from tests.support.environment import ROOT
from tui_annotate.errors import StoreCorrupt, WriteConflict
from tui_annotate.session import process_owner
from tui_annotate.session.answer_list import AnswerFilter, AnswerList
from tui_annotate.session.process_owner import now_at_work, own_name
from tui_annotate.session.types import Draft
from tui_annotate.store.catalog import Catalog
from tui_annotate.store.records import Visit

OTHER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.session.annotator import Annotator
with Annotator(Path(sys.argv[2]), Path(sys.argv[3])) as anna:
    print("open", flush=True)
    for line in sys.stdin:
        try:
            print(anna.answer(), flush=True)
        except Exception as error:
            print(type(error).__name__, error, flush=True)
"""


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "rows.jsonl", ["a", "b", "c", "d"])


class Elsewhere:
    """The same annotator in another process."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(ROOT), str(folder), str(source)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.read() == "open"

    def read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def answer(self) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.read()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def elsewhere(tmp_path: Path, rows: Path) -> Iterator[Elsewhere]:
    other = Elsewhere(tmp_path, rows)
    yield other
    other.end()


@pytest.mark.quick
def test_after_an_unclean_end_the_first_line_says_until_when_all_is_saved(
    tmp_path: Path, rows: Path
) -> None:
    with Annotator(tmp_path, rows) as anna:
        assert anna.session.opening_sentence() == ""
        anna.answer()
        anna.kill()
    with Annotator(tmp_path, rows) as anna:
        told = anna.session.opening_sentence()
        assert re.fullmatch(r"All saved up to \d\d:\d\d", told)
        anna.session._clock = lambda: 1_000_000_000.0
        anna.answer_all()
        anna.kill()
    with Annotator(tmp_path, rows) as anna:
        day = time.strftime("%Y-%m-%d", time.localtime(1_000_000_000))
        told = anna.session.opening_sentence()
        assert told.startswith(f"All saved up to {day}")
        assert "back in this task" not in told
    with Annotator(tmp_path, rows) as anna:
        assert anna.session.opening_sentence() == ""


@pytest.mark.quick
def test_a_draft_counts_as_saved(tmp_path: Path, rows: Path) -> None:
    with Annotator(tmp_path, rows) as anna:
        anna.session.keep_draft(Draft({}, {}))
        anna.kill()
    with Annotator(tmp_path, rows) as anna:
        assert "You are back in this task" in anna.session.opening_sentence()


@pytest.mark.quick
def test_another_task_than_the_one_that_was_left_is_not_said_to_be_it(
    tmp_path: Path, rows: Path
) -> None:
    with Annotator(tmp_path, rows) as anna:
        anna.answer()
        anna.kill()
    kept = rows.read_text()
    rows.write_text('{"text": "This one is new."}\n' + kept)
    with Annotator(tmp_path, rows) as anna:
        assert anna.session.item is not None
        assert anna.session.item.task["text"] == "This one is new."
        assert "You are back" not in anna.session.opening_sentence()


@pytest.mark.quick
def test_a_damaged_database_is_refused_after_an_unclean_end(
    tmp_path: Path, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Annotator(tmp_path, rows) as anna:
        anna.kill()
    monkeypatch.setattr(Catalog, "check", lambda self: ["row 7 missing from index current_session"])
    with pytest.raises(StoreCorrupt, match=r"row 7 missing.*doctor --recover"):
        Annotator(tmp_path, rows)


@pytest.mark.quick
def test_who_counts_as_being_at_work() -> None:
    host, pid, started, _ = own_name().split(" ")
    now = int(time.time())
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        running = f"{host} {parent.pid} - 1"
        assert "process" in now_at_work(Visit(running, 0, None), now)
        assert now_at_work(Visit(running, 0, 5), now) == ""
        assert now_at_work(Visit(f"{host} {parent.pid} 1 1", 0, None), now) == ""
        assert now_at_work(Visit(f"elsewhere {parent.pid} - 1", 0, None), now) == ""
    finally:
        parent.kill()
        parent.communicate()
    assert now_at_work(Visit(running, 0, None), now) == ""
    assert now_at_work(Visit(f"{host} {pid} {started} 1", 0, None), now) == ""
    assert now_at_work(Visit("", 0, None), now) == ""
    # Of another container, or machine, only its signs of life can be seen.
    container = f"{host.partition('/')[0]}/1 {pid} {started} 1"
    assert "on another container" in now_at_work(Visit(container, 0, None, now - 60), now)
    assert "on another machine" in now_at_work(
        Visit(f"elsewhere/1 {pid} - 1", 0, None, now - 60), now
    )
    assert now_at_work(Visit(container, 0, None, now - 100), now) == ""
    assert now_at_work(Visit(container, 0, now, now), now) == ""


def test_the_second_looks_on_and_changes_nothing(
    tmp_path: Path, rows: Path, elsewhere: Elsewhere
) -> None:
    assert elsewhere.answer() == "a"
    with Annotator(tmp_path, rows) as anna:
        assert "open since" in anna.opened.looking_on
        assert "Looking on" in anna.session.opening_sentence()
        assert anna.text == "b"
        with pytest.raises(WriteConflict, match="looking on"):
            anna.answer()
        with pytest.raises(WriteConflict, match="looking on"):
            anna.session.later(None)
        anna.session.keep_draft(Draft({}, {}, edited=True))
        (answer,) = AnswerList(anna.session).page(AnswerFilter()).answers
        assert AnswerList(anna.session).open(answer.id)
        assert anna.text == "a"
        with pytest.raises(WriteConflict, match="looking on"):
            AnswerList(anna.session).retract(answer.id)
    assert elsewhere.answer() == "b"


def test_the_second_may_take_over_and_the_first_is_told(
    tmp_path: Path, rows: Path, elsewhere: Elsewhere
) -> None:
    with Annotator(tmp_path, rows) as anna:
        assert elsewhere.answer() == "a"
        anna.session.take_over()
        assert anna.text == "b"
        assert anna.answer() == "b"
        assert elsewhere.answer().startswith("WriteConflict you have taken over elsewhere")
        assert anna.answer_all() == ["c", "d"]
    assert elsewhere.answer().startswith("WriteConflict")
    assert work(tmp_path, rows) == []


def test_the_end_of_the_first_frees_the_session(
    tmp_path: Path, rows: Path, elsewhere: Elsewhere
) -> None:
    elsewhere.end()
    with Annotator(tmp_path, rows) as anna:
        assert not anna.opened.looking_on
        assert anna.answer() == "a"


@pytest.mark.parametrize("has_handles", [True, False])
def test_a_process_is_ended_with_and_without_handles_of_processes(
    has_handles: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only Linux has handles of processes."""
    if not has_handles:
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    elif not hasattr(os, "pidfd_open"):
        pytest.skip("this system has no handles of processes")
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        monkeypatch.setattr(process_owner, "_own_process", lambda _visit: process.pid)
        visit = Visit(owner="", opened_at=0, closed_at=None, beat_at=None)
        assert process_owner.end_process(visit)
        assert process.wait(30) == -signal.SIGTERM
        assert not process_owner.end_process(visit)
