"""Recipes from a file of one's own, loaded only when it is named on the command line.

Loading a file runs it, so it must belong to the user (or to root), and nobody else may be able to
write it.
"""

from __future__ import annotations

import importlib.util
import os
import stat
import sys
import traceback
from pathlib import Path

from tui_annotate.errors import RecipeError, UsageError
from tui_annotate.task.digest import blake2b

OPTION = "-F"
_ALIAS = "tui_annotate.compat.prodigy"


def take_files(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Take `-F FILE` out of a command line, wherever it stands before `--`.

    Returns:
        The other arguments, and the files.

    Raises:
        UsageError: `-F` is the last word.
    """
    rest: list[str] = []
    files: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*rest, word, *words], files
        if word != OPTION:
            rest.append(word)
            continue
        file = next(words, None)
        if file is None:
            raise UsageError("the file is missing", where=OPTION, hint="Write -F recipe.py")
        files.append(file)
    return rest, files


def load_file(name: str) -> None:
    """Run a Python file, so that its recipes are registered.

    Raises:
        UsageError: There is no such file, or others could have written it.
        RecipeError: It fails; the message has the line.
    """
    path = Path(name).expanduser()
    check_trust(path)
    module_name = f"recipes_{blake2b(os.fsencode(path.resolve()), digest_size=6).hexdigest()}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise UsageError("it is no Python file", where=name, hint="Its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except RecipeError:
        raise
    except SyntaxError as error:
        where = f"{name}:{error.lineno}"
        raise RecipeError(f"it is not valid Python ({error.msg})", where=where) from error
    except ImportError as error:
        raise lacking(error, f"{name}:{_line(error, path)}") from error
    except (Exception, SystemExit) as error:
        what = f"loading it failed with {type(error).__name__}: {error}"
        raise RecipeError(what, where=f"{name}:{_line(error, path)}") from error


def lacking(error: ImportError, where: str) -> RecipeError:
    """Return the error for an import that failed; it says so where the alias lacks the name."""
    if (error.name or "").removeprefix("tui_annotate.compat.").partition(".")[0] != "prodigy":
        return RecipeError(f"an import failed ({type(error).__name__}: {error})", where=where)
    what = str(error).replace(_ALIAS, "prodigy").partition(" (/")[0]
    if _ALIAS not in sys.modules:
        hint = "Without --no-compat our alias of Prodigy takes its place"
        return RecipeError(f"it needs Prodigy: {what}", where=where, hint=hint)
    hint = "docs/coming-from-prodigy.md lists what there is; --no-compat turns it off"
    return RecipeError(f"our alias of Prodigy lacks this: {what}", where=where, hint=hint)


def check_trust(path: Path) -> None:
    """Raise `UsageError` where a file, or its folder, could be another user's work."""
    for place, what in ((path, "it"), (path.resolve().parent, "its folder")):
        try:
            found = place.stat()
        except OSError as error:
            reason = (error.strerror or "it cannot be read").lower()
            raise UsageError(f"it cannot be read ({reason})", where=str(path)) from None
        if found.st_uid not in (os.geteuid(), 0):
            raise UsageError(
                f"{what} belongs to another user, so it is not run",
                where=str(path),
                hint="Copy it to a folder of your own and read it first",
            )
        sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
        if found.st_mode & stat.S_IWOTH and not sticky:
            raise UsageError(
                f"{what} can be written by everybody, so it is not run",
                where=str(path),
                hint=f"chmod o-w {place}",
            )
    if not stat.S_ISREG(path.stat().st_mode):
        raise UsageError("it is no file", where=str(path))


def _line(error: BaseException, path: Path) -> int:
    """Return the last line of the file that the exception went through."""
    frames = traceback.extract_tb(error.__traceback__)
    places = (str(path), str(path.absolute()))
    lines = [frame.lineno or 0 for frame in frames if frame.filename in places]
    return lines[-1] if lines else 1
