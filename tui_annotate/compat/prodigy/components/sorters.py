"""`prodigy.components.sorters`."""

from __future__ import annotations

from tui_annotate.stream.sorters import (
    Probability,
    prefer_high_scores,
    prefer_low_scores,
    prefer_uncertain,
)

__all__ = ["Probability", "prefer_high_scores", "prefer_low_scores", "prefer_uncertain"]
