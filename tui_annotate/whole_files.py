"""Files that are read whole, such as labels, guidelines and keymaps: plain ones, and not too large.

A pipe would keep the start waiting for whoever writes into it, and a device never ends.
"""

from __future__ import annotations

import errno
import os
import stat

LARGEST = 16_000_000
"""Bytes that such a file may have."""


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
