"""Transactions of a session: all of it or nothing, and only in a session that is one's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tui_annotate.session.opened import Opened
from tui_annotate.session.queue import Queue
from tui_annotate.store.gate import Wait


@contextmanager
def writing(opened: Opened, wait: Wait | None) -> Iterator[None]:
    """Make one transaction.

    Raises:
        Conflict: Somebody else has entered the session since.
        StoreError: It could not be written.
    """
    with opened.store.write_txn(wait):
        opened.check_own()
        yield


@contextmanager
def transaction(opened: Opened, queue: Queue, wait: Wait | None) -> Iterator[None]:
    """Make one transaction that may move the cursor, and let the queue know how it ended."""
    try:
        with writing(opened, wait):
            yield
    except BaseException:
        queue.failed()
        raise
    queue.committed()
