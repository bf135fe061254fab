"""`prodigy.recipes.audio`: sound is refused."""

from __future__ import annotations

from tui_annotate.recipes.unsupported import refused as _refused

manual = _refused("audio_manual")
transcribe = _refused("audio")

__all__ = ["manual", "transcribe"]
