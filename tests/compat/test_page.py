"""The page about coming from Prodigy says what is so."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.compat.conftest import Runs
from tests.conftest import StartsTerminal
from tests.support.environment import ROOT, annotate_argv, run_headless
from tui_annotate.store.database_api import Database

PAGE = (ROOT / "docs" / "coming-from-prodigy.md").read_text("utf-8")


@pytest.mark.terminal
def test_the_script_of_the_page_runs(terminal: StartsTerminal, home: Path) -> None:
    code = re.search(r"```python\n(import tui_annotate.compat.*?)```", PAGE, re.DOTALL)
    assert code
    made = "from prodigy.components.db import connect\n"
    made += "connect().add_examples([{'text': 'Two.'}], ['other_set'])\n"
    script = code[1].replace("\nstream =", f"\n{made}stream =")
    (home / "script.py").write_text(script)
    screen = terminal(sys.executable, home / "script.py")
    screen.wait_for("One.")
    screen.settle()
    screen.press("a")
    screen.wait_for("1 excluded")
    screen.settle()
    screen.press("q")
    assert screen.wait_exit() == 0


@pytest.mark.quick
def test_every_call_of_the_database_that_is_named_is_there() -> None:
    section = PAGE[PAGE.index("## The database") :]
    listed = section[section.index("There are `name in db`") : section.index("\n\nA session")]
    names = [name for name in re.findall(r"`(\w+)`", listed) if name != "name"]
    assert len(names) > 20
    assert [name for name in names if not hasattr(Database, name)] == []


RECIPE = """
import prodigy

@prodigy.recipe("draws", dataset=("D", "positional"))
def draws(dataset):
    return {"dataset": dataset, "view_id": "image_manual", "stream": [{"image": "a.png"}]}

@prodigy.recipe("unsaved", dataset=("D", "positional"))
def unsaved(dataset):
    return {"dataset": dataset, "view_id": "text", "stream": [{"text": "a"}], "db": False}

@prodigy.recipe("browser", dataset=("D", "positional"))
def browser(dataset):
    template = "<h1>{{name}}</h1><p>of {{place}}</p><script>run()</script>"
    stream = [{"name": "Oak", "place": "Cork", "text": "x"}]
    config = {"html_template": template, "javascript": "run()"}
    return {"dataset": dataset, "view_id": "html", "stream": stream, "config": config}
"""


@pytest.mark.terminal
def test_what_a_terminal_has_not(annotate: StartsTerminal, home: Path) -> None:
    (home / "recipe.py").write_text(RECIPE)
    screen = annotate("-F", "recipe.py", "draws", "my_set", columns=160)
    assert screen.wait_exit() == 1
    assert "the view 'image_manual' draws boxes on pictures" in screen.screen_text()
    screen = annotate("-F", "recipe.py", "unsaved", "my_set", columns=160)
    assert screen.wait_exit() == 1
    assert "answers are always saved" in screen.screen_text()
    assert "Traceback" not in screen.screen_text()
    screen = annotate("-F", "recipe.py", "browser", "my_set")
    assert "of Cork" in screen.wait_for("Oak")
    screen.wait_for("JavaScript does not run")


@pytest.mark.quick
def test_no_compat_is_told_in_the_help(home: Path) -> None:
    done = run_headless(annotate_argv("--help"), home)
    assert "--no-compat" in done.stdout


TWICE = """
import prodigy
from prodigy.components.loaders import JSONL

@prodigy.recipe("twice", dataset=("D", "positional"), source=("S", "positional"))
def twice(dataset, source):
    kinds = [[{"id": each, "text": each} for each in pair] for pair in ("ab", "cd")]
    blocks = [
        {"view_id": "choice", "options": kinds[0]},
        {"view_id": "choice", "text": None, "options": kinds[1]},
        {"view_id": "text_input", "field_label": "First"},
        {"view_id": "text_input", "field_label": "Second"},
    ]
    config = {"blocks": blocks, "choice_style": "single"}
    return {"dataset": dataset, "view_id": "blocks", "stream": JSONL(source), "config": config}
"""


@pytest.mark.terminal
def test_blocks_that_write_one_field_get_one_each(runs: Runs) -> None:
    keys = "1 tab 2 tab enter x enter tab enter y enter a"
    screens = runs(TWICE, "twice", "my_set", "data.jsonl", keys=keys, shows="accept_2")
    assert "block 2 writes 'accept_2', because an earlier one writes 'accept'" in " ".join(
        screens.split()
    )
    (answer,) = runs.answers()
    assert (answer["accept"], answer["accept_2"]) == (["a"], ["d"])
    assert (answer["user_input"], answer["user_input_4"]) == ("x", "y")
