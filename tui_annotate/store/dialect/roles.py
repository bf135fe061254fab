"""Roles of a store on a server: leads own it, annotators reach their own rows and nothing else.

What an annotator may read and write is enforced by the server (row-level security), whatever
program connects. An annotator's session has to know all the same which tasks others hold and have
answered. That is what the functions and the view made here tell, with the rights of the lead: how
many people, never who they are and what they answered. On the connection of an annotator the
statements that ask for it are exchanged for those that call them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import psycopg

from tui_annotate.errors import StoreError, UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.server_path import ServerPath
from tui_annotate.store import (
    answer_identity,
    answered_inputs,
    answers,
    claims,
)
from tui_annotate.store.dialect.postgres import STORE_LOCK
from tui_annotate.store.dialect.server import applied
from tui_annotate.store.dialect.server_connect import (
    connect,
    failure_of,
    server_message,
    unreachable,
)
from tui_annotate.store.dialect.translation import Translated, tables, translated

_LONGEST_NAME = 63
"""Bytes that the name of a role may have."""

_LONGEST_CLAIM_MS = 600_000
"""How far ahead an annotator may claim a task: several leases, and never for ever."""

_CLOCK = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

_MINE = "SELECT s.id FROM sessions s WHERE s.annotator = session_user"
_MY_CURSORS = f"SELECT c.id FROM cursors c WHERE c.session_id IN ({_MINE})"  # noqa: S608
_MY_CURSOR = f"(cursor_id IS NULL OR cursor_id IN ({_MY_CURSORS}))"
_MY_SCOPE = f"""
(scope LIKE 'dataset:%'
    OR scope IN (SELECT 'session:' || m.id FROM ({_MINE}) m)
    OR scope IN (SELECT 'cursor:' || m.id FROM ({_MY_CURSORS}) m)
    OR (scope LIKE 'queue:%'
        AND split_part(scope, ':', 4) IN (SELECT m.id::text FROM ({_MINE}) m)))"""  # noqa: S608
_MY_SESSION = f"session_id IN ({_MINE})"
_IN_ITS_DATASET = (
    "(dataset_id, session_id) IN (SELECT s.dataset_id, s.id FROM sessions s"
    " WHERE s.annotator = session_user)"
)
_MY_ANSWER = "(answer_id IS NULL OR store_is_own_answer(answer_id))"
_ITS_DATASET = "(SELECT d.name FROM datasets d WHERE d.id = dataset_id)"
_BY_ME = "annotator = session_user"


class _Right(NamedTuple):
    """What an annotator may do with one table.

    Attributes:
        grants: What is granted, as SQL has it.
        reads: Which rows are seen, changed and deleted.
        writes: Which rows may be added, and what a changed row must be.
    """

    grants: str
    reads: str = "true"
    writes: str = "false"


_RIGHTS = {
    "datasets": _Right("SELECT, INSERT", writes="true"),
    "jobs": _Right("SELECT, INSERT", writes="true"),
    "sources": _Right("SELECT, INSERT, UPDATE", writes="true"),
    "guidelines": _Right("SELECT, INSERT", writes="true"),
    "dataset_meta": _Right("SELECT"),
    "dataset_labels": _Right("SELECT, INSERT", writes=_BY_ME),
    # The name of a session stands in exports, so nobody takes that of another one.
    "sessions": _Right(
        "SELECT, INSERT (dataset_id, name, annotator, created_at),"
        " UPDATE (owner, opened_at, beat_at, closed_at, guideline_seen)",
        _BY_ME,
        f"{_BY_ME} AND name = {_ITS_DATASET} || '-' || session_user",
    ),
    "cursors": _Right("SELECT, INSERT, UPDATE", _MY_SESSION, _MY_SESSION),
    "answers": _Right(
        "SELECT, INSERT",
        _MY_SESSION,
        f"{_IN_ITS_DATASET} AND {_MY_CURSOR} AND provenance IS NULL"
        " AND (supersedes IS NULL OR store_is_own_answer(supersedes))",
    ),
    "current": _Right(
        "SELECT, INSERT, DELETE",
        _MY_SESSION,
        f"{_IN_ITS_DATASET} AND {_MY_CURSOR} AND {_MY_ANSWER}",
    ),
    "waiting": _Right(
        "SELECT, INSERT, DELETE",
        _MY_SESSION,
        f"{_IN_ITS_DATASET} AND {_MY_CURSOR} AND {_MY_ANSWER}",
    ),
    "drafts": _Right(
        "SELECT, INSERT, UPDATE, DELETE", _MY_SESSION, f"{_MY_SESSION} AND {_MY_ANSWER}"
    ),
    "claims": _Right(
        "SELECT, INSERT, UPDATE, DELETE",
        _MY_SESSION,
        f"{_IN_ITS_DATASET} AND boot_id = '' AND until_wall_ms < {_CLOCK} + {_LONGEST_CLAIM_MS}",
    ),
    "drops": _Right(
        "SELECT, INSERT, DELETE", f"cursor_id IN ({_MY_CURSORS})", f"cursor_id IN ({_MY_CURSORS})"
    ),
    "tallies": _Right("SELECT, INSERT, UPDATE", _MY_SCOPE, _MY_SCOPE),
    "proposals": _Right("SELECT, INSERT, UPDATE, DELETE", _MY_SESSION, _MY_SESSION),
    "reviewed": _Right("SELECT", "store_is_own_answer(source_id)"),
    "audit_log": _Right(
        "INSERT",
        "false",
        f"{_IN_ITS_DATASET} AND {_BY_ME} AND dataset = {_ITS_DATASET}",
    ),
    "writers": _Right(
        "SELECT, INSERT (id, number, at), UPDATE (number, at), DELETE",
        "login = session_user",
        "login = session_user",
    ),
    "store_migrations": _Right("SELECT"),
    "store_version": _Right("SELECT"),
}
"""What annotators may do with the tables that their sessions need."""

LEADS_ONLY = frozenset({"label_change_rows", "label_changes", "requests"})
"""The tables that annotators can do nothing with. A new table stands here or in `_RIGHTS`."""

_TASK = "bigint, bigint, bytea, bigint, text, bigint, bigint, bytea, bytea, bigint, bigint"
"""The types of what `claims.OTHERS` and `claims.ANSWERED_BY` are given."""

_OWN = "EXISTS (SELECT 1 FROM sessions o WHERE o.id = {} AND o.annotator = session_user)"
"""Nobody asks how many others there are beside somebody else, which would tell who they are."""


def _places(count: int) -> str:
    return ", ".join(f"?{number}" for number in range(1, count + 1))


def _body(sql: str) -> str:
    """Return a statement of the store with places as the body of a function has them."""
    return re.sub(r"\?(\d+)", r"$\1", sql)


def _functions() -> Iterable[tuple[str, str, str, str]]:
    """Yield name, types of arguments, type of result and body of each function."""
    for rule in claims.OTHERS:
        for kind, sql in (("holders", claims.OTHERS[rule]), ("answered", claims.ANSWERED_BY[rule])):
            body = f"SELECT CASE WHEN {_OWN.format('$4')} THEN ({_body(sql)}) END"
            yield f"store_{kind}_{rule}", _TASK, "bigint", body
    yield (
        "store_held",
        "bigint, bigint, bytea, bigint, text, bigint, bigint",
        "TABLE (key bytea, people bigint)",
        f"SELECT * FROM ({_body(claims.HELD)}) AS held WHERE {_OWN.format('$4')}",  # noqa: S608
    )
    # By the server's own clock: nobody ends the claims of others by saying that it is late.
    forgotten = claims.FORGET_RUN_OUT.replace("?5", "''").replace("?6", "0").replace("?7", _CLOCK)
    yield (
        "store_forget_run_out",
        "bigint, bigint, bytea, bigint",
        "void",
        f"{_body(forgotten)} AND {_OWN.format('$4')}",
    )
    yield (
        "store_next_token",
        "bigint, bigint, bytea",
        "bigint",
        _body(claims.NEXT_TOKEN),
    )
    yield "store_newest_answer", "", "bigint", answers.NEWEST_ID
    yield (
        "store_is_own_answer",
        "bigint",
        "boolean",
        "SELECT EXISTS (SELECT 1 FROM answers a JOIN sessions s ON s.id = a.session_id"
        " WHERE a.id = $1 AND s.annotator = session_user)",
    )


_VIEW = f"""
SELECT c.answer_id, c.dataset_id,
    CASE WHEN c.session_id IN ({_MINE}) THEN c.session_id ELSE 0 END AS session_id,
    CASE WHEN c.session_id IN ({_MINE}) THEN c.cursor_id END AS cursor_id,
    c.pass, c.input_key, c.question_key, c.task_hash
