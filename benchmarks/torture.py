"""Killed again and again while typing: `python -m benchmarks.torture --kills 500 [--seed N]`.

Each life of the program starts in a real terminal, gets keys at random, and is killed (SIGKILL) at
a random instant. What its frames had claimed is compared with the database and with the first
frame of the next life.
"""

from __future__ import annotations

import argparse
import random
import sys

from benchmarks._drive import finish, folder, report
from tests.proof.torture import COMMAND, Torture, write_source
from tests.support.environment import annotate_argv
from tests.support.terminal import Terminal


def main() -> None:
    """Run it and print kills, decisions, what was lost and what was asked twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="how often it is killed")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    given = parser.parse_args()
    print(f"seed: {given.seed}", flush=True)
    with folder() as place:
        write_source(place, 100 * given.kills)
        home = place / "home"

        def start() -> Terminal:
            return Terminal(annotate_argv(*COMMAND), home=home, cwd=place)

        torture = Torture(start, home / "data" / "tui-annotate" / "annotations.db", given.seed)
        for done in range(1, given.kills + 1):
            torture.live()
            if done % 50 == 0:
                print(f"{done} kills, {torture.decisions} decisions", file=sys.stderr, flush=True)
    for difference in torture.differences:
        print(difference, file=sys.stderr)
    asked_twice = sum("asked twice" in each for each in torture.differences)
    least = given.kills
    report("kills", given.kills, "", "as asked for", ok=True)
    report("decisions", torture.decisions, "", f">= {least}", ok=torture.decisions >= least)
    lost = len(torture.differences) - asked_twice
    report("lost", lost, "", "0", ok=lost == 0)
    report("asked twice", asked_twice, "", "0", ok=asked_twice == 0)
    finish()


if __name__ == "__main__":
    main()
