"""What a type hint or a default value says about the text of a command line."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

_OPTIONAL = re.compile(r"Optional\[(.*)\]|Union\[(.*), None\]|(.*?) *\| *None")
_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "int": int,
    "float": float,
    "Path": Path,
    "Language": lambda text: import_module("tui_annotate.suggest.models").load_pipeline(text),
    "list[str]": lambda text: [each.strip() for each in text.split(",") if each.strip()],
}


def guess_converter(annotation: Any, default: Any) -> Callable[[str], Any] | None:
    """Return what turns a text into what a hint names, else into what the default is.

    Hints are only read, never evaluated: `int`, `float`, `Path`, a list of texts (with commas),
    spaCy's `Language` (its name or folder), and each of them `Optional`. None stands for text as it
    is.
    """
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    for noise in ("typing.", "pathlib.", "spacy.language.", "spacy."):
        text = text.replace(noise, "")
    text = text.replace("List[", "list[")
    optional = _OPTIONAL.fullmatch(text)
    if optional is not None:
        text = next(group for group in optional.groups() if group is not None)
    if text in _CONVERTERS:
        return _CONVERTERS[text]
    return type(default) if type(default) in (int, float) else None