FROM current c"""  # noqa: S608
"""Which tasks are answered, and nothing of what was answered and by whom."""

_OF_EVERYBODY = (
    *answer_identity.ANY.values(),
    *answer_identity.COUNT.values(),
    answered_inputs.ONE,
    answered_inputs.AFTER,
    answered_inputs.AT_MOST,
    answered_inputs.ANSWERED,
    answered_inputs.MET,
)
"""Statements that ask what is answered, whoever answered it."""


@cache
def _exchanged() -> dict[str, str]:
    """Return what annotators' connections run in the place of statements of the store."""
    found = {
        sql: re.sub(r"\b(FROM|JOIN) current\b", r"\1 answered_tasks", sql) for sql in _OF_EVERYBODY
    }
    for rule, sql in claims.OTHERS.items():
        counted = f"SELECT store_holders_{rule}({_places(11)})"
        found[sql] = counted
        claimed = claims.CLAIM[rule].replace(sql, counted)
        found[claims.CLAIM[rule]] = claimed.replace(
            claims.NEXT_TOKEN, "SELECT store_next_token(?1, ?2, ?3)"
        )
    for rule, sql in claims.ANSWERED_BY.items():
        found[sql] = f"SELECT store_answered_{rule}({_places(11)})"
    found[claims.HELD] = f"SELECT * FROM store_held({_places(7)})"  # noqa: S608
    found[claims.FORGET_RUN_OUT] = f"SELECT store_forget_run_out({_places(4)})"
    found[answers.NEWEST_ID] = "SELECT store_newest_answer()"
    return found


