"""Terms with word vectors: which are most like those that were accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from tui_annotate.errors import UsageError
from tui_annotate.waiting import here

_AGAINST = 0.25
"""How much the mean of the rejected terms counts against that of the accepted ones (Rocchio 1971,
"Relevance feedback in information retrieval", has 0.15 to 0.75, and never 0 or 1)."""


class TermVectors:
    """The terms of a pipeline that have a vector, each once whatever its case.

    Args:
        nlp: A spaCy pipeline.
        name: What people call it.

    Raises:
        UsageError: It has no word vectors.
    """

    def __init__(self, nlp: Any, name: str) -> None:
        vectors = nlp.vocab.vectors
        if not len(vectors) or not vectors.shape[1]:
            raise UsageError(
                f"the pipeline {name!r} has no word vectors",
                hint="Name one that has some, such as en_core_web_md",
            )
        self._nlp = nlp
        self._numpy = import_module("numpy")
        self.terms: list[str] = []
        rows: list[int] = []
        self._places: dict[str, int] = {}
        with here().on("reading the vectors", of=len(vectors.key2row), unit="terms"):
            for term, row in _with_rows(vectors, nlp.vocab.strings):
                if term.casefold() not in self._places:
                    self._places[term.casefold()] = len(self.terms)
                    self.terms.append(term)
                    rows.append(row)
        # Vectors may lie on a GPU. Several terms may share one, so they are kept as they lie.
        data = vectors.data
        self._matrix = self._unit(data.get() if hasattr(data, "get") else data)
        self._rows = self._numpy.array(rows, dtype="int64")

    def vector(self, term: str) -> Any:
        """Return the unit vector of a term of one or several words; None where it has none."""
        at = self._places.get(term.casefold())
        if at is not None:
            return self._matrix[self._rows[at]]
        words = [self._places.get(token.text.casefold()) for token in self._nlp.make_doc(term)]
        known = [self._matrix[self._rows[each]] for each in words if each is not None]
        return self._unit(sum(known)[None])[0] if known else None

    def ranked(
        self, accepted: Iterable[str], rejected: Iterable[str], without: set[str]
    ) -> Iterator[tuple[float, str]]:
        """Yield the similarity, -1 to 1, and the term, the most similar first.

        Args:
            accepted: Terms to be like; of those without a vector nothing is known.
            rejected: Terms not to be like.
            without: Terms that are left out, in lower case (`str.casefold`).
        """
        wanted = self._mean(accepted)
        if wanted is None:
            return
        unwanted = self._mean(rejected)
        if unwanted is not None:
            wanted = self._unit((wanted - _AGAINST * unwanted)[None])[0]
        scores = (self._matrix @ wanted)[self._rows]
        # Equal scores stand in the order of the vectors, so that every start has the same order.
        for at in self._numpy.argsort(-scores, kind="stable"):
            term = self.terms[int(at)]
            if term.casefold() not in without:
                yield float(scores[at]), term

    def _mean(self, terms: Iterable[str]) -> Any:
        known = [each for each in map(self.vector, terms) if each is not None]
        return self._unit(sum(known)[None])[0] if known else None

    def _unit(self, rows: Any) -> Any:
        lengths = self._numpy.linalg.norm(rows, axis=1, keepdims=True)
        return rows / self._numpy.maximum(lengths, 1e-12)


def _with_rows(vectors: Any, strings: Any) -> Iterator[tuple[str, int]]:
    """Yield the words with a vector, in the order of the vectors; numbers and signs are none."""
    waiting = here()
    for number, (key, row) in enumerate(sorted(vectors.key2row.items(), key=lambda p: p[1])):
        if number % 1000 == 0:
            waiting.at(number)
        if row >= 0 and key in strings:
            term = strings[key]
            if any(letter.isalpha() for letter in term) and not any(map(str.isspace, term)):
                yield term, row
