"""What keeps work safe, as the annotator sees it in a real terminal."""

from __future__ import annotations

import json
import re
import resource
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.session.annotator import write_rows
from tests.session.test_database_faults import held
from tests.support.terminal import Terminal
from tui_annotate.tui.session_client import LOOK_DELAY

pytestmark = pytest.mark.terminal


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    names = ["Anna", "Berta", "Carla", "Dora", "Emma"]
    return write_rows(tmp_path / "rows.jsonl", [f"{name} left Berlin" for name in names])


def job(rows: Path, *more: str) -> tuple[str, ...]:
    return ("ner.manual", "my_set", str(rows), "--label", "PER,LOC", *more)


def ready(terminal: Terminal, what: str) -> None:
    terminal.wait_for(what)
    terminal.settle()


def exported(headless: RunsHeadless) -> list[dict[str, object]]:
    done = headless("db-out", "my_set")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("edited", [True, False])
@pytest.mark.parametrize("end", ["hangup", "kill"])
def test_a_comment_that_is_being_typed_is_kept(
    annotate: StartsTerminal, headless: RunsHeadless, rows: Path, end: str, edited: bool
) -> None:
    with annotate(*job(rows)) as terminal:
        ready(terminal, "Anna left")
        terminal.type("2 c n o t" if edited else "c n o t")
        terminal.send("\x1b[200~ her\x1b[201~")
        terminal.wait_for("comment: not her")
        if end == "kill":
            terminal.settle()  # what is typed is stored at once, as any edit is
            terminal.kill()
        else:
            terminal.hangup()
            assert terminal.wait_exit() == 129
    with annotate(*job(rows)) as terminal:
        ready(terminal, "comment: not her")
        terminal.type("! enter a")
        ready(terminal, "Berta left")
    assert [each["_comment"] for each in exported(headless)] == ["not her!"]
    with annotate(*job(rows)) as terminal:
        ready(terminal, "Berta left")
        terminal.type("c n o escape")
        terminal.settle(quiet=2 * LOOK_DELAY)
        terminal.kill()
    with annotate(*job(rows)) as terminal:
        ready(terminal, "Berta left")
        assert "comment" not in terminal.screen_text()


def test_a_long_text_comes_back_as_it_was_scrolled(
    annotate: StartsTerminal, tmp_path: Path
) -> None:
    lines = [f"Line {number} of Acme in Berlin" for number in range(90)]
    rows = write_rows(tmp_path / "long.jsonl", ["\n".join(lines)])
    with annotate(*job(rows)) as terminal:
        ready(terminal, "Line 0")
        terminal.type("pagedown pagedown pagedown l l 1 k k k k l v l")
        before = terminal.screen_text()
        terminal.settle(quiet=2 * LOOK_DELAY)
        terminal.kill()
    with annotate(*job(rows)) as terminal:
        ready(terminal, "Line")
        assert terminal.screen_text().splitlines()[:20] == before.splitlines()[:20]


def test_the_history_opens_filters_comments_and_takes_back(
    annotate: StartsTerminal, headless: RunsHeadless, rows: Path
) -> None:
    with annotate(*job(rows), columns=100) as terminal:
        ready(terminal, "Anna left")
        terminal.type("1 a x a o")
        text = terminal.wait_for("3 answers")
        assert re.search(r"> accept +Carla.*\n +reject +Berta.*\n +accept +Anna.*PER", text)
        terminal.press("x")
        assert "Carla" not in terminal.wait_for("1 answer ")
        terminal.type("escape / A n n a enter")
        terminal.wait_for('1 answer  "Anna"')
        terminal.type("c o k enter")
        terminal.wait_for(re.compile(r"accept +Anna.* ok "))
        terminal.press("escape")
        terminal.wait_for("3 answers")
        terminal.press("d")
        terminal.wait_for("d again takes")
        terminal.press("d")
        terminal.wait_for("2 answers")
        terminal.type("j enter")
        ready(terminal, "task 1: reject")
        terminal.type("o g 2 enter")
        ready(terminal, "task 2: accept")
        terminal.type("o n")
        ready(terminal, "1 waiting")
        assert "Dora left" in terminal.screen_text()
        terminal.type("a a")
        ready(terminal, "Anna left Berlin")
        terminal.type("a")
        ready(terminal, "All done.")
        terminal.press("q")
        terminal.wait_exit()
    answers = {str(each["text"]).split()[0]: each for each in exported(headless)}
    assert len(answers) == 5
    assert answers["Anna"]["_comment"] == "ok"
    assert [span["label"] for span in answers["Anna"]["spans"]] == ["PER"]  # type: ignore[attr-defined]


