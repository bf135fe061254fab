"""Two people on one dataset at once, each in a terminal of their own."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.support.terminal import Terminal
from tests.terminal.support import Job

pytestmark = pytest.mark.terminal


def start(annotate: StartsTerminal, job: Job, name: str, *options: str) -> Terminal:
    env = {"TUI_ANNOTATE_ANNOTATOR": name}
    return annotate(*job.arguments, *options, env=env)


def let_leases_run_out(job: Job) -> None:
    """Do what two and a half minutes do to the claims of a program that is gone."""
    with closing(sqlite3.connect(job.database, timeout=10)) as db, db:
        db.execute("UPDATE claims SET until_boot_ms = 0, until_wall_ms = 0")


def texts(job: Job) -> Counter[str]:
    return Counter(each["text"] for each in job.answers())


def people(job: Job) -> set[str]:
    return {each["_annotator_id"] for each in job.answers()}


def test_two_people_share_a_file_and_neither_is_asked_what_the_other_was(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 8)
    with start(annotate, job, "anna") as anna:
        anna.wait_for("Row 1 of them.")
        with start(annotate, job, "ben") as ben:
            ben.wait_for("Row 2 of them.")
            ben.wait_for("anna works on my_set too: each task goes to one of you")
            anna.wait_for("ben works on my_set too: each task goes to one of you")
            for screen, shows in ((anna, 3), (ben, 4), (anna, 5), (ben, 6), (anna, 7), (ben, 8)):
                screen.press("a")
                screen.wait_for(f"Row {shows} of them.")
            ben.press("a")
            ben.wait_for("Nothing left for you right now: 1 task is")
            anna.press("a")
            anna.wait_for("All done.")
            ben.wait_for("All done.")
            for screen in (anna, ben):
                screen.press("q")
                assert screen.wait_exit() == 0
    assert texts(job) == dict.fromkeys(job.texts, 1)
    assert people(job) == {"anna", "ben"}


def test_what_a_killed_program_had_on_its_screen_comes_to_the_other_one(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 3)
    with start(annotate, job, "anna") as anna, start(annotate, job, "ben") as ben:
        anna.wait_for("Row ")
        ben.wait_for("Row ")
        anna.kill()
        ben.press("a")
        ben.wait_for("Row 3 of them.")
        ben.press("a")
        ben.wait_for("Nothing left for you right now: 1 task is")
        let_leases_run_out(job)
        ben.wait_for("somebody has given this task back")
        ben.press("a")
        ben.wait_for("All done.")
        ben.press("q")
        assert ben.wait_exit() == 0
    assert texts(job) == dict.fromkeys(job.texts, 1)


def test_an_answer_after_a_stop_that_was_too_long_is_kept_and_said_to_be_late(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 2)
    with start(annotate, job, "anna") as anna:
        anna.wait_for("Row 1 of them.")
        let_leases_run_out(job)
        with start(annotate, job, "ben") as ben:
            ben.wait_for("Row 1 of them.")
            anna.press("x")
            anna.wait_for("Somebody else had been given")
            anna.wait_for("both answers are kept")
            ben.press("a")
            ben.wait_for("Nothing left for you right now")
    with closing(sqlite3.connect(job.database)) as db:
        found = db.execute(
            "SELECT s.annotator, a.answer, a.late FROM answers a JOIN sessions s"
            " ON s.id = a.session_id ORDER BY a.id"
        ).fetchall()
    assert found == [("anna", "reject", 1), ("ben", "accept", 0)]
    assert texts(job)["Row 1 of them."] == 2


def test_line_by_line_one_waits_for_the_other_too(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 2)
    with start(annotate, job, "anna") as anna:
        anna.wait_for("Row 1 of them.")
        with start(annotate, job, "ben", "--plain") as ben:
            ben.wait_for("Row 2 of them.")
            ben.wait_for("anna works on my_set too")
            ben.send("a\n")
            ben.wait_for("Nothing left for you right now: 1 task is")
            anna.press("q")
            anna.press("q")
            assert anna.wait_exit() == 0
            ben.send("\n")
            ben.wait_for("Row 1 of them.")
            ben.send("a\n")
            ben.wait_for("All done.")
    assert texts(job) == dict.fromkeys(job.texts, 1)
