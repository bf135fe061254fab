"""Hashes a stream and checks it against the store, in a process that loads nothing else.

    python -m benchmarks._hashing FILE

Prints processor seconds and the most memory held, in MB, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from tests.support.processes import peak_memory

ANSWERS = 100_000
"""What the store holds already, on other inputs."""


def check_stream(path: Path) -> float:
    """Return the seconds from the first row to the last through ledger and store."""
    from tests.store.support import make_world
    from tui_annotate.sources.registry import open_source
    from tui_annotate.store.database import open_store
    from tui_annotate.stream.ledger import Ledger
    from tui_annotate.stream.records import Exclusion
    from tui_annotate.task.hashing import Identity, identify

    with open_store(path.with_suffix(".db")) as store:
        world = make_world(store)
        with store.write_txn():
            answers = (world.answer(identify({"text": f"Answered {n}"})) for n in range(ANSWERS))
            store.answers.import_(world.dataset.id, answers)
        excluded = Exclusion("excluded")

        def met(identity: Identity) -> bool:
            store.settled.met(world.dataset.id, identity)
            return True

        # Each row is looked up as a session does it, and then refused, so that none is asked.
        ledger = Ledger(open_source(path), met=met, known=lambda *_: excluded)
        start = time.process_time()
        for _ in ledger.outgoing(ledger.incoming()):
            raise AssertionError("nothing is to be asked")
        return time.process_time() - start


def peak() -> float:
    """Return the most memory that this process has held, in MB."""
    return peak_memory(os.getpid()) / 1e6


if __name__ == "__main__":
    used = check_stream(Path(sys.argv[1]))
    sys.stdout.write(json.dumps({"seconds": used, "memory": peak()}) + "\n")
