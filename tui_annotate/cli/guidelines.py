"""Guidelines from files: Markdown as it is, HTML as readable text."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from tui_annotate.editors.html_text import readable
from tui_annotate.errors import ConfigError
from tui_annotate.trust import read_obeyed

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
    text = read_text(path, origin, named=named)
    if path.suffix.lower() not in _HTML:
        return text

    return readable(text)


def read_text(path: Path, origin: str, *, named: bool = False) -> str:
    """Return the text of a file that is obeyed; `ConfigError`, which says who names it, where it
    has none or another user could have written it (`named` as in `trust.read_obeyed`)."""
    data = read_obeyed(path, by=origin, named=named)
    try:
        return data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        what = f"{path} cannot be read (it is no UTF-8 text)"
        raise ConfigError(what, where=origin) from None


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
