"""Style rules name classes that exist, and the class that they are in.

A rule for a renamed widget lays out nothing, in silence.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from textual.widget import Widget

import tui_annotate.tui as package

pytestmark = pytest.mark.quick


def own_classes() -> list[type[Widget]]:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    found, todo = [], [Widget]
    while todo:
        each = todo.pop()
        todo += each.__subclasses__()
        if each.__module__.startswith(package.__name__):
            found.append(each)
    return found


def test_a_class_is_named_in_its_own_style_sheet() -> None:
    sheets = {
        each.__name__: str(each.__dict__[name])
        for each in own_classes()
        for name in ("DEFAULT_CSS", "CSS")
        if each.__dict__.get(name)
    }
    assert "StatusLine" in sheets
    for name, sheet in sheets.items():
        assert name in re.findall(r"^\s*(\w+)[^{}]*\{", sheet, re.M), f"{name}: {sheet}"


_RULES = re.compile(r'CSS = """(.*?)"""', re.S)
_NAMES = re.compile(r"(?<![\w.#-])([A-Z]\w+)(?=[^{}]*\{)")
_TEXTUAL = {"Screen"}


def test_every_style_rule_names_a_class_of_ours_or_a_screen() -> None:
    sources = [path.read_text("utf-8") for path in Path(package.__file__).parent.rglob("*.py")]
    classes = {name for source in sources for name in re.findall(r"^class (\w+)", source, re.M)}
    named = {
        name
        for source in sources
        for rules in _RULES.findall(source)
        for name in _NAMES.findall(rules)
    }
    assert "StatusLine" in named
    assert named - classes - _TEXTUAL == set()
