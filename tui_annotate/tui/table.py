"""What a step leaves before the annotator: the task, the counts, what was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tui_annotate.errors import TuiAnnotateError
from tui_annotate.session.records import Counts, Item, Receipt

if TYPE_CHECKING:
    from tui_annotate.session.session import Session


class Table(NamedTuple):
    """What lies on the table after a step.

    Attributes:
        item: The task at hand; None where nothing is left.
        counts: Where the session stands.
        receipt: What was decided, where something was.
        trouble: Why there is no next task although there may be more, where that is so.
    """

    item: Item | None
    counts: Counts
    receipt: Receipt | None = None
    trouble: TuiAnnotateError | None = None


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
    return Table(item, session.counts(), receipt, trouble)