@cache
def translated_for_annotator(sql: str) -> Translated:
    """Return a statement of the store for the connection of an annotator."""
    return translated(_exchanged().get(sql, sql))


class Roles(NamedTuple):
    """The roles of one store.

    Attributes:
        lead: The role that owns the tables; who belongs to it reads and changes everything.
        annotator: The role that annotators belong to.
    """

    lead: str
    annotator: str


def roles_of(database: str, schema: str) -> Roles:
    """Return what the roles of a store are called; a server has one list for all databases."""
    store = database if schema == "public" else f"{database}_{schema}"
    room = _LONGEST_NAME - len("_annotator")
    if len(store.encode()) > room:
        end = hashlib.sha256(store.encode()).hexdigest()[:8]
        store = store.encode()[: room - 9].decode("utf-8", "ignore") + f"_{end}"
    return Roles(f"{store}_lead", f"{store}_annotator")


def statements(
    database: str,
    schema: str,
    annotators: Sequence[str] = (),
    leads: Sequence[str] = (),
) -> list[str]:
    """Return the SQL that gives a store its roles, and lets people have them; for one transaction.

    It can be carried out again at any time, by a member of the lead role who may make roles.

    Args:
        database, schema: Where the store is.
        annotators, leads: Names of logins; they are made where they are missing, without a
            password.

    Raises:
        UsageError: A name cannot be that of a login.
    """
    roles = roles_of(database, schema)
    lead, annotator, place = (_quoted(each) for each in (*roles, schema))
    lines = [
        f"-- The roles of the store in {_line(database)}, schema {_line(schema)}.",
        f"-- {_line(roles.lead)} owns it and reads everything;",
        f"-- {_line(roles.annotator)} reaches its own rows only.",
        f"SET LOCAL search_path = {place};",
        "-- Whoever is at work waits meanwhile.",
        f"SELECT pg_advisory_xact_lock({STORE_LOCK}::bigint << 32 | oid::bigint)"  # noqa: S608
        f" FROM pg_namespace WHERE nspname = {_literal(schema)};",
        *(_made(name, "NOLOGIN") for name in roles),
        f"DO $do$ BEGIN IF NOT pg_has_role(session_user, {_literal(roles.lead)}, 'USAGE')"
        f" THEN GRANT {lead} TO session_user; END IF; END $do$;",
        f"REVOKE CREATE ON SCHEMA {place} FROM PUBLIC;",
        f"GRANT USAGE, CREATE ON SCHEMA {place} TO {lead};",
        f"GRANT USAGE ON SCHEMA {place} TO {annotator};",
        "ALTER TABLE writers ADD COLUMN IF NOT EXISTS login name DEFAULT session_user;",
        *_owned(lead, annotator),
        *_shared(lead, annotator, place),
        *_granted(annotator),
    ]
    for names, role in ((annotators, annotator), (leads, lead)):
        for name in names:
            _check_name(name, roles)
            lines += [_made(name, "LOGIN"), f"GRANT {role} TO {_quoted(name)};"]
    return lines


def _made(name: str, kind: str) -> str:
    return (
        f"DO $do$ BEGIN IF to_regrole({_literal(_quoted(name))}) IS NULL"
        f" THEN CREATE ROLE {_quoted(name)} {kind}; END IF; END $do$;"
    )


def _all_tables() -> tuple[str, ...]:
    return (*tables(), "store_migrations", "store_version", "writers")


