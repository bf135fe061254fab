"""Labels inside a task, wherever they stand: counted, and given other names.

Spans, relations and arcs have a `label`; so has the task itself. A choice names labels by the ids
of its options, in `accept` and in `options`. The ends of a relation repeat the label of the span
that each is. `pages` are tasks of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from tui_annotate.task.schema import Task

Rename = Callable[[str, str], str | None]
"""From a label, and the text that it stands on, to its new name; None takes it away."""

_LISTS = ("spans", "relations", "arcs")
_ENDS = ("head_span", "child_span")


def labels_of(task: Task) -> Counter[str]:
    """Count the labels that a task gives: those of options that were not chosen do not count."""
    found: Counter[str] = Counter(str(each["label"]) for each, _ in _labelled(task))
    if isinstance(task.get("label"), str):
        found[task["label"]] += 1
    found.update(each for each in _chosen(task) if isinstance(each, str))
    for page in _pages(task):
        found.update(labels_of(page))
    return found


def relabel(task: Task, rename: Rename) -> bool:
    """Give labels other names, in place; tell whether anything has changed.

    A span, relation or arc without a label left goes. Spans that become equal become one; a choice
    that would be made twice is made once. The task's own label is renamed but never taken away,
    because it is the question. The end of a relation whose span goes is the words alone.
    """
    changed = sum(relabel(page, rename) for page in _pages(task)) > 0
    for name in _LISTS:
        if isinstance(task.get(name), list):
            kept = [_renamed(each, task, rename) for each in task[name]]
            after = _unique([each for each in kept if each is not None])
            changed |= after != task[name]
            task[name] = after
    label = task.get("label")
    if isinstance(label, str):
        task["label"] = rename(label, _text(task)) or label
        changed |= task["label"] != label
    return _rename_choices(task, rename) or changed


def _renamed(item: Any, task: Task, rename: Rename) -> Any:
    if not isinstance(item, dict) or not isinstance(item.get("label"), str):
        return item
    item = item | {end: _renamed_end(item[end], task, rename) for end in _ENDS if end in item}
    name = rename(item["label"], _covered(item, task))
    if name is None or name == item["label"]:
        return None if name is None else item
    # The score was that of the old label.
    return {key: value for key, value in item.items() if key != "score"} | {"label": name}


def _renamed_end(end: Any, task: Task, rename: Rename) -> Any:
    if not isinstance(end, dict) or not isinstance(end.get("label"), str):
        return end
    return end | {"label": rename(end["label"], _covered(end, task))}


def _rename_choices(task: Task, rename: Rename) -> bool:
    changed = False
    text = _text(task)
    if isinstance(task.get("accept"), list):
        names = [rename(e, text) if isinstance(e, str) else e for e in task["accept"]]
        after = _unique([each for each in names if each is not None])
        changed |= after != task["accept"]
        task["accept"] = after
    if isinstance(task.get("options"), list):
        options: list[Any] = []
        for each in task["options"]:
            option = _renamed_option(each, rename, text)
            if option is not None and option.get("id") not in [o.get("id") for o in options]:
                options.append(option)
        changed |= options != task["options"]
        task["options"] = options
    return changed


def _renamed_option(option: Any, rename: Rename, text: str) -> Any:
    if not isinstance(option, dict) or not isinstance(option.get("id"), str):
        return option if isinstance(option, dict) else {"id": option}
    name = rename(option["id"], text)
    if name is None or name == option["id"]:
        return None if name is None else option
    shown = name if option.get("text") == option["id"] else option.get("text", name)
    return option | {"id": name, "text": shown}


def _labelled(task: Task) -> Iterator[tuple[dict[str, Any], str]]:
    for name in _LISTS:
        items = task.get(name)
        for each in items if isinstance(items, list) else []:
            if isinstance(each, dict) and isinstance(each.get("label"), str):
                yield each, name


def _pages(task: Task) -> list[Task]:
    pages = task.get("pages")
    return [each for each in pages if isinstance(each, dict)] if isinstance(pages, list) else []


def _chosen(task: Task) -> list[Any]:
    accepted = task.get("accept")
    return accepted if isinstance(accepted, list) else []


def _covered(item: dict[str, Any], task: Task) -> str:
    start, end = item.get("start"), item.get("end")
    known = isinstance(start, int) and isinstance(end, int)
    return _text(task)[start:end] if known else _text(task)


def _text(task: Task) -> str:
    text = task.get("text")
    return text if isinstance(text, str) else ""


def _unique(items: list[Any]) -> list[Any]:
    found: list[Any] = []
    for each in items:
        if each not in found:
            found.append(each)
    return found
