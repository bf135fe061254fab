"""Runs `tui-annotate` commands in forks of a process that has loaded the program already.

Loading the program takes longer than most commands do, and the tests run thousands of them. A fork
has what a process of its own has: a session, a folder, an environment, streams, an end. Tests of
what a start loads, and those that send signals, start a process of their own all the same.

Whoever wants a command starts `command_client.py` in its place, a small program that hands its own
streams over and ends as the command ends, so that everything else about it is as usual.

    python -m tests.support.command_server SOCKET

serves until its standard input ends.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from functools import cache
from pathlib import Path
from typing import NoReturn

from tests.support.environment import PACKAGE, ROOT, clean_environment

_LOADED = ("tui_annotate.cli", "tui_annotate.store")
"""Packages whose modules are loaded before the first command comes."""

_LONGEST = 1 << 20
"""Bytes of a request; a kernel lets no more through in one message."""

_CLIENT = Path(__file__).with_name("command_client.py")


def client_argv(*arguments: str | Path) -> list[str]:
    """Return a command line that does what `tui-annotate ARGUMENTS` does, and starts sooner."""
    return [sys.executable, "-I", "-S", str(_CLIENT), _server(), *map(str, arguments)]


@cache
def _server() -> str:
    """Start the server of this process, and return where it listens; it ends with the process."""
    folder = tempfile.TemporaryDirectory(prefix="commands")
    place = Path(folder.name) / "socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.command_server", str(place)],
        env=clean_environment(Path(folder.name) / "home"),
        cwd=ROOT,
        stdin=subprocess.PIPE,
    )

    def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        folder.cleanup()

    atexit.register(end)
    until = time.monotonic() + 60
    while not place.exists():
        assert process.poll() is None and time.monotonic() < until, "the server does not start"
        time.sleep(0.01)
    return str(place)


def main(place: str) -> None:
    """Serve until standard input ends."""
    for package in _LOADED:
        for module in pkgutil.iter_modules([str(ROOT / package.replace(".", "/"))]):
            with contextlib.suppress(ImportError):  # what needs an extra is no loss
                importlib.import_module(f"{package}.{module.name}")
    gc.freeze()  # what is loaded stays, and no fork looks through it
    with (
        selectors.DefaultSelector() as selector,
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener,
    ):
        listener.bind(f"{place}-")
        listener.listen(64)
        Path(f"{place}-").rename(place)
        selector.register(0, selectors.EVENT_READ, sys.exit)
        selector.register(listener, selectors.EVENT_READ, lambda: _accept(listener, selector))
        while True:
            for key, _ in selector.select():
                key.data()


def _accept(listener: socket.socket, selector: selectors.BaseSelector) -> None:
    """Take one request, and start its command."""
    client, _ = listener.accept()
    request, streams, _, _ = socket.recv_fds(client, _LONGEST, 3)
    if not request:
        client.close()
        return
    number = os.fork()
    if number == 0:
        _run(request, streams)
    for each in streams:
        os.close(each)
    process = os.pidfd_open(number)

    def ended() -> None:
        selector.unregister(process)
        os.close(process)
        code = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
        with contextlib.suppress(OSError):
            client.send(b"%d" % code)
        with contextlib.suppress(KeyError):
            selector.unregister(client)
        client.close()

    def gone() -> None:
        """Whoever wanted the command was killed, because it took too long."""
        selector.unregister(client)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(number, signal.SIGKILL)

    selector.register(process, selectors.EVENT_READ, ended)
    selector.register(client, selectors.EVENT_READ, gone)


def _run(request: bytes, streams: list[int]) -> NoReturn:
    """Be the process of a command, to its end."""
    code = 1
    try:
        os.setsid()
        for place, each in enumerate(streams):
            os.dup2(each, place)
        os.closerange(3, 256)
        # What is asked for: folder, mask, number of arguments, these, and the variables.
        cwd, umask, count, *words = request.split(b"\0")
        os.chdir(cwd)
        os.umask(int(umask))
        arguments = [os.fsdecode(each) for each in words[: int(count)]]
        os.environ.clear()
        for variable in words[int(count) :]:
            key, _, value = variable.partition(b"=")
            os.environb[key] = value
        time.tzset()
        sys.argv = [str(PACKAGE / "__main__.py"), *arguments]
        sys.path[0] = os.fsdecode(cwd)
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            file = open(number, "wb" if number else "rb", closefd=False)  # noqa: SIM115
            errors = getattr(sys, name).errors
            stream = io.TextIOWrapper(file, "utf-8", errors, line_buffering=name == "stderr")
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
        code = _exit_code()
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(code)


def _exit_code() -> int:
    """Run the program as its own process would, with all that happens at its end."""
    from tui_annotate import __main__ as program

    code: object = 0
    try:
        program.main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # as an interpreter does at its end
    atexit._run_exitfuncs()
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    sys.stderr.write(f"{code}\n")
    return 1


if __name__ == "__main__":
    main(sys.argv[1])
