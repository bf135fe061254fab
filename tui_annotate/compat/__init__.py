"""Recipe files that begin with `import prodigy` run here unchanged.

`install()` puts `tui_annotate.compat.prodigy`, a package of other names for what is here, into the
place of `prodigy`, whether that is installed or not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

from tui_annotate.compat.absent import module_spec, take_absent
from tui_annotate.compat.lazy import submodules

NAME = "prodigy"
HERE = f"{__name__}.{NAME}"


def install(announce: Callable[[], None] | None = None) -> None:
    """Have `import prodigy` give the alias from now on, in this process.

    Args:
        announce: Called when it is imported for the first time. Without it the alias is put into
            `sys.modules` at once.
    """
    _finder.announce = announce
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    for name in [each for each in sys.modules if each == NAME or each.startswith(f"{NAME}.")]:
        if not _is_ours(sys.modules[name]):
            del sys.modules[name]
    if announce is None:
        import_module(NAME)


def uninstall() -> None:
    """Let `import prodigy` be what it was before `install`."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    for name in [each for each in sys.modules if each == NAME or each.startswith(f"{NAME}.")]:
        parent, _, child = name.rpartition(".")
        package = sys.modules.get(f"{__name__}.{parent}")
        if package is not None and not _is_ours(sys.modules[name]):
            vars(package).pop(child, None)  # Python has put a stand-in there
        del sys.modules[name]


def _is_ours(module: ModuleType) -> bool:
    return module.__name__.startswith(HERE)


class _Alias(Loader):
    """Gives the module of the alias, which is loaded under its own name."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(f"{HERE}{spec.name.removeprefix(NAME)}")
        self._own = module.__spec__
        module.__dict__.setdefault("__getattr__", submodules(module.__name__))
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._own


class _Finder(MetaPathFinder):
    announce: Callable[[], None] | None = None

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if name != NAME and not name.startswith(f"{NAME}."):
            return None
        ours = self._find_ours(name)
        if ours is None:
            return module_spec(name)
        announce, self.announce = self.announce, None
        if announce is not None:
            announce()
        return ModuleSpec(name, _Alias(), is_package=ours.submodule_search_locations is not None)

    def _find_ours(self, name: str) -> ModuleSpec | None:
        try:
            return find_spec(f"{HERE}{name.removeprefix(NAME)}")
        except ModuleNotFoundError:  # a module of a package that is not here either
            return None


_finder = _Finder()

__all__ = ["install", "take_absent", "uninstall"]
