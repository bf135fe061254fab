"""What tests of the alias share."""

from __future__ import annotations

import importlib
from typing import Any

ROWS = [{"text": "one fig"}, {"text": "nothing"}, {"text": "one fig"}]


def name(path: str) -> Any:
    """Return what a module of the alias has under a name: `components.sorters.Probability`."""
    module, _, attribute = f"prodigy.{path}".rpartition(".")
    return getattr(importlib.import_module(module), attribute)
