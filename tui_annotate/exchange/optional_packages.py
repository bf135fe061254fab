"""Packages that only some formats need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tui_annotate.errors import MissingExtra


def need(module: str, extra: str, *, what: str) -> Any:
    """Import a module of an extra.

    Args:
        module: Its name.
        extra: The extra that brings it.
        what: What needs it, in words.

    Raises:
        MissingExtra: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError:
        name = module.partition(".")[0]
        raise MissingExtra(
            f"{what} needs {name}", hint=f"Install it with: pip install 'tui-annotate[{extra}]'"
        ) from None
