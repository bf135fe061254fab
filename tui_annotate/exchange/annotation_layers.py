"""From one answer to what it says about its input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Answer, Layers, has_text, span_identity, text_of
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.review import REVIEW
from tui_annotate.task.schema import BINARY, Decision, Task
from tui_annotate.task.span_verdicts import ANSWER, has_decisions, spans_with
from tui_annotate.task.spans import Span, read_spans
from tui_annotate.views import Says, View, known_view, says

MEANINGS = {
    "ner_manual": "all spans of their texts (ner_manual)",
    "ner": "yes and no on single spans, which says nothing about the rest of their texts (ner)",
    "classification": "yes and no on a label, with spans only shown (classification)",
}
"""What rows without a view are taken for, in words, by view."""

_HALF = 0.5
"""From where on the score of a label says that the text has it."""


PATTERN = "pattern"
"""The key that spans have which a matcher of patterns found."""

BOOKKEEPING = frozenset({"answer", "tokens", "meta", "flagged", "score", "priority"})
"""Keys that say nothing about the input."""


def view_of(view_id: str, content: Task) -> str:
    """Return the view that says what was asked: the answer's own, or what its content shows.

    Exports of Prodigy before 1.10 and files of other programs name no view. Two signs in a row tell
    that single spans were judged, so that nothing is known about the rest of its text: `_is_binary`
    and a decision (`answer`) in a span. A label beside spans that patterns found is a question
    about the label, and the spans are only shown.

    Args:
        view_id: The view that the answer names; empty for none.
        content: What the answer holds.

    Returns:
        A view, or an empty string where nothing tells.
    """
    if view_id == REVIEW:
        # A review is shown in the view of what it settles, and names that in its content.
        own = content.get("view_id")
        view_id = own if isinstance(own, str) else view_id
    spans = content.get("spans")
    if view_id or not isinstance(spans, list) or not spans:
        return view_id
    if _is_name(content.get("label")) and (_all_have(spans, PATTERN) or not _any_has_label(spans)):
        return "classification"
    if content.get(BINARY) is False:
        return "ner_manual"
    if content.get(BINARY) is True or has_decisions(spans):
        return "ner"
    return ""


def may_judge_one_span(content: Task) -> bool:
    """Return whether a row looks like yes or no on its only span, which has a `score` or `rank`.

    One such row proves nothing: a model may have found a single span in a text that was corrected
    as a whole. Where every row of a file looks like this, they are questions about single spans.
    `source` is no sign, because the spans of corrected texts carry it too.
    """
    spans = content.get("spans")
    if not isinstance(spans, list) or len(spans) != 1 or not isinstance(spans[0], dict):
        return False
    return any(key in spans[0] for key in ("score", "rank"))


def asks_for_all(view_id: str, content: Task) -> bool:
    """Return whether the question was for everything of a kind in the text, all its spans.

    Then the question is the input alone: what an answer holds is no part of what was asked.
    """
    view = view_of(view_id, content)
    return says(view) == "all spans" or (not view and "spans" in content)


def asks_for_choice(view_id: str, content: Task) -> bool:
    """Return whether the question was which of several classes the text has.

    Then the question is the input alone: that options stand beside one answer and not beside
    another, which comes from elsewhere, makes them no answers to two questions.
    """
    view = known_view(view_of(view_id, content))
    return (view is None or view.says != "one span") and _has_choice(view, content)


def is_open_choice(view_id: str, content: Task) -> bool:
    """Return whether an answer names the classes of its text, and no options stand beside them.

    Answers that other programs wrote are so. The question is then the input alone, and what others
    chose there was not chosen here.
    """
    if "options" in content or not isinstance(content.get("accept"), list):
        return False
    return asks_for_choice(view_id, content)


def with_others_choices(
    given: Sequence[tuple[str, Task, Mapping[str, bool]]],
) -> list[dict[str, bool]]:
    """Return what several answers to one input say of its classes, those that others chose too.

    Where no options stand beside an answer, what it did not choose among the classes that others
    chose was left out on purpose. Of several fields, as Label Studio and Argilla have them, that
    holds for the fields that an answer has a list of.

    Args:
        given: Of each answer its view, its content, and label -> whether the text has it.
    """
    is_open = [is_open_choice(view, content) for view, content, _ in given]
    named = {
        label: False
        for (_, content, _), fits in zip(given, is_open, strict=True)
        if fits
        for label in _chosen(content["accept"])
    }
    fielded = {
        label: False for _, content, cats in given for label in cats if _is_of_field(label, content)
    }
    found = []
    for (_, content, cats), fits in zip(given, is_open, strict=True):
        others = {label: no for label, no in fielded.items() if _is_of_field(label, content)}
        found.append({**(named if fits else {}), **others, **cats})
    return found


def _is_of_field(label: str, content: Task) -> bool:
    """Tell whether a class `FIELD: LABEL` is of a field that an answer has its own list of."""
    name, colon, _ = label.partition(": ")
    if not colon or "options" in content or not isinstance(content.get("cats"), dict):
        return False
    return any(isinstance(content.get(key), list) for key in (name, f"{name}_choice"))


class AnswerFacts(Protocol):
    """What of a row of `answers` tells, beside its content, what it says."""

    @property
    def kind(self) -> str:
        """`answer` or `retraction`."""
        ...

    @property
    def answer(self) -> Decision | None:
        """The decision."""
        ...

    @property
    def view_id(self) -> str:
        """How the task was shown; empty where nobody knows."""
        ...


def read_layers(answer: Answer) -> Layers | str:
    """Return what an answer says, or in a word why it says nothing: `rejected`, `ignored`, ...

    Raises:
        TaskError: Its spans or choices are not what tasks can hold.
    """
    return layers_of(answer.stored.record, answer.content)


def layers_of(given: AnswerFacts, content: Task) -> Layers | str:
    """Return what an answer says, or in a word why it says nothing: `rejected`, `ignored`, ...

    Args:
        given: The decision, and how the task was shown.
        content: What the answer holds.

    Raises:
        TaskError: Its spans or choices are not what tasks can hold.
    """
    if given.kind == "retraction":
        return "retracted"
    decision = given.answer
    if decision == "ignore" or decision is None:
        return "ignored"
    view = known_view(view_of(given.view_id, content))
    said: Says = "content" if view is None else view.says
    if said == "one span" and "spans" in content and has_text(content):
        return _judged(view, content, decision)
    # A rejection is content where it takes the other of two versions, and a no to the label where
    # one label was asked about; anywhere else it says nothing.
    asks_label = _asks_label(said, content)
    if view is not None and view.rejects and not asks_label:
        return Layers(content=_plain(content, decision))
    if decision == "reject":
        return Layers(cats={content["label"]: False}) if asks_label else "rejected"
    spans = _spans(said, content)
    layers = Layers(
        spans=spans,
        # Who was asked about one span has said nothing about the others in the text.
        complete=spans is None or said != "one span",
        cats=_cats(view, content, asks_label),
        relations=_relations(content),
    )
    return Layers(content=_plain(content)) if layers.empty else layers


def is_question(content: Task, view_id: str) -> bool:
    """Tell whether a task is a yes/no question, so that its rejection says something too."""
    view = known_view(view_of(view_id, content))
    said: Says = "content" if view is None else view.says
    if said == "one span":
        return bool(content.get("spans"))
    return _asks_label(said, content) or (view is not None and view.rejects)


def _judged(view: View | None, content: Task, decision: Decision) -> Layers | str:
    """Return what yes and no on single spans say: those that are right, and those that are not."""
    spans, length = content["spans"], len(text_of(content))
    read_spans(spans, length=length)
    right = read_spans(spans_with(spans, "accept", decision), length=length)
    wrong = read_spans(spans_with(spans, "reject", decision), length=length)
    if decision == "reject" and not right and not wrong:
        return "rejected"
    return Layers(
        spans=right,
        complete=False,
        refused=frozenset(map(span_identity, wrong)) - frozenset(map(span_identity, right)),
        cats=_cats(view, content, False) if decision == "accept" else {},
        relations=_relations(content),
    )


def _plain(content: Task, decision: Decision | None = None) -> str:
    """Return what was answered, without who answered and how the text was cut up; with the
    decision, where that is the answer."""
    given = {k: v for k, v in content.items() if not k.startswith("_") and k not in BOOKKEEPING}
    if decision is not None:
        given[ANSWER] = decision
    return dumps(dict(sorted(given.items())))


def _spans(said: Says, content: Task) -> tuple[Span, ...] | None:
    if not has_text(content):
        return None  # such as boxes on a picture: they are kept as they are
    if said in ("whole text", "nothing") or (said != "all spans" and "spans" not in content):
        return None
    return read_spans(content.get("spans"), length=len(text_of(content)))


def _asks_label(said: Says, content: Task) -> bool:
    fits = said in ("whole text", "content") and not content.get("options")
    return fits and _is_name(content.get("label"))


def _is_name(label: Any) -> bool:
    return isinstance(label, str) and bool(label)


def _any_has_label(spans: list[Any]) -> bool:
    return any(isinstance(span, dict) and _is_name(span.get("label")) for span in spans)


def _all_have(spans: list[Any], key: str) -> bool:
    return all(isinstance(span, dict) and key in span for span in spans)


def _cats(view: View | None, content: Task, asks_label: bool) -> dict[str, bool]:
    known = _known(content)
    if not _has_choice(view, content):
        return {**known, content["label"]: True} if asks_label else known
    # Labels that were asked about, and are not among those chosen now, are not chosen.
    asked = known if "options" in content else dict.fromkeys(known, False)
    chosen = _chosen(content.get("accept"))
    return {**asked, **dict.fromkeys(_options(content), False), **dict.fromkeys(chosen, True)}


def _has_choice(view: View | None, content: Task) -> bool:
    """Tell whether an answer chose among options.

    In some views `accept` is what was asked about, beside `reject`: one of two versions.
    """
    if "options" not in content and "accept" not in content:
        return False
    if view is not None and "accept" in view.inputs:
        return False
    if view is None or view.parts:
        shown = "reject" in content and not isinstance(content.get("accept"), list)
        return "options" in content or ("accept" in content and not shown)
    return True


def _known(content: Task) -> dict[str, bool]:
    """Return what several answers came to, as exports have it in `cats`."""
    found = content.get("cats")
    if not isinstance(found, dict):
        return {}
    # Other programs write 1.0 and 0, and pipelines what lies between.
    return {
        label: value >= _HALF
        for label, value in found.items()
        if isinstance(value, bool | int | float)
    }


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
