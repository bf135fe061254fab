"""Annotators who log in by their keys to a real server: they work, and they attack it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.proof.server import Server, missing
from tests.session.support import write_rows
from tui_annotate.store.database import open_store

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(bool(missing()), reason=missing() or "there is a server"),
]

PROJECT = """
recipe = "ner.manual"
dataset = "people"
source = "rows.jsonl"
labels = ["PERSON"]
identity = "key"
"""

PERMISSIVE = (
    "Subsystem sftp internal-sftp",
    # Not `*`: what the shell itself obeys no line can take back, and `ssh-key add` says so.
    "AcceptEnv LANG LC_* LESSOPEN PAGER EDITOR VISUAL BROWSER PYTHONBREAKPOINT TUI_* XDG_*",
    "AcceptEnv PYTHONINSPECT PYTHONSTARTUP TERMINFO TMPDIR PG* SSH_* TEXTUAL* PRODIGY_*",
    "AllowTcpForwarding yes",
    "AllowStreamLocalForwarding yes",
    "AllowAgentForwarding yes",
    "GatewayPorts yes",
    "PermitTunnel yes",
    "X11Forwarding yes",
)
"""Everything that a careless host could allow; a line of `ssh-key add` takes it back."""


class Team:
    """A project whose annotators log in by keys.

    Args:
        folder: An empty folder.
        home: The home of the account that they share.
        server: Lets them in.
        rows: How many tasks there are.
    """

    def __init__(self, folder: Path, home: Path, server: Server, rows: int) -> None:
        self.server = server
        self.folder = folder / "project"
        self.folder.mkdir()
        self.texts = [f"Row {n} of them." for n in range(1, rows + 1)]
        write_rows(self.folder / "rows.jsonl", self.texts)
        (self.folder / "tui-annotate.toml").write_text(PROJECT)
        self.database = self.folder / "store" / "annotations.db"
        self._home = home
        server.keys.unlink()

    def let_in(self, headless: RunsHeadless, name: str) -> None:
        """Let somebody in by a key that is made now."""
        public = self.server.make_key(name)
        words = ("--write", "--file", self.server.keys, "--folder", self.folder)
        done = headless("ssh-key", "add", name, public, *words)
        assert done.returncode == 0, done.stderr
        # A login has the account's own home; here it is the test's.
        lines = self.server.keys.read_text().replace("&& exec ", f"&& HOME={self._home} exec ")
        self.server.keys.write_text(lines)

    def answers(self) -> list[tuple[str, str]]:
        """Return who has given each answer that stands, and to which text."""
        with open_store(self.database, readonly=True) as store:
            found = list(store.answers.iterate(1))
        return [(each.annotator, json.loads(each.record.content)["text"]) for each in found]

    def programs(self) -> list[psutil.Process]:
        """Return the programs of those who are logged in."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if "--restricted" in words and "python" in words[0]:
                found.append(process)
        return [each for each in found if each.cwd() == str(self.folder)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "server", *PERMISSIVE) as made:
        yield made


def test_three_people_at_once_of_whom_one_is_killed_one_stalls_and_one_comes_late(
    tmp_path: Path, home: Path, server: Server, headless: RunsHeadless, terminal: StartsTerminal
) -> None:
    team = Team(tmp_path, home, server, 8)
    for name in ("ann1", "ann2", "ann3"):
        team.let_in(headless, name)
    client = tmp_path / "client"
    with (
        terminal(*server.login("ann1"), home=client) as first,
        terminal(*server.login("ann2"), home=client) as second,
    ):
        first.wait_for("Row ")
        second.wait_for("Row ")
        stalled = next(each for each in team.programs() if "ann2" in each.cmdline())
        first.press("a")
        first.wait_for("1 done")
        # The link of one goes in the middle of a span, that of the other stalls with its program.
        first.type("v l")
        first.kill()
        second.signal(signal.SIGSTOP)
        stalled.suspend()
        with terminal(*server.login("ann3"), home=client) as third:
            for n in range(1, 7):
                third.wait_for("Row ")
                third.press("a")
                third.wait_for(f"{n} done")
            third.wait_for("Nothing left for you right now: 1 task is")
            stalled.resume()
            second.signal(signal.SIGCONT)
            second.press("a")
            third.wait_for("All done.")
            second.wait_for("1 done")
    answers = team.answers()
    assert Counter(text for _, text in answers) == dict.fromkeys(team.texts, 1)
    assert Counter(name for name, _ in answers) == {"ann1": 1, "ann2": 1, "ann3": 6}


def test_who_is_cut_off_in_the_middle_of_a_span_is_at_the_same_task_again(
    tmp_path: Path, home: Path, server: Server, headless: RunsHeadless, terminal: StartsTerminal
) -> None:
    team = Team(tmp_path, home, server, 3)
    team.let_in(headless, "ann1")
    client = tmp_path / "client"
    with terminal(*server.login("ann1"), home=client) as screen:
        screen.wait_for("Row 1")
        screen.type("1")
        screen.wait_for("└PERSON")
        screen.type("l v l")  # a second span is begun, and not labelled
        screen.kill()
    gone = [each for each in team.programs() if "ann1" in each.cmdline()]
    psutil.wait_procs(gone, timeout=30)
    with terminal(*server.login("ann1"), home=client) as screen:
        shown = screen.wait_for("Row 1")
        screen.wait_for("└PERSON")
        screen.type("a")
        screen.wait_for("1 done")
        screen.type("q q")
        assert screen.wait_exit() == 0
        assert "Log in again to continue" in screen.screen_text(), shown
    with open_store(team.database, readonly=True) as store:
        found = [json.loads(each.record.content) for each in store.answers.iterate(1)]
    assert [(each["text"], len(each["spans"])) for each in found] == [("Row 1 of them.", 1)]


