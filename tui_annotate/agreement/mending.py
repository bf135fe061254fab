"""Carries out the advice of a finding of `check` on the content of an answer.

Only what the advice says outright is done: a sign taken out of a mark, a word marked whole, the
label that the text has elsewhere. Whatever needs a decision is for the person to open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_annotate.agreement.mistakes import trimmed, whole_words
from tui_annotate.errors import TaskError
from tui_annotate.exchange.annotation_layers import view_of
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.spans import Span, overlaps
from tui_annotate.task.stored_tokens import loads_content
from tui_annotate.task.tokenize import Tokens
from tui_annotate.views import says

if TYPE_CHECKING:
    from tui_annotate.agreement.mistakes import Finding
    from tui_annotate.store.database import Store
    from tui_annotate.task.schema import Task

_OPEN = "only you can decide this: open it"


class ProposedMend(NamedTuple):
    """What becomes of an answer.

    Attributes:
        content: The content with the change.
        what: What has changed, as a sentence without its full stop.
    """

    content: Task
    what: str


def propose_mend(store: Store, finding: Finding) -> tuple[Task, ProposedMend | str] | None:
    """Return the content of the answer that a finding is about, and what `mend` makes of it; None
    where the answer is gone."""
    stored = store.answers.get(finding.answer)
    if stored is None:
        return None
    content = loads_content(stored.record.content)
    return content, mend(finding, stored.record.view_id, content)


def mend(finding: Finding, view_id: str, content: Task) -> ProposedMend | str:
    """Return an answer with the advice of a finding carried out, or in words why that cannot be.

    Args:
        finding: What was found in it.
        view_id: The view that it was given in.
        content: Its content; it is not changed.
    """
    why_not = _why_not(finding, view_id, content)
    if why_not is not None:
        return why_not
    text, spans = content["text"], content["spans"]
    at = _place_of(finding, spans)
    if at is None:
        return "what was found is not there any more"
    others = [each for number, each in enumerate(spans) if number != at]
    try:
        span = Span.from_dict(spans[at], length=len(text))
        given = Tokens.from_dicts(text, content.get("tokens") or [])
        changed = _changed(finding, span, text)
        if isinstance(changed, str):
            return changed
        if any(_runs_into(each, span, changed) for each in others):
            return "it would run into another mark: open it"
    except TaskError as error:
        return error.what
    # Tokens that are not stored with the answer are made anew, and fit any mark.
    tokens = given if content.get("tokens") else None
    if tokens is not None and tokens.numbers(changed.start, changed.end) is None:
        return "a mark of this task begins and ends with its tokens: open it"
    if not any(_is_same(each, changed) for each in others):
        others.insert(_position(others, changed), changed.to_dict(tokens))
    old, new = text[span.start : span.end], text[changed.start : changed.end]
    what = f"{new!r} is {changed.label} now" if old == new else f"{old!r} is {new!r} now"
    return ProposedMend({**content, "spans": others}, what)


def _why_not(finding: Finding, view_id: str, content: Task) -> str | None:
    """Return why an answer has to be opened, by what it is; None where its spans can be mended."""
    is_placed = finding.start is not None and finding.end is not None
    has_spans = isinstance(content.get("text"), str) and isinstance(content.get("spans"), list)
    if not is_placed or not has_spans:
        return _OPEN
    if says(view_of(view_id, content)) != "all spans":
        return "the marks of this task were shown, not made: open it"
    if content.get("relations"):
        return "relations rest on what is marked: open it"
    return None


def _place_of(finding: Finding, spans: list[Any]) -> int | None:
    """Return the number of the one span that was found, None where there is none such."""
    wanted = (finding.start, finding.end, finding.label)
    for number, each in enumerate(spans):
        if not isinstance(each, dict) or each.get("pieces"):
            continue
        if (each.get("start"), each.get("end"), each.get("label", "")) == wanted:
            return number
    return None


def _changed(finding: Finding, span: Span, text: str) -> Span | str:
    if finding.kind == "labels" and finding.usual and " and " not in finding.usual:
        return span.with_label(finding.usual)
    if finding.kind == "edges":
        found = trimmed(text, span.start, span.end)
        if found is None:
            return "nothing else is marked here: open it"
        return span.with_range(*found)
    if finding.kind == "cut":
        return span.with_range(*whole_words(text, span.start, span.end))
    return _OPEN


def _is_same(data: Any, span: Span) -> bool:
    key = (span.start, span.end, span.label)
    return (
        isinstance(data, dict)
        and (data.get("start"), data.get("end"), data.get("label", "")) == key
    )


def _runs_into(data: Any, old: Span, new: Span) -> bool:
    """Tell whether another span would share characters with the new range only."""
    if not isinstance(data, dict):
        return False
    other = Span.from_dict(data)
    return overlaps(other, new) and not overlaps(other, old)


def _position(spans: list[Any], span: Span) -> int:
    """Return where a span belongs among others, which stand in the order of the text."""
    for number, each in enumerate(spans):
        start = each.get("start") if isinstance(each, dict) else None
        if isinstance(start, int) and start > span.start:
            return number
    return len(spans)
