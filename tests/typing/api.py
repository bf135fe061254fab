"""What a user's file of recipes and scripts looks like, with the types that it relies on.

mypy reads this file with the tests (`strict`); a change of the public types fails there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, assert_type

import tui_annotate as ta

Rows = Iterable[dict[str, Any]]


def with_options(tasks: Rows) -> Iterator[dict[str, Any]]:
    """Give every task the options of a choice."""
    for task in tasks:
        yield {**task, "options": [{"id": "yes", "text": "Yes"}]}


@ta.recipe(
    "tone",
    dataset=("Where answers are saved", "positional"),
    source=("A file", "positional"),
    label=("Labels", "option", "l", str),
)
def tone(dataset: str, source: str, label: str = "") -> dict[str, Any]:
    """Ask for the tone of each text."""
    stream = ta.get_stream(source, text_field="body")
    assert_type(stream, ta.Stream)
    assert_type(stream.apply(with_options), ta.Stream)
    return {"dataset": dataset, "view_id": "choice", "stream": stream}


def read_answers(name: str) -> list[str]:
    """Read the texts of a dataset."""
    database = ta.connect()
    assert_type(database, ta.Database)
    assert_type(database.datasets, list[str])
    assert_type(name in database, bool)
    assert_type(database.get_input_hashes(name), set[int])
    return [str(row["text"]) for row in database.iter_dataset_examples(name)]


def prepare(path: str) -> Iterator[dict[str, Any]]:
    """Hash the tasks of a file, and put those first that a model is unsure about."""
    tasks = (ta.set_hashes(task) for task in ta.get_stream(path))
    assert_type(ta.get_hash({"text": "Ada"}, ("text",)), int)
    return iter(ta.prefer_uncertain((0.5, task) for task in ta.filter_duplicates(tasks)))


def run() -> int:
    """Start a session, and say what went wrong."""
    try:
        return ta.serve("ner.manual my_set data.jsonl --label PERSON")
    except ta.TuiAnnotateError as error:
        assert_type(error.exit_code, int)
        return error.exit_code
