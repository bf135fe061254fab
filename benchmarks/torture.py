"""Killed again and again while typing: `python -m benchmarks.torture --kills 500 [--seed N]`.

In every second life something happens before: the database is exchanged or taken away, a second
host starts on it, or control-Z is pressed where there is no shell to go back to.

Each life of the program starts in a real terminal, gets keys at random, and is killed (SIGKILL) at
a random instant. What its frames had claimed is compared with the database and with the first
frame of the next life.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from benchmarks._drive import finish, folder, report
from tests.proof.attacks import Attack, SecondHost, Suspend, Swap
from tests.proof.torture import COMMAND, Torture, write_source
from tests.support.environment import annotate_argv
from tests.support.fuse import missing, mounted, other_host
from tests.support.terminal import Terminal

_EVERY = 10
"""After how many kills the running count is printed."""


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

        database = home / "data" / "tui-annotate" / "annotations.db"
        with ExitStack() as held:
            attacks = _attacks(held, place, database)
            torture = Torture(start, database, given.seed, attacks=attacks)
            kills = _run(torture, given.kills)
    asked_twice = sum("asked twice" in each for each in torture.differences)
    least = kills
    report("kills", kills, "", f"{given.kills}, as asked for", ok=kills == given.kills)
    report("decisions", torture.decisions, "", f">= {least}", ok=torture.decisions >= least)
    silent = sum("silent" in each for each in torture.differences)
    for name, times in sorted(torture.struck.items()):
        report(name, times, "", "as it comes", ok=True)
    lost = len(torture.differences) - asked_twice - silent
    report("lost", lost, "", "0", ok=lost == 0)
    report("asked twice", asked_twice, "", "0", ok=asked_twice == 0)
    report("silent", silent, "", "0", ok=silent == 0)
    finish()


def _run(torture: Torture, kills: int) -> int:
    """Let it live and die, and print each difference as it comes, and a running count.

    Returns:
        How often it was killed: fewer than `kills` where control-C or SIGTERM ended the run before.
    """
    told = 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for done in range(kills):
        try:
            torture.live()
        except KeyboardInterrupt:
            return done
        for difference in torture.differences[told:]:
            print(difference, file=sys.stderr, flush=True)
        told = len(torture.differences)
        if (done + 1) % _EVERY == 0 or done + 1 == kills:
            line = f"{done + 1} kills, {torture.decisions} decisions, {told} differences"
            print(line, file=sys.stderr, flush=True)
    return kills


def _attacks(held: ExitStack, place: Path, database: Path) -> list[Attack]:
    """Return what can be done to the program here; a second host needs a mount."""
    attacks: list[Attack] = [Swap(database), Suspend()]
    if missing():
        print(f"no second host: {missing()}", file=sys.stderr)
        return attacks
    database.parent.mkdir(parents=True, exist_ok=True)
    remote = held.enter_context(mounted(database.parent, place / "remote"))
    other = SecondHost(
        remote / database.name,
        place / "elsewhere",
        place,
        lambda argv: other_host(place, argv),
        COMMAND,
    )
    return [*attacks, other]


if __name__ == "__main__":
    main()
