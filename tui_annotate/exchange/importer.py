"""Imports answers into a dataset: they stay as they are, and none is added twice.

An answer that comes is *there already* where the dataset has, or ever had, one with the same
content, decision and session, given at the same time. A row without a time of its own matches
whatever the time. So the same file may be read again, whole or in part.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tui_annotate.data_paths import is_server_name
from tui_annotate.exchange.imported_answer import (
    ImportedAnswer,
    body_elsewhere,
    joined,
    keys,
    names_file,
    parts,
)
from tui_annotate.exchange.jsonl import standing
from tui_annotate.private_file import begun, note_begun, note_done
from tui_annotate.store.database import Store
from tui_annotate.store.records import Dataset, NewAnswer, StoredAnswer
from tui_annotate.task.hash_body import HashSettings
from tui_annotate.task.hashing import Identity
from tui_annotate.task.schema import VIEW_ID

PIECE = 10_000
"""Answers written in one transaction: others wait no longer than that takes, a second or two."""

PIECE_SIZE = 12_000_000
"""Characters of them, which are held in memory until they are written."""

IMPORTED = "imported"
"""The annotator of rows that do not say who answered."""


@dataclass(frozen=True, slots=True)
class AnswerConflict:
    """One session's two answers to one task, here and there."""

    session: str
    identity: Identity
    here: StoredAnswer
    there: str
    there_at: int | None


