"""A server that goes away in the middle of decisions: each answer is stored, and stored once."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartsTerminal
from tests.session.support import Place, answer, draft
from tests.support.server import Server
from tui_annotate.session.opening import open_session
from tui_annotate.session.session import Session
from tui_annotate.store.database import open_store

pytestmark = pytest.mark.server

ORG = {"start": 0, "end": 4, "label": "ORG"}
TEXTS = [f"text {n}" for n in range(6)]


class Proxy:
    """Stands between a client and the server, and can swallow the reply to a commit.

    Args:
        port: The server's.

    Attributes:
        port: Where clients connect.
        swallow: How many replies to a COMMIT are still to be swallowed, with the connection.
        swallowed: How many were.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self.swallow = self.swallowed = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
                committing = threading.Event()
                for here, there, is_client in ((client, server, True), (server, client, False)):
                    threading.Thread(
                        target=self._pass, args=(here, there, is_client, committing), daemon=True
                    ).start()

    def _pass(
        self,
        here: socket.socket,
        there: socket.socket,
        is_client: bool,
        committing: threading.Event,
    ) -> None:
        with suppress(OSError), here, there:
            while data := here.recv(65536):
                if is_client and b"COMMIT" in data and self.swallow:
                    committing.set()
                if not is_client and committing.is_set():
                    self.swallow -= 1
                    self.swallowed += 1
                    break
                there.sendall(data)
            for each in (here, there):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take no further connections."""
        self._listening.close()


@contextmanager
def session_at(place: Place, store: Path, told: list[str]) -> Iterator[Session]:
    """Open a session that waits for the server as the face does, and notes for whom it waits."""
    from tests.session.support import make_job

    opened = open_session(open_store(store, timeout=1.0), make_job(place.source), "anna")
    session = Session(opened, wait=told.append)
    session.start()
    yield session
    session.close()


def stored(server: Server, store: Path) -> Counter[str]:
    with open_store(store, readonly=True) as opened:
        found = opened._connection.read("SELECT content FROM answers")
    return Counter(text for text in TEXTS for (content,) in found if f'"{text}"' in content)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, TEXTS)


@pytest.fixture
def store(server: Server) -> Iterator[Path]:
    yield server.store()
    server.empty()


def later(seconds: float, call: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, call)
    timer.start()
    return timer


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "killed"])
def test_an_answer_waits_for_a_server_that_is_restarted(
    place: Place, store: Path, server: Server, how: signal.Signals
) -> None:
    told: list[str] = []
    with session_at(place, store, told) as session:
        for n, _ in enumerate(TEXTS):
            if n in (1, 3):
                session.keep_draft(draft(ORG))
                server.stop(how)
                started = later(0.5, lambda: server.start(wait=False))
                answer(session, spans=[ORG])
                started.join()
                server.wait()
            else:
                answer(session)
        assert session.item is None
    assert "the server, which does not answer" in told
    assert stored(server, store) == dict.fromkeys(TEXTS, 1)


def test_a_reply_to_the_commit_that_is_lost_stores_the_answer_once(
    place: Place, store: Path, server: Server
) -> None:
    proxy = Proxy(server.port)
    by_proxy = str(store).replace(f":{server.port}/", f":{proxy.port}/")
    try:
        with session_at(place, _named(by_proxy), []) as session:
            for n, _ in enumerate(TEXTS):
                proxy.swallow = 1 if n % 2 else 0
                answer(session)
            assert session.item is None
            assert session.counts().answered["accept"] == len(TEXTS)
    finally:
        proxy.close()
    assert proxy.swallowed == len(TEXTS) // 2
    assert stored(server, store) == dict.fromkeys(TEXTS, 1)


def test_a_connection_cut_anywhere_in_a_transaction_stores_the_answer_once(
    place: Place, store: Path, server: Server
) -> None:
    with session_at(place, store, []) as session:
        dialect: Any = session.opened.store._connection.dialect
        for n, _ in enumerate(TEXTS):
            execute, left = dialect.execute, [n]

            def cut(
                sql: str, parameters: Any, execute: Any = execute, left: list[int] = left
            ) -> Any:
                left[0] -= 1
                if left[0] == 0:
                    with open_store(store) as other:
                        pid = dialect.db.info.backend_pid
                        other._connection.read(f"SELECT pg_terminate_backend({pid})")
                return execute(sql, parameters)

            dialect.execute = cut
            answer(session)
            dialect.execute = execute
        assert session.item is None
    assert stored(server, store) == dict.fromkeys(TEXTS, 1)


def test_an_answer_waits_for_its_turn_to_be_written_as_long_as_that_takes(
    place: Place, store: Path, server: Server
) -> None:
    import psycopg

    told: list[str] = []
    with session_at(place, store, told) as session:
        dialect: Any = session.opened.store._connection.dialect
        with psycopg.connect(_conninfo(store), autocommit=True) as other:
            other.execute(f"SELECT pg_advisory_lock({dialect._lock})")
            released = later(
                2.5, lambda: other.execute(f"SELECT pg_advisory_unlock({dialect._lock})")
            )
            answer(session)  # its time-out is one second
            released.join()
        while session.item is not None:
            answer(session)
    assert set(told) == {"another session that writes"}
    assert stored(server, store) == dict.fromkeys(TEXTS, 1)


def test_what_psycopg_logs_of_broken_connections_is_not_written_on_the_screen(
    store: Path, server: Server
) -> None:
    code = f"""
