"""The tutorial, step by step: by keys in a real terminal whose window is closed, and by lines."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import RunsHeadless, StartsTerminal
from tui_annotate.commands.tutorial import LABELS, STEPS, Tutorial

KEYS = (
    ("l" * 6, "still to go: 1 word to the left"),
    ("h", "That is it"),
    ("\r", "select"),
    ("vl", "That is it"),
    ("\r", "label"),
    ("2", "ORG"),
    ("\r", "a whole name"),
    ("n3", "That is it"),
    ("\r", "correct"),
    ("lw", '"since" is no LOC'),
    ("l" * 6 + "d", "That is it"),
    ("\r", "undo"),
    ("u", "take the mark away again"),
    (",", "That is it"),
    ("\r", "accept and reject"),
    ("x", "reject would answer the text"),
    ("a", "reject this text"),
    ("x", "That is it"),
    ("\r", "find what you did"),
    ("o", "Your answers"),
    ("\r", "That is it"),
    ("\r", "leave and come back"),
    ("l", "still to go: mark something"),
    ("4", "leave, and start the tutorial again"),
)
"""Keys, and what the screen shows after them."""

LINES = """go cannery
ORG Brackwell Foods
3 Port Essel
PERSON Ines Calloway
del 2
undo
redo
reject
accept
reject
undo
DATE Friday
"""


def name(key: str) -> str:
    return {"\r": "enter", ",": "comma"}.get(key, key)


@pytest.mark.terminal
def test_each_step_is_done_by_keys_and_it_goes_on_after_the_window_was_closed(
    annotate: StartsTerminal, home: Path
) -> None:
    with annotate("tutorial", columns=80, rows=24) as shown:
        shown.wait_for("step 1 of 9")
        for keys, after in KEYS[:8]:
            for key in keys:
                shown.press("enter" if key == "\r" else key)
            shown.wait_for(after)
        shown.hangup()
        shown.wait_exit()
    with annotate("tutorial", columns=80, rows=24) as shown:
        shown.wait_for("You go on in step 4.")
        shown.press("escape")
        shown.send("\x1b[C")  # an arrow is a key too
        for keys, after in KEYS[8:]:
            for key in keys:
                shown.press("enter" if key == "\r" else key)
            shown.wait_for(after)
        shown.kill()
    with annotate("tutorial", columns=80, rows=24) as shown:
        shown.wait_for("Here you are again, and your mark is where you left it.")
        assert "DATE" in shown.screen_text() or "DAT" in shown.screen_text()
        shown.press("enter")
        shown.wait_for("Learn these three next")
        assert shown.wait_exit() == 0
        assert shown.left_sane()
        assert re.search(r"\d+ keys in .*\d s, \d+\.\d seconds a key", shown.screen_text())
    assert not list(home.rglob("*.db"))


def test_each_step_is_done_by_lines(headless: RunsHeadless) -> None:
    done = headless("tutorial", "--plain", stdin=LINES)
    assert "Left. tui-annotate tutorial --plain goes on here." in done.stdout
    assert "reject would answer the text" not in done.stdout or "accepted." in done.stdout
    assert done.stdout.count("That is it.") == len(STEPS) - 2
    done = headless("tutorial", "--plain", stdin="")
    assert "Here you are again" in done.stdout and "13 lines in" in done.stdout
    assert "You have done the tutorial" in headless("tutorial", "--plain", stdin="").stdout
    assert "Step 1, move" in headless("tutorial", "--plain", "--again", stdin="").stdout


@pytest.mark.quick
def test_what_was_done_is_kept_after_each_key() -> None:
    tutorial = Tutorial()
    for keys, _ in KEYS:
        for key in keys:
            tutorial.press(name(key))
            again = Tutorial()
            assert again.take_up(json.loads(json.dumps(tutorial.to_dict())))
            assert (again.step, again.editor.spans) == (tutorial.step, tutorial.editor.spans)
            assert again.decisions == tutorial.decisions
    tutorial.left()
    assert tutorial.press("enter") == "" and tutorial.is_over
    assert not Tutorial().take_up({"step": 99}) and not Tutorial().take_up({})


@pytest.mark.quick
@settings(max_examples=40)
@given(st.lists(st.sampled_from([*"hlvwdunaxotegy234,", "enter", "escape", "tab"]), max_size=40))
def test_no_key_breaks_it_and_steps_are_only_gone_on_by_enter(keys: list[str]) -> None:
    tutorial = Tutorial()
    for key in keys:
        step, to_go = tutorial.step, tutorial.to_go
        assert isinstance(tutorial.press(name(key)), str)
        assert tutorial.step == step or (key == "enter" and not to_go)
    assert all(label in LABELS for label in (span.label for span in tutorial.editor.spans))
