"""The rules of the house, read from the files themselves, so that new modules are covered."""

from __future__ import annotations

import ast
import json
import re
import sys
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import PACKAGE, ROOT, annotate_argv, run_headless
from tools.house import (
    Module,
    circles,
    double_names,
    functions_with_most_branches,
    import_graph,
)
from tui_annotate import errors
from tui_annotate.cli.command_table import COMMANDS
from tui_annotate.recipes.missing_commands import OTHER_NAMES
from tui_annotate.recipes.registry import BUILT_IN

FACES = {"tui"}
"""The packages that may know Textual."""

LONGEST_MODULE = 500
"""One concept, one module: nothing is cut in two because of its length alone."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def dotted(path: Path) -> str:
    """Return the name by which a module is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = [dotted(path) for path in MODULES]
HEADLESS = [name for name in NAMES if not FACES.intersection(name.split(".")[1:2])]


def each_module(rule: Callable[[Path], None]) -> Callable[[], None]:
    """Hold every module against a rule in one test: thousands of them would take seconds."""

    def test() -> None:
        broken = {}
        for name, path in zip(NAMES, MODULES, strict=True):
            try:
                rule(path)
            except AssertionError as error:
                broken[name] = str(error)
        assert not broken

    test.__name__ = rule.__name__
    return test


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), str(path))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls in a module with the last part of what is called."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            yield name, node


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and top-level name of what a module imports from elsewhere."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.split(".")[0]


# Floors


@pytest.fixture(scope="session")
def contracts() -> dict[str, Any]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return {contract["type"]: contract for contract in reversed(settings["contracts"])}


def test_imports_go_down_the_floors_only(tmp_path: Path) -> None:
    script = "from importlinter.cli import lint_imports_command as run; run()"
    argv = [sys.executable, "-c", script, "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    done = run_headless(argv, tmp_path, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_has_a_floor(contracts: dict[str, Any]) -> None:
    floors = set(re.findall(r"tui_annotate\.(\w+)", " ".join(contracts["layers"]["layers"])))
    assert {name.split(".")[1] for name in NAMES if "." in name} <= floors


@each_module
def test_nobody_asks_of_what_class_an_editor_is(path: Path) -> None:
    """An editor answers every question itself, so that a new one needs no change elsewhere."""
    for name, call in calls(path):
        if name == "isinstance":
            asked = [n.id for n in ast.walk(call.args[1]) if isinstance(n, ast.Name)]
            assert not [each for each in asked if each.endswith("Editor")], ast.unparse(call)


@pytest.mark.parametrize("typing", [False, True], ids=["when imported", "for types too"])
def test_no_modules_import_each_other_in_a_circle(typing: bool) -> None:
    graph = import_graph([Module(path, ROOT) for path in MODULES], typing=typing)
    assert len(graph) == len(MODULES) and sum(map(len, graph.values())) > len(MODULES)
    assert circles(graph) == []
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]


@each_module
def test_an_import_within_a_function_says_why(path: Path) -> None:
    """By a comment on its line or above it: mostly it keeps a module out of a start."""
    assert not [line for line, has_reason in Module(path, ROOT).lazy_imports() if not has_reason]


def test_no_class_has_the_name_of_another_one() -> None:
    """Whoever reads a name, or looks for it, finds the one thing that it stands for."""
    found = double_names([Module(path, ROOT) for path in MODULES])
    assert found == {}, "\n".join(f"{name}: {places}" for name, places in found.items())


# Without Textual

IMPORT_EACH = """
import importlib, json, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "textual":
            raise ImportError("textual is not there")

sys.meta_path.insert(0, Blocked())
found = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        found[name] = repr(error)
print(json.dumps(found))
"""


@pytest.fixture(scope="session")
def failed_imports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every module outside the faces that cannot be imported where Textual is not installed."""
    home = tmp_path_factory.mktemp("imports")
    done = run_headless([sys.executable, "-c", IMPORT_EACH, *HEADLESS], home)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_works_without_textual(failed_imports: dict[str, str]) -> None:
    # What speaks to a server is imported where a store is on one, which takes an extra.
    server = "ModuleNotFoundError(\"No module named 'psycopg'\")"
    absent = () if find_spec("psycopg") else (server,)
    assert {name: why for name, why in failed_imports.items() if why not in absent} == {}


# Nothing heavy is loaded for nothing

HELP_OF_EACH = """
import json, sys
import click
from tui_annotate.cli.command_table import COMMANDS
from tui_annotate.cli.main import cli

