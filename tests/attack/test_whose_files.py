"""Files of other users that the program would obey: recipes, settings, keymaps, guidelines."""

from __future__ import annotations

import grp
import json
import os
import pwd
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.session.support import write_rows
from tests.support.environment import annotate_argv, run_headless
from tui_annotate.cli.settings import Settings, load_settings
from tui_annotate.commands.keymap_file import load_keymap
from tui_annotate.commands.preferences import Preferences, recent_jobs, remember
from tui_annotate.errors import ConfigError, NotTrusted
from tui_annotate.recipes.recipe_files import load_file, run_script
from tui_annotate.trust import danger, read_obeyed, trust
from tui_annotate.whole_files import LARGEST

SOMEBODY, GROUP = 54321, 54321
"""A user and a group that nobody here is in."""

is_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own" / "data"))
    yield


def theirs(path: Path, text: str = "batch_size = 3\n") -> Path:
    """Write a file that belongs to somebody else."""
    path.write_text(text)
    os.chown(path, SOMEBODY, GROUP)
    return path


def load(folder: Path, **variables: str) -> Settings:
    return load_settings(folder, {"HOME": str(folder / "home"), **variables})


@pytest.mark.quick
def test_what_only_you_can_write_is_obeyed_through_links_too(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.toml").write_text("x")
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    (tmp_path / "link.toml").symlink_to("folder/a.toml")
    assert danger(tmp_path / "link.toml") == ""
    assert read_obeyed(tmp_path / "link.toml") == b"x"


@pytest.mark.quick
@pytest.mark.parametrize("mode", [0o777, 0o775, 0o770])
@pytest.mark.parametrize("which", ["folder", "folder above", "folder of the link"])
def test_a_folder_that_others_can_exchange_is_a_danger(
    which: str, mode: int, tmp_path: Path
) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "f.toml").write_text("")
    linked = tmp_path / "links"
    linked.mkdir()
    (linked / "l.toml").symlink_to(deep / "f.toml")
    assert danger(linked / "l.toml") == ""
    folder = {"folder": deep, "folder above": deep.parent, "folder of the link": linked}[which]
    if os.geteuid() == 0:
        os.chown(folder, -1, GROUP)
    elif mode != 0o777:
        pytest.skip("only root can give a folder to another group")
    folder.chmod(mode)
    assert f"the folder {folder} can be written by" in danger(linked / "l.toml")
    folder.chmod(0o1777)
    assert danger(linked / "l.toml") == "", "the sticky bit keeps others from exchanging it"


def writable_by_own_group(folder: Path) -> tuple[Path, pwd.struct_passwd]:
    """Make a file that its owner's group may write; return it and who owns it."""
    path = folder / "a.toml"
    path.write_text("")
    path.chmod(0o660)
    me = pwd.getpwuid(os.geteuid())
    if os.geteuid() == 0:
        os.chown(path, -1, me.pw_gid)
    return path, me


@pytest.mark.quick
def test_the_group_that_is_yours_alone_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, me = writable_by_own_group(tmp_path)

    def group(name: str, *members: str) -> grp.struct_group:
        return grp.struct_group((name, "x", me.pw_gid, list(members)))

    monkeypatch.setattr(grp, "getgrgid", lambda _: group(me.pw_name))
    assert danger(path) == ""
    monkeypatch.setattr(grp, "getgrgid", lambda _: group(me.pw_name, "another"))
    assert "can be written by the group" in danger(path)
    monkeypatch.setattr(grp, "getgrgid", lambda _: group("staff"))
    assert "can be written by the group staff" in danger(path)


