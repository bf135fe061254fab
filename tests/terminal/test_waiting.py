"""What takes long is said on the screen, and can be left at once."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless
from tests.support.environment import annotate_argv
from tests.support.terminal import Terminal
from tests.terminal.support import Job

pytestmark = pytest.mark.terminal

PACE = 0.15
READING = 1.0
"""Seconds that somebody takes for a sentence on the screen."""

ENDLESS = 1 << 42
"""Bytes of a hole behind the rows: a line whose end nobody lives to see. It takes no room."""


@pytest.mark.parametrize("columns, rows", [(80, 24), (40, 12)])
def test_a_row_without_an_end_is_said_and_left_with_one_key(
    tmp_path: Path, home: Path, columns: int, rows: int
) -> None:
    job = Job(tmp_path, home, 1)
    os.truncate(job.source, ENDLESS)
    with Terminal(annotate_argv(*job.arguments), home=home, columns=columns, rows=rows) as terminal:
        terminal.wait_for("Row 1 of them.")
        terminal.send("a")
        terminal.wait_for("looking for the next task: 1 row" if columns == 80 else "1 row, ")
        terminal.wait_for("of one row" if columns == 40 else "of one row read so far")
        assert "q leaves" in terminal.screen_text()
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert terminal.left_sane()
    assert [each["answer"] for each in job.answers()] == ["accept"]


def test_a_source_that_begins_with_such_a_row_is_left_with_one_key(
    tmp_path: Path, home: Path
) -> None:
    job = Job(tmp_path, home, 1)
    job.source.write_bytes(b"[")
    os.truncate(job.source, ENDLESS)
    with Terminal(annotate_argv(*job.arguments), home=home) as terminal:
        shown = terminal.wait_for("looking for the next task")
        assert "0 done" not in shown
        assert "accept" not in shown
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert terminal.left_sane()


SLOW = "import time\nfor _ in range(600):\n    time.sleep(0.1)\n"
"""A library that takes a minute to be loaded."""

DEAF = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(60)\n"
"""One that hears nothing meanwhile, as code in C does not."""


@pytest.mark.parametrize(
    "key, library, options, code",
    [("q", SLOW, (), 0), ("\x03", SLOW, ("--plain",), 0), ("q", DEAF, (), 130)],
    ids=["q", "ctrl-c, line by line", "deaf"],
)
def test_loading_a_model_is_said_and_left_with_one_key(
    tmp_path: Path, home: Path, key: str, library: str, options: tuple[str, ...], code: int
) -> None:
    job = Job(tmp_path, home, 1)
    (tmp_path / "libraries").mkdir()
    (tmp_path / "libraries" / "spacy.py").write_text(library)
    recipe, dataset, *rest = job.arguments
    arguments = (recipe, dataset, "blank:en", *rest, *options)
    env = {"PYTHONPATH": str(tmp_path / "libraries")}
    with Terminal(annotate_argv(*arguments), home=home, env=env) as terminal:
        terminal.wait_for("opening spaCy (blank:en); q leaves")
        terminal.type("a x enter")  # nothing is asked yet
        terminal.send(key)
        assert terminal.wait_exit(20) == code
        assert terminal.left_sane()
        assert "Traceback" not in terminal.screen_text()
    assert job.answers() == []


def test_a_row_without_an_end_is_said_line_by_line_and_left_with_one_key(
    tmp_path: Path, home: Path
) -> None:
    job = Job(tmp_path, home, 1)
    os.truncate(job.source, ENDLESS)
    with Terminal(annotate_argv(*job.arguments, "--plain"), home=home) as terminal:
        terminal.wait_for("Row 1 of them.\n>")
        terminal.send("a\r")
        shown = terminal.wait_for("of one row read so far; q leaves.")
        assert shown.index("accept") < shown.index("looking for the next task")
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert terminal.left_sane()
        assert "1 answer saved" in terminal.screen_text()
        assert b"\x1b" not in terminal.raw
    assert [each["answer"] for each in job.answers()] == ["accept"]


OWN = """
import time
import tui_annotate

@tui_annotate.recipe("slow.own")
def slow(dataset):
    def stream():
        yield {"text": "Ann left."}
        time.sleep(1)
        yield {"text": "Bob came."}
    config = {"labels": ["PER"]}
    return {"dataset": dataset, "stream": stream(), "view_id": "ner_manual", "config": config}
"""


def test_a_slow_stream_is_said_through_a_pipe_and_keeps_what_is_written_ahead(
    tmp_path: Path, headless: RunsHeadless
) -> None:
    (tmp_path / "own.py").write_text(OWN)
    done = headless("slow.own", "set", "-F", tmp_path / "own.py", "--plain", stdin="a\nx\nq\n")
    assert done.returncode == 0, done.stderr
    assert "looking for the next task: 1 row." in done.stdout
    assert "; q leaves" not in done.stdout, "no keys come through a pipe"
    assert "2 answers saved" in done.stderr


ASKS = """
import tui_annotate

@tui_annotate.recipe("asks.own")
def asks(dataset):
    name = input("Which name? ")
    config = {"labels": ["PER"]}
    stream = [{"text": f"{name} left."}]
    return {"dataset": dataset, "stream": stream, "view_id": "ner_manual", "config": config}
"""


def test_what_a_recipe_asks_by_itself_gets_its_keys(tmp_path: Path, home: Path) -> None:
    (tmp_path / "own.py").write_text(ASKS)
    arguments = ("asks.own", "set", "-F", str(tmp_path / "own.py"), "--plain")
    with Terminal(annotate_argv(*arguments), home=home) as terminal:
        terminal.wait_for("Which name?")
        terminal.settle(0.6)
        terminal.type("q u i n enter")
        terminal.wait_for("quin left.")
        terminal.send("q\r")
        assert terminal.wait_exit() == 0


def test_keys_typed_blindly_while_an_answer_is_written_answer_nothing(
    tmp_path: Path, home: Path
) -> None:
    job = Job(tmp_path, home, 6)
    with Terminal(annotate_argv(*job.arguments), home=home) as terminal:
        terminal.wait_for("Row 1 of them.")
        terminal.settle()
        other = sqlite3.connect(job.database, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        terminal.type_at("1a", PACE)
        terminal.wait_for("waiting for another program")
        release = threading.Timer(6 * PACE, other.rollback)
        release.start()
        # What comes after the next task is on screen would be an answer without its label.
        terminal.type_at("2a1a2a1a2a1a", PACE)
        terminal.wait_for("1 done")
        terminal.wait_for("What was typed meanwhile was not carried out")
        release.join()
        time.sleep(READING)
        other.execute("BEGIN IMMEDIATE")
        terminal.type_at("2a", PACE)
        terminal.wait_for("waiting for another program")
        terminal.type_at("1", PACE)  # one key alone waits for the task that it was typed for
        other.rollback()
        terminal.wait_for("2 done")
        terminal.settle()
        other.execute("BEGIN IMMEDIATE")
        terminal.type_at("a", PACE)
        terminal.wait_for("waiting for another program")
        terminal.type_at("l2", PACE)  # without the move the label would stand elsewhere
        other.close()
        terminal.wait_for("3 done")
        time.sleep(READING)
        terminal.type("a q q")
        terminal.wait_exit()
    labels = [[span["label"] for span in each["spans"]] for each in job.answers()]
    assert labels == [["ORG"], ["LOC"], ["ORG"], []]
