"""The tables, as ordered migrations. A migration that has been released is never edited.

This is the only list of tables: recovery copies every table that it makes, and what a removed
dataset or session leaves behind is taken out by the `ON DELETE` of the tables themselves, but for
those of the first migration (`store/removal.py`).

A program one version older goes on writing where a migration only adds tables and columns that may
be NULL. `PRAGMA user_version` holds the oldest schema that may write, as the number of its last
migration, counted from 1; a migration that an older program must not write after sets it to its own
number.

`answers` only grows. `current` has a row for each answer that is neither superseded nor
retracted. `tallies` holds the counts that are shown all the time. Both are derived from the other
tables, are kept in the same transaction, and can be rebuilt. The view `annotations` is for people
who open the file with other programs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

MINIMUM_SQLITE = (3, 35, 0)
"""The oldest SQLite engine that has everything used here (`RETURNING`)."""

APPLICATION_ID = 0x74754101
"""Written into the file's header, so that other programs' databases are told apart."""

SET = "tui_annotate"
"""The name of our migrations among those that a file may have."""

_IDENTITY = """
    input_hash INTEGER NOT NULL,
    task_hash INTEGER NOT NULL,
    input_key BLOB NOT NULL,
    question_key BLOB"""

_TABLES = (
    """
CREATE TABLE datasets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    hash_settings TEXT NOT NULL,
    created_at INTEGER NOT NULL
)""",
    """
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    dataset_id INTEGER NOT NULL REFERENCES datasets(id),
    name TEXT NOT NULL,
    annotator TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    owner TEXT,
    opened_at INTEGER,
    closed_at INTEGER,
    UNIQUE (dataset_id, name)
)""",
    """
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    recipe TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_at INTEGER NOT NULL
)""",
    """
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    rows INTEGER,
    counted_size INTEGER,
    counted_mtime_ns INTEGER,
    digest_size INTEGER,
    digest BLOB,
    created_at INTEGER NOT NULL
)""",
    """
CREATE TABLE cursors (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources(id),
    job_id INTEGER NOT NULL REFERENCES jobs(id),
    session_id INTEGER NOT NULL REFERENCES sessions(id),
    pass INTEGER NOT NULL,
    version INTEGER NOT NULL,
    row INTEGER NOT NULL,
    line INTEGER NOT NULL,
    "offset" INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    head BLOB NOT NULL,
    tail BLOB NOT NULL,
    last_key BLOB NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (session_id, job_id, source_id, pass)
)""",
    f"""
CREATE TABLE answers (
    id INTEGER PRIMARY KEY,
    dataset_id INTEGER NOT NULL REFERENCES datasets(id),
    session_id INTEGER NOT NULL REFERENCES sessions(id),
    cursor_id INTEGER REFERENCES cursors(id),
    row INTEGER,
    pass INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('answer', 'retraction')),
    supersedes INTEGER REFERENCES answers(id),
    answer TEXT CHECK (answer IN ('accept', 'reject', 'ignore')),
    view_id TEXT NOT NULL,
    label TEXT,
    flagged INTEGER NOT NULL,
    comment TEXT,
    answered_at INTEGER NOT NULL,
    elapsed_ms INTEGER,
    reading_ms INTEGER,
    seen TEXT NOT NULL,
    late INTEGER NOT NULL,{_IDENTITY},
    digest BLOB NOT NULL,
    content TEXT NOT NULL,
    CHECK ((kind = 'answer') = (answer IS NOT NULL)),
    CHECK (kind = 'answer' OR supersedes IS NOT NULL)
)""",
    "CREATE UNIQUE INDEX answers_supersedes ON answers (supersedes) WHERE supersedes IS NOT NULL",
    "CREATE INDEX answers_dataset ON answers (dataset_id)",
    "CREATE INDEX answers_cursor ON answers (cursor_id, row) WHERE cursor_id IS NOT NULL",
    """
CREATE TABLE current (
    answer_id INTEGER PRIMARY KEY REFERENCES answers(id),
    dataset_id INTEGER NOT NULL,
    session_id INTEGER NOT NULL,
    cursor_id INTEGER,
    pass INTEGER NOT NULL,
    answer TEXT NOT NULL,
    input_key BLOB NOT NULL,
    question_key BLOB,
    task_hash INTEGER NOT NULL
)""",
    """
