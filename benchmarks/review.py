"""What a review costs in keys: `python -m benchmarks.review`.

Three people mark one name in each of 50 texts, each of them in one of three ways, never all alike;
in each text one of their versions is right. A reviewer who knows which one takes it by its digit,
where it does not stand in the editor already, and accepts, one key at a time in a real terminal.
The stored reviews must be the right ones, all of them, and their confusions those that were made.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks._drive import finish, folder, report, start
from tests.recipes.support import opened, own_job
from tui_annotate.store.database import open_store

GOAL = 2.0
TEXTS = 50
PEOPLE = ("ann1", "ann2", "ann3")
WAYS: tuple[dict[str, Any], ...] = (
    {"start": 0, "end": 12, "label": "PER"},
    {"start": 0, "end": 3, "label": "PER"},
    {"start": 0, "end": 12, "label": "ORG"},
)


def made(chance: random.Random) -> list[tuple[list[int], int]]:
    """Return, for each text, the way that each person marks it, and the right one of them."""
    found = []
    for _ in range(TEXTS):
        ways = [chance.randrange(len(WAYS)) for _ in PEOPLE]
        while len({*ways}) == 1:
            ways[chance.randrange(len(PEOPLE))] = chance.randrange(len(WAYS))
        found.append((ways, chance.choice(ways)))
    return found


def answer(database: Path, texts: list[tuple[list[int], int]]) -> None:
    """Store what the people said."""
    config = {"labels": ["PER", "ORG"], "feed_overlap": True}
    for number, who in enumerate(PEOPLE):
        stream = [{"text": f"Ada Lovelace saw town {n}."} for n in range(len(texts))]
        parts = {"dataset": "names", "view_id": "ner_manual", "stream": stream, "config": config}
        session = opened(own_job(parts), database, who)
        item = session.start()
        for ways, _ in texts:
            assert item is not None
            session.decide("accept", {**item.task, "spans": [dict(WAYS[ways[number]])]})
            item = session.advance()
        session.close()


def keys_for(ways: list[int], right: int) -> list[str]:
    """Return the keys that settle one text."""
    votes, order = Counter(ways), list(dict.fromkeys(ways))
    shown = max(order, key=lambda way: votes[way])
    return ["a"] if right == shown else [str(order.index(right) + 1), "a"]


def confused(pairs: list[tuple[int, int]]) -> Mapping[tuple[int, int], int]:
    """Count what was right against what was said instead."""
    return Counter(pair for pair in pairs if pair[0] != pair[1])


def main() -> None:
    """Drive the review and print how many keys it took."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    texts = made(random.Random(19))
    with folder() as home:
        database = home / "data" / "tui-annotate" / "annotations.db"
        database.parent.mkdir(parents=True)
        answer(database, texts)
        pressed = 0
        with start("review", "final", "names", home=home, columns=120, rows=40) as terminal:
            for number, (ways, right) in enumerate(texts):
                terminal.wait_for(f"town {number}.")
                for key in keys_for(ways, right):
                    if key != "a":
                        terminal.press(key)
                        terminal.wait_for("is taken")
                    else:
                        terminal.press(key)
                    pressed += 1
            terminal.wait_for("All done.")
            terminal.press("q")
            terminal.wait_exit()
        with open_store(database) as store:
            dataset = store.admin.find_dataset("final")
            assert dataset is not None
            stored = [json.loads(a.record.content) for a in store.answers.iterate(dataset.id)]
    way_of = {tuple(way.values()): number for number, way in enumerate(WAYS)}
    settled = [
        way_of[tuple(each["spans"][0][key] for key in ("start", "end", "label"))] for each in stored
    ]
    known = [(right, way) for ways, right in texts for way in ways]
    seen = [
        (final, way_of[tuple(v["spans"][0][key] for key in ("start", "end", "label"))])
        for final, each in zip(settled, stored, strict=True)
        for v in each["versions"]
        for _ in v["sessions"]
    ]
    report("reviews that are right", sum(a == b for a, (_, b) in zip(settled, texts, strict=True)),
           "", f"{TEXTS}", ok=settled == [right for _, right in texts])  # fmt: skip
    report("confusions as they were made", float(confused(known) == confused(seen)), "", "1",
           ok=confused(known) == confused(seen))  # fmt: skip
    each = pressed / TEXTS
    report("keys for a disagreement", each, "", f"<= {GOAL}", ok=each <= GOAL)
    finish()


if __name__ == "__main__":
    main()