def walk(command, path):
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in sorted(command.list_commands(context), key=lambda name: name in COMMANDS):
            yield from walk(command.get_command(context, name), [*path, name])

found, seen = {}, set()
for path in walk(cli, []):
    try:
        cli.main([*path, "--help"], prog_name="tui-annotate", standalone_mode=False)
    except click.exceptions.Exit:
        pass
    heavy = {name for name in sys.argv[1:] if name in sys.modules}
    found[" ".join(path)] = sorted(heavy - seen)
    seen |= heavy
sys.stdout.write("\\n" + json.dumps(found) + "\\n")
"""

HEAVY = ("textual", "rich.console", "rich.text", "sqlite_utils", "sqlite3", "spacy", "numpy")


@pytest.fixture(scope="session")
def help_loads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """For every command what its help was the first to load."""
    home = tmp_path_factory.mktemp("help")
    done = run_headless([sys.executable, "-c", HELP_OF_EACH, *HEAVY], home)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_help_of_every_command_loads_nothing_heavy(help_loads: dict[str, list[str]]) -> None:
    assert {"", "demo", "db-out", "stats", *BUILT_IN} <= help_loads.keys()
    assert not {
        command: heavy
        for command, loaded in help_loads.items()
        # Commands about answers are imported with the database that they ask.
        if (heavy := set(loaded) - ({"sqlite3"} if command.split(" ")[0] in COMMANDS else set()))
    }


EACH_HELP_ALONE = """
import json, os, sys
import tui_annotate.cli.main as main

found = {}
for name in ("recipes", *sys.argv[1:]):
    reader, writer = os.pipe()
    if not os.fork():
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = main.run([name, "--help"])
        names = [each for each in sys.modules if each.split(".")[0] in ("textual", "spacy")]
        os.write(writer, json.dumps([code, len(sys.modules), names]).encode())
        os._exit(0)
    os.close(writer)
    found[name] = json.loads(os.read(reader, 1_000_000) or "null")
    os.wait()
    os.close(reader)
print(json.dumps(found))
"""


def test_the_help_of_a_command_loads_little_more_than_that_of_another(tmp_path: Path) -> None:
    names = sorted(
        {*BUILT_IN, *OTHER_NAMES} | {each for each in COMMANDS if "." in each or "-" in each}
    )
    done = run_headless([sys.executable, "-c", EACH_HELP_ALONE, *names], tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    most = 1.5 * found["recipes"][1]
    assert len(found) == len(names) + 1
    assert not {name: each for name, each in found.items() if each[0] != 0 or each[2]}
    assert not {name: each[1] for name, each in found.items() if each[1] > most}


@pytest.mark.parametrize(
    ("arguments", "code", "forbidden"),
    [
        (["--help"], 0, HEAVY),
        (["--version"], 0, HEAVY),
        (["recipes"], 0, HEAVY),
        (["no-such-command"], 2, HEAVY),
        (["stats"], None, HEAVY[:3]),
        (["stats", "no_such_set"], None, HEAVY[:3]),
        (["db-out", "no_such_set"], None, HEAVY[:3]),
        (["ner.manual"], 2, HEAVY[:3]),
        # There is no terminal: said at once, before anything is loaded to draw on it.
        (["demo"], 2, HEAVY[:3]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_headless_command_loads_nothing_to_draw_with(
    arguments: list[str], code: int | None, forbidden: tuple[str, ...], home: Path
) -> None:
    python, *rest = annotate_argv(*arguments)
    done = run_headless([python, "-X", "importtime", *rest], home)
    loaded = set(re.findall(r"^import time: .*\| +(\S+)$", done.stderr, re.MULTILINE))
    assert "tui_annotate.cli.main" in loaded, "the list of imports was not read"
    assert not loaded.intersection(forbidden)
    assert "Traceback" not in done.stderr
    assert code is None or done.returncode == code, done.stderr[-500:]


# What stands in the files


@each_module
def test_a_module_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_MODULE


@each_module
def test_annotations_cost_nothing_at_import(path: Path) -> None:
    body = parsed(path).body
    futures = [node for node in body if isinstance(node, ast.ImportFrom)]
    only_a_docstring = len(body) <= 1
    assert only_a_docstring or any(node.module == "__future__" for node in futures)


@each_module
def test_nothing_is_left_to_do(path: Path) -> None:
    with path.open("rb") as file:
        comments = [t for t in tokenize.tokenize(file.readline) if t.type == tokenize.COMMENT]
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    assert not [comment.line for comment in comments if words.search(comment.string)]


@each_module
def test_data_is_never_code(path: Path) -> None:
    modules = {"pickle", "shelve", "marshal", "dill", "cloudpickle", "jsonpickle"}
    assert not [line for line, name in imports(path) if name in modules]
    evaluated = [
        node.lineno
        for name, node in calls(path)
        if isinstance(node.func, ast.Name) and name in {"eval", "exec", "compile", "__import__"}
    ]
    assert not evaluated
    shells = [
        node.lineno
        for _, node in calls(path)
        if ast.unparse(node.func) in {"os.system", "os.popen"}
        or _keyword(node, "shell") not in (None, False)
    ]
    assert not shells


def _keyword(call: ast.Call, name: str) -> object:
    """Return a keyword argument's constant, `...` for any other value, None where it is absent."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value.value if isinstance(keyword.value, ast.Constant) else ...
    return None


