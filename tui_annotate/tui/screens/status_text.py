"""The words on the screens that are not tasks."""

from __future__ import annotations

from collections.abc import Sequence

from tui_annotate.commands.guards import receipt
from tui_annotate.commands.keymap import Keymap
from tui_annotate.errors import RecipeError, TuiAnnotateError
from tui_annotate.job import Job
from tui_annotate.restricted import is_login
from tui_annotate.session.types import Ending, Item, Receipt, SessionCounts, why_not_asked
from tui_annotate.task.review import versions_in
from tui_annotate.text.safe import safe_line


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
    # Every start loads this module, and few come to the end.
    from tui_annotate.commands.next_commands import command_on, next_commands

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
    left = left or ["nothing is left" if dense else "nothing"]
    if counts.remarks:
        rows = "1 remark" if counts.remarks == 1 else f"{counts.remarks:,} remarks"
        left.append(f"{rows} on rows that were asked")
    # Who has no shell could call none of these commands.
    has_shell = not is_login()
    if has_shell and (counts.dropped or counts.remarks):
        left.append(f"each of them: {command_on('drops', job.dataset)}")
    if ending.waits:
        left.append("Waiting for rows that are added to the file.")
    # What may be long comes last, where a low screen cuts.
    next_ones = next_commands(job, counts)[: 1 if dense else None] if has_shell else []
    after = [f"{what}: {command}" for what, command in next_ones]
    for title, part in (("What was done", done), ("What is left", left), ("What next", after)):
        if part:
            lines += part if dense else ["", title, *(f"  {line}" for line in part)]
    lines += [] if dense else [""]
    return [*lines, f"source: {ending.source}", *([ending.remark] if ending.remark else [])]


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
