"""Versions of guidelines: each text is kept once, under its digest.

An answer names the version that was in force when it was given, and a session the one that its
annotator has seen.
"""

from __future__ import annotations

import hashlib
import time

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.connection import Connection, text


class GuidelineVersion(NamedTuple):
    """One version.

    Attributes:
        id: Grows in the order in which versions were first used.
        digest: Of the text: 16 bytes of BLAKE2b.
        text: The guidelines, in Markdown.
        created_at: When a session first had it, in seconds since 1970.
    """

    id: int
    digest: bytes
    text: str
    created_at: int


class Guidelines:
    """The versions of one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, guidelines: str) -> int:
        """Return the id of the version with this text, made where it is missing."""
        kept = text(guidelines)
        digest = hashlib.blake2b(kept.encode(), digest_size=16).digest()
        row = self._connection.first("SELECT id FROM guidelines WHERE digest = ?", (digest,))
        if row:
            return int(row[0])
        return self._connection.insert(
            "INSERT INTO guidelines (digest, text, created_at) VALUES (?, ?, ?)",
            (digest, kept, int(time.time())),
        )

    def seen(self, session_id: int) -> GuidelineVersion | None:
        """Return the version that the annotator of a session has seen last; None for no one."""
        row = self._connection.first(
            "SELECT g.id, g.digest, g.text, g.created_at FROM sessions s"
            " JOIN guidelines g ON g.id = s.guideline_seen WHERE s.id = ?",
            (session_id,),
        )
        return GuidelineVersion(*row) if row else None

    def mark_seen(self, session_id: int, version_id: int) -> None:
        """Note that the annotator of a session has seen a version."""
        self._connection.write(
            "UPDATE sessions SET guideline_seen = ? WHERE id = ?", (version_id, session_id)
        )

    def answered_under(self, dataset_id: int) -> list[tuple[GuidelineVersion, int]]:
        """Return the versions under which current answers of a dataset were given, oldest first,
        and how many were; those without guidelines are left out.

        Every answer is looked at: where there are many, ask the index of searches.
        """
        if self._connection.first("SELECT 1 FROM guidelines LIMIT 1") is None:
            return []
        rows = self._connection.read(
            "SELECT g.id, g.digest, g.text, g.created_at, count(*) FROM current c"
            " JOIN answers a ON a.id = c.answer_id JOIN guidelines g ON g.id = a.guideline_id"
            " WHERE c.dataset_id = ? GROUP BY g.id, g.digest, g.text, g.created_at ORDER BY g.id",
            (dataset_id,),
        )
        return [(GuidelineVersion(*row[:4]), int(row[4])) for row in rows]

    def get(self, version_id: int) -> GuidelineVersion | None:
        """Return a version; None where there is none of that number."""
        row = self._connection.first(
            "SELECT id, digest, text, created_at FROM guidelines WHERE id = ?", (version_id,)
        )
        return GuidelineVersion(*row) if row else None
