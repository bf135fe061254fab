"""Calls on a thread of their own: in order, given up when nobody waits any more."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from tui_annotate.thread_calls import CallThread

pytestmark = pytest.mark.quick


def test_calls_run_in_order_on_one_other_thread() -> None:
    thread = CallThread("test")
    done: list[tuple[int, int]] = []

    def note(number: int) -> None:
        done.append((number, threading.get_ident()))

    for future in [thread.submit(partial(note, number)) for number in range(9)]:
        future.result()
    assert [number for number, _ in done] == list(range(9))
    (where,) = {ident for _, ident in done}
    assert where != threading.get_ident()
    thread.close()


def test_what_a_call_raises_is_raised_where_its_result_is_taken() -> None:
    thread = CallThread("test")
    failing = thread.submit(lambda: int("one"))
    with pytest.raises(ValueError, match="one"):
        failing.result()
    assert thread.submit(lambda: 1).result() == 1


def test_nobody_waits_for_what_is_given_up() -> None:
    thread, gate = CallThread("test"), threading.Event()
    done: list[int] = []
    running = thread.submit(lambda: gate.wait(30))
    waiting, cancelled = (thread.submit(lambda: done.append(1)) for _ in range(2))
    assert cancelled.cancel()
    thread.give_up(ValueError("enough"))
    for future in (running, waiting, thread.submit(lambda: done.append(1))):
        with pytest.raises(ValueError, match="enough"):
            future.result()
    gate.set()
    thread.close()
    assert done == []
