"""Loads recipe files, only those that are named on the command line.

Loading a file runs it, so only the user (or root) may be able to write it (`trust.py`).
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import os
import random
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import decode_source
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tui_annotate.errors import NotTrusted, RecipeError, TuiAnnotateError, UsageError
from tui_annotate.job import RecipeExit
from tui_annotate.task.hashing import blake2b
from tui_annotate.trust import danger, read_obeyed
from tui_annotate.whole_files import real_path

OPTION = "-F"

_HAS_FLAG = "db-out"
"""The command that has a flag `-F` of its own."""

_ended: list[int] = []
"""The exit codes of the sessions that files have run by themselves while they were loaded."""
_loading: list[str] = []
"""The files that are being loaded now."""
_beside: set[str] = set()
"""The folders in which modules of recipe files are looked for."""
_untouched: list[object] = []
"""The state of `random` before files were loaded; empty once it was set for a job."""
_ALIAS = "tui_annotate.compat"
"""The package that gives our alias of Prodigy; it lies above the recipes."""


def take_files(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Take `-F FILE` out of a command line, wherever it stands before `--`.

    In front of what is no Python file it stays with `db-out`, whose flag of that name it is.

    Returns:
        The other arguments, and the files.

    Raises:
        UsageError: `-F` is the last word.
    """
    rest: list[str] = []
    files: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*rest, word, *words], files
        if word != OPTION:
            rest.append(word)
            continue
        file = next(words, None)
        if arguments[0] == _HAS_FLAG and not (file or "").endswith(".py"):
            rest += [word] if file is None else [word, file]
            continue
        if file is None:
            raise UsageError("the file is missing", where=OPTION, hint="Write -F recipe.py")
        files.append(file)
    return rest, files


def load_file(name: str) -> None:
    """Run a Python file, so that its recipes are registered.

    What it imports and is not installed is looked for beside it, and then in the folder that the
    shell is in, now and whenever its functions are called.

    Raises:
        UsageError: It is no Python file.
        ConfigError: There is no such file, or others could have written it or what it imports.
        RecipeError: It fails; the message has the line.
    """
    path = Path(name).expanduser()
    _find_modules_in(str(real_path(path).parent))
    with suppress(OSError):  # a folder that is gone has no modules
        _find_modules_in(str(Path.cwd()))
    module_name = f"recipes_{blake2b(os.fsencode(real_path(path)), digest_size=6).hexdigest()}"
    _execute(name, path, module_name)


def _find_modules_in(folder: str) -> None:
    if folder not in _beside:
        _beside.add(folder)
        sys.meta_path.append(_Beside(folder))  # behind what is installed


def run_script(name: str, arguments: Sequence[str]) -> int:
    """Run a Python file as Python runs a script: as `__main__`, with its folder to import from.

    What it imports from there is looked at as the script is: a script that is trusted as it is
    says nothing about the files beside it.

    Args:
        name: The file.
        arguments: What follows it in `sys.argv`.

    Returns:
        The exit code: that of the last session it has served, else 0.

    Raises:
        UsageError: It is no Python file.
        ConfigError: There is no such file, or others could have written it.
        RecipeError: It fails; the message has the line.
        SystemExit: It ends itself.
    """
    path = Path(name).expanduser()
    before = (sys.argv, sys.path[:], sys.modules["__main__"])
    sys.argv = [name, *arguments]
    folder = str(real_path(path).parent)
    sys.path.insert(0, folder)
    beside = _Beside(folder)
    sys.meta_path.insert(sys.meta_path.index(PathFinder), beside)
    try:
        _execute(name, path, "__main__")
    finally:
        sys.meta_path.remove(beside)
        sys.argv, sys.path[:], sys.modules["__main__"] = before
    return take_served() or 0


