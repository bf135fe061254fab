"""What all tests of the screen share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def snap_compare(
    request: pytest.FixtureRequest, snap_compare: Callable[..., bool]
) -> Callable[..., bool]:
    """The comparison of the plugin, which says besides how a picture is taken up."""

    def compare(*values: Any, **options: Any) -> bool:
        assert snap_compare(*values, **options), (
            "there is no picture of this screen, or it looks different: if that is meant, add"
            f" --snapshot-update to `pytest {request.node.nodeid.partition('::')[0]}`,"
            " and look at the pictures that are new"
        )
        return True

    return compare
