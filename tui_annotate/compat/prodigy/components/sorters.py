"""`prodigy.components.sorters`."""

from __future__ import annotations

from tui_annotate.stream.sorters import prefer_high_scores, prefer_low_scores, prefer_uncertain

__all__ = ["prefer_high_scores", "prefer_low_scores", "prefer_uncertain"]
