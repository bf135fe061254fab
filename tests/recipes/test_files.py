"""Recipes from files: loaded only when they are named, and only where nobody else wrote them."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from tests.support.environment import annotate_argv, run_headless
from tui_annotate.cli.recipe_command import build_job
from tui_annotate.errors import NotTrusted, RecipeError, UsageError
from tui_annotate.recipes import recipe_files
from tui_annotate.recipes.recipe_files import load_file, take_files
from tui_annotate.recipes.registry import get_recipe

pytestmark = pytest.mark.quick

RECIPE = '''
import tui_annotate as ta

@ta.recipe("tiny.{name}", dataset=("Where to", "positional"), size=("How many", "option", "n", int))
def tiny(dataset, size=3):
    """A tiny recipe."""
    return {{"dataset": dataset, "view_id": "text", "stream": [{{"text": "a"}}] * size}}
'''


def written(folder: Path, text: str = RECIPE, mode: int = 0o600) -> Path:
    path = folder / "recipe.py"
    path.write_text(text.format(name=folder.name.replace("_", "-")) if text is RECIPE else text)
    path.chmod(mode)
    return path


def test_the_option_is_taken_wherever_it_stands() -> None:
    assert take_files(["a", "-F", "x.py", "b"]) == (["a", "b"], ["x.py"])
    assert take_files(["-F", "x.py", "a", "-F", "y.py"]) == (["a"], ["x.py", "y.py"])
    assert take_files(["a", "--", "-F", "b"]) == (["a", "--", "-F", "b"], [])
    with pytest.raises(UsageError, match="the file is missing"):
        take_files(["a", "-F"])


@pytest.mark.parametrize("mode", [0o602, 0o666])
def test_a_file_that_others_can_write_is_not_run(mode: int, tmp_path: Path) -> None:
    path = written(tmp_path, "raise SystemExit('it ran')", mode)
    with pytest.raises(NotTrusted, match="can be written by everybody"):
        load_file(str(path))


def test_a_file_in_a_folder_that_others_can_write_is_not_run(tmp_path: Path) -> None:
    path = written(tmp_path)
    tmp_path.chmod(0o777)
    with pytest.raises(NotTrusted, match=r"the folder .* can be written by everybody"):
        load_file(str(path))
    tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (", "recipe.py:1: it is not valid Python"),
        ("\n\n1 / 0\n", "recipe.py:3: loading it failed with ZeroDivisionError"),
        ("raise SystemExit(3)", "recipe.py:1: loading it failed with SystemExit"),
    ],
)
def test_a_file_that_fails_is_one_line_with_the_place(
    text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match=message):
        load_file(str(written(tmp_path, text)))


def test_the_program_knows_a_recipe_only_where_its_file_is_named(home: Path) -> None:
    path = written(home)
    name = f"tiny.{home.name.replace('_', '-')}"
    helped = run_headless(annotate_argv(name, "--help", "-F", str(path)), home)
    assert helped.returncode == 0, helped.stderr
    assert "A tiny recipe." in helped.stdout
    assert "-n, --size SIZE" in helped.stdout
    listed = run_headless(annotate_argv("-F", str(path), "recipes"), home)
    assert "A tiny recipe." in listed.stdout
    without = run_headless(annotate_argv(name, "--help"), home)
    assert without.returncode == 2
    assert "there is no command" in without.stderr
    assert "Traceback" not in without.stderr


@pytest.mark.quick
@pytest.mark.parametrize(
    ("words", "rest", "files"),
    [
        (["db-out", "x", "-F"], ["db-out", "x", "-F"], []),
        (["db-out", "-F", "x"], ["db-out", "-F", "x"], []),
        (["db-out", "-F", "own.py", "x", "-F"], ["db-out", "x", "-F"], ["own.py"]),
        (["mark", "-F", "own.txt"], ["mark"], ["own.txt"]),
    ],
)
def test_db_out_has_a_flag_of_that_name(
    words: list[str], rest: list[str], files: list[str]
) -> None:
    assert take_files(words) == (rest, files)


def test_modules_beside_a_file_are_found_and_those_of_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:])
    monkeypatch.setattr(recipe_files, "_beside", set())
    home, work = tmp_path / "home", tmp_path / "work"
    (home / "parts").mkdir(parents=True)
    work.mkdir()
    monkeypatch.chdir(work)
    (home / "own_labels_here.py").write_text("LABELS = ['A', 'B']")
    (home / "json.py").write_text("raise SystemExit('a module of that name is installed')")
    (home / "parts" / "own_part.py").write_text("PART = 1")
    (work / "own_words_here.py").write_text("WORDS = 3")
    code = "from own_labels_here import LABELS\nfrom parts.own_part import PART\nimport json\n"
    load_file(str(written(home, f"{code}from own_words_here import WORDS\n")))
    (home / "own_open_here.py").write_text("raise SystemExit('it ran')")
    (home / "own_open_here.py").chmod(0o666)
    with pytest.raises(NotTrusted, match="own_open_here"):
        load_file(str(written(home, "import own_open_here")))


CHANCE = """
import random
import tui_annotate as ta
{first}

@ta.recipe("chance.{name}", dataset=("Where to", "positional"))
def chance(dataset):
    drawn = random.sample(range(1000), 5)
    return {{"dataset": dataset, "view_id": "text", "stream": [{{"text": str(n)}} for n in drawn]}}
"""


def drawn(name: str, dataset: str) -> list[str]:
    job = build_job(get_recipe(f"chance.{name}"), {"dataset": dataset})
    return [task["text"] for task in job.stream]


@pytest.fixture
def chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe_files, "_untouched", [])  # as in a new process


@pytest.mark.usefixtures("chance")
def test_what_a_recipe_draws_is_the_same_at_each_start(tmp_path: Path) -> None:
    path = written(tmp_path, CHANCE.format(name="drawn", first=""))
    load_file(str(path))
    first = drawn("drawn", "news")
    random.random()  # what a session draws meanwhile changes nothing
    assert drawn("drawn", "news") == first, "a job that is made anew in a session"
    recipe_files._untouched.clear()
    load_file(str(path))
    assert drawn("drawn", "news") == first, "another start"
    assert drawn("drawn", "other") != first


@pytest.mark.usefixtures("chance")
def test_a_file_that_seeds_chance_by_itself_keeps_its_own(tmp_path: Path) -> None:
    path = written(tmp_path, CHANCE.format(name="seeded", first="random.seed(7)"))
    load_file(str(path))
    own = [str(n) for n in random.Random(7).sample(range(1000), 5)]
    assert drawn("seeded", "news") == own
