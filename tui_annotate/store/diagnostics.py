"""Where a database lies: on which file system, because WAL needs one host's shared memory, and
whether a group shares its folder."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")

_NETWORK = frozenset(
    {
        *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "drvfs", "gfs2", "glusterfs"),
        *("gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "panfs", "pvfs2"),
        *("smb3", "smbfs", "vboxsf", "virtiofs"),
    }
)
_LOCAL_FUSE = frozenset({"fuseblk", "fuse.ntfs", "fuse.ntfs-3g", "fuse.fuse-overlayfs"})


def filesystem_of(path: Path, mounts: Path = MOUNTS) -> str:
    """Return the type of the file system that `path` lies on; "" where it cannot be told.

    Args:
        path: An absolute path without symbolic links; it need not exist.
        mounts: The kernel's table of mounts.
    """
    try:
        table = mounts.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return ""
    best, kind = -1, ""
    for line in table.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = _unescape(fields[4])
        if len(point) >= best and path.is_relative_to(point):
            best, kind = len(point), right.split(" ")[0]
    return kind


def is_network(kind: str) -> bool:
    """Return whether several hosts may share a file system of type `kind`."""
    return kind in _NETWORK or (kind.startswith("fuse") and kind not in _LOCAL_FUSE)


def is_shared(folder: Path) -> bool:
    """Return whether a group shares what is in a folder: its set-group-ID bit is set, and the group
    may write to it. Files in it are the group's then, whoever makes them."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return bool(mode & stat.S_ISGID and mode & stat.S_IWGRP)


def open_private(path: Path, flags: int) -> int:
    """Open a file of the store, made where it is missing, and return its handle.

    Only its owner may read and write what is made, but in a folder that a group shares the whole
    group, whatever the umask of the member who is first. The engine gives its own files the same
    mode as the database.

    Raises:
        OSError: It cannot be opened.
    """
    if not is_shared(path.parent):
        return os.open(path, flags, 0o600)
    if not flags & os.O_CREAT:
        return os.open(path, flags)
    try:
        file = os.open(path, flags | os.O_EXCL, 0o660)
    except FileExistsError:
        if flags & os.O_EXCL:
            raise
        return os.open(path, flags & ~os.O_CREAT)
    try:
        os.fchmod(file, 0o660)
    except BaseException:
        os.close(file)
        raise
    return file


def _unescape(field: str) -> str:
    """Undo the octal escapes of the table of mounts."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)
