"""What the answers have in common that a review compares: their view, and how it is set."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tui_annotate.errors import UsageError
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import Dataset, StoredAnswer
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.review import REVIEW, VERSIONS
from tui_annotate.task.schema import TASK_HASH, Task
from tui_annotate.task.stored_tokens import loads_content
from tui_annotate.view_settings import is_field
from tui_annotate.views import INPUTS, View, find_view
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
        views: When the first of them was given in which view, in seconds since 1970; the empty one
            where they name none.
        labels: The labels of their spans.
        relations: The labels of their relations.
        most: The most options that one of them chose.
        fewest: The fewest, 1 at the most.
        written: The key that they wrote a text under, where they name one.
        style: How they say that options were chosen.
        fields: What was written or chosen under keys of its own, by these keys.
    """

    views: dict[str, int] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    relations: set[str] = field(default_factory=set)
    most: int = 0
    fewest: int = 1
    written: str = ""
    style: str = ""
    fields: dict[str, Field] = field(default_factory=dict)

    def add(self, view: str, content: Task, at: int = 0) -> None:
        """Take in one answer, which was given at some time."""
        # When a view was first used tells which views there were when a review began.
        self.views[view] = min(at, self.views.get(view, at))
        for page in content.get("pages") or () if view == "pages" else ():
            if isinstance(page, dict):
                self.labels |= set(_labels(page.get("spans")))
        self.labels |= set(_labels(content.get("spans")))
        self.relations |= set(_labels(content.get("relations")))
        if isinstance(content.get("accept"), list):
            self.most = max(self.most, len(content["accept"]))
            self.fewest = min(self.fewest, len(content["accept"]))
        own = content.get("config")
        own = own if isinstance(own, dict) else {}
        self.written = str(own.get("field_id") or content.get("field_id") or self.written)
        self.style = str(own.get("choice_style") or content.get("choice_style") or self.style)

    def compare(self, contents: Sequence[Task]) -> None:
        """Find the fields that the view writes: where people answered the same task, whatever they
        say differently has been written by it.

        Args:
            contents: The answers to one input.
        """
        tasks: dict[Any, list[Task]] = {}
        for content in contents:
            tasks.setdefault(content.get(TASK_HASH), []).append(content)
        for same in tasks.values():
            for key in dict.fromkeys(key for each in same for key in each):
                values = [each.get(key) for each in same]
                if not is_field(key) or key in _NO_FIELDS or not all(map(_fits_field, values)):
                    continue
                if any(value != values[0] for value in values):
                    self.fields.setdefault(key, Field()).add(values)

    def config(self, view: View, labels: list[str] | None) -> dict[str, Any]:
        """Return the settings under which the answers can be edited in their view."""
        if view.id == "blocks":
            return {"ordered": True, "blocks": self._blocks(labels)}
        found = self._settings(view, labels)
        if view.id == "pages":
            found |= {"page_view_id": "spans_manual" if self.labels else "text"}
        return found

    def _blocks(self, labels: list[str] | None) -> list[dict[str, Any]]:
        """Return blocks that show, and can edit, all that the answers say."""
        views = ["relations"] if self.relations else ["spans_manual"] if self.labels else []
        views += ["choice"] if self.most else []
        found = [{"view_id": each, **self._settings(find_view(each), labels)} for each in views]
        found += [{"view_id": each.view, **each.settings(key)} for key, each in self.fields.items()]
        # The input stands above all of them once; above the options of a field stands its name.
        hidden = {**dict.fromkeys(INPUTS), "spans": None}
        text: list[dict[str, Any]] = [] if views else [{"view_id": "text"}]
        for number, block in enumerate(found):
            if block["view_id"] == "choice" and (number or text):
                found[number] = {**hidden, "text": block.get("field_label"), **block}
        return [*text, *found]

    def _settings(self, view: View, labels: list[str] | None) -> dict[str, Any]:
        found: dict[str, Any] = {"ordered": True}
        if "relations_span_labels" in view.settings:
            found["labels"] = labels or sorted(self.relations)
            found["relations_span_labels"] = sorted(self.labels)
        elif view.takes_labels:
            found["labels"] = labels or sorted(self.labels)
        if "choice_style" in view.settings:
            # Until somebody chooses, `most` is 0 and `fewest` is 1.
            everybody_chose_one = self.most <= 1 <= self.fewest
            found["choice_style"] = self.style or ("single" if everybody_chose_one else "multiple")
        own = self._own_field(view)
        if own and "field_id" in view.settings and view.id != "blocks":
            found["field_id"] = own
            if own in self.fields and view.id == "choice":
                found |= self.fields[own].settings(own)
        return found

    def _own_field(self, view: View) -> str:
        """Return the key that a view with one field wrote: the one that the answers name, else the
        one that differs most often."""
        if self.written or (view.id == "choice" and self.most):
            return self.written
        fits = {key: each.differ for key, each in self.fields.items() if each.view == view.id}
        return max(fits, key=lambda key: fits[key], default="")


