"""Jobs that begin with a training, or have known answers mixed in: what the command line asks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tui_annotate.agreement.newcomers import (
    Attempt,
    GoldSet,
    attempts,
    first_answers,
    mix_in,
    needed,
    read_gold,
    training_job,
    training_set,
    unanswered,
)
from tui_annotate.cli.annotator_name import annotator_name
from tui_annotate.cli.run import run_job
from tui_annotate.cli.stream_options import SessionOptions
from tui_annotate.data_paths import database_path
from tui_annotate.errors import UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Job
from tui_annotate.store.database import Store, open_store
from tui_annotate.stream.store_sources import use_store
from tui_annotate.text.safe import safe_line


class NewcomerOptions(NamedTuple):
    """What the command line says about newcomers.

    Attributes:
        training: The dataset of known answers that a training asks; None for no training.
        mark: The pass mark, in per cent.
        silent: The dataset of known answers that are mixed in; None for none.
        every: On average every so-manieth task is one.
    """

    training: str | None = None
    mark: int = 80
    silent: str | None = None
    every: int = 10

    @classmethod
    def taken_from(cls, given: dict[str, Any]) -> NewcomerOptions:
        """Take the values of `NEWCOMER_OPTIONS` out of a command's; a recipe may have some of
        these names for itself."""
        return cls(
            training=given.pop("training", None),
            mark=given.pop("pass_mark", 80),
            silent=given.pop("silent_gold", None),
            every=given.pop("silent_every", 10),
        )


def run_newcomer(build: Callable[[], Job], options: SessionOptions, wanted: NewcomerOptions) -> int:
    """Run the training until it is passed, and then the job; return the exit code.

    Args:
        build: Makes the job.
        options: The session's settings.
        wanted: What the command line says about newcomers.

    Raises:
        UsageError: There are no known answers, or the job cannot have any.
    """
    annotator = annotator_name(options.annotator)
    passed: Attempt | None = None
    if wanted.training is not None:
        if options.data_from_stdin:
            what = "a training and a source that is read from standard input do not go together"
            raise UsageError(what, where="--training", hint="Save the source as a file")
        passed, code = _train(build, options, wanted, annotator)
        if passed is None:
            return code

    def real() -> Job:
        job = build()
        if wanted.silent is not None:
            _check(job, "--silent-gold")
            with _store(options) as store:
                gold = read_gold(store, wanted.silent, job, "--silent-gold")
                left = unanswered(store, job, gold, annotator)
            path = options.store or database_path()
            job = mix_in(job, gold, wanted.every, left, path, annotator)
        return job

    return run_job(lambda: replace(real(), renew=real), options)


def _train(
    build: Callable[[], Job], options: SessionOptions, wanted: NewcomerOptions, annotator: str
) -> tuple[Attempt | None, int]:
    """Run the training as often as it takes; return the attempt that passed, or None and the exit
    code where the annotator has left before."""
    use_store(options.store or database_path())
    first = build()
    _check(first, "--training")
    while True:
        with _store(options) as store:
            gold = read_gold(store, str(wanted.training), first, "--training")
            before = attempts(store, first.dataset, annotator, gold)
            passed = next((each for each in before if each.passes(wanted.mark)), None)
            number = sum(each.finished for each in before) + 1
            answered = _answered(store, first.dataset, annotator, gold, number)
        if passed is not None:
            return passed, 0

        def make(
            gold: GoldSet = gold, number: int = number, answered: dict[int, bool] = answered
        ) -> Job:
            return training_job(first, gold, wanted.mark, number, answered)

        code = run_job(lambda make=make: replace(make(), renew=make), options)  # type: ignore[misc]
        with _store(options) as store:
            after = attempts(store, first.dataset, annotator, gold)
        finished = [each for each in after if each.finished]
        if len(finished) < number:
            return None, code
        _say_result(finished[-1], wanted.mark)


def _answered(
    store: Store, dataset: str, annotator: str, gold: GoldSet, number: int
) -> dict[int, bool]:
    kept = store.admin.find_dataset(training_set(dataset))
    found = first_answers(store, kept, annotator, gold).get(number, {})
    return {known: right for known, (_, right) in found.items()}


def _say_result(attempt: Attempt, mark: int) -> None:
    over = f"Training: {attempt.right} of {attempt.answered} right"
    if attempt.passes(mark):
        line = f"{over}. It is passed; the job begins."
    else:
        line = f"{over}, and {needed(attempt.answered, mark)} are needed. It begins once more."
    sys.stderr.write(safe_line(line) + "\n")


def _check(job: Job, option: str) -> None:
    if job.reviews:
        raise UsageError("a review has no known answers", where=option, hint="Leave it out")


def _store(options: SessionOptions) -> Store:
    path = options.store or database_path()
    if not path.exists():
        hint = f"{path} is not there yet: nothing was annotated"
        raise UsageError("there are no known answers yet", hint=hint)
    return open_store(path, create=False, readonly=True)
