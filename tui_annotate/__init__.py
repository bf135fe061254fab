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
    "HashSettings": "tui_annotate.task.hashing",
    "TuiAnnotateError": "tui_annotate.errors",
    "get_hash": "tui_annotate.task.hashing",
    "get_stream": "tui_annotate.stream.stream",
    "recipe": "tui_annotate.recipes.registry",
    "set_hashes": "tui_annotate.task.hashing",
}

__all__ = [
    "Arg",
    "HashSettings",
    "TuiAnnotateError",
    "__version__",
    "get_hash",
    "get_stream",
    "recipe",
    "set_hashes",
]

if TYPE_CHECKING:
    from tui_annotate.errors import TuiAnnotateError
    from tui_annotate.job import Arg
    from tui_annotate.recipes.registry import recipe
    from tui_annotate.stream.stream import get_stream
    from tui_annotate.task.hashing import HashSettings, get_hash, set_hashes


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return __all__
