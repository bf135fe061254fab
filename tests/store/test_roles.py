"""Roles on a server: an annotator reaches the own rows only, whatever program connects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.session.support import Place, answer, answer_in_turns, draft, text_of
from tests.support import engines
from tests.support.server import Server
from tui_annotate.cli.main import run
from tui_annotate.data_paths import store_path
from tui_annotate.errors import StoreError, StoreReadOnly, UsageError
from tui_annotate.session.session import Session
from tui_annotate.store.database import open_store

pytestmark = [pytest.mark.files_only, pytest.mark.server]

SPAN = {"start": 0, "end": 4, "label": "ORG"}
SECRET = "what ann2 alone knows"


class Roles:
    """A store with its roles on a server, and logins of three annotators and of a lead.

    Args:
        server: The server.
    """

    logins = ("ann1", "ann2", "ann3", "Ann-3.x")

    def __init__(self, server: Server) -> None:
        self.server = server
        self.owner = server.store()

    def path(self, login: str) -> Any:
        """Return the store's name for a login."""
        return store_path(str(self.owner).replace("//lead@", f"//{login}@"))

    def ask(self, login: str, *statements: str) -> list[Any]:
        """Run statements as a login, without the program, and return the rows of the last one."""
        import psycopg

        with psycopg.connect(self.path(login).conninfo, autocommit=True) as link:
            for statement in statements:
                cursor = link.execute(statement)  # type: ignore[call-overload, unused-ignore]
            return list(cursor.fetchall()) if cursor.description else []


@pytest.fixture
def roles(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Roles]:
    found = Roles(server)
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(found.owner))
    assert run(["store", "roles", "--apply", "--lead", "head", *Roles.logins]) == 0
    yield found
    server.empty()


Opens = Callable[..., Session]


@pytest.fixture
def opens(tmp_path: Path, roles: Roles, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opens]:
    """Open the session of a login in one job over six texts."""
    place = Place(tmp_path, [f"Acme {n}" for n in range(6)])
    opened: list[Session] = []

    def open_as(login: str, **config: Any) -> Session:
        monkeypatch.setattr(engines, "elsewhere", lambda _: roles.path(login))
        session = place.open(annotator=login, config=config)
        opened.append(session)
        session.start()
        return session

    yield open_as
    for session in opened:
        session.opened.store.close()


def test_annotators_share_the_tasks_to_the_end_without_seeing_each_others_answers(
    roles: Roles, opens: Opens
) -> None:
    people = [opens(login, annotations_per_task=2) for login in ("ann1", "ann2", "ann3")]
    answer_in_turns(people, 3)
    late = opens("Ann-3.x", annotations_per_task=2)
    answer_in_turns([*people, late], 4)
    assert all(session.item is None for session in (*people, late))
    for session in (*people, late):
        session.close()
    with open_store(roles.owner, readonly=True) as store:
        dataset = store.admin.dataset_named("my_set")
        given = [
            (json.loads(each.record.content)["text"], each.annotator)
            for each in store.answers.iterate(dataset.id)
        ]
        assert not store.derived.problems()
    assert len(given) == len(set(given)) == 12
    assert {sum(text == each for text, _ in given) for each, _ in given} == {2}
    for login in Roles.logins:
        with open_store(roles.path(login), readonly=True) as store:
            assert store.only_of == login
            own = [each.annotator for each in store.answers.iterate(dataset.id)]
        assert own == [login] * sum(name == login for _, name in given)


def test_a_task_that_is_done_or_in_other_hands_is_not_handed_out(
    roles: Roles, opens: Opens
) -> None:
    ann1, ann2 = opens("ann1"), opens("ann2")
    assert [text_of(each.item) for each in (ann1, ann2)] == ["Acme 0", "Acme 1"]
    answer(ann1)
    ann1.later(draft(SPAN))
    ann1.advance()
    assert text_of(ann1.item) == "Acme 3"
    answer(ann2, comment=SECRET)
    ann2.keep_draft(draft(SPAN))
    ann1.close()
    again = opens("ann3")
    assert text_of(again.item) == "Acme 2"  # of ann1, who has left
    for session in (ann2, again):
        while session.item is not None:
            answer(session)
        session.close()
    assert len(roles.ask("lead", "SELECT * FROM current")) == 6