@dataclass(slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        read: Answers that came.
        added: How many were written.
        known: How many the dataset had already.
        repeated: How many were equal to another one that came before them in the same import.
        sessions: Names of the sessions that were written to.
        conflicts: What was left out because the session has another answer to the task.
    """

    read: int = 0
    added: int = 0
    known: int = 0
    repeated: int = 0
    sessions: set[str] = field(default_factory=set)
    conflicts: list[AnswerConflict] = field(default_factory=list)


Prefer = Literal["all", "here", "there", "newer"]

IMPORTING = "importing"
"""What stands behind the database's name in that of the file that names imports cut short."""

_TELL_EVERY = 500


def cut_short(database: Path) -> list[tuple[str, str]]:
    """Return the imports that have begun and not come to their end: dataset and command.

    Args:
        database: The database's file.
    """
    found = [each.partition("\n") for each in begun(database, IMPORTING)]
    return [(dataset, command) for dataset, _, command in found]


def forget_imports(database: Path, name: str) -> None:
    """Forget imports into a dataset that is deleted.

    Args:
        database: The database's file.
        name: The dataset.

    Raises:
        OSError: The note cannot be written.
    """
    for dataset, command in cut_short(database):
        if dataset == name:
            note_done(database, IMPORTING, f"{dataset}\n{command}")


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for cycles of dead objects a hundred times less often: rows make none."""
    often, *older = gc.get_threshold()
    gc.set_threshold(100 * often, *older)
    try:
        yield
    finally:
        gc.set_threshold(often, *older)


class Importer:
    """Writes answers to one dataset, made where it is missing.

    Up to `PIECE` answers are one transaction: all of them are there, or none, and no empty dataset
    either. More are written in pieces of that size. While there is a further piece to come, the
    import is noted as begun; when it is cut short, the same import goes on with it.

    Args:
        store: The database.
        name: The dataset.
        settings: The hash keys of a new dataset; None for the defaults.
        dry: Write nothing, but say what would be written.
        prefer: What becomes of an answer whose session has another one to the same task: `all` are
            added beside one another, those `here` stand, those `there` or the `newer` ones take
            their place. All but the first list it among the conflicts.
        what: The command in words, to be named where it is cut short; empty for no such note.
        was: The name that the dataset had where it comes from; empty for the same.

    Attributes:
        report: What was done so far.
        dataset: The dataset; None until it is made.
        dry: Nothing is written, and the report says what would be.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        *,
        settings: HashSettings | None = None,
        dry: bool = False,
        prefer: Prefer = "all",
        what: str = "",
        was: str = "",
    ) -> None:
        self.report = ImportReport()
        self._store = store
        self._name = name
        self._was = was or name
        self._settings = settings
        self.dry = dry
        self._note = f"{name}\n{what}" if what and not is_server_name(store.path) else ""
        self._prefer = prefer
        self._sessions: dict[str, int] = {}
        self._now = int(time.time())
        # What the dataset had, and what this import has brought: without a time, and with it.
        self._whole: set[bytes] = set()
        self._timed: set[bytes] = set()
        self._own_whole: set[bytes] = set()
        self._own_timed: set[bytes] = set()
        self._seen = 0
        self._names_files = False
        self.dataset = store.admin.find_dataset(name)
        if self.dataset is not None:
            self._remember(self.dataset, self._whole, self._timed)

    def make_dataset(self) -> Dataset:
        """Return the dataset, made now if it is missing, for whoever needs it before its answers.

        Raises:
            StoreError: It cannot be written.
        """
        if self.dataset is None:
            with self._store.write_txn():
                return self._made()
        return self.dataset

    def _made(self) -> Dataset:
        """Return the dataset, made within the open transaction."""
        if self.dataset is None:
            self.dataset = self._store.admin.dataset(self._name, self._settings)
        return self.dataset

    def add(
        self,
        *sources: Iterable[ImportedAnswer],
        progress: Callable[[int], None] = lambda _: None,
        labels: Callable[[Dataset], None] | None = None,
    ) -> ImportReport:
        """Write those that are not there yet, and return what was done.

        Args:
            sources: Any number of answers, read before they are written. What one has brought is
                there already when the next one follows.
            progress: Called now and then with how many were read; may raise to give up.
            labels: Called at the end with the dataset, within the transaction of the last answers:
                writes what belongs to them.
        """
        begins = True
        with _seldom_collected():
            for piece, last in self._pieces(sources, progress):
                self._write(piece, labels if last else None, begins=begins and not last)
                begins = False
        self._end()
        return self.report

    def _pieces(
        self, sources: Iterable[Iterable[ImportedAnswer]], progress: Callable[[int], None]
    ) -> Iterator[tuple[list[list[ImportedAnswer]], bool]]:
        """Yield what is new in pieces for one transaction each, divided by source, and with each
        whether it is the last one; one at least."""
        piece: list[list[ImportedAnswer]] = []
        count = size = 0
        for source in sources:
            part: list[ImportedAnswer] = []
            piece.append(part)
            for each in source:
                if count >= PIECE or size >= PIECE_SIZE:
                    yield piece, False
                    part, count, size = [], 0, 0
                    piece = [part]
                self.report.read += 1
                if self.report.read % _TELL_EVERY == 0:
                    progress(self.report.read)
                if self._is_new(each):
                    part.append(each)
                    count, size = count + 1, size + len(each.body)
            self._whole |= self._own_whole
            self._timed |= self._own_timed
            self._own_whole, self._own_timed = set(), set()
        progress(self.report.read)
        yield piece, True

    def _write(
        self,
        piece: list[list[ImportedAnswer]],
        labels: Callable[[Dataset], None] | None,
        *,
        begins: bool,
    ) -> None:
        """Write a piece in one transaction, or count it; `begins` if it is the first of several."""
        if self.dry:
            for part in piece:
                self._count(part)
            return
        if self.dataset is not None and labels is None and not any(piece):
            return
        added = 0
        with self._store.write_txn():
            dataset = self._made()
            if begins and self._note:
                note_begun(self._store.path, IMPORTING, self._note)
            self._leave_out_known(piece, dataset)
            for part in piece:
                if self._prefer == "all":
                    records = [self._record(each, dataset) for each in part]
                else:
                    records = self._without_conflicts(part, dataset)
                added += self._store.answers.import_(dataset.id, records)
            self._seen = self._store.answers.last_id()
            if labels is not None:
                labels(dataset)
        self.report.added += added

    def _end(self) -> None:
        """Take back the note that the import was begun, by this one or one that was cut short."""
        if self._note and not self.dry and self._note in begun(self._store.path, IMPORTING):
            with self._store.write_txn():  # so that no two write the note at once
                note_done(self._store.path, IMPORTING, self._note)

    def _count(self, fresh: list[ImportedAnswer]) -> None:
        if self._prefer != "all" and self.dataset is not None:
            fresh = [each for each in fresh if self._conflict(each, self.dataset) is None]
        self.report.sessions.update(self._session_name(each) for each in fresh)
        self.report.added += len(fresh)

    def _without_conflicts(self, fresh: list[ImportedAnswer], dataset: Dataset) -> list[NewAnswer]:
        records: list[NewAnswer] = []
        for each in fresh:
            conflict = self._conflict(each, dataset)
            if conflict is None:
                records.append(self._record(each, dataset))
                continue
            theirs = each.at or 0
            newer = self._prefer == "newer" and theirs > conflict.here.record.answered_at
            if self._prefer == "there" or newer:
                records.append(self._record(each, dataset, supersedes=conflict.here.id))
        return records

    def _conflict(self, each: ImportedAnswer, dataset: Dataset) -> AnswerConflict | None:
        here = self._store.lookup.answer_of(dataset.id, self._session_name(each), each.identity)
        if here is None:
            return None
        found = AnswerConflict(
            self._session_name(each), each.identity, here, each.decision, each.at
        )
        self.report.conflicts.append(found)
        return found

    def _keys(self, each: ImportedAnswer) -> tuple[bytes, bytes]:
        session = self._session_name(each)
        return keys(each.body, each.decision, session, each.identity.task_hash, each.at)

    def _is_known_elsewhere(self, each: ImportedAnswer) -> bool:
        """Tell whether the dataset had an answer already when its file came with its folder, or by
        itself, and not as it comes now."""
        if not each.file or not self._whole:
            return False
        # Most answers of most datasets name no file; of these nothing is to be made anew.
        if not (self._names_files or names_file(each.body, each.file)):
            return False
        whole, timed = self._keys(each._replace(body=body_elsewhere(each.body, each.file)))
        return whole in self._whole if each.at is None else timed in self._timed

    def _is_new(self, each: ImportedAnswer) -> bool:
        whole, timed = self._keys(each)
        has_time = each.at is not None
        known = timed in self._timed if has_time else whole in self._whole
        if known or self._is_known_elsewhere(each):
            self.report.known += 1
            return False
        if timed in self._own_timed if has_time else whole in self._own_whole:
            self.report.repeated += 1
            return False
        self._own_whole.add(whole)
        self._own_timed.add(timed)
        return True

    def _leave_out_known(self, piece: list[list[ImportedAnswer]], dataset: Dataset) -> None:
        """Leave out what others have written since: the same file may come in twice at once."""
        whole: set[bytes] = set()
        timed: set[bytes] = set()
        self._remember(dataset, whole, timed)
        if not whole:
            return

        def is_known(each: ImportedAnswer) -> bool:
            own_whole, own_timed = self._keys(each)
            return own_whole in whole if each.at is None else own_timed in timed

        for part in piece:
            left = [each for each in part if not is_known(each)]
            self.report.known += len(part) - len(left)
            part[:] = left
        self._whole |= whole
        self._timed |= timed

    def _record(
        self, each: ImportedAnswer, dataset: Dataset, supersedes: int | None = None
    ) -> NewAnswer:
        name = self._session_name(each)
        annotator = self._annotator(each, name)
        session_id = self._session_id(dataset, name, annotator)
        at = self._now if each.at is None else each.at
        view = each.tail.get(VIEW_ID)
        view_id = view if isinstance(view, str) else ""
        old = each.record
        if old:
            view_id = old.view_id
        own = standing(each.identity, view_id, each.decision, at, name, annotator)
        return NewAnswer(
            dataset_id=dataset.id,
            session_id=session_id,
            identity=each.identity,
            content=joined(each.body, own),
            answer=each.decision,
            view_id=view_id,
            answered_at=at,
            pass_=old.pass_ if old else 1,
            digest=old.digest if old else b"",
            label=each.label,
            elapsed_ms=old.elapsed_ms if old else None,
            reading_ms=old.reading_ms if old else None,
            seen=old.seen if old else "none",
            flagged=each.flagged,
            comment=each.comment,
            late=old.late if old else False,
            supersedes=supersedes,
        )

    def _session_name(self, each: ImportedAnswer) -> str:
        """Return the session of an answer: where the dataset has another name here than it had, the
        one in which its annotator goes on."""
        if each.session is None:
            return f"{self._name}-{each.annotator or IMPORTED}"
        person = each.session.removeprefix(f"{self._was}-")
        return each.session if person == each.session else f"{self._name}-{person}"

    def _annotator(self, each: ImportedAnswer, session: str) -> str:
        """Return who answered. Where nothing but the session says that, as in Prodigy, which writes
        its name for the annotator too, it is in that name: `{dataset}-{annotator}`."""
        if each.annotator and each.annotator != each.session:
            return each.annotator
        if each.session is None:
            return IMPORTED
        return session.removeprefix(f"{self._name}-") or IMPORTED

    def _session_id(self, dataset: Dataset, name: str, annotator: str) -> int:
        found = self._sessions.get(name)
        if found is None:
            found = self._store.admin.session(dataset.id, name, annotator).id
            self._sessions[name] = found
            self.report.sessions.add(name)
        return found

    def _remember(self, dataset: Dataset, whole: set[bytes], timed: set[bytes]) -> None:
        """Note what the dataset has, or ever had, that is not noted yet: 200 bytes an answer."""
        found = self._store.answers.iterate(dataset.id, revisions=True, after_id=self._seen)
        for stored in found:
            self._seen = stored.id
            record = stored.record
            if record.answer is None:
                continue
            body, _ = parts(record.content)
            one, other = keys(
                body,
                record.answer,
                stored.session,
                record.identity.task_hash,
                record.answered_at,
            )
            whole.add(one)
            timed.add(other)
            self._names_files = self._names_files or '"file":' in body
