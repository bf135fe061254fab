"""Everything between the answers: how far a session is, and what it has in hand."""

from __future__ import annotations

from tui_annotate.store.claims import Claims
from tui_annotate.store.connection import Connection
from tui_annotate.store.cursors import Cursors
from tui_annotate.store.drafts import Drafts
from tui_annotate.store.drops import Drops
from tui_annotate.store.waiting import WaitingTasks


class Progress(Cursors, WaitingTasks, Drafts, Drops, Claims):
    """Cursors, waiting tasks, drafts, drops and claims of one store, each in its own module."""

    def __init__(self, connection: Connection) -> None:
        Cursors.__init__(self, connection)
