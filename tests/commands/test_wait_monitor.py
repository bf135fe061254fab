"""Long work is said again as it goes on, and only as long as it goes on."""

from __future__ import annotations

import time

import pytest

from tui_annotate.commands.wait_monitor import WaitMonitor
from tui_annotate.waiting import Waiting

pytestmark = pytest.mark.quick


def until(said: list[str], count: int) -> None:
    end = time.monotonic() + 20
    while len(said) < count and time.monotonic() < end:
        time.sleep(0.01)


def test_what_takes_long_is_said_again_with_other_counts_only() -> None:
    waiting, said, over = Waiting(), list[str](), list[str]()
    monitor = WaitMonitor(waiting, said.append, every=0.0, done=lambda: over.append("over"))
    with monitor.watch("at work"):
        until(said, 1)
        time.sleep(0.25)
        with waiting.on("looking for the next task", of=3000, done=1000), monitor.watch("inner"):
            until(said, 2)
            waiting.at(2000, "all answered")
            until(said, 3)
    assert said[:3] == [
        "at work",
        "looking for the next task: 1,000 of 3,000 rows",
        "looking for the next task: 2,000 of 3,000 rows, all answered",
    ]
    assert over == ["over"]
    assert not monitor.left


def test_what_is_quick_is_not_said() -> None:
    said: list[str] = []
    with WaitMonitor(Waiting(), said.append, every=0.0).watch("at work"):
        pass
    assert said == []


def test_what_was_said_is_safe_to_be_printed() -> None:
    waiting, said = Waiting(), list[str]()
    with (
        waiting.on("opening \x1b]0;owned\x07"),
        WaitMonitor(waiting, said.append, every=0.0).watch("at work"),
    ):
        until(said, 1)
    assert "\x1b" not in said[0] and "owned" in said[0]
