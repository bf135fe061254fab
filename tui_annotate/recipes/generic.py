"""Recipes for tasks as they are: mark, match, compare."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

from tui_annotate.errors import UsageError
from tui_annotate.job import Arg
from tui_annotate.recipes.common import (
    DATASET,
    LABEL,
    PATTERNS,
    SHARED,
    SOURCE,
    TOKENIZER,
    any_tasks,
    components,
    options_of,
    texts,
    with_label,
    without_hashes,
)
from tui_annotate.recipes.registry import recipe
from tui_annotate.sources.base import Row
from tui_annotate.sources.label_lists import read_labels
from tui_annotate.sources.registry import open_source
from tui_annotate.stream.stream import get_stream
from tui_annotate.suggest.models import load_tokenizer
from tui_annotate.suggest.patterns import PatternMatcher, with_note
from tui_annotate.task.schema import Task, meta_of

OUTPUTS = ("input", "text", "output")


@recipe(
    "mark",
    contained=True,
    cosmetic=("label",),
    dataset=DATASET,
    source=Arg(help="A file of tasks: .jsonl, .csv or .txt"),
    view_id=Arg("--view-id", "-v", help="How tasks are shown and edited"),
    label=LABEL,
    **SHARED,
)
def mark(
    dataset: str,
    source: str,
    view_id: str = "text",
    label: str | None = None,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Show tasks as they are, in their order, in any view."""
    labels = read_labels(label) if label else []
    stream = any_tasks(source, loader, text_field, id_field)
    if view_id == "classification" and len(labels) == 1:
        stream.apply(with_label, label=labels[0])
    if view_id == "choice" and labels:
        stream.apply(_with_missing_options, labels=labels)
    return components(dataset, view_id, stream, exclude, labels=labels, ordered=True)


def _with_missing_options(tasks: Iterable[Task], labels: list[str]) -> Iterator[Task]:
    """Give the labels as options to tasks that have none of their own."""
    for task in tasks:
        yield task if "options" in task else {**task, "options": options_of(labels)}


@recipe(
    "match",
    contained=True,
    cosmetic=(),
    dataset=DATASET,
    model=TOKENIZER,
    source=SOURCE,
    patterns=PATTERNS,
    label=LABEL,
    label_task=Arg("--label-task", "-LT", help="Ask about the label of the text"),
    label_span=Arg("--label-span", "-LS", help="Ask about the label of the match"),
    combine_matches=Arg("--combine-matches", "-C", help="One task with all matches of a text"),
    **SHARED,
)
def match(
    dataset: str,
    source: str,
    patterns: str,
    model: str | None = None,
    label: str | None = None,
    label_task: bool = False,
    label_span: bool = False,
    combine_matches: bool = False,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Ask about what patterns match: is this right?"""
    labels = read_labels(label) if label else None
    nlp = load_tokenizer(model) if model else None
    matcher = PatternMatcher.from_file(patterns, nlp, labels)
    stream = texts(source, loader, text_field, id_field)
    stream.apply(
        _questions,
        matcher=matcher,
        label_task=label_task,
        label_span=label_span,
        combine=combine_matches,
    )
    view = "classification" if label_task else "spans" if combine_matches else "ner"
    return components(dataset, view, stream, exclude, labels=labels or [], ordered=True)


def _questions(
    tasks: Iterable[Task],
    matcher: PatternMatcher,
    *,
    label_task: bool,
    label_span: bool,
    combine: bool,
) -> Iterator[Task]:
    for task in tasks:
        found = matcher.matches(str(task.get("text", "")))
        if matcher.too_slow:
            task = with_note(task)
            if not found:  # nobody knows what is in it, so it is asked about as a whole
                labels = matcher.token_labels if label_task else [None]
                yield from (_unsearched(task, label) for label in labels)
        by_label: dict[str, list[Any]] = {}
        for each in found:
            by_label.setdefault(each.label if label_task else "", []).append(each)
        for label, group in by_label.items():
            for matches in [group] if combine else [[each] for each in group]:
                spans = [each.to_dict() for each in matches]
                if not label_span:
                    spans = [{k: v for k, v in span.items() if k != "label"} for span in spans]
                made = {**without_hashes(task), "spans": spans}
                meta = {"pattern": ", ".join(each.pattern for each in matches)}
                made["meta"] = {**meta_of(task), **meta}
                yield {**made, "label": label} if label_task else made


def _unsearched(task: Task, label: str | None) -> Task:
    made = {**without_hashes(task), "spans": []}
    return made if label is None else {**made, "label": label}


@recipe(
    "compare",
    contained=True,
    dataset=DATASET,
    a_file=Arg(help="Outputs of A: JSON lines with id, output and perhaps input"),
    b_file=Arg(help="Outputs of B, with the same ids"),
    diff=Arg("--diff", "-D", help="Show what B changes in A, and ask whether that is right"),
    no_random=Arg("--no-random", "-NR", help="Always show A first"),
    exclude=SHARED["exclude"],
)
def compare(
    dataset: str,
    a_file: str,
    b_file: str,
    diff: bool = False,
    no_random: bool = False,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Compare two outputs for the same input without knowing which is whose."""
    source = open_source(b_file, input_keys=OUTPUTS)
    others = {
        str(row.data["id"]): row.data
        for row in source.rows()
        if isinstance(row, Row) and "id" in row.data
    }
    if not others:
        raise UsageError("none of its rows has an id", where=b_file)
    stream = get_stream(a_file, input_keys=OUTPUTS)
    stream.apply(_pairs, others=others, diff=diff, shuffled=not (no_random or diff))
    view = "diff" if diff else "compare"
    found = components(dataset, view, stream, exclude, ordered=True)
    return {**found, "on_exit": _Result(dataset)}


def _pairs(
    tasks: Iterable[Task], others: dict[str, Task], *, diff: bool, shuffled: bool
) -> Iterator[Task]:
    for task in tasks:
        name = str(task.get("id"))
        if name not in others:
            continue
        a, b = (_output(each) for each in (task, others[name]))
        made = {key: value for key, value in without_hashes(task).items() if key not in OUTPUTS}
        if "input" in task:
            made["input"] = task["input"]
        if diff:
            yield {**made, "removed": a["text"], "added": b["text"]}
            continue
        # The same pair stands the same way round in every session.
        swapped = shuffled and random.Random(name).random() < 0.5  # noqa: S311
        first, second = ("reject", "accept") if swapped else ("accept", "reject")
        yield {**made, "accept": a, "reject": b, "mapping": {"A": first, "B": second}}


def _output(task: Task) -> dict[str, Any]:
    found = task.get("output", task.get("text", ""))
    return dict(found) if isinstance(found, dict) else {"text": str(found)}


class _Result:
    """Says at the end which of the two was better how often."""

    def __init__(self, dataset: str) -> None:
        self._dataset = dataset

    def __call__(self, ctrl: Any) -> str:
        counts = {"accept": 0, "reject": 0, "ignore": 0}
        for answer in ctrl.db.iter_dataset_examples(self._dataset):
            counts[answer["answer"]] += 1
        return f"A was better {counts['accept']} times, B {counts['reject']} times"
