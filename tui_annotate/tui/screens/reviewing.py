"""Taking versions in a review, by a digit or put together; going through what they differ in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tui_annotate.task.review import (
    REASONS,
    Way,
    combined,
    describe,
    read_reason,
    version_lines,
    versions_in,
    versions_shown,
)
from tui_annotate.task.schema import Task
from tui_annotate.task.version_differences import difference_rows
from tui_annotate.tui.prompts import LabelPrompt
from tui_annotate.tui.text_prompts import TextPrompt
from tui_annotate.tui.theme import Role

if TYPE_CHECKING:
    from tui_annotate.session.types import Item
    from tui_annotate.tui.screens.base import WorkScreen
    from tui_annotate.tui.widgets.cells import RowStrip

_SAID: dict[Way, str] = {
    "union": "what any version has is taken",
    "shared": "what all versions have is taken",
    "most": "what more than half of the people chose is taken",
}
_NONE: dict[Way, str] = {
    "union": "no version has anything: nothing is taken",
    "shared": "the versions have nothing in common: nothing is taken",
    "most": "more than half of the people chose nothing alike: nothing is taken",
}


class Reviewing:
    """Carries out the actions of a review.

    Args:
        screen: Where the task is shown.
    """

    def __init__(self, screen: WorkScreen) -> None:
        self._screen = screen
        self.actions: dict[str, Callable[[], None]] = {
            **{f"version_{number}": self._taker(number) for number in range(1, 10)},
            "version_union": lambda: self._combine("union"),
            "version_shared": lambda: self._combine("shared"),
            "version_most": lambda: self._combine("most"),
            "edit_version": self._edit,
            "reason": self._ask_reason,
            "versions": self._read,
            "next_difference": lambda: self._go(1),
            "previous_difference": lambda: self._go(-1),
        }
        self._gone_through: tuple[Item | None, int] = (None, -1)

    def _taker(self, number: int) -> Callable[[], None]:
        return lambda: self._take(number)

    @property
    def _task(self) -> Task:
        item = self._screen.item
        return {} if item is None else item.task

    def _take(self, number: int) -> None:
        versions = versions_in(self._task)
        if number > len(versions):
            count = len(versions)
            self._screen.say(f"there {'is' if count == 1 else 'are'} {count} to choose from")
            return
        version = versions[number - 1]
        text = self._task.get("text")
        what = describe(version, text if isinstance(text, str) else "", self._screen.written_keys)
        self._screen.lay(version, f"version {number} is taken: {what}")

    def _combine(self, way: Way) -> None:
        found = combined(versions_in(self._task), way, self._screen.written_keys)
        if not found:
            self._screen.say("versions of this view cannot be put together", Role.WARNING)
        else:
            self._screen.lay(found, (_SAID if any(found.values()) else _NONE)[way])

    def _edit(self) -> None:
        self._screen.edit_version(True)
        self._screen.say("digits are labels or options now; escape goes back to the versions")

    def _ask_reason(self) -> None:
        self._screen.ask(LabelPrompt(REASONS, self._give_reason, "reason"))

    def _give_reason(self, code: str) -> None:
        if code == "other":
            done = lambda note: self._screen.edit("reason", read_reason(f"{code} {note}"))  # noqa: E731
            self._screen.ask(TextPrompt("other reason", "", done))
        else:
            self._screen.edit("reason", code)

    def _go(self, step: int) -> None:
        """Go to the next difference, and say it; the cursor goes to where it is in the text."""
        item = self._screen.item
        rows = difference_rows(self._task, self._screen.written_keys)
        if not rows:
            self._screen.say("the versions do not differ")
            return
        before, at = self._gone_through
        if before is not item:
            at = -1 if step > 0 else 0
        at = (at + step) % len(rows)
        self._gone_through = (item, at)
        row, editor = rows[at], self._screen.editor
        if row.start is not None:
            self._screen.show_difference(row.start)
            if editor is not None and editor.text_editor is not None:
                self._screen.edit("arrive", (row.start, row.end or row.start))
        self._screen.say(f"{at + 1:,} of {len(rows):,}: {row.sentence}")

    def _read(self) -> None:
        # Only by the key that opens it.
        from tui_annotate.tui.screens.page import PageScreen, plain_rows
        from tui_annotate.tui.widgets.version_list import TableLook, table_rows  # as above

        app = self._screen.application
        blind = self._screen.job.reviews_blind
        keys = self._screen.written_keys
        lines = version_lines(self._task, blind=blind, keys=keys)
        differences = difference_rows(self._task, keys)
        heads = [each.head for each in versions_shown(self._task, blind=blind)]

        def rows(width: int) -> Sequence[RowStrip]:
            look = TableLook(app.surroundings.theme, app.surroundings.drawing)
            table = table_rows(differences, heads, width, look) if differences else ()
            return [*plain_rows([*lines, ""], width), *table]

        app.open_screen(PageScreen(rows))
