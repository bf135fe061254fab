"""Where reading starts: at the stored cursor if the source is still the one it belongs to."""

from __future__ import annotations

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import START, Fingerprint, Position, Source, SourceChange

JOINED = "joined"
"""How a session goes on that has rows of its own by now behind its cursor."""

NUMBERED = "numbered"
"""How a session goes on whose recipe numbers the tasks that it makes, so that it must see all."""


class Resume(NamedTuple):
    """How a session goes on in a source.

    Attributes:
        start: The first row to read.
        change: How the source compares with what was stored; None for the first time.
        how: More about that: `shorter`, `replaced`, `rewritten`, `edited`, `compared-by-row`,
            `verified`, `pipe`, `joined`; empty where there is nothing to add.
    """

    start: Position = START
    change: SourceChange | None = None
    how: str = ""

    @property
    def by_key(self) -> bool:
        """Whether the source is read again from its start, skipping what was settled.

        The row numbers of an earlier reading mean nothing then: drops that were listed are listed
        anew and replace the old ones.
        """
        return self.change in (SourceChange.CHANGED, SourceChange.UNKNOWN)


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
    trusted = change in (SourceChange.SAME, SourceChange.GROWN) and source.seekable
    return Resume(position if trusted else START, change, _how(source, stored, change))


def _how(source: Source, stored: Fingerprint, change: SourceChange) -> str:
    """Return what kind of change it is, as far as size, inode and windows tell."""
    if change is SourceChange.UNKNOWN:
        return "" if source.seekable else "pipe"
    if change is not SourceChange.CHANGED:
        return ""
    now = source.fingerprint(START)
    if source.compare(stored._replace(mtime_ns=now.mtime_ns)) is SourceChange.SAME:
        return "rewritten"
    if now.size < stored.size:
        return "shorter"
    return "edited" if now.inode == stored.inode else "replaced"


_HOWS = {
    "shorter": " (shorter)",
    "replaced": " (replaced or edited)",
    "rewritten": " (written again, same size)",
    "edited": " (edited)",
}


def sentence(
    resume: Resume,
    name: str,
    *,
    found: int = 0,
    gone: int | None = None,
    fresh: int | None = None,
) -> str:
    """Return what people are told about the source; empty where there is nothing to tell.

    Args:
        resume: How the session went on.
        name: What people call the source.
        found: How many settled tasks were met again so far.
        gone: How many were not met, once the source has been read to its end.
        fresh: How many rows were new to the session, once it has been read to its end.
    """
    if resume.change is SourceChange.GROWN:
        how = "verified in full" if resume.how == "verified" else "not verified in full"
        return f"{name} has grown since the last session; {how}"
    if resume.how == "verified":
        return f"{name} is as it was in the last session; verified in full"
    if not resume.by_key:
        return ""
    text = f"{_what(resume, name)}; read again from the start"
    text += f": {found:,} settled before, not asked again" if found else ""
    text += f", {gone:,} no longer there" if gone else ""
    same = found and gone == 0 and fresh == 0
    return text + (", none new: the same rows, perhaps in another order" if same else "")


def _what(resume: Resume, name: str) -> str:
    if resume.how == "pipe":
        what = "standard input" if name == "-" else name
        return f"{what} cannot be compared with what the last session read"
    if resume.how == JOINED:
        return f"you have joined a cohort with earlier rows in {name}"
    if resume.how == NUMBERED:
        return f"the recipe numbers the tasks of {name}"
    if resume.how == "compared-by-row":
        return f"{name} has no digest from an earlier --verify"
    if resume.change is SourceChange.UNKNOWN:
        return f"{name} changed while the last session read it"
    return f"{name} has changed{_HOWS.get(resume.how, '')}"
