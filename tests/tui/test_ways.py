"""The way of a key, and of an answer, is the one that docs/design.md prints."""

from __future__ import annotations

import re
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from tests.session.support import Place
from tests.support.environment import PACKAGE, ROOT
from tests.tui.app_support import running

_ROW = re.compile(r"^\| `([\w/]+\.py)` \| `([\w.]+)` \|", re.MULTILINE)


def printed(heading: str) -> list[tuple[str, str]]:
    """Return file and function of each step below a heading."""
    page = (ROOT / "docs" / "design.md").read_text("utf-8")
    assert page.count(heading) == 1
    return _ROW.findall(page.partition(heading)[2].partition("\n\n**")[0].partition("\n## ")[0])


class Called:
    """Notes the functions of the package in the order in which they are called, on all threads."""

    def __init__(self) -> None:
        self.functions: list[tuple[str, str]] = []

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(PACKAGE):
            self.functions.append((str(path.relative_to(PACKAGE)), frame.f_code.co_qualname))


def walked(steps: list[tuple[str, str]], called: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the steps that were called one after another, up to the first that was not."""
    rest = iter(called)
    return [step for step in steps if step in rest]


async def test_the_ways_of_a_key_and_of_an_answer_are_as_printed(tmp_path: Path) -> None:
    called = Called()
    threading.setprofile(called)
    sys.setprofile(called)
    try:
        async with running(Place(tmp_path, ["Acme left Berlin.", "Then it came back."])) as driver:
            for key, what, most in (("1", "key**", 52), ("a", "answer.**", 78)):
                called.functions.clear()
                await driver.type(key)
                # Whoever follows the key opens no more files than so many; timers may add a few.
                assert len({path for path, _ in called.functions}) <= most
                steps = printed(f"**The way of one {what}")
                assert len(steps) > 10
                assert walked(steps, called.functions) == steps
    finally:
        threading.setprofile(None)
        sys.setprofile(None)
