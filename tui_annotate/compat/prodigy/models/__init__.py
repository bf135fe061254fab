"""`prodigy.models`."""

from __future__ import annotations

from tui_annotate.compat.lazy import submodules

__getattr__ = submodules(__name__)
