"""What the answers have in common that a review compares: their view, and how it is set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tui_annotate.errors import UsageError
from tui_annotate.store.database import Store
from tui_annotate.store.records import Dataset, StoredAnswer
from tui_annotate.task.review import REVIEW
from tui_annotate.task.schema import Task
from tui_annotate.task.stored_tokens import loads_content
from tui_annotate.views import View, find_view
from tui_annotate.waiting import here

ALIKE = frozenset({"ner_manual", "spans_manual"})
"""Views whose answers are about the same: all spans of a text."""


def check_sets(dataset: str, sets: Sequence[str]) -> None:
    """Raise `UsageError` where there is nothing to be compared, or it would be saved among it."""
    if not sets:
        raise UsageError("there is no dataset to be reviewed", hint="Write their names with commas")
    if dataset in sets:
        what = f"the review of {dataset!r} cannot be saved in {dataset!r} itself"
        raise UsageError(what, hint="Write the name of another dataset first; it may be a new one")


def find_datasets(store: Store, sets: Sequence[str]) -> list[Dataset]:
    """Return datasets by name, each once.

    Raises:
        UsageError: One of them is not there; the message has the nearest name.
    """
    where = str(store.path)
    return [store.admin.dataset_named(name, where) for name in dict.fromkeys(sets)]


@dataclass(slots=True)
class Survey:
    """What the answers to be compared have in common.

    Attributes:
        views: How many of them name which view; the empty one where they name none.
        labels: The labels of their spans.
        relations: The labels of their relations.
        most: The most options that one of them chose.
        fewest: The fewest, 1 at the most.
        written: The key that they wrote a text under, where they name one.
        style: How they say that options were chosen.
    """

    views: dict[str, int] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    relations: set[str] = field(default_factory=set)
    most: int = 0
    fewest: int = 1
    written: str = ""
    style: str = ""

    def add(self, view: str, content: Task) -> None:
        """Take one answer in."""
        self.views[view] = self.views.get(view, 0) + 1
        self.labels |= set(_labels(content.get("spans")))
        self.relations |= set(_labels(content.get("relations")))
        if isinstance(content.get("accept"), list):
            self.most = max(self.most, len(content["accept"]))
            self.fewest = min(self.fewest, len(content["accept"]))
        own = content.get("config")
        own = own if isinstance(own, dict) else {}
        self.written = str(own.get("field_id") or content.get("field_id") or self.written)
        self.style = str(own.get("choice_style") or content.get("choice_style") or self.style)

    def config(self, view: View, labels: list[str] | None) -> dict[str, Any]:
        """Return the settings under which the answers can be edited in their view."""
        found: dict[str, Any] = {"ordered": True}
        if "relations_span_labels" in view.settings:
            found["labels"] = labels or sorted(self.relations)
            found["relations_span_labels"] = sorted(self.labels)
        elif view.takes_labels:
            found["labels"] = labels or sorted(self.labels)
        if "choice_style" in view.settings:
            exclusive = self.most <= 1 <= self.fewest
            found["choice_style"] = self.style or ("single" if exclusive else "multiple")
        if self.written and "field_id" in view.settings:
            found["field_id"] = self.written
        return found


def _labels(values: Any) -> Iterator[str]:
    for each in values if isinstance(values, list) else ():
        if isinstance(each, dict) and isinstance(each.get("label"), str) and each["label"]:
            yield each["label"]


def survey_of(store: Store, datasets: Sequence[Dataset], *, skipped: bool = False) -> Survey:
    """Read all answers once, for what they have in common.

    Args:
        store: Where they are.
        datasets: Whose.
        skipped: Ignored ones too.

    Raises:
        UsageError: There are none.
    """
    survey, waiting = Survey(), here()
    with waiting.on("looking at the answers"):
        for dataset in datasets:
            for stored in store.answers.iterate(dataset.id):
                waiting.check()
                if stored.record.answer == "ignore" and not skipped:
                    continue
                content = loads_content(stored.record.content)
                survey.add(view_of(stored, content), content)
    if not survey.views:
        where = ", ".join(each.name for each in datasets)
        raise UsageError("there are no answers to be reviewed", where=where)
    return survey


def view_of(stored: StoredAnswer, content: Task) -> str:
    """Return the view that an answer was given in; for a review, that of what it settled."""
    if stored.record.view_id == REVIEW:
        own = content.get("view_id")
        return own if isinstance(own, str) else ""
    return stored.record.view_id


def view_of_all(survey: Survey, view_id: str | None) -> View:
    """Return the view that everything is shown in."""
    if view_id is None:
        named = sorted(each for each in survey.views if each)
        if set(named) == ALIKE:
            named = ["spans_manual"]  # which can hold the spans of both
        if len(named) != 1:
            what = "the answers name no view"
            if named:
                what = f"the answers were given in several views: {', '.join(named)}"
            raise UsageError(what, hint="Write --view-id with the view that is to be reviewed")
        view_id = named[0]
    view = find_view(view_id)
    if view.parts:
        what = f"answers of {view.id} cannot be reviewed: what their parts were stands in no answer"
        raise UsageError(what, where="--view-id")
    return view
