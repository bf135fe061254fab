"""Tests of sessions run on both engines, on a server only when asked for: `pytest -m server`."""

import pytest

from tests.session.teams import Time
from tui_annotate.store import claims


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Leave those that are not about servers to be asked for: there are many of them."""
    if metafunc.definition.get_closest_marker("server") is None:
        metafunc.definition.add_marker("server_on_request")


@pytest.fixture(autouse=True)
def _on_any_engine(any_engine: None) -> None:
    """Let every test here run on both."""


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """A clock of the machine that goes on when a test says so."""
    made = Time()
    monkeypatch.setattr(claims, "now", made.now)
    return made