def test_a_claim_that_has_run_out_goes_to_others_and_its_answer_counts_all_the_same(
    roles: Roles, opens: Opens
) -> None:
    slow = opens("ann1")
    roles.ask("lead", "UPDATE claims SET until_wall_ms = 0")
    other = opens("ann2")
    assert text_of(other.item) == text_of(slow.item) == "Acme 0"
    assert answer(slow).late
    assert not answer(other).late
    assert {text_of(slow.item), text_of(other.item)} == {"Acme 1", "Acme 2"}
    late = "SELECT s.annotator, a.late FROM answers a JOIN sessions s ON s.id = a.session_id"
    assert sorted(roles.ask("lead", late)) == [("ann1", 1), ("ann2", 0)]


ASKING = (
    "SELECT * FROM answers",
    "SELECT content FROM answers",
    "SELECT comment FROM answers",
    "SELECT * FROM current",
    "SELECT * FROM drafts",
    "SELECT * FROM waiting",
    "SELECT * FROM sessions",
    "SELECT * FROM cursors",
    "SELECT * FROM claims",
    "SELECT * FROM drops",
    "SELECT * FROM proposals",
    "SELECT * FROM tallies WHERE scope NOT LIKE 'dataset:%'",
    "SELECT * FROM reviewed",
    "SELECT * FROM writers",
    "SELECT * FROM annotations",
    "SELECT * FROM audit_log",
    "SELECT * FROM requests",
    "SELECT * FROM label_changes",
    "SELECT * FROM label_change_rows",
    "SELECT session_id FROM answered_tasks WHERE session_id <> 0",
    "SELECT cursor_id FROM answered_tasks WHERE cursor_id IS NOT NULL",
    "SELECT most_common_vals FROM pg_stats WHERE tablename = 'answers'",
    "SELECT query FROM pg_stat_activity WHERE usename <> session_user AND query NOT LIKE '<%'",
)
"""Of these an annotator who has done nothing sees no row, or is refused."""

FORGING = (
    "INSERT INTO sessions (dataset_id, name, annotator, created_at) VALUES (1, 'x', 'ann2', 0)",
    "INSERT INTO sessions (dataset_id, name, annotator, created_at)"
    " VALUES (1, 'my_set-ann2', 'ann1', 0)",
    "INSERT INTO sessions (dataset_id, name, annotator, created_at)"
    " VALUES (1, 'my_set-nobody', 'ann1', 0)",
    "UPDATE sessions SET annotator = 'ann2'",
    "UPDATE sessions SET role = 'lead'",
    "UPDATE sessions SET name = 'my_set-ann2'",
    "UPDATE answers SET content = '{}'",
    "UPDATE answers SET answer = 'reject'",
    "DELETE FROM answers",
    "TRUNCATE answers",
    "DROP TABLE answers",
    "ALTER TABLE answers DISABLE ROW LEVEL SECURITY",
    "DROP POLICY annotator ON answers",
    "CREATE TABLE stolen AS SELECT 1",
    "CREATE FUNCTION stolen() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "SET ROLE {lead}",
    "SET SESSION AUTHORIZATION ann2",
    "SET row_security = off; SELECT * FROM answers",
    "UPDATE datasets SET name = 'mine'",
    "DELETE FROM datasets",
    "UPDATE store_version SET oldest_writer = 99",
    "INSERT INTO writers (id, number, at, login) VALUES ('x', 1, 1, 'ann2')",
    "INSERT INTO audit_log (dataset_id, session_id, dataset, annotator, pass, key, input_hash,"
    " task_hash, opened_at) VALUES (1, {mine}, 'my_set', 'ann2', 1, '', 0, 0, 0)",
    "INSERT INTO dataset_labels (dataset_id, label, annotator, added_at)"
    " VALUES (1, 'X', 'ann2', 0)",
    # An answer in another one's session, or in the place of another one's.
    "{answer} VALUES ({theirs}, NULL, NULL)",
    "{answer} VALUES ({mine}, {answered}, NULL)",
    "{answer} VALUES ({mine}, NULL, 'gold')",
    "INSERT INTO current (answer_id, dataset_id, session_id, pass, answer, input_key, task_hash)"
    " VALUES ({answered}, 1, {mine}, 2, 'accept', '', 0)",
    "INSERT INTO drafts (session_id, job_id, pass, key, input_hash, task_hash, input_key,"
    " elapsed_ms, updated_at, state, content) VALUES ({theirs}, 1, 1, '', 0, 0, '', 0, 0, '', '')",
    "INSERT INTO tallies VALUES ('session:{theirs}', 'accept', 99)",
    # A task for ever, or in another one's name.
    "{claim} VALUES (1, 1, 'x', {mine}, 1, 1, 1, '', 0, 9000000000000)",
    "{claim} VALUES (1, 1, 'x', {theirs}, 1, 1, 1, '', 0, 0)",
)
"""These are refused, or change nothing."""

