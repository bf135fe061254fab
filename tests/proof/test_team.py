"""A team at work that is killed all the time; the long run is `benchmarks/team.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks._annotator import make_job
from benchmarks._team_logs import Findings, Person
from tests.session.support import write_rows
from tui_annotate.session.opening import open_session
from tui_annotate.session.session import Session
from tui_annotate.store.database import open_store


def test_a_small_team_is_killed_and_loses_nothing() -> None:
    words = ["--people", "3", "--tasks", "12", "--kills", "3", "--per-task", "2", "--pace", "0.1"]
    command = [sys.executable, "-m", "benchmarks.team", "correct", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "(goal 24 at least)" in done.stdout and "kills: 3 (goal 3)" in done.stdout


def test_the_comparison_sees_what_it_looks_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log that says more than the database has, two who had one task, and one who waited."""
    source = write_rows(tmp_path / "rows.jsonl", ["one", "two"])
    store = tmp_path / "team.db"
    session = Session(open_session(open_store(store), make_job(source, 1), "ann"))
    item = session.start()
    assert item is not None
    key = item.identity.input_key.hex()
    session.decide("accept", dict(item.task))
    session.close()
    logs = {
        "ann": f'["served", 1, "{key}", null, null]\n["answered", 2, "{key}", 1, false]\n',
        "ben": f'["served", 1.5, "{key}", null, null]\n["answered", 3, "{key}", 1, false]\n'
        '["idle", 4]\n["closed", 99]\n',
        "cid": '["served", 5, "other", null, null]\n["draft", 6, "other", 0, 1]\n'
        '["served", 8, "third", null, null]\n["closed", 9]\n',
    }
    people = []
    for name, text in logs.items():
        people.append(Person(name, tmp_path / f"{name}.log"))
        people[-1].log.write_text(text)
    people[2].kills.append(7)
    Findings(people, str(store), 1, 5).report("")
    said = capsys.readouterr()
    for line in (
        "lost: 1 (goal 0) MISSED",
        "drafts lost, or another task after a kill: 1 (goal 0) MISSED",
        "in too many hands: 1 (goal 0) MISSED",
        "not answered by as many as wanted: 4 (goal 0) MISSED",
        "starved: 1 (goal 0) MISSED",
    ):
        assert line in said.out, said.out


@pytest.mark.parametrize("told", [True, False])
def test_what_a_killed_person_had_claimed_unseen_starves_nobody(
    told: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed for good behind an answer, of which the log may say nothing: the next one is claimed.
    Who had nothing to do while the server restarted did not wait for it."""
    source = write_rows(tmp_path / "rows.jsonl", ["one", "two"])
    store = tmp_path / "team.db"
    session = Session(open_session(open_store(store), make_job(source, 1), "ann"))
    item = session.start()
    assert item is not None
    key = item.identity.input_key.hex()
    session.decide("accept", dict(item.task))
    session.close()
    answered = f'["answered", 3, "{key}", 1, false]\n' if told else ""
    logs = {
        "ann": f'["served", 1, "{key}", null, null]\n["draft", 2, "{key}", 0, 1]\n{answered}',
        "ben": '["idle", 4]\n["closed", 99]\n',
    }
    people = [Person(name, tmp_path / f"{name}.log") for name in logs]
    for person in people:
        person.log.write_text(logs[person.name])
    people[0].kills.append(3.5)
    findings = Findings(people, str(store), 1, 2)
    findings.report("")
    assert "starved: 0 (goal 0)" in capsys.readouterr().out
    assert findings.slowest_after([1.5, 10]) == 0.5


def test_who_is_killed_behind_an_answer_and_logs_in_slowly_starves_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The next task was claimed with the answer, and is served half a minute later."""
    source = write_rows(tmp_path / "rows.jsonl", ["one", "two"])
    store = tmp_path / "team.db"
    session = Session(open_session(open_store(store), make_job(source, 1), "ann"))
    keys = []
    item = session.start()
    while item is not None:
        keys.append(item.identity.input_key.hex())
        session.decide("accept", dict(item.task))
        item = session.advance()
    session.close()
    logs = {
        "ann": f'["served", 1, "{keys[0]}", null, null]\n["answered", 2, "{keys[0]}", 1, false]\n'
        f'["open", 33]\n["served", 34, "{keys[1]}", null, null]\n'
        f'["answered", 35, "{keys[1]}", 1, false]\n',
        "ben": '["idle", 3]\n["closed", 30]\n',
    }
    people = [Person(name, tmp_path / f"{name}.log") for name in logs]
    for person in people:
        person.log.write_text(logs[person.name])
    people[0].kills.append(2.5)
    Findings(people, str(store), 1, 2).report("")
    assert "MISSED" not in capsys.readouterr().out
    lines = logs["ann"].splitlines(keepends=True)
    people[0].log.write_text("".join((lines[0], *lines[2:])))  # nothing was claimed before the kill
    Findings(people, str(store), 1, 2).report("")
    assert "starved: 1 (goal 0) MISSED" in capsys.readouterr().out
