"""What figures of agreement cost: `python -m benchmarks.agreement`.

Five annotators with 20,000 answers each, once as classes and once as spans. All measures without
intervals are to take at most 10 s of processor time, intervals of 1,000 rounds at most 60 s.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable

from benchmarks._drive import finish, report
from tui_annotate.agreement.answers import JudgedInput, Judgement
from tui_annotate.agreement.coefficients import ROUNDS
from tui_annotate.agreement.report import make_report

ANNOTATORS = [f"ann{n}" for n in range(1, 6)]
TEXTS = 20_000
CLASSES = ("news", "sport", "law", "art", "other")
LABELS = ("PER", "ORG", "LOC")


def classes(chance: random.Random) -> list[JudgedInput]:
    """Return texts whose class four of five times is the one that most people see."""
    found = []
    for number in range(TEXTS):
        right = chance.choice(CLASSES)
        said = {}
        for who in ANNOTATORS:
            given = right if chance.random() < 0.8 else chance.choice(CLASSES)
            said[who] = Judgement(classes={each: each == given for each in CLASSES}, at=number)
        found.append(JudgedInput("text", 4, number, said))
    return found


def spans(chance: random.Random) -> list[JudgedInput]:
    """Return texts of 500 code points with about five spans, some missed, moved or mislabelled."""
    found = []
    for number in range(TEXTS):
        right = [
            (at, at + chance.randrange(3, 20), chance.choice(LABELS)) for at in range(0, 500, 100)
        ]
        said = {}
        for who in ANNOTATORS:
            own = []
            for start, end, label in right:
                luck = chance.random()
                if luck > 0.1:
                    moved = start + (2 if luck < 0.2 else 0)
                    own.append((moved, end, chance.choice(LABELS) if luck > 0.95 else label))
            said[who] = Judgement(spans=tuple(own), at=number)
        found.append(JudgedInput("text", 500, number, said))
    return found


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time that something takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measure, and report against the goals."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    chance = random.Random(5)
    for kind, inputs in (("multiclass", classes(chance)), ("span", spans(chance))):
        plain = seconds(lambda: make_report(inputs, kind))  # type: ignore[arg-type] # noqa: B023
        sure = seconds(lambda: make_report(inputs, kind, rounds=ROUNDS))  # type: ignore[arg-type] # noqa: B023
        for name, value, goal in (("measures", plain, 10), ("intervals", sure - plain, 60)):
            report(f"{kind} {name}", value, "s", f"<= {goal}", value <= goal)
    finish()


if __name__ == "__main__":
    main()
