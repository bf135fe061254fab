"""Every command of "A team in fifteen minutes" is run, in its order, and the logins it makes."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.cli.test_ssh_key import blob
from tests.conftest import StartsTerminal
from tests.recipes.support import write_jsonl
from tests.support.environment import run_headless
from tui_annotate.cli.authorized_keys import lines_of_ours, read_lines

pytestmark = pytest.mark.terminal

PAGE = Path(__file__).parents[2] / "docs" / "team.md"


def steps() -> list[str]:
    """Return the blocks of commands of the page, each as one script."""
    return re.findall(r"```sh\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


def test_every_command_of_the_page(home: Path, terminal: StartsTerminal) -> None:
    tool = home / "tools" / "tui-annotate"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m tui_annotate "$@"\n')
    tool.chmod(0o755)
    login = {"PATH": f"{tool.parent}:/usr/bin:/bin", "TUI_ANNOTATE_ANNOTATOR": None}
    write_jsonl(home / "news.jsonl", [{"text": f"Anna met Ben {n}"} for n in range(2)])
    for number, name in enumerate(("ann1", "ann2")):
        key = blob("ssh-ed25519", bytes([number] * 32))
        (home / f"{name}.pub").write_text(f"ssh-ed25519 {key} {name}\n")

    said = []

    def run(script: str) -> None:
        folder = home if script.startswith("mkdir") else home / "project"
        done = run_headless(["sh", "-ec", script], home, cwd=folder, env=login)
        assert done.returncode == 0, script + done.stdout + done.stderr
        said.append(done.stdout + done.stderr)

    blocks = steps()
    work = next(at for at, block in enumerate(blocks) if "tui-annotate who" in block)
    for block in blocks[:work]:
        run(block)
    lines = list(lines_of_ours(read_lines(home / ".ssh" / "authorized_keys")))
    assert [each.name for each in lines] == ["ann1", "ann2"]
    for each in lines:
        with terminal("sh", "-c", each.command, cwd=home, env=login) as screen:
            screen.wait_for("Anna met Ben 0")
            screen.type("1 a" if each.name == "ann1" else "a")
            screen.wait_for("Anna met Ben 1")
            screen.type("a q q")
            screen.wait_exit()
    for block in blocks[work:]:
        run(block)
    answers = [json.loads(line) for line in (home / "people.jsonl").read_text().splitlines()]
    people = sorted((each["_annotator_id"], each["text"]) for each in answers)
    assert len(people) == 4
    assert {name for name, _ in people} == {"ann1", "ann2"}
    assert (home / "backup.db").exists()
    assert "annotate.example.org" in "".join(said)
