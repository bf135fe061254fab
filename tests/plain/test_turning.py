"""From the screen to the plain face and back: one process, one session, nothing lost."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.support.environment import annotate_argv

pytestmark = pytest.mark.terminal


def write(home: Path, count: int) -> Path:
    path = home / "data.jsonl"
    rows = [json.dumps({"text": f"Ann met Bob {number}."}) for number in range(1, count + 1)]
    path.write_text("\n".join(rows) + "\n")
    return path


def answers(headless: RunsHeadless) -> list[tuple[str, str, list[str]]]:
    rows = [json.loads(line) for line in headless("db-out", "set").stdout.splitlines()]
    return [
        (row["text"], row["answer"], [row["text"][s["start"] : s["end"]] for s in row["spans"]])
        for row in rows
    ]


def test_one_session_in_both_faces(
    home: Path, annotate: StartsTerminal, headless: RunsHeadless
) -> None:
    arguments = ("ner.manual", "set", write(home, 4), "--label", "PER", "--as", "me")
    with annotate(*arguments) as terminal:
        terminal.wait_for("Ann met Bob 1.")
        terminal.settle()
        terminal.type("1 a")
        terminal.wait_for("Ann met Bob 2.")
        terminal.settle()
        terminal.type("1 L")
        terminal.wait_for("Task 2, 3 to go.\nAnn met Bob 2.\n1 span:\n1: PER, Ann\n>")
        terminal.send("per Bob\ra\r")
        terminal.wait_for("Task 3, 2 to go.\nAnn met Bob 3.\n>")
        terminal.send("per Bob\r")
        terminal.wait_for("1: PER, Bob\n>")
        terminal.send("screen\r")
        terminal.wait_for("2 done")
        terminal.settle()
        terminal.type("a")
        terminal.wait_for("Ann met Bob 4.")
        terminal.settle()
        terminal.type("u L")
        terminal.wait_for("Task 3, 1 to go, answered before: accept.\nAnn met Bob 3.")
        terminal.settle()
        terminal.send("q\r")
        assert terminal.wait_exit() == 0
        assert "3 answers saved to set" in terminal.screen_text()
    assert answers(headless) == [
        ("Ann met Bob 1.", "accept", ["Ann"]),
        ("Ann met Bob 2.", "accept", ["Ann", "Bob"]),
        ("Ann met Bob 3.", "accept", ["Bob"]),
    ]
    with annotate(*arguments) as again:
        again.wait_for("Task 3, 1 to go, answered before: accept.")
        again.settle()
        again.send("q\r")
        assert again.wait_exit() == 0
    with annotate(*arguments, "--no-plain") as screen:
        screen.wait_for("3 done")
        screen.type("q q")
        assert screen.wait_exit() == 0
    with annotate(*arguments[:-1], "other") as other:
        other.wait_for("0 done")
        other.type("q q")
        assert other.wait_exit() == 0


def test_a_pipe_is_read_on_in_the_other_face(
    home: Path, terminal: StartsTerminal, headless: RunsHeadless
) -> None:
    path = shlex.quote(str(write(home, 3)))
    command = shlex.join(annotate_argv("ner.manual", "set", "-", "--label", "PER"))
    with terminal("/bin/sh", "-c", f"cat {path} | {command}") as screen:
        screen.wait_for("Ann met Bob 1.")
        screen.settle()
        screen.type("L")
        screen.wait_for("Task 1.\nAnn met Bob 1.\n>")
        screen.send("x\r")
        screen.wait_for("Ann met Bob 2.\n>")
        screen.send("screen\r")
        screen.wait_for("1 done")
        screen.settle()
        screen.type("x")
        screen.wait_for("2 done")
        screen.type("q q")
        assert screen.wait_exit() == 0
    assert [each[:2] for each in answers(headless)] == [
        (f"Ann met Bob {number}.", "reject") for number in (1, 2)
    ]


def test_no_screen_where_there_is_none(
    home: Path, annotate: StartsTerminal, headless: RunsHeadless
) -> None:
    arguments = ("ner.manual", "set", write(home, 1), "--label", "PER", "--plain")
    done: subprocess.CompletedProcess[str] = headless(*arguments, stdin="screen\nq\n")
    assert "There can be no screen: lines are not read from a terminal" in done.stdout
    with annotate(*arguments, env={"TERM": "dumb"}) as terminal:
        terminal.wait_for("Ann met Bob 1.")
        terminal.settle()
        terminal.send("screen\rq\r")
        assert terminal.wait_exit() == 0
        assert "There can be no screen: TERM=dumb" in terminal.screen_text()
