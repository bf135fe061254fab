"""Tests of sessions run on both engines, on a server only when asked for: `pytest -m server`."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Leave those that are not about servers to be asked for: there are many of them."""
    if metafunc.definition.get_closest_marker("server") is None:
        metafunc.definition.add_marker("server_on_request")


@pytest.fixture(autouse=True)
def _on_any_engine(any_engine: None) -> None:
    """Let every test here run on both."""
