"""What an annotator is shown of the guidelines without asking: the first time, and once after each
change."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.session.context import Opened
from tui_annotate.store.write_lock import Wait

_AROUND = 2
"""Lines around a change that are shown with it."""


class GuidelineChange(NamedTuple):
    """Guidelines that the annotator has not seen.

    Attributes:
        text: The guidelines as they are now.
        before: As the annotator has seen them last; None for a newcomer.
    """

    text: str
    before: str | None = None

    @property
    def sentence(self) -> str:
        """What is said above them."""
        if self.before is None:
            return "These are the guidelines of this project. You find them again at any time."
        return "The guidelines have changed since you last saw them."

    def lines(self, added: str = "+ ", removed: str = "- ", same: str = "  ") -> Iterator[str]:
        """Yield what has changed, line by line, with what stands around it.

        Args:
            added, removed, same: What each kind of line begins with.
        """
        old, new = (self.before or "").splitlines(), self.text.splitlines()
        for number, group in enumerate(
            SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_AROUND)
        ):
            if number:
                yield "..."
            for kind, old_start, old_end, new_start, new_end in group:
                if kind == "equal":
                    yield from (f"{same}{line}" for line in old[old_start:old_end])
                    continue
                yield from (f"{removed}{line}" for line in old[old_start:old_end])
                yield from (f"{added}{line}" for line in new[new_start:new_end])


def unseen(opened: Opened) -> GuidelineChange | None:
    """Return the guidelines where the annotator has not seen this version of them, else None.

    Somebody who has answered here before any version was noted has had them all the time: what
    changes from now on will be shown.
    """
    if opened.guideline_id is None or opened.looking_on:
        return None
    text = opened.job.instructions
    seen = opened.store.guidelines.seen(opened.session.id)
    if seen is not None:
        return None if seen.id == opened.guideline_id else GuidelineChange(text, seen.text)
    if any(opened.store.answers.counts(opened.dataset.id, opened.session.id).values()):
        return None
    return GuidelineChange(text)


def mark_seen(opened: Opened, wait: Wait | None = None) -> None:
    """Note, durably, that the annotator has seen the guidelines in force.

    Raises:
        StoreError: It could not be written; they will be shown again.
    """
    if opened.guideline_id is None or opened.looking_on:
        return
    with opened.store.write_txn(wait):
        opened.store.guidelines.mark_seen(opened.session.id, opened.guideline_id)


def keep_version(opened: Opened) -> None:
    """Keep the guidelines of the job, for the answers to come; inside a transaction.

    Somebody who has worked here without a version has seen this one.
    """
    if not opened.job.instructions.strip() or opened.store.readonly:
        return
    versions = opened.store.guidelines
    opened.guideline_id = versions.keep(opened.job.instructions)
    first = versions.seen(opened.session.id) is None and not opened.looking_on
    if first and unseen(opened) is None:
        versions.mark_seen(opened.session.id, opened.guideline_id)
