"""`prodigy.components.routers`."""

from __future__ import annotations

from tui_annotate.recipes.older_names import log_router
from tui_annotate.session.routers import full_overlap, no_overlap, route_average_per_task

__all__ = ["full_overlap", "log_router", "no_overlap", "route_average_per_task"]
