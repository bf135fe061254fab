"""Tasks from standard input while the keys come from the terminal."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.exchange.prodigy import make_prodigy
from tests.support.environment import annotate_argv

pytestmark = pytest.mark.terminal


def test_a_pipe_is_annotated_by_keys(
    terminal: StartsTerminal, headless: RunsHeadless, tmp_path: Path
) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "Ada left."}\n{"text": "Bo stayed."}\n')
    command = shlex.join(annotate_argv("ner.manual", "piped", "-", "--label", "PER"))
    screen = terminal("/bin/sh", "-c", f"cat {shlex.quote(str(path))} | {command}")
    screen.wait_for("Ada left.")
    screen.settle()
    screen.type("1 a")
    screen.wait_for("Bo stayed.")
    screen.type("q q")
    assert screen.wait_exit() == 0
    [answer] = [json.loads(line) for line in headless("db-out", "piped").stdout.splitlines()]
    assert answer["text"] == "Ada left."
    assert answer["spans"][0]["label"] == "PER"


def test_a_dataset_that_prodigy_has_is_offered_once(
    annotate: StartsTerminal, headless: RunsHeadless, home: Path, tmp_path: Path
) -> None:
    example = {"text": "Ada left.", "answer": "accept", "_timestamp": 1}
    make_prodigy(
        home / ".prodigy" / "prodigy.db",
        {
            "news": [(example, "news-ada"), ({"text": "Odd.", "answer": "maybe"}, "news-ada")],
            "other": [(example, "other-ada")],
        },
    )
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "Ada left."}\n{"text": "Bo stayed."}\n')

    screen = annotate("ner.manual", "news", path, "--label", "PER")
    screen.wait_for(re.compile(r"\[y\s*/\s*N\s*\]"))  # the path before it may fill the row
    screen.send("y\r")
    screen.wait_for("Bo stayed.")
    screen.settle()
    said = screen.raw.decode("utf-8", "replace")
    assert "1 answer copied; left out as no answers: 1" in said
    assert "example 2: the answer is 'maybe'" in said
    assert "Ada left." not in screen.screen_text()
    screen.type("q q")
    assert screen.wait_exit() == 0
    [answer] = [json.loads(line) for line in headless("db-out", "news").stdout.splitlines()]
    assert answer["_session_id"] == "news-ada"

    declined = annotate("ner.manual", "other", path, "--label", "PER")
    declined.wait_for("Copy it here?")
    declined.send("\r")
    declined.wait_for("Ada left.")
    declined.settle()
    declined.type("q q")
    assert declined.wait_exit() == 0
    again = annotate("ner.manual", "other", path, "--label", "PER")
    again.wait_for("Ada left.")
    assert "Copy it here?" not in again.raw.decode("utf-8", "replace")
