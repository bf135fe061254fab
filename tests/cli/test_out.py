"""What the headless commands print, for programs and for people."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless
from tests.session.support import SPAN, Place, answer
from tests.support.environment import annotate_argv, clean_environment

KEYS = {
    "text",
    "tokens",
    "spans",
    "answer",
    "_input_hash",
    "_task_hash",
    "_session_id",
    "_annotator_id",
    "_view_id",
    "_timestamp",
}


@pytest.fixture
def place(tmp_path: Path, home: Path) -> Place:
    """Three answers in the user's own database, one with characters that drive terminals."""
    place = Place(tmp_path, ["One.", "Tw\x1b[2Jo \ud83c\udf0d.", "Three."])
    place.database = home / "data" / "tui-annotate" / "annotations.db"
    place.database.parent.mkdir(parents=True)
    with place.session() as session:
        answer(session, spans=[SPAN], tokens=[])
        answer(session, "reject", spans=[], tokens=[])
        answer(session, "ignore", spans=[], tokens=[])
    return place


def test_db_out_gives_one_json_object_for_each_answer(place: Place, headless: RunsHeadless) -> None:
    done = headless("db-out", "my_set")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["text"] for row in rows] == ["One.", "Tw\x1b[2Jo \U0001f30d.", "Three."]
    assert [row["answer"] for row in rows] == ["accept", "reject", "ignore"]
    assert all(row.keys() >= KEYS for row in rows)
    assert b"\x1b" not in done.stdout.encode()
    only = headless("db-out", "my_set", "--answer", "reject")
    assert [json.loads(line)["answer"] for line in only.stdout.splitlines()] == ["reject"]


def test_stats_for_people_and_for_programs(place: Place, headless: RunsHeadless) -> None:
    shown = headless("stats", "my_set")
    assert shown.returncode == 0
    assert "my_set" in shown.stdout
    found = json.loads(headless("stats", "my_set", "--json").stdout)
    assert found["dataset"] == "my_set"
    assert isinstance(json.loads(headless("stats", "--json").stdout), list)


def test_a_reader_that_has_gone_is_no_error(place: Place, home: Path) -> None:
    with place.session() as session:
        store = session.opened.store
        old = next(store.answers.iterate(1)).record
        with store.write_txn():
            store.answers.import_(1, (old._replace(row=row) for row in range(5000)))
    done = subprocess.run(
        ["sh", "-c", '"$@" | head -n 1', "sh", *annotate_argv("db-out", "my_set")],
        env=clean_environment(home),
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    assert json.loads(done.stdout)["text"] == "One."


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is full")
def test_a_full_disk_under_stdout_is_one_line(place: Place, home: Path) -> None:
    for command in (["db-out", "my_set"], ["datasets"], ["export", "my_set", "-", "--to", "jsonl"]):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                annotate_argv(*command),
                env=clean_environment(home),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == 1
        [line] = done.stderr.splitlines()
        assert "no space left on device" in line
        assert "Make room" in line
