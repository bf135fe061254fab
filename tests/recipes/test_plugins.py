"""Recipes of installed packages: found by their entry points, loaded only when they are used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.support.environment import ROOT

MODULE = '''
"""Recipes of a package."""
import pathlib
import tui_annotate as ta

pathlib.Path(__file__).with_name("loaded").touch()


@ta.recipe("tiny.tone", dataset=("Where answers are saved", "positional"))
def tone(dataset):
    """Ask for a tone."""
    return {"dataset": dataset, "view_id": "text", "stream": [{"text": "How lovely."}]}
'''
POINTS = """[tui_annotate.recipes]
tiny.tone = tiny_recipes
bad.one = no_such_module
[prodigy_recipes]
other.tone = other_recipes:tone
third.tone = other_recipes:tone
"""
OTHER = """
from prodigy.core import Arg, recipe


@recipe("other.tone", dataset=Arg(help="Where answers are saved"))
def tone(dataset: str):
    \"\"\"Ask for another tone.\"\"\"
    return {"dataset": dataset, "view_id": "text", "stream": [{"text": "How odd."}]}
"""


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """A folder in which a package is installed, as pip leaves it; the environment that has it."""
    folder = tmp_path / "site"
    info = folder / "tiny_recipes-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "tiny_recipes.py").write_text(MODULE)
    (folder / "other_recipes.py").write_text(OTHER)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-recipes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    (info / "RECORD").write_text("tiny_recipes.py,,\n")
    return {"PYTHONPATH": f"{ROOT}:{folder}"}


def test_a_recipe_of_a_package_runs_by_its_name(
    installed: dict[str, str], annotate: StartsTerminal, headless: RunsHeadless
) -> None:
    screen = annotate("tiny.tone", "my_set", env=installed)
    screen.wait_for("How lovely.")
    screen.settle()
    screen.press("a")
    screen.wait_for("All done.")
    screen.type("q q")
    assert screen.wait_exit() == 0
    (answer,) = map(json.loads, headless("db-out", "my_set").stdout.splitlines())
    assert (answer["text"], answer["answer"]) == ("How lovely.", "accept")


def test_recipes_of_packages_are_listed_and_a_broken_one_is_said(
    installed: dict[str, str], headless: RunsHeadless
) -> None:
    lines = headless("recipes", env=installed).stdout.splitlines()
    found = {line.split()[0]: line.split(maxsplit=1)[1] for line in lines if " " in line.strip()}
    assert found["tiny.tone"] == "Ask for a tone."
    assert found["other.tone"] == "Ask for another tone."
    assert found["third.tone"] == "Ask for another tone."  # which its decorator calls otherwise
    assert found["bad.one"].startswith("cannot be used: the package 'tiny-recipes' cannot be")
    wrong = headless("bad.one", "my_set", env=installed)
    assert wrong.returncode == 1
    assert "No module named 'no_such_module'" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_a_broken_package_does_not_keep_the_start_screen_from_opening(
    installed: dict[str, str], annotate: StartsTerminal
) -> None:
    screen = annotate(env=installed)
    screen.wait_for("a new job from a file of texts")
    screen.settle()
    screen.press("q")
    assert screen.wait_exit() == 0


def test_a_package_is_not_loaded_for_another_recipe(
    installed: dict[str, str], headless: RunsHeadless, tmp_path: Path
) -> None:
    assert headless("ner.manual", "--help", env=installed).returncode == 0
    assert not (tmp_path / "site" / "loaded").exists()
    assert "Ask for a tone." in headless("tiny.tone", "--help", env=installed).stdout
    assert (tmp_path / "site" / "loaded").exists()
