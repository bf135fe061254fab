"""Which host this is: a name for people, and an identity that no two machines share."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def host_name() -> str:
    """Return what people call this host."""
    return os.uname().nodename or "unnamed"


@cache
def boot_id() -> str:
    """Return which run of which machine this is; the host's name where the system has no such id.

    Containers of one machine share it, as they share its locks. A machine has another one after it
    was restarted.
    """
    try:
        found = _BOOT_ID.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        found = ""
    return found or host_name()
