"""Options that every session has, beside those of a recipe and what settings say for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.session.support import write_rows
from tui_annotate.cli import demo
from tui_annotate.cli import run as runner
from tui_annotate.cli.main import run
from tui_annotate.cli.recipe_command import make_command
from tui_annotate.cli.setting_table import SETTINGS
from tui_annotate.cli.stream_options import SessionOptions
from tui_annotate.job import Job
from tui_annotate.recipes.registry import BUILT_IN, get_recipe, recipe_names
from tui_annotate.tui.theme import NAMES

pytestmark = pytest.mark.quick


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Job, SessionOptions]]:
    """What the screen would have been opened with."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    write_rows(tmp_path / "a.jsonl", ["One.", "Two."])
    found: list[tuple[Job, SessionOptions]] = []

    def open_nothing(build: Callable[[], Job], options: SessionOptions) -> int:
        found.append((build(), options))
        return 0

    for module in (runner, demo):
        monkeypatch.setattr(module, "run_job", open_nothing)
    return found


@pytest.mark.parametrize("name", recipe_names())
def test_no_option_is_there_twice(name: str) -> None:
    options = [each for param in make_command(get_recipe(name)).params for each in param.opts]
    assert sorted(set(options)) == sorted(options)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_help_has_one_exclude(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert "--exclude " in text
    assert "--tui-" not in text


def test_what_a_recipe_excludes_is_excluded(asked: list[tuple[Job, SessionOptions]]) -> None:
    assert run(["ner.manual", "s", "a.jsonl", "--label", "A", "--exclude", "x,y"]) == 0
    assert run(["ner.manual", "s", "a.jsonl", "--label", "A"]) == 0
    (job, _), (plain, _) = asked
    assert job.exclude == ("x", "y")
    assert job.digest != plain.digest


def test_settings_are_what_is_not_given(
    asked: list[tuple[Job, SessionOptions]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tui-annotate.toml").write_text(
        'theme = "light"\nkeymap = "mine.toml"\nplain = true\nstrict = true\nfollow = true\n'
        'verify = true\nrepeat = 2\nexclude = ["x", "y"]\nexclude_annotator = ["anna"]\n'
        'rehash = true\n[label_descriptions]\nA = "First letters"\n'
    )
    (tmp_path / "prodigy.json").write_text('{"theme": "basic", "keymap": {"accept": ["n"]}}')
    job = ["ner.manual", "s", "a.jsonl", "--label", "A"]
    assert run([*job, "--theme", "dark"]) == 0
    found, options = asked.pop()
    assert (options.theme, options.keymap) == ("dark", str(tmp_path / "mine.toml"))
    assert (options.plain, options.strict, options.follow, options.verify) == (True,) * 4
    assert (found.repeat, found.exclude, found.exclude_annotators) == (2, ("x", "y"), ("anna",))
    assert found.policy.rehash
    assert found.config["label_descriptions"] == {"A": "First letters"}
    monkeypatch.setenv("TUI_ANNOTATE_PLAIN", "no")
    monkeypatch.setenv("TUI_ANNOTATE_EXCLUDE", "z")
    assert run(job) == 0
    found, options = asked.pop()
    assert (options.theme, options.plain, found.exclude) == ("light", False, ("z",))


def test_other_commands_keep_their_own_defaults(
    asked: list[tuple[Job, SessionOptions]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tui-annotate.toml").write_text("rehash = true\nstrict = true\ntheme = 'light'\n")
    (tmp_path / "rows.jsonl").write_text('{"text": "a", "answer": "accept"}\n')
    assert run(["db-in", "s", "rows.jsonl", "--dry"]) == 0
    assert run(["demo", "--keymap", "vim"]) == 0
    (_, options) = asked.pop()
    assert (options.theme, options.keymap) == ("light", "vim")


def test_the_themes_are_those_of_the_screen() -> None:
    assert SETTINGS["theme"].choices == tuple(NAMES)


def test_new_labels_are_allowed_where_a_view_gives_labels(
    asked: list[tuple[Job, SessionOptions]], capsys: pytest.CaptureFixture[str]
) -> None:
    for option in ([], ["--allow-new-labels"]):
        assert run(["ner.manual", "s", "a.jsonl", "--label", "A", *option]) == 0
    (plain, _), (allowed, _) = asked
    assert (plain.allows_new_labels, allowed.allows_new_labels) == (False, True)
    assert plain.digest == allowed.digest, "the session goes on where it was"
    assert run(["textcat.manual", "s", "a.jsonl", "--label", "A,B", "--allow-new-labels"]) == 2
    assert "--allow-new-labels" in capsys.readouterr().err
