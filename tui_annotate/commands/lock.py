"""The lock after idle time (`lock_after`): when it closes, and which key opens it again.

It is the same for both faces. It keeps the texts from whoever passes by the screen; whoever has the
account can read the database all the same.
"""

from __future__ import annotations

import hmac
import time
import unicodedata
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from tui_annotate.errors import ConfigError

LONGEST_PAUSE = 60.0
"""Seconds that a wrong key costs at most; the first one costs 1, each further one twice as much."""

MOST_TYPED = 1024
"""Characters that are taken of what is typed; keys of a project are shorter."""

SECONDS_IN_A_DAY = 86_400


def idle_clock() -> float:
    """Return seconds that only grow; where that is known, the machine's sleep counts too."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


class Lock:
    """The lock of one session.

    Args:
        after: Seconds without a key until it closes.
        key: What opens it.
        clock: Seconds that only grow.

    Attributes:
        after: As given.
        is_closed: Nothing of the texts is to be shown, and only the key counts.
    """

    def __init__(self, after: int, key: str, clock: Callable[[], float] = idle_clock) -> None:
        self.after = after
        self.is_closed = False
        self._digest = _digest(key)
        self._clock = clock
        self._touched = clock()
        self._wrong = 0
        self._pause_ends = float("-inf")

    @property
    def left(self) -> float:
        """Seconds until it closes if no key comes; 0 where it is due."""
        return max(0.0, self._touched + self.after - self._clock())

    @property
    def is_due(self) -> bool:
        """Whether it is open and was idle for long enough."""
        return not self.is_closed and self.left <= 0

    @property
    def pause(self) -> float:
        """Seconds for which no key is taken, because of a wrong one."""
        return max(0.0, self._pause_ends - self._clock())

    def touch(self) -> None:
        """Somebody has pressed a key."""
        self._touched = self._clock()

    def close(self) -> None:
        """Close it."""
        self.is_closed = True

    def open(self, typed: str) -> bool:
        """Open it where the right key was typed, and return whether it was.

        Digests are compared, in a time that says nothing about how much of the key was right. A
        wrong key costs a pause, in which the right one does not open it either.
        """
        if self.pause:
            return False
        if not hmac.compare_digest(_digest(typed), self._digest):
            self._pause_ends = self._clock() + min(LONGEST_PAUSE, 2.0**self._wrong)
            self._wrong = min(self._wrong + 1, 10)
            return False
        self.is_closed = False
        self._wrong = 0
        self.touch()
        return True


def make_lock(config: Mapping[str, Any]) -> Lock | None:
    """Return the lock of a job; None where `lock_after` is not set, or 0.

    Args:
        config: The job's configuration.

    Raises:
        ConfigError: `lock_after` is no number of seconds, or `lock_key` is missing or cannot be
            typed.
    """
    after = config.get("lock_after") or 0
    if type(after) is not int or not 0 <= after <= SECONDS_IN_A_DAY:
        what = f"it is no whole number of seconds from 0 to {SECONDS_IN_A_DAY:,}"
        raise ConfigError(what, where="lock_after")
    if after == 0:
        return None
    key = config.get("lock_key")
    if not isinstance(key, str) or not key.strip():
        hint = "Set lock_key, or take lock_after out"
        raise ConfigError(
            "there is no key that opens the screen again", where="lock_key", hint=hint
        )
    # The key itself is not shown, not even where it is wrong.
    if not key.isprintable() or key != key.strip() or len(key) > MOST_TYPED:
        what = "it holds what cannot be typed on one line, or blanks at an end"
        raise ConfigError(what, where="lock_key")
    return Lock(after, key)


def _digest(key: str) -> bytes:
    # Keyboards write one letter in several forms.
    text = unicodedata.normalize("NFC", key).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=32).digest()