CREATE INDEX current_identity
    ON current (dataset_id, input_key, question_key, task_hash, session_id, pass)""",
    "CREATE INDEX current_dataset ON current (dataset_id)",
    "CREATE INDEX current_session ON current (session_id)",
    f"""
CREATE TABLE waiting (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset_id INTEGER NOT NULL REFERENCES datasets(id),
    job_id INTEGER NOT NULL REFERENCES jobs(id),
    session_id INTEGER REFERENCES sessions(id),
    pass INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('later', 'reopened', 'released')),
    cursor_id INTEGER REFERENCES cursors(id),
    row INTEGER,
    answer_id INTEGER REFERENCES answers(id),
    added_at INTEGER NOT NULL,{_IDENTITY},
    digest BLOB NOT NULL,
    content TEXT NOT NULL
)""",
    "CREATE INDEX waiting_queue ON waiting (dataset_id, job_id, session_id, pass, id)",
    """
CREATE INDEX waiting_identity
    ON waiting (dataset_id, job_id, session_id, pass, input_key)""",
    "CREATE INDEX waiting_input ON waiting (input_key)",
    "CREATE INDEX waiting_cursor ON waiting (cursor_id, row) WHERE cursor_id IS NOT NULL",
    f"""
CREATE TABLE drafts (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions(id),
    job_id INTEGER NOT NULL REFERENCES jobs(id),
    pass INTEGER NOT NULL,
    key BLOB NOT NULL,{_IDENTITY},
    answer_id INTEGER REFERENCES answers(id),
    elapsed_ms INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    content TEXT NOT NULL,
    UNIQUE (session_id, job_id, pass, key)
)""",
    """
CREATE TABLE claims (
    dataset_id INTEGER NOT NULL REFERENCES datasets(id),
    job_id INTEGER NOT NULL REFERENCES jobs(id),
    pass INTEGER NOT NULL,
    key BLOB NOT NULL,
    session_id INTEGER REFERENCES sessions(id),
    token INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    until_boot_ms INTEGER NOT NULL,
    until_wall_ms INTEGER NOT NULL,
    PRIMARY KEY (dataset_id, job_id, pass, key)
) WITHOUT ROWID""",
    """
CREATE TABLE drops (
    id INTEGER PRIMARY KEY,
    cursor_id INTEGER NOT NULL REFERENCES cursors(id),
    kind TEXT NOT NULL CHECK (kind IN ('bad', 'policy', 'notice')),
    reason TEXT NOT NULL,
    first_row INTEGER NOT NULL,
    last_row INTEGER NOT NULL,
    first_line INTEGER NOT NULL,
    last_line INTEGER NOT NULL,
    count INTEGER NOT NULL,
    detail TEXT NOT NULL
)""",
    "CREATE INDEX drops_cursor ON drops (cursor_id)",
    """
CREATE TABLE tallies (
    scope TEXT NOT NULL,
    what TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (scope, what)
) WITHOUT ROWID""",
    """
CREATE VIEW annotations AS
SELECT a.id, d.name AS dataset, s.name AS session, s.annotator, a.view_id, a.label, a.answer,
       datetime(a.answered_at, 'unixepoch') AS answered_at, a.elapsed_ms, a.flagged, a.comment,
       a.pass, a.input_hash, a.task_hash, a.content
FROM current c
JOIN answers a ON a.id = c.answer_id
JOIN datasets d ON d.id = a.dataset_id
JOIN sessions s ON s.id = a.session_id""",
)

_LABEL_CHANGES = (
    """
CREATE TABLE label_changes (
    id INTEGER PRIMARY KEY,
    dataset_id INTEGER NOT NULL REFERENCES datasets(id),
    what TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    undone_at INTEGER,
    first_answer INTEGER NOT NULL,
    last_answer INTEGER NOT NULL
)""",
    """
