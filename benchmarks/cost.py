"""What a key costs, in bytes and milliseconds, beside SLATE and a bare Textual app.

    python -m benchmarks.cost            # needs a package index for SLATE; about four minutes
    python -m benchmarks.cost --no-slate
    python -m benchmarks.cost --views    # every view on a long text, and nothing else

Beside texts with spans, a key of every other view is measured on a text of 100,000 characters.

Everything runs in real pseudo-terminals at 80x24, 120x40 and 200x60 with 256 colours, on tasks of
20, 200 and 5,000 tokens with up to 400 spans. SLATE shows the same text without any span, which
costs it least; a text of 20 tokens costs it 165 bytes a key, so there no goal is set.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks._drive import finish, folder, report, seconds_until, start
from tests.support.processes import processor_ms
from tests.support.terminal import Reaction, Terminal

SIZES = ((80, 24), (120, 40), (200, 60))
TASKS = ((20, 4), (200, 40), (5000, 400))
WORDS = "Acme Corporation of Berlin announced on Tuesday that Dr Smith had left the firm in May"
LABELS = "PERSON,ORG,LOC,DATE"
LONG = 100_000
"""Characters of the text on which every view is measured."""
STARTS = 15
ANSWERS = 40
_BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("task 0 Acme Corporation")
Bare().run(mouse=False)
"""


def text_of(tokens: int, number: int) -> str:
    """Return a text of so many words; `number` makes it another one, in every row."""
    words = WORDS.split()
    own = (words[(i + number) % len(words)] for i in range(tokens - 2))
    return " ".join(["task", str(number), *own])


