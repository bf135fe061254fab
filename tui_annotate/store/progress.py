"""Everything between the answers: how far a session is, and what it has in hand."""

from __future__ import annotations

from tui_annotate.store.claims import Claims
from tui_annotate.store.connection import Connection
from tui_annotate.store.cursors import Cursors
from tui_annotate.store.drafts import Drafts
from tui_annotate.store.drops import Drops
from tui_annotate.store.proposals import Proposals
from tui_annotate.store.waiting import WaitingTasks


class Progress(Cursors, WaitingTasks, Drafts, Drops, Claims, Proposals):
    """Cursors, waiting tasks, drafts, drops, claims and proposals, each in its own module."""

    def __init__(self, connection: Connection) -> None:
        Cursors.__init__(self, connection)
