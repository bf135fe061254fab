"""Settings: order, errors, and what `tui-annotate config` says about them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.recipes.support import job_of, write_jsonl
from tests.support.environment import PACKAGE, ROOT, annotate_argv, run_headless
from tui_annotate.cli.recipe_command import build_job
from tui_annotate.cli.setting_table import KEYMAP_TABLE, SETTINGS
from tui_annotate.cli.settings import Settings, load_settings
from tui_annotate.errors import ConfigError
from tui_annotate.recipes.registry import get_recipe, set_recipe
from tui_annotate.view_settings import VIEW_SETTINGS

pytestmark = pytest.mark.quick


def load(folder: Path, **variables: str) -> Settings:
    return load_settings(folder, {"HOME": str(folder / "home"), **variables})


def user_file(folder: Path) -> Path:
    path = folder / "home" / ".config" / "tui-annotate" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


def test_what_comes_later_wins(tmp_path: Path) -> None:
    (tmp_path / "prodigy.json").write_text('{"batch_size": 1, "history_size": 1, "port": 80}')
    assert load(tmp_path).config == {"batch_size": 1, "history_size": 1}
    (tmp_path / "tui-annotate.toml").write_text("batch_size = 2\nexclude_by = 'input'\n")
    assert load(tmp_path).config["batch_size"] == 2
    user_file(tmp_path).write_text("batch_size = 3\n")
    assert load(tmp_path).config["batch_size"] == 3
    found = load(tmp_path, TUI_ANNOTATE_BATCH_SIZE="4")
    assert found.config == {"batch_size": 4, "history_size": 1, "exclude_by": "input"}
    assert found.found["batch_size"].origin == "TUI_ANNOTATE_BATCH_SIZE"
    assert found.ignored == (("port", str(tmp_path / "prodigy.json")),)


def test_a_recipe_and_the_caller_win_over_files(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "a.jsonl", [{"text": "x"}])
    values = {"dataset": "s", "source": str(source), "label": "A,B"}
    spec = get_recipe("textcat.manual")
    text = "choice_style = 'scale'\nbatch_size = 7\nhistory_size = 7\n"
    (tmp_path / "tui-annotate.toml").write_text(text)
    settings = load(tmp_path)
    job = build_job(spec, values, {"history_size": 2}, settings)
    assert job.config["choice_style"] == job_of("textcat.manual", **values).config["choice_style"]
    assert (job.config["batch_size"], job.config["history_size"]) == (7, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bach_size = 1", r"tui-annotate\.toml: there is no key 'bach_size'\. Did you mean 'batch"),
        ("batch_size = 'x'", "'batch_size' is 'x', not a number"),
        ("batch_size = true", "'batch_size' is True, not a number"),
        ("instant_submit = 1", "'instant_submit' is 1, not a yes or no"),
        ("choice_style = 'many'", "It is one of single, multiple, scale"),
        ("jobs = {a = 'mark \"x'}", "not a table of commands"),
        ("jobs = {a = 1}", "not a table of commands"),
        ("jobs = {a = 'drop s --yes'}", "the job 'a' is no recipe"),
        ("jobs = {a = 'tui-annotate -F x.py export s'}", "the job 'a' is no recipe"),
        ("batch_size = 0x" + "f" * 5000, "'batch_size' is a int that is too long to be shown, not"),
        ("batch_size = " + "9" * 5000, "it cannot be read"),
        ("labels = " + "[" * 5000 + "]" * 5000, "it cannot be read"),
        ("field_rows = 'x'", "'field_rows' is 'x', not a whole number"),
        ("labels = 'ORG'", "'labels' is 'ORG', not a list of names"),
        ("batch_size = ", r"tui-annotate\.toml: it cannot be read"),
    ],
)
def test_a_wrong_file_is_an_error_with_file_and_key(
    text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "tui-annotate.toml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        load(tmp_path)


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="TUI_ANNOTATE_BATCH_SIZE: 'batch_size' is 'ten'"):
        load(tmp_path, TUI_ANNOTATE_BATCH_SIZE="ten")


def test_guidelines_are_read_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "tui-annotate.toml").write_text("instructions = 'guide.md'\n")
    missing = load(tmp_path)
    assert missing.config == {}
    assert "guide.md cannot be read" in missing.guidelines_notice
    (tmp_path / "guide.md").write_text("# How\n")
    assert load(tmp_path).config == {"instructions": "# How\n"}


def test_the_command_says_what_is_in_force_and_where_it_came_from(home: Path) -> None:
    (home / "tui-annotate.toml").write_text("db = 'own.db'\nbatch_size = 5\n")
    (home / "prodigy.json").write_text('{"theme": "basic"}')
    done = run_headless(annotate_argv("config"), home)
    assert done.returncode == 0, done.stderr
    assert f"from {home / 'tui-annotate.toml'}" in done.stdout
    assert str(home / "own.db") in done.stdout or "TUI_ANNOTATE_DB" in done.stdout
    assert f"no meaning here: 'theme' in {home / 'prodigy.json'}" in done.stdout


def test_the_docs_have_every_setting_that_is_no_views() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    named = set(re.findall(r"`(\w+)`", page))
    of_views = {key for key, setting in SETTINGS.items() if setting.kind == "setting of views"}
    assert set(SETTINGS) - of_views - {KEYMAP_TABLE} <= named


def test_what_nothing_sets_is_said_too(home: Path) -> None:
    lines = run_headless(annotate_argv("config"), home).stdout.splitlines()
    said = {line.split()[0]: line for line in lines if "by default" in line}
    assert "  10  by default" in said["batch_size"]
    assert "annotations.db  by default" in said["db"] or "db" not in said
    given = {key for key, setting in SETTINGS.items() if setting.default}
    assert said.keys() >= given


def test_guidelines_in_html_are_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "guide.html").write_text("<h1>How</h1><ul><li>Mark <b>all</b> names</ul>")
    (tmp_path / "prodigy.json").write_text('{"instructions": "guide.html"}')
    found = load(tmp_path).config["instructions"]
    assert "How" in found
    assert "Mark all names" in found
    assert "<" not in found


def test_guidelines_of_a_recipe_may_be_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("guide.md").write_text("# How\n")
    source = write_jsonl(tmp_path / "a.jsonl", [{"text": "x"}])
    values = {"dataset": "s", "source": str(source), "view_id": "text"}

    def read(given: str) -> str:
        overrides = {"instructions": given}
        return build_job(get_recipe("mark"), values, overrides).instructions

    assert read("guide.md") == "# How\n"
    assert read("Mark names.") == "Mark names."
    missing = build_job(get_recipe("mark"), values, {"instructions": "other.md"})
    assert missing.instructions == ""
    assert "config 'instructions': other.md cannot be read" in missing.notices[0]


def test_a_typo_in_a_variable_is_an_error_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"TUI_ANNOTATE_BATCHSIZE: .*'TUI_ANNOTATE_BATCH_SIZE'"):
        load(tmp_path, TUI_ANNOTATE_BATCHSIZE="7")
    assert load(tmp_path, TUI_ANNOTATE_DEMO_DB="demo.db").config == {}


def test_a_typo_stops_every_command_in_one_line(home: Path) -> None:
    (home / "tui-annotate.toml").write_text("bach_size = 5\n")
    done = run_headless(annotate_argv("recipes"), home)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Did you mean 'batch_size'?" in done.stderr


@pytest.mark.parametrize("words", [("version",), ("help",), ("help", "stats")])
def test_who_asks_about_the_program_is_answered_in_spite_of_a_typo(
    home: Path, words: tuple[str, ...]
) -> None:
    (home / "tui-annotate.toml").write_text("bach_size = 5\n")
    done = run_headless(annotate_argv(*words), home)
    assert done.returncode == 0 and done.stdout.strip()
    assert done.stderr.count("\n") == 1
    assert "Did you mean 'batch_size'?" in done.stderr


def test_every_setting_that_a_recipe_may_have_is_one_of_files_too(tmp_path: Path) -> None:
    asked = set()
    for path in sorted((PACKAGE).rglob("*.py")):
        asked |= set(re.findall(r"config\.get\(\s*\"([a-z_]+)\"", path.read_text("utf-8")))
    # What only the recipe itself can say, or what it hands to its own code.
    of_recipes = {"javascript", "keymap", "review", "review_blind", "total_examples_target"}
    assert asked - of_recipes <= SETTINGS.keys()
    assert VIEW_SETTINGS.keys() <= SETTINGS.keys()
    given = {"labels": ["A"], "field_rows": 3, "keymap": {"accept": ["y"]}, "port": 8080}
    (tmp_path / "prodigy.json").write_text(json.dumps(given))
    (tmp_path / "tui-annotate.toml").write_text("scale_max = 7\nkeymap = 'vim'\n")
    found = load(tmp_path)
    assert found.config == {
        "labels": ["A"],
        "field_rows": 3,
        "keymap": {"accept": ["y"]},
        "scale_max": 7,
    }
    assert found.options == {"keymap": "vim"}
    assert [each for each in found.notices if "port mean nothing here" in each]


def test_where_answers_go_and_who_they_are_from_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "tui-annotate.toml").write_text("db = 'own.db'\nannotator = 'somebody'\n")
    said = ". ".join(load(tmp_path).notices)
    assert f"db is {tmp_path / 'own.db'}, as" in said
    assert "annotator is somebody, as" in said
    assert load(tmp_path, TUI_ANNOTATE_DB="a.db", TUI_ANNOTATE_ANNOTATOR="me").notices == ()


@pytest.mark.parametrize("word", ["version", "help"])
def test_words_that_look_like_options_are_commands(word: str, home: Path) -> None:
    (home / "tui-annotate.toml").write_text("theme = 'light'\n")
    done = run_headless(annotate_argv(word), home)
    assert done.returncode == 0, done.stderr
    assert "tui-annotate" in done.stdout
    of_one = run_headless(annotate_argv("help", "db-out"), home)
    assert "--flagged-only" in of_one.stdout


def test_an_unknown_command_names_the_three_nearest(home: Path) -> None:
    done = run_headless(annotate_argv("ner.manul"), home)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Did you mean 'ner.manual', '" in done.stderr
    assert done.stderr.count("'") == 8


def notices_of(
    config: Mapping[Any, object], overrides: Mapping[str, object] | None = None
) -> list[str]:
    """What a recipe's configuration has said at the start of its session."""

    def own(dataset: str) -> dict[str, object]:
        return {"dataset": dataset, "view_id": "text", "stream": [], "config": config}

    set_recipe("own.typed", own)
    return list(build_job(get_recipe("own.typed"), {"dataset": "s"}, overrides).notices)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("lables", "labels"),
        ("Labels", "labels"),
        ("choice-style", "choice_style"),
        ("choise_style", "choice_style"),
        ("batchsize", "batch_size"),
        ("relation_rules", "relations_rules"),
        ("keymap_by_labels", "keymap_by_label"),
        ("instruction", "instructions"),
    ],
)
def test_a_typo_in_the_configuration_of_a_recipe_is_said(written: str, meant: str) -> None:
    said = f"own.typed, config: {written!r} means nothing here. Did you mean {meant!r}?"
    assert notices_of({written: ["A"]}) == [said]
    assert notices_of({}, {written: ["A"]}) == [said], "what a script calls it with, too"


