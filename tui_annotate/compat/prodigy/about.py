"""`prodigy.about`."""

from __future__ import annotations

__version__ = "1.18.4"
"""The version of Prodigy whose public names the alias follows."""

__all__ = ["__version__"]
