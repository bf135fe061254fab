"""Templates with `{{fields}}` of a task, as `html_template` has them: text in, text out, no code.

`{{a.b}}` is a value, escaped for HTML; `{{{a}}}` and `{{&a}}` are values as they are. What stands
in `{{#a}}..{{/a}}` is shown for each item of a list, once for another value, and not at all for an
empty one; in `{{^a}}..{{/a}}` only for an empty one. `{{.}}` is the item itself, `{{! ..}}` a
remark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from tui_annotate.task.schema import Task

_TAG = re.compile(r"\{\{\{\s*([\w.-]+)\s*\}\}\}|\{\{([#^/&!]?)\s*(.*?)\s*\}\}", re.DOTALL)
_DEPTH = 20
"""Sections in sections, beyond which a template is taken for broken."""


def fill(template: str, task: Task) -> str:
    """Return a template with its fields filled in; what a task has not is empty."""
    return _filled(template, (task,))


def _filled(template: str, contexts: Sequence[Any]) -> str:
    parts: list[str] = []
    at = 0
    while (tag := _TAG.search(template, at)) is not None:
        parts.append(template[at : tag.start()])
        at = tag.end()
        raw, kind, name = tag.groups()
        if kind in ("#", "^") and len(contexts) < _DEPTH:
            inner, at = _section(template, at, name)
            parts.append(_shown(inner, kind, name, contexts))
        elif raw or kind == "&":
            parts.append(_text(_value(raw or name, contexts)))
        elif not kind:
            parts.append(escape(_text(_value(name, contexts))))
    return "".join([*parts, template[at:]])


def _section(template: str, start: int, name: str) -> tuple[str, int]:
    """Return what stands in a section, and where the template goes on behind it."""
    depth = 1
    for tag in _TAG.finditer(template, start):
        if tag[3] != name:
            continue
        depth += {"#": 1, "^": 1, "/": -1}.get(tag[2], 0)
        if depth == 0:
            return template[start : tag.start()], tag.end()
    return template[start:], len(template)


def _shown(inner: str, kind: str, name: str, contexts: Sequence[Any]) -> str:
    value = _value(name, contexts)
    if kind == "^":
        return "" if value else _filled(inner, contexts)
    items = value if isinstance(value, list) else [value] if value or value == 0 else []
    return "".join(_filled(inner, (*contexts, item)) for item in items)


def _value(name: str, contexts: Sequence[Any]) -> Any:
    """Return a value from the innermost context that knows the first part of its name."""
    if name == ".":
        return contexts[-1]
    first, *rest = name.split(".")
    known = (each for each in reversed(contexts) if isinstance(each, Mapping) and first in each)
    found = next(known, {}).get(first)
    for part in rest:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _text(value: Any) -> str:
    return "" if value is None else str(value)
