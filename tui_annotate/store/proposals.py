"""Strings that an annotator has asked to be proposed from here on, with their labels."""

from __future__ import annotations

import time

from tui_annotate.store.connection import Connection
from tui_annotate.store.connection import text as storable

_UPSERT = """
INSERT INTO proposals (session_id, text, label, asked_at) VALUES (?,?,?,?)
ON CONFLICT (session_id, text) DO UPDATE SET label = excluded.label, asked_at = excluded.asked_at"""

_DELETE = "DELETE FROM proposals WHERE session_id = ? AND text = ?"


class Proposals:
    """What is proposed in the sessions of one store. Writing is done inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def propose(self, session_id: int, text: str, label: str) -> None:
        """Have a string proposed with a label, in place of any it had; without one no longer."""
        if not label:
            self._connection.write(_DELETE, (session_id, storable(text)))
            return
        row = (session_id, storable(text), storable(label), int(time.time()))
        self._connection.write(_UPSERT, row)

    def proposed(self, session_id: int) -> dict[str, str]:
        """Return what is proposed in a session: labels by string, the oldest first."""
        rows = self._connection.read(
            "SELECT text, label FROM proposals WHERE session_id = ? ORDER BY id", (session_id,)
        )
        return {str(row[0]): str(row[1]) for row in rows}
