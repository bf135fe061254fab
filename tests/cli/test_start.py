"""The start screen: what is offered, and a job that is opened from it."""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.session.support import write_rows
from tests.support.environment import run_headless
from tui_annotate.cli.setting_table import PROJECT_FILE
from tui_annotate.cli.start import form_recipes
from tui_annotate.commands.list_keys import START_KEYS
from tui_annotate.commands.new_job import complete_path
from tui_annotate.commands.preferences import MOST, recent_jobs, remember


@pytest.mark.quick
def test_recent_jobs_are_newest_first_once_each_and_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(MOST + 5):
        remember(["mark", f"s{number}", "a.jsonl"], f"s{number}", tmp_path)
    remember(["mark", "s20", "a.jsonl"], "s20", tmp_path)
    found = recent_jobs(tmp_path)
    assert [each.dataset for each in found[:3]] == ["s20", "s24", "s23"]
    assert len(found) == len({each.arguments for each in found}) == MOST
    assert found[0].folder == str(tmp_path)
    for broken in ("{", "7", "[7, {}]", '[{"arguments": 1, "folder": "", "dataset": "", "at": 0}]'):
        (tmp_path / "recent.json").write_text(broken)
        assert recent_jobs(tmp_path) == []


@pytest.mark.quick
def test_the_form_offers_recipes_that_need_no_more_than_it_asks_for() -> None:
    recipes = form_recipes()
    assert list(recipes)[:3] == ["ner.manual", "textcat.manual", "spans.manual"]
    assert recipes["ner.manual"]
    assert not recipes["coref.manual"]
    assert not {"ner.correct", "compare", "match"} & set(recipes)


@pytest.mark.terminal
def test_a_job_is_made_from_a_file_and_offered_again(
    annotate: StartsTerminal, headless: RunsHeadless, home: Path
) -> None:
    write_rows(home / "own texts.jsonl", ["One.", "Two."])
    screen = annotate(columns=100)
    screen.wait_for("demo news")
    screen.press("n")
    screen.wait_for("Which file holds the texts?")
    screen.send("missing.jsonl\r")
    screen.wait_for("there is no file missing.jsonl")
    for _ in "missing.jsonl":
        screen.press("backspace", pace=0)
    screen.send("ow")
    screen.press("tab")
    screen.wait_for("own texts.jsonl")
    screen.press("enter")
    screen.wait_for("What is to be done with the texts?")
    assert "> 1  Mark names, places, dates and the like" in screen.screen_text()
    assert "└PERSON┘" in screen.screen_text()
    screen.press("j")
    screen.wait_for("[x] COMPLAINT")
    screen.type("? q k enter")
    screen.wait_for("Which labels are there?")
    screen.press("escape")
    screen.wait_for("> 1  Mark names")
    screen.press("enter")
    screen.send("ORG,LOC\r")
    screen.wait_for("name: own texts")
    screen.press("enter")
    screen.wait_for("tui-annotate ner.manual 'own texts' 'own texts.jsonl' --label ORG,LOC")
    screen.press("enter")
    screen.wait_for("1 ORG  2 LOC")
    screen.settle()
    screen.type("1 a")
    screen.wait_for("Two.")
    screen.settle()
    screen.type("q q")
    assert screen.wait_exit() == 0
    assert screen.left_sane()

    (home / "elsewhere").mkdir()
    again = annotate(columns=100, cwd=home / "elsewhere")
    again.wait_for("1 answered, 1 to go")
    again.settle()
    again.press("enter")
    again.wait_for("Two.")
    again.settle()
    again.type("q q")
    assert again.wait_exit() == 0
    [answer] = [json.loads(line) for line in headless("db-out", "own texts").stdout.splitlines()]
    assert answer["spans"][0]["label"] == "ORG"


