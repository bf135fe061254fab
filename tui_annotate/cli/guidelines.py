"""Guidelines from files: Markdown as it is, HTML as readable text."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from tui_annotate.errors import ConfigError
from tui_annotate.whole_files import read_whole_text

_HTML = (".htm", ".html")
_FILES = (*_HTML, ".md", ".txt")


def read_guidelines(path: Path, origin: str) -> str:
    """Return the guidelines of a file.

    Args:
        path: The file.
        origin: Who names it, for the error.

    Raises:
        ConfigError: It cannot be read.
    """
    text = read_text(path, origin)
    if path.suffix.lower() not in _HTML:
        return text
    from tui_annotate.editors.html_text import readable

    return readable(text)


def read_text(path: Path, origin: str) -> str:
    """Return the text of a file; `ConfigError`, which says who names it, where it has none."""
    try:
        return read_whole_text(path, mark=False)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise ConfigError(f"{path} cannot be read ({reason.lower()})", where=origin) from None


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
