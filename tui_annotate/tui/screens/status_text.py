"""The words on the screens that are not tasks."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tui_annotate.commands.guards import receipt
from tui_annotate.commands.keymap import Keymap
from tui_annotate.errors import RecipeError, TuiAnnotateError
from tui_annotate.job import Job
from tui_annotate.restricted import is_login
from tui_annotate.session.types import Ending, Item, Receipt, SessionCounts, why_not_asked
from tui_annotate.task.review import versions_in
from tui_annotate.text.safe import safe_line, shell_command

_TRAINED = {"ner": "ner", "ner_manual": "ner", "spans": "spancat", "spans_manual": "spancat"}
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
    lines = [ending.sentence(counts.done)]
    if ending.elsewhere:
        lines.append("What they give back comes here by itself.")
    if job.reviews:
        lines.append("What people answer meanwhile comes here by itself.")
    lines += why_not_asked(counts.dropped, job.dataset)
    done = [f"{counts.done:,} answered" + (f" ({counts.decisions})" if counts.done else "")]
    done += figures
    dropped = ", ".join(f"{n:,} {reason}" for reason, n in sorted(counts.dropped.items()))
    total = sum(counts.dropped.values())
    left = [f"{counts.waiting:,} waiting"] if counts.waiting else []
    left += [f"{total:,} not asked ({dropped})"] if total else []
    left = left or ["nothing"]
    if counts.remarks:
        rows = "1 remark" if counts.remarks == 1 else f"{counts.remarks:,} remarks"
        left.append(f"{rows} on rows that were asked")
    # Who has no shell could call none of these commands.
    has_shell = not is_login()
    if has_shell and (counts.dropped or counts.remarks):
        left.append(f"each of them: {_command('drops', job.dataset)}")
    if ending.waits:
        left.append("Waiting for rows that are added to the file.")
    # What may be long comes last, where a low screen cuts.
    after = [f"export: {_export(job.dataset)}"] if has_shell else []
    if has_shell and not dense:
        after.append(f"figures: {_command('stats', job.dataset)}")
        after.append(f"a second look: {_command('check', job.dataset)}")
        component = _trained(job) if counts.answered.get("accept") else ""
        if component:
            train = ("tui-annotate", "train", "model", f"--{component}")
            after.append(f"a model: {shell_command(train, (job.dataset,)) or 'tui-annotate train'}")
    for title, part in (("What was done", done), ("What is left", left), ("What next", after)):
        if part:
            lines += part if dense else ["", title, *(f"  {line}" for line in part)]
    lines += [] if dense else [""]
    return [*lines, f"source: {ending.source}", *([ending.remark] if ending.remark else [])]


def _trained(job: Job) -> str:
    """Return which component of spaCy can learn from a job's answers; empty where none can."""
    if job.view_id == "choice":
        several = job.config.get("choice_style") == "multiple"
        return "textcat-multilabel" if several else "textcat"
    return _TRAINED.get(job.view_id, "")


def _command(name: str, dataset: str) -> str:
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


_VERSION_KEYS = {
    "edit_version": "edit",
    "next_difference": "difference",
    "versions": "read all",
    "version_most": "most",
    "version_union": "all of all",
    "version_shared": "shared",
    "reason": "reason",
}


def version_keys(keymap: Keymap, item: Item | None) -> list[tuple[str, str]]:
    """Return the keys that take a version in a review, and what each does."""
    count = min(9, len(versions_in(item.task))) if item is not None else 1
    keys = [("1" if count == 1 else f"1-{count}", "version")]
    for action, name in _VERSION_KEYS.items():
        if keymap.keys(action):
            keys.append((keymap.shown(action), name))
    return keys


def answered(done: Receipt, keymap: Keymap) -> str:
    """Return what stays on screen after a decision."""
    sentence = receipt(done.decision, safe_line(done.summary), key=keymap.told("undo"))
    return f"{sentence}. {done.remark}" if done.remark else sentence


def looking_page(job: Job, *, dense: bool = False) -> list[str]:
    """Return what is said while a recipe is at work on the next task."""
    lines = [
        "Looking for the next task.",
        "",
        f"{job.recipe} is at work on it; what is answered is saved.",
    ]
    return [line for line in lines if line] if dense else lines


def trouble(error: TuiAnnotateError) -> str:
    """Return what went wrong and what to do; of places only a recipe's name, as paths are long."""
    what = f"{error.where}: {error.what}" if _names_recipe(error) else error.what
    return f"{what}. {error.hint}" if error.hint else what


def _names_recipe(error: TuiAnnotateError) -> bool:
    return isinstance(error, RecipeError) and bool(error.where)
