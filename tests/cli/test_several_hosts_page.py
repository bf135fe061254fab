"""Every command of "From one host to several in fifteen minutes" is run, on two hosts."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.recipes.support import write_jsonl
from tests.support.environment import ROOT, run_headless
from tests.support.server import Server, needed
from tests.support.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.server]

PAGE = Path(__file__).parents[2] / "docs" / "several-hosts.md"

LOGIN = """
import os, pwd
from pathlib import Path
found = pwd.getpwuid(os.getuid())
pwd.getpwuid = lambda uid: pwd.struct_passwd((os.environ["LOGNAME"], *tuple(found)[1:]))
from tui_annotate.store import host
host._BOOT_ID = Path(__file__).with_name("boot_id")
"""
"""What makes a process one of another login, and of another machine."""


class Host:
    """A machine of its own, as far as programs can tell.

    Args:
        name: Its name.
        folder: A folder for all that it has.
        server: Where the server is, seen from there, as `HOST:PORT`.
        enter: What stands in front of a command that is to run there.
    """

    def __init__(self, name: str, folder: Path, server: str, enter: list[str]) -> None:
        self.home, self.project, self.enter = folder / "home", folder / "project", enter
        self._server = server
        programs = folder / "programs"
        programs.mkdir(parents=True)
        (programs / "sitecustomize.py").write_text(LOGIN)
        (programs / "boot_id").write_text(f"{name}\n")
        tool = programs / "tui-annotate"
        tool.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m tui_annotate "$@"\n')
        tool.chmod(0o755)
        self._path = f"{programs}:{needed()}:/usr/bin:/bin"
        self._python = f"{programs}:{ROOT}"

    def login(self, name: str) -> dict[str, str | None]:
        """Return the environment of a login there."""
        port = self._server.partition(":")[2]
        return {
            "PATH": self._path,
            "PYTHONPATH": self._python,
            "LOGNAME": name,
            "PGUSER": name,
            "PGPORT": port,
            "TUI_ANNOTATE_ANNOTATOR": None,
        }

    def run(self, script: str, name: str) -> str:
        """Run commands of the page in the project's folder; return what they said."""
        script = script.replace("db.example", self._server.partition(":")[0])
        command = [*self.enter, "sh", "-ec", script]
        done = run_headless(command, self.home, cwd=self.project, env=self.login(name))
        assert done.returncode == 0, script + done.stdout + done.stderr
        return done.stdout + done.stderr


@contextmanager
def networks(server: Server) -> Iterator[list[tuple[str, list[str]]]]:
    """Make two network namespaces that reach the server, where that is allowed: for each the
    address of the server, and what enters it. Else loopback, which both share."""
    shared = [("127.0.0.1", list[str]())] * 2
    if os.geteuid() != 0 or shutil.which("ip") is None:
        yield shared
        return
    made: list[str] = []
    found: list[tuple[str, list[str]]] = []

    def ip(*words: str, check: bool = True) -> int:
        return subprocess.run(["ip", *words], capture_output=True, check=check).returncode

    try:
        for number in range(2):
            name, net = f"ta{os.getpid()}-{number}", f"10.213.{number}"
            if ip("netns", "add", name, check=False) != 0:
                break
            made.append(name)
            ip("link", "add", f"{name}h", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("addr", "add", f"{net}.1/24", "dev", f"{name}h")
            ip("link", "set", f"{name}h", "up")
            ip("-n", name, "addr", "add", f"{net}.2/24", "dev", "eth0")
            for device in ("eth0", "lo"):
                ip("-n", name, "link", "set", device, "up")
            found.append((f"{net}.1", ["ip", "netns", "exec", name]))
        if len(found) == 2:
            server.listen("10.213.0.0/16")
            yield found
        else:
            yield shared
    finally:
        for name in made:
            ip("netns", "del", name, check=False)


def blocks() -> list[str]:
    """Return the blocks of commands of the page, each as one script."""
    return re.findall(r"```sh\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


def test_every_command_of_the_page(
    tmp_path: Path, server: Server, terminal: StartsTerminal
) -> None:
    moving, people, second, working = blocks()
    server.run("CREATE ROLE head LOGIN CREATEDB CREATEROLE")
    with networks(server) as places:
        hosts = [
            Host(name, tmp_path / name, f"{address}:{server.port}", enter)
            for name, (address, enter) in zip(("here", "there"), places, strict=True)
        ]
        here, there = hosts
        here.project.mkdir()
        write_jsonl(here.project / "news.jsonl", [{"text": f"Anna met Ben {n}"} for n in range(4)])
        asked = "tui-annotate init --yes --label PERSON --dataset people --annotations-per-task 2"
        here.run(asked, "head")

        def log_in(host: Host, name: str) -> Terminal:
            command = (*host.enter, "tui-annotate")
            return terminal(*command, cwd=host.project, env=host.login(name))

        # On one host, in a file: an answer and a draft.
        with log_in(here, "ann1") as screen:
            screen.wait_for("Anna met Ben 0")
            screen.type("1 a")
            screen.wait_for("Anna met Ben 1")
            screen.type("1")
            screen.wait_for("PERSON")
            screen.type("q q")
            assert screen.wait_exit() == 0
        said = here.run(moving, "head")
        assert "has 1 answers" in said
        assert "in order" in here.run(people, "head")
        shutil.copytree(here.project, there.project)
        if places[0] != places[1]:  # the server has another address there
            file = there.project / "tui-annotate.toml"
            file.write_text(file.read_text().replace(places[0][0], places[1][0]))
        assert "The server shows annotators their own answers only" in there.run(second, "ann3")
        # The draft is there; the others get what is to be had, on two hosts at once.
        people_there = [log_in(here, "ann1"), log_in(here, "ann2"), log_in(there, "ann3")]
        for screen in people_there:
            screen.wait_for("Anna met Ben 1" if screen is people_there[0] else "Anna met Ben")
        done = dict(zip(people_there, (1, 0, 0), strict=True))
        left = list(people_there)
        while left:
            for screen in list(left):
                text = screen.screen_text()
                if "All done" in text:
                    left.remove(screen)
                elif re.search(r"^\s*Anna met Ben", text, re.MULTILINE):
                    screen.type("a")
                    done[screen] += 1
                    screen.wait_for(f"{done[screen]} done")
                else:
                    time.sleep(0.1)  # what is left is in the hands of others
        for screen in people_there:
            screen.type("q q")
            assert screen.wait_exit() == 0
        said = here.run(working, "head")
        assert "ann3" in said
        # Nobody but the lead reads what others have answered, whatever the file says.
        assert '"ann2"' not in here.run("tui-annotate db-out people", "ann1")
    lines = (tmp_path / "here" / "people.jsonl").read_text().splitlines()
    answers = [json.loads(line) for line in lines]
    given = Counter((each["text"], each["_annotator_id"]) for each in answers)
    assert set(given.values()) == {1}
    assert Counter(text for text, _ in given) == {f"Anna met Ben {n}": 2 for n in range(4)}
    assert {name for _, name in given} == {"ann1", "ann2", "ann3"}
    drafted = [each for each in answers if each.get("spans") and each["text"] == "Anna met Ben 1"]
    assert [each["_annotator_id"] for each in drafted] == ["ann1"]
    assert (tmp_path / "here" / "annotations.db").exists()
