"""Sessions in a real terminal: keys in, screen out, every way to end, and the way back."""

from __future__ import annotations

import json
import random
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.terminal.support import DATASET, Job, cells, done
from tui_annotate.store.database import open_store

pytestmark = pytest.mark.terminal

PROSE = "Acme Corporation of Berlin said on Tuesday that it had sold its share in Globex. " * 4


@pytest.fixture
def job(tmp_path: Path, home: Path) -> Job:
    return Job(tmp_path, home, 10)


# Through a session


def test_a_session_from_the_first_task_to_the_export(
    job: Job, annotate: StartsTerminal, headless: RunsHeadless
) -> None:
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("Row 1 of them.")
        terminal.wait_for("10 to go")
        terminal.type("l 1 1 a x space")
        assert "Row 4 of them." in terminal.screen_text()
        assert "3 done  7 to go" in terminal.screen_text()
        terminal.press("q")
        terminal.wait_for("3 answered, all saved; q again leaves")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert terminal.left_sane()
        last = "".join(terminal.screen_text().split())  # it is wrapped, also at a blank
        assert last.startswith(f"3answerssavedto{DATASET}in")
        assert "Continuewith:tui-annotatener.manual" in last
    rows = [json.loads(line) for line in headless("db-out", DATASET).stdout.splitlines()]
    assert [row["answer"] for row in rows] == ["accept", "reject", "ignore"]
    assert [row["text"] for row in rows] == job.texts[:3]
    assert rows[0]["spans"] == [
        {"start": 4, "end": 8, "label": "ORG", "token_start": 1, "token_end": 2}
    ]
    assert all(row["_annotator_id"] == "tester" for row in rows)


def test_three_answers_a_kill_and_a_restart(
    job: Job, annotate: StartsTerminal, headless: RunsHeadless
) -> None:
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("Row 1 of them.")
        for number in (2, 3, 4):
            terminal.press("a")
            terminal.wait_for(f"Row {number} of them.")
        terminal.kill()
    assert len(headless("db-out", DATASET).stdout.splitlines()) == 3
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("Row 4 of them.")
        terminal.wait_for("3 done  7 to go")


def test_a_recipe_that_reads_ahead_and_is_killed_skips_nothing(
    tmp_path: Path, home: Path, terminal: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 600)
    argv = [sys.executable, "-m", "tests.terminal.ahead", *job.arguments[1:]]
    for number in (1, 2, 3):
        with terminal(*argv) as screen:
            screen.wait_for(f"Row {number} of them.")
            screen.press("a")
            screen.wait_for(f"Row {number + 1} of them.")
            screen.kill()
    assert [answer["text"] for answer in job.answers()] == job.texts[:3]
    with terminal(*argv) as screen:
        screen.wait_for("Row 4 of them.")
        screen.wait_for("3 done  597 to go")


# Every way to end


@pytest.mark.parametrize("end", ["hang up", "SIGHUP", "SIGTERM", "SIGINT", "leave"])
def test_whatever_ends_it_the_task_comes_back_as_it_was(
    tmp_path: Path, home: Path, annotate: StartsTerminal, end: str
) -> None:
    job = Job(tmp_path, home, [PROSE, "Two."])
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("Acme")
        terminal.type("1 1 j l l 2 v l")
        before = cells(terminal, 18)
        codes = {"hang up": 129, "SIGHUP": 129, "SIGTERM": 143, "SIGINT": 130, "leave": 0}
        if end == "hang up":
            terminal.hangup()
        elif end == "leave":
            terminal.type("q")
            terminal.press("q")
        else:
            terminal.signal(getattr(signal, end))
        assert terminal.wait_exit() == codes[end]
        if end != "hang up":
            assert terminal.left_sane()
    assert '"selection":{' in job.drafts()[0].state
    assert [span["label"] for span in json.loads(job.drafts()[0].content)["spans"]] == [
        "ORG",
        "LOC",
    ]
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("ORG─")
        terminal.settle()
        assert cells(terminal, 18) == before, "spans, selection and cursor"


def test_an_edit_survives_a_kill(tmp_path: Path, home: Path, annotate: StartsTerminal) -> None:
    job = Job(tmp_path, home, [PROSE, "Two."])
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("Acme")
        terminal.type("l l l 2")
        before = cells(terminal, 18)
        terminal.kill()
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("LOC─")
        terminal.settle()
        assert cells(terminal, 18) == before
        assert "You are back in this task" in terminal.screen_text()


def test_a_reopened_answer_survives_a_hangup(job: Job, annotate: StartsTerminal) -> None:
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("Row 1 of them.")
        terminal.type("a a a u u")
        terminal.wait_for("task 2: accept")
        terminal.signal(signal.SIGHUP)
        assert terminal.wait_exit() == 129
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("task 2: accept")
        terminal.type("1 a")
        terminal.wait_for("Row 4 of them.")
    assert [answer["text"] for answer in job.answers()] == [
        job.texts[0],
        job.texts[2],
        job.texts[1],
    ]


