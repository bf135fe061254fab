"""Types the full name of every entry of every prompt at several speeds, followed by enter.

    python -m benchmarks.prompts [--keymap NAME] [--pace MS] [--prompt NAME] [--at-once N]

Labels, options, labels of relations, jumps, words, searches, comments, the menu, numbers of
tasks and notes on earlier answers, each in a real terminal, in the keymaps `default`, `vim` and
`prodigy`, at 40, 150 and 400 ms a key. What the store holds afterwards must be what was meant,
and no task may be answered by a letter of a name. All of it takes about half an hour.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks._drive import finish, folder, report, run, start
from tests.support.terminal import Terminal, TerminalTimeout
from tui_annotate.commands.key_names import character_of
from tui_annotate.commands.keymap import Keymap, KeyPress
from tui_annotate.commands.keymap_file import load_keymap
from tui_annotate.commands.palette import Palette
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.editors.span.navigation import letters_without
from tui_annotate.editors.span.state import LETTERS
from tui_annotate.task.schema import COMMENT
from tui_annotate.task.tokenize import tokenize

KEYMAPS = ("default", "vim", "prodigy")
PACES = (40, 150, 400)

NAMES = ("PERSON", "PERCENT", "LOCATION", "DATE", "ORGANISATION", "ORG", "Axe x a", "Short 4",
         "Short 47", "Short 470", "2024-Q1", "x", "space aliens", "quit")  # fmt: skip
"""Names with letters that decide, blanks and digits, and some that begin others."""

WORDS = "sold by a bank in Berlin and axes"
NOTES = ("axe a x q", "says 47", "no")

_SECONDS = 15.0
"""After which something that does not come is taken for wrong."""

_LEAVING = frozenset({"leave", "plain_face"})


@dataclass(frozen=True)
class Entry:
    """One name that is typed.

    Attributes:
        before: Keys that open the prompt.
        typed: The name and what ends it, at a person's speed.
        after: Keys that go on from there, the answer included.
        meant: What the answer shall hold.
    """

    before: tuple[str, ...]
    typed: tuple[str, ...]
    after: tuple[str, ...]
    meant: Any = None


@dataclass(frozen=True)
class Plan:
    """The entries of a prompt on the tasks of a source.

    Attributes:
        arguments: Recipe and options, without dataset and source.
        rows: One task for each entry, and one more.
        entries: What is typed.
        read: What of a stored answer is compared with what was meant.
        first: Keys before all others.
        meant: What all answers shall hold, in any order, where the entries do not say it.
    """

    arguments: tuple[str, ...]
    rows: list[dict[str, Any]]
    entries: list[Entry]
    read: Callable[[dict[str, Any]], Any]
    first: tuple[str, ...] = ()
    meant: list[Any] | None = None


@dataclass
class Outcome:
    """What came of a plan.

    Attributes:
        typed: Names that were typed.
        wrong: Answers that do not hold what was meant, or were never given.
        strays: Tasks that a letter of a name has answered.
        faults: What went wrong, in words.
    """

    typed: int = 0
    wrong: int = 0
    strays: int = 0
    faults: list[str] = field(default_factory=list)


def spelled(text: str) -> tuple[str, ...]:
    """Return a text and `enter` as keys."""
    return (*text, "enter")


def key(keymap: Keymap, action: str) -> str:
    """Return the first key of an action, as the terminal sends it."""
    name = keymap.keys(action)[0]
    return character_of(name) or name


def labelled(keymap: Keymap) -> tuple[str, ...]:
    """Return the keys that give the only label to the token at hand, and accept the task."""
    give = ("enter",) if keymap.label_first else ()
    return (key(keymap, "label_by_name"), "p", "enter", *give, "a")


def spans_of(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Return text and label of each span."""
    return [(row["text"][s["start"] : s["end"]], s["label"]) for s in row.get("spans") or ()]


# -- the prompts -------------------------------------------------------------------------------


def labels(keymap: Keymap) -> Plan:
    """Labels by name."""
    give = ("enter",) if keymap.label_first else ()
    ask = (key(keymap, "label_by_name"),)
    entries = [Entry(ask, spelled(name.lower()), (*give, "a"), [("Word", name)]) for name in NAMES]
    arguments = ("ner.manual", "--label", ",".join(NAMES))
    return Plan(arguments, _numbered(entries, "Word of task {}"), entries, spans_of)


def options(keymap: Keymap) -> Plan:
    """Options of a list by name."""
    ask = (key(keymap, "label_by_name"),)
    entries = [Entry(ask, spelled(name.lower()), ("a",), [name]) for name in NAMES]
    choices = [{"id": name, "text": name} for name in NAMES]
    rows = [{**row, "options": choices} for row in _numbered(entries, "Task {}")]
    return Plan(("mark", "--view-id", "choice"), rows, entries, lambda row: row.get("accept"))


