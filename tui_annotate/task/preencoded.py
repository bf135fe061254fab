"""Lists that bring their JSON text along, so that a long one is encoded before it is needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tui_annotate.task.jsonio import dumps


class Encoded(list[Any]):
    """A list with its JSON text. Who holds it must not change it: the text would not follow.

    Attributes:
        text: What `dumps` gives for the items.
    """

    def __init__(self, items: Iterable[Any]) -> None:
        super().__init__(items)
        self.text = dumps(self)


def dumps_with(value: dict[str, Any]) -> str:
    """Return what `dumps` gives for an object, with the texts that its values bring along.

    Raises:
        TaskError: `not-json` where the value has no JSON form.
    """
    ready = [key for key, each in value.items() if type(each) is Encoded]
    if not ready or not all(type(key) is str for key in value):
        return dumps(value)
    parts: list[str] = []
    plain: dict[str, Any] = {}
    for key, each in value.items():
        if key not in ready:
            plain[key] = each
            continue
        if plain:
            parts.append(dumps(plain)[1:-1])
            plain = {}
        parts.append(f"{dumps(key)}:{each.text}")
    if plain:
        parts.append(dumps(plain)[1:-1])
    return f"{{{','.join(parts)}}}"
