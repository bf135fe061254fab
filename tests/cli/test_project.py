"""The project's file: it names the job, and it alone says who annotates, where and how often."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartsTerminal
from tests.recipes.support import write_jsonl
from tests.support.environment import annotate_argv, run_headless
from tui_annotate import restricted
from tui_annotate.cli import project as projects
from tui_annotate.cli.recipe_command import build_job, make_command
from tui_annotate.cli.settings import Settings, load_settings
from tui_annotate.errors import ConfigError, UsageError
from tui_annotate.recipes.registry import get_recipe, set_recipe
from tui_annotate.store.database import open_store

LOGIN = {"TUI_ANNOTATE_ANNOTATOR": None}
"""The login name says who annotates, as it is where nobody sets anything."""

FILE = """
recipe = "ner.manual"
dataset = "people"
source = "news.jsonl"
labels = ["PERSON", "ORG"]
"""


def project(folder: Path, more: str = "") -> Path:
    write_jsonl(folder / "news.jsonl", [{"text": f"Anna met Ben {n}"} for n in range(3)])
    file = folder / "tui-annotate.toml"
    file.write_text(FILE + more)
    return file


def load(folder: Path, **variables: str) -> Settings:
    return load_settings(folder, {"HOME": str(folder / "home"), **variables})


def found(folder: Path, **variables: str) -> projects.Project:
    settings = load(folder, **variables)
    assert settings.project is not None
    return settings.project


@pytest.mark.quick
def test_the_file_is_the_command_line(tmp_path: Path) -> None:
    project(tmp_path, 'options = ["blank:en", "--highlight-chars"]\n')
    source = str(tmp_path / "news.jsonl")
    assert found(tmp_path).words() == [
        *("ner.manual", "people", "blank:en", source, "--label", "PERSON,ORG", "--highlight-chars")
    ]
    assert load(tmp_path).found["db"].value == str(tmp_path / "store" / "annotations.db")


@pytest.mark.quick
@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ("", True),
        ("--plain", True),
        ("--as ben --theme=light", True),
        ("--keymap vim --verify", True),
        ("--help", False),
        ("--version", False),
        ("-F recipe.py mine set file", False),
        ("stats people", False),
        ("--plain stats", False),
    ],
)
def test_only_a_command_line_without_a_command_starts_the_job(words: str, taken: bool) -> None:
    assert projects.takes(words.split()) is taken


@pytest.mark.quick
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('dataset = "x"', "'dataset' means nothing without 'recipe'"),
        ('recipe = "ner.manual"', "'dataset' is missing"),
        ('recipe = "drop"\ndataset = "x"', "'drop', which is no recipe"),
        ('recipe = "ner.manual"\ndataset = "--as"', "'dataset' is '--as'"),
        (FILE + 'options = ["--repeat", "2"]', "Write 'repeat' into the file instead"),
        (FILE + 'options = ["--as=ben"]', "names the annotator"),
        (FILE + 'options = ["--label", "X"]', "Write labels ="),
        (FILE + 'identity = "face"', "It is one of login, key"),
        (FILE + 'people = "ben"', "not a list of names"),
    ],
)
def test_a_wrong_file_says_what_to_do(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "tui-annotate.toml").write_text(text)
    with pytest.raises(ConfigError) as error:
        load(tmp_path)
    assert said in str(error.value)
    assert "tui-annotate.toml" in str(error.value)


@pytest.mark.quick
@pytest.mark.parametrize("line", ['recipe = "ner.manual"', 'people = ["a"]', 'identity = "key"'])
def test_other_files_do_not_name_the_job(tmp_path: Path, line: str) -> None:
    user = tmp_path / "home" / ".config" / "tui-annotate" / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text(line)
    with pytest.raises(ConfigError, match=r"belongs into the tui-annotate\.toml"):
        load(tmp_path)
    with pytest.raises(ConfigError, match="no setting has a variable of this name"):
        load(tmp_path / "home", TUI_ANNOTATE_RECIPE="ner.manual")


@pytest.mark.quick
@pytest.mark.parametrize(
    "line",
    [
        'db = "mine.db"',
        'annotator = "ben"',
        "feed_overlap = true",
        "annotations_per_task = 3",
        'exclude_by = "task"',
        "auto_exclude_current = false",
        'exclude = ["old"]',
        'exclude_annotator = ["ann"]',
        "repeat = 2",
        "keep_duplicates = true",
        "rehash = true",
        "allow_new_labels = true",
    ],
)
def test_the_users_own_file_is_refused_by_name(tmp_path: Path, line: str) -> None:
    project(tmp_path)
    user = tmp_path / "home" / ".config" / "tui-annotate" / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text(line + '\ntheme = "light"\n')
    with pytest.raises(ConfigError) as error:
        found(tmp_path).check_start([], None)
    key = line.partition(" ")[0]
    assert f"{key!r} would change" in str(error.value)
    assert "config.toml" in str(error.value)


@pytest.mark.quick
def test_variables_are_refused_where_they_differ(tmp_path: Path) -> None:
    project(tmp_path, "feed_overlap = true\n")
    same = str(tmp_path / "store" / "annotations.db")
    found(tmp_path, TUI_ANNOTATE_DB=same, TUI_ANNOTATE_FEED_OVERLAP="yes").check_start([], None)
    for name, value in [("DB", "x.db"), ("ANNOTATOR", "ben"), ("FEED_OVERLAP", "no")]:
        with pytest.raises(ConfigError, match=f"TUI_ANNOTATE_{name}: "):
            found(tmp_path, **{f"TUI_ANNOTATE_{name}": value}).check_start([], None)


@pytest.mark.quick
@pytest.mark.parametrize(
    "words",
    [
        ["--as", "ben"],
        ["--exclude-by", "task"],
        ["--no-auto-exclude"],
        ["--repeat", "2"],
        ["--exclude", "old"],
        ["--exclude-annotator", "ann"],
        ["--keep-duplicates"],
        ["--rehash"],
        ["--allow-new-labels"],
    ],
)
def test_options_are_refused_by_name(tmp_path: Path, words: list[str]) -> None:
    project(tmp_path)
    command = make_command(get_recipe("ner.manual"))
    settings = found(tmp_path)
    with command.make_context("ner.manual", [*settings.words()[1:], *words]) as context:
        given = projects.given_options(context, built_in=True)
    with pytest.raises(UsageError, match=f"^{words[0]}: "):
        settings.check_start(given, None)


@pytest.mark.quick
def test_options_of_the_session_and_of_the_file_are_not(tmp_path: Path) -> None:
    project(tmp_path, "repeat = 2\n")
    command = make_command(get_recipe("ner.manual"))
    words = [*found(tmp_path).words()[1:], "--plain", "--theme", "light"]
    with command.make_context("ner.manual", words, default_map=load(tmp_path).options) as context:
        assert context.params["repeat"] == 2
        found(tmp_path).check_start(projects.given_options(context, built_in=True), None)


@pytest.mark.quick
def test_people_and_keys_say_who_annotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, 'people = ["ann1"]\nidentity = "key"\n')
    here = found(tmp_path)
    with pytest.raises(UsageError, match="only the SSH key"):
        here.check_start(["--as"], "ann1")
    with pytest.raises(UsageError, match="not one of the people"):
        here.check_start([], None)
    monkeypatch.setattr(projects, "is_restricted", lambda: True)
    here.check_start(["--as"], "ann1")
    with pytest.raises(UsageError, match="'ben' is not one of the people"):
        here.check_start(["--as"], "ben")
    with pytest.raises(UsageError, match="does not say who annotates"):
        here.check_start([], None)
    project(tmp_path)
    with pytest.raises(UsageError, match="the login name says who annotates"):
        found(tmp_path).check_start(["--as"], "ann1")
    assert not restricted.is_restricted()


@pytest.mark.quick
def test_a_recipe_does_not_win_over_the_project(tmp_path: Path) -> None:
    project(tmp_path, 'annotations_per_task = 2\nexclude_by = "task"\n')
    own: dict[str, Any] = {"feed_overlap": True, "exclude_by": "input", "batch_size": 4}

    def made(dataset: str) -> dict[str, Any]:
        return {"dataset": dataset, "stream": [], "view_id": "text", "config": dict(own)}

    set_recipe("made-here", made)
    spec = get_recipe("made-here")
    settings = load(tmp_path)
    config = build_job(spec, {"dataset": "people"}, settings=settings).config
    assert (config["annotations_per_task"], config["feed_overlap"]) == (2, False)
    assert (config["exclude_by"], config["batch_size"]) == ("task", 4)
    other = build_job(spec, {"dataset": "other"}, settings=settings).config
    assert other["feed_overlap"] is True
    assert other["exclude_by"] == "input"


@pytest.mark.quick
def test_labels_and_routers_do_not_contradict_the_file(tmp_path: Path) -> None:
    project(tmp_path, "annotations_per_task = 2\nquota = 5\nquotas = {ann1 = 7}\n")
    made = found(tmp_path)
    values = {"dataset": "people", "source": str(tmp_path / "news.jsonl"), "label": "PERSON,ORG"}
    job = build_job(get_recipe("ner.manual"), values, None, load(tmp_path))
    assert (job.config["quota"], job.config["quotas"]) == (5, {"ann1": 7})
    made.check_job(job, "PERSON,ORG")
    made.check_job(job, None)
    for label in ("PERSON", "ORG,PERSON", "PERSON,ORG,LOC"):
        with pytest.raises(UsageError, match="alone says the labels"):
            made.check_job(job, label)
    job.given["task_router"] = lambda ctrl, session_id, task: [session_id]
    with pytest.raises(ConfigError, match="both say who gets which tasks"):
        made.check_job(job, None)
    project(tmp_path)
    found(tmp_path).check_job(job, None)


@pytest.mark.quick
@pytest.mark.parametrize(
    "line", ['quota = "5"', "quotas = {ann1 = -1}", "quotas = [1]", 'cohorts = {a = "ann1"}']
)
def test_wrong_numbers_are_refused(tmp_path: Path, line: str) -> None:
    project(tmp_path, line + "\n")
    with pytest.raises(ConfigError, match=line.split()[0]):
        load(tmp_path)


def test_other_commands_are_free(home: Path) -> None:
    project(home)
    env = {"TUI_ANNOTATE_DB": str(home / "elsewhere.db")}
    done = run_headless(annotate_argv("stats"), home, env=env)
    assert "would change" not in done.stderr
    assert "elsewhere.db" in done.stderr + done.stdout


@pytest.mark.terminal
def test_the_folder_alone_starts_the_job(home: Path, terminal: StartsTerminal) -> None:
    project(home)
    for words in ((), ("--restricted",)):
        with terminal(*annotate_argv(*words), cwd=home, env=LOGIN) as screen:
            screen.wait_for("Anna met Ben")
            screen.type("a q q")
            screen.wait_exit()
    with open_store(home / "store" / "annotations.db") as store:
        dataset = store.admin.find_dataset("people")
        assert dataset is not None
        assert sum(store.answers.counts(dataset.id).values()) == 2


@pytest.mark.terminal
def test_an_option_is_refused_before_anything_is_stored(
    home: Path, terminal: StartsTerminal
) -> None:
    project(home)
    with terminal(*annotate_argv("--repeat", "2"), cwd=home, env=LOGIN) as screen:
        screen.wait_for("--repeat: ")
        assert screen.wait_exit() == 2
    assert not (home / "store").exists()