def relations(keymap: Keymap) -> Plan:
    """Labels of relations by name."""
    ask = ("right", key(keymap, "link"), "left", key(keymap, "label_by_name"))
    entries = [Entry(ask, spelled(name), ("a",), [name]) for name in NAMES]
    rows = [
        {**row, "tokens": tokenize(row["text"]).to_dicts(row["text"])}
        for row in _numbered(entries, "Ilse left {}")
    ]
    arguments = ("mark", "--view-id", "relations", "--label", ",".join(NAMES))
    return Plan(
        arguments, rows, entries, lambda row: [each["label"] for each in row.get("relations") or ()]
    )


def jumps(keymap: Keymap) -> Plan:
    """The letters shown at each word."""
    editor = SpanEditor({"text": WORDS}, ["PERSON"], overlap=False)
    deciding = (x for x in LETTERS if keymap.is_decision(KeyPress(x, x, x)))
    editor.adapt(letters=letters_without(deciding), label_first=False)
    editor.apply("go", (0, len(WORDS)))
    at = {editor.tokens.starts[n]: n for n in range(len(editor.tokens))}
    found = [
        (word, WORDS[slice(*editor.tokens[at[place]])]) for place, word in editor.hints.items()
    ]
    ask, after = (key(keymap, "go"),), labelled(keymap)
    entries = [Entry(ask, spelled(hint), after, [(word, "PERSON")]) for hint, word in found]
    return Plan(("ner.manual", "--label", "PERSON"), _same(entries), entries, spans_of)


def words(keymap: Keymap, action: str) -> Plan:
    """Each word of a text, by `find` or by `search`."""
    ask, after = (key(keymap, action),), labelled(keymap)
    # A search goes to the first place that has the letters; of `a` and `in` that is another word.
    wanted = [word for word in WORDS.split() if action == "find" or len(word) > 2]
    entries = [Entry(ask, spelled(word), after, [(word, "PERSON")]) for word in wanted]
    if action == "search":
        entries = [each for each in entries if each.meant != [("and", "PERSON")]]
    return Plan(("ner.manual", "--label", "PERSON"), _same(entries), entries, spans_of)


def comments(keymap: Keymap) -> Plan:
    """Comments on the task at hand."""
    ask = (key(keymap, "comment"),)
    entries = [Entry(ask, spelled(note), ("a",), note) for note in NOTES]
    arguments = ("ner.manual", "--label", "PERSON")
    return Plan(arguments, _numbered(entries, "Task {}"), entries, lambda row: row.get(COMMENT))


def notes(keymap: Keymap) -> Plan:
    """Comments on an earlier answer, in the list of them."""
    ask = ("a", key(keymap, "older"), "c")
    entries = [Entry(ask, spelled(note), ("q",), note) for note in NOTES]
    arguments = ("ner.manual", "--label", "PERSON")
    return Plan(arguments, _numbered(entries, "Task {}"), entries, lambda row: row.get(COMMENT))


def numbers(keymap: Keymap) -> Plan:
    """The number of an earlier task, in the list of answers and from the menu."""
    by_list = (key(keymap, "older"), "g")
    by_menu = (key(keymap, "menu"), *"go to task", "enter")
    # Downwards: an answer that is given anew becomes the newest, and others move up.
    ways = ((by_list, 12), (by_menu, 11), (by_list, 2), (by_menu, 1))
    entries = [Entry(ask, spelled(str(number)), ("space",)) for ask, number in ways]
    rows = [{"text": f"Task {number}"} for number in range(1, 14)]
    gone_to = {number for _, number in ways}
    meant = [
        [f"Task {number}", "ignore" if number in gone_to else "accept"] for number in range(1, 13)
    ]
    arguments = ("ner.manual", "--label", "PERSON")
    return Plan(arguments, rows, entries, _answer_of, first=("a",) * 12, meant=meant)


def menu(keymap: Keymap) -> Plan:
    """Every entry of the menu that stays on the screen; none of them answers the task."""
    editor = SpanEditor({"text": WORDS}, ["PERSON"], overlap=False)
    lines = Palette(keymap, editor.context()).lines
    ask, back = (key(keymap, "menu"),), ("escape", "escape")
    entries = [
        Entry(ask, spelled(line.label), back) for line in lines if line.action not in _LEAVING
    ]
    rows = [{"text": WORDS}, {"text": "Another task"}]
    return Plan(("ner.manual", "--label", "PERSON"), rows, entries, _answer_of, meant=[])


PROMPTS: dict[str, Callable[[Keymap], Plan]] = {
    "label": labels,
    "option": options,
    "relation label": relations,
    "jump": jumps,
    "find": partial(words, action="find"),
    "search": partial(words, action="search"),
    "comment": comments,
    "menu": menu,
    "go to task": numbers,
    "note": notes,
}
"""The prompts by name, and how each is typed into in a keymap."""


def _numbered(entries: Sequence[Entry], text: str) -> list[dict[str, Any]]:
    return [{"text": text.format(number)} for number in range(len(entries) + 1)]


