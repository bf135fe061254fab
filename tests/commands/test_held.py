"""Presses and held keys are told apart by time: every delay, every rate, and what people tap."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.commands.input_filter import HELD, REPEAT, InputFilter
from tui_annotate.commands.keymap import Keymap

pytestmark = pytest.mark.quick


class Typed:
    """Keys at their times through the filter, as a face feeds and wakes it."""

    def __init__(self) -> None:
        self.filter = InputFilter(Keymap().is_decision)
        self.keys: list[tuple[str, float]] = []
        self.said: list[str] = []
        self.now = 0.0

    def key(self, key: str, at: float, *, repeat: bool = False, typing: bool = False) -> None:
        """Take a key; what was due before is given first."""
        self.wake(at)
        result = self.filter.feed(key, key, at, repeat=repeat, typing=typing)
        self._take(result.presses, result.message, at)

    def wake(self, at: float) -> None:
        """Let the time pass."""
        while (deadline := self.filter.deadline) is not None and deadline <= at:
            result = self.filter.flush(deadline)
            self._take(result.presses, result.message, deadline)

    def _take(self, presses: tuple[object, ...], message: str, at: float) -> None:
        self.keys += [(press.key, at) for press in presses]  # type: ignore[attr-defined]
        self.said += [message] if message else []

    def count(self) -> int:
        """Return how many presses came out, once all is over."""
        self.wake(float("1e9"))
        return len(self.keys)


def held(delay: float, rate: float, seconds: float = 2.0) -> list[float]:
    """Return when a key comes that is held down."""
    times = [0.0]
    while times[-1] < seconds:
        times.append(delay + (len(times) - 1) / rate)
    return times


@pytest.mark.parametrize("delay", range(200, 661, 20))
@pytest.mark.parametrize("rate", range(15, 41))
def test_a_held_key_answers_once(delay: int, rate: int) -> None:
    typed = Typed()
    for at in held(delay / 1000, rate):
        typed.key("a", at)
    assert typed.count() == 1
    assert typed.said == ["a is held down and answers once"]


@pytest.mark.parametrize("delay", [0.2, 0.45, 0.66])
@pytest.mark.parametrize("rate", [15, 40])
def test_a_key_that_is_held_down_on_the_end_of_a_name_answers_nothing(
    delay: float, rate: int
) -> None:
    typed = Typed()
    first, *others = held(delay, rate)
    typed.key("a", first, typing=True)
    for at in others:
        typed.key("a", at)
    assert typed.count() == 1, "the first one was a letter"
    assert typed.said == ["a is held down and answers once"]


def test_a_press_after_a_held_key_counts() -> None:
    typed = Typed()
    times = held(0.5, 30)
    for at in times:
        typed.key("a", at)
    typed.key("a", times[-1] + 0.3)
    assert typed.count() == 2


@pytest.mark.parametrize("gap", [0.15, 0.16, 0.2, 0.25, 0.4, 0.66, 1.0])
def test_taps_at_150_ms_and_more_all_count(gap: float) -> None:
    typed = Typed()
    for number in range(8):
        typed.key("a", 10 + number * gap + 1e-9 * number)
    assert typed.count() == 8
    assert typed.said == []


def test_of_faster_taps_those_that_do_not_count_are_said_and_lengthen_nothing() -> None:
    typed = Typed()
    for number in range(8):
        typed.key("a", number * 0.14)
    assert typed.count() == 4
    assert typed.said == ["a came again too fast, so it was not counted"] * 4


def test_only_the_second_press_of_the_same_decision_waits() -> None:
    typed = Typed()
    typed.key("a", 0.0)
    typed.key("x", 0.2)
    typed.key("a", 0.4)
    typed.key("a", 0.6)
    typed.wake(0.6 + REPEAT)
    assert [key for key, _ in typed.keys] == ["a", "x", "a", "a"]
    assert [round(at, 3) for _, at in typed.keys] == [0.005, 0.205, 0.405, 0.67]


def test_a_press_that_waits_comes_before_the_next_key() -> None:
    typed = Typed()
    for key, at in (("a", 0.0), ("a", 0.3), ("l", 0.33), ("a", 0.5), ("x", 0.55)):
        typed.key(key, at)
    typed.count()
    assert [key for key, _ in typed.keys] == ["a", "a", "l", "a", "x"]


def test_the_terminal_s_own_repeats_are_believed() -> None:
    typed = Typed()
    typed.key("a", 0.0)
    for number in range(10):
        typed.key("a", 0.3 + number * 0.2, repeat=True)  # slower than any that is guessed
    typed.key("a", 2.5)
    typed.key("a", 2.6)  # it says what repeats, so this was pressed
    assert typed.count() == 3
    typed.key("x", 3.0, repeat=True)
    assert typed.count() == 3


@given(
    st.lists(st.tuples(st.sampled_from("ax"), st.floats(0.001, 1.0)), max_size=30),
)
@settings(max_examples=200, deadline=None)
def test_every_press_counts_or_is_said_and_no_two_are_closer_than_a_held_key(
    presses: list[tuple[str, float]],
) -> None:
    typed, at, times = Typed(), 0.0, []
    for key, gap in presses:
        at += gap
        typed.key(key, at)
        times.append((key, at))
    assert typed.count() <= len(times)
    assert typed.count() == len(times) or typed.said
    alike = [key for key, _ in typed.keys]
    assert all(key in "ax" for key in alike)
    if times:
        assert typed.count() >= 1
    slow = all(gap >= HELD for _, gap in presses)
    if slow:
        assert alike == [key for key, _ in times]
