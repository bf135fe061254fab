"""The recipe's own functions around an answer; what fails in them is named, and writes nothing."""

from __future__ import annotations

from tui_annotate.errors import RecipeError, TaskError
from tui_annotate.job import Job
from tui_annotate.task.schema import Task


def validate(job: Job, task: Task) -> None:
    """Have the recipe look at an answer before it is written.

    Raises:
        TaskError: The recipe refuses it (`ValueError` or a failed `assert`), reason `refused`.
        RecipeError: The recipe's function failed in another way.
    """
    if job.validate_answer is None:
        return
    try:
        job.validate_answer(dict(task))
    except (ValueError, AssertionError) as error:
        what = str(error) or "the recipe refuses this answer"
        raise TaskError(what, reason="refused") from None
    except Exception as error:
        raise _failed(job, "validate_answer", error) from error


def before_db(job: Job, answer: Task) -> Task:
    """Return the answer as the recipe wants it to be stored.

    Raises:
        RecipeError: The recipe's function failed, or did not return a list of one answer.
    """
    if job.before_db is None:
        return answer
    try:
        found = job.before_db([answer])
    except Exception as error:
        raise _failed(job, "before_db", error) from error
    if not (isinstance(found, list) and len(found) == 1 and isinstance(found[0], dict)):
        what = "before_db was given a list of one answer and must return one"
        raise RecipeError(what, where=job.recipe)
    return found[0]


def _failed(job: Job, callback: str, error: Exception) -> RecipeError:
    what = f"{callback} failed with {type(error).__name__}: {error}"
    return RecipeError(what, where=job.recipe)
