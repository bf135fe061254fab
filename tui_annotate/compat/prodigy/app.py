"""`prodigy.app`: a recipe that is served runs in this terminal."""

from __future__ import annotations

from tui_annotate.api import serve_controller as server
from tui_annotate.compat.absent import Absent as _Absent

app = _Absent("prodigy.app.app")

__all__ = ["app", "server"]
