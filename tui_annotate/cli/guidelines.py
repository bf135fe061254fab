"""Guidelines from files: Markdown as it is, HTML as readable text."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from tui_annotate.editors.html_text import readable
from tui_annotate.trust import read_obeyed_text

_HTML = (".htm", ".html")
_FILES = (*_HTML, ".md", ".txt")


def read_guidelines(path: Path, origin: str, *, named: bool = False) -> str:
    """Return the guidelines of a file.

    Args:
        path: The file.
        origin: Who names it, for the error.
        named: As in `trust.read_obeyed`.

    Raises:
        ConfigError: It cannot be read, or another user could have written it.
    """
    text = read_obeyed_text(path, by=origin, named=named)
    if path.suffix.lower() not in _HTML:
        return text

    return readable(text)


def guidelines_of(value: Any, origin: str) -> Any:
    """Return what a recipe's `instructions` say: those of the file that they name, else themselves.

    Args:
        value: What the recipe gives.
        origin: Who names the file, for the error.

    Raises:
        ConfigError: It cannot be read.
    """
    if isinstance(value, PathLike):
        return read_guidelines(Path(value), origin)
    if isinstance(value, str) and value.lower().endswith(_FILES) and "\n" not in value:
        return read_guidelines(Path(value).expanduser(), origin)
    return value
