"""Whether the files that a connection has open are still those that their names lead to.

The engine never looks: after a file was removed, renamed or exchanged it goes on writing to what it
has open, which nobody will find again.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from tui_annotate.errors import StoreMoved
from tui_annotate.store.error_mapping import system_failure
from tui_annotate.store.write_lock import FileMark

_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


class OpenFiles:
    """Device and inode of the database file and, in WAL mode, of its journal, as they were opened.

    While a connection is open in WAL mode, the engine keeps its journal: a checkpoint of another
    process only shortens it, and who closes removes it only when nobody else is left. In the other
    modes it comes and goes with each transaction, and nothing is known of it here.

    Args:
        path: The database file, absolute and without links, just opened.
        journal_mode: The engine's journal.

    Raises:
        StoreMoved: It has gone already.
    """

    def __init__(self, path: Path, journal_mode: str) -> None:
        self._path = path
        self._opened = []
        for ending in ("", "-wal", "-shm") if journal_mode == "wal" else ("",):
            found = _look(f"{path}{ending}", path)
            if found is None:
                raise _moved(path, ending, exchanged=False)
            self._opened.append((ending, f"{path}{ending}", (found.st_dev, found.st_ino)))

    def check(self) -> tuple[FileMark | None, FileMark | None]:
        """Compare what the names lead to with what was opened: one `stat` for each file.

        Returns:
            The marks of the database file and of its journal, None for what is not watched.

        Raises:
            StoreMoved: It is something else, or nothing.
            StoreUnavailable, StoreReadOnly: The file system does not tell.
        """
        marks: list[FileMark | None] = []
        for ending, name, opened in self._opened:
            found = _look(name, self._path)
            if found is None or (found.st_dev, found.st_ino) != opened:
                raise _moved(self._path, ending, exchanged=found is not None)
            marks.append(FileMark(found.st_ino, found.st_size, found.st_mtime_ns))
        return marks[0], marks[1] if len(marks) > 1 else None


def _look(name: str, path: Path) -> os.stat_result | None:
    """Return what the system knows of a file, None where there is none."""
    try:
        return os.stat(name)  # noqa: PTH116  a Path would be made for each of many calls
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise system_failure(error, path) from error


def _moved(path: Path, ending: str, *, exchanged: bool) -> StoreMoved:
    # The two lines that a screen of 80 columns has room for hold this and where the copy is.
    how = "was exchanged" if exchanged else "was removed or moved away"
    return StoreMoved(f"{path.name}{ending} {how}", where=str(path))
