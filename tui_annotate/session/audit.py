"""Notes which tasks a session has shown, if the job asks for it (`audit = true`).

What was shown is written with the next transaction, whatever that is for, so that a decision costs
none of its own. Where none comes within a few seconds, the sign of life of the session makes one,
and so does its end. Only then is it gone from here, so that one that fails is repeated.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from tui_annotate.store.audit import Opening
from tui_annotate.store.database import Store
from tui_annotate.store.records import Dataset, StoredSession
from tui_annotate.task.hashing import Identity

SOON = 3.0
"""Seconds for which what was shown waits for a transaction that is made anyway."""


class Audit:
    """What one session has shown and not written yet.

    Args:
        store: The database.
        dataset, session: Of which dataset, and to whom.
        clock: Seconds since 1970.
        idle: Seconds that only grow.
    """

    def __init__(
        self,
        store: Store,
        dataset: Dataset,
        session: StoredSession,
        clock: Callable[[], float] = time.time,
        idle: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._dataset = dataset
        self._session = session
        self._clock = clock
        self._idle = idle
        self._unwritten: list[Opening] = []
        self._since = 0.0
        self._written = 0

    @property
    def is_pending(self) -> bool:
        """Whether something was shown that is not written."""
        return bool(self._unwritten)

    @property
    def is_due(self) -> bool:
        """Whether it has waited for long enough."""
        return self.is_pending and self._idle() - self._since >= SOON

    def shown(self, identity: Identity, pass_: int) -> None:
        """Note that a task is put before the annotator.

        Args:
            identity: Which task.
            pass_: Which time over it is.
        """
        if not self._unwritten:
            self._since = self._idle()
        self._unwritten.append(
            Opening(
                key=identity.question_key or identity.input_key,
                input_hash=identity.input_hash,
                task_hash=identity.task_hash,
                pass_=pass_,
                opened_at=int(self._clock()),
            )
        )

    def write(self) -> None:
        """Write what was shown. Inside a transaction."""
        self._written = len(self._unwritten)
        if self._written:
            self._store.audit.add(
                self._dataset.id,
                self._dataset.name,
                self._session.id,
                self._session.annotator,
                self._unwritten,
            )

    def committed(self) -> None:
        """The transaction is durable; of one that failed nothing is forgotten."""
        del self._unwritten[: self._written]
        self._written = 0
        self._since = self._idle()
