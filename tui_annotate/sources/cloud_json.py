"""JSON of services that label in the cloud: SageMaker Ground Truth, Vertex AI and AutoML.

A line has a text, or says where it lies, and for each job what was answered.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui_annotate.errors import TaskError
from tui_annotate.sources.json_helpers import Row, entries, first, place_span, table, text_task
from tui_annotate.sources.text_field import UNANSWERED
from tui_annotate.task.schema import Task

# Amazon SageMaker Ground Truth


def ground_truth_jobs(row: Row) -> list[str]:
    """Return the names of the jobs that a line of a manifest has answers of."""
    ending = "-metadata"
    names = [key.removesuffix(ending) for key in row if key.endswith(ending)]
    kinds = {name: str(table(row[name + ending]).get("type", "")) for name in names}
    return [name for name in names if name in row and kinds[name].startswith("groundtruth/")]


def ground_truth(row: Row) -> Iterator[Task]:
    """Yield a task for each job that a line has answers of."""
    if "source" not in row:
        raise TaskError(
            "its text lies elsewhere (`source-ref`), not in this file", reason="no-input"
        )
    for name in ground_truth_jobs(row):
        said, about = row[name], table(row[f"{name}-metadata"])
        if "text-span" in about["type"]:
            spans = [
                place_span(each.get("startOffset"), each.get("endOffset"), each.get("label"))
                for each in entries(table(table(said).get("annotations")), "entities")
            ]
            task = text_task(row["source"], spans)
        else:
            named = about.get("class-map")
            classes = list(named.values()) if isinstance(named, dict) else [about.get("class-name")]
            task = text_task(row["source"], None, classes)
        if about.get("human-annotated") == "no":
            task[UNANSWERED] = True
        yield {**task, "meta": {"job": name}}


# Vertex AI, and AutoML before it

_SEGMENTS = "textSegmentAnnotations"
_CLASSES = ("classificationAnnotation", "classificationAnnotations")


def is_vertex(row: Row) -> bool:
    """Return whether an object has the form of Vertex AI's."""
    return isinstance(row.get("textContent"), str) or (
        "textGcsUri" in row and any(key in row for key in (_SEGMENTS, *_CLASSES))
    )


def vertex(row: Row) -> Iterator[Task]:
    """Yield the text with its spans, its classes or its sentiment."""
    if "textContent" not in row:
        raise TaskError(
            "its text lies elsewhere (`textGcsUri`), not in this file", reason="no-input"
        )
    spans = None
    if _SEGMENTS in row:
        spans = [
            place_span(each.get("startOffset"), each.get("endOffset"), each.get("displayName"))
            for each in entries(row, _SEGMENTS)
        ]
    found = first(row, _CLASSES)
    chosen = found if isinstance(found, list) else [] if found is None else [found]
    classes = [table(each).get("displayName") for each in chosen] if chosen else None
    feeling = table(row.get("sentimentAnnotation"))
    if "sentiment" in feeling:
        classes = [feeling["sentiment"]]
    task = text_task(row["textContent"], spans, classes)
    if spans is None and classes is None:
        task[UNANSWERED] = True
    meta = table(row.get("dataItemResourceLabels"))
    yield {**task, "meta": dict(meta)} if meta else task


def is_automl(row: Row) -> bool:
    """Return whether an object has the form of AutoML's."""
    return isinstance(table(row.get("text_snippet")).get("content"), str)


def automl(row: Row) -> Iterator[Task]:
    """Yield the text with its spans and classes."""
    spans, classes = [], []
    for each in entries(row, "annotations"):
        if "text_extraction" in each:
            segment = table(table(each["text_extraction"]).get("text_segment"))
            start = segment.get("start_offset", 0)
            spans.append(place_span(start, segment.get("end_offset"), each.get("display_name")))
        else:
            classes.append(each.get("display_name"))
    yield text_task(row["text_snippet"]["content"], spans if spans or not classes else None,
                classes or None)  # fmt: skip