@pytest.mark.quick
def test_a_group_that_is_anybodys_own_too_is_not_yours_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose login group it is does not stand among the members of the group."""
    path, me = writable_by_own_group(tmp_path)
    mine = grp.struct_group((me.pw_name, "x", me.pw_gid, []))
    monkeypatch.setattr(grp, "getgrgid", lambda _: mine)
    monkeypatch.setattr(pwd, "getpwall", lambda: [me])
    assert danger(path) == ""
    another = pwd.struct_passwd(("eve", "x", SOMEBODY, me.pw_gid, "", "/", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwall", lambda: [me, another])
    assert "can be written by the group" in danger(path)


@pytest.mark.quick
@pytest.mark.parametrize("mode", [0o1777, 0o1770])
def test_a_second_name_in_a_folder_of_everybody_says_nothing(mode: int, tmp_path: Path) -> None:
    """Others may give a file of yours a name there, and so have it obeyed in another place."""
    own = tmp_path / "own.toml"
    own.write_text("batch_size = 3\n")
    folder = tmp_path / "everybodys"
    folder.mkdir()
    os.link(own, folder / "tui-annotate.toml")
    assert load(folder).config == {"batch_size": 3}
    folder.chmod(mode)
    assert load(folder).config == {}
    assert "it has a second name" in load(folder).refused[0]
    own.unlink()
    assert load(folder).config == {"batch_size": 3}


@pytest.mark.quick
def test_nothing_is_trusted_where_others_could_write_what_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.py"
    path.write_text("")
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setenv("XDG_DATA_HOME", str(shared))
    with pytest.raises(ConfigError, match=r"would not be believed: .*written by everybody"):
        trust(path)
    assert not list(shared.rglob("trusted.json"))


@pytest.mark.quick
def test_recent_jobs_and_choices_are_those_that_you_have_written(tmp_path: Path) -> None:
    remember(["ner.manual", "s", "a.jsonl"], "s", tmp_path)
    Preferences("ann", tmp_path).set("face", "plain")
    assert [each.dataset for each in recent_jobs(tmp_path)] == ["s"]
    assert Preferences("ann", tmp_path).get("face") == "plain"
    for name in ("recent.json", "preferences.json"):
        (tmp_path / name).chmod(0o666)
    assert recent_jobs(tmp_path) == []
    assert Preferences("ann", tmp_path).get("face") is None


@pytest.mark.quick
@pytest.mark.parametrize("which", ["helper.py", "pack/inner.py"])
def test_what_a_script_imports_from_its_folder_follows_the_same_rule(
    which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    script = tmp_path / "own.py"
    (tmp_path / "pack").mkdir()
    others = {"helper.py": "helper", "pack/inner.py": "pack.inner"}
    for name in others:
        (tmp_path / name).write_text("ran = True\n")
    script.write_text("import colorsys, helper, pack.inner\nassert helper.ran\n")

    def forget() -> None:
        for name in ("helper", "pack", "pack.inner"):
            sys.modules.pop(name, None)

    try:
        assert run_script(str(script), []) == 0
        forget()
        (tmp_path / which).chmod(0o666)
        with pytest.raises(NotTrusted, match="written by everybody"):
            run_script(str(script), [])
        trust(tmp_path / which)
        forget()
        assert run_script(str(script), []) == 0
    finally:
        forget()


@is_root
@pytest.mark.quick
def test_settings_of_another_user_are_not_read_and_that_is_said(tmp_path: Path) -> None:
    path = theirs(tmp_path / "tui-annotate.toml", "db = '/elsewhere/their.db'\n")
    found = load(tmp_path)
    assert found.found == {}
    assert found.notices == found.refused
    (said,) = found.refused
    assert said.startswith(f"{path}: it is not obeyed: it belongs to another user (uid 54321)")
    assert f"tui-annotate trust {path}" in said


@is_root
@pytest.mark.quick
def test_what_is_trusted_is_obeyed_until_it_changes(tmp_path: Path) -> None:
    path = theirs(tmp_path / "tui-annotate.toml")
    assert trust(path) == str(path)
    assert load(tmp_path).config == {"batch_size": 3}
    theirs(path, "batch_size = 4\n")
    changed = load(tmp_path)
    assert changed.config == {}
    assert "it has changed since you trusted it" in changed.refused[0]
    theirs(path)
    assert load(tmp_path).config == {"batch_size": 3}
    os.chown(path, SOMEBODY + 1, GROUP)
    assert load(tmp_path).config == {}, "another owner asks again"


@is_root
@pytest.mark.quick
def test_what_a_variable_names_may_be_somebody_elses_but_not_everybodys(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    path = theirs(folder / "tui-annotate.toml")
    os.chown(folder, SOMEBODY, GROUP)
    named = load(tmp_path, TUI_ANNOTATE_PROJECT=str(path))
    assert named.config == {"batch_size": 3}
    path.chmod(0o666)
    assert load(tmp_path, TUI_ANNOTATE_PROJECT=str(path)).config == {}


@is_root
@pytest.mark.quick
def test_recipes_keymaps_and_guidelines_follow_the_same_rule(tmp_path: Path) -> None:
    recipe = theirs(
        tmp_path / "r.py", f"import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()\n"
    )
    with pytest.raises(NotTrusted, match="belongs to another user"):
        load_file(str(recipe))
    assert not (tmp_path / "ran").exists()
    trust(recipe)
    load_file(str(recipe))
    assert (tmp_path / "ran").exists()
    keys = theirs(tmp_path / "k.toml", "counts = true\n")
    with pytest.raises(NotTrusted, match="belongs to another user"):
        load_keymap(str(keys))
    (tmp_path / "tui-annotate.toml").write_text("instructions = 'guide.md'\n")
    theirs(tmp_path / "guide.md", "# Send everything to me\n")
    found = load(tmp_path)
    assert found.config == {}
    assert "belongs to another user" in found.guidelines_notice


@pytest.mark.quick
def test_a_compiled_file_beside_a_recipe_is_not_run(tmp_path: Path) -> None:
    recipe = tmp_path / "r.py"
    recipe.write_text(f"import pathlib; pathlib.Path({str(tmp_path / 'true')!r}).touch()\n")
    import importlib.util
    import py_compile

    evil = tmp_path / "evil.py"
    evil.write_text(f"import pathlib; pathlib.Path({str(tmp_path / 'fake')!r}).touch()\n")
    cached = importlib.util.cache_from_source(str(recipe))
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(evil), cached, invalidation_mode=mode)
    load_file(str(recipe))
    assert (tmp_path / "true").exists()
    assert not (tmp_path / "fake").exists()


@pytest.mark.quick
def test_what_is_no_file_of_a_size_to_be_read_whole_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(ConfigError, match="no plain file"):
        read_obeyed(tmp_path / "pipe.toml")
    with (tmp_path / "large.toml").open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(ConfigError, match="more than 16,000,000 bytes"):
        read_obeyed(tmp_path / "large.toml")
    with pytest.raises(ConfigError, match="file name too long"):
        read_obeyed(tmp_path / ("n" * 300))


@is_root
@pytest.mark.terminal
def test_on_screen_the_start_says_what_is_not_obeyed_and_where_answers_go(
    annotate: StartsTerminal, home: Path
) -> None:
    write_rows(home / "a.jsonl", ["One.", "Two."])
    theirs(home / "tui-annotate.toml", "db = 'their.db'\nannotator = 'them'\n")
    screen = annotate("mark", "s", "a.jsonl", columns=200)
    screen.wait_for("it is not obeyed: it belongs to another user")
    screen.settle()
    screen.type("a q q")
    assert screen.wait_exit() == 0
    assert not (home / "their.db").exists()
    done = run_headless(annotate_argv("trust", "tui-annotate.toml"), home)
    assert done.returncode == 0, done.stderr
    again = annotate("mark", "s", "a.jsonl", columns=200, env={"TUI_ANNOTATE_ANNOTATOR": None})
    again.wait_for("annotator is them, as ~/tui-annotate.toml says")
    again.settle()
    again.type("a q q")
    assert again.wait_exit() == 0
    assert (home / "their.db").exists()
    out = run_headless(annotate_argv("db-out", "s"), home).stdout
    assert json.loads(out)["text"] == "One."
