"""`tui-annotate filter-by-patterns`: the rows of a source that match patterns, as JSON lines."""

from __future__ import annotations

from contextlib import nullcontext

import click

from tui_annotate.cli.bad_rows import BadRowReporter
from tui_annotate.cli.console import say, watched
from tui_annotate.cli.db_out import write_result
from tui_annotate.cli.output import writes_file
from tui_annotate.cli.paths import database_path
from tui_annotate.sources.text_field import use_file_options
from tui_annotate.stream.store_sources import use_store
from tui_annotate.stream.stream import get_stream
from tui_annotate.suggest.patterns import SECONDS
from tui_annotate.suggest.pipelines import load_pipeline, matching, read_patterns
from tui_annotate.task.jsonio import dumps
from tui_annotate.text.amounts import plural


@click.command("filter-by-patterns")
@click.argument("source")
@click.argument("output_file", required=False, default="-")
@click.option("-pt", "--patterns", required=True, help="File of patterns, one JSON object a line")
@click.option("-l", "--label", help="Only patterns of these labels (with commas)")
@click.option("-m", "--spacy-model", default="blank:en", show_default=True, help="Tokenizer")
@click.option("-lo", "--loader", help="Loader, where the file's ending does not tell")
@click.option("--text-field", help="Field that holds the text")
@click.option("--encoding", metavar="NAME", help="What the source is in, such as cp1252")
def command(
    source: str,
    output_file: str,
    patterns: str,
    label: str | None,
    spacy_model: str,
    loader: str | None,
    text_field: str | None,
    encoding: str | None,
) -> int:
    """Write the rows of SOURCE that match a pattern to OUTPUT_FILE, or to stdout.

    The matches are the rows' `spans`. OUTPUT_FILE is replaced when all is written.
    Exit code 1 where a row of SOURCE was no task, or patterns took too long on it; the others
    are in.
    """
    nlp = load_pipeline(spacy_model)
    wanted = [each.strip() for each in (label or "").split(",") if each.strip()]
    found = read_patterns(patterns, wanted)
    use_store(database_path())
    use_file_options(encoding, None)
    stream = get_stream(source, loader, text_field=text_field, input_keys=("text",))
    stream.refused = refused = BadRowReporter(source)
    slow: list[None] = []
    tasks = matching(nlp, found, stream, lambda: slow.append(None))
    with watched(f"reading {source}") if output_file != "-" or writes_file() else nullcontext():
        count = write_result(output_file, (dumps(task) + "\n" for task in tasks))
    if count is not None:
        say(f"{plural(count, 'row')} written to {output_file}")
    if slow:
        rows = plural(len(slow), "row")
        say(f"{rows} of {source} left out: patterns took longer than {SECONDS} s")
    code = refused.tell()
    return 1 if slow else code
