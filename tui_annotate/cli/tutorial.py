"""`tui-annotate tutorial`: five minutes on made-up texts, on the terminal or line by line."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import click

from tui_annotate.cli.annotator_name import annotator_name
from tui_annotate.cli.console import can_draw
from tui_annotate.cli.dashboard import single_keys
from tui_annotate.cli.settings import load_settings
from tui_annotate.commands.byte_filter import ByteFilter
from tui_annotate.commands.key_names import key_of
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.keymap_file import load_keymap
from tui_annotate.commands.preferences import FACES, Preferences
from tui_annotate.commands.tutorial import LABELS, STEPS, Tutorial
from tui_annotate.data_paths import state_folder
from tui_annotate.errors import NoTerminal
from tui_annotate.plain.editing import LineEditing
from tui_annotate.plain.grammar import LineMeaning, read_line
from tui_annotate.private_file import remove_private, write_private
from tui_annotate.text.safe import safe_line

_KEY = re.compile(rb"\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z])|[\xc0-\xff][\x80-\xbf]+|.", re.DOTALL)
_SEQUENCE = re.compile(rb"\x1b[\[O](?:(\d+)(?:;(\d+))?)?([A-Za-z~])")
_FINALS = {
    b"A": "up", b"B": "down", b"C": "right", b"D": "left", b"H": "home", b"F": "end",
    b"Z": "shift+tab", b"P": "f1", b"Q": "f2", b"R": "f3", b"S": "f4",
}  # fmt: skip
_NUMBERED = {
    1: "home", 2: "insert", 3: "delete", 4: "end", 5: "pageup", 6: "pagedown", 7: "home", 8: "end",
}  # fmt: skip
_SINGLE = {
    "\r": "enter", "\n": "enter", "\x1b": "escape", "\x7f": "backspace", "\b": "backspace",
    "\t": "tab", " ": "space", "\0": "ctrl+space",
}  # fmt: skip
_MODIFIERS = ((2, "alt"), (4, "ctrl"), (1, "shift"))
_GONE = "gone"
"""Stands for a key where the terminal has gone."""
_ALWAYS_LEAVE = frozenset({"ctrl+c", "ctrl+d", _GONE})
_DONE = "That is it. enter goes on."
_MARGIN, _MOST = 2, 90
_RESET, _INVERSE, _UNDERLINE, _BOLD = "\x1b[0m", "\x1b[7m", "\x1b[4m", "\x1b[1m"


@click.command("tutorial")
@click.option("--plain/--no-plain", default=None, help="Line by line, for screen readers")
@click.option("--again", is_flag=True, help="Begin at the first step")
@click.option("--keymap", metavar="NAME|FILE.toml", help="default, prodigy, vim, or a file")
def command(plain: bool | None, again: bool, keymap: str | None) -> int:
    """Learn to annotate in five minutes, by doing it: nine steps, each checked.

    It goes on where it was left, also if the window was closed. Nothing is written to a database.
    """
    if plain is None:
        plain = Preferences(annotator_name(None)).get("face", FACES) == "plain"
    tutorial = Tutorial(_keymap(keymap), plain=plain)
    if again:
        with suppress(OSError):
            remove_private(_file())
    came_back = _take_up(tutorial)
    if tutorial.is_over:
        for line in tutorial.end_lines():
            click.echo(line)
        click.echo("You have done the tutorial. --again begins at the first step.")
        return 0
    if plain:
        _by_lines(tutorial, came_back)
        return 0
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise NoTerminal(
            "the tutorial needs a terminal", hint="Line by line it needs none: --plain"
        )
    try:
        _by_keys(tutorial, came_back)
    except KeyboardInterrupt:
        tutorial.left()
        _keep(tutorial)
    if tutorial.is_over:
        for line in tutorial.end_lines():
            click.echo(line)
    else:
        at = f"{tutorial.step + 1} of {len(STEPS)}"
        click.echo(f"Left in step {at}: tui-annotate tutorial goes on there.")
    return 0


def _keymap(name: str | None) -> Keymap:
    """Return the keymap that sessions have here: the one that is named, else that of the settings.

    Args:
        name: What the command line says, if anything.
    """
    settings = load_settings()
    name = name or settings.options.get("keymap")
    return load_keymap(name, settings.config) if name else Keymap()


def _file() -> Path:
    return state_folder() / "tutorial.json"


def _take_up(tutorial: Tutorial) -> bool:
    """Go on where somebody left; False for a new beginning."""
    try:
        kept = json.loads(_file().read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    if not isinstance(kept, dict) or not tutorial.take_up(kept):
        return False
    tutorial.left()  # the program is another one by now, whatever ended the one before
    return True


def _keep(tutorial: Tutorial) -> None:
    with suppress(OSError):  # then it begins anew, which is all that is lost
        write_private(_file(), json.dumps(tutorial.to_dict()))


def _welcome(tutorial: Tutorial) -> str:
    if tutorial.has("left"):
        return "Here you are again, and your mark is where you left it."
    return f"You go on in step {tutorial.step + 1}."


# By keys


def _by_keys(tutorial: Tutorial, came_back: bool) -> None:
    said = _welcome(tutorial) if came_back else ""
    keys = ByteFilter()
    size = shutil.get_terminal_size()
    with single_keys() as screen:
        while not tutorial.is_over:
            if size != shutil.get_terminal_size():
                size = shutil.get_terminal_size()
                screen.clear()
            screen.write(_drawn(tutorial, said))
            pressed = _pressed(keys)
            if pressed is None:
                continue
            for key in pressed:
                leaves_anyway = key in _ALWAYS_LEAVE  # also where a step asks for another key
                if not leaves_anyway:
                    tutorial.tick(time.monotonic())
                    said = tutorial.press(key)
                is_leaving = leaves_anyway or tutorial.is_leaving
                if is_leaving:
                    tutorial.left()
                # After every key, as a session does: one step is to have the window closed.
                _keep(tutorial)
                if is_leaving or tutorial.is_over:
                    return


def _pressed(keys: ByteFilter) -> list[str] | None:
    """Return the names of the keys that came; None where only time went by."""
    descriptor = sys.stdin.fileno()
    if select.select([descriptor], [], [], 0.5)[0]:
        data = os.read(descriptor, 1024)
        if not data:
            return [_GONE]
        pieces = keys.feed(data, time.monotonic())
    else:
        pieces = keys.tick(time.monotonic())
    names = [_name(each) for piece in pieces for each in _KEY.findall(piece.data)]
    return names or None


def _name(data: bytes) -> str:
    """Return the name of a key, as keymaps have it, from the bytes that a terminal sends."""
    sequence = _SEQUENCE.fullmatch(data)
    if sequence is not None:
        number, modifiers, final = sequence.groups()
        base = _NUMBERED.get(int(number or 0)) if final == b"~" else _FINALS.get(final)
        bits = int(modifiers or 1) - 1
        held = [name for bit, name in _MODIFIERS if bits & bit]
        return "+".join([*held, base or "unknown"])
    text = data.decode("utf-8", "replace")
    if text in _SINGLE:
        return _SINGLE[text]
    if text < " ":
        return f"ctrl+{chr(ord(text) + 96)}"
    return key_of(text)


def _drawn(tutorial: Tutorial, said: str) -> list[str]:
    """Return the rows of the screen; the text stays where it is in every step."""
    columns, rows = shutil.get_terminal_size()
    width = max(1, min(columns - 2 * _MARGIN - 1, _MOST))
    line = "─" if can_draw() else "-"
    body = _list(tutorial, width) if tutorial.list_open else list(_text(tutorial, width))
    told = _wrapped(tutorial.instruction(), width)
    below = [
        line * width,
        f"{_BOLD}{safe_line(tutorial.now.title, width)}{_RESET}",
        *told,
        *_wrapped(tutorial.to_go or _DONE, width),
        *(_wrapped(said, width) or [""]),
    ]
    keys = zip(tutorial.label_keys(), LABELS, strict=True)
    labels = "  ".join(f"{key} {label}".strip() for key, label in keys)
    shown, leave = tutorial.keymap.told, tutorial.leaving_key
    if tutorial.list_open:
        foot = "enter opens the answer  escape goes back"
    else:
        foot = f"{shown('right')} right  {shown('left')} left  {leave} leaves; it goes on here"
        foot += " next time"
    head = f"tutorial: step {tutorial.step + 1} of {len(STEPS)}, about 5 minutes, {leave} leaves"
    head, labels, foot = (safe_line(each, width) for each in (head, labels, foot))
    gap = max(1, rows - 4 - len(body) - len(below))
    drawn = [head, "", *body, *[""] * gap, *below, labels, foot]
    # On small terminals the instruction is kept.
    drawn = drawn[:1] + drawn[1:][-(rows - 1) :]
    return [f"{' ' * _MARGIN}{row}{_RESET}" for row in drawn[:rows]]


def _list(tutorial: Tutorial, width: int) -> list[str]:
    rows = ["Your answers, the newest first:"]
    for number in range(len(tutorial.decisions), 0, -1):
        mark = ">" if number == len(tutorial.decisions) else " "
        rows.append(f"{mark} task {number}  {tutorial.decisions[number - 1]}")
    return [safe_line(row, width) for row in rows]


def _text(tutorial: Tutorial, width: int) -> Iterator[str]:
    """Yield the text in rows, and below each the labels of its marks."""
    editor = tutorial.editor
    text = editor.text
    spans = [(span.start, span.end, span.label) for span in editor.spans]
    cursor, selected = editor.cursor_range, editor.selection
    for start, end in _rows(text, width):
        row = ""
        for at in range(start, end):
            look = ""
            if any(begins <= at < ends for begins, ends, _ in spans):
                look += _UNDERLINE + _BOLD
            if cursor[0] <= at < cursor[1] or (selected and selected[0] <= at < selected[1]):
                look += _INVERSE
            row += f"{look}{text[at]}{_RESET}" if look else text[at]
        yield row
        yield _lane(spans, start, end)


def _lane(spans: Iterable[tuple[int, int, str]], start: int, end: int) -> str:
    left, line, right = "└─┘" if can_draw() else "`-'"
    lane = [" "] * (end - start)
    for begins, ends, label in spans:
        if start <= begins < end:
            size = min(ends, end) - begins
            drawn = (left + label + line * size)[: max(1, size - 1)] + right
            lane[begins - start : begins - start + size] = drawn[:size]
    return "".join(lane).rstrip()


def _rows(text: str, width: int) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = min(len(text), start + width)
        if end < len(text):
            end = text.rfind(" ", start, end) + 1 or end
        yield start, end
        start = end


def _wrapped(text: str, width: int) -> list[str]:
    return [text[start:end].rstrip() for start, end in _rows(text, width)]


# Line by line


def _by_lines(tutorial: Tutorial, came_back: bool) -> None:
    if came_back:
        click.echo(_welcome(tutorial))
    else:
        click.echo("A tutorial of eight steps, about five minutes. q and enter leave.")
    said = -1
    while not tutorial.is_over:
        if said != tutorial.step:
            said = tutorial.step
            click.echo(f"Step {said + 1 - (said > 0)}, {tutorial.now.title}. {tutorial.now.lines}")
            click.echo(f"The text: {tutorial.editor.text}")
        if not tutorial.to_go:
            click.echo("That is it.")
            tutorial.go_on()
            _keep(tutorial)
            continue
        try:
            line = input("> ")
        except EOFError:
            line = "q"
        tutorial.tick(time.monotonic())
        meant = read_line(line, LABELS)
        if meant.kind == "word" and meant.name == "q":
            tutorial.left()
            _keep(tutorial)
            click.echo("Left. tui-annotate tutorial --plain goes on here.")
            return
        before = tutorial.task
        _obey(tutorial, meant)
        _keep(tutorial)
        if tutorial.to_go:
            click.echo(tutorial.to_go[:1].upper() + tutorial.to_go[1:] + ".")
            if tutorial.task != before:
                click.echo(f"The text: {tutorial.editor.text}")
    for told in tutorial.end_lines():
        click.echo(told)


def _obey(tutorial: Tutorial, meant: LineMeaning) -> None:
    def say(lines: Iterable[str]) -> None:
        for line in lines:
            click.echo(line)

    editing = LineEditing(tutorial.editor, say, lambda _: "", lambda: None)
    decisions = {"a": "accept", "x": "reject", "i": "ignore"}
    if meant.kind == "span":
        editing.give(meant.name, meant.rest)
    elif meant.name in decisions:
        say([f"{tutorial.decide(decisions[meant.name])}."])
    # The step about answers is done in a list on the screen; lines have none, and go back by `u`.
    elif meant.name == "u" and tutorial.now.id == "find":
        tutorial.show_answers()
        say(["That brings your last answer back."])
    elif meant.name in ("u", "redo"):
        command_ = "undo" if meant.name == "u" else "redo"
        editing.edit(command_)
        tutorial.noted(command_)
    elif meant.name == "label":
        editing.label(meant.rest)
    elif meant.name == "go":
        editing.go(meant.rest)
    elif meant.name == "del":
        editing.delete(meant.rest)
    elif meant.name in ("list", "text"):
        editing.say_answer()
    elif meant.kind != "nothing":
        say(["That does nothing here."])
