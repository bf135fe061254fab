"""An open store that scripts and recipes hold on to, on whatever thread they use it."""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident, local
from types import TracebackType
from typing import Self

from tui_annotate.store.database import Store, open_store
from tui_annotate.store.named_writing import Writing


class _Place:
    """A store, and what writes to it, on the thread that opened it."""

    def __init__(self, store: Store, planned: set[str] | None = None) -> None:
        self.store = store
        self.writing = Writing(store, planned)


class Handle:
    """A store to hold on to; a context manager that closes it.

    A store belongs to one thread. Where the handle is used on another one, as in a recipe's stream,
    the file is opened once more for that thread.

    Args:
        store: The open store.
        reopen: Opens the store anew, for `reconnect`.
        owner: The thread that the store belongs to, where it is not this one.
    """

    def __init__(
        self, store: Store, reopen: Callable[[], Store] | None = None, owner: int | None = None
    ) -> None:
        self._own = _Place(store)
        self._thread = get_ident() if owner is None else owner
        self._others = local()
        self._reopen = reopen

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def close_other(self) -> None:
        """Close what was opened for this thread, where that is not the store's own."""
        if hasattr(self._others, "place"):
            self._others.place.store.close()
            del self._others.place

    def reconnect(self) -> None:
        """Open the store again after `close`; in a session, where it is open, do nothing."""
        if self._reopen is not None:
            self._store.close()
            self._own, self._thread = _Place(self._reopen()), get_ident()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _store(self) -> Store:
        return self._here().store

    @property
    def _writing(self) -> Writing:
        return self._here().writing

    def _here(self) -> _Place:
        if get_ident() == self._thread:
            return self._own
        if not hasattr(self._others, "place"):
            own = self._own.store
            store = open_store(own.path, create=False, readonly=own.readonly)
            self._others.place = _Place(store, self._own.writing.planned)
        found: _Place = self._others.place
        return found