@pytest.mark.parametrize("keys", [b"\x03", b"\x1c", b"\x1a", b"\x04", b"\x1b[200~sh\r", b"~C!sh\r"])
def test_no_key_that_is_held_from_the_first_moment_on_leaves_anything_open(
    keys: bytes,
    tmp_path: Path,
    home: Path,
    server: Server,
    headless: RunsHeadless,
    terminal: StartsTerminal,
) -> None:
    """What the terminal itself obeys comes before the program has set it: nothing is behind it."""
    team = Team(tmp_path, home, server, 3)
    team.let_in(headless, "ann1")
    marks = b"echo rea''ched\r"
    with terminal(*server.login("ann1"), home=tmp_path / "client") as screen:
        for _ in range(40):
            screen.send(keys)
            time.sleep(0.02)
        screen.send(marks)
        time.sleep(0.5)
        shown = screen.raw
        screen.kill()
    for bad in (b"Traceback", b"reached", b"$ ", b"# "):
        assert bad not in shown, shown[-300:]
    psutil.wait_procs(team.programs(), timeout=30)
    assert not team.programs()


def test_nobody_who_logs_in_gets_anything_but_the_own_session(
    tmp_path: Path, home: Path, server: Server, headless: RunsHeadless
) -> None:
    """On a host that allows everything. The attacks run at once: each is a program that starts."""
    team = Team(tmp_path, home, server, 3)
    team.let_in(headless, "ann1")
    secret = tmp_path / "secret"
    secret.write_text("nobody is to read this")
    hostile = tmp_path / "hostile.py"
    hostile.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    got = tmp_path / "got"
    address = f"127.0.0.1:{server.port}"
    variables = (
        "LESSOPEN=|id PAGER=sh EDITOR=sh VISUAL=sh BROWSER=sh PYTHONBREAKPOINT=os.system"
        f" TUI_ANNOTATE_DB={tmp_path}/other.db TUI_ANNOTATE_ANNOTATOR=ann2"
        f" XDG_DATA_HOME={tmp_path} XDG_CONFIG_HOME={tmp_path} PRODIGY_HOME={tmp_path}"
    )
    attacks: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
        "a shell": ((), ("sh", "-i")),
        "a file": ((), ("cat", str(secret))),
        "a recipe file": ((), ("--", "-F", str(hostile))),
        "another's session": ((), ("--", "--as", "ann2")),
        "more than the shell reads": ((), (f"; cat {secret}; $(cat {secret}) `cat {secret}`",)),
        "a long command": ((), ("x" * 100_000,)),
        "sftp": (("-s",), ("sftp",)),
        "another subsystem": (("-s",), ("netconf",)),
        "a connection through the host": (("-W", address), ()),
        "a port of the host": (("-N", "-o", "ExitOnForwardFailure=yes", "-R", "0:" + address), ()),
        "a socket of the host": (
            ("-N", "-o", "ExitOnForwardFailure=yes", "-R", f"{tmp_path}/socket:{address}"),
            (),
        ),
        "an interpreter": (("-o", "SetEnv=PYTHONINSPECT=1 PYTHONSTARTUP=" + str(hostile)), ()),
        "variables": (("-o", f"SetEnv={variables}"), ()),
        "an agent and a display": (("-A", "-X"), ()),
        "a proxy": (("-N", "-o", "ExitOnForwardFailure=yes", "-R", "0"), ()),
        "a former protocol's words": ((), ("SSH_ORIGINAL_COMMAND=sh", "sh")),
        "a line of its own": ((), ("a\nsh -c 'cat " + str(secret) + "'\n",)),
        "a terminal that is a path": (("-o", "SetEnv=TERM=../../../../etc/passwd"), ()),
        "a language that is a path": (("-o", f"SetEnv=LC_ALL=../../..{tmp_path}"), ()),
        "another link": (("-o", "SetEnv=SSH_CONNECTION= SSH_ORIGINAL_COMMAND=sh"), ()),
        "another server": (("-o", "SetEnv=PGHOSTADDR=127.0.0.1 PGSERVICE=other"), ()),
        "a driver of the screen": (
            ("-o", f"SetEnv=TEXTUAL_DRIVER=hostile:D TEXTUAL_LOG={got}"),
            (),
        ),
    }
    running = {}
    for name, (options, asked) in attacks.items():
        argv = [*server.login("ann1", *options, terminal=False), *asked]
        running[name] = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    scp = shutil.which("scp")
    if scp is not None:
        _, *words, host = server.login("ann1", terminal=False)
        words[words.index("-p")] = "-P"
        for old in ((), ("-O",)):
            copy = [scp, *old, *words, f"{host}:{secret}", str(got)]
            running[f"a copy {old}"] = subprocess.Popen(
                copy, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
    for name, process in running.items():
        out, err = process.communicate(b"a\nsh\nimport os\n:q\n", timeout=120)
        assert process.returncode != 0, name
        assert not out and b"this" not in err, name
        assert b"Traceback" not in err and b"\x1b" not in err, name
    for made in (got, tmp_path / "ran", tmp_path / "other.db", tmp_path / "socket"):
        assert not made.exists()
    assert not team.database.exists()
