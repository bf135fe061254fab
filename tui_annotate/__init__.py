"""Annotate text in the terminal: spans, classes, choices, with only a keyboard, over SSH.

The names below are the public interface; each is loaded when it is first used, so that
`import tui_annotate` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_PUBLIC = {
    "Arg": "tui_annotate.job",
    "Controller": "tui_annotate.job",
    "Database": "tui_annotate.store.database_api",
    "HashSettings": "tui_annotate.task.hash_body",
    "LOADERS": "tui_annotate.sources.registry",
    "Stream": "tui_annotate.stream.stream",
    "TuiAnnotateError": "tui_annotate.errors",
    "add_tokens": "tui_annotate.stream.preprocess",
    "connect": "tui_annotate.api",
    "filter_by": "tui_annotate.stream.filters",
    "filter_duplicates": "tui_annotate.stream.filters",
    "filter_empty": "tui_annotate.stream.filters",
    "filter_inputs": "tui_annotate.stream.filters",
    "filter_tasks": "tui_annotate.stream.filters",
    "get_hash": "tui_annotate.task.hashing",
    "get_recipe": "tui_annotate.api",
    "get_stream": "tui_annotate.stream.stream",
    "open_database": "tui_annotate.api",
    "open_source": "tui_annotate.sources.registry",
    "prefer_high_scores": "tui_annotate.stream.sorters",
    "prefer_low_scores": "tui_annotate.stream.sorters",
    "prefer_uncertain": "tui_annotate.stream.sorters",
    "recipe": "tui_annotate.recipes.registry",
    "serve": "tui_annotate.api",
    "set_hashes": "tui_annotate.task.hashing",
}

__all__ = [
    "LOADERS",
    "Arg",
    "Controller",
    "Database",
    "HashSettings",
    "Stream",
    "TuiAnnotateError",
    "__version__",
    "add_tokens",
    "connect",
    "filter_by",
    "filter_duplicates",
    "filter_empty",
    "filter_inputs",
    "filter_tasks",
    "get_hash",
    "get_recipe",
    "get_stream",
    "open_database",
    "open_source",
    "prefer_high_scores",
    "prefer_low_scores",
    "prefer_uncertain",
    "recipe",
    "serve",
    "set_hashes",
]

if TYPE_CHECKING:
    from tui_annotate.api import connect, get_recipe, open_database, serve
    from tui_annotate.errors import TuiAnnotateError
    from tui_annotate.job import Arg, Controller
    from tui_annotate.recipes.registry import recipe
    from tui_annotate.sources.registry import LOADERS, open_source
    from tui_annotate.store.database_api import Database
    from tui_annotate.stream.filters import (
        filter_by,
        filter_duplicates,
        filter_empty,
        filter_inputs,
        filter_tasks,
    )
    from tui_annotate.stream.preprocess import add_tokens
    from tui_annotate.stream.sorters import prefer_high_scores, prefer_low_scores, prefer_uncertain
    from tui_annotate.stream.stream import Stream, get_stream
    from tui_annotate.task.hash_body import HashSettings
    from tui_annotate.task.hashing import get_hash, set_hashes


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return __all__
