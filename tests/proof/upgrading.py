"""Opens a store with a schema that is upgraded: `python -m tests.proof.upgrading DATABASE`.

The test kills it at random points. The migrations here are scratch ones, made for that.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sqlite_utils import Database

from tui_annotate.store import schema
from tui_annotate.store.database import open_store

STEPS = 12
"""Tables that the first of the two scratch migrations makes, one after the other."""


NUMBER = len(schema.MIGRATIONS) + 2
"""The number of the last scratch migration: the oldest schema that may write after it."""


def add_scratch_migrations() -> None:
    """Give the schema two more migrations that change tables, rows and indexes."""

    def m901_scratch(db: Database) -> None:
        for number in range(STEPS):
            db.execute(f"CREATE TABLE scratch_{number} AS SELECT * FROM answers")
            db.execute(f"CREATE INDEX scratch_index_{number} ON scratch_{number} (input_key)")

    def m902_scratch(db: Database) -> None:
        db.execute("ALTER TABLE answers ADD COLUMN scratch INTEGER NOT NULL DEFAULT 0")
        db.execute("UPDATE answers SET scratch = id")
        db.execute("CREATE INDEX answers_scratch ON answers (scratch)")
        # Programs that do not know the new column would leave it as it is by default.
        db.execute(f"PRAGMA user_version = {NUMBER}")

    schema.MIGRATIONS.update(m901_scratch=m901_scratch, m902_scratch=m902_scratch)


if __name__ == "__main__":
    add_scratch_migrations()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    open_store(Path(sys.argv[1])).close()
    sys.stdout.write("done\n")
