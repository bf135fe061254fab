"""Stands in for what a terminal cannot do: it says so when a recipe file calls it.

So a file loads, and those of its recipes that need nothing of it run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tui_annotate.views import find_view


def refused(view_id: str) -> Callable[..., Any]:
    """Return a function that raises the `RecipeError` of a view that there cannot be."""

    def refuse(*_args: Any, **_settings: Any) -> Any:
        find_view(view_id)

    refuse.__name__ = refuse.__qualname__ = view_id
    refuse.__doc__ = f"Raise the error of the view `{view_id}`."
    return refuse
