"""Following a plain file that grows while the session is open."""

from __future__ import annotations

from pathlib import Path

from tui_annotate.errors import UsageError
from tui_annotate.sources.base import Source


def check_followed(source: Source) -> None:
    """Refuse to follow what does not grow at its end.

    Raises:
        UsageError: It is a pipe, or compressed.
    """
    if not source.seekable or source.size() is None:
        raise UsageError(
            "only a plain file can be followed", where=source.name, hint="Leave --follow out"
        )


class Watch:
    """Tells whether a file is another than when this was made.

    Args:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._then = self._look()

    def changed(self) -> bool:
        """Tell whether its size, time or inode is another; a file that is gone has not changed."""
        now = self._look()
        return now is not None and now != self._then

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns
