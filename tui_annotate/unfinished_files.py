"""Names of files that are being written, and the removal of those whose writers were killed.

Whoever writes holds a lock (`flock`) on the unfinished file or folder, which the system takes away
when the process ends, in whatever way. What nobody holds is stale.
"""

from __future__ import annotations

import fcntl
import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def part_start(name: str, room: int = 80) -> str:
    """Return how the names begin under which a file or folder is written.

    Args:
        name: Its own name.
        room: How many bytes of that are kept, so that a name of any length has room for an ending.
    """
    return f".{os.fsdecode(os.fsencode(name)[:room])}.part-"


def hold(file: int) -> None:
    """Lock an unfinished file or folder, until its descriptor is closed.

    A file system without locks is passed over: nobody takes it for a stale one there either.
    """
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def remove_stale(folder: Path, start: str) -> None:
    """Remove the files and folders whose names begin so and whose writers were killed.

    Args:
        folder: Where they lie.
        start: How their names begin.
    """
    for left in folder.glob(f"{glob.escape(start)}*"):
        with _free(left) as is_free:
            if not is_free:
                continue
            with suppress(OSError):
                if left.is_dir():
                    shutil.rmtree(left)
                else:
                    left.unlink()


def stale(folder: Path) -> list[Path]:
    """Return the files and folders in `folder` whose writers were killed before their end.

    Other programs may name what is unfinished in the same way.
    """
    try:
        found = sorted(folder.glob(".*.part-*"))
    except OSError:
        return []
    left = []
    for each in found:
        with _free(each) as is_free:
            if is_free:
                left.append(each)
    return left


@contextmanager
def _free(path: Path) -> Iterator[bool]:
    """Hold what is unfinished meanwhile; False if somebody else holds it, or it cannot be had."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        yield False
        return
    try:
        yield _locked(file)
    finally:
        os.close(file)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
