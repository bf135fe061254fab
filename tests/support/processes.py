"""What the system says about a running program."""

from __future__ import annotations

from pathlib import Path

import psutil

_PROC = Path("/proc/self/task")


def tree(pid: int) -> list[int]:
    """Return the ids of a process and of those below it; empty where it has gone."""
    try:
        process = psutil.Process(pid)
        return [pid, *(child.pid for child in process.children(recursive=True))]
    except psutil.Error:
        return []


def cpu_seconds(pids: list[int]) -> float:
    """Return the processor time that the processes have used so far."""
    total = 0.0
    for pid in pids:
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return total


def processor_ms(pid: int) -> float:
    """Return the milliseconds that a process has run so far: to the microsecond on Linux."""
    total = 0
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            total += int((thread / "schedstat").read_text().split()[0])
    except (OSError, ValueError, IndexError):  # not Linux, or a thread that ended meanwhile
        return 1000 * cpu_seconds([pid])
    return total / 1e6


def peak_memory(pid: int) -> int:
    """Return the most memory in bytes that a process has held; what it holds now off Linux."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return int(psutil.Process(pid).memory_info().rss)


class Activity:
    """Tells whether a program is at work. A thread that waits for a processor is at work too.

    So a loaded machine makes a program busy for longer, and never quiet too early.
    """

    def __init__(self, pid: int) -> None:
        self._pids = tree(pid)
        self._used = cpu_seconds(self._pids) if not _PROC.exists() else 0.0

    def busy(self) -> bool:
        """Return whether it runs, waits to run or waits for a disk."""
        if _PROC.exists():
            return any(_runs(Path(f"/proc/{pid}/task")) for pid in self._pids)
        used, before = cpu_seconds(self._pids), self._used
        self._used = used
        return used > before


def _runs(threads: Path) -> bool:
    """Return whether a thread of a process is running, runnable or in a system call on disk."""
    try:
        states = [(thread / "stat").read_bytes() for thread in threads.iterdir()]
    except OSError:
        return False
    return any(state.rpartition(b")")[2].split()[0] in (b"R", b"D") for state in states)
