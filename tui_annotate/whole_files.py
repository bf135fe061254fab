"""Files that are read whole, such as labels, guidelines and keymaps: plain ones, and not too large.

A pipe would keep the start waiting for whoever writes into it, and a device never ends.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

LARGEST = 16_000_000
"""Bytes that such a file may have."""

_PARTS = 1_000
"""Dots that a key of TOML may have."""


def read_whole(path: str | os.PathLike[str]) -> bytes:
    """Return the content of a plain file of at most `LARGEST` bytes.

    Raises:
        OSError: It cannot be read, is no plain file or too large; `strerror` says which.
    """
    return read_with_status(path)[0]


def read_with_status(path: str | os.PathLike[str]) -> tuple[bytes, os.stat_result]:
    """Return what `read_whole` does, and the status of the very file that was read.

    Raises:
        OSError: As `read_whole` says.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", os.fspath(path))
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(errno.EFBIG, f"it has more than {LARGEST:,} bytes", os.fspath(path))
    return data, found


def read_whole_text(path: str | os.PathLike[str], *, mark: bool = True) -> str:
    """Return the content of a file as `read_whole` does, as UTF-8 text with `\\n` line ends.

    Args:
        path: The file.
        mark: Leave out a byte order mark at its start.

    Raises:
        OSError: As `read_whole` says.
        UnicodeDecodeError: It is no UTF-8.
    """
    text = read_whole(path).decode("utf-8-sig" if mark else "utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_there(path: str | os.PathLike[str]) -> bool:
    """Whether there is a file or folder of a name that somebody gave; False also for a name that is
    too long and for links that lead round in a circle, where a `Path` raises."""
    return os.path.exists(path)  # noqa: PTH110


def is_plain_file(path: str | os.PathLike[str]) -> bool:
    """Whether there is a plain file of a name that somebody gave; see `is_there`."""
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether there is a folder of a name that somebody gave; see `is_there`."""
    return os.path.isdir(path)  # noqa: PTH112


def real_path(path: str | os.PathLike[str]) -> Path:
    """Return a path without links, as far as they lead somewhere; see `is_there`."""
    return Path(os.path.realpath(path))


def loads_toml(text: str) -> dict[str, Any]:
    """Return the tables of a text in TOML.

    Raises:
        RecursionError: It is nested too deeply; a key of thousands of parts keeps the parser busy
            for minutes.
        ValueError: It is no TOML.
    """
    import tomllib  # only where there is such a file

    if any(line.partition("=")[0].count(".") > _PARTS for line in text.splitlines()):
        raise RecursionError
    return tomllib.loads(text)
