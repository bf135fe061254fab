"""Commands whose server goes away say so in one line, wherever in their work that happens."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.session.support import Place, answer, draft
from tests.support import engines
from tests.support.server import Server
from tui_annotate.cli.main import run
from tui_annotate.store import database

pytestmark = [pytest.mark.files_only, pytest.mark.server]

SPAN = {"start": 0, "end": 4, "label": "ORG"}


class Cuts:
    """Lets the connections of this process break at the n-th statement, and no further one be made.

    Attributes:
        left: How many statements are still let through; None for all.
        stays: Whether the server takes new connections after that.
    """

    def __init__(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        import psycopg

        self.left: int | None = None
        self.stays = False
        self._server = server
        for owner in (psycopg.Connection, psycopg.Cursor):
            self._watch(monkeypatch, owner)
        connect = psycopg.connect

        def refused(*arguments: Any, **options: Any) -> Any:
            if self.left is not None and self.left <= 0 and not self.stays:
                raise psycopg.OperationalError("connection refused")
            return connect(*arguments, **options)

        monkeypatch.setattr(psycopg, "connect", refused)

    def _watch(self, monkeypatch: pytest.MonkeyPatch, owner: Any) -> None:
        for name in ("execute", "executemany", "fetchmany"):
            if name not in vars(owner):
                continue
            call = vars(owner)[name]

            def counted(this: Any, *arguments: Any, call: Any = call, **options: Any) -> Any:
                if self.left is not None:
                    self.left -= 1
                    if self.left == 0:
                        self._cut(getattr(this, "connection", this))
                return call(this, *arguments, **options)

            monkeypatch.setattr(owner, name, counted)

    def _cut(self, link: Any) -> None:
        left, self.left = self.left, None
        self._server.run(f"SELECT pg_terminate_backend({link.info.backend_pid})")
        self.left = left


@pytest.fixture
def cuts(server: Server, monkeypatch: pytest.MonkeyPatch) -> Cuts:
    defaults = database.open_store.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "timeout", 0.1)
    return Cuts(server, monkeypatch)


@pytest.fixture
def store(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A store on a server with an answer, a draft and a waiting task."""
    found = server.store()
    monkeypatch.setattr(engines, "elsewhere", lambda _: found)
    session = Place(tmp_path, [f"Acme {n}" for n in range(4)]).open()
    session.start()
    answer(session, spans=[SPAN])
    session.later(draft(SPAN))
    session.advance()
    session.keep_draft(draft(SPAN))
    session.close()
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(found))
    yield found
    server.empty()


PLACES = (1, 2, 4, 8, 17, 40, 90, 1000)
"""After how many statements a connection is cut; the last one is never reached."""

COMMANDS = (
    "backup {folder}/{n}.db",
    "doctor",
    "stats my_set",
    "db-out my_set",
    "who",
    "store init",
    "store roles --apply",
)


@pytest.mark.parametrize("line", COMMANDS)
@pytest.mark.parametrize("stays", [False, True], ids=["refuses", "comes back"])
def test_a_connection_that_breaks_is_one_clear_line(
    line: str,
    stays: bool,
    store: Path,
    cuts: Cuts,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cuts.stays = stays
    for n in PLACES:
        cuts.left = n
        code = run(line.format(folder=tmp_path, n=n).split())
        untouched = cuts.left is not None and cuts.left > 0
        cuts.left = None
        said = capsys.readouterr().err.strip().splitlines()
        if untouched:
            assert code == 0, said
            break
        if code != 0:
            assert code == 1
            assert "server" in said[-1], said
            assert said[-1].startswith("tui-annotate: postgresql://"), said
            assert not any("psycopg" in each or "Traceback" in each for each in said), said
            assert not (tmp_path / f"{n}.db").exists()
    assert untouched
    assert n > 3


def test_a_restore_that_breaks_leaves_nothing_and_says_so(
    store: Path, cuts: Cuts, tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy.db"
    assert run(["backup", str(copy)]) == 0
    assert run(["drop", "my_set", "--yes"]) == 0
    with contextlib.suppress(FileNotFoundError):
        (tmp_path / "annotations.db").unlink()
    for n in PLACES:
        cuts.left = n
        capsys.readouterr()
        code = run(["restore", str(copy)])
        cut, cuts.left = cuts.left <= 0, None
        said = capsys.readouterr().err.strip().splitlines()
        if not cut:
            assert code == 0, said
            break
        assert code == 1, said
        assert said[-1].startswith("tui-annotate: postgresql://"), said
        assert "psycopg" not in " ".join(said)
        assert n < PLACES[-1]
        assert server.run(f"SELECT count(*) FROM {store_schema(store)}.answers") == [(0,)]


def store_schema(store: Path) -> str:
    return str(store).rpartition("%3D")[2]
