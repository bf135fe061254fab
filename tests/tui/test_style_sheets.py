"""Rules of style sheets name the classes that they are in: Textual passes over all others."""

from __future__ import annotations

import importlib
import pkgutil
import re

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
