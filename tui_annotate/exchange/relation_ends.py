"""Finds the spans that the relations of a document connect, as formats of relations need them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Document
from tui_annotate.task.tokenize import Tokens

_Key = TypeVar("_Key")


class RelationEnds:
    """Finds the ends of a document's relations among its spans, in a time that is the same for few
    spans and for many.

    Args:
        document: The document; its spans must stay as they are.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._spans = document.layers.spans or ()

    def all(self) -> Iterator[tuple[str, int, int]]:
        """Yield label, head and child of every relation, as `of` returns them.

        Raises:
            TaskError: As `of` does.
        """
        return map(self.of, self._document.layers.relations or ())

    def of(self, relation: Mapping[str, Any]) -> tuple[str, int, int]:
        """Return a relation's label and the places of its head and child among the spans.

        Tasks name both ends by `head_span` and `child_span`, or by the last token of each in `head`
        and `child`.

        Raises:
            TaskError: `bad-relations`: it has no label, or an end is none of the spans.
        """
        label = relation.get("label")
        if not isinstance(label, str) or not label:
            raise TaskError("a relation has no label", reason="bad-relations")
        return label, self._end(relation, "head"), self._end(relation, "child")

    def _end(self, relation: Mapping[str, Any], name: str) -> int:
        wanted = relation.get(f"{name}_span")
        if isinstance(wanted, Mapping):
            place = (str(wanted.get("start")), str(wanted.get("end")))
            label = str(wanted.get("label"))
            found = self._named.get((*place, label), self._placed.get(place))
        else:
            token = relation.get(name)
            index = self._tokens.index(token) if type(token) is int else None
            found = None if index is None else self._ending.get(self._tokens.ends[index])
        if found is None:
            what = f"the {name} of a relation ({relation.get('label')}) is none of the spans"
            raise TaskError(what, reason="bad-relations")
        return found

    @cached_property
    def _named(self) -> dict[tuple[str, str, str], int]:
        return self._first((str(at.start), str(at.end), at.label) for at in self._spans)

    @cached_property
    def _placed(self) -> dict[tuple[str, str], int]:
        return self._first((str(at.start), str(at.end)) for at in self._spans)

    @cached_property
    def _ending(self) -> dict[int, int]:
        return self._first(span.end for span in self._spans)

    @cached_property
    def _tokens(self) -> Tokens:
        return self._document.tokens()

    @staticmethod
    def _first(keys: Iterator[_Key]) -> dict[_Key, int]:
        found: dict[_Key, int] = {}
        for number, key in enumerate(keys):
            found.setdefault(key, number)
        return found
