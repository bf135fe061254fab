"""Reads lists of labels as the command line gives them: `PERSON,ORG`, or a file with one a line."""

from __future__ import annotations

from pathlib import Path

from tui_annotate.errors import UsageError
from tui_annotate.whole_files import is_there, read_whole_text


def read_labels(text: str) -> list[str]:
    """Return the labels in their order.

    Args:
        text: Labels separated by commas, or the path of a text file with one label a line.

    Raises:
        UsageError: Where there is no label, one occurs twice, or the file cannot be read.
    """
    path = Path(text).expanduser()
    if _is_file(text, path):
        return _unique(_lines(path), str(path))
    return _unique(text.split(","), "--label")


def read_terms(text: str, option: str) -> list[str]:
    """Return terms in their order, each once.

    Args:
        text: Terms separated by commas, or the path of a text file with one term a line.
        option: The option that they were given with, for messages.

    Raises:
        UsageError: Where there is no term, or the file cannot be read.
    """
    path = Path(text).expanduser()
    lines = _lines(path, "term") if _is_file(text, path) else text.split(",")
    found = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not found:
        raise UsageError("no term given", where=option, hint="Write them with commas")
    return found


def _is_file(text: str, path: Path) -> bool:
    return "," not in text and (is_there(path) or "/" in text or text.endswith((".txt", ".list")))


def _lines(path: Path, what: str = "label") -> list[str]:
    try:
        return read_whole_text(path).splitlines()
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise UsageError(
            f"the {what} file cannot be read ({reason})",
            where=str(path),
            hint=f"Give {what}s with commas, or a file with one {what} a line",
        ) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"not valid UTF-8 at byte {error.start}", where=str(path), hint="Save it as UTF-8"
        ) from None


def _unique(found: list[str], where: str) -> list[str]:
    labels = [label.strip() for label in found if label.strip()]
    if not labels:
        raise UsageError("no label given", where=where, hint="Write --label PERSON,ORG,LOC")
    seen: set[str] = set()
    for label in labels:
        if label in seen:
            raise UsageError(f"the label {label!r} is given twice", where=where)
        seen.add(label)
    return labels
