"""The SQLite binding in use: the one that sqlite-utils picks, `pysqlite3` where it is installed.

Picked here as it is there: loading sqlite-utils takes a quarter of the time that Textual needs,
and only a database that is new or older needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        sqlite3 = import_module("pysqlite3")
        import_module("pysqlite3.dbapi2")
    except ImportError:
        sqlite3 = import_module("sqlite3")

__all__ = ["sqlite3"]
