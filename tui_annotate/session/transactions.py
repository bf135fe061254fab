"""Transactions of a session: all of it or nothing, and only in a session that is one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from tui_annotate.errors import StoreLost
from tui_annotate.session.context import Opened
from tui_annotate.session.held_tasks import Claiming
from tui_annotate.store.write_lock import Wait

if TYPE_CHECKING:
    from tui_annotate.session.queue import TaskQueue


_T = TypeVar("_T")

_TIMES = 50
"""How often a transaction is made again because the server went away in the midst of it."""


def retried(write: Callable[[], _T]) -> _T:
    """Return what `write` returns; it makes one transaction, and is called again where the server
    went away in the midst of that: nothing of it is stored then. Each time waits for the server.
    """
    for _ in range(_TIMES):
        try:
            return write()
        except StoreLost:
            continue
    return write()


@contextmanager
def writing(opened: Opened, wait: Wait | None) -> Iterator[None]:
    """Make one transaction; what was shown and is to be recorded is written with it.

    Raises:
        WriteConflict: Somebody else has entered the session since.
        StoreError: It could not be written.
    """
    with opened.store.write_txn(wait):
        opened.check_holds_session()
        yield
        if opened.audit is not None:
            opened.audit.write()
    if opened.audit is not None:
        opened.audit.committed()


@contextmanager
def transaction(
    opened: Opened, queue: TaskQueue, claiming: Claiming, wait: Wait | None
) -> Iterator[None]:
    """Make one transaction that may move the cursor and claim tasks, and let queue and claims know
    how it ended. A sign of life that is due goes with it.
    """
    try:
        with writing(opened, wait):
            yield
            claiming.beat()
    except BaseException:
        queue.failed()
        claiming.failed()
        raise
    queue.committed()
    claiming.committed()