CREATE TABLE label_change_rows (
    change_id INTEGER NOT NULL REFERENCES label_changes(id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('waiting', 'draft')),
    row_id INTEGER NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    PRIMARY KEY (change_id, kind, row_id)
) WITHOUT ROWID""",
)


_META = """
CREATE TABLE dataset_meta (
    dataset_id INTEGER PRIMARY KEY REFERENCES datasets(id) ON DELETE CASCADE,
    meta TEXT NOT NULL
)"""

_PROPOSALS = """
CREATE TABLE proposals (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions(id),
    text TEXT NOT NULL,
    label TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    UNIQUE (session_id, text)
)"""


def m001_first(db: Database) -> None:
    """Everything that answers, resuming, drafts, queues and audits need."""
    for statement in (*_TABLES, *_LABEL_CHANGES, _META, _PROPOSALS):
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


_PEOPLE = (
    # Claims are for a while, so those that there are need not be kept.
    "DROP TABLE claims",
    """
CREATE TABLE claims (
    dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
    pass INTEGER NOT NULL,
    key BLOB NOT NULL,
    session_id INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
    job_id INTEGER NOT NULL REFERENCES jobs(id),
    token INTEGER NOT NULL,
    claimed_at INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    until_boot_ms INTEGER NOT NULL,
    until_wall_ms INTEGER NOT NULL,
    PRIMARY KEY (dataset_id, pass, key, session_id)
) WITHOUT ROWID""",
    "CREATE INDEX claims_session ON claims (session_id)",
    """
CREATE TABLE guidelines (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    text TEXT NOT NULL,
    created_at INTEGER NOT NULL
)""",
    "ALTER TABLE answers ADD COLUMN guideline_id INTEGER REFERENCES guidelines(id)",
    # unanimous, majority, adjudicated, gold or imported. Without a CHECK, which would read every
    # answer now, and could not be widened later without writing all of them anew.
    "ALTER TABLE answers ADD COLUMN provenance TEXT",
    "ALTER TABLE sessions ADD COLUMN guideline_seen INTEGER REFERENCES guidelines(id)",
    "ALTER TABLE sessions ADD COLUMN beat_at INTEGER",
    "ALTER TABLE sessions ADD COLUMN role TEXT",
    # `setting` is the key of the configuration that the label adds to.
    """
CREATE TABLE dataset_labels (
    dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
    setting TEXT NOT NULL DEFAULT 'labels',
    label TEXT NOT NULL,
    annotator TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (dataset_id, setting, label)
)""",
    """
CREATE TABLE reviewed (
    answer_id INTEGER NOT NULL REFERENCES answers(id) ON DELETE CASCADE,
    source_id INTEGER NOT NULL REFERENCES answers(id) ON DELETE CASCADE,
    PRIMARY KEY (answer_id, source_id)
)""",
    "CREATE INDEX reviewed_source ON reviewed (source_id)",
    """
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    answer_id INTEGER NOT NULL REFERENCES answers(id) ON DELETE CASCADE,
    session_id INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    settled_at INTEGER
)""",
    "CREATE INDEX requests_answer ON requests (answer_id)",
    "CREATE INDEX requests_session ON requests (session_id)",
    # Who saw what outlives the dataset and the session, so both are kept by name as well.
    """
CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY,
    dataset_id INTEGER REFERENCES datasets(id) ON DELETE SET NULL,
    session_id INTEGER REFERENCES sessions(id) ON DELETE SET NULL,
    dataset TEXT NOT NULL,
    annotator TEXT NOT NULL,
    pass INTEGER NOT NULL,
    key BLOB NOT NULL,
    input_hash INTEGER NOT NULL,
    task_hash INTEGER NOT NULL,
    opened_at INTEGER NOT NULL
)""",
    "CREATE INDEX audit_log_dataset ON audit_log (dataset_id)",
    "CREATE INDEX audit_log_session ON audit_log (session_id)",
)


def m002_people(db: Database) -> None:
    """Everything that several people on one dataset need: claims with a lease, guidelines, labels
    that were added, reviews, requests, and the record of who opened which task.
    """
    for statement in _PEOPLE:
        db.execute(statement)
    db.execute("PRAGMA user_version = 1")


MIGRATIONS: dict[str, Callable[[Database], None]] = {
    "m001_first": m001_first,
    "m002_people": m002_people,
}
"""The migrations by name, in order. sqlite-utils carries out those that a file has not had."""

DERIVED = ("current", "tallies")
"""The tables that `store/derived.py` builds anew from the others."""