def test_after_a_kill_the_first_line_says_so(annotate: StartsTerminal, rows: Path) -> None:
    with annotate(*job(rows)) as terminal:
        ready(terminal, "Anna left")
        terminal.type("a l 2")
        terminal.kill()
    with annotate(*job(rows)) as terminal:
        text = terminal.wait_for("You are back in this task")
        assert re.search(r"All saved up to \d\d:\d\d\. You are", text)
        assert "LOC" in text.split("1 PER")[0]


def test_the_second_session_is_told_and_takes_over(
    annotate: StartsTerminal, headless: RunsHeadless, rows: Path
) -> None:
    with annotate(*job(rows)) as first:
        ready(first, "Anna left")
        with annotate(*job(rows)) as late:
            ready(late, "t takes over")
            first.press("a")
            late.type("enter a")
            late.wait_for("t takes over")
            late.press("t")
            ready(late, "Berta left")
            late.press("a")
            ready(late, "Carla left")
            first.press("x")
            first.wait_for("not saved")
    assert [each["answer"] for each in exported(headless)] == ["accept", "accept"]


def test_a_file_that_grows_is_followed(annotate: StartsTerminal, rows: Path) -> None:
    write_rows(rows, ["Anna left"])
    with annotate(*job(rows, "--follow")) as terminal:
        ready(terminal, "Anna left")
        terminal.press("a")
        terminal.wait_for("Waiting for rows")
        write_rows(rows, ["Anna left", "Berta came"])
        ready(terminal, "there are new rows")
        assert "Berta came" in terminal.screen_text()


def test_a_source_that_was_edited_is_said(annotate: StartsTerminal, rows: Path) -> None:
    with annotate(*job(rows)) as terminal:
        ready(terminal, "Anna left")
        terminal.type("a a q q")
        terminal.wait_exit()
    write_rows(rows, ["Anna left Berlin", "Xenia", "Berta left Berlin", "Carla left Berlin"])
    with annotate(*job(rows)) as terminal:
        text = terminal.wait_for("has changed")
        assert "read again from the start" in text
        assert "Xenia" in text
        terminal.settle()
        terminal.type("a a")
        assert "2 settled before" in " ".join(terminal.wait_for("All done.").split())


def test_a_full_disk_keeps_the_answer_and_a_key_tries_again(
    annotate: StartsTerminal, headless: RunsHeadless, rows: Path
) -> None:
    with annotate(*job(rows)) as terminal:
        ready(terminal, "Anna left")
        terminal.press("a")
        ready(terminal, "Berta left")
        before = resource.prlimit(terminal.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(terminal.pid, resource.RLIMIT_FSIZE, (1024, before[1]))
        terminal.press("x")
        assert "x tries again" in terminal.wait_for("no space is left")
        assert "Berta left" in terminal.screen_text()
        resource.prlimit(terminal.pid, resource.RLIMIT_FSIZE, before)
        terminal.press("x")
        ready(terminal, "Carla left")
        terminal.kill()
    assert [each["answer"] for each in exported(headless)] == ["accept", "reject"]


def test_a_lock_is_waited_for_in_sight(
    annotate: StartsTerminal, headless: RunsHeadless, rows: Path, tmp_path: Path
) -> None:
    database = tmp_path / "a.db"
    env = {"TUI_ANNOTATE_DB": str(database)}
    with annotate(*job(rows), env=env) as terminal:
        ready(terminal, "Anna left")
        with held(database):
            terminal.send("a")
            text = terminal.wait_for("waiting for process")
            assert "Anna left" in text
        ready(terminal, "Berta left")
        terminal.kill()
    done = headless("db-out", "my_set", env=env)
    assert len(done.stdout.splitlines()) == 1
