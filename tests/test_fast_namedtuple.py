"""`records.NamedTuple` makes what `typing.NamedTuple` makes."""

from __future__ import annotations

import pickle
import typing

import pytest

from tui_annotate import fast_namedtuple


class Ours(fast_namedtuple.NamedTuple):
    """A place."""

    row: int
    name: str = "here"

    @property
    def shown(self) -> str:
        """How it is called."""
        return f"{self.name} {self.row}"

    @classmethod
    def first(cls) -> Ours:
        """The first one."""
        return cls(1)

    def __str__(self) -> str:
        return self.shown


class Theirs(typing.NamedTuple):
    """A place."""

    row: int
    name: str = "here"


def test_it_is_a_tuple_with_names_defaults_and_methods() -> None:
    place = Ours(2)
    assert place == (2, "here") == Theirs(2)
    assert (place.row, place.name, place.shown, str(place)) == (2, "here", "here 2", "here 2")
    assert repr(place) == repr(Theirs(2)).replace("Theirs", "Ours")
    assert Ours.first() == Ours(name="here", row=1)
    assert place._replace(row=3)._asdict() == {"row": 3, "name": "here"}
    assert pickle.loads(pickle.dumps(place)) == place
    assert hash(place) == hash(Theirs(2))


def test_it_has_what_is_looked_up_in_classes() -> None:
    for name in ("_fields", "_field_defaults", "__doc__", "__module__", "__match_args__"):
        assert getattr(Ours, name) == getattr(Theirs, name), name
    assert Ours.__qualname__ == "Ours"
    assert {type(Ours), type(Theirs)} == {type}
    assert list(Ours.__annotations__) == list(Theirs.__annotations__)


def test_it_refuses_what_the_other_refuses() -> None:
    for made in (Ours, Theirs):
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'row'"):
            made()  # type: ignore[call-arg]
        with pytest.raises(AttributeError):
            made(1).row = 2  # type: ignore[misc]
        with pytest.raises(AttributeError):
            made(1).other = 2  # type: ignore[union-attr]
