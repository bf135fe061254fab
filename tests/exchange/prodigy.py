"""A database as Prodigy lays it out, for tests."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE dataset (id INTEGER PRIMARY KEY, name TEXT UNIQUE, created INTEGER, meta BLOB,
    session INTEGER);
CREATE TABLE example (id INTEGER PRIMARY KEY, input_hash BIGINT, task_hash BIGINT, content BLOB);
CREATE TABLE link (id INTEGER PRIMARY KEY, example_id INTEGER, dataset_id INTEGER);
"""

CREATED = 1_690_000_000


def make_prodigy(
    path: Path, datasets: Mapping[str, Sequence[tuple[dict[str, Any], str | None]]]
) -> Path:
    """Write a database with datasets of (example, session)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(_TABLES)
        ids: dict[str, int] = {}

        def dataset(name: str, session: int) -> int:
            if name not in ids:
                sql = "INSERT INTO dataset (name, created, meta, session) VALUES (?, ?, ?, ?)"
                row = db.execute(sql, (name, CREATED, b"{}", session))
                ids[name] = int(row.lastrowid or 0)
            return ids[name]

        for name, examples in datasets.items():
            number = dataset(name, 0)
            for example, session in examples:
                content = json.dumps(example).encode()
                sql = "INSERT INTO example (input_hash, task_hash, content) VALUES (?, ?, ?)"
                made = db.execute(
                    sql, (example.get("_input_hash", 1), example.get("_task_hash", 2), content)
                ).lastrowid
                linked = [number] + ([dataset(session, 1)] if session else [])
                for each in linked:
                    sql = "INSERT INTO link (example_id, dataset_id) VALUES (?, ?)"
                    db.execute(sql, (made, each))
        db.commit()
    return path
