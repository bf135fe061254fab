"""How readable the package is, in figures.

    python -m tools.house [--static] [FOLDER]
    python -m tools.house --functions N [FOLDER]
    python -m tools.house --ways

Prints one `name: value` a line. Instead `--functions` prints the N functions with most branches,
each with its branches and its place, and `--ways` the modules that a label key and an accepted
answer pass through, each with its lines and the functions that run. What is counted:

- modules, the longest one, and the lines of all;
- branches a line: `if`, `for`, `while`, `except`, `case`, conditional expressions, conditions of
  comprehensions, each further operand of `and` and `or`, and assignments within expressions, over
  the lines that hold code;
- comments that stand on 1,000 lines of code (no docstrings, no directives to linters);
- imports inside functions, and how many of them say why (a comment on the line or above it);
- `isinstance` checks whose class is an editor;
- circles: groups of modules that import each other when they are imported, and when the imports
  for type checkers are counted as well;
- names that two or more public classes have;
- modules of the package in which a function runs while a label key, and while the key that accepts
  a task, is carried out (needs the tests' support; left out with `--static`).
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import io
import re
import sys
import tempfile
import threading
import tokenize
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "tui_annotate"

BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case, ast.IfExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DIRECTIVE = re.compile(r"#\s*(noqa|type:|fmt:|pragma|mypy:|ruff:)")


class Module:
    """One file: its text, its tree, and the name by which it is imported."""

    def __init__(self, path: Path, top: Path) -> None:
        self.path = path.relative_to(top).as_posix()
        parts = path.relative_to(top).with_suffix("").parts
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self.package = self.name if parts[-1] == "__init__" else self.name.rpartition(".")[0]
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.splitlines()
        self.tree = ast.parse(self.text, str(path))
        self.comments = dict(_comments(self.text))

    def code_lines(self) -> int:
        """Return how many lines hold code: neither blank nor within a comment or a docstring."""
        covered = {
            line
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }
        return sum(
            1
            for number, line in enumerate(self.lines, 1)
            if line.strip() and not line.lstrip().startswith("#") and number not in covered
        )

    def branches(self) -> int:
        """Return how many places decide what happens next."""
        return sum(map(_branches, ast.walk(self.tree)))

    def functions(self) -> Iterator[tuple[int, str]]:
        """Yield each function's branches and its place, `path:line Class.name`. Those of functions
        within it are theirs."""
        yield from self._functions(self.tree, "")

    def _functions(self, node: ast.AST, within: str) -> Iterator[tuple[int, str]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, _FUNCTIONS):
                place = f"{self.path}:{child.lineno} {within}{child.name}"
                yield sum(map(_branches, _own_nodes(child))), place
            if isinstance(child, (*_FUNCTIONS, ast.ClassDef)):
                yield from self._functions(child, f"{within}{child.name}.")
            else:
                yield from self._functions(child, within)

    def lazy_imports(self) -> Iterator[tuple[int, bool]]:
        """Yield the line of each import inside a function, and whether it says why."""
        seen: set[int] = set()
        for function in ast.walk(self.tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom) and node.lineno not in seen:
                    seen.add(node.lineno)
                    end = node.end_lineno or node.lineno
                    yield node.lineno, bool({node.lineno - 1, node.lineno, end} & {*self.comments})

    def editor_checks(self) -> int:
        """Return how many `isinstance` checks ask for a class of editors."""
        return sum(
            1
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "isinstance"
            and re.search(r"\w*Editor\b", ast.unparse(node.args[1]))
        )

    def imports(self, known: Container[str], *, typing: bool) -> Iterator[str]:
        """Yield the modules that it imports when it is imported; `typing` adds those for types.

        Args:
            known: The modules that there are: of a package from which only these are taken, nothing
                itself is used.
            typing: Whether imports for type checkers count.
        """
        yield from self._imports(self.tree.body, known, typing)

    def _imports(
        self, body: Iterable[ast.stmt], known: Container[str], typing: bool
    ) -> Iterator[str]:
        for node in body:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                taken = [f"{node.module}.{alias.name}" for alias in node.names]
                yield from taken
                if not all(name in known for name in taken):
                    yield node.module
            elif isinstance(node, ast.If):
                if typing or "TYPE_CHECKING" not in ast.unparse(node.test):
                    yield from self._imports(node.body, known, typing)
                yield from self._imports(node.orelse, known, typing)
            elif isinstance(node, ast.Try):
                yield from self._imports([*node.body, *node.orelse, *node.finalbody], known, typing)


def _branches(node: ast.AST) -> int:
    """Return in how many ways a node itself decides what happens next."""
    if isinstance(node, (*BRANCHES, ast.NamedExpr)):
        return 1
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    return len(node.ifs) if isinstance(node, ast.comprehension) else 0


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Yield what a function consists of, without the functions and classes within it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, (*_FUNCTIONS, ast.ClassDef)):
            yield child
            yield from _own_nodes(child)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of the comments that are written for people."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not DIRECTIVE.match(token.string):
            yield token.start[0], token.string


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of two and more modules that reach each other (Tarjan 1972)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    open_: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        open_.append(name)
        for other in graph[name]:
            if other not in order:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in open_:
                low[name] = min(low[name], order[other])
        if low[name] == order[name]:
            group = open_[open_.index(name) :]
            del open_[open_.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    sys.setrecursionlimit(10_000)
    for name in graph:
        if name not in order:
            visit(name)
    return found


def import_graph(modules: list[Module], *, typing: bool) -> dict[str, set[str]]:
    """Return which module imports which, within the package; packages that only hold others and
    are imported on the way are not counted."""
    names = {module.name for module in modules}
    return {
        module.name: {name for name in module.imports(names, typing=typing) if name in names}
        - {module.name, module.package}
        for module in modules
    }


def double_names(modules: list[Module]) -> dict[str, list[str]]:
    """Return the names that several public classes have, with the modules that define them."""
    places: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        if ".compat" in module.name:  # has the names of another program
            continue
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(module.name)
    return {name: found for name, found in places.items() if len(found) > 1}


class Passed:
    """Notes the modules of the package in which functions run, on every thread, while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.modules: dict[str, set[str]] = defaultdict(set)

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """Take the module of a call, as `sys.setprofile` reports it."""
        if self.on and event == "call":
            name = frame.f_globals.get("__name__", "")
            if name.split(".")[0] == PACKAGE:
                self.modules[name].add(frame.f_code.co_qualname)