ANSWER = """
INSERT INTO answers (id, dataset_id, pass, kind, answer, view_id, flagged, answered_at, seen, late,
    input_hash, task_hash, input_key, digest, content, session_id, supersedes, provenance)
SELECT 99, 1, 1, 'answer', 'accept', 'text', 0, 0, '', 0, 0, 0, '', '', '{}', a, b::bigint, c
FROM (VALUES_) AS v (a, b, c)"""
CLAIM = """INSERT INTO claims (dataset_id, pass, key, session_id, job_id, token, claimed_at,
    boot_id, until_boot_ms, until_wall_ms)"""


def everything(roles: Roles) -> list[Any]:
    """Return all rows that there are, but for what begins with each connection."""
    from tui_annotate.store.dialect.translation import tables

    named = (*tables(), "store_version", "store_migrations")
    asked = " UNION ALL ".join(f"SELECT '{name}', t::text FROM {name} t" for name in named)
    return sorted(roles.ask("lead", asked))


def test_sql_of_ones_own_reads_and_forges_nothing(roles: Roles, opens: Opens) -> None:
    import psycopg

    mine, other = opens("ann1"), opens("ann2")
    mine.close()
    answer(other, comment=SECRET, spans=[SPAN])
    other.later(draft(SPAN))
    other.advance()
    other.keep_draft(draft(SPAN))  # a connection of ann2 stays open, with its claim
    roles.ask("lead", "ANALYZE")
    for statement in ASKING:
        try:
            found = roles.ask("ann3", statement)
        except psycopg.errors.InsufficientPrivilege:
            continue
        assert not found, statement
    ids = dict(roles.ask("lead", "SELECT annotator, id FROM sessions"))
    ((answered,),) = roles.ask("lead", "SELECT id FROM answers")
    facts: dict[str, object] = {
        "mine": ids["ann1"],
        "theirs": ids["ann2"],
        "answered": answered,
        "lead": "store_s0_lead",
    }
    before = everything(roles)
    for statement in FORGING:
        words = statement.replace("{claim}", CLAIM)
        if words.startswith("{answer}"):
            words = ANSWER.replace("VALUES_", words.removeprefix("{answer} "))
        for name, value in facts.items():
            words = words.replace(f"{{{name}}}", str(value))
        try:
            roles.ask("ann1", words)
        except psycopg.Error as error:
            state = error.sqlstate or ""
            assert state == "42501" or state.startswith("23"), (words, str(error))
        assert everything(roles) == before, words
    # What a session knows of others is how many they are.
    held = f"SELECT store_holders_input(1, 1, ''::bytea, {ids['ann2']}, '', 0, 0, '', '', 0, NULL)"
    assert roles.ask("ann1", held) == [(None,)]
    other.close()


def test_another_name_than_that_of_the_login_is_refused_in_words(roles: Roles) -> None:
    for name in ("ann2", "ANN1"):
        with open_store(roles.path("ann1")) as store, store.write_txn():
            dataset = store.admin.dataset("my_set")
            with pytest.raises(UsageError, match=r"ann1 annotate under that name alone.*--as ann1"):
                store.admin.session(dataset.id, f"my_set-{name}", name)


