"""Numbers, times and spans of time as people read them: one form each, wherever they are shown."""

from __future__ import annotations


def plural(number: int, noun: str) -> str:
    """Return `1 answer`, `2,000 answers`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def times(number: int) -> str:
    """Return how often something is: `once`, `2,000 times`."""
    return "once" if number == 1 else f"{number:,} times"


def bare_seconds(seconds: float) -> str:
    """Return seconds without their unit, as a table has them: `0.3`, `9.9`, `12`, `1,200`."""
    return f"{seconds:.1f}" if seconds < 10 else f"{seconds:,.0f}"


def seconds_of(milliseconds: float) -> str:
    """Return a short time as `0.3 s` or `12 s`."""
    return f"{bare_seconds(milliseconds / 1000)} s"


def duration(milliseconds: float) -> str:
    """Return a time as `40 s`, `12 min` or `6 h 12 min`."""
    seconds = round(milliseconds / 1000)
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60:,} h {minutes % 60} min"


def ago(seconds: int) -> str:
    """Return how long ago something was, as `40 s ago`, `12 min ago`, `3 h ago` or `4 days ago`."""
    if seconds < 90:
        return f"{max(0, seconds)} s ago"
    if seconds < 5400:
        return f"{round(seconds / 60)} min ago"
    if seconds < 129_600:
        return f"{round(seconds / 3600)} h ago"
    return f"{round(seconds / 86_400):,} days ago"
