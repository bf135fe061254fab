"""`prodigy.recipes.image`: drawing on pictures is refused."""

from __future__ import annotations

from tui_annotate.recipes.unsupported import refused as _refused

image_manual = manual = _refused("image_manual")

__all__ = ["image_manual", "manual"]
