"""`prodigy.protocols`."""

from __future__ import annotations

from tui_annotate.recipes.types import ControllerComponentsDict, RecipeEventHookProtocol

__all__ = ["ControllerComponentsDict", "RecipeEventHookProtocol"]