@pytest.mark.quick
def test_every_key_of_a_recipe_that_is_passed_over_is_said() -> None:
    known = {key: None for key, item in SETTINGS.items() if item.scope == "job" and key != "db"}
    known.pop("exclude_by")
    assert notices_of(known) == []
    assert notices_of({"lang": "en", "label": "A", "javascript": ""}) == []
    served = {"host": "h", "port": 1, "auto_count_stream": True, "force_stream_order": True}
    assert notices_of(served) == []
    assert notices_of({"label": ["A", "B"]}) == [
        "own.typed, config: 'label' means nothing here. Did you mean 'labels'?"
    ]
    others = {"global_css": "", "theme": "x", "my own": 1, 7: 2, "\x1b[2J": 3}
    assert notices_of(others) == [
        "own.typed, config: 'global_css', 'theme', 'my own' and 2 more mean nothing here"
    ]
    assert notices_of({"buttons": []}) == ["own.typed, config: 'buttons' means nothing here"]


@pytest.mark.quick
def test_keys_beside_the_components_are_said_and_left_out() -> None:
    def own(dataset: str) -> dict[str, object]:
        given = {"dataset": dataset, "view_id": "text", "stream": []}
        return {**given, "labels": ["A"], "patterns": "p.jsonl"}

    set_recipe("own.more", own)
    job = build_job(get_recipe("own.more"), {"dataset": "s"})
    assert list(job.notices) == [
        "own.more returns 'labels', 'patterns', which means nothing here: settings of the view "
        "stand in its 'config'"
    ]
    assert job.labels == ()