@each_module
def test_data_is_never_markup(path: Path) -> None:
    """Textual's stock widgets and `notify` read markup unless they are told not to."""
    parsers = {"from_markup", "render_markup", "to_content"}
    readers = {"Static", "Label", "Button", "notify", "Tooltip"} if _is_face(path) else set()
    found = [
        node.lineno
        for name, node in calls(path)
        if name in parsers
        or _keyword(node, "markup") not in (None, False)
        or (name in readers and _keyword(node, "markup") is not False)
    ]
    assert not found


def _is_face(path: Path) -> bool:
    return path.relative_to(PACKAGE).parts[0] in FACES


@each_module
def test_only_the_store_opens_the_database(path: Path) -> None:
    if path.relative_to(PACKAGE).parts[0] == "store":
        return
    engines = {"sqlite3", "sqlite_utils", "apsw", "sqlean"}
    assert not [line for line, name in imports(path) if name in engines]


@each_module
def test_errors_stand_in_one_tree(path: Path) -> None:
    """Whatever a user can meet is defined in `errors.py`, where its exit code can be read."""
    if path == PACKAGE / "errors.py":
        return
    tree = {name for name, _ in _error_classes()}
    defined = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)]
    bases = {ast.unparse(base).split(".")[-1] for node in defined for base in node.bases}
    assert not bases & tree


def _error_classes() -> list[tuple[str, type[errors.TuiAnnotateError]]]:
    return [
        (name, value)
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.TuiAnnotateError)
    ]


def _drawn_tree() -> list[tuple[int, str, int | None]]:
    """Read depth, name and exit code from the tree in the docstring of `errors.py`."""
    line = re.compile(r"^ {4}([│├└─ ]*)([A-Z]\w+) +(?:exit (\d+))?", re.MULTILINE)
    found = line.findall(errors.__doc__ or "")
    return [(len(lines) // 4, name, int(code) if code else None) for lines, name, code in found]


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    drawn = _drawn_tree()
    classes = dict(_error_classes())
    assert sorted(name for _, name, _ in drawn) == sorted(classes)
    for _, name, code in drawn:
        if code is not None:
            assert classes[name].exit_code == code, name
    for parent, child in _edges(drawn):
        assert classes[child].__bases__ == (classes[parent],)


def _edges(drawn: list[tuple[int, str, int | None]]) -> Iterator[tuple[str, str]]:
    """Yield parent and child for every line but the first."""
    path: list[str] = []
    for depth, name, _ in drawn:
        path[depth:] = [name]
        yield from list(pairwise(path))[-1:]


# What people copy from the README


def test_the_readme_and_the_checks_run_the_same_commands() -> None:
    tests = "python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/pytest"
    install = "python3 -m venv .venv && . .venv/bin/activate && pip install ."
    demo = f"{install}\ntui-annotate demo"
    readme = (ROOT / "README.md").read_text()
    assert tests in readme
    assert demo in readme
    assert tests in (ROOT / ".ci" / "run").read_text()


def test_branches_of_a_function_are_counted_without_those_of_functions_within_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "tui_annotate"
    folder.mkdir()
    lines = (
        "class Door:",
        "    def open(self, key):",
        "        if key and self.fits(key):",
        "            return [each for each in key if each]",
        "        def inner(x):",
        "            return 1 if x else 2",
        "        return inner",
    )
    (folder / "doors.py").write_text("\n".join(lines), encoding="utf-8")
    assert functions_with_most_branches(tmp_path, 5) == [
        (3, "tui_annotate/doors.py:2 Door.open"),
        (1, "tui_annotate/doors.py:5 Door.open.inner"),
    ]
