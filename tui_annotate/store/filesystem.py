"""On which file system a database lies, because WAL needs one host's shared memory."""

from __future__ import annotations

import re
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


def _unescape(field: str) -> str:
    """Undo the octal escapes of the table of mounts."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)