@pytest.mark.quick
def test_typos_in_blocks_are_said() -> None:
    blocks = [{"view_id": "text", "text": "x", "own": 1}, {"view_id": "choice", "feild_id": "a"}]
    assert notices_of({"blocks": blocks}) == [
        "own.typed, block 2: 'feild_id' means nothing here. Did you mean 'field_id'?"
    ]


@pytest.mark.quick
@pytest.mark.parametrize(
    ("javascript", "template", "names"),
    [
        (
            "function f(x) { window.prodigy.update({slider: x.value, 'sure': 1}) }",
            "",
            ["slider", "sure"],
        ),
        ("", '<p onclick="window.prodigy.update({ radio: [1] })">x</p>', ["radio"]),
        (
            "window.prodigy.update({ [it.name]: it.id })",
            "<input type='radio' name='kind' id='a'><input name=\"kind\" id='b'>",
            ["kind"],
        ),
        ("window.prodigy.update({ note: 1, label: 'x', accept: [] })", "", []),
        ("console.log({ slider: 1 })", "<input name='kind'>", []),
    ],
)
def test_what_a_script_would_set_is_a_field_where_answers_are_validated(
    javascript: str, template: str, names: list[str]
) -> None:
    blocks = [
        {"view_id": "html", "html_template": template},
        {"view_id": "text_input", "field_id": "note"},
    ]

    def own(dataset: str, checks: bool) -> dict[str, object]:
        config = {"blocks": list(blocks), "javascript": javascript}
        given: dict[str, object] = {"dataset": dataset, "view_id": "blocks", "stream": []}
        given["config"] = config
        return {**given, "validate_answer": lambda _answer: None} if checks else given

    set_recipe("own.scripted", own)
    job = build_job(get_recipe("own.scripted"), {"dataset": "s", "checks": True})
    added = [each["field_id"] for each in job.config["blocks"][2:]]
    assert added == names
    assert any("no script runs here" in each for each in job.notices) is bool(names)
    without = build_job(get_recipe("own.scripted"), {"dataset": "s", "checks": False})
    assert without.config["blocks"] == blocks
