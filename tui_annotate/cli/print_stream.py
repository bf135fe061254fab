"""`tui-annotate print-stream`: what a pipeline predicts on a source, as people read it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from tui_annotate.cli.console import BadRowReporter
from tui_annotate.cli.print_tasks import describe
from tui_annotate.cli.stream_options import READING_OPTIONS, read_as, with_params
from tui_annotate.data_paths import database_path
from tui_annotate.stream.store_sources import use_store
from tui_annotate.stream.stream import get_stream
from tui_annotate.suggest.load_for_commands import load_command_pipeline


@click.command("print-stream")
@click.argument("spacy_model")
@click.argument("source")
@click.option("-l", "-lo", "--loader", help="Loader, where the file's ending does not tell")
@with_params(READING_OPTIONS)
def command(
    spacy_model: str, source: str, loader: str | None, text_field: str | None, **given: Any
) -> int:
    """Print the entities and categories that SPACY_MODEL predicts on the texts of SOURCE.

    Exit code 1 where a row was no task; the others are printed.
    """
    nlp = load_command_pipeline(spacy_model)
    color = sys.stdout.isatty()
    use_store(database_path())
    read_as(given)
    stream = get_stream(source, loader, text_field=text_field, input_keys=("text",))
    stream.refused = refused = BadRowReporter(source)
    lines = (
        f"{line}\n"
        for task in _predicted(nlp, iter(stream))
        for line in describe(task, color=color)
    )
    if color:
        click.echo_via_pager(lines, color=True)
    else:
        sys.stdout.writelines(lines)
        sys.stdout.flush()
    return refused.tell()


def _predicted(nlp: Any, tasks: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    pairs = ((task["text"], task) for task in tasks)
    for doc, task in nlp.pipe(pairs, as_tuples=True, batch_size=64):
        spans = [
            {"start": ent.start_char, "end": ent.end_char, "label": ent.label_} for ent in doc.ents
        ]
        yield {**task, "spans": spans, "cats": dict(doc.cats)}