@pytest.mark.quick
def test_a_path_is_completed_as_far_as_all_that_match_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("news one.jsonl", "news two.jsonl", ".news"):
        (tmp_path / name).touch()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "été.txt").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert complete_path("n") == ("news ", ["news one.jsonl", "news two.jsonl"])
    assert complete_path("t") == ("texts/", ["texts/"])
    assert complete_path("texts/") == ("texts/été.txt", ["été.txt"])
    assert complete_path("~/te") == ("~/texts/", ["texts/"])
    assert complete_path(".n") == (".news", [".news"])
    assert complete_path("none/x") == ("none/x", [])
    assert complete_path("") == ("", ["news one.jsonl", "news two.jsonl", "texts/"])


@pytest.mark.terminal
def test_the_jobs_of_the_project_are_offered_by_name(
    annotate: StartsTerminal, headless: RunsHeadless, home: Path
) -> None:
    write_rows(home / "a.jsonl", ["One.", "Two."])
    jobs = (
        '[jobs]\ncheck = "tui-annotate mark checked a.jsonl"\n"בדק" = "tui-annotate mark b a.jsonl"'
    )
    (home / PROJECT_FILE).write_text(jobs)
    screen = annotate(columns=100)
    shown = screen.wait_for(re.compile("> check +mark checked a.jsonl"))
    assert re.search("\n +קדב +mark b", shown)
    screen.settle()
    screen.press("enter")
    screen.wait_for("One.")
    screen.settle()
    screen.type("a")
    screen.wait_for("Two.")
    screen.settle()
    screen.type("q q")
    assert screen.wait_exit() == 0
    assert json.loads(headless("db-out", "checked").stdout)["text"] == "One."
    again = annotate(columns=100)
    shown = again.wait_for(re.compile("> check +mark +━━━━──── +50% .*1 answered, 1 to go"))
    assert shown.count("mark checked") == 1, "the job is there once, and its command below"
    again.settle()
    again.press("q")
    assert again.wait_exit() == 0


@pytest.mark.terminal
def test_the_start_screen_says_its_keys_and_each_of_them_does_what_is_said(
    annotate: StartsTerminal,
) -> None:
    screen = annotate(columns=80)
    screen.wait_for("> tutorial")
    screen.settle()
    screen.press("?")
    told = screen.wait_for("Jobs that you have worked on")
    for row in START_KEYS.rows:
        assert re.search(rf"^ *{re.escape(row.shown)} +{re.escape(row.told)}$", told, re.MULTILINE)
    screen.press("q")
    screen.wait_for("> tutorial")
    screen.type("j")
    screen.wait_for("> demo news")
    assert screen.screen.cursor == (3, 2), "the terminal's own cursor stands at the mark"
    screen.type("end")
    screen.wait_for("> a new job from a file of texts")
    screen.type("k home")
    screen.wait_for("> tutorial")
    screen.type("n")
    screen.wait_for("Which file holds the texts?")
    screen.send("\x1bOP")  # f1
    screen.wait_for("Escape goes back to the question before")
    screen.type("q")
    rows = screen.wait_for("file: ▏").splitlines()
    at = next(number for number, row in enumerate(rows) if "▏" in row)
    assert screen.screen.cursor == (at, rows[at].index("▏")), "and in what is typed"
    screen.type("escape")
    screen.wait_for("> tutorial")
    screen.type("q")
    assert screen.wait_exit() == 0


@pytest.mark.terminal
def test_leaving_the_start_screen_runs_nothing(annotate: StartsTerminal, home: Path) -> None:
    screen = annotate(columns=40, rows=8)
    screen.wait_for("demo long")
    screen.settle()
    screen.type("j j j j j k k")
    assert "> demo " in screen.screen_text()
    screen.press("q")
    assert screen.wait_exit() == 0
    assert screen.left_sane()
    assert not list(home.rglob("*.db"))


IMPATIENT = """
import os, signal, sys

class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == "tui_annotate.cli.main":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Impatient())
from tui_annotate.__main__ import main
main()
"""


@pytest.mark.quick
def test_ctrl_c_while_the_program_is_loaded_ends_it_without_a_word(home: Path) -> None:
    done = run_headless([sys.executable, "-c", IMPATIENT], home)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
