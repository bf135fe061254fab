"""What an annotator has asked to be proposed in the tasks to come; it holds over a restart.

A proposal is no answer: it has to be taken in each task.
"""

from __future__ import annotations

from tui_annotate.session.context import Opened
from tui_annotate.session.transactions import writing
from tui_annotate.store.write_lock import Wait


def propose(opened: Opened, text: str, label: str, wait: Wait | None = None) -> None:
    """Keep a string with its label, durably, unless one only looks on; without a label forget it.

    Raises:
        StoreError: It could not be written.
    """
    if not opened.looking_on:
        with writing(opened, wait):
            opened.store.progress.propose(opened.session.id, text, label)
