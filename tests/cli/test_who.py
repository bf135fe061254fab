"""`tui-annotate who`: live, stopped and ended sessions, seen from another process than theirs."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartsTerminal
from tests.session.support import Place, answer, die
from tests.support.environment import annotate_argv, run_headless
from tests.terminal.support import Job
from tui_annotate.store.claims import LEASE_MS

pytestmark = pytest.mark.quick


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, [f"text {n}" for n in range(9)])


def who(place: Place, home: Path, *words: str) -> str:
    env = {"TUI_ANNOTATE_DB": str(place.database)}
    done = run_headless(annotate_argv("who", *words), home, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def people(place: Place, home: Path, *words: str) -> dict[str, dict[str, Any]]:
    return {each["annotator"]: each for each in json.loads(who(place, home, *words, "--json"))}


def began(place: Place, annotator: str, seconds_ago: int, owner: str = "") -> None:
    """Let a visit have begun earlier; its answers bear the time of the test's clock."""
    now = int(time.time())
    with sqlite3.connect(place.database) as db:
        db.execute(
            "UPDATE sessions SET opened_at = ?, owner = CASE ? WHEN '' THEN owner ELSE"
            " substr(owner, 1, instr(owner, ' ')) || ? END WHERE annotator = ?",
            (now - seconds_ago, owner, owner, annotator),
        )
        db.execute("UPDATE answers SET answered_at = ?", (now - 30,))
    db.close()


def test_live_stopped_and_ended_are_told_apart(place: Place, home: Path) -> None:
    with place.session(annotator="cleo") as session:
        answer(session)
    killed = place.open(annotator="ben")
    killed.start()
    die(killed)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    began(place, "ben", 600, f"{gone.pid} 1 1")
    live = place.open(annotator="anna")
    live.start()
    answer(live)
    answer(live)
    began(place, "anna", 3600)

    found = people(place, home, "my_set")
    states = {name: (each["state"], each["in_hand"]) for name, each in found.items()}
    assert states == {"anna": ("live", 1), "ben": ("stopped", 1), "cleo": ("ended", 0)}
    assert (found["anna"]["answers"], found["anna"]["answers_an_hour"]) == (2, 2)
    assert "in process" in found["anna"]["where"]
    assert LEASE_MS // 1000 - 60 < found["anna"]["lease_seconds"] <= LEASE_MS // 1000
    assert found["cleo"]["closed_at"] is not None

    said = who(place, home)
    assert "anna" in said and "ben" in said and "cleo" not in said
    assert "1 session has ended in order (--all lists them)." in said
    assert "cleo" in who(place, home, "--all")
    live.close()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_program_that_hangs_is_silent(place: Place, home: Path) -> None:
    """It runs on this machine, and has given no sign of life for long."""
    session = place.open(annotator="ben")
    session.start()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        start = Path(f"/proc/{other.pid}/stat").read_text().rpartition(")")[2].split()[19]
        began(place, "ben", 600, f"{other.pid} {start} 1")
        assert people(place, home)["ben"]["state"] == "live"
        assert 0 <= people(place, home)["ben"]["silent_seconds"] < 60
        with sqlite3.connect(place.database) as db:
            db.execute("UPDATE sessions SET beat_at = ?", (int(time.time()) - 300,))
        db.close()
        found = people(place, home)["ben"]
        assert (found["state"], found["in_hand"]) == ("silent", 1)
        assert 300 <= found["silent_seconds"] < 360
        assert "silent  " in who(place, home).splitlines()[1]
        other.kill()
    assert people(place, home)["ben"]["state"] == "stopped"
    die(session)


def test_nobody_is_at_work(place: Place, home: Path) -> None:
    with place.session(annotator="cleo") as session:
        answer(session)
    assert "Nobody is at work." in who(place, home)


def test_a_claim_that_has_run_out_is_in_nobodys_hand(place: Place, home: Path) -> None:
    session = place.open(annotator="ben")
    session.start()
    with sqlite3.connect(place.database) as db:
        db.execute("UPDATE claims SET until_boot_ms = 0, until_wall_ms = 0")
    db.close()
    assert people(place, home)["ben"]["in_hand"] == 0
    session.close()


@pytest.mark.terminal
@pytest.mark.parametrize("suspended", [False, True])
def test_a_session_is_ended_in_order(
    suspended: bool, tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 3)
    env = {"TUI_ANNOTATE_DB": str(job.database)}

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return run_headless(annotate_argv("who", *words), home, env=env)

    with annotate(*job.arguments, "--as", "ben", env=env) as screen:
        screen.wait_for("Row 1 of them.")
        screen.type("a")
        screen.wait_for("Row 2 of them.")
        screen.type("1 1")  # begun, and not answered
        assert call("--end", "anna").returncode == 1
        if suspended:
            screen.signal(signal.SIGSTOP)
            assert "suspended" in call().stdout
        done = call("--end", "ben", "my_set")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "the session of ben has ended" in done.stdout + done.stderr
        assert screen.wait_exit() == 128 + signal.SIGTERM
        assert screen.left_sane()
        assert "Continue with:" in screen.screen_text()
    assert json.loads(call("--json").stdout)[0]["state"] == "ended"
    assert len(job.answers()) == 1
    assert job.drafts()
    assert call("--end", "ben").returncode == 1


def test_an_unknown_dataset_is_named_with_the_nearest(place: Place, home: Path) -> None:
    with place.session():
        pass
    env = {"TUI_ANNOTATE_DB": str(place.database)}
    done = run_headless(annotate_argv("who", "my_sett"), home, env=env)
    assert done.returncode != 0
    assert "Did you mean 'my_set'?" in done.stderr
