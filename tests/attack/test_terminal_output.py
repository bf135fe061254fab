"""What is stored never acts on a terminal, whichever command prints it; pipes get it whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import RunsHeadless, StartsTerminal
from tui_annotate.text.safe import safe_json, safe_lines

EVIL = "one \x1b]0;owned\x07\x9b2J two \u202eliam\u2069 \x7f\U000e0041 é क्ष"
FORBIDDEN = ("\x1b]", "\x9b", "\u202e", "\u2069", "\x7f", "\U000e0041", "\x07")
OURS = "\x1b[0m"


@pytest.mark.quick
@given(st.text())
def test_json_means_the_same_and_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    written = json.dumps({"text": text}, ensure_ascii=False) + "\n"
    shown = safe_json(written)
    assert json.loads(shown) == {"text": text}
    assert not any(each in shown for each in FORBIDDEN)
    assert "\x1b" not in safe_lines(text)
    assert safe_json(f"{EVIL}") != EVIL


@pytest.fixture
def stored(tmp_path: Path, headless: RunsHeadless) -> Path:
    """A dataset whose answers, labels and file name attack a terminal."""
    source = tmp_path / "rows.jsonl"
    row = {"text": EVIL, "label": f"L{EVIL}", "answer": "accept", "meta": {"by": EVIL},
           "spans": [{"start": 0, "end": 3, "label": f"S{EVIL}"}]}  # fmt: skip
    source.write_text(json.dumps(row, ensure_ascii=False) + "\n")
    done = headless("db-in", "set\x1b]0;x\x07\u202e", str(source))
    assert done.returncode == 0 or "name" in done.stderr
    assert headless("db-in", "my_set", str(source)).returncode == 0
    return tmp_path


COMMANDS = (
    ("db-out", "my_set"), ("stats", "my_set", "--json"), ("stats", "--json"), ("stats", "my_set"),
    ("stats", "-ls"), ("export", "my_set", "-", "--to", "jsonl"),
    ("export", "my_set", "-", "--to", "csv"), ("export", "my_set", "-", "--to", "label-studio"),
    ("labels", "my_set", "--json"), ("labels", "my_set"), ("drops", "my_set", "--json"),
    ("datasets",), ("datasets", "--json"), ("sessions", "my_set", "--json"),
    ("db-in", "other", "rows.jsonl", "--json"), ("progress", "my_set", "--json"),
)  # fmt: skip


@pytest.mark.terminal
def test_no_command_lets_data_act_on_a_terminal(stored: Path, terminal: StartsTerminal) -> None:
    from tests.support.environment import annotate_argv

    ran = 0
    for arguments in COMMANDS:
        with terminal(*annotate_argv(*arguments), cwd=stored) as screen:
            code = screen.wait_exit()
            written = screen.raw.decode("utf-8", "replace").replace("\r\n", "\n")
        assert not [each for each in FORBIDDEN if each in written], (arguments, written)
        assert "Traceback" not in written
        ran += code == 0
    assert ran >= len(COMMANDS) - 4


@pytest.mark.terminal
def test_a_pipe_gets_the_data_as_it_is(stored: Path, headless: RunsHeadless) -> None:
    for arguments in (("db-out", "my_set"), ("export", "my_set", "-", "--to", "jsonl")):
        (line,) = headless(*arguments).stdout.splitlines()
        assert json.loads(line)["text"] == EVIL
        assert "\u202e" in line
    assert "\x1b]" in headless("export", "my_set", "-", "--to", "csv").stdout
