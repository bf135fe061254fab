"""A real OpenSSH server on loopback, with keys and settings of its own, and a client for it."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.support.environment import clean_environment

_SEPARATION = Path("/run/sshd")
"""Where the server, started by root, goes before anybody has logged in."""


def missing() -> str:
    """Return why no server can be run here; empty where one can."""
    for name in ("sshd", "ssh", "ssh-keygen"):
        if _program(name) is None:
            return f"{name} is not installed"
    return ""


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Server:
    """A server for the user who runs the test, and for nobody else.

    Args:
        folder: Where its keys and settings are written.
        settings: More lines of its configuration.

    Attributes:
        keys: The file that says which keys are let in.
    """

    def __init__(self, folder: Path, *settings: str) -> None:
        folder.mkdir(mode=0o700)
        self._folder = folder
        self._more = settings
        self.keys = folder / "authorized_keys"
        for name in ("host", "user"):
            self.make_key(name)
        self.keys.write_bytes((folder / "user.pub").read_bytes())
        if os.geteuid() == 0:
            _SEPARATION.mkdir(mode=0o755, exist_ok=True)
        self.port = 0
        self._process = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def make_key(self, name: str) -> Path:
        """Make a pair of keys for a client, and return the public one."""
        file = self._folder / name
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file))
        return file.with_suffix(".pub")

    def login(self, name: str = "user", *options: str, terminal: bool = True) -> list[str]:
        """Return the command line of a client that logs in by a key, and asks for no command.

        Args:
            name: The key, as it was made.
            options: More options of the client.
            terminal: Ask for a terminal there.
        """
        given = {
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
            "IdentitiesOnly": "yes",
            "BatchMode": "yes",
        }
        return [
            *(str(_program("ssh")), *(["-tt"] if terminal else []), "-F", "none"),
            *("-p", str(self.port), "-i", str(self._folder / name)),
            *(word for key, value in given.items() for word in ("-o", f"{key}={value}")),
            *options,
            f"{getpass.getuser()}@127.0.0.1",
        ]

    def force(self, command: str) -> None:
        """Have every client run `command`, whatever it asks for, as `authorized_keys` can say."""
        key = (self._folder / "user.pub").read_text()
        quoted = command.replace('"', '\\"')
        self.keys.write_text(f'restrict,pty,command="{quoted}" {key}')

    def client(self, argv: Sequence[str], home: Path, cwd: Path) -> list[str]:
        """Return the command line of a client that runs `argv` on the server, in a terminal."""
        environment = [f"{name}={value}" for name, value in clean_environment(home).items()]
        remote = shlex.join(["env", "-i", *environment, *argv])
        return [*self.login(), f"cd {shlex.quote(str(cwd))} && exec {remote}"]

    def wait_for_the_end(self, timeout: float = 30.0) -> None:
        """Wait until everything that was started over the network has ended.

        Raises:
            AssertionError: It did not.
        """
        process, deadline = psutil.Process(self._process.pid), time.monotonic() + timeout
        while left := process.children(recursive=True):
            assert time.monotonic() < deadline, f"still there: {left}"
            time.sleep(0.02)

    def _start(self) -> subprocess.Popen[bytes]:
        """Start it on a port that is free, and wait until it answers."""
        for _ in range(5):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
            config = self._folder / "config"
            config.write_text(self._settings())
            log = (self._folder / "log").open("wb")
            command = [str(_program("sshd")), "-D", "-e", "-f", str(config)]
            with log:
                process = subprocess.Popen(command, stderr=log)
            if self._answers(process):
                return process
            process.send_signal(signal.SIGKILL)
            process.wait()
        raise AssertionError((self._folder / "log").read_text())

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as link:
                    return link.recv(4) == b"SSH-"
            except OSError:
                time.sleep(0.05)
        return False

    def _settings(self) -> str:
        return "\n".join(
            (
                f"Port {self.port}",
                "ListenAddress 127.0.0.1",
                f"HostKey {self._folder / 'host'}",
                f"AuthorizedKeysFile {self.keys}",
                f"PidFile {self._folder / 'pid'}",
                "PubkeyAuthentication yes",
                "PasswordAuthentication no",
                "KbdInteractiveAuthentication no",
                "PermitRootLogin prohibit-password",
                "UsePAM no",
                "StrictModes no",
                "PrintMotd no",
                # What the user's own shell does at a login takes long on some machines, and is
                # killed with the client.
                f"SetEnv HOME={self._folder}",
                *self._more,
                "",
            )
        )


def _run(name: str, *arguments: str) -> None:
    subprocess.run([str(_program(name)), *arguments], check=True, stdin=subprocess.DEVNULL)
