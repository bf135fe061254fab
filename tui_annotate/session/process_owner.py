"""Who is at work in a session: this process, another one that still runs, or one that is gone."""

from __future__ import annotations

import os
import signal
import time
from functools import cache
from pathlib import Path

from tui_annotate.store.host import boot_id
from tui_annotate.store.records import Visit
from tui_annotate.store.write_lock import STALE

_PROC = Path("/proc")


def own_name() -> str:
    """Return what this process is called in the store: place, process, when it started, now.

    The place is the host's identity, which all containers of one machine share, and the space of
    process numbers, which they mostly do not share.
    """
    return f"{_place()} {os.getpid()} {_started(os.getpid())} {time.time_ns()}"


def now_at_work(visit: Visit, now: float) -> str:
    """Return who is at work where a visit still goes on in another process; else nothing.

    Of a process in another container, or on another machine, nobody here can tell whether it runs:
    it is at work as long as it gives signs of life.

    Args:
        visit: The newest one to a session.
        now: The time by the clock of the signs of life, which is the store's (`store.time()`).
    """
    if visit.closed_at is not None:
        return ""
    place, pid, started = (*visit.owner.split(" "), "", "", "")[:3]
    if not pid.isdigit():
        return ""
    since = time.strftime("%H:%M", time.localtime(visit.opened_at))
    if place != _place():
        silent = now - (visit.beat_at or 0)
        machine = "another container" if place.startswith(f"{boot_id()}/") else "another machine"
        return f"open since {since} on {machine}" if silent < STALE else ""
    if int(pid) == os.getpid() or not _runs(int(pid)):
        return ""
    # Numbers of processes are used again: one that began at another time is another program.
    is_another = started.isdigit() and started != _started(int(pid))
    if is_another:
        return ""
    return f"open since {since} in process {pid}"


def is_suspended(visit: Visit) -> bool:
    """Return whether the process of a visit is stopped by a signal on this machine, as by ctrl-z:
    it answers nothing and gives no signs of life until it is continued."""
    pid = _own_process(visit)
    return pid is not None and _state(pid) in ("T", "t")


def end_process(visit: Visit) -> bool:
    """Ask the process of a visit to end in order, as a hang-up would; a suspended one goes on for
    that.

    Returns:
        Whether it was asked: False where it does not run on this machine any more.

    Raises:
        PermissionError: It is another user's.
    """
    pid = _own_process(visit)
    if pid is None:
        return False
    try:
        if hasattr(os, "pidfd_open"):
            return _end_held(pid, visit)
        # Elsewhere than on Linux there is no handle: the look at the process just before is all.
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        return False
    return True


def _end_held(pid: int, visit: Visit) -> bool:
    handle = os.pidfd_open(pid)
    try:
        # The number may have gone to another process meanwhile; what the handle holds stays.
        if _own_process(visit) is None:
            return False
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        signal.pidfd_send_signal(handle, signal.SIGCONT)
    finally:
        os.close(handle)
    return True


def _own_process(visit: Visit) -> int | None:
    """Return the number of the process that is at work in a visit, where it is one of here."""
    place, pid, *_ = (*visit.owner.split(" "), "", "")
    return int(pid) if now_at_work(visit, time.time()) and place == _place() else None


@cache
def _place() -> str:
    try:
        numbers = str((_PROC / "self" / "ns" / "pid").stat().st_ino)
    except OSError:
        numbers = "-"
    return f"{boot_id()}/{numbers}"


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
