"""`prodigy.components.db`."""

from __future__ import annotations

from tui_annotate.api import open_database as connect
from tui_annotate.store.database_api import Database

get_db = connect

__all__ = ["Database", "connect", "get_db"]
