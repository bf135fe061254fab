"""Commands say and do the same with a store on a server as with one in a file."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.session.support import Place, answer, die, draft
from tests.support import engines
from tests.support.server import Server
from tui_annotate.cli.main import run
from tui_annotate.store.database import Store, open_store

pytestmark = pytest.mark.server

ORG = {"start": 0, "end": 4, "label": "ORG"}
LOC = {"start": 0, "end": 4, "label": "LOC"}
ODD = "Größe 𝒳 \\x00 \0 '\" %s $1 ?"
"""What placeholders, quotes, characters beyond the first plane and U+0000 may do."""

READING = (
    "datasets",
    "datasets --json",
    "sessions",
    "stats",
    "stats my_set",
    "stats my_set --json",
    "stats my_set-anna",
    "progress my_set",
    "progress my_set --interval day",
    "progress my_set --interval week",
    "progress my_set --interval month",
    "progress my_set --interval year",
    "find my_set Acme",
    "find my_set --label ORG",
    "find my_set --annotator ben --answer reject",
    "find my_set --flagged",
    "find my_set --disagree",
    "find my_set",
    "check my_set",
    "agreement my_set",
    "metric.iaa.span my_set",
    "team my_set",
    "team my_set --json",
    "who",
    "who --json",
    "drops my_set",
    "audit my_set",
    "print-dataset my_set",
    "print-dataset my_set-ben",
    "db-out my_set",
    "db-out my_set --answer reject",
    "db-out my_set-anna",
    "export my_set - --to jsonl",
    "export my_set - --to iob2",
    "labels list my_set",
    "dashboard my_set",
    "report my_set -o {folder}/report.html",
    "config",
)

WRITING = (
    "labels rename my_set ORG FIRM --yes",
    "labels list my_set",
    "labels undo my_set",
    "labels merge my_set ORG,LOC THING --yes",
    "labels delete my_set THING --yes",
    "labels undo my_set",
    "db-out my_set",
    "assign my_set anna cid",
    "db-in other {rows}",
    "db-in other {rows}",
    "db-merge my_set,other merged",
    "datasets",
    "stats merged",
    "db-out merged",
    "drop other --yes",
    "drop my_set-ben --yes",
    "purge merged --dry",
    "purge merged --yes",
    "datasets",
    "stats my_set",
    "drop nothing --yes",  # the one that is refused with 2
    "backup {folder}/copy.db",
    "backup {folder}/copy.db",
    "drop my_set --yes",
    "datasets",
)


def fill(folder: Path) -> Place:
    """Let two people work on a dataset: answers, comments, labels, drafts and waiting tasks."""
    place = Place(folder, [f"Acme {n} {ODD if n % 3 == 0 else ''}" for n in range(8)] + ["Acme 1 "])
    with (folder / "rows.jsonl").open("a") as rows:
        rows.write("{broken\n")
    anna = place.open(annotator="anna")
    anna.start()
    answer(anna, spans=[ORG], comment=ODD)
    answer(anna, "reject", spans=[LOC], flagged=True)
    anna.later(draft(ORG))
    anna.advance()
    for _ in range(3):
        answer(anna, "ignore" if _ else "accept")
    anna.keep_draft(draft(LOC))
    anna.close()
    ben = place.open(annotator="ben", config={"exclude_by": "task", "annotations_per_task": 2})
    ben.start()
    while ben.item is not None:
        answer(ben, spans=[ORG])
    ben.close()
    return place


def told(line: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command, and return what it said but for places, times and sizes."""
    words = line.format(folder=folder, rows=folder.parent / "more.jsonl").split()
    code = run(words)
    said = f"$ {line}\n{code}\n{capsys.readouterr().out}"
    for place, name in ((os.environ["TUI_ANNOTATE_DB"], "STORE"), (str(folder), "FOLDER")):
        said = said.replace(place, name)
    when = r"20\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?|\d\d:\d\d(:\d\d)?|1[7-9]\d{8}"
    return re.sub(r"\d+(\.\d+)? (ms|s|MB|KB|bytes)\b", "SIZE", re.sub(when, "WHEN", said))