LEADING = (
    "who",
    "team my_set",
    "agreement my_set",
    "db-out my_set",
    "doctor",
    "backup {folder}/copy.db",
    "labels rename my_set ORG FIRM --yes",
    "assign my_set ann1 ann2",
    "drop my_set --yes",
)


def test_what_leads_do_works_for_them_alone(
    roles: Roles,
    opens: Opens,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for login in ("ann1", "ann2"):
        session = opens(login, annotations_per_task=2)
        answer(session, comment=SECRET if login == "ann2" else None, spans=[SPAN])
        session.later(draft(SPAN))
        session.advance()
        session.close()
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(roles.path("ann1")))
    before = everything(roles)
    for line in LEADING:
        code = run(line.format(folder=tmp_path).split())
        said = capsys.readouterr()
        assert SECRET not in said.out + said.err, line
        assert "ann2" not in said.out, line
        if line.split()[0] in ("backup", "labels", "assign", "drop"):
            assert code in (1, 2), line
            assert "Traceback" not in said.err
    assert everything(roles) == before
    assert not (tmp_path / "copy.db").exists()
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(roles.path("head")))
    for line in LEADING:
        assert run(line.format(folder=tmp_path).split()) == 0, (line, capsys.readouterr())
        said = capsys.readouterr()
        assert "own answers only" not in said.err
        if line == "db-out my_set":
            assert SECRET in said.out
    with open_store(tmp_path / "copy.db", readonly=True) as store:
        assert store.admin.annotators() == ["ann1", "ann2"]


def test_the_roles_are_given_again_and_printed_for_others(
    roles: Roles,
    opens: Opens,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    capsys.readouterr()
    assert run(["store", "roles", 'o\'neil "x"']) == 0
    printed = capsys.readouterr().out
    assert "Traceback" not in printed
    before = roles.ask("lead", "SELECT rolname FROM pg_roles ORDER BY 1")
    roles.ask("lead", printed)
    added = set(roles.ask("lead", "SELECT rolname FROM pg_roles")) - set(before)
    assert added == {('o\'neil "x"',)}
    answer(opens("ann1"))
    assert run(["store", "roles", "--apply"]) == 0
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(roles.path("head")))
    assert run(["store", "init"]) == 0
    assert run(["store", "roles", "--apply"]) == 0  # by a lead who may not make roles
    assert text_of(opens("ann2").item) == "Acme 2"
    for wrong in ("pg_read_all_data", "x" * 64, " "):
        assert run(["store", "roles", "--apply", wrong]) == 2


def test_who_may_not_give_roles_is_told_so(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.run("DROP ROLE IF EXISTS plain", "CREATE ROLE plain LOGIN")
    server.run("GRANT CREATE ON DATABASE store TO plain")
    name = f"{server.name(user='plain')}?options=-csearch_path%3Dplain_schema"
    monkeypatch.setenv("TUI_ANNOTATE_DB", name)
    try:
        assert run(["store", "init"]) == 0
        capsys.readouterr()
        assert run(["store", "roles", "--apply", "ann1"]) == 1
        said = capsys.readouterr().err
        assert "does not let this user give roles" in said
        assert "Traceback" not in said
    finally:
        server.run("DROP SCHEMA plain_schema CASCADE")


def test_a_file_has_no_roles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(tmp_path / "a.db"))
    assert run(["store", "roles"]) == 2
    assert "a store in a file has no roles" in capsys.readouterr().err
    assert not (tmp_path / "a.db").exists()


def test_annotators_cannot_back_up_or_restore(roles: Roles, tmp_path: Path) -> None:
    from tui_annotate.store.transfer import backup_server, restore_to_server

    with pytest.raises(StoreReadOnly, match="Log in to the server as a lead"):
        backup_server(roles.path("ann1"), tmp_path / "copy.db")
    backup_server(roles.path("head"), tmp_path / "copy.db")
    with pytest.raises(StoreError, match="Log in to the server as a lead"):
        restore_to_server(tmp_path / "copy.db", roles.path("ann1"))
