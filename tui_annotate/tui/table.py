"""What a step leaves before the annotator: the task, the counts, what was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_annotate.errors import TuiAnnotateError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.session.types import Item, Receipt, SessionCounts
from tui_annotate.tui.worker import ended
from tui_annotate.waiting import LONG

if TYPE_CHECKING:
    from tui_annotate.session.session import Session


class Table(NamedTuple):
    """What lies on the table after a step.

    Attributes:
        item: The task at hand; None where nothing is left.
        counts: Where the session stands.
        receipt: What was decided, where something was.
        trouble: Why there is no next task although there may be more, where that is so.
        looking: There is no next task yet: the recipe is at work on it.
    """

    item: Item | None
    counts: SessionCounts
    receipt: Receipt | None = None
    trouble: TuiAnnotateError | None = None
    looking: bool = False


def look(
    session: Session, find: Callable[[], Item | None], receipt: Receipt | None = None
) -> Table:
    """Find the next task, on the session's thread; trouble does not undo what was just decided."""
    trouble: TuiAnnotateError | None = None
    item: Item | None = None
    try:
        item = find()
    except TuiAnnotateError as error:
        trouble = error
    looking = item is None and trouble is None and session.looking
    return Table(item, session.counts(), receipt, trouble, looking)


def arrived(session: Session) -> Item | None:
    """Return the task at hand; where the recipe was looking for one, the next if it has it."""
    return session.advance() if session.item is None and session.looking else session.item


LOOKS_LONG = LONG
"""Seconds for which the last task stays on screen while the next one is looked for."""


async def soon(session: Session, seconds: float) -> None:
    """Wait a moment for the recipe, so that its work is seen only where it takes long."""
    coming = session.opened.asked.coming
    if coming is not None:
        await ended(coming, seconds)
