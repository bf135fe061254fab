"""`NamedTuple` as `typing` has it, made in a quarter of the time.

`typing.NamedTuple` compiles the annotation of every field when a class is made. A start makes a
hundred such classes, and nobody asks for their annotations. Type checkers see the one of `typing`.
The fields are read from `__annotations__` of the class body, where `from __future__ import
annotations` leaves them as strings: a module that defines such a class needs that import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import namedtuple

    class _Maker(type):
        """Makes of a class body with annotated fields, defaults and methods a named tuple."""

        def __new__(cls, name: str, _: tuple[type, ...], body: dict[str, Any]) -> type[tuple]:
            fields = body.get("__annotations__", {})
            defaults = [body[field] for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            for key, value in body.items():
                if key not in fields and key != "__module__":
                    setattr(made, key, value)
            return made

    NamedTuple = type.__new__(_Maker, "NamedTuple", (), {})
    """The base of records that do not change."""
