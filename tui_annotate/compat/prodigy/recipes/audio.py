"""`prodigy.recipes.audio`: sound is refused."""

from __future__ import annotations

from tui_annotate.recipes.absent import refused as _refused

manual = _refused("audio_manual")
transcribe = _refused("audio")

__all__ = ["manual", "transcribe"]
