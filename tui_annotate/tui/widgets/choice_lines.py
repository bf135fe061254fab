"""Finds the lines of a sheet that choices stand on, for the keys that go through a list."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from tui_annotate.tui.widgets.paragraph_layout import Block


class ChoiceLines:
    """The lines of the choices in a sheet that is laid out.

    Args:
        blocks: What the sheet is drawn as.
        starts: The first line of each.
    """

    def __init__(self, blocks: Sequence[Block] = (), starts: Sequence[int] = ()) -> None:
        self._blocks = blocks
        self._starts = starts

    @cached_property
    def extents(self) -> dict[int, tuple[int, int]]:
        """The first and last line of each choice, by its number. Several blocks may be one."""
        found: dict[int, tuple[int, int]] = {}
        for block, start in zip(self._blocks, self._starts, strict=False):
            number = block.paragraph.choice
            if number is not None:
                first = found.get(number, (start, start))[0]
                found[number] = (first, start + block.total - 1)
        return found

    @property
    def current(self) -> int | None:
        """The choice that the cursor is on."""
        found = (block.paragraph.choice for block in self._blocks if block.paragraph.current)
        return next(found, None)

    def is_last(self, step: int) -> bool:
        """Tell whether the cursor can go no further.

        Args:
            step: Above 0 downwards, below 0 upwards.
        """
        return self.current == (min(self.extents) if step < 0 else max(self.extents))

    def of_a_page(self, step: int, height: int) -> int:
        """Return how many choices a page takes the cursor on, at least 1: as many as stand on the
        screen with the one that it is on now.

        Args:
            step: 1 downwards, -1 upwards.
            height: Lines of the screen.
        """
        here = self.current
        if here is None or here not in self.extents:
            return 1
        first, last = self.extents[here]
        others = self.extents.items()
        if step > 0:
            fitting = [n for n, (_, end) in others if n > here and end < first + height]
        else:
            fitting = [n for n, (start, _) in others if n < here and start > last - height]
        return max(1, len(fitting))
