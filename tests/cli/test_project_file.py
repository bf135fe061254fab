"""`init` and `check-project`: a project's file is written by questions, and looked over."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartsTerminal
from tests.recipes.support import write_jsonl
from tests.support.environment import annotate_argv
from tui_annotate.cli.main import run

pytestmark = pytest.mark.quick

FILE = "tui-annotate.toml"
GOOD = 'recipe = "ner.manual"\ndataset = "people"\nsource = "news.jsonl"\nlabels = ["A", "B"]\n'


@pytest.fixture
def folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("TUI_ANNOTATE_ANNOTATOR", raising=False)
    monkeypatch.delenv("TUI_ANNOTATE_DB", raising=False)
    folder = home / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    span = {"start": 0, "end": 4, "label": "NAME"}
    write_jsonl(folder / "news.jsonl", [{"text": f"Anna {n}", "spans": [span]} for n in range(3)])
    return folder


def written(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / FILE).read_text())


def test_proposals_make_a_project_that_is_in_order(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "guidelines.md").write_text("# Names\n")
    assert run(["init", "--yes"]) == 0
    assert written(folder) == {
        "recipe": "ner.manual",
        "source": "news.jsonl",
        "labels": ["NAME"],
        "dataset": "news",
        "annotations_per_task": 1,
        "instructions": "guidelines.md",
    }
    assert run(["check-project"]) == 0
    assert "in order" in capsys.readouterr().err


def test_the_field_of_the_text_is_guessed(folder: Path) -> None:
    (folder / "news.jsonl").unlink()
    write_jsonl(folder / "rows.jsonl", [{"id": 1, "content": "Anna met Ben in the old town"}])
    assert run(["init", "--yes"]) == 0
    assert written(folder)["options"] == ["--text-field", "content"]
    assert run(["check-project"]) == 0


def test_options_are_taken_as_they_are(folder: Path) -> None:
    words = ["--recipe", "textcat.manual", "--label", 'a "b", ü', "--dataset", "x y"]
    assert run(["init", "--yes", *words, "--annotations-per-task", "1.5"]) == 0
    found = written(folder)
    assert (found["labels"], found["dataset"]) == (['a "b"', "ü"], "x y")
    assert found["annotations_per_task"] == 1.5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--recipe", "ner.manul"], "ner.manul"),
        (["--source", "nowhere.jsonl"], "nowhere.jsonl"),
        (["--annotations-per-task", "0"], "not a number above 0"),
        (["--annotations-per-task", "nan"], "not a number above 0"),
        (["--dataset", "a\x1b"], "nothing that could be used"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(
    folder: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", "--yes", *words]) != 0
    assert said in capsys.readouterr().err
    assert not (folder / FILE).exists()


def test_an_answer_that_cannot_be_used_is_asked_for_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ["ner.manul", "ner.manual", "nowhere.jsonl", "", ", ,", "A,B", "", "none", "1.5"]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
    assert run(["init"]) == 0
    found = written(folder)
    assert (found["recipe"], found["source"], found["labels"]) == (
        "ner.manual",
        "news.jsonl",
        ["A", "B"],
    )
    assert found["annotations_per_task"] == 1.5
    said = capsys.readouterr().err
    for part in ("Did you mean 'ner.manual'?", "nowhere.jsonl", "no name in it", "not a number"):
        assert part in said
    assert said.count("Recipe [") == 2


def test_questions_without_answers_end_and_write_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("ner.manul\n"))
    assert run(["init"]) == 2
    assert "the input ended before the questions did" in capsys.readouterr().err
    assert not (folder / FILE).exists()


def test_a_file_that_is_there_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / FILE).write_text("broken = [")
    assert run(["init", "--yes"]) == 2
    assert "it is there already" in capsys.readouterr().err
    assert (folder / FILE).read_text() == "broken = ["


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("recipe = [", "it cannot be read"),
        (GOOD + "reciep = 1\n", "there is no key 'reciep'. Did you mean 'recipe'?"),
        (GOOD + "people = 3\n", "'people' is 3, not a list of names"),
        ('theme = "light"\n', "'recipe' is missing"),
        (GOOD.replace("ner.manual", "ner.manul"), "ner.manul"),
        (GOOD.replace("ner.manual", "drop"), "is no recipe"),
        (GOOD.replace("news.jsonl", "old.jsonl"), "old.jsonl"),
        (GOOD.replace("labels", "# labels"), "--label"),
        (GOOD + 'options = ["--nothing"]\n', "--nothing"),
        (GOOD + 'options = ["one", "two"]\n', "too many"),
        (GOOD + 'instructions = "gone.md"\n', "gone.md"),
        (GOOD + 'db = "."\n', "'db' is a folder"),
        (GOOD + 'people = ["a", "a"]\n', "names 'a' twice"),
        (GOOD + 'people = ["a"]\nannotations_per_task = 2\n', "could ever be finished"),
        (GOOD + 'annotator = "a"\n', "one name"),
        (GOOD + "quota = 0\n", "nobody is asked anything"),
    ],
)
def test_what_is_wrong_is_said(
    folder: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / FILE).write_text(text)
    assert run(["check-project"]) == 1
    assert said in capsys.readouterr().err


def test_every_wrong_key_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / FILE).write_text(GOOD + "people = 3\nbatch_size = true\nxyz = 1\n")
    assert run(["check-project"]) == 1
    said = capsys.readouterr().err
    assert "'people'" in said
    assert "'batch_size'" in said
    assert "'xyz'" in said
    assert "3 problems" in said


def test_a_users_own_setting_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / FILE).write_text(GOOD)
    monkeypatch.setenv("TUI_ANNOTATE_FEED_OVERLAP", "yes")
    assert run(["check-project"]) == 1
    assert "TUI_ANNOTATE_FEED_OVERLAP: 'feed_overlap' would change" in capsys.readouterr().err


@pytest.mark.terminal
def test_five_questions_and_the_job_begins(folder: Path, terminal: StartsTerminal) -> None:
    login = {"TUI_ANNOTATE_ANNOTATOR": None}
    with terminal(*annotate_argv("init"), cwd=folder, env=login) as screen:
        for question, answer in [
            ("Recipe [ner.manual]:", ""),
            ("Source [news.jsonl]:", ""),
            ("Labels, with commas [NAME]:", "PERSON, ORG"),
            ("Dataset [news]:", "people"),
            ("How many people per task [1]:", "2"),
        ]:
            shown = screen.wait_for(question)
            screen.send(answer + "\n")
        assert "2 people 6." in shown
        assert screen.wait_exit() == 0
    assert written(folder)["labels"] == ["PERSON", "ORG"]
    assert written(folder)["annotations_per_task"] == 2
    with terminal(*annotate_argv(), cwd=folder, env=login) as screen:
        screen.wait_for("Anna 0")
        screen.type("q q")
        screen.wait_exit()
    with terminal(*annotate_argv("init"), cwd=folder, env=login) as screen:
        screen.wait_for("Overwrite it? [y/N]")
        screen.send("\n")
        assert screen.wait_exit() == 1
    assert written(folder)["dataset"] == "people"


@pytest.mark.parametrize(
    "words",
    [["dashboard", "--once"], ["report", "-o", "r.html"], ["check"], ["team"], ["drops"]],
    ids=lambda words: words[0],
)
def test_in_its_folder_a_project_need_not_name_its_dataset(
    folder: Path,
    words: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path(FILE).write_text(GOOD)
    write_jsonl(folder / "news.jsonl", [{"text": "Anna met Ben", "answer": "accept"}])
    assert run(["db-in", "people", "news.jsonl"]) == 0
    command, *options = words
    assert run([command, "people", *options]) == 0
    named = capsys.readouterr().out
    assert run([command, *options, *(["--overwrite"] if command == "report" else [])]) == 0
    assert capsys.readouterr().out == named
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert run(words) == 2
    assert "Missing argument 'DATASET'" in capsys.readouterr().err