def _same(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Tasks with the same words, which a number behind them makes different."""
    return [{"text": f"{WORDS} {number}"} for number in range(len(entries) + 1)]


def _answer_of(row: dict[str, Any]) -> Any:
    return [row["text"], row["answer"]]


# -- playing them ------------------------------------------------------------------------------


def play(prompt: str, keymap: str, pace: float, home: Path, most: int | None = None) -> Outcome:
    """Type the entries of a prompt into the program, and compare what it has stored.

    Args:
        prompt: Its name in `PROMPTS`.
        keymap: One of `KEYMAPS`.
        pace: Seconds from one key to the next.
        home: An empty folder.
        most: How many entries are typed; None for all.
    """
    plan = PROMPTS[prompt](load_keymap(keymap))
    entries = plan.entries[:most]
    source = home / "tasks.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in plan.rows), "utf-8")
    recipe, *options_ = plan.arguments
    outcome = Outcome()
    command: tuple[str | Path, ...] = (recipe, "prompts", source, *options_, "--keymap", keymap)
    with start(*command, home=home, columns=120, rows=40) as terminal:
        terminal.wait_for(plan.rows[0]["text"])
        try:
            for number, each in enumerate(plan.first, 1):
                terminal.press(each)
                terminal.wait_for(f"{number} done", timeout=_SECONDS)
            for entry in entries:
                outcome.typed += 1
                _type(terminal, entry, pace, outcome)
        except TerminalTimeout as error:
            outcome.faults.append(str(error))
        terminal.settle()
        terminal.hangup()
        terminal.wait_exit()
    stored = [json.loads(line) for line in run("db-out", "prompts", home=home).splitlines()]
    found = [plan.read(row) for row in stored]
    if plan.meant is None:
        _compare(found, [each.meant for each in entries], outcome)
    else:
        _compare(sorted(found), sorted(plan.meant), outcome)
    return outcome


def _type(terminal: Terminal, entry: Entry, pace: float, outcome: Outcome) -> None:
    for each in entry.before:
        terminal.press(each)
    terminal.settle()
    before = _done(terminal)
    terminal.type_at(entry.typed, pace)
    terminal.settle()
    now = _done(terminal)
    if before is not None and now is not None and now != before:
        outcome.strays += abs(now - before)
        name = "".join(entry.typed[:-1])
        outcome.faults.append(f"{name!r}: {now - before} answered\n{terminal.screen_text()}")
    for each in entry.after:
        terminal.press(each)


def _done(terminal: Terminal) -> int | None:
    found = re.search(r"([\d,]+) done", terminal.screen_text())
    return int(found[1].replace(",", "")) if found else None


def _compare(found: list[Any], meant: list[Any], outcome: Outcome) -> None:
    """Count the answers that are others than meant; those beyond them nobody gave."""
    plain = json.loads(json.dumps(found)), json.loads(json.dumps(meant))
    differing = [pair for pair in zip(*plain, strict=False) if pair[0] != pair[1]]
    missing = max(0, len(meant) - len(found))
    outcome.wrong += len(differing) + missing
    outcome.strays += max(0, len(found) - len(meant))
    outcome.faults += [f"stored {one!r}, meant {other!r}" for one, other in differing]


def _runs(given: argparse.Namespace) -> Iterator[tuple[str, str, int]]:
    chosen = (given.prompt or [*PROMPTS], given.keymap or KEYMAPS, given.pace or PACES)
    yield from product(*chosen)


def _play_alone(one: tuple[str, str, int]) -> tuple[tuple[str, str, int], Outcome]:
    prompt, keymap, pace = one
    with folder() as home:
        return one, play(prompt, keymap, pace / 1000, home)


def main() -> None:
    """Play what is asked for and report it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--prompt", action="append", choices=[*PROMPTS])
    parser.add_argument("--keymap", action="append", choices=KEYMAPS)
    parser.add_argument("--pace", action="append", type=int, metavar="MS")
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="terminals (default 2)")
    given = parser.parse_args()
    total = Outcome()
    with ThreadPoolExecutor(given.at_once) as pool:
        for (prompt, keymap, pace), outcome in pool.map(_play_alone, _runs(given)):
            where = f"{prompt}, {keymap}, {pace} ms a key"
            told = f"{outcome.typed} typed, {outcome.wrong} wrong, {outcome.strays} strays"
            print(f"{where}: {told}", flush=True)
            for fault in outcome.faults:
                print(f"    {fault}", flush=True)
            total.typed += outcome.typed
            total.wrong += outcome.wrong
            total.strays += outcome.strays
    report("names typed", total.typed, "", "> 0", total.typed > 0)
    report("answers other than meant", total.wrong, "", "0", total.wrong == 0)
    report("decisions that nobody gave", total.strays, "", "0", total.strays == 0)
    finish()


if __name__ == "__main__":
    main()
