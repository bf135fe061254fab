"""Who is at work in a session: this process, another one that still runs, or one that is gone."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from tui_annotate.store.records import Visit

_PROC = Path("/proc")


def own_name() -> str:
    """Return what this process is called in the store: host, process, when it started, now."""
    return f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())} {time.time_ns()}"


def now_at_work(visit: Visit) -> str:
    """Return who is at work where a visit still goes on in another process; else nothing.

    Of another machine nobody knows whether its process runs; it counts as gone, and its next
    write is refused.
    """
    if visit.closed_at is not None:
        return ""
    host, pid, started = (*visit.owner.split(" "), "", "", "")[:3]
    if host != socket.gethostname() or not pid.isdigit() or int(pid) == os.getpid():
        return ""
    if not _runs(int(pid)) or (started.isdigit() and started != _started(int(pid))):
        return ""
    since = time.strftime("%H:%M", time.localtime(visit.opened_at))
    return f"open since {since} in process {pid}"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return _state(pid) != "Z"


def _started(pid: int) -> str:
    """Return when a process started, in the kernel's ticks; `-` where that cannot be told."""
    fields = _stat(pid)
    return fields[19] if len(fields) > 19 else "-"


def _state(pid: int) -> str:
    return (_stat(pid) or ["-"])[0]


def _stat(pid: int) -> list[str]:
    """Return the fields of `/proc/PID/stat` behind the command's name, which may hold blanks."""
    try:
        return (_PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []
