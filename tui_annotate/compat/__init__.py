"""Recipe files that begin with `import prodigy` run here unchanged.

`install()` puts modules of other names for what is here, those of `names.MODULES`, into the place
of the package `prodigy`, whether that is installed or not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tui_annotate.compat.absent import attribute, module_spec, take_absent
from tui_annotate.compat.names import MODULES

NAME = "prodigy"


def install(announce: Callable[[], None] | None = None) -> None:
    """Have `import prodigy` give the alias from now on, in this process.

    Args:
        announce: Called when it is imported for the first time. Without it the alias is put into
            `sys.modules` at once.
    """
    _finder.announce = announce
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    for name in _imported():
        if not is_ours(sys.modules[name]):
            del sys.modules[name]
    if announce is None:
        import_module(NAME)


def uninstall() -> None:
    """Let `import prodigy` be what it was before `install`."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    for name in _imported():
        del sys.modules[name]


def is_ours(module: ModuleType) -> bool:
    """Return whether a module is one of the alias."""
    return isinstance(module.__loader__, _AliasLoader)


def _imported() -> list[str]:
    """Return the names of `prodigy` and of what lies in it, as far as they are imported."""
    return [each for each in sys.modules if each == NAME or each.startswith(f"{NAME}.")]


class _AliasLoader(Loader):
    """Makes a module of the alias of its row in the table."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave making the module to Python."""
        del spec
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its names."""
        name = module.__name__

        def load(each: str) -> Any:
            # `import prodigy` alone makes `prodigy.components.db` known.
            if f"{name}.{each}" in MODULES:
                return import_module(f"{name}.{each}")
            return attribute(name, each)

        found = {each: give() for each, give in MODULES[name].items()}
        module.__dict__.update(found, __all__=sorted(found), __getattr__=load)


class _Finder(MetaPathFinder):
    announce: Callable[[], None] | None = None

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if name != NAME and not name.startswith(f"{NAME}."):
            return None
        if name not in MODULES:
            return module_spec(name)
        announce, self.announce = self.announce, None
        if announce is not None:
            announce()
        is_package = any(each.startswith(f"{name}.") for each in MODULES)
        return ModuleSpec(name, _AliasLoader(), is_package=is_package)


_finder = _Finder()

__all__ = ["install", "is_ours", "take_absent", "uninstall"]
