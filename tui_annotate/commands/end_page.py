"""What is said once nothing is left of a job: counts, what was not asked, and what can be done with
the answers, as commands for a shell."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from tui_annotate.job import Job
from tui_annotate.restricted import is_login
from tui_annotate.session.types import Ending, SessionCounts, why_not_asked
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import shell_command

_LEARNERS = {"ner": "ner", "ner_manual": "ner", "spans": "spancat", "spans_manual": "spancat"}
"""By view, what of spaCy learns from its answers."""


def end_page(
    job: Job,
    counts: SessionCounts,
    ending: Ending,
    *,
    dense: bool = False,
    figures: Sequence[str] = (),
) -> list[str]:
    """Return what is said at the end of the source: counts, what was dropped, what to do next.

    Args:
        job: What was annotated.
        counts: Where the session stands.
        ending: What there is to say about the source.
        dense: Without blank lines, for low screens.
        figures: What is known of the answers beyond their number.
    """
    # What may be long comes last, where a low screen cuts.
    sections = (
        ("What was done", [_answered(counts), *figures]),
        ("What is left", _left(job, counts, ending, dense=dense)),
        (
            "What next",
            _next_steps(job, counts, dense=dense),
        ),  # last: a low screen cuts what is long
    )
    lines = [*about_source(job, counts, ending)]
    for title, part in sections:
        if part:
            lines += part if dense else ["", title, *(f"  {line}" for line in part)]
    if not dense:
        lines.append("")
    lines.append(f"source: {ending.source}")
    if ending.remark:
        lines.append(ending.remark)
    return lines


def about_source(
    job: Job, counts: SessionCounts, ending: Ending, *, comes: str = "by itself"
) -> Iterator[str]:
    """Yield what every face says first: that the source has ended, and what may come all the same.

    Args:
        job: What was annotated.
        counts: Where the session stands.
        ending: What there is to say about the source.
        comes: How tasks come here that others make.
    """
    yield ending.sentence(counts.done)
    if ending.elsewhere:
        yield f"What they give back comes here {comes}."
    if job.reviews:
        yield f"What people answer meanwhile comes here {comes}."
    yield from why_not_asked(counts.dropped, job.dataset)


def _answered(counts: SessionCounts) -> str:
    said = f"{counts.done:,} answered"
    return f"{said} ({counts.decisions})" if counts.done else said


def _left(job: Job, counts: SessionCounts, ending: Ending, *, dense: bool) -> list[str]:
    """Return what was not answered, and what was remarked on rows that were asked."""
    left = []
    if counts.waiting:
        left.append(f"{counts.waiting:,} waiting")
    dropped = sum(counts.dropped.values())
    if dropped:
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in sorted(counts.dropped.items()))
        left.append(f"{dropped:,} not asked ({reasons})")
    if not left:
        left.append("nothing is left" if dense else "nothing")
    if counts.remarks:
        left.append(f"{plural(counts.remarks, 'remark')} on rows that were asked")
    if (counts.dropped or counts.remarks) and _has_shell():
        left.append(f"each of them: {command_on('drops', job.dataset)}")
    if ending.waits:
        left.append("Waiting for rows that are added to the file.")
    return left


def _next_steps(job: Job, counts: SessionCounts, *, dense: bool) -> list[str]:
    """Return the commands that may come next; only the first where there is little room."""
    if not _has_shell():
        return []
    found = next_commands(job, counts)
    return [f"{what}: {command}" for what, command in (found[:1] if dense else found)]


def _has_shell() -> bool:
    """Whether who annotates could call a command at all."""
    return not is_login()


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
