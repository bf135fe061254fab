"""What `doctor` and `backup` look at, find and repair."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlite_utils import Database

from tests.conftest import RunsHeadless
from tests.session.annotator import Annotator, work, write_rows
from tests.support.engines import open_store
from tui_annotate.errors import StoreError
from tui_annotate.store.diagnostics import engine_has_wal_defect, loose_modes
from tui_annotate.store.recover import recover

pytestmark = pytest.mark.files_only

PAGE = 4096


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with answers, waiting tasks, drops and a superseded answer."""
    rows = write_rows(tmp_path / "rows.jsonl", [f"text number {n}" for n in range(8)] * 2)
    with Annotator(tmp_path, rows) as anna:
        anna.answer_all(3)
        anna.session.later(None)
        anna.session.advance()
        anna.session.back()
        anna.answer("reject")
        anna.answer_all(3)
    return tmp_path / "a.db"


def changed(path: Path, sql: str, *values: object) -> None:
    db = Database(path)
    with db.conn:
        db.execute(sql, values)
    db.close()


def doctor(headless: RunsHeadless, database: Path, *options: str) -> tuple[int, str]:
    done = headless("doctor", *options, env={"TUI_ANNOTATE_DB": str(database)})
    return done.returncode, done.stdout + done.stderr


def test_a_sound_database(database: Path, headless: RunsHeadless) -> None:
    code, told = doctor(headless, database)
    assert (code, told.splitlines()[-1]) == (0, "nothing is wrong")
    for word in ("file system", "SQLite", "median of 20", "as it was", "sound"):
        assert word in told


@pytest.mark.quick
def test_what_is_derived_is_compared_and_built_anew(database: Path) -> None:
    def state() -> list[tuple[object, ...]]:
        db = Database(database)
        found = db.execute("SELECT * FROM current ORDER BY 1").fetchall()
        found += db.execute("SELECT * FROM tallies WHERE n <> 0 ORDER BY 1, 2").fetchall()
        db.close()
        return found

    before = state()
    with open_store(database) as store:
        assert store.derived.problems() == []
    changed(database, "DELETE FROM current WHERE answer_id = 1")
    changed(database, "UPDATE tallies SET n = n + 1 WHERE what = 'waiting'")
    with open_store(database) as store:
        assert len(store.derived.problems()) == 2
        with store.write_txn():
            store.derived.rebuild()
        assert store.derived.problems() == []
    assert state() == before


DAMAGE = [
    ("DELETE FROM tallies WHERE scope LIKE 'session:%'", "counts:"),
    ("UPDATE answers SET content = replace(content, 'number', 'nombre')", "its input is not"),
    ("UPDATE answers SET content = '{' WHERE id = 1", "its content is no JSON object"),
    (
        "UPDATE answers SET content = json_set(content, '$.spans',"
        ' json(\'[{"start": 3, "end": 99, "label": "X"}]\')) WHERE id = 1',
        "span 0 (3-99) is not within the text",
    ),
    (
        "UPDATE answers SET content = json_set(content, '$.tokens',"
        ' json(\'[{"text": "tex", "start": 0, "end": 4, "id": 0, "ws": true}]\')) WHERE id = 2',
        "the text of token 0 is not what the task has",
    ),
    ("UPDATE answers SET session_id = 77 WHERE id = 2", "refers to nothing"),
]


@pytest.mark.parametrize(("sql", "words"), DAMAGE, ids=[words for _, words in DAMAGE])
def test_what_is_wrong_is_found(
    database: Path, headless: RunsHeadless, sql: str, words: str
) -> None:
    changed(database, sql)
    code, told = doctor(headless, database)
    assert code == 1
    assert "WRONG: " in told
    assert words in told


def test_repair_builds_what_is_derived(database: Path, headless: RunsHeadless) -> None:
    changed(database, "DELETE FROM tallies")
    assert "--repair builds them anew" in doctor(headless, database)[1]
    code, told = doctor(headless, database, "--repair")
    assert (code, "repaired: counts" in told) == (0, True)
    assert doctor(headless, database)[0] == 0


def test_a_changed_and_a_missing_source_are_told(
    database: Path, tmp_path: Path, headless: RunsHeadless
) -> None:
    rows = write_rows(tmp_path / "rows.jsonl", ["something else"])
    assert "has changed; the next session" in doctor(headless, database)[1]
    rows.unlink()
    assert "is not there" in doctor(headless, database)[1]


@pytest.mark.quick
def test_loose_modes_are_named(database: Path) -> None:
    assert loose_modes(database) == []
    database.chmod(0o644)
    assert "mode 0644" in loose_modes(database)[0]


@pytest.mark.quick
@pytest.mark.parametrize(
    ("version", "defect"),
    [((3, 40, 1), True), ((3, 51, 2), True), ((3, 51, 3), False), ((3, 50, 7), False),
     ((3, 50, 6), True), ((3, 44, 6), False), ((3, 45, 0), True), ((4, 0, 0), False)],
)  # fmt: skip
def test_engines_with_the_defect(version: tuple[int, ...], defect: bool) -> None:
    assert engine_has_wal_defect(version) is defect


def test_what_can_be_read_of_a_damaged_database_is_recovered(
    tmp_path: Path, headless: RunsHeadless
) -> None:
    rows = write_rows(tmp_path / "rows.jsonl", [f"text {n} " + "x" * 300 for n in range(400)])
    work(tmp_path, rows)
    path = tmp_path / "a.db"
    data = bytearray(path.read_bytes())
    # Two pages full of answers, in the middle of the file.
    marked = [at for at in range(0, len(data), PAGE) if data[at : at + PAGE].count(b"xxxx") > 100]
    for at in marked[len(marked) // 2 : len(marked) // 2 + 2]:
        data[at : at + PAGE] = b"\xff" * PAGE
    path.write_bytes(bytes(data))
    code, told = doctor(headless, path)
    assert code == 1
    assert "doctor --recover" in told
    target = tmp_path / "new.db"
    code, told = doctor(headless, path, "--recover", str(target))
    assert code == 1
    assert "lost" in told
    assert path.read_bytes() == bytes(data)
    with open_store(target) as store:
        assert store.admin.check(full=True) == []
        assert store.derived.problems() == []
        kept = [json.loads(each.record.content)["text"] for each in store.answers.iterate(1)]
    assert 370 < len(kept) < 400
    with pytest.raises(StoreError, match="such a file already"):
        recover(path, target)
    # The lost ones are asked again, the others are not.
    target.replace(path)
    Path(f"{path}-wal").unlink(missing_ok=True)
    Path(f"{path}-shm").unlink(missing_ok=True)


@pytest.mark.quick
def test_nothing_can_be_recovered_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="nothing of it can be read"):
        recover(path, tmp_path / "new.db")


def test_a_backup_of_a_live_database(
    tmp_path: Path, database: Path, headless: RunsHeadless
) -> None:
    copy = tmp_path / "copy.db"
    with Annotator(tmp_path, tmp_path / "rows.jsonl", name="berta") as berta:
        done = headless("backup", str(copy), env={"TUI_ANNOTATE_DB": str(database)})
        assert done.returncode == 0, done.stderr
        assert berta.text is not None
    assert copy.stat().st_mode & 0o077 == 0
    with open_store(copy, readonly=True) as store:
        assert sum(store.answers.counts(1).values()) == 6
    again = headless("backup", str(copy), env={"TUI_ANNOTATE_DB": str(database)})
    assert again.returncode == 1
    assert "such a file already" in again.stderr
