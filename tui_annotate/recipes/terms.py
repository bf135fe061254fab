"""`terms.teach`: collecting a list of terms, the next ones like those that were accepted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from tui_annotate.errors import UsageError
from tui_annotate.job import Arg
from tui_annotate.recipes.common import DATASET, EXCLUDE, components
from tui_annotate.recipes.registry import recipe
from tui_annotate.sources.label_lists import read_terms
from tui_annotate.stream.store_sources import stored_answers
from tui_annotate.suggest.models import load_pipeline
from tui_annotate.suggest.vectors import TermVectors
from tui_annotate.task.schema import Task

ROUND = 5
"""Terms that are asked before the order is made anew."""

MOST = 10_000
"""Terms that are asked at the most: the last ones are like nothing that was accepted."""

SEED = "seed"
"""Key of the `meta` of terms that were given, and not asked."""

Judged = dict[str, str]
"""Term, as it was answered -> decision."""


@recipe(
    "terms.teach",
    contained=True,
    cosmetic=(),
    dataset=DATASET,
    vectors=Arg(help="A spaCy pipeline with word vectors: its name or folder", kind="positional"),
    seeds=Arg("--seeds", "-s", "-se", help="Terms with commas, or a file with one a line"),
    resume=Arg("--resume", "-R", help="Taken for Prodigy's sake: a session always goes on"),
    exclude=EXCLUDE,
)
def teach(
    dataset: str,
    vectors: str,
    seeds: str | None = None,
    resume: bool = False,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Collect terms: say yes or no to those whose vectors are most like the accepted ones.

    The seeds are answers of the dataset as well, accepted ones. Every 5 answers the order of what
    is left is made anew.
    """
    del resume
    found = TermVectors(load_pipeline(vectors), vectors)
    given = read_terms(seeds, "--seeds") if seeds else []
    tasks = TermQuestions(dataset, found, given)
    tasks.check(vectors)
    made = components(dataset, "text", tasks, exclude, exclude_by="input", scattered=True)
    return {**made, "on_load": tasks.store_seeds}


class TermQuestions:
    """The terms of a pipeline as tasks, in rounds.

    What a round asks rests on the answers to all rounds but the one before it. These are there
    whenever it begins, also after a restart, so every start asks the same.

    Args:
        dataset: Where the answers are.
        vectors: The terms with their vectors.
        seeds: Terms that are accepted from the start; those of earlier sessions count as well.
    """

    def __init__(self, dataset: str, vectors: TermVectors, seeds: list[str]) -> None:
        self._dataset = dataset
        self._vectors = vectors
        self._seeds = seeds

    def check(self, name: str) -> None:
        """Raise `UsageError` where nothing can be asked: no seed is known to the pipeline."""
        seeds = self._all_seeds(judged_terms(self._dataset))
        if not seeds:
            hint = "Write --seeds and some terms of the kind that you look for, with commas"
            raise UsageError("there are no seeds", where="--seeds", hint=hint)
        if all(self._vectors.vector(each) is None for each in seeds):
            what = f"the pipeline {name!r} has a vector for none of the seeds"
            raise UsageError(what, where="--seeds", hint="Name other seeds, or another pipeline")

    def store_seeds(self, ctrl: Any) -> None:
        """Add the seeds that are not in the dataset yet, as accepted terms."""
        known = {term.casefold() for term in judged_terms(self._dataset)[0]}
        new = [each for each in self._seeds if each.casefold() not in known]
        if new:
            tasks = [{"text": each, "answer": "accept", "meta": {SEED: True}} for each in new]
            ctrl.db.add_examples(tasks, [self._dataset])

    def __iter__(self) -> Iterator[Task]:
        asked: set[str] = set()
        earlier: list[str] = []
        last: list[str] = []
        while len(asked) < MOST:
            judged = judged_terms(self._dataset)
            seeds = self._all_seeds(judged)
            rests_on = {term: judged[0][term] for term in earlier if term in judged[0]}
            accepted = [*seeds, *(t for t, answer in rests_on.items() if answer == "accept")]
            rejected = [t for t, answer in rests_on.items() if answer == "reject"]
            without = {*asked, *(each.casefold() for each in seeds)}
            found = list(islice(self._vectors.ranked(accepted, rejected, without), ROUND))
            if not found:
                return
            earlier += last
            last = [term for _, term in found]
            asked.update(term.casefold() for term in last)
            other_case = {term.casefold() for term in judged[0]} - {*map(str.casefold, earlier)}
            for score, term in found:
                if term in judged[0] or term.casefold() not in other_case:
                    yield {"text": term, "meta": {"score": round(score, 2)}}

    def _all_seeds(self, judged: tuple[Judged, set[str]]) -> list[str]:
        """Return the seeds that are given and those of earlier sessions that still stand."""
        answers, seeds = judged
        standing = [each for each in sorted(seeds) if answers[each] == "accept"]
        return list(dict.fromkeys([*self._seeds, *standing]))


def judged_terms(dataset: str) -> tuple[Judged, set[str]]:
    """Return the terms that a dataset has answers to, and which of them were given as seeds."""
    answers: Judged = {}
    seeds: set[str] = set()
    for task in stored_answers(dataset):
        if isinstance(task.get("text"), str):
            answers[task["text"]] = task["answer"]
            if isinstance(task.get("meta"), dict) and task["meta"].get(SEED):
                seeds.add(task["text"])
    return answers, seeds
