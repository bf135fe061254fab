"""The record of who opened which task: real sessions, kills, and what commands make of it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.terminal.support import DATASET, Job
from tui_annotate.store.database import open_store

pytestmark = pytest.mark.terminal


def audit_in(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "tui-annotate.toml").write_text("audit = true\n")


def recorded(database: Path) -> int:
    with open_store(database, readonly=True) as store:
        return sum(1 for _ in store.audit.of(DATASET))


def test_two_people_and_a_kill(
    tmp_path: Path, home: Path, annotate: StartsTerminal, headless: RunsHeadless
) -> None:
    audit_in(home)
    job = Job(tmp_path, home, 6)
    env = {"TUI_ANNOTATE_AUDIT": "no"}  # which takes nothing back
    anna = annotate(*job.arguments, "--as", "anna", env=env)
    anna.wait_for("Row 1 of them.")
    ben = annotate(*job.arguments, "--as", "ben", "--plain")
    ben.wait_for("Row 2 of them.")
    anna.press("a")
    anna.wait_for("Row 3 of them.")
    anna.press("u")
    anna.wait_for("Row 1 of them.")

    def openings(*options: str) -> list[dict[str, object]]:
        done = headless("audit", DATASET, "--json", *options)
        return [json.loads(line) for line in done.stdout.splitlines()]

    # Both only look, and neither answers any more: it is written all the same.
    deadline = time.monotonic() + 60
    while recorded(job.database) < 4 and time.monotonic() < deadline:
        time.sleep(0.1)
    for each in (anna, ben):
        each.kill()
    found = openings("--annotator", "anna")
    assert len({each["key"] for each in found}) == 2
    assert [each["key"] for each in found] == [found[0]["key"], found[1]["key"], found[0]["key"]]
    assert {each["session"] for each in openings("--annotator", "ben")} == {f"{DATASET}-ben"}
    exported = json.loads(headless("db-out", DATASET).stdout)
    assert exported["_task_hash"] == found[0]["_task_hash"]
    listed = headless("audit", DATASET).stdout
    assert len(listed.splitlines()) == 4
    assert "Row" not in listed
    assert "Row" not in json.dumps(found)
    again = annotate(*job.arguments, "--as", "anna")
    again.wait_for("Row 1 of them.")
    again.hangup()
    assert again.wait_exit() == 129
    assert recorded(job.database) == 5
    assert headless("drop", DATASET, "--yes").returncode == 0
    assert {each["session"] for each in openings()} == {None}
    assert "5 openings" in headless("purge", DATASET, "--dry").stderr
    assert recorded(job.database) == 5
    assert headless("purge", DATASET, "--yes").returncode == 0
    assert DATASET.encode() not in job.database.read_bytes()
    assert headless("audit", DATASET).returncode == 2
