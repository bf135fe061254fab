"""Every snippet of README.md and docs/*.md: commands exist with their options, code compiles and
imports what there is, and TOML and JSON can be read. New pages and snippets enter by themselves."""

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from tests.support.environment import ROOT
from tools import tables
from tui_annotate.cli.command_table import COMMANDS
from tui_annotate.cli.main import cli
from tui_annotate.cli.recipe_command import make_command
from tui_annotate.recipes.registry import get_recipe, is_recipe

pytestmark = pytest.mark.quick

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`(tui-annotate [^`]+)`")
PROGRAM = "tui-annotate"


class Snippet(NamedTuple):
    """A fenced block: its page, its line, what stands behind the fence, and its text."""

    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def snippets(*kinds: str) -> list[Snippet]:
    """Return the blocks of some kinds, on all pages."""
    return [each for page in PAGES for each in blocks_of(page) if each.kind in kinds]


def blocks_of(page: Path) -> Iterator[Snippet]:
    text = page.read_text("utf-8")
    for found in FENCE.finditer(text):
        indent = found[1]
        body = "".join(line.removeprefix(indent) for line in found[3].splitlines(keepends=True))
        yield Snippet(page, text.count("\n", 0, found.start()) + 1, found[2], body)


def command_lines() -> Iterator[tuple[str, list[str]]]:
    """Yield the command lines of blocks and of inline code, each with where it stands."""
    for block in snippets("", "sh", "bash", "console", "shell"):
        for number, line in enumerate(block.text.replace("\\\n", " ").splitlines(), block.line + 1):
            yield from _calls(f"{block.page.name}:{number}", line)
    for page in PAGES:
        for found in INLINE.finditer(page.read_text("utf-8")):
            yield from _calls(page.name, " ".join(found[1].split()))


def _calls(where: str, line: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the calls of the program in a line of a shell; what is cut short with `...` may end
    in the midst of a quotation."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        return
    for at, word in enumerate(words):
        if word.rpartition("/")[2] != PROGRAM:
            continue
        ends = (each for each in range(at + 1, len(words)) if words[each] in ("|", "&&", ";", ">"))
        yield where, words[at + 1 : next(ends, len(words))]


def known_options(name: str) -> set[str] | None:
    """Return the options of a command or recipe; None where there is none of that name."""
    command: click.Command | None
    if name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
    elif is_recipe(name):
        command = make_command(get_recipe(name))
    else:
        return None
    assert command is not None
    if isinstance(command, click.Group):
        parts = [command.get_command(click.Context(command), each) for each in command.commands]
        params = [p for part in (command, *parts) if part is not None for p in part.params]
    else:
        params = list(command.params)
    named = {opt for p in params for opt in (*p.opts, *p.secondary_opts)}
    return {*named, "--help", "-F", "-h"}


# Names of recipes that a page defines itself, and words that stand for any of them.
OWN_NAMES = re.compile(r"@\w+\.recipe\(\s*\"([\w.-]+)\"")
PLACEHOLDERS = re.compile(r"[A-Z_]+|\.\.\.|…|<.*|\[.*")


def test_there_are_snippets_of_every_kind() -> None:
    counts = {kind: len(snippets(kind)) for kind in ("python", "toml", "json")}
    assert all(counts.values()), counts
    assert len(list(command_lines())) > 100


def test_every_command_line_names_what_there_is() -> None:
    own = {name for page in PAGES for name in OWN_NAMES.findall(page.read_text("utf-8"))}
    wrong = []
    for where, words in command_lines():
        has_file = "-F" in words
        words = _without_files(words)
        if not words or words[0].startswith("-") or PLACEHOLDERS.fullmatch(words[0]):
            continue
        if words[0] in own:
            continue
        options = known_options(words[0])
        if options is None:
            if not has_file:
                wrong.append(f"{where}: no command {words[0]!r}")
            continue
        for recipe in filter(is_recipe, words[1:]):  # a command may stand behind another one
            options |= known_options(recipe) or set()
        given = (word.partition("=")[0].rstrip(",.;)") for word in words[1:])
        unknown = [each for each in given if re.fullmatch(r"--[a-z][\w-]*", each)]
        wrong += [f"{where}: {words[0]} {each}" for each in unknown if each not in options]
    assert wrong == []


def _without_files(words: list[str]) -> list[str]:
    if "-F" in words[:-1]:
        at = words.index("-F")
        return words[:at] + words[at + 2 :]
    return words


@pytest.mark.parametrize("snippet", snippets("python"), ids=str)
def test_python_compiles_and_imports_what_there_is(snippet: Snippet) -> None:
    tree = ast.parse(snippet.text, str(snippet))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tui_annotate"):
            module = import_module(node.module or "")
            assert [each.name for each in node.names if not hasattr(module, each.name)] == []
        owner = node.value if isinstance(node, ast.Attribute) else None
        if isinstance(owner, ast.Name) and owner.id == "ta":
            assert isinstance(node, ast.Attribute)
            assert hasattr(import_module("tui_annotate"), node.attr), node.attr


@pytest.mark.parametrize("snippet", snippets("toml"), ids=str)
def test_toml_can_be_read(snippet: Snippet) -> None:
    assert tomllib.loads(snippet.text)


@pytest.mark.parametrize("snippet", snippets("json", "jsonl"), ids=str)
def test_json_can_be_read(snippet: Snippet) -> None:
    try:
        assert json.loads(snippet.text)
    except ValueError:  # one object a line
        assert [json.loads(line) for line in snippet.text.splitlines() if line.strip()]


def test_every_table_is_that_of_its_registry() -> None:
    """`python -m tools.tables` writes them."""
    for name, table in tables.TABLES.items():
        page = (ROOT / "docs" / name).read_text("utf-8")
        assert tables.with_table(page, table()) == page, name
    keys = (ROOT / "docs" / "keys.md").read_text("utf-8")
    assert tables.with_keys(keys) == keys


def test_a_table_that_is_behind_is_written_anew() -> None:
    page = "# Page\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nEnd.\n"
    table = "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |"
    assert tables.with_table(page, table) == f"# Page\n\n{table}\n\nEnd.\n"
    keys = (ROOT / "docs" / "keys.md").read_text("utf-8")
    assert tables.with_keys(keys.replace("| accept |", "| agree |")) == keys


def test_every_page_is_in_the_site_and_on_its_first_page() -> None:
    site = (ROOT / "mkdocs.yml").read_text("utf-8")
    named = re.findall(r": ([\w-]+\.md)$", site, re.MULTILINE)
    pages = {page.name for page in (ROOT / "docs").glob("*.md")}
    assert sorted(named) == sorted(pages)
    first = (ROOT / "docs" / "index.md").read_text("utf-8")
    assert {*re.findall(r"\]\(([\w-]+\.md)\)", first)} == pages - {"index.md"}


def test_the_site_is_built_without_a_warning_and_loads_nothing(tmp_path: Path) -> None:
    build = pytest.importorskip("mkdocs.commands.build")
    config = import_module("mkdocs.config").load_config(
        str(ROOT / "mkdocs.yml"), strict=True, site_dir=str(tmp_path)
    )
    build.build(config)
    pages = list(tmp_path.glob("*.html"))
    assert len(pages) > len(PAGES) - 2
    loaded = re.compile(r"<(?:script|img|link)\b[^>]*(?:src|href)=\"(https?://[^\"]*)\"")
    found = [url for page in pages for url in loaded.findall(page.read_text("utf-8"))]
    assert [url for url in found if not url.endswith(".html")] == []
