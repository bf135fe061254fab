"""Rows that are left, estimated from their bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.waiting import about_rows

pytestmark = pytest.mark.quick


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(0, 500), st.integers(0, 50))
def test_rows_of_one_size_are_estimated_in_two_digits(
    left: int, read: int, size: int, more: int
) -> None:
    size += 1
    found = about_rows(left * size, read, read * size, more)
    assert found is not None
    assert abs(found - left - more) <= (left + more) / 20
    assert not str(found)[2:].strip("0")


def test_nothing_is_claimed_before_a_row_was_read() -> None:
    assert about_rows(19_000_000, 0, 0) is None
