"""Where reading starts: at the stored cursor if the source is still the one it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from tui_annotate.sources.base import START, Change, Fingerprint, Position, Source


@dataclass(frozen=True, slots=True)
class Resume:
    """How a session goes on in a source.

    Attributes:
        start: The first row to read.
        change: How the source compares with what was stored; None for the first time.
    """

    start: Position = START
    change: Change | None = None

    @property
    def by_key(self) -> bool:
        """Whether the source is read again from its start, skipping what was settled.

        The row numbers of an earlier reading mean nothing then: drops that were listed are listed
        anew and replace the old ones.
        """
        return self.change in (Change.CHANGED, Change.UNKNOWN)


def plan_resume(
    source: Source, position: Position | None = None, stored: Fingerprint | None = None
) -> Resume:
    """Decide where to start.

    Args:
        source: The source as it is now.
        position: The stored cursor; None where there is none.
        stored: The fingerprint that was stored with it.
    """
    if position is None or stored is None:
        return Resume()
    change = source.compare(stored)
    trusted = change in (Change.SAME, Change.GROWN) and source.seekable
    return Resume(position if trusted else START, change)


def sentence(resume: Resume, name: str, *, found: int = 0, gone: int | None = None) -> str:
    """Return what people are told about the source; empty where there is nothing to tell.

    Args:
        resume: How the session went on.
        name: What people call the source.
        found: How many settled tasks were met again so far.
        gone: How many were not met, once the source has been read to its end.
    """
    if resume.change is Change.GROWN:
        return f"{name} has grown since the last session; not verified in full"
    if resume.change is Change.UNKNOWN:
        text = f"{name} cannot be compared with the last session; read again from its start"
        return text + (f": {found:,} answered before, not asked again" if found else "")
    if resume.change is not Change.CHANGED:
        return ""
    text = f"{name} has changed since the last session; read again from the start"
    text += f": {found:,} settled before, not asked again" if found else ""
    return text + (f", {gone:,} no longer there" if gone else "")
