"""Counts the keys that an expert needs for gold annotations, and those that SLATE asks for.

    python -m benchmarks.effort CORPUS...

Each CORPUS has one object a line with `text` and `spans`. The expert knows the answer and goes
through a text in reading order; for each span every documented way to it is tried out on a copy of
the editor, and the cheapest is then played through the keymap, the input filter, the prompts and
the editor that the program has, one key every 150 ms. A key that the program reads as a letter of
a name that was picked just before is pressed again, and counted.

The spans that come out must be those of the gold, all of them.
Tasks that fit on a screen of 80x24 are then typed into the program itself, in a terminal, to count
the bytes that it sends; what `db-out` gives must be the gold too. No suggestion is ever shown.
SLATE is counted by its published keys (`benchmarks/_slate.py`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks._drive import finish, folder, report, run, start
from benchmarks._expert import COLUMNS, ROWS, Expert, Played, by_character, overlapping
from benchmarks._slate import SlateSum, slate_keys
from tui_annotate.commands.key_names import character_of
from tui_annotate.text.wrap import Layout

GOAL, GOAL_LOWER, OF_SLATE = 4.0, 5.0, 0.5


@dataclass
class Sum:
    """What was counted over a corpus."""

    spans: int = 0
    right: int = 0
    tasks: int = 0
    keys: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, played: Played) -> None:
        """Add a task that was played."""
        self.tasks += 1
        self.spans += played.gold
        self.right += played.right
        self.keys += sum(played.kinds.values())
        self.kinds.update(played.kinds)

    @property
    def per_span(self) -> float:
        """Keys for a span, without those that answer the task."""
        return (self.keys - self.kinds["answer"]) / max(self.spans, 1)


def read(path: Path) -> list[dict[str, Any]]:
    """Read the tasks of a corpus, without the repetition of a span."""
    rows = []
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        wanted = {(s["start"], s["end"], s["label"]) for s in row.get("spans") or ()}
        rows.append({"text": row["text"], "gold": sorted(wanted)})
    return rows


def lowered(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the corpus in lower case, every offset as it was."""

    def lower(text: str) -> str:
        return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)

    return [{**row, "text": lower(row["text"])} for row in rows]


def play(rows: Sequence[dict[str, Any]], *, candidates: bool) -> Sum:
    """Play every task of a corpus."""
    labels = sorted({label for row in rows for _, _, label in row["gold"]})
    expert, total = Expert(labels, candidates=candidates), Sum()
    for row in rows:
        total.add(expert.play(row["text"], row["gold"]))
    return total


def tell(name: str, rows: Sequence[dict[str, Any]], goal: float) -> None:
    """Play a corpus in every way and report it."""
    slate = slate_keys(rows, by_character=True)
    by_token = slate_keys(rows, by_character=False)
    for candidates in (True, False):
        total = play(rows, candidates=candidates)
        where = f"{name}, {'with' if candidates else 'without'} candidate jumps"
        ok = total.per_span <= goal
        report(f"{where}: keys per span", total.per_span, "keys", f"<= {goal}", ok)
        share = total.per_span / slate.per_span
        told = f"<= {OF_SLATE} of {slate.per_span:.4g} keys per span, with all spans right"
        report(f"{where}: share of SLATE's keys", share, "", told, share <= OF_SLATE)
        # no goal: SLATE's tokens cannot give the gold, and what is wrong is counted as if right
        loose = total.per_span / by_token.per_span
        print(f"{where}: share of SLATE's keys by tokens, right or not: {loose:.4g}")
        right = 100 * total.right / max(total.spans, 1)
        report(f"{where}: spans as in the gold", right, "%", "100", total.right == total.spans)
        per_task = total.keys / total.tasks
        print(f"{where}: keys per task, answer included: {per_task:.4g} keys")
        again = total.kinds["pressed again"]
        print(f"{where}: keys pressed again, as they were read as letters of a name: {again}")
        for kind, number in total.kinds.most_common():
            print(f"{where}: of them {kind}: {number / total.keys:.1%}")
    _tell_slate(f"{name}, SLATE by characters", slate)
    _tell_slate(f"{name}, SLATE by tokens", by_token)


def _tell_slate(name: str, total: SlateSum) -> None:
    exact = total.spans - total.inexact
    print(f"{name}: keys per span: {total.per_span:.4g} keys")
    print(f"{name}: keys per task, next file included: {total.keys / total.answers:.4g} keys")
    print(f"{name}: spans that can be as in the gold: {100 * exact / max(total.spans, 1):.4g} %")


def type_into_program(name: str, rows: Sequence[dict[str, Any]], most: int) -> None:
    """Play the first tasks in the program on a terminal; report bytes and what it has stored."""
    fitting = [row for row in rows if _typable(row)][:most]
    if not fitting:
        return
    labels = sorted({label for row in rows for _, _, label in row["gold"]})
    expert, size, spans = Expert(labels, candidates=True), 0, 0
    with folder() as home:
        source = home / "tasks.jsonl"
        source.write_text("".join(json.dumps({"text": r["text"]}) + "\n" for r in fitting), "utf-8")
        command = ("ner.manual", "effort", source, "--label", ",".join(labels))
        with start(*command, home=home, columns=COLUMNS, rows=24) as terminal:
            terminal.wait_for("accept")
            terminal.settle()
            for number, row in enumerate(fitting, 1):
                *keys, answer = expert.play(row["text"], row["gold"]).keys
                size += sum(len(terminal.press(character_of(key) or key)) for key in keys)
                spans += len(row["gold"])
                terminal.press(answer)
                terminal.wait_for(f"{number} done")
            terminal.type("q q")
            terminal.wait_exit()
        stored = map(json.loads, run("db-out", "effort", home=home).splitlines())
        found = [[(s["start"], s["end"], s["label"]) for s in row["spans"]] for row in stored]
    right = found == [row["gold"] for row in fitting]
    where = f"{name}, {len(fitting)} tasks in the program at {COLUMNS}x24"
    report(f"{where}: stored as in the gold", float(right), "", "1", right)
    print(f"{where}: bytes per span: {size / max(spans, 1):.4g} B")


def _typable(row: dict[str, Any]) -> bool:
    """Whether a task has spans that `ner.manual` can hold, and fits on the screen."""
    text, gold = row["text"], row["gold"]
    plain = bool(gold) and not by_character(text, gold) and not overlapping(gold)
    return plain and len(Layout(text, COLUMNS)) <= ROWS - 2


def main() -> None:
    """Play the corpora that are named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", nargs="+", type=Path)
    help_ = "tasks of each corpus that are typed into the program (default: 15)"
    parser.add_argument("--typed", type=int, default=15, metavar="N", help=help_)
    given = parser.parse_args()
    for path in given.corpus:
        rows = read(path)
        if not any(row["gold"] for row in rows):
            sys.exit(f"{path}: there are no spans in it")
        tell(path.stem, rows, GOAL)
        tell(f"{path.stem}, lower-cased", lowered(rows), GOAL_LOWER)
        if given.typed:
            type_into_program(path.stem, rows, given.typed)
    finish()


if __name__ == "__main__":
    main()
