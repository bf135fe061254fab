"""Commands that change spans as a whole: stretch and cut, split, merge, equal strings, proposals,
and what was answered before; and the strings that are proposed in the tasks to come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tui_annotate.editors.base import Argument, Rows
from tui_annotate.editors.span.cursor import Command
from tui_annotate.editors.span.import_spans import entry_over, read_spans
from tui_annotate.editors.span.spanset import SpanEntry, disjoint_proposals, open_proposals
from tui_annotate.editors.span.state import SpanState
from tui_annotate.task.spans import Span


def _stretch(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    """Let a span that the cursor is in end here; else draw the nearest one to the cursor."""
    cursor, inside = state.cursor, state.focus or state.under_cursor()
    state.selection = None
    if inside is not None:
        if cursor == inside.last:
            return "it ends here: go to where it shall end"
        return _resize(state, inside, (inside.first, cursor))
    near = _nearest(state)
    if near is None:
        return "there are no spans"
    return _resize(state, near, (min(near.first, cursor), max(near.last, cursor)))


def _nearest(state: SpanState) -> SpanEntry | None:
    """Of all spans, as where they overlap one that begins earlier may end later."""
    cursor = state.cursor
    return min(state.spans, key=lambda e: max(cursor - e.last, e.first - cursor), default=None)


def _resize(state: SpanState, entry: SpanEntry, over: tuple[int, int]) -> str:
    barred = state.barred(over)
    if not barred:
        state.put(state.resized(entry, over), [entry])
    return barred


def _split(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    """Let a second span with the same label begin at the cursor."""
    target, cursor = state.focus or state.under_cursor(), state.cursor
    if target is None or not target.first < cursor <= target.last:
        return "go to where the second part shall begin"
    state.selection = None
    parts = (
        state.resized(target, (target.first, cursor - 1)),
        _over(state, target, (cursor, target.last)),
    )
    others = [e for e in state.spans.touching(*target.range) if e is not target]
    added = [part for part in parts if not any(part.looks_like(e) for e in others)]
    state.commit([target], added, focus=added[-1] if added else None)
    return ""


def _over(state: SpanState, entry: SpanEntry, over: tuple[int, int]) -> SpanEntry:
    state.next_serial += 1
    return entry_over(entry.span, state.text, state.tokens, over, state.next_serial - 1)


def _merge(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    """Make one span of this one and the next; it has the label of this one."""
    target = state.focus or state.under_cursor()
    following = None if target is None else state.spans.after(target, 0)
    if target is None or following is None:
        return "there is no span here" if target is None else "there is no span behind this one"
    state.selection = None
    over = (target.first, max(target.last, following.last))
    if barred := state.barred(over):
        return barred
    state.put(state.resized(target, over), [target, following])
    return ""


def _equal(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    """Label every equal string of the task; again at once: propose them in the rest."""
    target = state.focus or state.under_cursor()
    if target is None:
        return "there is no span here to look for the like of"
    state.selection = None
    text = state.text[target.span.start : target.span.end]
    what = (text, target.span.label)
    if state.just_spread == what and state.aids.spread is not None:
        return _spread(state, what)
    state.just_spread = what
    added = [
        state.new_entry(target.span.label, over)
        for over in _occurrences(state, text)
        if _free(state, over, target.span.label)
    ]
    if added:
        state.commit((), added, focus=target)
    return f"{len(added) or 'no'} more in this task"


def _spread(state: SpanState, what: tuple[str, str]) -> str:
    """Have a string proposed in the rest; once more at once: no longer."""
    aids, asked = state.aids, state.just_asked == what
    state.just_asked = None if asked else what
    if asked and aids.withdraw is not None:
        return aids.withdraw(*what)
    return aids.spread(*what) if aids.spread is not None else ""


def _occurrences(state: SpanState, wanted: str) -> Iterator[tuple[int, int]]:
    at = state.text.find(wanted)
    while at >= 0:
        over = state.tokens.covering(at, at + len(wanted))
        if over is not None:
            yield over
        at = state.text.find(wanted, at + (1 if over is None else len(wanted)))


def _free(state: SpanState, over: tuple[int, int], label: str) -> bool:
    if state.barred(over):
        return False
    start, end = state.range_of(over)
    touching = state.spans.touching(start, end)
    if not state.overlap:
        return not touching
    return not any(each.range == (start, end) and each.span.label == label for each in touching)


def propose(state: SpanState, spans: Iterable[Span]) -> None:
    """Offer these spans and no others; those that lie on no token are left out, as are those that
    were taken or refused before."""
    before = {(each.range, each.span.label): each for each in state.proposed}
    serial = max([state.next_serial, *(entry.serial + 1 for entry in state.proposed)])
    known = [*state.spans, *(each for edit in state.history.done for each in edit.settled)]
    state.proposed = ()
    for span in spans:
        over = state.tokens.snap(span.start, span.end)
        if over is not None and state.barred(over):
            over = None
        entry = None if over is None else entry_over(span, state.text, state.tokens, over, serial)
        if entry is not None and not any(entry.looks_like(each) for each in known):
            entry = before.get((entry.range, entry.span.label), entry)
            known.append(entry)
            state.proposed = tuple(sorted((*state.proposed, entry), key=lambda each: each.key))
            serial += 1
    state.next_serial = serial


def take_proposal(state: SpanState, proposal: SpanEntry) -> str:
    """Make a span of a proposal."""
    (taken,) = _as_spans(state, [proposal])
    state.commit((), (taken,), focus=taken, settled=(proposal,))
    return ""


def refuse_proposal(state: SpanState, proposal: SpanEntry) -> str:
    """Let a proposal go."""
    state.commit(settled=(proposal,), focus=state.focus)
    return "refused"


def _take_all(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    """Make spans of all proposals that are open, in one step."""
    wanted = disjoint_proposals(state.proposals, overlap=state.overlap)
    if not wanted:
        return "nothing is proposed"
    state.selection = None
    state.commit((), _as_spans(state, wanted), focus=state.focus, settled=wanted)
    return f"{len(wanted)} taken"


def _as_spans(state: SpanState, entries: Iterable[SpanEntry]) -> list[SpanEntry]:
    result = []
    for entry in entries:
        result.append(entry._replace(serial=state.next_serial))
        state.next_serial += 1
    return result


def _copy(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    """Add the spans of an earlier answer on the same text, as far as they are not in the way."""
    raw = None if state.aids.earlier is None else state.aids.earlier()
    if raw is None:
        return "there is no earlier answer on this text"
    entries, _ = read_spans(raw, state.text, state.tokens, overlap=state.overlap)
    free = open_proposals(entries, state.spans, overlap=state.overlap)
    if not free:
        return "the earlier answer has nothing that is not here already"
    state.selection = None
    state.commit((), _as_spans(state, free), focus=state.focus)
    return f"{len(free)} copied"


REWORK_COMMANDS: dict[str, Command] = {
    "stretch": _stretch,
    "split": _split,
    "merge": _merge,
    "equal": _equal,
    "take_all": _take_all,
    "copy_earlier": _copy,
}


class SpreadMemory:
    """Strings that are proposed in the tasks to come.

    Args:
        labels: Their labels, as they were asked for before; what is added is added there.
        keep: Told of each string and label that is new, to be kept for the next session; the label
            is empty where the string is withdrawn.
    """

    def __init__(self, labels: dict[str, str], keep: Callable[[str, str], None]) -> None:
        self._labels = labels
        self._keep = keep

    def add(self, text: str, label: str) -> str:
        """Take a string; it is proposed with its newest label only. Returns what to say."""
        if self._labels.get(text) == label:
            return "this is proposed already"
        self._keep(text, label)
        self._labels[text] = label
        return f"{label} is proposed in the tasks to come"

    def withdraw(self, text: str, label: str) -> str:
        """Propose a string no longer. Returns what to say."""
        if self._labels.pop(text, None) is not None:
            self._keep(text, "")
        return f"{label} is no longer proposed in the tasks to come"

    def spans(self, text: str) -> Iterator[Span]:
        """Yield a span for each place of a text where one of the strings stands as a whole word."""
        for wanted, label in self._labels.items():
            at = text.find(wanted)
            while at >= 0:
                end = at + len(wanted)
                if _whole(text, at, end):
                    yield Span(at, end, label)
                at = text.find(wanted, end)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether no word of a script with spaces is cut at either end."""
    return not (_cut(text, start) or _cut(text, end))


def _cut(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    return all((c.isalnum() and not "\u0e00" <= c <= "\u0eff" and c < "\u1000") or _cased(c)
               for c in text[at - 1 : at + 1])  # fmt: skip


def _cased(character: str) -> bool:
    return character.lower() != character.upper()
