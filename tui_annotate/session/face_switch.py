"""Keeps one session open while the annotator changes from one face to the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui_annotate.job import Job

if TYPE_CHECKING:
    from tui_annotate.session.context import SourceReading
    from tui_annotate.session.session import Session
    from tui_annotate.store.write_lock import Wait


class FaceSwitch:
    """Opens the session for the face that asks first, and hands it to those that come after.

    A source that can be read only once goes on where it was, and so does everything a recipe
    holds. Only one face uses the session at a time; the one before has come to rest by then.

    Args:
        job: What is annotated.
        store: The database.
        annotator: Who annotates.
        reading: How the source is read.
    """

    def __init__(self, job: Job, store: Path, annotator: str, reading: SourceReading) -> None:
        self.job = job
        self.annotator = annotator
        self._store = store
        self._reading = reading
        self._session: Session | None = None
        self._failure: BaseException | None = None
        self._wait: Wait = _go_on

    def begin(self) -> None:
        """Open the session before a face is there that asks for it; `open` says what came of it."""
        if self._session is None:
            try:
                self._session = self._open()
            except BaseException as error:
                self._failure = error

    def tell(self, wait: Wait) -> None:
        """Have `wait` told for whom the session waits, from now on."""
        self._wait = wait

    def open(self, wait: Wait) -> Session:
        """Return the session; from now on `wait` is told for whom it waits.

        Raises:
            TuiAnnotateError: It cannot be opened.
        """
        self._wait = wait
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        if self._session is None:
            self._session = self._open()
        return self._session

    def close(self) -> None:
        """End a session that was begun and that no face has taken."""
        if self._session is not None:
            self._session.close()

    def _open(self) -> Session:
        # Loaded on the session's thread, while the other one loads Textual.
        from tui_annotate.session.session import begin_session

        return begin_session(
            self._store, self.job, self.annotator, reading=self._reading, wait=self._tell
        )

    def _tell(self, owner: str) -> None:
        self._wait(owner)


def _go_on(owner: str) -> None:
    """There is nobody yet to be told."""
