"""An unexpected exception as one clear line, and a file that holds none of the user's text.

A traceback with its locals would put the documents into the scrollback and into bug reports. What
helps to find the fault is where it happened: types, files, lines and versions, nothing else.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

_PACKAGES = ("tui-annotate", "textual", "rich", "sqlite-utils", "mmh3", "regex")
_DEEPEST = 20


def crash_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that crash files go to: the user's state folder."""
    base = environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "tui-annotate"


def describe(error: BaseException) -> str:
    """Return an exception's chain as types and `file:line function`, without any message."""
    return "\n".join(_chain(error))


def report_crash(error: BaseException, folder: Path | None = None) -> str:
    """Write a crash file and return the one line to show.

    Args:
        error: What nobody caught.
        folder: Where the file goes; `crash_folder()` if not given.
    """
    where = _innermost(error)
    line = f"tui-annotate has stopped: internal error, {type(error).__name__}"
    line += f" at {where}. " if where else ". "
    try:
        path = _write(error, crash_folder() if folder is None else folder)
    except (OSError, RuntimeError):  # no home folder, no space, no permission
        return line + "What was shown as saved is saved; no crash file could be written."
    return line + f"What was shown as saved is saved. Details, without any text of yours: {path}"


def _write(error: BaseException, folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        file.write("\n".join([*_versions(), "", *_chain(error), ""]))
    return path


def _versions() -> Iterator[str]:
    from importlib import metadata  # reads mail headers: no start needs that

    yield f"python {platform.python_version()} on {platform.system()} {platform.machine()}"
    for package in _PACKAGES:
        try:
            yield f"{package} {metadata.version(package)}"
        except metadata.PackageNotFoundError:
            continue
    for name in ("TERM", "COLORTERM", "TERM_PROGRAM"):
        value = os.environ.get(name, "")
        yield f"{name}={value if value.isprintable() else '?'}"


def _chain(error: BaseException, depth: int = 0) -> Iterator[str]:
    """Yield the lines of an exception, what caused it, and what it groups."""
    indent = "  " * depth
    yield f"{indent}{_type_name(error)}"
    for frame in _frames(error.__traceback__):
        yield f"{indent}  {frame}"
    if depth >= _DEEPEST:
        return
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _chain(part, depth + 1)
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield f"{indent}after"
        yield from _chain(before, depth + 1)


def _type_name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _frames(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f"{_short(code.co_filename)}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next


def _innermost(error: BaseException) -> str:
    """Return `file:line` of the deepest frame, of our own code where there is one."""
    places = [frame.rpartition(" ")[0] for frame in _frames(error.__traceback__)]
    own = [place for place in places if place.startswith("tui_annotate/")]
    return (own or places or [""])[-1]


def _short(filename: str) -> str:
    """Cut a file's name to what follows the folder it is imported from."""
    roots = [root for root in sys.path if root and filename.startswith(root.rstrip("/") + "/")]
    return filename[len(max(roots, key=len).rstrip("/")) + 1 :] if roots else Path(filename).name