import logging
from tui_annotate.store.database import open_store
with open_store({_conninfo(store)!r}) as opened, opened.write_txn():
    logging.getLogger("psycopg").warning("error ignored terminating a pipeline")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout + done.stderr == ""


def test_an_answer_waits_until_there_is_a_connection_again(
    place: Place, store: Path, server: Server
) -> None:
    import psycopg

    told: list[str] = []
    taken = []
    with session_at(place, store, told) as session:
        answer(session)
        pid = session.opened.store._connection.db.info.backend_pid
        try:
            while True:
                taken.append(psycopg.connect(server.name()))
        except psycopg.OperationalError as error:
            assert "too many" in str(error) or "slots" in str(error)
        taken[0].execute(f"SELECT pg_terminate_backend({pid})")
        taken.append(psycopg.connect(server.name()))

        def leave() -> None:
            for each in taken:
                each.close()

        left = later(0.5, leave)
        answer(session)
        left.join()
        assert "the server, which does not answer" in told
        while session.item is not None:
            answer(session)
    assert stored(server, store) == dict.fromkeys(TEXTS, 1)


def _conninfo(store: Path) -> str:
    found: Any = store
    return str(found.conninfo)


def _named(name: str) -> Path:
    from tui_annotate.data_paths import store_path

    return store_path(name)


@pytest.mark.terminal
def test_on_screen_the_answer_stays_and_comes_by_itself(
    tmp_path: Path, store: Path, server: Server, place: Place, annotate: StartsTerminal
) -> None:
    env = {"TUI_ANNOTATE_DB": str(store), "TUI_ANNOTATE_ANNOTATOR": "anna"}
    arguments = ("ner.manual", "my_set", place.source, "--label", "ORG,LOC")
    with annotate(*arguments, env=env) as screen:
        screen.wait_for("text 0")
        screen.press("a")
        screen.wait_for("text 1")
        server.stop(signal.SIGQUIT)
        screen.press("a")
        screen.wait_for("does not answer")
        assert "text 1" in screen.screen_text()
        server.start()
        screen.wait_for("text 2")
        screen.press("a")
        screen.wait_for("text 3")
        screen.press("q")
        screen.wait_for("q again leaves")
        screen.press("q")
        assert screen.wait_exit() == 0
    assert stored(server, store) == dict.fromkeys(TEXTS[:3], 1)
