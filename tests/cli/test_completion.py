"""Completion of command lines, in a real bash."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless
from tests.support.environment import annotate_argv, clean_environment
from tui_annotate.cli.command_table import COMMANDS
from tui_annotate.cli.completion import SHELLS
from tui_annotate.cli.man_page import man_page
from tui_annotate.recipes.registry import recipe_names

BASH = shutil.which("bash")
GROFF = shutil.which("groff")
MACROS = {".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".BR", ".br", ".nf", ".fi"}


def test_the_manual_page_has_every_command_and_recipe() -> None:
    page = man_page()
    lines = page.splitlines()
    assert {line.split()[0] for line in lines if line.startswith((".", "'"))} <= MACROS
    plain = page.replace("\\-", "-")
    for name in COMMANDS:
        assert f"\n.SS {name}" in plain, name
    for name in recipe_names():
        assert f"\\fB{name}\\fR" in plain, name
    assert "\\fB-l, --label, --labels A,B\\fR" in plain  # an option of find
    assert "~/.local/share/man/man1/tui-annotate.1" in plain


@pytest.mark.skipif(GROFF is None, reason="groff is not installed")
def test_the_formatter_has_nothing_to_say_about_the_manual_page() -> None:
    command = [str(GROFF), "-man", "-Tutf8", "-ww", "-Kutf8"]
    done = subprocess.run(command, input=man_page(), capture_output=True, text=True, check=True)
    assert not done.stderr and "tui-annotate" in done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_a_script(headless: RunsHeadless, shell: str) -> None:
    done = headless("completion", shell)
    assert done.returncode == 0
    assert "_TUI_ANNOTATE_COMPLETE" in done.stdout and "tui-annotate" in done.stdout


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_bash_completes_commands_options_and_datasets(
    headless: RunsHeadless, tmp_path: Path, home: Path
) -> None:
    row = {"text": "Ada", "answer": "accept", "spans": []}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    assert headless("db-in", "my_set", tmp_path / "rows.jsonl").returncode == 0
    program = tmp_path / "tui-annotate"
    program.write_text(f'#!/bin/sh\nexec {" ".join(annotate_argv())} "$@"\n')
    program.chmod(0o755)
    lines = ["ner.man", "ner.manual --keym", "ner.manual my", "ner.manual --label A my", "db-"]
    script = [f'PATH="{tmp_path}:$PATH"', 'eval "$(tui-annotate completion bash)"']
    for line in lines:
        words = ["tui-annotate", *line.split(" ")]
        script += [
            f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; COMPREPLY=()",
            '_tui_annotate_completion tui-annotate; echo "${COMPREPLY[@]}"',
        ]
    done = subprocess.run(
        [str(BASH), "--norc", "-c", "\n".join(script)],
        env=clean_environment(home),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "ner.manual",
        "--keymap",
        "my_set",
        "my_set",
        "db-in db-merge db-out",
    ]
    assert done.stderr == ""
