"""The position of a session in its source: the cursor, found again if the file was moved, and
sources that grow while people work.
"""

from __future__ import annotations

from pathlib import Path

from tui_annotate.errors import UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Job
from tui_annotate.session.scope import Scope
from tui_annotate.sources.base import START, Fingerprint, Position, Source, SourceChange
from tui_annotate.sources.files import whole_digest
from tui_annotate.store.database import Store
from tui_annotate.store.records import (
    CursorKey,
    CursorState,
    StoredCursor,
    StoredSession,
    StoredSource,
)
from tui_annotate.stream.ledger import Ledger
from tui_annotate.stream.resume import Resume, plan_resume


class SourcePosition(NamedTuple):
    """A source as the store knows it, and the session's cursor in it.

    Attributes:
        moved_from: What the source was called when the session last read it, where that differs.
    """

    source: StoredSource
    cursor: StoredCursor
    moved_from: str = ""


def find_place(
    store: Store, source: Source, job_id: int, session: StoredSession, pass_: int
) -> SourcePosition:
    """Return where a session stands, made where it is new. Inside a transaction.

    A file that the store does not know by its name may be one that was moved: one that has gone,
    and whose content up to the cursor is that of this file.
    """
    moved = None
    if store.admin.find_source(source.identity) is None:
        moved = _moved(store, source, job_id, session)
    if moved is not None:
        store.admin.move_source(moved.id, source.identity, source.name)
    stored = store.admin.source(source.identity, source.name)
    cursor = store.progress.open_cursor(CursorKey(stored.id, job_id, session.id, pass_))
    return SourcePosition(stored, cursor, moved.name if moved else "")


def _moved(
    store: Store, source: Source, job_id: int, session: StoredSession
) -> StoredSource | None:
    """Return the source that the session read in this job under another name: its file is gone, and
    this one begins with what was read of it. None if there is no such source."""
    now = source.fingerprint(START)
    for cursor in store.progress.cursors(session.id, job_id):
        known = store.admin.get_source(cursor.key.source_id)
        if known is None or not known.identity.startswith("/") or Path(known.identity).exists():
            continue
        # A copy has another time, which says nothing about whose content it is.
        mark = fingerprint_of(cursor.state)._replace(mtime_ns=now.mtime_ns)
        if mark.offset and source.compare(mark) in (SourceChange.SAME, SourceChange.GROWN):
            return known
    return None


def fingerprint_of(state: CursorState) -> Fingerprint:
    """Return what a cursor remembers of its source."""
    return Fingerprint(
        state.inode, state.size, state.mtime_ns, state.head, state.tail, state.offset
    )


def plan(source: Source, cursor: StoredCursor, stored: StoredSource, *, verify: bool) -> Resume:
    """Decide where a session goes on in its source.

    Args:
        source: The source as it is now.
        cursor: Where the session stood.
        stored: The source as the store has it, with the digest of an earlier `verify`.
        verify: Read the whole source and compare it with that digest; where there is none, the
            source is read again from the start and compared row by row.
    """
    state = cursor.state
    if cursor.version == 0:
        return Resume()
    resume = plan_resume(
        source, Position(state.row, state.line, state.offset), fingerprint_of(state)
    )
    if not verify or resume.by_key:
        return resume
    if stored.digest is None:
        return Resume(START, SourceChange.CHANGED, "compared-by-row")
    if whole_digest(source.identity, stored.digest_size).digest != stored.digest:
        return Resume(START, SourceChange.CHANGED, "edited")
    return resume._replace(how="verified")


def read_from(scope: Scope, job: Job, source: Source, resume: Resume, *, strict: bool) -> Ledger:
    """Return the ledger of a session that goes on in a source."""
    return Ledger(
        source,
        policy=job.policy._replace(strict=strict or job.policy.strict),
        settings=scope.dataset.settings,
        resume=resume,
        settled=scope.settled(resume),
        met=scope.met,
        answered=scope.answered,
        known=scope.exclusion,
        stands=scope.stands,
        certainly_answered=scope.certainly_answered,
        own_code=not job.direct,
    )


def check_followed(source: Source) -> None:
    """Refuse to follow what does not grow at its end.

    Raises:
        UsageError: It is a pipe, or compressed.
    """
    if not source.seekable or source.size() is None:
        raise UsageError(
            "only a plain file can be followed", where=source.name, hint="Leave --follow out"
        )


class FileWatch:
    """Tells whether a file is another than when this was made.

    Args:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._then = self._look()

    def changed(self) -> bool:
        """Tell whether its size, time or inode is another; a file that is gone has not changed."""
        now = self._look()
        return now is not None and now != self._then

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns
