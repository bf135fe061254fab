"""Stands in for names of Prodigy that the alias lacks: importing them works, using them says so.

One absent helper must not keep a whole file from loading: the import gives a stand-in, which says
what is not here once it is used. A file that tries an import and catches ImportError gets its
ImportError, so that its own way for other versions runs; that is read from its syntax tree.
"""

from __future__ import annotations

import ast
import linecache
import opcode
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from itertools import pairwise
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NoReturn

from tui_annotate.errors import ProdigyLacks, RecipeError

_PACKAGE = f"{Path(__file__).parent}{os.sep}"
_IMPORT_FROM = opcode.opmap["IMPORT_FROM"]
_CATCH_NAME = frozenset({"ImportError", "Exception", "BaseException"})
_CATCH_MODULE = _CATCH_NAME | {"ModuleNotFoundError"}

INSTEAD: dict[str, str] = {
    "prodigy.app": "There is no server here: `prodigy.serve` runs a recipe in this terminal",
    "prodigy.recipes.train": "Training is the command `tui-annotate train`",
    "prodigy.recipes.ner.batch_train": "Training is the command `tui-annotate train`",
    "prodigy.recipes.textcat.batch_train": "Training is the command `tui-annotate train`",
    "prodigy.components.db.Dataset": "The store has tables of its own: use connect() and its calls",
    "prodigy.components.db.Example": "The store has tables of its own: use connect() and its calls",
    "prodigy.components.db.Link": "The store has tables of its own: use connect() and its calls",
    "prodigy.recipes.data_utils": "`tui-annotate data-to-spacy` writes datasets for spaCy",
    "prodigy.recipes.image": "A terminal draws no boxes on pictures",
    "prodigy.recipes.audio": "A terminal plays no sound",
    "prodigy.recipes.video": "A terminal plays no films",
    "prodigy.components.openai": "Call the language model in the recipe's own code",
}
"""What to use instead of the names of a module."""

_handed: list[str] = []


def take_absent() -> list[str]:
    """Return the names for which stand-ins were given since this was called last."""
    names = list(dict.fromkeys(_handed))
    _handed.clear()
    # A package is named by what was imported of it.
    return [name for name in names if not any(each.startswith(f"{name}.") for each in names)]


# `hasattr`, and `getattr` with a default, take nothing but an AttributeError for an absent name.
_LacksAttribute = type("ProdigyLacks", (ProdigyLacks, AttributeError), {"__module__": __name__})


class Absent:
    """Stands for a name that is not here: any use raises `ProdigyLacks`, which says so.

    It may stand in type hints, as a base class and in `except`, which are no use of it, and it is
    false.

    Args:
        name: The name as recipe files import it, such as `prodigy.util.nowhere`.
    """

    def __init__(self, name: str) -> None:
        self.__name__ = self.__qualname__ = name.rpartition(".")[2]
        self.__module__ = name.rpartition(".")[0]

    def _say(self, *_args: Any, **_settings: Any) -> NoReturn:
        raise lacks(f"{self.__module__}.{self.__name__}")

    __call__ = __iter__ = __next__ = __len__ = __contains__ = __enter__ = _say
    __add__ = __radd__ = __sub__ = __mul__ = __mod__ = __truediv__ = __int__ = __float__ = _say
    __lt__ = __gt__ = __le__ = __ge__ = __index__ = __fspath__ = __setitem__ = _say

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._say()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<{self.__module__}.{self.__name__} is not here>"

    def __getitem__(self, item: Any) -> Absent:
        return self  # in a type hint, as list[str] is

    def __or__(self, other: Any) -> Absent:
        return self  # in a type hint, as str | None is

    __ror__ = __or__

    def __instancecheck__(self, value: Any) -> bool:
        return False

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        return (type(self.__name__, (), {"__init__": self._say}),)


def lacks(name: str) -> ProdigyLacks:
    """Return the error for a name of Prodigy that is not here."""
    parts = name.split(".")
    places = (".".join(parts[:end]) for end in range(len(parts), 1, -1))
    hint = next((INSTEAD[each] for each in places if each in INSTEAD), None)
    usual = "docs/coming-from-prodigy.md lists what there is; --no-compat turns the alias off"
    made = _LacksAttribute(f"our alias of Prodigy lacks {name}", hint=hint or usual)
    assert isinstance(made, ProdigyLacks)
    return made


def attribute(module: str, name: str) -> Any:
    """Return what an unknown name of one of our modules gives: a stand-in where it is imported.

    Args:
        module: The module of the alias.
        name: The name.

    Raises:
        ProdigyLacks: It is asked for otherwise, which makes `hasattr` false.
        AttributeError: The importing file catches ImportError, or the name is one of Python's.
    """
    if name.startswith("__"):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    frame = _caller()
    if frame is None or frame.f_code.co_code[frame.f_lasti] != _IMPORT_FROM:
        raise lacks(f"{module}.{name}")
    if _is_caught(frame, _CATCH_NAME):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    _handed.append(f"{module}.{name}")
    if module == "prodigy.errors":
        return type(name, (RecipeError,), {"__module__": module})
    if module == "prodigy.types":
        return dict if name.endswith("Example") else Any
    return Absent(f"{module}.{name}")


def module_spec(name: str) -> ModuleSpec | None:
    """Return the spec of a module that is not here, if the statement being run imports it.

    None where it is only looked for (`find_spec`, `import_module`, `from package import name`), and
    where the importing file catches ImportError.
    """
    frame = _caller("<frozen importlib")
    if frame is None or not _imports(frame, name) or _is_caught(frame, _CATCH_MODULE):
        return None
    return ModuleSpec(name, StandInLoader(), is_package=True)


def _caller(passing: str = "<no file>") -> FrameType | None:
    """Return the frame of the code that asks: outside of this package, and of files `passing`."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith((passing, _PACKAGE)):
            return frame
        frame = frame.f_back
    return None


class StandInLoader(Loader):
    """Makes a module whose every name is a stand-in."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave making the module to Python."""
        del spec
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its stand-ins."""
        name = module.__name__
        _handed.append(name)
        module.__dict__["__getattr__"] = lambda each: attribute(name, each)


def _statements(frame: FrameType) -> Iterator[tuple[ast.stmt, tuple[ast.AST, ...]]]:
    """Yield the import statements on the line that a frame is at, with what they stand in."""
    try:
        tree = ast.parse(_source(frame))
    except (SyntaxError, ValueError, RecursionError):
        return
    pending: list[tuple[ast.AST, tuple[ast.AST, ...]]] = [(tree, ())]
    while pending:
        node, around = pending.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            if node.lineno <= frame.f_lineno <= (node.end_lineno or node.lineno):
                yield node, around
            continue
        for child in ast.iter_child_nodes(node):
            pending.append((child, (*around, node, child)))


def _source(frame: FrameType) -> str:
    """Return the source that a frame runs: what its loader has read, else the file of its name."""
    loader = frame.f_globals.get("__loader__")
    if loader is not None and hasattr(loader, "get_source"):
        with suppress(ImportError):
            return loader.get_source(frame.f_globals.get("__name__", "")) or ""
    return "".join(linecache.getlines(frame.f_code.co_filename, frame.f_globals))


def _imports(frame: FrameType, name: str) -> bool:
    for node, _ in _statements(frame):
        if isinstance(node, ast.ImportFrom):
            wanted = [node.module or ""]
        else:
            assert isinstance(node, ast.Import)
            wanted = [each.name for each in node.names]
        if any(each == name or each.startswith(f"{name}.") for each in wanted):
            return True
    return False


def _is_caught(frame: FrameType, catching: frozenset[str]) -> bool:
    """Return whether the import on a frame's line stands where its failure is caught."""
    for _, around in _statements(frame):
        for outer, inner in pairwise(around):
            if isinstance(outer, ast.With) and any(map(_suppresses, outer.items)):
                return True
            caught = outer.handlers if isinstance(outer, ast.Try) and inner in outer.body else []
            if any(_catches(each.type, catching) for each in caught):
                return True
    return False


def _catches(kind: ast.expr | None, catching: frozenset[str]) -> bool:
    if kind is None:
        return True
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(ast.unparse(each).removeprefix("builtins.") in catching for each in kinds)


def _suppresses(item: ast.withitem) -> bool:
    call = item.context_expr
    return (
        isinstance(call, ast.Call)
        and ast.unparse(call.func).rpartition(".")[2] == "suppress"
        and any(_catches(each, _CATCH_NAME) for each in call.args)
    )
