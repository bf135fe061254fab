"""`prodigy.components.openai`: a terminal has no use for its style sheet."""

from __future__ import annotations

GLOBAL_STYLE = ""

__all__ = ["GLOBAL_STYLE"]