def _execute(name: str, path: Path, module_name: str) -> None:
    """Run a checked file as the module of this name."""
    data = read_obeyed(path, by=name)
    if path.suffix != ".py":
        raise UsageError("it is no Python file", where=name, hint="Its name must end in .py")
    loader = _CheckedSource(module_name, str(path), data)
    spec = importlib.util.spec_from_file_location(module_name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    _loading.append(name)
    _watch_chance()
    try:
        loader.exec_module(module)
    except (RecipeError, RecipeExit, NotTrusted):  # which have said why, in words of the file
        raise
    except SyntaxError as error:
        where = f"{name}:{error.lineno}"
        raise RecipeError(f"it is not valid Python ({error.msg})", where=where) from error
    except ImportError as error:
        raise lacking(error, f"{name}:{_line(error, path)}") from error
    except (Exception, SystemExit) as error:
        if module_name == "__main__" and isinstance(error, (TuiAnnotateError, SystemExit)):
            raise  # what a session that the script serves ends with, or the script itself
        what = f"loading it failed with {type(error).__name__}: {error}"
        raise RecipeError(what, where=f"{name}:{_line(error, path)}") from error
    finally:
        _loading.remove(name)


def settle_chance(*of: str) -> None:
    """Let a recipe's `random` begin as it did before, so that what it shuffles is asked once.

    A recipe that draws who stands left, or which rows are asked, would else give other tasks after
    each start. A file that has used `random` while it was loaded keeps its own sequence.

    Args:
        of: What tells one sequence from another: the recipe and its dataset.
    """
    if _untouched and random.getstate() != _untouched[0]:
        return
    random.seed("\0".join(of))
    _untouched.clear()  # a job that is made anew begins anew


def _watch_chance() -> None:
    """Note what `random` is like before files are loaded."""
    if not _untouched:
        random.seed(0)
        _untouched.append(random.getstate())


def note_served(code: int) -> int:
    """Note the exit code of a session that a script has run by itself, and return it."""
    if _loading:
        _ended.append(code)
    return code


def take_served() -> int | None:
    """Return the exit code of the last session that a file has run by itself while it was loaded,
    once; None where none has."""
    code = _ended[-1] if _ended else None
    _ended.clear()
    return code


class _CheckedSource(SourceFileLoader):
    """Runs the very bytes that were checked: no compiled file beside them, no later content."""

    def __init__(self, name: str, path: str, data: bytes) -> None:
        super().__init__(name, path)
        self._data = data

    def get_code(self, fullname: str) -> CodeType:
        """Compile what was read when the file was checked."""
        return self.source_to_code(self._data, self.get_filename(fullname))

    def get_source(self, fullname: str) -> str:
        """Return what was read when the file was checked, as text."""
        del fullname
        return decode_source(self._data)


class _Beside(MetaPathFinder):
    """Finds modules in the folder of a script and below it, and only those that are obeyed.

    Args:
        folder: The folder.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is; None for those that lie elsewhere.

        Raises:
            NotTrusted: Another user could have written it, and it is not trusted as it is.
        """
        places = [self._folder] if path is None else [each for each in path if self._has(each)]
        found = PathFinder.find_spec(fullname, places, target) if places else None
        if found is None or not found.has_location or found.origin is None:
            return found
        origin = Path(found.origin)
        if isinstance(found.loader, SourceFileLoader):
            source = _CheckedSource(fullname, str(origin), read_obeyed(origin))
            found.loader, found.cached = source, None
        elif danger(origin):
            read_obeyed(origin)
        return found

    def _has(self, place: str) -> bool:
        return place == self._folder or place.startswith(f"{self._folder}{os.sep}")


def lacking(error: ImportError, where: str) -> RecipeError:
    """Return the error for an import that failed; it says so where the alias lacks the name."""
    if (error.name or "").partition(".")[0] != "prodigy":
        return RecipeError(f"an import failed ({type(error).__name__}: {error})", where=where)
    what = str(error).partition(" (")[0]
    if _ALIAS not in sys.modules:
        hint = "Without --no-compat our alias of Prodigy takes its place"
        return RecipeError(f"it needs Prodigy: {what}", where=where, hint=hint)
    hint = "docs/coming-from-prodigy.md lists what there is; --no-compat turns it off"
    return RecipeError(f"our alias of Prodigy lacks this: {what}", where=where, hint=hint)


def _line(error: BaseException, path: Path) -> int:
    """Return the last line of the file that the exception went through."""
    frames = traceback.extract_tb(error.__traceback__)
    places = (str(path), str(path.absolute()))
    lines = [frame.lineno or 0 for frame in frames if frame.filename in places]
    return lines[-1] if lines else 1


def numbers_tasks(function: Callable[..., Any]) -> bool:
    """Return whether a recipe's file has a loop over `enumerate` that gives tasks, or an expression
    of that kind: `for number, task in enumerate(stream): yield ...`.

    Loops within loops count the parts of one task. A file that cannot be read has none.
    """
    module = inspect.getmodule(function)
    try:
        source = inspect.getsource(module) if module is not None else ""
        # Most files say no such word, and need not be parsed.
        tree = ast.parse(source) if "enumerate" in source else ast.Module([], [])
    except (OSError, SyntaxError, ValueError, RecursionError):
        return False
    return any(_numbers(node) for node in _outer_loops(tree))


def _outer_loops(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the loops and generator expressions that stand in no other loop."""
    pending = list(ast.iter_child_nodes(tree))
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.For, ast.While, ast.GeneratorExp)):
            yield node
        else:
            pending += ast.iter_child_nodes(node)


def _numbers(loop: ast.AST) -> bool:
    if isinstance(loop, ast.GeneratorExp):
        return isinstance(loop.elt, ast.Dict) and _is_enumerate(loop.generators[0].iter)
    gives = any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(loop))
    return isinstance(loop, ast.For) and gives and _is_enumerate(loop.iter)


def _is_enumerate(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "enumerate"
    )
