"""Runs commands in forks of one process, each ended at one of the changes that it makes.

Forks, because an interpreter takes half a second to start, and a command makes dozens of changes.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

_NAMES = ("os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir")
_READS = ("SELECT", "PRAGMA", "WITH", "SAVEPOINT", "RELEASE")


class Ended(NamedTuple):
    """A command that has ended.

    Attributes:
        code: Its exit code; that of a signal is negative.
        changes: How many changes it has made, or begun where it was ended.
        stderr: What it has said.
    """

    code: int
    changes: int
    stderr: str


class Forks:
    """Runs commands in a folder whose database is `store/a.db`."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    def run(
        self,
        folder: Path,
        *arguments: str,
        ended_by: signal.Signals = signal.SIGKILL,
        at: int = 0,
        answers_each: int = 10_000,
    ) -> Ended:
        """Run a command to its end, or send it a signal just before one of its changes.

        Args:
            folder: Where it runs.
            arguments: Its command line.
            ended_by: The signal.
            at: The number of the change, from 1; 0 for none.
            answers_each: How many answers an import writes in one transaction.
        """
        stdin, stdout = self._server.stdin, self._server.stdout
        assert stdin is not None
        assert stdout is not None
        asked = (str(folder), int(ended_by), at, answers_each, arguments)
        stdin.write(json.dumps(asked) + "\n")
        stdin.flush()
        code, changes = json.loads(stdout.readline())
        return Ended(code, changes, (folder / "stderr").read_text())


@contextmanager
def forks(home: Path) -> Iterator[Forks]:
    """Start the process that is forked; it has loaded the commands."""
    argv = [sys.executable, "-m", __name__]
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": os.getcwd()}  # noqa: PTH109
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True, env=environment) as server:
        yield Forks(server)


def _serve() -> None:
    import tui_annotate.cli.db_in
    import tui_annotate.cli.db_merge
    import tui_annotate.cli.drop
    import tui_annotate.cli.labels
    import tui_annotate.cli.store
    import tui_annotate.store.database  # noqa: F401

    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            _run(writing, *json.loads(line))
        os.close(writing)
        with os.fdopen(reading, "rb") as counted:
            changes = len(counted.read())
        _, status = os.waitpid(child, 0)
        print(json.dumps((os.waitstatus_to_exitcode(status), changes)), flush=True)


def _run(counted: int, folder: str, number: int, at: int, each: int, words: list[str]) -> None:
    """Run a command in this process, a fork, and end it."""
    code = 99
    try:
        os.chdir(folder)
        os.environ["TUI_ANNOTATE_DB"] = f"{folder}/store/a.db"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(0, 1)
        os.dup2(os.open("stderr", flags, 0o600), 2)
        sys.argv = ["tui-annotate", *words]
        from tui_annotate.cli.main import run
        from tui_annotate.exchange import importer

        importer.PIECE = each
        _signal_at(counted, number, at)
        code = run(words)
        sys.stderr.flush()
    finally:
        os._exit(code)


def _signal_at(counted: int, number: int, at: int) -> None:
    """Write one byte for each change, and have the signal come just before that of a number."""
    from tui_annotate.store.sqlite_binding import sqlite3

    last, changes = "", 0

    def change(what: str) -> None:
        nonlocal last, changes
        if what == last:
            return  # a thousand rows of one table are one change
        last, changes = what, changes + 1
        os.write(counted, b".")
        if changes == at:
            os.kill(os.getpid(), number)

    def hook(event: str, arguments: Any) -> None:
        if event in _NAMES:
            change(f"{event} {arguments[0]}")

    def statement(sql: str) -> None:
        words = sql.split()[:3]
        if words[0].upper() not in _READS:
            change(" ".join(words))

    class Counting(sqlite3.Connection):
        def execute(self, sql: str, *rest: Any) -> Any:
            statement(sql)
            return super().execute(sql, *rest)

        def executemany(self, sql: str, *rest: Any) -> Any:
            statement(sql)
            return super().executemany(sql, *rest)

    connect = sqlite3.connect

    def counting(*arguments: Any, **options: Any) -> Any:
        return connect(*arguments, factory=Counting, **options)

    sqlite3.connect = counting
    sys.addaudithook(hook)


if __name__ == "__main__":
    _serve()
