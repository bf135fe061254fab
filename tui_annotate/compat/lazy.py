"""`import prodigy` alone makes `prodigy.components.db` known: modules load when they are named."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from tui_annotate.compat.absent import attribute, is_module


def submodules(package: str) -> Callable[[str], Any]:
    """Return a module's `__getattr__`, which loads the module of a name, else says it is absent."""

    def load(name: str) -> Any:
        if is_module(package, name):
            return import_module(f"{package}.{name}")
        return attribute(package, name)

    return load
