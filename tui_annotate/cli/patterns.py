"""`filter-by-patterns` and `terms.to-patterns`: the commands for match patterns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any

import click

from tui_annotate.cli.console import BadRowReporter, say, watched
from tui_annotate.cli.db_out import write_result
from tui_annotate.cli.find_datasets import existing_answers
from tui_annotate.cli.output import writes_file
from tui_annotate.cli.stream_options import READING_OPTIONS, read_as, with_params
from tui_annotate.data_paths import database_path
from tui_annotate.errors import UsageError
from tui_annotate.stream.store_sources import use_store
from tui_annotate.stream.stream import get_stream
from tui_annotate.suggest.load_for_commands import load_command_pipeline, matching, read_patterns
from tui_annotate.suggest.models import load_tokenizer
from tui_annotate.suggest.patterns import SECONDS
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.stored_tokens import loads_content
from tui_annotate.task.tokenize import tokenize
from tui_annotate.text.amounts import plural


@click.command("filter-by-patterns")
@click.argument("source")
@click.argument("output_file", required=False, default="-")
@click.option("-pt", "--patterns", required=True, help="File of patterns, one JSON object a line")
@click.option("-l", "--label", help="Only patterns of these labels (with commas)")
@click.option("-m", "--spacy-model", default="blank:en", show_default=True, help="Tokenizer")
@click.option("-lo", "--loader", help="Loader, where the file's ending does not tell")
@with_params(READING_OPTIONS)
def filter_by_patterns(
    source: str,
    output_file: str,
    patterns: str,
    label: str | None,
    spacy_model: str,
    loader: str | None,
    text_field: str | None,
    **given: Any,
) -> int:
    """Write the rows of SOURCE that match a pattern to OUTPUT_FILE, or to stdout.

    The matches are the rows' `spans`. OUTPUT_FILE is replaced when all is written.
    Exit code 1 where a row of SOURCE was no task, or patterns took too long on it; the others
    are in.
    """
    nlp = load_command_pipeline(spacy_model)
    wanted = [each.strip() for each in (label or "").split(",") if each.strip()]
    found = read_patterns(patterns, wanted)
    use_store(database_path())
    read_as(given)
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


@click.command("terms.to-patterns")
@click.argument("dataset")
@click.argument("output_file", required=False, default="-")
@click.option("-l", "--label", help="The label of all patterns; else that of each answer")
@click.option("-m", "--spacy-model", default="blank:en", show_default=True, help="Tokenizer")
@click.option("-CS", "--case-sensitive", is_flag=True, help="Match terms in their own case only")
def terms_to_patterns(
    dataset: str, output_file: str, label: str | None, spacy_model: str, case_sensitive: bool
) -> int:
    """Write the accepted terms of DATASET as match patterns to OUTPUT_FILE, or to stdout.

    Each term is one pattern, a JSON object with `label` and `pattern`, as `--patterns` takes it.
    Its words are those of the tokenizer. OUTPUT_FILE is replaced when all is written.
    """
    with existing_answers(dataset) as (store, answers):
        tasks = [
            loads_content(each.record.content) for each in answers.iterate(store, answer="accept")
        ]
    named = list(_terms(tasks, label, dataset))
    nlp = load_tokenizer(spacy_model)
    key = "text" if case_sensitive else "lower"
    patterns = {dumps({"label": of, "pattern": _pattern(t, nlp, key)}): None for t, of in named}
    count = write_result(output_file, (f"{each}\n" for each in patterns))
    if count is not None:
        say(f"{plural(count, 'pattern')} written to {output_file}")
    return 0


def _terms(
    tasks: Iterable[dict[str, Any]], label: str | None, dataset: str
) -> Iterator[tuple[str, str]]:
    """Yield each term with its label.

    Raises:
        UsageError: There is no term, or a term without a label.
    """
    empty = True
    for task in tasks:
        term, of = task.get("text"), label or task.get("label")
        if not isinstance(term, str) or not term.strip():
            continue
        empty = False
        if not isinstance(of, str) or not of:
            hint = "Write --label and the label of the patterns"
            raise UsageError("its terms have no label", where=dataset, hint=hint)
        yield term.strip(), of
    if empty:
        raise UsageError("it has no accepted terms", where=dataset)


def _pattern(term: str, nlp: Any, key: str) -> list[dict[str, str]]:
    if nlp is not None:
        words = [token.text for token in nlp.make_doc(term) if not token.is_space]
    else:
        found = tokenize(term)
        words = [term[a:b] for a, b in zip(found.starts, found.ends, strict=True)]
    return [{key: word.lower() if key == "lower" else word} for word in words]
