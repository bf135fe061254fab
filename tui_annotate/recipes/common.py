"""What many recipes take, and how their streams begin."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from tui_annotate.errors import UsageError
from tui_annotate.job import Arg
from tui_annotate.sources.label_lists import read_labels
from tui_annotate.stream.preprocess import add_hashes
from tui_annotate.stream.stream import Stream, get_stream
from tui_annotate.task.schema import INPUT_HASH, TASK_HASH, Task
from tui_annotate.views import SHOWN_KEYS

DATASET = Arg(help="Where answers are saved")
SOURCE = Arg(help="A file of texts: .jsonl, .csv or .txt")
TOKENIZER = Arg(help="Tokenizer: blank:en or a spaCy pipeline; may be left out", kind="positional")
MODEL = Arg(help="A spaCy pipeline: its name or folder", kind="positional")
LABEL = Arg("--label", "-l", help="Labels with commas, or a file with one a line")
LOADER = Arg("--loader", "-lo", help="Loader, where the file's ending does not tell")
TEXT_FIELD = Arg("--text-field", help="Field that holds the text")
ID_FIELD = Arg("--id-field", help="Field that names the row")
PATTERNS = Arg("--patterns", "-pt", help="A file of patterns, JSON lines")
EXCLUDE = Arg("--exclude", "-e", help="Datasets with commas, whose tasks are not asked")
UPDATE = Arg("--update", "-UP", help="Update the pipeline with the answers, in memory")
UNSEGMENTED = Arg("--unsegmented", "-U", help="Do not split texts into sentences")
COMPONENT = Arg("--component", "-c", help="Component of the pipeline")

SHARED = {"loader": LOADER, "text_field": TEXT_FIELD, "id_field": ID_FIELD, "exclude": EXCLUDE}


_MEDIA_LOADERS = frozenset(
    {"images", "image-server", "audio", "audio-server", "video", "video-server"}
)
"""Names of loaders that read a folder of files, each of which is a task."""


def names(text: str | Sequence[str] | None) -> list[str]:
    """Return names that are separated by commas, or a list of them as it is."""
    if text is not None and not isinstance(text, str):
        return list(text)
    return [each.strip() for each in (text or "").split(",") if each.strip()]


def labels_of(text: str | None, known: Iterable[str] = (), what: str = "") -> list[str]:
    """Return the labels of the command line, else those that a pipeline knows.

    Raises:
        UsageError: There are neither.
    """
    if text:
        return read_labels(text)
    found = sorted(set(known))
    if not found:
        raise UsageError(f"no labels{what}", where="--label", hint="Write --label A,B,C")
    return found


def check_known(labels: Iterable[str], known: Collection[str], model: str, more: str = "") -> None:
    """Raise `UsageError` where a pipeline does not know a label, so that it can never ask for it.

    Args:
        labels: The labels that are asked about.
        known: Those that the pipeline gives.
        model: Its name.
        more: What else can be done about it.
    """
    unknown = [label for label in labels if label not in known]
    if unknown:
        what = f"the pipeline {model!r} does not know the label {unknown[0]!r}"
        hint = f"It knows: {', '.join(sorted(known)) or 'none'}{more}"
        raise UsageError(what, where="--label", hint=hint)


def texts(
    source: str,
    loader: str | None,
    text_field: str | None,
    id_field: str | None,
    *,
    input_keys: Collection[str] = ("text",),
) -> Stream:
    """Return the stream of a file of texts."""
    return get_stream(
        source, loader, text_field=text_field, id_field=id_field, input_keys=input_keys
    )


def any_tasks(
    source: str, loader: str | None, text_field: str | None, id_field: str | None
) -> Stream:
    """Return the stream of a file of tasks of any kind."""
    if loader in _MEDIA_LOADERS:
        from tui_annotate.stream.loaders import read_stream  # few jobs are about pictures

        return read_stream(source, loader=loader)
    return texts(source, loader, text_field, id_field, input_keys=SHOWN_KEYS)


def without_hashes(task: Task) -> Task:
    """Return a task without its hashes, because it asks another question than its row did."""
    return {key: value for key, value in task.items() if key not in (INPUT_HASH, TASK_HASH)}


def components(
    dataset: str, view_id: str, stream: Any, exclude: str | None, **config: Any
) -> dict[str, Any]:
    """Return the components that every recipe has; its tasks have hashes for whoever wraps them."""
    if isinstance(stream, Stream):
        stream.apply(add_hashes)
    return {
        "dataset": dataset,
        "view_id": view_id,
        "stream": stream,
        "exclude": names(exclude),
        "config": config,
    }


def with_options(tasks: Iterable[Task], labels: list[str]) -> Iterator[Task]:
    """Yield the tasks with the labels as their options."""
    for task in tasks:
        yield {**task, "options": options_of(labels)}


def options_of(labels: list[str]) -> list[dict[str, str]]:
    """Return an option for each label."""
    return [{"id": label, "text": label} for label in labels]


def with_label(tasks: Iterable[Task], label: str) -> Iterator[Task]:
    """Yield the tasks with one label in question."""
    for task in tasks:
        yield {**without_hashes(task), "label": label}
