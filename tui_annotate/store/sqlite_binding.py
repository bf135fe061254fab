"""The SQLite binding in use: `pysqlite3` if it is installed, as sqlite-utils prefers it.

Picked here as it is there: loading sqlite-utils takes a quarter of the time that Textual needs,
and only a database that is new or older needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        sqlite3 = import_module("pysqlite3")
        import_module("pysqlite3.dbapi2")
    except ImportError:
        sqlite3 = import_module("sqlite3")

__all__ = ["loading_sqlite_utils", "sqlite3"]


_LOADED_BY_THE_WAY = ("numpy", "pandas")


@contextmanager
def loading_sqlite_utils() -> Iterator[None]:
    """Load sqlite-utils inside: it loads pandas and numpy wherever they are installed, and Arrow
    with them. That takes a second and 80 MB, and serves only rows with values of theirs.
    """
    modules: dict[str, Any] = sys.modules
    absent = () if "sqlite_utils" in modules else _LOADED_BY_THE_WAY
    kept_out = [name for name in absent if name not in modules]
    for name in kept_out:
        modules[name] = None  # as the import system marks what is not there
    try:
        yield
    finally:
        for name in kept_out:
            del modules[name]