def test_kills_at_random_moments_lose_nothing(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    job = Job(tmp_path, home, 500)
    for _ in range(10):
        before = len(job.answers())
        with annotate(*job.arguments) as terminal:
            terminal.wait_for(re.compile(rf"\b{before} done"))
            keys = dice.choices("aaaaal12dx u,", k=dice.randrange(40))
            for key in keys:
                terminal.send(key)
                time.sleep(dice.random() * 0.05)
            terminal.kill()
            claimed = done(terminal.screen_text())
        answers = job.answers()
        texts = [answer["text"] for answer in answers]
        assert claimed is not None
        assert max(before, claimed) <= len(answers) <= before + len(keys), seed
        assert len(set(texts)) == len(texts), seed
        assert set(texts) == set(job.texts[: len(texts)]), seed
    assert len(job.answers()) >= 4


# A database that somebody else has locked


def test_an_answer_waits_for_the_lock_and_is_saved(job: Job, annotate: StartsTerminal) -> None:
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("Row 1 of them.")
        terminal.settle()
        with open_store(job.database) as other, other.write_txn():
            terminal.send("a")
            terminal.wait_for("waiting for process")
            terminal.send("l")
            assert "Row 1 of them." in terminal.screen_text()
        terminal.wait_for("Row 2 of them.")
        terminal.wait_for("1 done")


def test_a_start_waits_for_the_lock_and_says_so(job: Job, annotate: StartsTerminal) -> None:
    with open_store(job.database) as other:
        with other.write_txn():
            terminal = annotate(*job.arguments)
            terminal.wait_for("waiting for process")
        terminal.wait_for("Row 1 of them.")
        terminal.type("a q q")
        assert terminal.wait_exit() == 0
    assert len(job.answers()) == 1


def test_what_fails_before_the_screen_ends_the_session_in_order(
    job: Job, annotate: StartsTerminal
) -> None:
    with annotate(*job.arguments, "--theme", "pink") as terminal:
        terminal.wait_for("pink")
        assert terminal.wait_exit() == 2
    with open_store(job.database) as store:
        visit = store.visits.newest(1)
    assert visit is None or visit.closed_at is not None


def test_one_can_leave_while_the_database_is_locked(
    job: Job, tmp_path: Path, annotate: StartsTerminal
) -> None:
    log = tmp_path / "log"
    with annotate(*job.arguments, stderr=log) as terminal:
        terminal.wait_for("Row 1 of them.")
        terminal.press("1")
        with open_store(job.database) as other, other.write_txn():
            terminal.send("a")
            terminal.wait_for("waiting for process")
            terminal.send("q")
            terminal.wait_for("q again leaves without it")
            time.sleep(0.2)
            terminal.send("q")
            assert terminal.wait_exit() == 1
    assert "the database is locked by process" in log.read_text()
    assert log.read_text().count("\n") <= 2
    assert job.answers() == []
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("└OR")


# What is redirected


def test_redirected_input_and_output_leave_the_screen_alone(
    job: Job, tmp_path: Path, annotate: StartsTerminal
) -> None:
    data, out, log = tmp_path / "data", tmp_path / "out", tmp_path / "log"
    data.write_text("aaaa")
    out.touch()
    with annotate(*job.arguments, stdin=data, stdout=out, stderr=log) as terminal:
        terminal.wait_for("Row 1 of them.")
        terminal.press("a")
        terminal.wait_for("Row 2 of them.")
        terminal.type("q")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert terminal.left_sane()
    assert out.read_text() == ""
    saved, after = log.read_text().splitlines()
    assert saved.startswith("1 answer saved to my_set in ")
    assert after.startswith("Continue with: tui-annotate ner.manual my_set ")
    assert len(job.answers()) == 1


# What data may not do

EVIL = "\x1b]0;title\x07 \x1b[2J \x1b[?1003h \x9b31m \u202e \x1bPq\x1b\\ \r \x08 \udce9 end"
RAW = (
    b"\x1b]0;",
    b"\x1b[2J",
    b"\x1b[?1003h",
    b"\xc2\x9b",
    b"\xe2\x80\xae",
    b"\x1bPq",
    b"title\x07",
    b"label\x07",
)


def test_nothing_in_the_data_reaches_the_terminal_as_it_is(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    plain = Job(tmp_path, home, 1)
    with annotate(*plain.arguments) as terminal:
        terminal.wait_for("Row 1")
        terminal.type("1 a q")
        assert terminal.wait_exit() == 0
        usual = [terminal.raw.count(sequence) for sequence in RAW]
    source = tmp_path / f"rows{EVIL[:12]}\n.jsonl"
    row = {"text": EVIL, "meta": {EVIL: EVIL}, "spans": [{"start": 0, "end": 1, "label": EVIL}]}
    source.write_text(json.dumps(row) + "\n" + json.dumps({"text": EVIL}) + "\n")
    labels = tmp_path / "labels.txt"
    labels.write_text("A\x1b]0;label\x07\nB\u202e\n")
    arguments = ("ner.manual", "other", str(source), "--label", str(labels))
    with annotate(*arguments, columns=160) as terminal:
        terminal.wait_for("end")
        terminal.type("1 l 2 i t escape f a a")
        terminal.wait_for("done")
        terminal.type("a m escape u")
        terminal.type("q")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert [terminal.raw.count(sequence) for sequence in RAW] == usual
    arguments = ("ner.manual", "other", f"{source}x", "--label", str(labels))
    with annotate(*arguments) as terminal:
        assert terminal.wait_exit() == 1
        assert not any(sequence in terminal.raw for sequence in RAW)
