"""Answers about the same input put together, and pipelines made fit for sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tui_annotate.task.hashing import identify
from tui_annotate.task.schema import INPUT_HASH, Task


def merge_spans(answers: Iterable[Task]) -> list[Task]:
    """Return one task for each input, with the spans of all its answers, each with its `answer`.

    Ignored answers are left out; of spans that were judged twice the last judgement counts.
    """
    merged: dict[int, Task] = {}
    spans: dict[int, dict[tuple[Any, Any, Any], dict[str, Any]]] = {}
    for answer in answers:
        if answer.get("answer") == "ignore":
            continue
        name = answer.get(INPUT_HASH)
        if not isinstance(name, int):
            name = identify(dict(answer)).input_hash
        merged.setdefault(name, dict(answer))
        found = spans.setdefault(name, {})
        for span in answer.get("spans") or ():
            key = (span.get("start"), span.get("end"), span.get("label"))
            found[key] = {**span, "answer": answer.get("answer", "accept")}
    return [{**task, "spans": list(spans[name].values())} for name, task in merged.items()]


def ensure_sentencizer(nlp: Any) -> None:
    """Add a `sentencizer` to a spaCy pipeline where nothing in it marks sentences."""
    if not {"parser", "senter", "sentencizer"} & set(nlp.pipe_names):
        nlp.add_pipe("sentencizer", first=True)
