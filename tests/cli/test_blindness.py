"""Annotators of a project see their own answers only, unless its file says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recipes.support import write_jsonl
from tests.session.annotator import work
from tests.support.environment import annotate_argv, run_headless
from tui_annotate.cli.command_table import COMMANDS
from tui_annotate.cli.main import run
from tui_annotate.cli.project import WITHOUT_ANSWERS, Project
from tui_annotate.cli.settings import load_settings
from tui_annotate.errors import UsageError
from tui_annotate.recipes.missing_commands import OTHER_NAMES
from tui_annotate.stream import store_sources

LOGIN = {"TUI_ANNOTATE_ANNOTATOR": None, "TUI_ANNOTATE_DB": None}
READS = (
    "agreement audit backup check db-out drops export find print-dataset progress sessions stats"
)


@pytest.fixture(autouse=True)
def open_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_sources, "_blind", [])


def project(folder: Path, more: str = "") -> Project:
    write_jsonl(folder / "news.jsonl", [{"text": f"Anna met Ben {n}"} for n in range(3)])
    file = folder / "tui-annotate.toml"
    words = ['recipe = "ner.manual"', 'dataset = "people"', 'source = "news.jsonl"', more]
    file.write_text("\n".join([*words, 'labels = ["A"]']))
    found = load_settings(folder, {"HOME": str(folder)}).project
    assert found is not None
    return found


@pytest.mark.quick
def test_every_command_is_refused_but_those_without_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = project(tmp_path)
    monkeypatch.setattr(Project, "is_lead", False)
    refused = set()
    for name in COMMANDS:
        try:
            made.check_command(name, [])
        except UsageError:
            refused.add(name)
    assert refused == set(COMMANDS) - WITHOUT_ANSWERS
    assert {*READS.split(), "who"} <= refused
    assert set(WITHOUT_ANSWERS) <= set(COMMANDS)
    made.check_command("team", ["people", "--own"])
    with pytest.raises(UsageError):
        made.check_command("team", ["people", "--own", "--anonymise", "ben"])
    for other, name in OTHER_NAMES.items():
        if name in refused:
            with pytest.raises(UsageError, match="their own answers only"):
                made.check_command(other, [])


@pytest.mark.quick
@pytest.mark.parametrize("more", ["blind = false", ""])
def test_the_lead_and_an_open_project_have_them(
    more: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = project(tmp_path, more)
    if more:
        monkeypatch.setattr(Project, "is_lead", False)
    for name in COMMANDS:
        made.check_command(name, [])
    made.keep_blind()
    store_sources.check_answers_open("dataset:people")


@pytest.mark.quick
def test_a_restricted_session_never_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = project(tmp_path)
    assert made.is_lead
    monkeypatch.setattr("tui_annotate.cli.project.is_restricted", lambda: True)
    assert not made.is_lead


@pytest.mark.parametrize(
    "words",
    [
        ("review", "settled", "people"),
        ("ner.manual", "again", "dataset:people", "--label", "A"),
        ("ner.manual", "again", "sqlite:store/annotations.db?table=answers", "--label", "A"),
        ("ner.manual", "again", "news.jsonl", "--label", "A", "--training", "people"),
        ("ner.manual", "again", "news.jsonl", "--label", "A", "--silent-gold", "people"),
        ("ner.silver-to-gold", "again", "people", "blank:en"),
    ],
)
def test_jobs_that_show_answers_of_others_are_refused(words: tuple[str, ...], home: Path) -> None:
    """With the flag of a forced command, and until the file says that it may be so."""
    project(home)
    (home / "store").mkdir()
    work(home / "store", home / "news.jsonl", dataset="people")
    (home / "store" / "a.db").rename(home / "store" / "annotations.db")

    def said() -> str:
        argv = annotate_argv("--restricted", *words, "--plain", "--as", "ben")
        done = run_headless(argv, home, cwd=home, env=LOGIN)
        return done.stdout + done.stderr

    assert "annotators of this project see their own answers only" in said()
    assert "Anna met Ben" not in said()
    project(home, "blind = false")
    assert "their own answers only" not in said()


@pytest.mark.parametrize(
    "before", [["--no-compat"], ["--"], ["-F", "own.py"], ["--no-compat", "-F", "own.py", "--"]]
)
@pytest.mark.parametrize("words", [["db-out", "people"], ["stats", "people"], ["tem", "people"]])
def test_no_word_before_the_command_opens_it(
    before: list[str],
    words: list[str],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project(home)
    (home / "own.py").write_text("import tui_annotate\n")
    monkeypatch.chdir(home)
    monkeypatch.setattr(Project, "is_lead", False)
    assert run([*before, *words]) != 0
    said = capsys.readouterr().err
    assert ("their own answers only" in said) == (words[0] != "tem"), said


def test_known_answers_that_the_file_names_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = project(tmp_path, 'options = ["--training", "gold", "--silent-gold=dataset:more"]')
    monkeypatch.setattr(Project, "is_lead", False)
    made.keep_blind()
    for name in ("gold", "more"):
        store_sources.check_answers_open("--training", known_answers=name)
        with pytest.raises(UsageError, match="their own answers only"):
            store_sources.check_answers_open(f"dataset:{name}")
    with pytest.raises(UsageError, match="their own answers only"):
        store_sources.check_answers_open("--training", known_answers="people")


def test_what_blindness_holds_against_is_said(home: Path) -> None:
    project(home)

    def said(*words: str) -> str:
        done = run_headless(annotate_argv(*words), home, cwd=home, env=LOGIN)
        return " ".join((done.stdout + done.stderr).split())

    assert "whoever can write the database file can read and change every answer" in said(
        "check-project"
    )
    assert "whoever can write its database file, reads all of them" in said("invite", "ann1")
    project(home, "blind = false")
    assert "may read each other's answers" in said("check-project")
    assert "You see your own answers only" not in said("invite", "ann1")
    file = home / "tui-annotate.toml"
    file.write_text(file.read_text().replace("news.jsonl", "dataset:other").replace("blind", "#"))
    assert "which annotators of a blind project may not see" in said("check-project")
