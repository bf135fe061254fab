"""The tutorial, step by step: by keys in a real terminal whose window is closed, and by lines."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import RunsHeadless, StartsTerminal
from tui_annotate.cli import tutorial as shown_tutorial
from tui_annotate.commands.key_names import normal_key
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.keymap_file import PRESETS, load_keymap
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
        shown.wait_for("In a long text / and a few letters find a place")
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


OWN = Keymap(
    {"leave": "Q", "left": "<", "right": "ä", "accept": "m a", "next_point": "q"},
    labels={"ORG": "O", "LOC": "ctrl+l"},
)
NO_KEY_LEAVES = Keymap({"leave": []})


def keys_of(keymap: Keymap, action: str) -> list[str]:
    """Return the keys to press for an action, or for a label as `of_ORG`."""
    if action.startswith("of_"):
        label = action.removeprefix("of_")
        key = keymap.label_keys(LABELS)[LABELS.index(label)]
        pressed = [str(normal_key(key))] if key else [keymap.keys("label_by_name")[0], "o"]
        if label == "LOC" and not key:
            pressed[-1] = "l"
        return pressed
    return keymap.keys(action)[0].split(" ")


@pytest.mark.quick
@pytest.mark.parametrize(
    "keymap",
    [*map(load_keymap, PRESETS), OWN, NO_KEY_LEAVES],
    ids=[*PRESETS, "own", "no key leaves"],
)
def test_the_keys_that_it_names_do_each_step_in_every_keymap(keymap: Keymap) -> None:
    tutorial = Tutorial(keymap)
    given = ["confirm"] if keymap.label_first else []
    for actions in (
        ["right"] * 5, ["select", "right"], ["of_ORG"], ["next_point", "of_LOC", *given],
        ["right", "stretch", *["right"] * 6, "delete"], ["undo", "redo"], ["accept", "reject"],
        ["older"],
    ):  # fmt: skip
        assert tutorial.to_go
        told = tutorial.instruction()
        for action in actions:
            for key in keys_of(keymap, action):
                tutorial.press(key)
            if not action.startswith("of_"):
                assert action == "right" or keymap.told(action) in told
            elif key_shown := keymap.label_keys(LABELS)[LABELS.index(action[3:])]:
                assert key_shown in told
        if tutorial.list_open:
            tutorial.press("enter")
        assert not tutorial.to_go, (told, tutorial.to_go)
        tutorial.press("enter")
    assert tutorial.leaving_key in tutorial.instruction() and not tutorial.is_leaving
    for key in ("q", *(keys_of(keymap, "leave") if keymap.keys("leave") else ())):
        tutorial.press(key)
    assert tutorial.is_leaving is (keymap is not NO_KEY_LEAVES)


@pytest.mark.quick
@pytest.mark.parametrize("columns", [12, 20, 33, 54, 55, 80, 200])
@pytest.mark.parametrize(
    "keymap", [Keymap(), load_keymap("vim"), OWN], ids=["default", "vim", "own"]
)
def test_no_row_is_wider_than_the_terminal(
    columns: int, keymap: Keymap, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = os.terminal_size((columns, 60))
    monkeypatch.setattr(shutil, "get_terminal_size", lambda *_: size)
    tutorial = Tutorial(keymap)
    told = "reject would answer the text; that comes in step 7, which is a long way from here"
    for step in range(len(STEPS)):
        tutorial.step, tutorial.task, tutorial.decisions = step, 3, ["accept", "reject"]
        for tutorial.list_open in (False, True):
            rows = [re.sub(r"\x1b\[[0-9;]*m", "", row) for row in drawn(tutorial, told)]
            assert max(map(len, rows)) <= columns
            assert "".join(told.split()) in "".join("".join(rows).split())


def drawn(tutorial: Tutorial, told: str) -> list[str]:
    return shown_tutorial._drawn(tutorial, told)


@pytest.mark.quick
def test_keys_have_the_names_of_keymaps() -> None:
    found = {
        b">": "greater_than_sign", b"\x1b[1;2C": "shift+right", b"\x1b[Z": "shift+tab", b"\x12":
        "ctrl+r", b"\x1b[3~": "delete", b"\xc3\xa4": "ä", b"$": "dollar_sign", b"\x1bOA": "up",
        b"\x1b[6~": "pagedown", b"W": "W", b"\x1b": "escape", b"\r": "enter", b" ": "space",
    }  # fmt: skip
    assert {data: shown_tutorial._name(data) for data in found} == found