Way = dict[str, tuple[str, ...]]
"""By module, the functions that run in it."""


async def _walk(passed: Passed, folder: Path) -> dict[str, Way]:
    from tests.session.support import Place  # figures of the text alone need no tests' support
    from tests.tui.app_support import running

    ways = {}
    texts = [f"Acme left Berlin {number}." for number in range(6)]
    async with running(Place(folder, texts)) as driver:
        await driver.type("1 l a 1 l a")  # what a first time only does is done
        for what, key in (("a label key", "1"), ("an accepted answer", "a")):
            passed.modules.clear()
            passed.on = True
            await driver.type(key)
            passed.on = False
            ways[what] = {name: (*sorted(found),) for name, found in sorted(passed.modules.items())}
    return ways


def run_time_ways() -> dict[str, Way]:
    """Return the modules that a label key, and an accepted answer, pass through."""
    passed = Passed()
    threading.setprofile(passed)
    sys.setprofile(passed)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return asyncio.run(_walk(passed, Path(folder)))
    finally:
        threading.setprofile(None)
        sys.setprofile(None)


def _modules(top: Path) -> list[Module]:
    return [Module(path, top) for path in sorted((top / PACKAGE).rglob("*.py"))]


def functions_with_most_branches(top: Path, most: int) -> list[tuple[int, str]]:
    """Return branches and place of so many functions of the package below a folder.

    Args:
        top: The folder.
        most: How many.
    """
    found = [each for module in _modules(top) for each in module.functions()]
    return sorted(found, key=lambda each: (-each[0], each[1]))[:most]


def figures(top: Path) -> Iterator[tuple[str, object]]:
    """Yield the figures of the package below a folder that can be read from its text."""
    modules = _modules(top)
    lines = sum(len(module.lines) for module in modules)
    code = sum(module.code_lines() for module in modules)
    longest = max(modules, key=lambda module: len(module.lines))
    lazy = [reason for module in modules for _, reason in module.lazy_imports()]
    doubles = double_names(modules)
    yield "modules", len(modules)
    yield "lines", lines
    yield "longest module", f"{len(longest.lines)} ({longest.name})"
    yield "branches a line of code", f"{sum(each.branches() for each in modules) / code:.3f}"
    comments = sum(len(module.comments) for module in modules)
    yield "comments per 1,000 lines", f"{1000 * comments / lines:.1f}"
    yield "imports inside functions", f"{len(lazy)} ({sum(lazy)} with a reason)"
    yield "isinstance checks on editors", sum(module.editor_checks() for module in modules)
    for typing, name in ((False, "circles"), (True, "circles, imports for types counted")):
        groups = circles(import_graph(modules, typing=typing))
        sizes = Counter(len(group) for group in groups)
        yield name, f"{len(groups)}" + (f" (of {sorted(sizes.elements())})" if groups else "")
    yield "class names with two or more meanings", " ".join([f"{len(doubles)}", *sorted(doubles)])


def main() -> None:
    """Print the figures of a checkout, by default of this one."""
    parser = argparse.ArgumentParser(description="How readable the package is, in figures.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT, metavar="FOLDER")
    parser.add_argument("--static", action="store_true", help="only what is read from the text")
    parser.add_argument("--functions", type=int, metavar="N", help="the N with most branches")
    parser.add_argument("--ways", action="store_true", help="modules that keys pass through")
    given = parser.parse_args()
    top = given.folder.resolve()
    if given.functions is not None:
        for count, place in functions_with_most_branches(top, given.functions):
            print(f"{count} {place}")
        return
    if given.ways:
        _print_ways()
        return
    for name, value in figures(top):
        print(f"{name}: {value}")
    if not given.static and top == ROOT:
        for what, way in run_time_ways().items():
            print(f"modules that {what} passes through: {len(way)}")


def _print_ways() -> None:
    lines = {module.name: len(module.lines) for module in _modules(ROOT)}
    for what, way in run_time_ways().items():
        print(f"{what}: {len(way)} modules")
        for name, functions in way.items():
            print(f"  {name} ({lines[name]} lines): {', '.join(functions)}")


if __name__ == "__main__":
    main()
