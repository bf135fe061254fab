"""Files and folders that are whole or not there at all, and never somewhere else.

What is written goes to a temporary name in the same folder, is synced, and then renamed. The path
itself is never followed where it is a link, and nothing but a plain file is ever replaced.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui_annotate.errors import ExportError
from tui_annotate.unfinished_files import hold, part_start, remove_stale

MANY = 100
"""From how many files on a folder is synced as a whole."""

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
_UNSYNCED = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES}
"""What file systems answer that cannot sync a folder, or not to those who may not read it."""


def disk_failure(error: OSError, where: str | None = None) -> ExportError | None:
    """Return what a full or failing disk comes to, None for an error of another kind.

    Args:
        error: What the system answered while something was written.
        where: What was written.
    """
    if error.errno not in _DISK:
        return None
    what = f"it cannot be written ({os.strerror(error.errno).lower()})"
    return ExportError(what, where=where, hint="Make room, or write it elsewhere, and try again")


@contextmanager
def whole_file(path: Path, *, overwrite: bool | None = False) -> Iterator[Path]:
    """Give a name to write to; at the end it becomes `path`, after an exception nothing is left.

    Args:
        path: The file.
        overwrite: Whether it may be there already; None if not, and there is no --overwrite to add.

    Raises:
        ExportError: `path` is a link, a folder or a device, is there already, or cannot be written.
    """
    _check(path, overwrite)
    with _explained(path):
        remove_stale(path.parent, part_start(path.name))
        held, name = tempfile.mkstemp(prefix=part_start(path.name), dir=path.parent)
        hold(held)
    staged = Path(name)
    try:
        with _on_disk(path):
            yield staged
        with _explained(path):
            _sync(staged)
            # Again: somebody may have put something there meanwhile.
            _check(path, overwrite)
            with _opened_up(staged, 0o666):
                staged.replace(path)
            _sync_folder(path.parent)
    finally:
        staged.unlink(missing_ok=True)
        os.close(held)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder to fill; at the end it becomes `path`, after an exception nothing is
    left.

    Raises:
        ExportError: `path` is there already and no empty folder, or cannot be written.
    """
    _check_folder(path)
    with _explained(path):
        remove_stale(path.parent, part_start(path.name))
        staged = Path(tempfile.mkdtemp(prefix=part_start(path.name), dir=path.parent))
        held = os.open(staged, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        hold(held)
    try:
        with _on_disk(path):
            yield staged
        with _explained(path):
            _sync_all(staged)
            _check_folder(path)
            with _opened_up(staged, 0o777):
                # An empty folder gives way; anything else makes this fail.
                staged.rename(path)
            _sync_folder(path.parent)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
        os.close(held)


@contextmanager
def _opened_up(staged: Path, mode: int) -> Iterator[None]:
    """Rename within; others may read it only when it has its own name, as far as the umask says."""
    handle = os.open(staged, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        yield
        os.fchmod(handle, mode & ~_umask())
    finally:
        os.close(handle)


def _check(path: Path, overwrite: bool | None) -> None:
    mode = _mode(path)
    if mode is None:
        return
    if not stat.S_ISREG(mode):
        raise ExportError(f"it is {_kind(mode)}", where=str(path), hint="Name a plain file, or `-`")
    if not overwrite:
        hint = "Name another" if overwrite is None else "Name another, or add --overwrite"
        raise ExportError("there is such a file already", where=str(path), hint=hint)


def _check_folder(path: Path) -> None:
    mode = _mode(path)
    if mode is None:
        return
    with _explained(path):
        empty = stat.S_ISDIR(mode) and not any(path.iterdir())
    if not empty:
        kind = "a folder with something in it" if stat.S_ISDIR(mode) else _kind(mode)
        raise ExportError(f"it is {kind}", where=str(path), hint="Name a new folder")


def _mode(path: Path) -> int | None:
    with _explained(path):
        try:
            return path.lstat().st_mode
        except FileNotFoundError:
            return None


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a link"
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a plain file" if stat.S_ISREG(mode) else "a device or pipe"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_all(top: Path) -> None:
    """Sync a folder with all that is in it: many files by one call for the whole system."""
    found = [(folder, files) for folder, _, files in os.walk(top)]
    if sum(len(files) for _, files in found) > MANY:
        os.sync()
        return
    for folder, files in found:
        for name in files:
            _sync(Path(folder, name))
        _sync(Path(folder))


def _sync_folder(path: Path) -> None:
    """Sync the folder that got a new name; it may be a link itself, and what was renamed stays."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _UNSYNCED:
            raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        raise ExportError(f"it cannot be written ({what})", where=str(path)) from None


@contextmanager
def _on_disk(path: Path) -> Iterator[None]:
    """Explain what the disk refuses while `path` is written; other errors are their callers'."""
    try:
        yield
    except OSError as error:
        found = disk_failure(error, str(path))
        if found is None:
            raise
        raise found from None
