"""Where answers live: one SQLite file, written through one gate."""

from __future__ import annotations

from tui_annotate.store.database import Store, open_store

__all__ = ["Store", "open_store"]