@dataclass(slots=True)
class Field:
    """What people wrote, or chose, under a key of its own.

    Attributes:
        differ: On how many tasks they did not all say the same.
        chosen: The ids that they chose, each once; empty for a text.
        most: The most of them that one answer has.
    """

    differ: int = 0
    chosen: dict[str, Any] = field(default_factory=dict)
    most: int = 0

    def add(self, values: Iterable[Any]) -> None:
        """Take in what people said about one task."""
        self.differ += 1
        for value in values:
            if isinstance(value, list):
                self.chosen |= {dumps(each): each for each in value}
                self.most = max(self.most, len(value))

    @property
    def view(self) -> str:
        """The view that wrote it."""
        return "choice" if self.chosen else "text_input"

    def settings(self, key: str) -> dict[str, Any]:
        """Return the settings under which it can be written, or chosen among what people chose: of
        numbers, also what lies between 1 and the highest."""
        found: dict[str, Any] = {"field_id": key, "field_label": key, "field_autofocus": False}
        if not self.chosen:
            return found
        ids = list(self.chosen.values())
        if all(type(each) is int for each in ids) and max(ids) - min(ids) < _LONGEST_SCALE:
            least, most = min(1, *ids), max(_LEAST_SCALE, *ids)
            return {**found, "choice_style": "scale", "scale_min": least, "scale_max": most}
        options = [{"id": each, "text": str(each)} for each in sorted(ids, key=str)]
        style = "single" if self.most <= 1 else "multiple"
        return {**found, "choice_style": style, "options": options}


_LONGEST_SCALE, _LEAST_SCALE = 50, 5
"""The most places of a scale, and its end where nobody chose a higher number."""

_NO_FIELDS = frozenset(
    {*INPUTS, "accept", "label", "answer", "sessions", "versions", "provenance", "priority"}
)
"""Keys that no field of its own writes."""


def _fits_field(value: Any) -> bool:
    """Tell whether a value may have been written, or chosen, by an annotator."""
    if isinstance(value, list):
        return all(isinstance(each, (str, int)) for each in value)
    return value is None or isinstance(value, str)


def _labels(values: Any) -> Iterator[str]:
    for each in values if isinstance(values, list) else ():
        if isinstance(each, dict) and isinstance(each.get("label"), str) and each["label"]:
            yield each["label"]


def survey_in(
    path: str | os.PathLike[str],
    sets: Sequence[str],
    dataset: str,
    view_id: str | None,
    *,
    before: str | None,
    skipped: bool,
) -> tuple[Survey, View]:
    """Return what all answers of datasets have in common, and the view that they are shown in.

    Args:
        path: The database.
        sets: The datasets.
        dataset: Where the reviews go.
        view_id: The view that was asked for; None for that of the answers.
        before: The view that the review has been in until now, where it is known.
        skipped: Ignored answers too.

    Raises:
        UsageError: There are no answers, or they are in no view, or in several.
    """
    with open_store(path, create=False, readonly=True) as store:
        survey = survey_of(store, find_datasets(store, sets), skipped=skipped)
        view = view_of_all(
            survey, view_id, lambda: before or view_of_reviews(store, dataset, survey)
        )
    return survey, view


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
        for group in store.grouped.inputs(store.grouped.ids([each.id for each in datasets])):
            waiting.check()
            contents = []
            for stored in group:
                if stored.record.answer == "ignore" and not skipped:
                    continue
                content = loads_content(stored.record.content)
                contents.append(content)
                survey.add(view_of(stored, content), content, stored.record.answered_at)
            survey.compare(contents)
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


def view_of_reviews(store: Store, dataset: str, survey: Survey) -> str:
    """Return the view that the reviews in a dataset are in; empty where they are in several.

    Of a review that was begun and has no answer yet it is the view that was asked for, else the
    one that all answers had when it began.

    Args:
        store: Where the reviews are.
        dataset: Their dataset.
        survey: What the answers have in common.
    """
    found = store.admin.find_dataset(dataset)
    if found is None:
        return ""
    views: set[str] = set()
    for stored in store.answers.iterate(found.id):
        content = loads_content(stored.record.content)
        if VERSIONS in content and isinstance(content.get("view_id"), str):
            views.add(content["view_id"])
    begun = [] if views else store.admin.begun(found.id, REVIEW)
    if begun:
        settings, began_at = begun[0]
        asked = json.loads(settings).get("view_id")
        views_then = {view for view, first in survey.views.items() if first <= began_at}
        views = {asked} if asked else views_then
    return views.pop() if len(views) == 1 else ""


def view_of_all(survey: Survey, view_id: str | None, begun: Callable[[], str] = str) -> View:
    """Return the view that everything is shown in.

    Args:
        survey: What the answers have in common.
        view_id: The view that was asked for; None for that of the answers.
        begun: Gives the view that the review has been in until now, which it goes on in although
            some answers are in another one by now; empty where it begins. All reviews may have to
            be read for it, so it is asked only where answers are in several views.

    Raises:
        UsageError: The answers are in no view, or in several.
    """
    if view_id is None:
        named = sorted(each for each in survey.views if each)
        if set(named) == ALIKE:
            named = ["spans_manual"]  # which can hold the spans of both
        elif len(named) > 1:
            before = begun()
            named = [before] if before else named
        if len(named) != 1:
            what = "the answers name no view"
            if named:
                what = f"the answers were given in several views: {', '.join(named)}"
            raise UsageError(what, hint="Write --view-id with the view that is to be reviewed")
        view_id = named[0]
    return find_view(view_id)