def task(tokens: int, spans: int, number: int) -> str:
    """Return a line of JSON: a text with spans spread over it, none on its first ten words."""
    text = text_of(tokens, number)
    places = [match.span() for match in re.finditer(r"\S+", text)][10:]
    step = max(1, len(places) // spans)
    marked = [
        {"start": left, "end": right, "label": LABELS.split(",")[i % 4]}
        for i, (left, right) in enumerate(places[::step][:spans])
    ]
    return json.dumps({"text": text, "spans": marked})


def cost(reactions: Sequence[Reaction]) -> float:
    """Return the median bytes of some keys."""
    return statistics.median(map(len, reactions))


def p95(reactions: Sequence[Reaction]) -> float:
    """Return the 95th percentile of the milliseconds from a key to its last byte."""
    times = sorted(1000 * each.last for each in reactions if each.last is not None)
    return times[min(len(times) - 1, round(0.95 * len(times)))]


def middle(reactions: Sequence[Reaction]) -> float:
    """Return the median of the milliseconds from a key to its last byte."""
    return statistics.median(1000 * each.last for each in reactions if each.last is not None)


def pairs(terminal: Terminal, first: str, second: str, count: int) -> list[list[Reaction]]:
    """Press two keys in turn and return the reactions to each."""
    found = [(terminal.press(first), terminal.press(second)) for _ in range(count)]
    return [list(side) for side in zip(*found, strict=True)]


def measure(columns: int, rows: int, tokens: int, spans: int) -> dict[str, float]:
    """Measure our keys in one state; return the bytes by kind of key."""
    where = f"{columns}x{rows}, {tokens} tokens"
    with folder() as home:
        data = home / "data.jsonl"
        data.write_text("".join(task(tokens, spans, n) + "\n" for n in range(ANSWERS + 3)))
        with start(
            "ner.manual", "cost", data, "--label", LABELS, home=home, columns=columns, rows=rows
        ) as terminal:
            terminal.wait_for("task 0")
            terminal.settle()
            moves = terminal.type("l l j l k h " * 5)
            labels, deletes = pairs(terminal, "1", "d", 6)
            focus, jumps = focus_moves(terminal)
            found = {"move": cost(moves), "label": cost(labels), "delete": cost(deletes)}
            found["focus"] = cost(focus)
            report(f"move, {where}", found["move"], "B", "<= 120", found["move"] <= 120)
            for kind in ("label", "delete", "focus"):
                report(f"{kind}, {where}", found[kind], "B", "<= 250", found[kind] <= 250)
            report(f"focus, to the other end, {where}", cost(jumps), "B", "none", ok=True)
            late = p95([*moves, *labels, *deletes, *focus])
            report(f"key to last byte p95, {where}", late, "ms", "<= 10", late <= 10)
            usual = middle([*moves, *labels, *deletes, *focus])
            report(f"key to last byte median, {where}", usual, "ms", "none", ok=True)
            decide(terminal, columns, where, long=tokens > 1000)
    return found


def focus_moves(terminal: Terminal) -> tuple[list[Reaction], list[Reaction]]:
    """Focus the spans at the beginning to and fro, then the last and the first one in turn.

    A span that is on the screen costs a few cells. One that is not costs the screen that it stands
    on, once: `b` on the first span goes to the last one of the document.
    """
    terminal.press("tab")
    near = terminal.type("tab b " * 4)
    return near, terminal.type("b tab " * 3)


def decide(terminal: Terminal, columns: int, where: str, *, long: bool) -> None:
    """Measure decisions up to the last byte of the next task's frame."""
    goal = 35 if columns >= 200 else 20
    answers, spent = [], []
    for _ in range(ANSWERS):
        if long:
            terminal.press("a")  # asks: there are lines below
        before = processor_ms(terminal.pid)
        answers.append(terminal.press("a"))
        spent.append(processor_ms(terminal.pid) - before)
    late = p95(answers)
    note = f"<= {goal}" if columns in (80, 200) else "<= 35"
    limit = goal if columns in (80, 200) else 35
    report(f"decision to next task p95, {where}", late, "ms", note, late <= limit)
    report(f"decision to next task median, {where}", middle(answers), "ms", "none", ok=True)
    # With what is made ready for the task after the next one, which nobody waits for.
    report(f"processor time of it, {where}", statistics.median(spent), "ms", "none", ok=True)
    report(f"a task's frame, {where}", cost(answers), "B", "none", ok=True)


def install_slate(where: Path) -> Path:
    """Install SLATE into an environment of its own and return its command."""
    venv.create(where, with_pip=True)
    subprocess.run([where / "bin" / "pip", "install", "-q", "slate-nlp"], check=True)
    return where / "bin" / "slate"


def measure_slate(command: Path, columns: int, rows: int, tokens: int) -> dict[str, float]:
    """Measure SLATE's keys for the same things on the same text."""
    with folder() as home:
        data = home / "data.txt"
        data.write_text(text_of(tokens, 0) + "\n")
        argv: list[str | Path] = [command, "-o", data]
        with Terminal(argv, home=home, columns=columns, rows=rows) as terminal:
            terminal.wait_for("Acme")
            terminal.settle()
            moves = terminal.type("right left " * 6)
            labels, deletes = [], []
            for _ in range(4):
                labels.append(len(terminal.press("space")) + len(terminal.press("a")))
                deletes.append(len(terminal.press("u")))
    found = {"move": cost(moves), "label": statistics.median(labels)}
    return {**found, "delete": statistics.median(deletes)}


def compare(ours: dict[str, float], theirs: dict[str, float], where: str, goal: bool) -> None:
    """Report our bytes as a share of SLATE's."""
    for kind, bytes_ in theirs.items():
        share = ours[kind] / bytes_
        name = f"{kind} against SLATE ({bytes_:,.0f} B), {where}"
        report(name, share, "", "<= 0.1" if goal else "none", ok=not goal or share <= 0.1)


def first_paint() -> None:
    """Compare the time to the first task with that of a bare Textual app, taken in turn."""
    bare, ours = [], []
    spent: dict[str, list[float]] = {"bare": [], "ours": []}
    env = {"PYTHONDONTWRITEBYTECODE": None}  # both start from bytecode, as what is installed does
    with folder() as home:
        app, data = home / "bare.py", home / "data.jsonl"
        app.write_text(_BARE)
        data.write_text("".join(task(20, 2, n) + "\n" for n in range(50)))
        for _ in range(STARTS):
            with Terminal([sys.executable, app], home=home, env=env) as terminal:
                terminal.wait_for("task 0")
                spent["bare"].append(processor_ms(terminal.pid))
                bare.append(seconds_until(terminal, "task 0"))
            arguments = ("ner.manual", "first", data, "--label", LABELS)
            with start(*arguments, home=home, env=env) as terminal:
                terminal.wait_for("task 0")
                spent["ours"].append(processor_ms(terminal.pid))
                ours.append(seconds_until(terminal, "task 0"))
                terminal.settle()
    ratio = statistics.median(ours) / statistics.median(bare)
    report("bare Textual app, first text", 1000 * statistics.median(bare), "ms", "none", ok=True)
    report("first task painted", 1000 * statistics.median(ours), "ms", "none", ok=True)
    report("first task against bare Textual", ratio, "", "<= 1.35", ratio <= 1.35)
    # What a busy machine adds to both sides alike is not in these.
    quickest = min(ours) / min(bare)
    report("the same, the quickest start of each", quickest, "", "none", ok=True)
    used = {name: min(each) for name, each in spent.items()}
    report("bare Textual app, processor time", used["bare"], "ms", "none", ok=True)
    report("first task, processor time", used["ours"], "ms", "none", ok=True)
    report("processor time against bare Textual", used["ours"] / used["bare"], "", "none", ok=True)


_RECIPE = """
import json
from pathlib import Path
from tui_annotate import get_stream, recipe

@recipe("cost.view", dataset=("Dataset", "positional", None, str),
        source=("Source", "positional", None, str))
def cost_view(dataset, source):
    components = json.loads(Path(source).with_name("view.json").read_text())
    return {"dataset": dataset, "stream": get_stream(source), **components}
"""


def every_view(text: str) -> dict[str, tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return for each view the keys to press, what its task has beside a text, and its settings."""
    words = [match.span() for match in re.finditer(r"\S+", text)]
    spans = [{"start": a, "end": b, "label": "ORG"} for a, b in words[10 :: len(words) // 400]]
    links = [
        {"head": at, "child": at + 2, "label": "PERSON"}
        for at in range(20, len(words) - 4, len(words) // 200)
    ]
    tokens = [
        {"text": text[a:b], "start": a, "end": b, "id": n, "ws": True}
        for n, (a, b) in enumerate(words)
    ]
    options = {"options": [{"id": n, "text": f"Option {n}"} for n in range(60)]}
    linking = {"relations_span_labels": ["X"]}
    form = [
        {"view_id": "ner_manual"},
        {"view_id": "choice", "text": None, **options},
        {"view_id": "text_input"},
    ]
    page = {"text": text, "view_id": "ner_manual"}
    moves, scrolls = "l l j l k h", "j j k j pagedown pageup"
    return {
        **dict.fromkeys(("text", "ner", "spans", "pos"), (scrolls, {"spans": spans}, {})),
        "html": (scrolls, {"html": f"<p>{text}</p>"}, {}),
        "image": (scrolls, {"image": "mill.png", "caption": text}, {}),
        "classification": (scrolls, {"label": "ORG"}, {}),
        "choice": ("j j k j pagedown pageup", options, {"choice_style": "multiple"}),
        "ner_manual": (moves, {"spans": spans}, {}),
        "spans_manual": (moves, {"spans": spans}, {}),
        "pos_manual": (moves, {"spans": spans}, {}),
        "text_input": ("t h e left n right", {}, {}),
        "compare": (scrolls, {"accept": {"text": text}, "reject": {"text": "no"}}, {}),
        "diff": (scrolls, {"added": text, "removed": f"No {text}"}, {"diff_style": "sentences"}),
        "llm_io": (f"enter {scrolls}", {"llm": {"prompt": "Which?", "response": text}}, {}),
        "relations": (f"{moves} r l l 1", {"spans": spans, "relations": links}, linking),
        "coref": (moves, {"relations": links}, {}),
        "dep": (scrolls, {"tokens": tokens, "arcs": links}, {}),
        "blocks": (moves, {}, {"blocks": form}),
        "pages": (moves, {"pages": [page, page]}, {}),
    }


def measure_views() -> None:
    """Measure the keys of every view on a text of 100,000 characters."""
    text = text_of(LONG // 5, 0)[:LONG]
    for view, (keys, more, config) in every_view(text).items():
        with folder() as home:
            (home / "recipe.py").write_text(_RECIPE)
            settings = {"labels": LABELS.split(","), **config}
            (home / "view.json").write_text(json.dumps({"view_id": view, "config": settings}))
            data = home / "data.jsonl"
            data.write_text(json.dumps({"text": text, **more}) + "\n")
            arguments = ("cost.view", "cost", data, "-F", home / "recipe.py")
            with start(*arguments, home=home, columns=120, rows=40) as terminal:
                terminal.wait_for("to go")
                terminal.settle()
                before = processor_ms(terminal.pid)
                pressed = terminal.type(f"{keys} " * 4)
                spent = (processor_ms(terminal.pid) - before) / len(pressed)
                reactions = [each for each in pressed if len(each)]
        where = f"{view}, {LONG:,} characters"
        late = p95(reactions)
        report(f"key to last byte p95, {where}", late, "ms", "<= 10", late <= 10)
        report(f"key to last byte median, {where}", middle(reactions), "ms", "none", ok=True)
        # What a busy machine adds is not in this; what is written to the store is.
        report(f"processor time of a key, {where}", spent, "ms", "none", ok=True)
        report(f"bytes of a key, {where}", cost(reactions), "B", "none", ok=True)


def durable_commit() -> None:
    """Report what a commit of one row costs on this disk by itself: the floor of a decision."""
    times = []
    with folder() as home, closing(sqlite3.connect(home / "floor.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE answers (content TEXT)")
        for _ in range(ANSWERS):
            time.sleep(0.1)  # as far apart as decisions are
            began = time.perf_counter()
            with database:
                database.execute("INSERT INTO answers VALUES (?)", ["x" * 2000])
            times.append(1000 * (time.perf_counter() - began))
    times.sort()
    report("a durable commit alone, median", statistics.median(times), "ms", "none", ok=True)
    report("a durable commit alone, p95", times[round(0.95 * len(times))], "ms", "none", ok=True)


def main() -> None:
    """Run everything, or what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--views", action="store_true", help="every view on a long text, no more")
    parser.add_argument("--no-slate", action="store_true", help="without SLATE beside it")
    given = parser.parse_args()
    measure_views()
    if given.views:
        finish()
    first_paint()
    durable_commit()
    with folder() as place:
        slate = None if given.no_slate else install_slate(place / "slate")
        for columns, rows in SIZES:
            for tokens, spans in TASKS:
                ours = measure(columns, rows, tokens, spans)
                if slate is not None:
                    theirs = measure_slate(slate, columns, rows, tokens)
                    where = f"{columns}x{rows}, {tokens} tokens"
                    compare(ours, theirs, where, goal=columns == 200 and tokens > 20)
    finish()


if __name__ == "__main__":
    main()
