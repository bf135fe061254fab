"""`prodigy.components.session`."""

from __future__ import annotations

from tui_annotate.session.recipe_changes import SessionProgress as Session

__all__ = ["Session"]
