"""The page that lists every command of Prodigy says what is so."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import click
import pytest

from tests.support.environment import ROOT
from tui_annotate.cli.main import COMMANDS, cli
from tui_annotate.recipes.former_names import INSTEAD, OTHER_NAMES
from tui_annotate.recipes.registry import recipe_names

pytestmark = pytest.mark.quick

PAGE = (ROOT / "docs" / "prodigy-commands.md").read_text("utf-8")
PRESENT, _, REST = PAGE.partition("## Not here")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PRESENT.splitlines()
    if line.startswith("| `")
]
ABSENT = re.findall(r"`([\w.-]+)`", "".join(re.findall(r"^\| (.*?) \|", REST, re.M)))
GONE = [name for name in ABSENT if not name.startswith("PRODIGY")]


def find(name: str) -> click.Command | None:
    return cli.get_command(click.Context(cli), name)


@pytest.mark.parametrize(("name", "where", "options", "lacking"), ROWS, ids=lambda text: text[:24])
def test_a_command_that_is_here_has_the_options(
    name: str, where: str, options: str, lacking: str
) -> None:
    command = find(name.strip("`"))
    assert command is not None
    known = {each for item in command.params for each in (*item.opts, *item.secondary_opts)}
    assert {each for each in re.findall(r"`(-[\w-]+)`", options) if each not in known} == set()
    assert {each for each in re.findall(r"`(--[\w-]+)`", lacking) if each in known} <= {"--n"}
    if where.startswith("as "):
        assert OTHER_NAMES[name.strip("`")] == where.removeprefix("as ").strip("`")
    else:
        assert where == "yes"


@pytest.mark.parametrize("name", GONE)
def test_a_command_that_is_not_here_says_what_to_use(name: str) -> None:
    assert find(name) is None
    assert name in INSTEAD


def test_every_former_name_stands_on_the_page() -> None:
    assert len(ROWS) > 50
    assert set(INSTEAD) == set(GONE)
    named = {row[0].strip("`") for row in ROWS}
    assert {name for name in OTHER_NAMES if name.startswith(("ner", "textcat", "terms"))} <= named


HEAVY = ("recipes", "train-curve", "ner.llm.fetch", "ner.model-annotate", "ner.correct", "review")


def test_the_help_of_no_command_loads_the_screen_or_spacy() -> None:
    """All of them in one process, and the heaviest ones against `recipes --help`."""
    names = sorted({row[0].strip("`") for row in ROWS} | set(COMMANDS) | {*recipe_names()})
    loaded = loaded_by(names)
    assert not {"spacy", "textual"} & loaded
    counts = {name: len(loaded_by([name])) for name in HEAVY}
    base = counts["recipes"]
    assert {name: count for name, count in counts.items() if count > 1.5 * base} == {}


def loaded_by(names: list[str]) -> set[str]:
    """Return the modules that `--help` of some commands loads."""
    code = (
        "import contextlib, io, json, sys\n"
        "from tui_annotate.cli.main import run\n"
        "for name in json.loads(sys.argv[1]):\n"
        "    with contextlib.redirect_stdout(io.StringIO()):\n"
        "        run([name, '--help'])\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    words = [sys.executable, "-c", code, json.dumps(names)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))