def _owned(lead: str, annotator: str) -> Iterable[str]:
    """Yield what gives the tables to the lead role, and takes them from everybody else."""
    for table in _all_tables():
        yield f"ALTER TABLE {table} OWNER TO {lead};"
        yield f"REVOKE ALL ON {table} FROM PUBLIC, {annotator};"
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
    # It has the rights of its owner, and with them the answers of everybody.
    yield f"ALTER VIEW annotations OWNER TO {lead};"
    yield f"REVOKE ALL ON annotations FROM PUBLIC, {annotator};"


def _shared(lead: str, annotator: str, place: str) -> Iterable[str]:
    """Yield what makes the functions and the view that tell how many others there are."""
    yield f"CREATE OR REPLACE VIEW answered_tasks AS {_VIEW.strip()};"
    yield f"ALTER VIEW answered_tasks OWNER TO {lead};"
    yield "REVOKE ALL ON answered_tasks FROM PUBLIC;"
    yield f"GRANT SELECT ON answered_tasks TO {annotator};"
    for name, arguments, result, body in _functions():
        kind = "VOLATILE" if result == "void" else "STABLE"
        yield (
            f"CREATE OR REPLACE FUNCTION {name}({arguments}) RETURNS {result} LANGUAGE sql {kind}"
            f" SECURITY DEFINER SET search_path = pg_catalog, {place}, pg_temp"
            f" AS $body$ {body.strip()} $body$;"
        )
        yield f"ALTER FUNCTION {name}({arguments}) OWNER TO {lead};"
        yield f"REVOKE ALL ON FUNCTION {name}({arguments}) FROM PUBLIC;"
        yield f"GRANT EXECUTE ON FUNCTION {name}({arguments}) TO {annotator};"


def _granted(annotator: str) -> Iterable[str]:
    """Yield what annotators may do with which rows."""
    for table, right in _RIGHTS.items():
        yield f"GRANT {right.grants} ON {table} TO {annotator};"
        yield f"DROP POLICY IF EXISTS annotator ON {table};"
        yield (
            f"CREATE POLICY annotator ON {table} TO {annotator}"
            f" USING ({right.reads}) WITH CHECK ({right.writes});"
        )


def _check_name(name: str, roles: Roles) -> None:
    if not name.strip() or not name.isprintable() or len(name.encode()) > _LONGEST_NAME:
        raise UsageError(
            f"{name!r} cannot be the name of a login on the server",
            hint=f"Use up to {_LONGEST_NAME} bytes, without control characters",
        )
    if name in roles or name.startswith("pg_"):
        raise UsageError(f"{name!r} is the name of a role that nobody logs in as")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _line(text: str) -> str:
    return " ".join(text.split())


def set_up(
    path: ServerPath,
    annotators: Sequence[str] = (),
    leads: Sequence[str] = (),
    *,
    apply: bool,
) -> str:
    """Return the SQL for the roles of a store, carried out or not.

    Args:
        path: The store.
        annotators, leads: As for `statements`.
        apply: Carry it out; all of it or nothing.

    Raises:
        StoreError: There is no store, the server does not answer, or it does not allow it.
        UsageError: A name cannot be that of a login.
    """
    try:
        link = connect(path.conninfo)
    except psycopg.Error as error:
        raise unreachable(error, path) from None
    try:
        if applied(link) is None:
            raise StoreError(
                "there is no store in this database yet",
                where=str(path),
                hint="Call `tui-annotate store init` once, with the same TUI_ANNOTATE_DB",
            )
        place = link.execute("SELECT current_database(), current_schema()").fetchone()
        assert place is not None
        lines = statements(str(place[0]), str(place[1]), annotators, leads)
        sql = "\n".join(("BEGIN;", *lines, "COMMIT;", ""))
        if apply:
            _carry_out(link, sql, path)
        return sql
    except psycopg.Error as error:
        raise failure_of(error, path) from error
    finally:
        link.close()


def _carry_out(link: psycopg.Connection[Any], sql: str, path: ServerPath) -> None:
    try:
        # Nobody who is at work keeps it waiting for longer than a transaction takes.
        link.execute("SET lock_timeout = '30s'")
        link.execute(sql)
    except psycopg.Error as error:
        if getattr(error, "sqlstate", None) != "42501":
            raise
        raise StoreError(
            f"the server does not let this user give roles ({server_message(error)})",
            where=str(path),
            hint="`tui-annotate store roles` prints the SQL for somebody who may make roles",
        ) from None


def renew(link: psycopg.Connection[Any]) -> None:
    """Give what an update of the store has made to its roles, where it has any; in a transaction.

    Raises:
        psycopg.Error: The server refuses it.
    """
    row = link.execute(
        "SELECT current_database(), current_schema()"
        " WHERE to_regclass('answered_tasks') IS NOT NULL"
    ).fetchone()
    if row is not None:
        link.execute("\n".join(statements(str(row[0]), str(row[1]))))
