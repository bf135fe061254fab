"""Killed at random instants while keys are typed, in a real terminal: nothing claimed is lost."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.proof.attacks import Suspend, Swap
from tests.proof.server import Server, missing
from tests.proof.torture import COMMAND, Torture, read_database, write_source
from tests.support.environment import annotate_argv
from tests.support.terminal import Terminal

pytestmark = pytest.mark.terminal

KILLS = 12
DROPPED_LINKS = 5
STRUCK = 2


def new_seed() -> int:
    """Return a seed that is seen with the test's output."""
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    return seed


def database(home: Path) -> Path:
    return home / "data" / "tui-annotate" / "annotations.db"


def test_what_the_screen_claimed_is_in_the_database(tmp_path: Path, home: Path) -> None:
    write_source(tmp_path, 5000)
    seed = new_seed()

    def start() -> Terminal:
        return Terminal(annotate_argv(*COMMAND), home=home, cwd=tmp_path)

    torture = Torture(start, database(home), seed)
    for _ in range(KILLS):
        torture.live()
    assert torture.differences == [], f"seed {seed}"
    assert torture.decisions > KILLS


@pytest.mark.skipif(bool(missing()), reason=missing() or "a server can be run")
def test_the_same_over_ssh_with_the_client_killed(tmp_path: Path, home: Path) -> None:
    write_source(tmp_path, 5000)
    seed = new_seed()
    with Server(tmp_path / "server") as server:

        def start() -> Terminal:
            client = server.client(annotate_argv(*COMMAND), home, tmp_path)
            return Terminal(client, home=tmp_path / "client")

        def drop(terminal: Terminal) -> None:
            terminal.kill()
            server.wait_for_the_end()

        torture = Torture(start, database(home), seed, end=drop)
        for _ in range(DROPPED_LINKS):
            torture.live()
    assert torture.differences == [], f"seed {seed}"
    assert torture.decisions > DROPPED_LINKS


def test_nothing_is_lost_when_the_database_is_taken_away_meanwhile(
    tmp_path: Path, home: Path
) -> None:
    write_source(tmp_path, 5000)
    seed = new_seed()
    path = database(home)
    torture = Torture(
        lambda: Terminal(annotate_argv(*COMMAND), home=home, cwd=tmp_path),
        path,
        seed,
        attacks=[Swap(path), Suspend()],
    )
    while torture.struck["swapped"] < STRUCK:
        torture.live()
    assert torture.differences == [], f"seed {seed}"


def test_a_loss_would_be_noticed(tmp_path: Path, home: Path) -> None:
    """What compares is compared itself: an answer is taken out of the database after each kill."""
    write_source(tmp_path, 5000)

    def forget(terminal: Terminal) -> None:
        terminal.kill()
        if read_database(database(home)).done:
            with closing(sqlite3.connect(database(home))) as db, db:
                newest = "(SELECT max(answer_id) FROM current)"
                db.execute(f"DELETE FROM current WHERE answer_id = {newest}")

    torture = Torture(
        lambda: Terminal(annotate_argv(*COMMAND), home=home, cwd=tmp_path),
        database(home),
        seed=1,
        end=forget,
    )
    while torture.decisions < 3:
        torture.live()
    assert any("lost" in each for each in torture.differences)
    assert any("claimed" in each for each in torture.differences)
