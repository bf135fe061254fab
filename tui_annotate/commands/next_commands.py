"""What is done with the answers of a job once nothing is left of it, as commands for a shell."""

from __future__ import annotations

import os

from tui_annotate.job import Job
from tui_annotate.session.types import SessionCounts
from tui_annotate.text.safe import shell_command

_LEARNERS = {"ner": "ner", "ner_manual": "ner", "spans": "spancat", "spans_manual": "spancat"}
"""By view, what of spaCy learns from its answers."""


def next_commands(job: Job, counts: SessionCounts) -> list[tuple[str, str]]:
    """Return what can be done next, each with its command, the weightiest first.

    Args:
        job: What was annotated.
        counts: Where the session stands.
    """
    found = [
        ("export", _export(job.dataset)),
        ("figures", command_on("stats", job.dataset)),
        ("a second look", command_on("check", job.dataset)),
    ]
    learner = _learner(job) if counts.answered.get("accept") else ""
    if learner:
        words = ("tui-annotate", "train", "model", f"--{learner}")
        found.append(("a model", shell_command(words, (job.dataset,)) or "tui-annotate train"))
    return found


def _learner(job: Job) -> str:
    """Return which component of spaCy can learn from a job's answers; empty where none can."""
    if job.view_id == "choice":
        several = job.config.get("choice_style") == "multiple"
        return "textcat-multilabel" if several else "textcat"
    return _LEARNERS.get(job.view_id, "")


def command_on(name: str, dataset: str) -> str:
    """Return a command on the dataset, as a shell takes it."""
    return shell_command(("tui-annotate", name), (dataset,)) or f"tui-annotate {name} DATASET"


def _export(dataset: str) -> str:
    """Return the command that writes the answers to a new file, in the folder that a shell is in.

    A shell empties a file before the command begins: it may be the very source, which has the
    dataset's name where nobody chose another.
    """
    export = shell_command(("tui-annotate", "db-out"), (dataset,))
    names = [f"{dataset}.jsonl", *(f"{dataset}-answers{n}.jsonl" for n in ("", *range(2, 100)))]
    free = next((name for name in names if not os.path.lexists(name)), "")
    file = shell_command((free,)) if free else ""
    return f"{export} > {file}" if export and file else "tui-annotate db-out DATASET > FILE"
