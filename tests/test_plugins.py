"""The plugins of docs/plugins.md, installed as a package is and used by their names."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.support.environment import ROOT

PAGE = (ROOT / "docs" / "plugins.md").read_text()
BROKEN = {
    "tui_annotate.views": {"odd-view": "my_annotation:FIVE"},
    "tui_annotate.loaders": {"odd-loader": "no_such_module:LOADER"},
}


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """The environment in which the package of the page is installed, with two broken ones."""
    (declared,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    points: dict[str, dict[str, str]] = tomllib.loads(declared)["project"]["entry-points"]
    for group, added in BROKEN.items():
        points[group] = {**points[group], **added}
    info = tmp_path / "site" / "my_annotation-1.0.dist-info"
    info.mkdir(parents=True)
    module = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    (info.parent / "my_annotation.py").write_text(module)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-annotation\nVersion: 1.0\n")
    lines = []
    for group, named in points.items():
        lines += [f"[{group}]", *(f"{name} = {place}" for name, place in named.items())]
    (info / "entry_points.txt").write_text("\n".join(lines))
    (info / "RECORD").write_text("my_annotation.py,,\n")
    return {"PYTHONPATH": f"{ROOT}:{info.parent}"}


def test_a_package_adds_what_the_page_says(
    installed: dict[str, str], annotate: StartsTerminal, headless: RunsHeadless, tmp_path: Path
) -> None:
    (tmp_path / "poem.verses").write_text("1 Tyger Tyger, burning bright\n2 In the forests\n")
    source = str(tmp_path / "poem.verses")
    screen = annotate(
        *("mark", "my_set", source, "--view-id", "stars", "--keymap", "left-hand"), env=installed
    )
    screen.wait_for("Tyger Tyger, burning bright")
    screen.settle()
    screen.type("4 G")
    screen.wait_for("In the forests")
    screen.type("q q")
    assert screen.wait_exit() == 0
    (answer,) = map(json.loads, headless("db-out", "my_set", env=installed).stdout.splitlines())
    assert (answer["accept"], answer["meta"], answer["answer"]) == ([4], {"verse": "1"}, "accept")

    written = tmp_path / "texts.txt"
    export = headless("export", "my_set", str(written), "--to", "one-a-line", env=installed)
    assert (export.returncode, written.read_text()) == (0, "Tyger Tyger, burning bright\n")
    formats = headless("formats", env=installed).stdout
    assert "verses" in formats and "one-a-line" in formats
    listed = headless("recipes", env=installed).stdout
    assert "Ask for the tone of a sentence." in listed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("mark", "s", "t.txt", "--view-id", "odd-view", "--plain"), "adds list, not View"),
        (
            ("mark", "s", "t.txt", "--view-id", "text", "--loader", "odd-loader", "--plain"),
            "No module named 'no_such_module'",
        ),
        (("mark", "s", "t.txt", "--view-id", "star", "--plain"), "Did you mean 'stars'?"),
        (
            ("mark", "s", "t.txt", "--view-id", "text", "--loader", "verse", "--plain"),
            "Did you mean 'verses'?",
        ),
        (("export", "s", "-", "--to", "one-line"), "Did you mean 'one-a-line'?"),
    ],
)
def test_a_broken_package_and_a_mistyped_name_are_said(
    installed: dict[str, str],
    headless: RunsHeadless,
    tmp_path: Path,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    (tmp_path / "t.txt").write_text("A text.\n")
    (tmp_path / "a.jsonl").write_text('{"text": "A text.", "answer": "accept"}\n')
    if arguments[0] == "export":
        assert headless("db-in", "s", str(tmp_path / "a.jsonl")).returncode == 0
    given = [str(tmp_path / each) if each == "t.txt" else each for each in arguments]
    result = headless(*given, env=installed)
    assert result.returncode != 0
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_keymap_that_is_mistyped_is_said(
    installed: dict[str, str], annotate: StartsTerminal, tmp_path: Path
) -> None:
    (tmp_path / "t.txt").write_text("A text.\n")
    arguments = ("mark", "s", str(tmp_path / "t.txt"), "--view-id", "text", "--keymap", "left-han")
    screen = annotate(*arguments, env=installed)
    screen.wait_for("Did you mean 'left-hand'?")
    assert screen.wait_exit() == 2