@pytest.mark.slow
def test_every_command_says_and_does_the_same(
    tmp_path: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = {"text": "More", "answer": "accept", "spans": [ORG], "meta": {"odd": ODD}}
    (tmp_path / "more.jsonl").write_text(json.dumps(row) + "\n" + json.dumps({"text": ODD}) + "\n")
    said: list[list[str]] = []
    for name in ("sqlite", "postgresql"):
        folder = tmp_path / name
        folder.mkdir()
        store = folder / "annotations.db" if name == "sqlite" else server.store()
        monkeypatch.setattr(engines, "elsewhere", lambda _, store=store: store)
        fill(folder)
        monkeypatch.setenv("TUI_ANNOTATE_DB", str(store))
        said.append([told(line, folder, capsys) for line in (*READING, *WRITING)])
    monkeypatch.undo()
    server.empty()
    for on_files, on_server in zip(*said, strict=True):
        assert on_server == on_files
    wrong = [each.split("\n")[0] for each in said[0] if each.split("\n")[1] not in ("0", "1")]
    assert wrong == ["$ drop nothing --yes"], "a line that no command takes tells nothing"


def rows_of(store: Store) -> dict[str, list[Any]]:
    """Return all rows of all tables, with bytes as bytes."""
    # Loaded here: without psycopg these tests are skipped.
    from tui_annotate.store.dialect.translation import tables

    found = {}
    for table in tables():
        described = store._connection.execute(f"SELECT * FROM {table} LIMIT 0").description
        names = ", ".join(f'"{column[0]}"' for column in described if column[0] != "rowid")
        rows = store._connection.read(f"SELECT {names} FROM {table}")
        found[table] = sorted(
            (tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows),
            key=repr,
        )
    return found


def test_a_store_moves_to_a_server_and_back_with_all_that_it_holds(
    tmp_path: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = fill(tmp_path)
    cid = place.open(annotator="cid", config={"annotations_per_task": 3})
    cid.start()
    cid.keep_draft(draft(LOC))
    die(cid)  # its claim and its draft stay
    with open_store(place.database, readonly=True) as store:
        before = rows_of(store)
    for table in ("answers", "cursors", "drafts", "waiting", "claims", "sessions", "drops"):
        assert before[table], table
    target = server.store()
    # A store whose datasets were dropped keeps jobs and sources, and takes a backup all the same.
    monkeypatch.setattr(engines, "elsewhere", lambda _: target)
    (tmp_path / "before").mkdir()
    fill(tmp_path / "before")
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(target))
    assert run(["restore", str(place.database)]) == 1
    assert "there are datasets in the server's store already" in capsys.readouterr().err
    assert run(["drop", "my_set", "--yes"]) == 0
    assert run(["restore", str(place.database)]) == 0
    held = {**before}
    for table in before:  # what the server cannot hold
        held[table] = [
            tuple(v.replace("\0", "\\x00") if isinstance(v, str) else v for v in row)
            for row in before[table]
        ]
        held[table].sort(key=repr)
    with open_store(target, readonly=True) as store:
        assert rows_of(store) == held
    assert run(["backup", str(tmp_path / "back.db")]) == 0
    with open_store(tmp_path / "back.db", readonly=True) as store:
        assert rows_of(store) == held
    # The session goes on there at its task and draft, and new rows get new numbers.
    place.database = tmp_path / "on-the-server.db"
    cid = place.open(annotator="cid", config={"annotations_per_task": 3})
    item = cid.start()
    assert item is not None and item.draft is not None and item.draft.content["spans"] == [LOC]
    assert answer(cid).answer_id > max(row[0] for row in held["answers"])
    cid.close()
    monkeypatch.undo()
    server.empty()
