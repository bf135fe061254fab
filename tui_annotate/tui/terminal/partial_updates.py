"""A partial update sends the cells that changed, and not the row to the left of them.

Stock Textual crops what it sends at the right edge of the changed region only: a token at column
60 costs the 60 columns before it, at every key. A test compares the screens with and without this
module, and fails as soon as the patched source of Textual is another one.
"""

from __future__ import annotations

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate

UPSTREAM_DIGEST = "856955ca144f8f10101a883e1b70abd6"
"""BLAKE2b-16 of the source of the method that is replaced, as it was when this was written."""

upstream = ChopsUpdate.render_segments
"""Textual's own method."""


def render_segments(self: ChopsUpdate, console: Console) -> str:
    """Return the sequences that draw the changed cells, each run cropped at both edges."""
    parts: list[str] = []
    for y, left, right in self.spans:
        for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
            if strip is None or x >= right or end <= left:
                continue
            first, last = max(x, left), min(end, right)
            if (first, last) != (x, end):
                strip = strip.crop(first - x, last - x)
            parts.append(Control.move_to(first, y).segment.text)
            parts.append(strip.render(console))
    return "".join(parts)


def install() -> None:
    """Replace Textual's method. Calling it twice changes nothing more."""
    ChopsUpdate.render_segments = render_segments  # type: ignore[method-assign]


def uninstall() -> None:
    """Put Textual's own method back."""
    ChopsUpdate.render_segments = upstream  # type: ignore[method-assign]
