"""From one answer to what it says about its input."""

from __future__ import annotations

from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Answer, Layers, mark, text_of
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import Task
from tui_annotate.task.spans import Span, read_spans

ALL_SPANS = frozenset({"ner_manual", "spans_manual", "relations"})
"""Views whose answer is all the spans of the text: what is in none of them is outside."""

ONE_SPAN = frozenset({"ner", "spans", "pos", "dep"})
"""Views that ask whether the spans shown are right, and nothing about the rest of the text."""

WHOLE_TEXT = frozenset({"classification", "choice", "text", "text_input", "html", "compare"})
"""Views that ask about the text as a whole; spans in their tasks are only shown."""


BOOKKEEPING = frozenset({"answer", "tokens", "meta", "flagged", "score", "priority"})
"""Keys that say nothing about the input."""


def read_layers(answer: Answer) -> Layers | str:
    """Return what an answer says, or in a word why it says nothing: `rejected`, `ignored`, ...

    Raises:
        TaskError: Its spans or choices are not what tasks can hold.
    """
    record, content = answer.stored.record, answer.content
    if record.kind == "retraction":
        return "retracted"
    if record.answer == "ignore":
        return "ignored"
    if record.answer == "reject":
        return _rejected(record.view_id, content)
    spans = _spans(record.view_id, content)
    relations = _relations(content)
    layers = Layers(
        spans=spans,
        complete=spans is None or record.view_id not in ONE_SPAN,
        cats=_cats(record.view_id, content),
        relations=relations,
    )
    return Layers(content=_plain(content)) if layers.empty else layers


def is_question(content: Task, view_id: str) -> bool:
    """Tell whether a task is a yes/no question, so that its rejection says something too."""
    if view_id in ONE_SPAN:
        return bool(content.get("spans"))
    return _asks_label(view_id, content)


def _plain(content: Task) -> str:
    """Return what was answered, without who answered and how the text was cut up."""
    given = {k: v for k, v in content.items() if not k.startswith("_") and k not in BOOKKEEPING}
    return dumps(dict(sorted(given.items())))


def _rejected(view_id: str, content: Task) -> Layers | str:
    if not is_question(content, view_id):
        return "rejected"
    if view_id in ONE_SPAN:
        spans = read_spans(content["spans"], length=len(text_of(content)))
        return Layers(spans=(), complete=False, refused=frozenset(map(mark, spans)))
    return Layers(cats={content["label"]: False})


def _spans(view_id: str, content: Task) -> tuple[Span, ...] | None:
    if view_id in WHOLE_TEXT or (view_id not in ALL_SPANS and "spans" not in content):
        return None
    return read_spans(content.get("spans"), length=len(text_of(content)))


def _asks_label(view_id: str, content: Task) -> bool:
    label = content.get("label")
    fits = view_id not in ALL_SPANS | ONE_SPAN and not content.get("options")
    return fits and isinstance(label, str) and bool(label)


def _cats(view_id: str, content: Task) -> dict[str, bool]:
    known = _known(content)
    if "options" not in content and "accept" not in content:
        label = {content["label"]: True} if _asks_label(view_id, content) else {}
        return {**known, **label}
    # Labels that were asked about, and are not among those chosen now, are not chosen.
    asked = known if "options" in content else dict.fromkeys(known, False)
    chosen = _chosen(content.get("accept"))
    return {**asked, **dict.fromkeys(_options(content), False), **dict.fromkeys(chosen, True)}


def _known(content: Task) -> dict[str, bool]:
    """Return what several answers came to, as exports have it in `cats`."""
    found = content.get("cats")
    pairs = found.items() if isinstance(found, dict) else ()
    return {label: value for label, value in pairs if isinstance(value, bool)}


def _options(content: Task) -> list[str]:
    options = content.get("options") or []
    if not isinstance(options, list):
        raise TaskError("its options are not a list", reason="bad-choice")
    return [
        str(each["id"]) for each in options if isinstance(each, dict) and each.get("id") is not None
    ]


def _chosen(accept: Any) -> list[str]:
    given = [] if accept is None else accept if isinstance(accept, list) else [accept]
    if not all(isinstance(each, str | int) for each in given):
        raise TaskError("its `accept` holds something else than ids", reason="bad-choice")
    return [str(each) for each in given]


def _relations(content: Task) -> tuple[dict[str, Any], ...] | None:
    found = content.get("relations")
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise TaskError("its relations are not a list of objects", reason="bad-relations")
    return tuple(found)
