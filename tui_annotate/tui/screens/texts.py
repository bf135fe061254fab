"""The words on the screens that are not tasks."""

from __future__ import annotations

import shlex

from tui_annotate.job import Job
from tui_annotate.session.records import Counts


def end_page(job: Job, counts: Counts, *, source: str) -> list[str]:
    """Return what is said at the end of the source: counts, what was dropped, what to do next."""
    decisions = ", ".join(f"{n:,} {name}" for name, n in counts.answered.items() if n)
    lines = ["All done." if counts.done else "There is nothing to do here.", ""]
    lines.append(f"{counts.done:,} answered" + (f" ({decisions})" if decisions else ""))
    lines.append(f"{counts.waiting:,} waiting")
    dropped = ", ".join(f"{n:,} {reason}" for reason, n in sorted(counts.dropped.items()))
    total = sum(counts.dropped.values())
    lines.append(f"{total:,} not asked" + (f" ({dropped})" if dropped else ""))
    name = shlex.quote(job.dataset)
    lines += [
        "",
        f"source: {source}",
        f"export: tui-annotate db-out {name} > {shlex.quote(f'{job.dataset}.jsonl')}",
        "",
        "u goes back to the answers, q leaves.",
    ]
    return lines


def size(number: int) -> str:
    """Return a number of bytes as people say it."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
