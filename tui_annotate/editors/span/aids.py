"""What an editor may ask of the session without knowing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from tui_annotate.fast_namedtuple import NamedTuple

Earlier: TypeAlias = Callable[[], "list[dict[str, Any]] | None"]
"""Gives the spans of the newest earlier answer on the same text; None where there is none."""

Spread: TypeAlias = Callable[[str, str], str]
"""Takes a text and a label, has them proposed in the rest of the dataset or not, and says so."""


class Aids(NamedTuple):
    """Callables that a face gives to its editors.

    Attributes:
        earlier: Finds what was answered before.
        spread: Proposes equal strings from here on.
        withdraw: Proposes them no longer.
    """

    earlier: Earlier | None = None
    spread: Spread | None = None
    withdraw: Spread | None = None
