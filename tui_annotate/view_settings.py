"""The settings of views, and what each has to be: a wrong one is an error before the first task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

from tui_annotate.errors import RecipeError, nearest
from tui_annotate.records import NamedTuple

CHOICE_STYLES = ("single", "multiple", "scale")
DIFF_STYLES = ("words", "chars", "sentences")


class _Kind(NamedTuple):
    """What a value has to be, in words, and whether it is."""

    words: str
    fits: Callable[[Any], bool]


def _are_texts(value: Any) -> bool:
    return isinstance(value, (list, tuple, Set)) and all(isinstance(each, str) for each in value)


def _are_rules(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(pairs, (list, tuple)) and all(_are_texts(p) and len(p) == 2 for p in pairs)
        for pairs in value.values()
    )


def _are_blocks(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(
        isinstance(each, Mapping) and isinstance(each.get("view_id"), str) for each in value
    )


def _one_of(*names: str) -> _Kind:
    return _Kind(f"one of {', '.join(names)}", lambda value: value in names)


_TEXT = _Kind("a text", lambda value: isinstance(value, str))
_NAMES = _Kind('a list of names, such as ["PERSON", "ORG"]', _are_texts)
_NUMBER = _Kind("a whole number", lambda value: type(value) is int)

_KINDS: dict[str, _Kind] = {
    "labels": _NAMES,
    "relations_span_labels": _NAMES,
    "relations_rules": _Kind(
        'a table of lists of pairs, such as {"LABEL": [["HEAD", "CHILD"]]}', _are_rules
    ),
    "blocks": _Kind('a list of blocks, such as [{"view_id": "choice"}]', _are_blocks),
    "choice_style": _one_of(*CHOICE_STYLES),
    "diff_style": _one_of(*DIFF_STYLES),
    "scale_min": _NUMBER,
    "scale_max": _NUMBER,
    "scale_labels": _Kind("a table of names", lambda value: isinstance(value, Mapping)),
    "field_id": _TEXT,
    "field_label": _TEXT,
    "field_placeholder": _TEXT,
    "field_rows": _NUMBER,
    "field_suggestions": _NAMES,
    "html_template": _TEXT,
    "instructions": _TEXT,
    "label_descriptions": _Kind("a table of texts", lambda value: isinstance(value, Mapping)),
}


def problems(config: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with the settings of views, by their keys; None and False set nothing.

    The settings of each block are looked at, too; they come under the key `blocks`.
    """
    found = {}
    for key, kind in _KINDS.items():
        value = config.get(key)
        if value is not None and value is not False and not kind.fits(value):
            found[key] = f"{key!r} is {_short(value)}, not {kind.words}"
    if config.get("blocks") and "blocks" not in found:
        for what in _problems_of_blocks(config):
            found.setdefault("blocks", what)
    return found


_WRITES = {
    "ner_manual": "spans",
    "spans_manual": "spans",
    "pos_manual": "spans",
    "relations": "spans",
    "coref": "spans",
    "choice": "accept",
    "pages": "pages",
}
"""The key of the answer that a view writes; `text_input` writes its `field_id`."""


def _problems_of_blocks(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong in each block, and where two would overwrite each other's answers."""
    first: dict[str, int] = {}
    for number, block in enumerate(config["blocks"], 1):
        for what in problems(block).values():
            yield f"of block {number}, {what}"
        key = _WRITES.get(block["view_id"])
        if block["view_id"] == "text_input":
            key = str(block.get("field_id") or config.get("field_id") or "user_input")
        before = first.setdefault(key, number) if key else number
        if before != number:
            yield f"'blocks': {before} and {number} both write {key!r}, and one would be lost"


def checked(recipe: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job's configuration with its labels as a list.

    Raises:
        RecipeError: A setting of a view is of the wrong kind, or a rule is for no label there is.
    """
    for what in problems(config).values():
        raise RecipeError(f"config {what}", where=recipe)
    found = dict(config)
    labels = found.get("labels")
    if labels:
        # A set has another order in every run, and the digits must not.
        found["labels"] = sorted(labels) if isinstance(labels, (set, frozenset)) else list(labels)
        for label in found.get("relations_rules") or ():
            if label not in found["labels"]:
                what = f"config 'relations_rules' has a rule for {label!r}, which is no label"
                raise RecipeError(what, where=recipe, hint=nearest(label, found["labels"]))
    return found


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
