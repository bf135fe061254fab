"""Which host this is: a name for people, and an identity that no two machines share."""

from __future__ import annotations

import errno
import os
from functools import cache
from pathlib import Path

from tui_annotate.store.error_mapping import system_failure

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def host_name() -> str:
    """Return what people call this host."""
    return os.uname().nodename or "unnamed"


@cache
def boot_id() -> str:
    """Return which run of which machine this is; the host's name where the system has no such id.

    Containers of one machine share it, as they share its locks. A machine has another one after it
    was restarted.

    Raises:
        StoreUnavailable: Too many files are open to look. Under another identity the next program
            of this machine would be taken for one of another host.
    """
    try:
        found = _BOOT_ID.read_text("ascii").strip()
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise system_failure(error, _BOOT_ID) from None
        found = ""
    except UnicodeDecodeError:
        found = ""
    return found or host_name()
