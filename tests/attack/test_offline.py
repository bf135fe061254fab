"""`offline = true`: whoever asks for a connection gets none, and one line says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.session.support import write_rows
from tests.support.environment import annotate_argv, run_headless

pytestmark = pytest.mark.quick

RECIPE = """
import asyncio, os, socket
import tui_annotate as ta

@ta.recipe("sends", how=("How", "positional"))
def sends(how):
    if how == "local":
        socket.socketpair()[0].close()
        asyncio.run(asyncio.sleep(0))
        print("local sockets work", os.environ["HF_HUB_OFFLINE"])
    elif how == "name":
        socket.getaddrinfo("localhost", 80)
    elif how == "http":
        import urllib.request
        urllib.request.urlopen("http://127.0.0.1:9/")
    else:
        socket.socket(getattr(socket, how), socket.SOCK_DGRAM)
"""


def sends(home: Path, how: str, setting: str = "true") -> tuple[int, str]:
    (home / "sends.py").write_text(RECIPE)
    (home / "tui-annotate.toml").write_text(f"offline = {setting}\n")
    done = run_headless(annotate_argv("sends", how, "-F", "sends.py", "--no-compat"), home)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("how", ["AF_INET", "AF_INET6", "name", "http"])
def test_no_recipe_opens_a_connection(how: str, home: Path) -> None:
    code, said = sends(home, how)
    assert code != 0
    assert "the setting `offline` forbids it" in said
    assert "Traceback" not in said


def test_sockets_of_this_machine_work(home: Path) -> None:
    code, said = sends(home, "local")
    assert "local sockets work 1" in said, (code, said)


def test_without_the_setting_sockets_are_not_touched(home: Path) -> None:
    _, said = sends(home, "AF_INET", "false")
    assert "offline" not in said


@pytest.mark.terminal
def test_a_session_needs_no_connection(annotate: StartsTerminal, home: Path) -> None:
    (home / "tui-annotate.toml").write_text("offline = true\n")
    screen = annotate("mark", "s", write_rows(home / "a.jsonl", ["One.", "Two."]))
    screen.wait_for("One.")
    screen.settle()
    screen.press("a")
    screen.wait_for("Two.")
    screen.settle()
    screen.type("q q")
    assert screen.wait_exit() == 0
    assert screen.left_sane()
