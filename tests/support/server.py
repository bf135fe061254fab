"""A PostgreSQL server of the tests' own: in a folder and at a port of its own, ended with them."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.data_paths import store_path

PATIENCE = 60.0
"""Seconds that a server on a busy machine may take for its start or its end."""


def programs() -> Path | None:
    """Return the folder of the server's programs; None where there are none."""
    for name in (shutil.which("initdb"), *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))):
        if name is not None and (Path(name).resolve().parent / "postgres").exists():
            return Path(name).resolve().parent
    return None


def needed() -> Path:
    """Return the folder of the server's programs, or skip the test."""
    if find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed")
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed")
    return found


class Server:
    """A server that can be stopped, killed and started again.

    Args:
        folder: An empty folder that the server's user can reach.
        port: Its port on loopback.
        settings: More of its settings.
    """

    def __init__(self, folder: Path, port: int, **settings: object) -> None:
        self.port = port
        self._data, self._log = folder / "data", folder / "log"
        self._programs = needed()
        self._settings = {"fsync": "off", "max_connections": 40, **settings}
        # The server refuses to run as root.
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None
        self._lent = self._made = 0
        options = ("-D", self._data, "-U", "lead", "-A", "trust", "--no-locale", "-E", "UTF8", "-N")
        subprocess.run(
            [self._programs / "initdb", *options],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            **self._user,
        )

    def start(self, *, wait: bool = True) -> None:
        """Start it."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "shared_buffers": "32MB",
            **self._settings,
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-p", str(self.port), *options],
                stdout=log,
                stderr=log,
                cwd="/",
                **self._user,
            )
        if wait:
            self.wait()

    def wait(self) -> None:
        """Wait until it takes connections."""
        import psycopg

        until = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(self.name("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it at once (SIGINT), or kill it (SIGQUIT): what was committed is kept."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE)
            self._process = None

    def listen(self, network: str) -> None:
        """Take connections from a network of this machine too; it is started again for that."""
        with (self._data / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {network} trust\n")
        self._settings["listen_addresses"] = "*"
        self.stop()
        self.start()

    def name(self, database: str = "store", user: str = "lead", port: int | None = None) -> str:
        """Return the name of a database of it."""
        return f"postgresql://{user}@127.0.0.1:{port or self.port}/{database}"

    def run(self, *statements: str, database: str = "store") -> list[Any]:
        """Run statements, and return the rows of the last one."""
        import psycopg

        with psycopg.connect(self.name(database), autocommit=True) as link:
            for statement in statements:
                cursor = link.execute(statement)  # type: ignore[call-overload, unused-ignore]
            return list(cursor.fetchall()) if cursor.description else []

    def store(self, port: int | None = None) -> Path:
        """Return an empty store that nobody else has, until `empty`."""
        from tui_annotate.store.dialect.server import initialise

        schema = f"s{self._lent}"
        self._lent += 1
        place: Any = store_path(f"{self.name(port=port)}?options=-csearch_path%3D{schema}")
        if self._lent > self._made:
            initialise(place)
            self._made = self._lent
        found: Path = place
        return found

    def empty(self) -> None:
        """End all connections and empty all stores, which takes less time than making new ones."""
        from tui_annotate.store.dialect.translation import tables

        if not self._lent:
            return
        # Deleting some rows takes a tenth of the time of TRUNCATE, which makes new files.
        steps = []
        for n in range(self._lent):
            for table in ("writers", *reversed(tables())):
                steps.append(f"DELETE FROM s{n}.{table}")
            steps.append(
                "SELECT setval((schemaname || '.' || sequencename)::regclass, 1, false)"
                f" FROM pg_sequences WHERE schemaname = 's{n}' AND last_value IS NOT NULL"
            )
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = 'store' AND pid <> pg_backend_pid()",
            # No triggers: all rows of all tables go.
            f"BEGIN; SET LOCAL session_replication_role = replica; {'; '.join(steps)}; COMMIT",
        )
        self._lent = 0


def free_port() -> int:
    """Return a port of loopback that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(*, on_disk: bool = False, **settings: object) -> Iterator[Server]:
    """Start a server with an empty database `store`; it is gone at the end, with all its files.

    Args:
        on_disk: Its files are not kept in memory: what it takes is to be measured.
        settings: More of its settings.
    """
    needed()
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() and not on_disk else Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=place))
    folder.chmod(0o700)
    server = Server(folder, free_port(), **settings)
    try:
        server.start()
        server.run("CREATE DATABASE store", database="postgres")
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
