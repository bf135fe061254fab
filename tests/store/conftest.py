"""Tests of the store run on both engines, those marked `files_only` on files alone."""

import pytest


@pytest.fixture(autouse=True)
def _on_any_engine(any_engine: None) -> None:
    """Let every test here run on both."""
