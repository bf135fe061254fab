"""Yes and no on single spans: which spans an answer confirms, and which it says are wrong.

Most answers of that kind judge all their spans by the decision on the whole task. A span may also
carry a decision of its own under `answer`, as in files that hold several such answers as one row;
then that decision counts for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_annotate.task.schema import DECISIONS, Decision

ANSWER = "answer"
"""The key of a span's own decision."""


def decision_of(span: Any, whole: Decision) -> Decision:
    """Return the decision on one span.

    Args:
        span: The span as tasks hold it; whatever is no decision in it is passed over.
        whole: The decision on the task, which counts for spans without one of their own.
    """
    own = span.get(ANSWER) if isinstance(span, Mapping) else None
    # An ignored task says nothing, whatever its spans say.
    return own if own in DECISIONS and whole != "ignore" else whole


def spans_with(spans: Sequence[Any] | None, decision: Decision, whole: Decision) -> list[Any]:
    """Return those of a task's spans on which the decision is `decision`, in their order.

    Args:
        spans: The task's spans; None for none.
        decision: `accept` for the spans that are right, `reject` for those that are wrong.
        whole: The decision on the task.
    """
    return [span for span in spans or () if decision_of(span, whole) == decision]


def has_decisions(spans: Any) -> bool:
    """Return whether one of the spans carries a decision of its own."""
    return isinstance(spans, list) and any(
        isinstance(span, Mapping) and span.get(ANSWER) in DECISIONS for span in spans
    )
