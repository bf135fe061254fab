"""Style rules name classes that exist: a rule for a renamed widget lays out nothing, in silence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tui_annotate.tui

pytestmark = pytest.mark.quick

_RULES = re.compile(r'CSS = """(.*?)"""', re.S)
_NAMES = re.compile(r"(?<![\w.#-])([A-Z]\w+)(?=[^{}]*\{)")
_TEXTUAL = {"Screen"}


def test_every_style_rule_names_a_class_of_ours_or_a_screen() -> None:
    sources = [
        path.read_text("utf-8") for path in Path(tui_annotate.tui.__file__).parent.rglob("*.py")
    ]
    classes = {name for source in sources for name in re.findall(r"^class (\w+)", source, re.M)}
    named = {
        name
        for source in sources
        for rules in _RULES.findall(source)
        for name in _NAMES.findall(rules)
    }
    assert "StatusLine" in named
    assert named - classes - _TEXTUAL == set()
